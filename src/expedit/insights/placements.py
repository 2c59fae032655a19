"""What came of each placement lately: counts, revenue by currency, and lift against the holdout."""

from __future__ import annotations

from typing import Any

from expedit.core import DAY, Struct, day_of
from expedit.decisions import ask_lift, ask_outcomes
from expedit.experiments import HELD_OUT, PERSONALIZED
from expedit.insights.asking import arm_of, lift_of, spots_of
from expedit.insights.model import Arm, Lift, Period, Scope, Spots
from expedit.storage import Shop

PLACEMENT_DAYS = 30
WHOLE_SHOP = Scope("", (), "")
"""All markets at once: each currency is told by itself."""


class SpotDay(Struct, frozen=True):
    """One UTC day of a placement; `revenue` by currency, in minor units, of what was shown that day."""

    day: str
    spots: Spots = Spots()
    revenue: dict[str, int] = {}


class PlacementNumbers(Struct, frozen=True):
    """What came of one placement.

    Parameters
    ----------
    spots
        Counts over all markets; amounts stand in `revenue`.
    revenue
        By currency, in minor units.
    lifts
        By currency, of the people who met the placement in the markets that pay in it.
    days
        Every day of the period.
    """

    spots: Spots
    revenue: dict[str, int]
    lifts: dict[str, Lift]
    days: tuple[SpotDay, ...]


class PlacementsNumbers(Struct, frozen=True):
    """What came of every placement that was shown in a period."""

    period: Period
    by_name: dict[str, PlacementNumbers]


def ask_placements(shop: Shop, scope: Scope, days: int) -> PlacementsNumbers:  # noqa: ARG001 - of the whole shop
    """Ask what came of every placement over the last `days` days.

    Raises
    ------
    Unavailable
        When the log cannot be read.
    """
    period = Period.ending(shop.clock(), days)
    currencies = tuple(dict.fromkeys(shop.settings.markets.values()))
    days_of: dict[str, dict[str, SpotDay]] = {}
    for currency in currencies:
        rows = ask_outcomes(shop, period.since, period.until, currency, by_day=True).to_pylist()
        for row in rows:
            known = days_of.setdefault(row["placement"], {})
            day = known.get(row["day"], SpotDay(row["day"]))
            known[row["day"]] = _with(day, row, currency, first=currency == currencies[0])
    lifts = _lifts(shop, period, currencies)
    names = [day_of(period.since + number * DAY) for number in range(period.days)]
    return PlacementsNumbers(
        period,
        {
            name: _numbers([known.get(day, SpotDay(day)) for day in names], lifts.get(name, {}))
            for name, known in days_of.items()
        },
    )


def _with(day: SpotDay, row: dict[str, Any], currency: str, *, first: bool) -> SpotDay:
    """Return the day with what came of it in one currency: only what was bought differs from the first."""
    spots = spots_of(row)
    counted = spots if first else Spots(bought=spots.bought, lines=spots.lines, units=spots.units)
    revenue = {**day.revenue, currency: day.revenue.get(currency, 0) + spots.revenue}
    return SpotDay(day.day, day.spots + counted, {code: amount for code, amount in revenue.items() if amount})


def _numbers(days: list[SpotDay], lifts: dict[str, Lift]) -> PlacementNumbers:
    revenue: dict[str, int] = {}
    for day in days:
        for code, amount in day.revenue.items():
            revenue[code] = revenue.get(code, 0) + amount
    return PlacementNumbers(sum((one.spots for one in days), Spots()), revenue, lifts, tuple(days))


def _lifts(shop: Shop, period: Period, currencies: tuple[str, ...]) -> dict[str, dict[str, Lift]]:
    """Return the lift of each placement in each currency in which anybody met it."""
    found: dict[str, dict[str, Lift]] = {}
    for currency in currencies:
        arms: dict[str, dict[str, Arm]] = {}
        for row in ask_lift(shop, period.since, period.until, currency, by_placement=True).to_pylist():
            arms.setdefault(row["placement"], {})[row["arm"]] = arm_of(row)
        for name, both in arms.items():
            lift = lift_of(both.get(PERSONALIZED, Arm()), both.get(HELD_OUT, Arm()))
            found.setdefault(name, {})[currency] = lift
    return found
