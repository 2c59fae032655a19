"""The page of one audience: its form, its size, what is in force beside a draft, what it was before."""

from __future__ import annotations

from typing import Any

from expedit.access import Kept, told_history
from expedit.audiences.counting import counter
from expedit.audiences.estimating import EXAMPLES, estimate
from expedit.audiences.model import Audience, Edition, Size
from expedit.audiences.starting import STARTS
from expedit.audiences.store import newest_sizes, read_history, read_members, read_sizes
from expedit.audiences.telling import AudienceTeller, Shown
from expedit.audiences.trends import chart_of, trend_of
from expedit.core import DAY
from expedit.features import Use, uses_of
from expedit.profiles import may_see
from expedit.storage import Shop
from expedit.web import Clash, Difference, Html, Visit

_TREND_DAYS = 90


def page_of(
    shop: Shop, visit: Visit, audience: Audience, kept: Kept[Edition] | None, *, clash: Clash | None = None
) -> Html:
    """Return the page of an audience.

    Parameters
    ----------
    audience
        What stands in the form.
    kept
        The audience as it is kept; None for a new one.
    clash
        Who was faster.
    """
    teller = AudienceTeller(shop, visit.language)
    history: list[Edition] = []
    uses: tuple[Use, ...] = ()
    if kept is not None:
        with shop.database.reading() as tx:
            history = read_history(tx, audience.id)
            uses = uses_of(shop, tx, "audience", audience.id)
    values: dict[str, Any] = {
        "audience": audience,
        "kept": kept,
        "version": kept.newest.version if kept else 0,
        "standing": standing_of(kept) if kept else "draft",
        "kit": teller.kit(audience.when),
        "teller": teller,
        "clash": clash,
        "uses": uses,
        "history": told_history(shop, visit.language, history, teller.changes),
        "starts": tuple(STARTS),
    }
    if kept is not None:
        values |= sized(shop, visit, kept) | {
            "beside": _beside(teller, kept),
            "draft_holds": _draft_holds(shop, teller, kept),
            "members": _examples(shop, visit, teller, kept),
        }
    return Html("audiences/audience.html", values, status=409 if clash else 200)


def standing_of(kept: Kept[Edition]) -> str:
    """Return how an audience stands: ``published`` while something of it is in force."""
    return "published" if kept.live else kept.newest.state


def sized(shop: Shop, visit: Visit, kept: Kept[Edition]) -> dict[str, Any]:
    """Return what the page shows of the size of what is in force."""
    audience_id, live = kept.newest.audience.id, kept.live
    with shop.database.reading() as tx:
        sizes = read_sizes(tx, audience_id, visit.at - _TREND_DAYS * DAY)
        size: Size | None = newest_sizes(tx).get(audience_id)
    trend = trend_of(sizes, visit.at, _TREND_DAYS)
    return {
        "size": size if live else None,
        "trend": trend,
        "chart": chart_of(trend) if trend.points else None,
        "counting": live is not None and (size is None or size.version != live.version),
        "progress": counter(shop).progress,
    }


def _beside(teller: AudienceTeller, kept: Kept[Edition]) -> list[Difference]:
    """Return what the draft would change of what is in force."""
    return teller.changes(kept.live, kept.newest) if kept.beside and kept.live else []


def _draft_holds(shop: Shop, teller: AudienceTeller, kept: Kept[Edition]) -> str:
    """Return about how many the draft beside what is in force would hold; empty when it asks the same."""
    when = kept.newest.audience.when
    asks_else = kept.beside and kept.live is not None and kept.live.audience.when != when
    return teller.estimated(estimate(shop, when)) if asks_else else ""


def _examples(shop: Shop, visit: Visit, teller: AudienceTeller, kept: Kept[Edition]) -> list[Shown]:
    """Return some members: of an audience in force those noted, else those of the sample."""
    if standing_of(kept) == "archived":
        return []
    found: list[str] = []
    if kept.live:
        with shop.database.reading() as tx:
            found = [one.person_id for one in read_members(tx, kept.live.audience.id, "", EXAMPLES)]
    if not found:
        found = list(estimate(shop, kept.shown.audience.when).examples)
    return teller.people(found, clear=may_see(visit.viewer))
