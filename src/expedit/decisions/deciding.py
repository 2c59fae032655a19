"""The decision itself: a pure function from a situation to an explained answer.

Order of work, the same for every placement:

1. the ladder's steps in order, each asked only while the answer is not full; for people whose
   personalization is off, steps that need a profile are swapped for their non-personal counterparts;
2. **filters** on the whole candidate list (`Eligibility`);
3. **tastes**: a bounded bonus on steps that know nobody (`bonuses`);
4. **rules** (`Rules`): exclude, brand conflict, only…, bury, boost; what they pin has its place beforehand;
5. **the cut**: best first, one per item group, within the step's share, and nothing that rules let not stand
   beside what the answer holds (never with, diversity);
6. the last step is the fallback; whatever a share kept back fills what is still free; then the answer is
   honestly short;
7. **exploration** of the tail, with exact propensities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Protocol

import numpy as np

from expedit.core import Struct, evolve
from expedit.decisions.eligibility import Eligibility
from expedit.decisions.exploration import explores, head_of, propensities, spare_of, tail_order
from expedit.decisions.ladder import scope_of, steps_for
from expedit.decisions.model import (
    Bools,
    CandidateList,
    Catalog,
    Floats,
    Indices,
    Outcome,
    Part,
    Removal,
    Removed,
    Shown,
    Situation,
    StrategySource,
)
from expedit.decisions.placements import Placement, Step
from expedit.decisions.tastes import RERANKED, SizesOf, bonuses
from expedit.merchandising import Company, Mark

NO_EVIDENCE = "new"
"""What candidates that nothing speaks for are called: they stand in the catalog's order, the newest first."""

_MOST_CANDIDATES = 400
_MORE_SPARE = 4
"""How much more is kept in hand where some of it may not stand together."""


class Pool(Struct, frozen=True, gc=False):
    """The eligible candidates of one step, before the cut.

    Parameters
    ----------
    items
        Catalog indices, int32[k].
    scores
        Sum of all parts, float64[k].
    because
        Catalog index of the product each is there for, int32[k], -1 none.
    parts
        What makes the score, by code, each float64[k]; ``strategy`` is the first.
    """

    items: Indices
    scores: Floats
    because: Indices
    parts: dict[str, Floats]


class Rules(Protocol):
    """The merchandiser's rules that hold in one decision."""

    def offering(self, passing: Callable[[Indices], Bools], *, one_per_group: bool = False) -> Offering:
        """Return what rules pin and put in, of what passes, where only one of a group is shown of one."""
        ...

    def over(self, pool: Pool, explain: bool) -> tuple[Pool, Mapping[int, str]]:
        """Return a pool as rules leave it, best first, and, to explain, which rule removed an item."""
        ...

    def company(self) -> Company | None:
        """Return an empty answer that knows what may stand in it together; None when everything may."""
        ...


class Offering(Protocol):
    """What the merchandiser's rules pin and put in."""

    def put_in(self, found: CandidateList) -> CandidateList:
        """Return the candidates of the first step with what rules put among them."""
        ...

    def pinned(self, limit: int, company: Company | None) -> Pins:
        """Return what stands where whatever the ladder gives, noted in `company`."""
        ...


class Pins(Struct, frozen=True):
    """What rules pin.

    Parameters
    ----------
    placed
        Position from 0, catalog index, rule.
    refused
        What may not stand beside what is pinned before it: catalog index → the rule that says so.
    """

    placed: tuple[tuple[int, int, str], ...] = ()
    refused: Mapping[int, str] = {}


PINNED = "pinned"
"""What an item that a rule pins is said to come from."""


class Request(Struct, frozen=True, gc=False):
    """How `decide` is to work, apart from what it decides about.

    Parameters
    ----------
    decision_id
        Id of the decision: the seed of all chance in it.
    limit
        Most items of the answer.
    explore_share
        Share of decisions whose tail is shuffled.
    explain
        Whether to keep the waterfall and what was left out.
    rules
        The merchandiser's, None where none holds.
    """

    decision_id: str
    limit: int
    explore_share: float = 0.0
    explain: bool = False
    rules: Rules | None = None


def decide(
    placement: Placement,
    situation: Situation,
    catalog: Catalog,
    source: StrategySource,
    request: Request,
    sizes_of: SizesOf | None = None,
) -> Outcome:
    """Answer `placement` in `situation`.

    Parameters
    ----------
    source
        Gives the candidates of a step.
    sizes_of
        Gives the sizes of a product that are in stock, for tastes.
    """
    cut = _Cut(placement, situation, catalog, request)
    steps = steps_for(placement, situation)
    wanted = min(_MOST_CANDIDATES, 4 * request.limit + 20 + len(cut.eligibility.excluded))
    for place, step in enumerate(steps):
        if cut.full:
            break
        cut.place = place
        found = source(step, situation, wanted)
        # Without any evidence a strategy can only give the catalog's order, the newest first.
        cold = bool(found.items.size) and found.scores[0] <= 0
        if place == 0 and cut.offering is not None:
            found = cut.offering.put_in(found)
        if found.items.size:
            fallback = place > 0 and place == len(steps) - 1 and bool(placement.fallback)
            label = NO_EVIDENCE if cold else step.strategy
            cut.take(step, place, fallback, _pool(cut, step, found, sizes_of), label, found.notes)
    cut.top_up()
    return cut.outcome()


def _pool(cut: _Cut, step: Step, found: CandidateList, sizes_of: SizesOf | None) -> Pool:
    """Return the eligible, re-ranked and ruled candidates of a step, best first."""
    items, scores, because = found.items, found.scores, found.because
    cut.considered += items.size
    passing = cut.eligibility.passing(items)
    if not passing.all():
        cut.remove(step, items[~passing])
        items, scores, because = items[passing], scores[passing], because[passing]
    if not items.size:
        return Pool(items, np.zeros(0), because, {})
    own = normal(scores)
    parts = {"strategy": own}
    total = own
    if cut.situation.personal and cut.placement.personal and step.strategy in RERANKED:
        added = bonuses(cut.situation.tastes(), items, cut.catalog, sizes_of)
        if added:
            parts.update(added)
            total = own + sum(added.values())
            order = np.argsort(-total, kind="stable")
            items, because, total = items[order], because[order], total[order]
            parts = {name: values[order] for name, values in parts.items()}
    pool = Pool(items, total, because, parts)
    rules = cut.request.rules
    if rules is not None:
        pool, removed = rules.over(pool, cut.request.explain)
        cut.removed_by_rules(step, removed)
    return pool


def normal(scores: Floats) -> Floats:
    """Return scores as shares of the best one; when the best is not above 0, by place alone: 1, 1/2, 1/3
    …."""
    best = float(scores[0])
    if best > 0:
        normal: Floats = np.maximum(scores, 0.0) / best
        return normal
    return 1.0 / np.arange(1, scores.size + 1)


class _Cut:
    """The answer as it fills."""

    def __init__(
        self, placement: Placement, situation: Situation, catalog: Catalog, request: Request
    ) -> None:
        self.placement = placement
        self.situation = situation
        self.catalog = catalog
        self.request = request
        self.eligibility = Eligibility(placement, situation, catalog)
        self.considered = 0
        self.place = 0
        """Which step of the ladder is at work."""
        rules, pins = request.rules, Pins()
        self._company = None if rules is None else rules.company()
        self.offering: Offering | None = None
        if rules is not None:
            one_per_group = self.eligibility.one_per_group
            self.offering = rules.offering(self.eligibility.passing, one_per_group=one_per_group)
            pins = self.offering.pinned(request.limit, self._company)
        self._pins = pins.placed
        self._limit = request.limit - len(self._pins)
        self._spare = spare_of(self._limit) * (1 if self._company is None else _MORE_SPARE)
        self._shown: list[Shown] = []
        self._kept_back: list[Shown] = []
        self._beyond: list[Shown] = []
        """Good candidates that were only looked at to explain."""
        self._marks: dict[int, Mark] = {}
        """Of what is kept back, what rules on company look at."""
        self._seen: set[int] = set(pins.refused)
        self._groups: set[int] = set()
        if situation.taken and self.eligibility.one_per_group:
            self._groups.update(catalog.group[list(situation.taken)].tolist())
        pinned = [item for _, item, _ in self._pins]
        self._seen.update(pinned)
        if pinned and self.eligibility.one_per_group:
            self._groups.update(catalog.group[pinned].tolist())
        self._removed = [Removed(item, "rule", PINNED, 0, rule) for item, rule in pins.refused.items()]

    @property
    def full(self) -> bool:
        return len(self._shown) >= self._limit

    def take(
        self, step: Step, place: int, fallback: bool, pool: Pool, label: str, notes: Mapping[int, str]
    ) -> None:
        """Take the best of `pool`, as many as the step's share allows, and keep some of the rest in hand."""
        limit = self._limit
        room = min(limit - len(self._shown), max(1, round(step.share * limit)))
        scope = scope_of(step) if step.options and label == step.strategy else ""
        tasteful = [name for name in pool.parts if name != "strategy" and not name.startswith("rule:")]
        scores, because = pool.scores.tolist(), pool.because.tolist()
        taken = 0
        spare = self._spare if room == limit - len(self._shown) else limit + self._spare
        explain, company, kept_back = self.request.explain, self._company, self._kept_back
        marks = company.marked(pool.items) if company is not None else repeat(())
        for row, (item, mark) in enumerate(zip(pool.items.tolist(), marks, strict=False)):
            if item in self._seen:
                continue
            in_hand = taken < room or len(kept_back) < spare
            if not in_hand and not explain:
                break
            if not self._joins(item, mark, step, in_hand):
                continue
            shown = Shown(
                item, scores[row], label, place, fallback, because[row], 1.0,
                _parts(pool, row) if explain else (),
                _strongest(pool, row, tasteful) if tasteful else "", notes.get(item) or scope,
            )  # fmt: skip
            if taken < room:
                self._shown.append(shown)
                taken += 1
                if company is not None:
                    company.join(mark)
            elif in_hand:
                kept_back.append(shown)
                self._marks[item] = mark
            else:
                self._beyond.append(shown)

    def _joins(self, item: int, mark: Mark, step: Step, in_hand: bool) -> bool:
        """Tell whether a candidate may stand in the answer as it is; note what of it is in hand."""
        against = self._company.refusing(mark) if self._company is not None else ""
        group = self.catalog.group.item(item) if self.eligibility.one_per_group else -1
        fine = not against and group not in self._groups
        if in_hand:
            self._seen.add(item)
            if fine and group >= 0:
                self._groups.add(group)
        if not fine and self.request.explain:
            why: Removal = "rule" if against else "same_group"
            self._removed.append(Removed(item, why, step.strategy, self.place, against))
        return fine

    def top_up(self) -> None:
        """Fill what is still free with what shares kept back, in the ladder's order."""
        self._shown += self._from_kept_back(self._limit - len(self._shown))

    def _from_kept_back(self, most: int) -> list[Shown]:
        """Take from what is kept back, in its order, what may stand beside all that was taken before."""
        if most <= 0:
            return []
        company = self._company
        if company is None:
            taken, self._kept_back = self._kept_back[:most], self._kept_back[most:]
            return taken
        taken, left = [], []
        for one in self._kept_back:
            mark = self._marks[one.item]
            if len(taken) == most:
                left.append(one)
            elif against := company.refusing(mark):
                if self.request.explain:
                    self._removed.append(Removed(one.item, "rule", one.strategy, one.step, against))
            else:
                company.join(mark)
                taken.append(one)
        self._kept_back = left
        return taken

    def remove(self, step: Step, items: Indices) -> None:
        """Note, when asked to explain, why `items` are left out."""
        if self.request.explain:
            self._removed += [
                Removed(item, self.eligibility.reason(item), step.strategy, self.place)
                for item in items.tolist()
            ]

    def removed_by_rules(self, step: Step, removed: Mapping[int, str]) -> None:
        """Note which rules took what away."""
        self._removed += [
            Removed(item, "rule", step.strategy, self.place, rule) for item, rule in removed.items()
        ]

    def outcome(self) -> Outcome:
        """Return the answer, its tail explored if chance has it so."""
        shown, share = self._shown, self.request.explore_share
        head = head_of(len(shown))
        tail = len(shown) - head
        explored = False
        spare: list[Shown] = []
        if tail and share > 0:
            spare = self._from_kept_back(tail)
            pool = [*shown[head:], *spare]
            explored = explores(self.request.decision_id, share)
            order = tail_order(self.request.decision_id, len(pool), tail) if explored else range(tail)
            chances = propensities(order, len(pool), share)
            shown = shown[:head] + [
                evolve(pool[at], propensity=chance) for at, chance in zip(order, chances, strict=True)
            ]
        if self._pins:
            shown, head = self._with_pins(shown, head)
        if not self.request.explain:
            return Outcome(tuple(shown), explored, head, self.considered)
        names = {item.item for item in shown}
        counts: dict[str, int] = {}
        for removed in self._removed:
            counts[removed.reason] = counts.get(removed.reason, 0) + 1
        left = {one.item: one for one in reversed((*self._shown, *spare, *self._kept_back, *self._beyond))}
        candidates = tuple(one for one in reversed(left.values()) if one.item not in names)
        return Outcome(
            tuple(shown), explored, head, self.considered, counts, tuple(self._removed), candidates
        )

    def _with_pins(self, shown: list[Shown], head: int) -> tuple[list[Shown], int]:
        """Return the answer with what is pinned in its place, and how many of it are never shuffled."""
        tail = {one.item for one in shown[head:]}
        whole = list(shown)
        for place, item, rule in self._pins:
            whole.insert(place, Shown(item, 0.0, PINNED, 0, parts=(Part(f"rule:{rule}", 0.0),)))
        return whole, next((at for at, one in enumerate(whole) if one.item in tail), len(whole))


def _parts(pool: Pool, row: int) -> tuple[Part, ...]:
    return tuple(
        Part(name, float(values[row]))
        for name, values in pool.parts.items()
        if values[row] or name == "strategy"
    )


def _strongest(pool: Pool, row: int, names: Sequence[str]) -> str:
    """Return the taste that adds most to the item at `row`, or nothing."""
    best = max(names, key=lambda name: float(pool.parts[name][row]))
    return best if pool.parts[best][row] > 0 else ""
