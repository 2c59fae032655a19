"""Files that the panel's pages load, under an address that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

from expedit.core import NotFound

PANEL_HEADERS: dict[str, str] = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: https:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
"""Sent with everything under ``/panel``: no script or style but the panel's own files, no framing."""

_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
}


class Statics:
    """The built files of the panel, held in memory.

    Parameters
    ----------
    folder
        Where they lie.
    """

    def __init__(self, folder: Traversable) -> None:
        self._files = (
            {entry.name: entry.read_bytes() for entry in folder.iterdir() if _type_of(entry.name)}
            if folder.is_dir()
            else {}
        )
        self._packed = {
            name: gzip.compress(body, 9, mtime=0)
            for name, body in self._files.items()
            if name.endswith((".css", ".js", ".svg"))
        }
        total = hashlib.sha256()
        for name, body in sorted(self._files.items()):
            total.update(name.encode() + b"\0" + body)
        self.digest = total.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Return where the browser finds a file."""
        return f"/panel/static/{self.digest}/{name}"

    def read(self, name: str) -> tuple[bytes, str]:
        """Return a file and its media type.

        Raises
        ------
        NotFound
            When there is none of that name.
        """
        if name not in self._files:
            hint = "" if self._files else "; the panel's files were not built: make frontend"
            raise NotFound(f"no file is called {name!r}{hint}")
        return self._files[name], _type_of(name)

    def packed(self, name: str) -> bytes | None:
        """Return a file gzipped, if it gains by that."""
        return self._packed.get(name)


def _type_of(name: str) -> str:
    return _TYPES.get("." + name.rpartition(".")[2], "")


class _Held:
    found: Statics | None = None


def statics() -> Statics:
    """Return the panel's files, read once."""
    if _Held.found is None:
        _Held.found = Statics(files("expedit.web").joinpath("static", "built", "panel"))
    return _Held.found
