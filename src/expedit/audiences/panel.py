"""Audiences in the panel: the list with sizes and trends, and what the editor asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from expedit.access import Kept, actor_name, names_of
from expedit.audiences.audience_page import standing_of
from expedit.audiences.counting import Progressing, counter
from expedit.audiences.estimating import estimate
from expedit.audiences.model import STATES, Edition, Size
from expedit.audiences.panel_audience import AUDIENCE_PAGES
from expedit.audiences.starting import STARTS
from expedit.audiences.store import newest_sizes, read_audiences, read_kept, read_sizes
from expedit.audiences.telling import COUNT, SUGGEST, AudienceTeller
from expedit.audiences.trends import Trend, trend_of
from expedit.audiences.vocabulary import PERSON
from expedit.core import DAY, InvalidInput, Struct, write_condition
from expedit.features import Found, MenuItem, Page
from expedit.profiles import may_see
from expedit.storage import Shop
from expedit.web import Counted, Html, Json, Redirect, Reply, Sample, Viewer, Visit, condition_from, text

AUDIENCES = "/panel/audiences"
_TREND_DAYS = 40
_MOST_FOUND = 6


class AudienceRow(Struct, frozen=True):
    """An audience in the list, told in words.

    Parameters
    ----------
    kept
        The audience; told is what is in force, or the draft while nothing is.
    standing
        ``published``, ``draft`` or ``archived``.
    size
        The newest count; None before the first.
    stale
        Whether that is of an earlier edition, and a new count is under way.
    """

    kept: Kept[Edition]
    standing: str
    sentence: str
    author: str
    size: Size | None
    trend: Trend
    stale: bool = False


def show_audiences(shop: Shop, visit: Visit) -> Reply:
    """List the audiences that fit what is typed and chosen."""
    archived = visit.query.get("state") == "archived"
    rows = _rows(shop, visit, archived=archived)
    shown = [row for row in rows if _fits(row, visit.query)]
    values: dict[str, Any] = {
        "rows": shown,
        "progress": counter(shop).progress,
        "narrowed": any(visit.query.get(name) for name in ("q", "state")),
    }
    if visit.partial:
        return Html("audiences/_audiences.html", values)
    return Html(
        "audiences/audiences.html", values | {"empty": not rows and not archived, "starts": tuple(STARTS)}
    )


def _rows(shop: Shop, visit: Visit, *, archived: bool) -> list[AudienceRow]:
    teller, people = AudienceTeller(shop, visit.language), names_of(shop)
    with shop.database.reading() as tx:
        kept = read_kept(tx, archived=archived)
        newest = newest_sizes(tx)
        history = {
            one.live.audience.id: read_sizes(tx, one.live.audience.id, visit.at - _TREND_DAYS * DAY)
            for one in kept
            if one.live
        }
    rows = []
    for one in kept:
        audience, live = one.shown.audience, one.live
        size = newest.get(audience.id) if live else None
        rows.append(
            AudienceRow(
                one, standing_of(one), teller.sentence(audience),
                actor_name(visit.language, one.newest.author, people), size,
                trend_of(history.get(audience.id, ()), visit.at),
                live is not None and (size is None or size.version != live.version),
            )
        )  # fmt: skip
    return rows


def _fits(row: AudienceRow, asked: Mapping[str, str]) -> bool:
    audience, wanted = row.kept.shown.audience, asked.get("state", "")
    said = " ".join((audience.name, audience.id, row.sentence, audience.note)).casefold()
    words = asked.get("q", "").casefold().split()
    stands = wanted in {"", row.standing} or (wanted == "draft" and row.kept.beside)
    return stands and all(word in said for word in words)


def count_now(shop: Shop, visit: Visit) -> Reply:
    """Begin to count everybody in all audiences in force."""
    counter(shop).begin()
    return Redirect(AUDIENCES, text(visit.language, "audiences.count.begun"))


def show_progress(shop: Shop, visit: Visit) -> Reply:  # noqa: ARG001  (a page's shape)
    """Show how far the count under way is; when it is over, the page is asked for anew."""
    progress: Progressing | None = counter(shop).progress
    return Html("audiences/_progress.html", {"progress": progress})


def suggest(shop: Shop, visit: Visit) -> Reply:
    """Complete a value as it is typed."""
    asked = visit.query
    teller = AudienceTeller(shop, visit.language)
    found: Sequence[Any] = ()
    if asked.get("source") != "traits" or may_see(visit.viewer):
        found = teller.suggest(asked.get("source", ""), asked.get("q", "")[:200], asked.get("field", ""))
    return Json(list(found))


def estimate_size(shop: Shop, visit: Visit) -> Reply:
    """Tell about how many people fulfill a condition, and show some of them."""
    try:
        condition = condition_from(visit.form.get("condition", ""), PERSON, "condition", visit.language)
    except InvalidInput as error:
        return Json(Counted(wrong=error.reason))
    found = estimate(shop, write_condition(condition))
    teller = AudienceTeller(shop, visit.language)
    people = teller.people(found.examples, clear=may_see(visit.viewer))
    samples = tuple(Sample(one.name, f"/panel/people/{one.person_id}") for one in people)
    return Json(Counted(teller.estimated(found), not found.members, samples))


def find_audiences(shop: Shop, viewer: Viewer, words: str) -> list[Found]:  # noqa: ARG001
    """Find audiences by their names, ids and notes for the panel's search."""
    wanted = words.casefold().split()
    with shop.database.reading() as tx:
        editions = read_audiences(tx, STATES)
    known = [one.audience for one in editions]
    return [
        Found(one.name, one.note[:120], f"{AUDIENCES}/{one.id}", "audiences.found.audience")
        for one in known
        if all(word in f"{one.name} {one.id} {one.note}".casefold() for word in wanted)
    ][:_MOST_FOUND]


PAGES = (
    Page(AUDIENCES, show=show_audiences),
    Page(f"{AUDIENCES}/count", act=count_now),
    Page(f"{AUDIENCES}/progress", show=show_progress),
    Page(SUGGEST, show=suggest),
    Page(COUNT, act=estimate_size, act_role="viewer"),
    *AUDIENCE_PAGES,
)
MENU = (
    MenuItem(AUDIENCES, "audiences.menu.audiences", icon="target", order=120, group="web.group.customers"),
)
