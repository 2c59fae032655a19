"""What the way in offers to the house."""

from __future__ import annotations

from expedit.features import Feature
from expedit.storage import Shop
from expedit.tracking import api, library_settings
from expedit.tracking.group_commit import committer
from expedit.tracking.panel import MENU, PAGES, examine
from expedit.web import Route


def _routes(shop: Shop) -> list[Route]:
    return [*api.routes(shop), *library_settings.routes(shop)]


def _start(shop: Shop) -> None:
    committer(shop)


FEATURE = Feature(
    name="tracking",
    tables=("tracking_counts",),
    routes=_routes,
    start=_start,
    pages=PAGES,
    menu=MENU,
    health=examine,
)
