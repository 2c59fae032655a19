"""What the way in offers to the house."""

from __future__ import annotations

from expedit.features import Feature, Health
from expedit.storage import Shop
from expedit.tracking import api, library_settings
from expedit.tracking.group_commit import committer
from expedit.tracking.panel import MENU, PAGES, examine
from expedit.web import Route


def _routes(shop: Shop) -> list[Route]:
    return [*api.routes(shop), *library_settings.routes(shop)]


_HANGS_SECONDS = 8.0
"""A group of events that is with the database for longer tells of one that hangs."""


def _examine(shop: Shop) -> list[Health]:
    """Tell whether events can be stored, and what else `examine` finds."""
    queue = committer(shop)
    hangs = queue.stalled_for()
    says = queue.failing or (f"no answer for {hangs:.0f} s" if hangs > _HANGS_SECONDS else "")
    storing = Health("events", "failing" if says else "ok", says or "events are stored", critical=True)
    return [storing, *examine(shop)]


def _start(shop: Shop) -> None:
    committer(shop)


FEATURE = Feature(
    name="tracking",
    tables=("tracking_counts",),
    routes=_routes,
    start=_start,
    pages=PAGES,
    menu=MENU,
    health=_examine,
)
