"""What came of each landing page lately: visits on both sides, and what the page adds to the ordinary one."""

from __future__ import annotations

from expedit.core import Struct
from expedit.decisions import GENERIC, LANDING, THE_PAGE, ask_lift, decision_tables
from expedit.events import log_tables
from expedit.insights.asking import arm_of, lift_of
from expedit.insights.model import Arm, Lift, Period, Scope
from expedit.storage import Shop
from expedit.warehouse import open_warehouse, question

LANDING_DAYS = 30


class SideVisits(Struct, frozen=True):
    """Visits of one side, and how many of them clicked a product."""

    visits: int = 0
    clicked: int = 0

    def __add__(self, other: SideVisits) -> SideVisits:
        return SideVisits(self.visits + other.visits, self.clicked + other.clicked)


class LandingNumbers(Struct, frozen=True):
    """What came of one landing page.

    Parameters
    ----------
    shown
        Visits that saw the page, of people in the comparison and of the others.
    compared, generic
        Of people in the comparison: visits that saw the page, and those that got the ordinary one.
    lifts
        By currency: the page (``personalized``) against the ordinary page (``held_out``).
    """

    shown: SideVisits = SideVisits()
    compared: SideVisits = SideVisits()
    generic: SideVisits = SideVisits()
    lifts: dict[str, Lift] = {}


class LandingsNumbers(Struct, frozen=True):
    """What came of every landing page that was met in a period, by slug."""

    period: Period
    by_slug: dict[str, LandingNumbers]


def ask_landings(shop: Shop, scope: Scope, days: int) -> LandingsNumbers:  # noqa: ARG001 - of the whole shop
    """Ask what came of every landing page over the last `days` days.

    Raises
    ------
    Unavailable
        When the log cannot be read.
    """
    period = Period.ending(shop.clock(), days)
    sides: dict[str, dict[str, SideVisits]] = {}
    tables = {**log_tables(shop, period.since), **decision_tables(shop)}
    params = {"since_us": period.since, "until_us": period.until}
    rows = open_warehouse(shop).run(question("expedit.insights", "landings"), tables, params).to_pylist()
    for row in rows:
        slug = row["placement"].removeprefix(LANDING)
        sides.setdefault(slug, {})[row["side"]] = SideVisits(row["visits"], row["clicked"])
    return LandingsNumbers(
        period, {slug: _numbers(shop, period, slug, found) for slug, found in sides.items()}
    )


def _numbers(shop: Shop, period: Period, slug: str, sides: dict[str, SideVisits]) -> LandingNumbers:
    compared, generic = sides.get(THE_PAGE, SideVisits()), sides.get(GENERIC, SideVisits())
    shown = compared + sides.get("", SideVisits())
    if not compared.visits and not generic.visits:
        return LandingNumbers(shown)
    lifts = {}
    for currency in dict.fromkeys(shop.settings.markets.values()):
        rows = ask_lift(shop, period.since, period.until, currency, experiment=LANDING + slug).to_pylist()
        arms = {row["arm"]: arm_of(row) for row in rows}
        if arms:
            lifts[currency] = lift_of(arms.get(THE_PAGE, Arm()), arms.get(GENERIC, Arm()))
    return LandingNumbers(shown, compared, generic, lifts)
