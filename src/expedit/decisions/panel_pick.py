"""Pointing at a placement's spot: which page of the shop to open, and the link that opens it."""

from __future__ import annotations

from expedit.core import InvalidInput, NotFound
from expedit.decisions.live_placements import PLACEMENTS, live_placements
from expedit.decisions.panel_placements import PLACEMENTS_PATH
from expedit.decisions.placement_pick import VALID, address_to_point
from expedit.decisions.placements import Placement
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit, text

_MINUTE = 60_000_000


def show_pick(shop: Shop, visit: Visit) -> Reply:
    """Ask which page of the shop to open."""
    return _page(shop, visit, "")


def open_pick(shop: Shop, visit: Visit) -> Reply:
    """Give the link that opens it, with leave to point for half an hour."""
    placement = _placement(shop, visit)
    page = visit.form.get("page", "").strip()
    try:
        address = address_to_point(
            shop, placement.name, placement.title(visit.language), visit.viewer.user_id, page, visit.language
        )
    except (InvalidInput, ValueError):
        raise InvalidInput("page", text(visit.language, "decisions.pick.wrong")) from None
    return _page(shop, visit, address)


def _page(shop: Shop, visit: Visit, address: str) -> Html:
    placement = _placement(shop, visit)
    shop_url = shop.settings.shop_url
    return Html(
        "decisions/pick.html",
        {
            "placement": placement,
            "title": placement.title(visit.language) or placement.name,
            "page": visit.form.get("page", shop_url),
            "address": address,
            "minutes": VALID // _MINUTE,
        },
    )


def _placement(shop: Shop, visit: Visit) -> Placement:
    name = visit.path["placement"]
    with shop.database.reading() as tx:
        newest = PLACEMENTS.newest(tx, name)
    found = newest.body if newest else live_placements(shop).of_file().get(name)
    if found is None:
        raise NotFound(text(visit.language, "decisions.placement.unknown"))
    return found


PICK_PAGES = (
    Page(f"{PLACEMENTS_PATH}/{{placement:str}}/pick", show=show_pick, act=open_pick, role="merchandiser"),
)
