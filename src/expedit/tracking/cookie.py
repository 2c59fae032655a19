"""The visitor's first-party cookie: set by the server, after consent, out of reach of scripts.

Browsers drop cookies that scripts set after seven days; one that the shop's own host sets stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from expedit.access import Caller, Source
from expedit.core import new_id
from expedit.storage import Shop
from expedit.tracking.consent import allowed
from expedit.tracking.model import Draft
from expedit.web import RawRequest

_VISITOR = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

Headers = tuple[tuple[bytes, bytes], ...]


class Visitor:
    """Whoever sits at the browser that sent a request.

    Parameters
    ----------
    shop
        Its settings name the cookie.
    request
        The request.
    """

    def __init__(self, shop: Shop, request: RawRequest) -> None:
        self._shop = shop
        self._request = request
        cookie = request.cookie(shop.settings.cookie_name)
        self._known = bool(_VISITOR.fullmatch(cookie))
        self._id = cookie if self._known else ""

    def id(self) -> str:
        """Return the id that the cookie holds, or a new one, made when it is first asked for."""
        if not self._id:
            self._id = new_id(self._shop.clock())
        return self._id

    def cookie_headers(self, drafts: Sequence[Draft], source: Source) -> Headers:
        """Return the header that sets the cookie after consent, or takes it back after a refusal; or none.

        Parameters
        ----------
        drafts
            The events of the request; the last one that says something of consent counts.
        source
            Their source, whose default holds when none does.
        """
        if not drafts:
            return ()
        speaking = next((draft for draft in reversed(drafts) if draft.own_consent is not None), None)
        own = speaking.own_consent if speaking else None
        granted = any(
            allowed(purpose, own, None, source.consent) for purpose in ("analytics", "personalization")
        )
        if granted and not self._known:
            device = next(
                (who.value for draft in drafts for who in draft.identifiers if who.kind == "anonymous_id"), ""
            )
            if _VISITOR.fullmatch(device):
                days = self._shop.settings.cookie_days
                return ((b"set-cookie", _cookie(self._shop, device, days * 86_400, self._request)),)
        if not granted and self._known and speaking is not None and speaking.explicit:
            return ((b"set-cookie", _cookie(self._shop, "", 0, self._request)),)
        return ()


def visitor_of(shop: Shop, caller: Caller, request: RawRequest) -> Visitor | None:
    """Return who sits at the browser; None for other sources: nobody sits behind their requests."""
    if caller.source is None or caller.source.kind != "browser" or caller.scopes:
        return None
    return Visitor(shop, request)


def _cookie(shop: Shop, value: str, seconds: int, request: RawRequest) -> bytes:
    host = request.header(b"host")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    secure = shop.settings.cookie_secure and name not in _LOOPBACK
    return (
        f"{shop.settings.cookie_name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
        f"{'; Secure' if secure else ''}"
    ).encode()
