"""The rule invoice: what each rule costs or earns a week, from decisions in which chance left it out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from expedit.core import DAY
from expedit.decisions import ask_rules
from expedit.insights.model import Invoice, Period, RuleWorth, Scope, Side
from expedit.insights.statistics import weighted_difference
from expedit.storage import Shop

_WEEK_DAYS = 7


def ask_invoice(shop: Shop, scope: Scope, days: int) -> Invoice:
    """Ask what the rules of a scope did over the last `days` days.

    Raises
    ------
    InvalidInput
        When so many days cannot be asked for.
    Unavailable
        When the log cannot be read.
    """
    period = Period.ending(shop.clock(), days)
    found = ask_rules(shop, period.since, period.until, scope.currency, markets=scope.markets)
    lines = [worth_of(name, found, period.until) for name in found.column("rule").unique().to_pylist()]
    return Invoice(scope, period, tuple(sorted(lines, key=_standing)))


def worth_of(rule: str, rows: pa.Table, until: int) -> RuleWorth:
    """Return what a rule did, from the rows of `ask_rules`."""
    own = rows.filter(pa.compute.equal(rows.column("rule"), rule))
    named = {name: own.column(name).to_numpy().astype(float) for name in own.column_names if name != "rule"}
    weights = named["on_weight"], named["off_weight"]
    first = float(np.min(named["first_us"]))
    weeks = max((until - first) / DAY, 1.0) / _WEEK_DAYS
    a_week = float(sum(map(np.sum, weights))) / weeks

    def difference(what: str) -> tuple[np.ndarray, ...]:
        return named[f"on_{what}"], named[f"off_{what}"], *weights

    return RuleWorth(
        rule,
        _side(named, "on"),
        _side(named, "off"),
        a_week,
        weighted_difference(*difference("clicks")).times(a_week),
        weighted_difference(*difference("revenue_minor")).times(a_week),
    )


def _side(named: dict[str, np.ndarray], name: str) -> Side:
    weight = float(named[f"{name}_weight"].sum())
    clicks, revenue = (float(named[f"{name}_{what}"].sum()) for what in ("clicks", "revenue_minor"))
    decisions = int(named[f"{name}_decisions"].sum())
    return Side(decisions, clicks / weight, revenue / weight) if weight else Side()


def _standing(one: RuleWorth) -> tuple[float, str]:
    return (0.0 if one.revenue.value is None else one.revenue.value), one.rule
