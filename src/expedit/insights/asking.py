"""Asking the logs what the overview tells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from expedit.core import DAY, InvalidInput, day_of
from expedit.decisions import ask_lift, ask_outcomes, chosen_markets, decision_tables
from expedit.events import log_tables, reach
from expedit.experiments import HELD_OUT, HOLDOUT, PERSONALIZED
from expedit.identity import person_map
from expedit.insights.model import (
    Arm,
    ArmDay,
    DayTraffic,
    Lift,
    Named,
    Overview,
    Period,
    Plan,
    Scope,
    ShownDecision,
    Spots,
    Traffic,
    Wait,
)
from expedit.insights.statistics import (
    Interval,
    Sample,
    people_needed,
    relative_lift,
    share_lift,
    weeks_needed,
)
from expedit.storage import Shop
from expedit.warehouse import Source, open_warehouse, question

WEEK = 7 * DAY
BEST_PRODUCTS = 10

SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)
"""Sizes of the holdout that are worked out beside the one that is set."""

EFFECTS = (0.02, 0.05, 0.1, 0.2)
"""Lifts that one may want to see."""

TARGET = 0.05
PATIENCE = 12
"""The smallest size that shows a lift of `TARGET` within so many weeks is suggested."""


def scopes(shop: Shop) -> tuple[Scope, ...]:
    """Return what the overview can be asked about: each market, and each currency of several markets."""
    markets = shop.settings.markets
    only = len(markets) == 1
    found = [Scope(name, (name, "") if only else (name,), currency) for name, currency in markets.items()]
    for currency in dict.fromkeys(markets.values()):
        among = chosen_markets(shop, currency)
        if len(among) > 1 and not only:
            found.append(Scope(currency, among, currency))
    return tuple(found)


def scope_of(shop: Shop, name: str) -> Scope:
    """Return the scope called `name`; the first for an empty name.

    Raises
    ------
    InvalidInput
        When there is no such market or currency.
    """
    offered = scopes(shop)
    for one in offered:
        if name in {one.name, ""}:
            return one
    raise InvalidInput("market", f"must be one of {', '.join(one.name for one in offered)}")


def ask_overview(shop: Shop, scope: Scope, days: int) -> Overview:
    """Ask everything that the overview tells of a scope over the last `days` days.

    Raises
    ------
    InvalidInput
        When so many days cannot be asked for.
    Unavailable
        When the log cannot be read.
    """
    period = Period.ending(shop.clock(), days)
    reached = min(reach(shop), period.until)
    shown = _outcomes(shop, scope, period)
    lift = _lift(shop, scope, period)
    products = _merged(_outcomes(shop, scope, period, by_product=True), "product_id")
    return Overview(
        scope=scope,
        period=period,
        reach=reached,
        now=_traffic(shop, scope, period),
        before=_traffic(shop, scope, period.before),
        days=_traffic_by_day(shop, scope, period),
        spots=_all(shown),
        spots_before=_all(_outcomes(shop, scope, period.before)),
        placements=_merged(shown, "placement"),
        strategies=_merged(shown, "strategy"),
        products=tuple(one for one in products if one.spots.clicked)[:BEST_PRODUCTS],
        lift=lift,
        plan=plan_of(lift, period, shop.settings.holdout_share),
        arm_days=_arm_days(shop, scope, period),
    )


def _run(
    shop: Shop,
    name: str,
    scope: Scope,
    period: Period,
    params: dict[str, object],
    more: dict[str, Source],
) -> pa.Table:
    tables: dict[str, Source] = {
        **log_tables(shop, period.since),
        **more,
        "persons": person_map(shop),
        "chosen": pa.table({"market": pa.array(scope.markets, pa.string())}),
    }
    asked = {**params, "since_us": period.since, "until_us": period.until, "currency": scope.currency}
    return open_warehouse(shop).run(question("expedit.insights", name), tables, asked)


def _ask_traffic(shop: Shop, scope: Scope, period: Period, by_day: bool) -> list[DayTraffic]:
    params: dict[str, object] = {"by_day": by_day}
    return [
        DayTraffic(
            row["day"],
            Traffic(
                row["visitors"],
                row["visits"],
                row["views"],
                row["orders"],
                row["revenue_minor"],
                row["revenue_squares"],
            ),
        )
        for row in _run(shop, "traffic", scope, period, params, {}).to_pylist()
    ]


def _traffic(shop: Shop, scope: Scope, period: Period) -> Traffic:
    found = _ask_traffic(shop, scope, period, by_day=False)
    return found[0].traffic if found else Traffic()


def _traffic_by_day(shop: Shop, scope: Scope, period: Period) -> tuple[DayTraffic, ...]:
    """Return every day of the period, the empty ones too."""
    found = {one.day: one for one in _ask_traffic(shop, scope, period, by_day=True)}
    return tuple(found.get(day, DayTraffic(day, Traffic())) for day in _days(period))


def _days(period: Period) -> list[str]:
    return [day_of(period.since + number * DAY) for number in range(period.days)]


def _outcomes(shop: Shop, scope: Scope, period: Period, *, by_product: bool = False) -> list[dict[str, Any]]:
    rows = ask_outcomes(shop, period.since, period.until, scope.currency, by_product=by_product).to_pylist()
    return [row for row in rows if (row["market"] or "") in scope.markets]


def spots_of(row: dict[str, Any]) -> Spots:
    """Return what came of items as the question tells it."""
    return Spots(
        row["shown"],
        row["impressions"],
        row["clicks"],
        row["carts"],
        row["bought"],
        row["conversions"],
        row["units"],
        row["revenue_minor"],
    )


def _all(rows: Iterable[dict[str, Any]]) -> Spots:
    return sum(map(spots_of, rows), Spots())


def _merged(rows: Iterable[dict[str, Any]], name: str) -> tuple[Named, ...]:
    """Return what came of each value of a column, the most revenue, then the most clicks first."""
    found: dict[str, Spots] = {}
    for row in rows:
        found[row[name]] = found.get(row[name], Spots()) + spots_of(row)
    named = (Named(key, spots) for key, spots in found.items())
    return tuple(sorted(named, key=_standing))


def _standing(one: Named) -> tuple[int, int, int, str]:
    return -one.spots.revenue, -one.spots.clicked, -one.spots.shown, one.name


def _lift(shop: Shop, scope: Scope, period: Period) -> Lift:
    rows = ask_lift(shop, period.since, period.until, scope.currency, markets=scope.markets).to_pylist()
    arms = {row["arm"]: arm_of(row) for row in rows}
    return lift_of(arms.get(PERSONALIZED, Arm()), arms.get(HELD_OUT, Arm()))


def arm_of(row: dict[str, Any]) -> Arm:
    """Return one arm as the question tells it."""
    return Arm(
        row["people"],
        row["crossovers"],
        row["buyers"],
        row["orders"],
        Sample(row["people"], row["revenue_minor"], row["revenue_squares"]),
        row["first_us"],
    )


def lift_of(personalized: Arm, held_out: Arm) -> Lift:
    """Return what personalization added, from what both arms did."""
    revenue = relative_lift(personalized.spent, held_out.spent, (personalized.buyers, held_out.buyers))
    conversion = share_lift((personalized.buyers, personalized.people), (held_out.buyers, held_out.people))
    # What the personalized would have spent without: their revenue divided by 1 + lift.
    low, middle, high = (
        None if value is None else personalized.spent.total * value / (1 + value)
        for value in (revenue.low, revenue.value, revenue.high)
    )
    return Lift(personalized, held_out, revenue, conversion, Interval(middle, low, high))


def plan_of(lift: Lift, period: Period, held_share: float) -> Plan:
    """Return when the holdout answers, judged by the people and orders of the period."""
    both = Sample(
        lift.personalized.people + lift.held_out.people,
        lift.personalized.spent.total + lift.held_out.spent.total,
        lift.personalized.spent.squares + lift.held_out.spent.squares,
    )
    arms = (lift.personalized, lift.held_out)
    started = min((arm.first_at for arm in arms if arm.people), default=period.since)
    a_week = both.people / max((period.until - started) / WEEK, 1 / 7)
    sizes = sorted({*SHARES, *([held_share] if 0 < held_share < 1 else [])})
    waits = tuple(
        Wait(size, effect, weeks_needed(people_needed(both, effect, size), a_week))
        for size in sizes
        for effect in EFFECTS
    )
    return Plan(held_share, a_week, waits, _suggested(waits))


def _suggested(waits: Iterable[Wait]) -> float | None:
    asked = [one for one in waits if one.effect == TARGET and one.weeks is not None]
    quick = [one.held_share for one in asked if one.weeks is not None and one.weeks <= PATIENCE]
    if quick:
        return min(quick)
    return max((one.held_share for one in asked), default=None)


def _arm_days(shop: Shop, scope: Scope, period: Period) -> tuple[ArmDay, ...]:
    params: dict[str, object] = {"experiment": HOLDOUT}
    found: dict[str, dict[str, Sample]] = {}
    for row in _run(shop, "arms_by_day", scope, period, params, decision_tables(shop)).to_pylist():
        sample = Sample(row["visitors"], row["revenue_minor"], row["revenue_squares"])
        found.setdefault(row["day"], {})[row["arm"]] = sample
    return tuple(
        ArmDay(day, arms.get(PERSONALIZED, Sample()), arms.get(HELD_OUT, Sample()))
        for day in _days(period)
        for arms in (found.get(day, {}),)
    )


def ask_shown(shop: Shop, subject_ids: Iterable[str], most: int = 20) -> tuple[ShownDecision, ...]:
    """Return the last decisions that a person's subjects were shown, the latest first."""
    tables: dict[str, Source] = {
        **decision_tables(shop),
        "wanted": pa.table({"subject_id": pa.array(sorted(subject_ids), pa.string())}),
    }
    asked = question("expedit.insights", "shown_to")
    rows = open_warehouse(shop).run(asked, tables, {"most": most}).to_pylist()
    return tuple(
        ShownDecision(
            row["decision_id"],
            row["ts_us"],
            row["placement"],
            row["items"],
            row["arm"] or "",
            row["personal"],
            row["channel"],
        )
        for row in rows
    )
