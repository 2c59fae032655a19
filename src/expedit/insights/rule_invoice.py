"""The rule invoice: what each rule costs or earns a week, from decisions in which chance left it out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expedit.core import DAY, evolve
from expedit.decisions import ask_rules
from expedit.insights.model import Invoice, Period, RuleWorth, Scope, Side
from expedit.insights.statistics import weighted_difference
from expedit.merchandising import Edition, Spell, do_the_same, find_kept, rule_spells
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
    spells = rule_spells(shop)
    found = ask_rules(shop, spells, period.since, period.until, scope.currency, markets=scope.markets)
    measured = set(found.column("rule").to_pylist())
    lines = [
        as_it_stands(
            worth_of([spell for spell in spells if spell.rule.id == rule], found, period.until),
            find_kept(shop, rule).live,
        )
        for rule in measured
    ]
    return Invoice(scope, period, tuple(sorted(lines, key=_standing)))


def worth_of(spells: Sequence[Spell], rows: pa.Table, until: int) -> RuleWorth:
    """Return what a rule does as it was measured last, and what it did before.

    Parameters
    ----------
    spells
        Its own, the oldest first.
    rows
        As `ask_rules` gives them.
    """
    own = rows.filter(pc.equal(rows.column("rule"), spells[0].rule.id))
    current, *earlier = dict.fromkeys(spell.edition for spell in reversed(spells))
    lines = {
        edition: _line([spell for spell in spells if spell.edition == edition], own, until)
        for edition in (current, *earlier)
    }
    return evolve(lines[current], earlier=tuple(lines[one] for one in earlier if _was_measured(lines[one])))


def as_it_stands(worth: RuleWorth, live: Edition | None) -> RuleWorth:
    """Return what a rule does as it is in force now, which may be something that was never measured.

    Parameters
    ----------
    live
        What is in force; None when nothing is, and what was measured last stands first.
    """
    if live is None or do_the_same(live.rule, worth.rule):
        return worth
    before = [evolve(worth, earlier=())] if _was_measured(worth) else []
    return RuleWorth(live.rule, live.version, measured=live.rule.has_coin, earlier=(*before, *worth.earlier))


def _line(spells: Sequence[Spell], rows: pa.Table, until: int) -> RuleWorth:
    """Return what one edition of a rule did; nothing of one that was never measured."""
    last = spells[-1]
    line = RuleWorth(last.rule, last.edition, last.until if last.until and last.until <= until else None)
    own = rows.filter(pc.equal(rows.column("edition"), last.edition))
    if not own.num_rows:
        return line
    named = {name: own.column(name).to_numpy().astype(float) for name in own.column_names if name != "rule"}
    weights = named["on_weight"], named["off_weight"]
    a_week = float(sum(map(np.sum, weights))) / _weeks(
        spells, int(pc.min(own.column("first_us")).as_py()), until
    )

    def difference(what: str) -> tuple[np.ndarray, ...]:
        return named[f"on_{what}"], named[f"off_{what}"], *weights

    return evolve(
        line,
        on=_side(named, "on"),
        off=_side(named, "off"),
        weekly_decisions=a_week,
        clicks=weighted_difference(*difference("clicks")).times(a_week),
        revenue=weighted_difference(*difference("revenue_minor")).times(a_week),
    )


def _weeks(spells: Sequence[Spell], first: int, until: int) -> float:
    """Return for how many weeks an edition was in force since it was first measured, a day at least."""
    held = sum(max(0, min(spell.until or until, until) - max(spell.since, first)) for spell in spells)
    return max(held / DAY, 1.0) / _WEEK_DAYS


def _was_measured(line: RuleWorth) -> bool:
    return line.on.decisions + line.off.decisions > 0


def _side(named: dict[str, np.ndarray], name: str) -> Side:
    weight = float(named[f"{name}_weight"].sum())
    clicks, revenue = (float(named[f"{name}_{what}"].sum()) for what in ("clicks", "revenue_minor"))
    decisions = int(named[f"{name}_decisions"].sum())
    return Side(decisions, clicks / weight, revenue / weight) if weight else Side()


def _standing(one: RuleWorth) -> tuple[float, str]:
    return (0.0 if one.revenue.value is None else one.revenue.value), one.rule.id
