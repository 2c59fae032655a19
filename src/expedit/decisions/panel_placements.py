"""The list of placements in the panel: those of the file and those of the panel, searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from expedit.core import Struct
from expedit.decisions.live_placements import PLACEMENTS, live_placements
from expedit.decisions.placement_editing import Edition
from expedit.decisions.placement_telling import PlacementTeller
from expedit.decisions.placements import Placement
from expedit.features import MenuItem, Page
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit

PLACEMENTS_PATH = "/panel/placements"

Standing = Literal["file", "published", "draft_beside", "draft", "archived"]
STANDINGS: tuple[Standing, ...] = ("file", "published", "draft_beside", "draft", "archived")


class PlacementRow(Struct, frozen=True):
    """A placement in the list.

    Parameters
    ----------
    placement
        As it is in force, or its newest edition while nothing is.
    newest
        Its newest edition; None for one that only the file has.
    """

    placement: Placement
    standing: Standing
    newest: Edition | None


def standing_of(newest: Edition | None, *, in_file: bool) -> Standing:
    """Return how a placement stands: whose it is, and whether a draft waits."""
    if newest is None:
        return "file"
    if newest.state == "archived":
        return "file" if in_file and not newest.live else "archived"
    if newest.state == "draft":
        return "draft_beside" if newest.live or in_file else "draft"
    return "published"


def placement_rows(shop: Shop, asked: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return the placements that fit what is typed and chosen, as the list's template reads them."""
    live = live_placements(shop)
    in_force, of_file = live.newest(), live.of_file()
    with shop.database.reading() as tx:
        newest = {one.id: one for one in PLACEMENTS.every(tx)}
    rows = []
    for name in sorted({*of_file, *newest}):
        edition = newest.get(name)
        standing = standing_of(edition, in_file=name in of_file)
        shown = in_force.get(name) or (edition.body if edition else of_file[name])
        rows.append(PlacementRow(shown, standing, edition))
    teller = PlacementTeller(language)
    return {
        "rows": [row for row in rows if _fits(row, asked, teller)],
        "narrowed": any(asked.get(name) for name in ("q", "state", "channel")),
        "teller": teller,
    }


def _fits(row: PlacementRow, asked: Mapping[str, str], teller: PlacementTeller) -> bool:
    placement, wanted = row.placement, asked.get("state", "")
    said = " ".join((placement.name, *placement.titles.values(), *map(teller.step, placement.steps())))
    return (
        all(word in said.casefold() for word in asked.get("q", "").casefold().split())
        and (row.standing == wanted if wanted else row.standing != "archived")
        and asked.get("channel", "") in {"", placement.channel}
    )


def show_placements(shop: Shop, visit: Visit) -> Reply:
    """List the placements that fit; their numbers come by themselves."""
    values = placement_rows(shop, visit.query, visit.language) | {"figures": {}, "working": True}
    if visit.partial:
        return Html("decisions/_placements.html", values)
    live = live_placements(shop)
    channels = sorted({one.channel for one in live.current().values()})
    return Html(
        "decisions/placements.html",
        values
        | {
            "complaint": live.complaint,
            "refused": live.refused,
            "standings": STANDINGS,
            "channels": {one: values["teller"].channel(one) for one in channels},
        },
    )


PLACEMENT_LIST = (Page(PLACEMENTS_PATH, show=show_placements),)
PLACEMENT_MENU = MenuItem(
    PLACEMENTS_PATH, "decisions.menu.placements", icon="layout-list", order=300,
    group="web.group.personalization",
)  # fmt: skip
