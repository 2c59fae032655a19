"""What the panel's search finds of decisions: placements, the balances of listings, a decision by its id."""

from __future__ import annotations

import re
from collections.abc import Iterator

from expedit.catalog import live_catalog
from expedit.decisions.live_placements import PLACEMENTS, live_placements
from expedit.decisions.panel_listings import balance_address, title_of
from expedit.decisions.panel_placements import PLACEMENTS_PATH
from expedit.features import Found
from expedit.merchandising import BALANCES
from expedit.storage import Shop
from expedit.web import LANGUAGES, Viewer

_ID = re.compile("[0-9a-f]{32}")
_MOST_FOUND = 6


def find_here(shop: Shop, viewer: Viewer, words: str) -> list[Found]:  # noqa: ARG001
    """Find placements and balances by name or heading, drafts too, and a decision by its id."""
    wanted = words.strip().casefold()
    hits = [*_placements(shop, wanted), *_balances(shop, wanted)]
    if _ID.fullmatch(wanted):
        hits.insert(0, Found(wanted, "", f"/panel/decisions/{wanted}", "decisions.found.decision"))
    return hits[:_MOST_FOUND]


def _placements(shop: Shop, wanted: str) -> Iterator[Found]:
    with shop.database.reading() as tx:
        drafts = {one.id: one.body for one in PLACEMENTS.every(tx) if one.state == "draft"}
    for name, one in sorted((drafts | dict(live_placements(shop).current())).items()):
        titles = dict.fromkeys(one.titles.values())
        if wanted in name or any(wanted in title.casefold() for title in titles):
            yield Found(name, " · ".join(titles), f"{PLACEMENTS_PATH}/{name}", "decisions.found.placement")


def _balances(shop: Shop, wanted: str) -> Iterator[Found]:
    snapshot = live_catalog(shop).current()
    with shop.database.reading() as tx:
        names = [one.id for one in BALANCES.every(tx) if one.state != "archived" and one.id]
    for name in names:
        titles = dict.fromkeys(title_of(snapshot, language, name) for language in LANGUAGES)
        if any(wanted in title.casefold() for title in titles):
            yield Found(name, " · ".join(titles), balance_address(name), "decisions.found.balance")
