"""The rules that hold in one listing: what is taken away, what joins it, what is moved and pinned."""

from __future__ import annotations

import numpy as np

from expedit.catalog import CatalogSnapshot
from expedit.core import Struct
from expedit.decisions.model import Bools, Floats, Indices
from expedit.decisions.ruling import LaidRules
from expedit.merchandising import Ruled

MOST_PINNED = 100


class Pinned(Struct, frozen=True):
    """A product that a rule puts at a place of the listing, from 0."""

    place: int
    item: int
    rule: str


class Joined(Struct, frozen=True):
    """What a listing chooses from once rules have been asked.

    Parameters
    ----------
    items
        Catalog indices, int32[k].
    levels
        Of what rules put in: where it starts, as a share of the best score.
    removed
        What rules took away, by rule; only for those who ask why.
    """

    items: Indices
    levels: dict[int, float] = {}
    removed: dict[int, str] = {}


class ListingRules:
    """Rules as a listing lays them.

    Those that take away and put in hold whatever the order; those that move hold where the shop ranks, and
    not where the shopper asked for the lowest price first.
    """

    def __init__(self, laid: LaidRules, snapshot: CatalogSnapshot) -> None:
        self._laid = laid
        self._snapshot = snapshot

    def join(self, items: Indices, named: bool, explain: bool) -> Joined:
        """Return what is left of `items`, with what rules pin or put in.

        Parameters
        ----------
        named
            Whether the request named the products: then no other joins them.
        """
        laid, snapshot = self._laid, self._snapshot
        allowed = laid.allowed(items)
        removed: dict[int, str] = {}
        if explain:
            trace = laid.plan.trace(items, snapshot, laid.fitting, laid.moment)
            removed = {int(items[row]): rule for row, rule in trace.removed.items()}
        there = set(items.tolist())
        pinned: list[int] = []
        levels: dict[int, float] = {}
        if not named:
            offering = laid.offering(snapshot.active.__getitem__)
            pinned = [item for _, item, _ in offering.pinned(MOST_PINNED).placed]
            levels = offering.levels()
        more = [item for item in (*levels, *pinned) if item not in there]
        left = items[allowed]
        if more:
            left = np.concatenate([left, np.array(list(dict.fromkeys(more)), np.int32)])
        lifted = {item: level for item, level in levels.items() if item not in there}
        return Joined(left, lifted, removed)

    def arranged(self, items: Indices, scores: Floats) -> Ruled:
        """Return how rules move products, best first; nothing is lost."""
        laid = self._laid
        return laid.plan.apply(items, scores, self._snapshot, laid.fitting, laid.moment, spread=True)

    def added(self, items: Indices) -> dict[str, Floats]:
        """Return what each rule adds to each product, for those who ask why."""
        laid = self._laid
        trace = laid.plan.trace(items, self._snapshot, laid.fitting, laid.moment)
        return {rule: values for rule, values in trace.added.items() if values.any()}

    def pins(self, there: Bools) -> tuple[Pinned, ...]:
        """Return what stands where, of the products that are `there`, bool[n] over the catalog."""
        return tuple(
            Pinned(*one) for one in self._laid.offering(there.__getitem__).pinned(MOST_PINNED).placed
        )
