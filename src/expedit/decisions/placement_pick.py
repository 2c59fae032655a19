"""Pointing at a placement's spot on the shop's own page: a token that may only do that, and its draft."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

from expedit.access import audit_in, users_of
from expedit.core import MINUTE, InvalidInput, NotAllowed, Struct, evolve, from_json, to_json
from expedit.decisions.live_placements import PLACEMENTS, live_placements
from expedit.decisions.placement_editing import Edition, need_placement, save_placement
from expedit.decisions.placements import POSITIONS
from expedit.decisions.selectors import fault_of
from expedit.storage import Shop
from expedit.web import Answer, RawRequest, needs_role, text

VALID = 30 * MINUTE
"""How long somebody may point."""

_PURPOSE = b"placement-pick\0"
_LONGEST_TOKEN = 2_000


class Picking(Struct, frozen=True, omit_defaults=False):
    """What a token says.

    Parameters
    ----------
    placement, title
        Whose spot it is.
    user
        Who points.
    origin
        The only site from which it may be used.
    until
        When it ends, in microseconds.
    language
        Of the words on the page.
    """

    placement: str
    title: str
    user: str
    origin: str
    until: int
    language: str


class PickBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a placement is to stand, and the token that allows it."""

    token: str
    selector: str
    position: str = "append"


class PickAnswer(Struct, frozen=True):
    """The draft that was written."""

    placement: str
    version: int


def address_to_point(shop: Shop, placement: str, title: str, user: str, page: str, language: str) -> str:
    """Return the address of a page of the shop's, with a token in its fragment, which no server is sent.

    Raises
    ------
    InvalidInput
        When `page` is no address of a web page.
    """
    parts = urlsplit(page.strip())
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.username is not None:
        raise InvalidInput("page", "must begin with https:// and name a page of the shop")
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    picking = Picking(placement, title, user, origin, shop.clock() + VALID, language)
    return f"{parts._replace(fragment='').geturl()}#expedit-pick={_sealed(shop, picking)}"


def pick_spot(shop: Shop, body: PickBody, origin: str) -> Edition:
    """Write where a placement stands into its draft, in the name of who points.

    Raises
    ------
    NotAllowed
        When the token is none, too old, of another site, or its user may no longer change placements.
    InvalidInput
        When the selector or the position does not fit.
    """
    picking = _opened(shop, body.token)
    if picking.until < shop.clock() or not hmac.compare_digest(picking.origin.encode(), origin.encode()):
        raise NotAllowed(text(picking.language, "decisions.pick.too_old"))
    user = next((one for one in users_of(shop) if one.id == picking.user), None)
    if user is None or user.disabled or user.role == "viewer":
        raise NotAllowed(needs_role(picking.language, "merchandiser"))
    if not body.selector.strip():
        raise InvalidInput("selector", "is missing")
    if fault := fault_of(body.selector.strip()):
        raise InvalidInput("selector", text(picking.language, f"decisions.selector.{fault}"))
    if body.position not in POSITIONS:
        raise InvalidInput("position", f"{body.position[:40]!r} is none of {', '.join(POSITIONS)}")
    with shop.database.writing() as tx:
        newest = PLACEMENTS.newest(tx, picking.placement)
        of_file = live_placements(shop).of_file().get(picking.placement)
        known = newest.body if newest and (newest.live or newest.state == "draft") else of_file
        if known is None:
            known = need_placement(tx, picking.placement).body
        spot = evolve(known, selector=body.selector.strip(), position=body.position)
        edition = save_placement(tx, shop, spot, newest.version if newest else 0, user.id)
        audit_in(tx, shop, user.id, "placements.pointed", edition.id, {"version": edition.version})
    return edition


def answer_pick(shop: Shop, request: RawRequest) -> Answer:
    """Answer ``POST /v1/placement-picks``."""
    edition = pick_spot(shop, from_json(request.body, PickBody), request.header(b"origin"))
    return Answer(
        to_json(PickAnswer(edition.id, edition.version)), headers=((b"cache-control", b"no-store"),)
    )


def _sealed(shop: Shop, picking: Picking) -> str:
    written = base64.urlsafe_b64encode(to_json(picking)).rstrip(b"=").decode()
    return f"{written}.{_sign(shop, written)}"


def _opened(shop: Shop, token: str) -> Picking:
    written, _, signature = token.partition(".")
    if len(token) > _LONGEST_TOKEN or not hmac.compare_digest(
        signature.encode(), _sign(shop, written).encode()
    ):
        raise NotAllowed("this link is not one of the panel's: open the page from there again")
    return from_json(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)), Picking)


def _sign(shop: Shop, written: str) -> str:
    return hmac.new(shop.secret, _PURPOSE + written.encode(), hashlib.sha256).hexdigest()[:40]
