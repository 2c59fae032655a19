"""The visitor's first-party cookie: set by the server, after consent, out of reach of scripts.

Browsers drop cookies that scripts set after seven days; one that the shop's own host sets stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from expedit.access import Caller
from expedit.core import new_id
from expedit.storage import Shop
from expedit.tracking.consent import allowed
from expedit.tracking.model import Draft
from expedit.web import RawRequest

_VISITOR = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

Headers = tuple[tuple[bytes, bytes], ...]


def visitor_of(shop: Shop, caller: Caller, request: RawRequest) -> tuple[str, bool]:
    """Return the visitor id for calls that name none, and whether the browser has it already.

    Empty for sources that are not a browser: nobody sits behind their requests.
    """
    if caller.source is None or caller.source.kind != "browser" or caller.scopes:
        return "", False
    cookie = request.cookie(shop.settings.cookie_name)
    if _VISITOR.fullmatch(cookie):
        return cookie, True
    return new_id(shop.clock()), False


def cookie_headers(
    shop: Shop, caller: Caller, drafts: Sequence[Draft], known: bool, request: RawRequest
) -> Headers:
    """Return the header that sets the cookie after consent, that takes it back after a refusal, or none.

    Parameters
    ----------
    drafts
        The events of the request; the last one that says something of consent counts.
    known
        Whether the browser has the cookie already.
    """
    source = caller.source
    if source is None or source.kind != "browser" or caller.scopes or not drafts:
        return ()
    speaking = next((draft for draft in reversed(drafts) if draft.own_consent is not None), None)
    own = speaking.own_consent if speaking else None
    granted = any(allowed(purpose, own, None, source.consent) for purpose in ("analytics", "personalization"))
    if granted and not known:
        device = next(
            (who.value for draft in drafts for who in draft.identifiers if who.kind == "anonymous_id"), ""
        )
        if _VISITOR.fullmatch(device):
            return ((b"set-cookie", _cookie(shop, device, shop.settings.cookie_days * 86_400, request)),)
    if not granted and known and speaking is not None and speaking.explicit:
        return ((b"set-cookie", _cookie(shop, "", 0, request)),)
    return ()


def _cookie(shop: Shop, value: str, seconds: int, request: RawRequest) -> bytes:
    host = request.header(b"host")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    secure = shop.settings.cookie_secure and name not in _LOOPBACK
    return (
        f"{shop.settings.cookie_name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
        f"{'; Secure' if secure else ''}"
    ).encode()
