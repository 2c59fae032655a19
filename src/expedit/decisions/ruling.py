"""Rules laid over one decision: which of them hold, and what they make of its candidates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import SECOND, Struct
from expedit.decisions.deciding import Pins, Pool, normal
from expedit.decisions.model import Bools, CandidateList, Indices, Situation
from expedit.merchandising import (
    Arrival,
    Company,
    Facts,
    Moment,
    Offering,
    Plan,
    Rule,
    RuleBook,
    product_facts,
)
from expedit.profiles import Profile

PICKED = "picked"
"""What a candidate that a rule put in is noted as, in place of its strategy's reason."""


class Measured(Struct, frozen=True):
    """A coin thrown over one of the rules that hold, so that what it does can be measured.

    Parameters
    ----------
    rule
        Id of the rule; empty when no coin was thrown.
    off
        Whether it was left out.
    among
        How many rules with a coin held: each had the same chance.
    share
        Of how many decisions one is measured.
    """

    rule: str = ""
    off: bool = False
    among: int = 0
    share: float = 0.0


NOT_MEASURED = Measured()


class _Candidates(Struct, frozen=True):
    """Candidates of a strategy with those that rules put in."""

    items: NDArray[Any]
    scores: NDArray[Any]
    because: NDArray[Any]
    notes: Mapping[int, str]


class LaidRules:
    """The rules that hold in one decision."""

    def __init__(self, plan: Plan, book: RuleBook, snapshot: CatalogSnapshot, situation: Situation) -> None:
        self.plan = plan
        self.fitting = book.fitting(snapshot, situation.market, situation.at)
        self.moment = Moment(situation.market, situation.at, situation.subjects, situation.cart)
        self._snapshot = snapshot
        self._situation = situation
        self._around = plan.around(snapshot, self.fitting, self.moment)

    def offering(self, passing: Callable[[Indices], Bools], *, one_per_group: bool = False) -> LaidOffering:
        """Return what rules pin and put in, of what passes and no rule forbids."""
        return LaidOffering(
            self.plan,
            self.plan.offering(
                self._snapshot, self.fitting, self.moment, self._situation.channel,
                lambda items: passing(items) & self.allowed(items), one_per_group=one_per_group,
            ),
        )  # fmt: skip

    def allowed(self, items: Indices) -> Bools:
        """Tell which products no rule forbids here, whatever else is shown."""
        return self.plan.allowed(items, self._snapshot, self.fitting, self.moment, self._around)

    def over(self, pool: Pool, explain: bool) -> tuple[Pool, Mapping[int, str]]:
        """Return the pool as rules leave it, and for those who ask which rule removed an item."""
        if not pool.items.size:
            return pool, {}
        where = self._snapshot, self.fitting, self.moment
        ruled = self.plan.apply(pool.items, pool.scores, *where, around=self._around)
        parts = pool.parts
        removed: dict[int, str] = {}
        if explain:
            trace = self.plan.trace(pool.items, *where)
            removed = {int(pool.items[row]): rule for row, rule in trace.removed.items()}
            parts = parts | {f"rule:{rule}": added for rule, added in trace.added.items()}
        rows = ruled.order
        left = Pool(
            pool.items[rows],
            (pool.scores + ruled.added)[rows],
            pool.because[rows],
            {name: values[rows] for name, values in parts.items()},
        )
        return left, removed

    def company(self) -> Company | None:
        """Return an empty answer that knows what may stand in it together; None when everything may."""
        return self.plan.company(self._snapshot, self.fitting, self.moment)


class LaidOffering:
    """What the rules that hold in one decision pin and put in."""

    def __init__(self, plan: Plan, offering: Offering) -> None:
        self._plan = plan
        self._offering = offering

    def put_in(self, found: CandidateList) -> CandidateList:
        """Return the candidates of the first step with what rules put among them."""
        if not self._plan.includes:
            return found
        levels = self.levels()
        put = np.fromiter(levels, np.int32, len(levels))
        at = np.fromiter(levels.values(), np.float64, len(levels))
        if put.size and found.items.size:
            there = np.sort(found.items)
            new = there[np.minimum(np.searchsorted(there, put), there.size - 1)] != put
            put, at = put[new], at[new]
        if not put.size:
            return found
        cold = bool(found.items.size) and found.scores[0] <= 0
        given = normal(found.scores) if cold else found.scores
        best = float(given[0]) if given.size else 1.0
        scores = np.concatenate([given, best * at])
        items = np.concatenate([found.items, put])
        because = np.concatenate([found.because, np.full(put.size, -1, np.int32)])
        order = np.argsort(-scores, kind="stable")
        notes = {**found.notes, **dict.fromkeys(put.tolist(), PICKED)}
        return _Candidates(items[order], scores[order], because[order], notes)

    def levels(self) -> dict[int, float]:
        """Return what rules put in, and at which level."""
        levels: dict[int, float] = {}
        for items, level in self._offering.included():
            for item in items.tolist():
                levels.setdefault(item, level)
        return levels

    def pinned(self, limit: int, company: Company | None = None) -> Pins:
        """Return what rules pin and may be shown; of two that may not stand together the later gives way."""
        found: dict[int, tuple[int, str]] = {}
        refused: dict[int, str] = {}
        put: set[int] = set()
        fine = self._offering.pinned
        if not fine:
            return Pins()
        items = list(fine.values())
        marks = company.marks(np.array(items, np.int32)) if company is not None else [()] * len(items)
        mark_of = dict(zip(items, marks, strict=True))
        for rule, pin in self._plan.pins:
            place = pin.position - 1
            for name in pin.products:
                if name not in fine:
                    continue
                item = fine[name]
                while place in found:
                    place += 1
                if place >= limit or item in put:
                    continue
                if company is not None:
                    if against := company.refusing(mark_of[item]):
                        refused[item] = against
                        continue
                    company.join(mark_of[item])
                found[place] = item, rule
                put.add(item)
        return Pins(tuple((place, item, rule) for place, (item, rule) in sorted(found.items())), refused)


def nobody(_: Collection[str]) -> Sequence[str]:
    """Return the audiences of somebody of whom nothing may be known: none."""
    return ()


def lay_rules(
    book: RuleBook,
    placement: str,
    situation: Situation,
    snapshot: CatalogSnapshot,
    facts: Callable[[], Mapping[str, Any]],
    coin: Callable[[Sequence[Rule]], Measured],
    members: Callable[[Collection[str]], Sequence[str]] = nobody,
) -> tuple[LaidRules | None, Measured]:
    """Return the rules that hold in a decision, and which of them it measures.

    Parameters
    ----------
    facts
        Gives what the rules' conditions ask, when one of them does.
    coin
        Tells of the rules that hold which one is measured, see `throw_coin`.
    members
        Gives which of the audiences that those conditions name the asker is in, when one of them does.
    """
    where = placement, situation.channel, situation.market
    asked = book.asked(*where)
    if asked is None:
        return None, NOT_MEASURED
    asks, named = asked
    told = facts() if asks else {}
    if named:
        told = {**told, "audience": members(named)}
    plan = book.holding(*where, told, situation.at)
    if plan is None:
        return None, NOT_MEASURED
    measured = coin(plan.rules)
    if measured.off:
        plan = book.holding(*where, told, situation.at, without=measured.rule)
    laid = None if plan is None else LaidRules(plan, book, snapshot, situation)
    return laid, measured


def throw_coin(decision_id: str, share: float, holding: Sequence[Rule]) -> Measured:
    """Return which rule a decision measures, if any, and whether it is left out.

    Chance is that of the decision's id, so that the same decision always measures the same. What a shop
    relies on in every answer is never left out, see `Rule.has_coin`.
    """
    if _chance(decision_id, "measure") >= share:
        return NOT_MEASURED
    coins = [rule.id for rule in holding if rule.has_coin]
    if not coins:
        return NOT_MEASURED
    chosen = coins[int(_chance(decision_id, "rule") * len(coins))]
    return Measured(chosen, _chance(decision_id, "off") < 0.5, len(coins), share)


def as_measured(measured: Measured) -> Callable[[Sequence[Rule]], Measured]:
    """Return a coin that falls as it did in a decision that was logged."""
    return lambda holding: measured if any(rule.id == measured.rule for rule in holding) else NOT_MEASURED


def _chance(decision_id: str, purpose: str) -> float:
    digest = blake2b(f"{purpose}:{decision_id}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)


def facts_of(
    placement: str,
    situation: Situation,
    profile: Profile | None,
    snapshot: CatalogSnapshot,
    query: str,
    url: str,
    zone: tzinfo,
) -> dict[str, Any]:
    """Return what the conditions of rules may ask of a moment; see `merchandising.SITUATION`.

    Of somebody who may not be known nothing is told: every condition on them finds nothing.
    """
    ids = snapshot.ids
    local = datetime.fromtimestamp(situation.at / SECOND, UTC).astimezone(zone)
    path = snapshot.category_paths[situation.category] if situation.category > 0 else ()
    facts: dict[str, Any] = {
        "placement": placement,
        "channel": situation.channel,
        "market": situation.market,
        "locale": situation.locale,
        "page": {
            "category": [" > ".join(path[: depth + 1]) for depth in range(len(path))],
            "products": [ids[item] for item in situation.subjects],
            "query": query,
            "url": url,
            "product": (
                product_facts(snapshot, situation.subjects[0], situation.market, situation.at)
                if situation.subjects
                else None
            ),
        },
        "arrival": {name: getattr(situation.arrival, name) for name in Arrival.__struct_fields__},
        "cart": _cart(situation, snapshot),
        "time": {"now": situation.at, "weekday": local.isoweekday(), "hour": local.hour},
        "person": {"known": False},
    }
    if situation.personal and profile is not None:
        facts["person"] = {
            "known": True,
            "visits": len(profile.visits),
            "intent": profile.intent.step,
            "first_seen": profile.first_at,
            "bought": [
                {"product": one.product, "quantity": one.quantity, "at": one.at} for one in profile.purchased
            ],
            "seen": [{"product": one.product, "quantity": 1, "at": one.at} for one in profile.recent],
            "traits": profile.traits,
        }
    return facts


def _cart(situation: Situation, snapshot: CatalogSnapshot) -> Facts:
    cart = dict.fromkeys(situation.anchors)
    return Facts(
        {
            "lines": lambda: len(cart),
            "total": situation.cart_value,
            "products": lambda: [snapshot.ids[item] for item in cart],
        }
    )
