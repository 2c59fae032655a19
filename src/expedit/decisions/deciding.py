"""The decision itself: a pure function from a situation to an explained answer.

Order of work, the same for every placement:

1. the ladder's steps in order, each asked only while the answer is not full; for people whose
   personalization is off, steps that need a profile are swapped for their non-personal counterparts;
2. **filters** on the whole candidate list (`Eligibility`);
3. **tastes**: a bounded bonus on steps that know nobody (`bonuses`);
4. **rules** (`Rules`): exclude, brand conflict, only…, bury, boost, diversity; what they pin has its place
   beforehand;
5. **the cut**: best first, one per item group, within the step's share;
6. the last step is the fallback; whatever a share kept back fills what is still free; then the answer is
   honestly short;
7. **exploration** of the tail, with exact propensities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    Removed,
    Shown,
    Situation,
    StrategySource,
)
from expedit.decisions.placements import Placement, Step
from expedit.decisions.tastes import RERANKED, SizesOf, bonuses

NO_EVIDENCE = "new"
"""What candidates that nothing speaks for are called: they stand in the catalog's order, the newest first."""

_MOST_CANDIDATES = 400


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

    def put_in(self, found: CandidateList) -> CandidateList:
        """Return the candidates of the first step with what rules put among them."""
        ...

    def over(self, pool: Pool, shown: Sequence[int], explain: bool) -> tuple[Pool, Mapping[int, str]]:
        """Return a pool as rules leave it, best first, and, to explain, which rule removed an item.

        Parameters
        ----------
        shown
            What the answer holds already, by catalog index.
        """
        ...

    def pinned(self, passing: Callable[[Indices], Bools], limit: int) -> Sequence[tuple[int, int, str]]:
        """Return what stands where whatever the ladder gives: position from 0, catalog index, rule."""
        ...


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
        if place == 0 and request.rules is not None:
            found = request.rules.put_in(found)
        if found.items.size:
            fallback = place > 0 and place == len(steps) - 1 and bool(placement.fallback)
            # Without any evidence a strategy can only give the catalog's order, the newest first.
            label = step.strategy if found.scores[0] > 0 else NO_EVIDENCE
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
    own = _normal(scores)
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
        pool, removed = rules.over(pool, cut.shown, cut.request.explain)
        cut.removed_by_rules(step, removed)
    return pool


def _normal(scores: Floats) -> Floats:
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
        passing = self.eligibility.passing
        self._pins = () if request.rules is None else request.rules.pinned(passing, request.limit)
        self._limit = request.limit - len(self._pins)
        self._spare = spare_of(self._limit)
        self._shown: list[Shown] = []
        self._kept_back: list[Shown] = []
        self._seen: set[int] = set()
        self._groups: set[int] = set()
        if situation.taken and self.eligibility.one_per_group:
            self._groups.update(catalog.group[list(situation.taken)].tolist())
        pinned = [item for _, item, _ in self._pins]
        self._seen.update(pinned)
        if pinned and self.eligibility.one_per_group:
            self._groups.update(catalog.group[pinned].tolist())
        self._removed: list[Removed] = []

    @property
    def full(self) -> bool:
        return len(self._shown) >= self._limit

    @property
    def shown(self) -> list[int]:
        return [item for _, item, _ in self._pins] + [one.item for one in self._shown]

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
        group_of = self.catalog.group.item if self.eligibility.one_per_group else None
        seen, groups, explain = self._seen, self._groups, self.request.explain
        for row, item in enumerate(pool.items.tolist()):
            if item in seen:
                continue
            if taken >= room and not explain and len(self._kept_back) >= spare:
                break
            seen.add(item)
            if group_of is not None:
                group = group_of(item)
                if group in groups:
                    if explain:
                        self._removed.append(Removed(item, "same_group", step.strategy, place))
                    continue
                groups.add(group)
            shown = Shown(
                item, scores[row], label, place, fallback, because[row], 1.0,
                _parts(pool, row) if explain else (),
                _strongest(pool, row, tasteful) if tasteful else "", notes.get(item) or scope,
            )  # fmt: skip
            if taken < room:
                self._shown.append(shown)
                taken += 1
            else:
                self._kept_back.append(shown)

    def top_up(self) -> None:
        """Fill what is still free with what shares kept back, in the ladder's order."""
        free = self._limit - len(self._shown)
        if free > 0:
            self._shown += self._kept_back[:free]
            del self._kept_back[:free]

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
        if tail and share > 0:
            pool = [*shown[head:], *self._kept_back[:tail]]
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
        left = [item for item in (*self._shown, *self._kept_back) if item.item not in names]
        return Outcome(
            tuple(shown), explored, head, self.considered, counts, tuple(self._removed), tuple(left)
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
