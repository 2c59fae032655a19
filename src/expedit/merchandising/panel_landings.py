"""The list of landing pages in the panel, searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expedit.access import actor_name, names_of
from expedit.features import Found, MenuItem, Page
from expedit.merchandising.landing import LANDINGS
from expedit.merchandising.landing_telling import LandingRow, LandingTeller, standing_of
from expedit.storage import Shop
from expedit.web import Html, Reply, Viewer, Visit

LANDINGS_PATH = "/panel/landing-pages"
STANDINGS = ("published", "draft_beside", "draft", "archived")
STARTS = ("search", "ad", "mail", "social")
_MOST_FOUND = 10


def landing_rows(shop: Shop, asked: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return the pages that fit what is typed and chosen, as the list's template reads them."""
    with shop.database.reading() as tx:
        editions = LANDINGS.every(tx)
    teller, people = LandingTeller(shop, language), names_of(shop)
    rows = [
        LandingRow(
            one, standing_of(one), teller.title(one.body), teller.who(one.body), teller.what(one.body),
            actor_name(language, one.author, people),
        )
        for one in sorted(editions, key=lambda one: (one.body.priority, one.id))
    ]  # fmt: skip
    return {
        "rows": [row for row in rows if _fits(row, asked)],
        "narrowed": any(asked.get(name) for name in ("q", "state")),
        "empty": not editions,
    }


def _fits(row: LandingRow, asked: Mapping[str, str]) -> bool:
    wanted = asked.get("state", "")
    page = row.edition.body
    titles = (words.title for words in page.words.values())
    said = " ".join((row.edition.id, page.name, *titles, row.who, row.what)).casefold()
    return all(word in said for word in asked.get("q", "").casefold().split()) and (
        row.standing == wanted if wanted else row.standing != "archived"
    )


def show_landings(shop: Shop, visit: Visit) -> Reply:
    """List the pages that fit; their figures come by themselves."""
    values = landing_rows(shop, visit.query, visit.language) | {"figures": {}, "working": True}
    if visit.partial:
        return Html("merchandising/_landings.html", values)
    return Html("merchandising/landings.html", values | {"standings": STANDINGS, "starts": STARTS})


def find_landings(shop: Shop, viewer: Viewer, words: str) -> list[Found]:  # noqa: ARG001
    """Find landing pages by name, slug and heading for the panel's search."""
    wanted = words.casefold().split()
    with shop.database.reading() as tx:
        editions = LANDINGS.every(tx)
    found = []
    for one in editions:
        titles = " ".join(said.title for said in one.body.words.values())
        if all(word in f"{one.body.name} {one.id} {titles}".casefold() for word in wanted):
            note = f"/l/{one.id}"
            found.append(
                Found(one.body.name, note, f"{LANDINGS_PATH}/{one.id}", "merchandising.found.landing")
            )
    return found[:_MOST_FOUND]


LANDING_LIST = (Page(LANDINGS_PATH, show=show_landings),)
LANDING_MENU = MenuItem(
    LANDINGS_PATH, "merchandising.menu.landings", icon="door-enter", order=307,
    group="web.group.personalization",
)  # fmt: skip
