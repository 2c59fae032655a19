"""What rules pin and put in: found once for an hour, and asked for each answer what of it may be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expedit.merchandising.model import Include

Bools = NDArray[np.bool_]
Indices = NDArray[np.int32]

_AT_A_TIME = 256
_MOST_LOOKED_AT = 16_384
"""Products that a rule looks at to put some in, the newest of those that no page keeps out: a millisecond."""


class Chosen:
    """What fits a condition and may be shown here, the newest first: found once, as far as is asked."""

    def __init__(self, items: Indices, passing: Callable[[Indices], Bools]) -> None:
        self._items = items
        self._passing = passing
        self._seen: tuple[int, Indices] = (0, items[:0])  # replaced whole, for other threads look at it too

    def first(self, count: int) -> Indices:
        """Return the first `count`, or all when there are fewer."""
        begin, found = self._seen
        while found.size < count and begin < self._items.size:
            part = self._part(begin, count)
            begin, found = begin + part.size, np.concatenate([found, part[self._passing(part)]])
            self._seen = begin, found
        return found[:count]

    def ahead(self, count: int) -> Indices:
        """Return what is asked next for the first `count`."""
        begin, found = self._seen
        return self._items[:0] if found.size >= count else self._part(begin, count)

    def _part(self, begin: int, count: int) -> Indices:
        return self._items[begin : begin + max(_AT_A_TIME, count)]


class Offered(NamedTuple):
    """What rules pin and put in, of what can be sold and none of them cuts.

    Attributes
    ----------
    named
        The products that they pin and the catalog has, by name.
    chosen
        What each of them puts in.
    heads
        The first of each: nearly always enough.
    together
        All pinned products, and behind them all heads.
    """

    named: dict[str, int]
    chosen: list[Chosen]
    heads: list[Indices]
    together: Indices


class Offering:
    """What rules pin and put in, of what may be shown in one answer: asked once, of all together.

    Parameters
    ----------
    passing
        Tells which products may be shown.
    groups
        Group of each product of the catalog where only one of a group is shown, so that a rule does not spend
        its number on the colors of one; else None.

    Attributes
    ----------
    pinned
        The products that rules pin, by name.
    """

    def __init__(
        self,
        offered: Offered,
        actions: Sequence[Include],
        passing: Callable[[Indices], Bools],
        groups: Indices | None = None,
    ) -> None:
        self._offered = offered
        self._actions = actions
        self._passing = passing
        self._groups = groups
        named, together = offered.named, offered.together
        self._passed = passing(together) if together.size else np.zeros(0, np.bool_)
        fine = self._passed[: len(named)].tolist()
        self.pinned = {name: item for (name, item), may in zip(named.items(), fine, strict=True) if may}

    def included(self) -> list[tuple[Indices, float]]:
        """Return what each rule puts among the candidates of the first step, with its level."""
        found, begin = [], len(self._offered.named)
        for one, items, action in zip(self._offered.chosen, self._offered.heads, self._actions, strict=True):
            left = self._distinct(items[self._passed[begin : begin + items.size]])
            begin += items.size
            if left.size < action.most and items.size == 2 * action.most:
                left = self._first(one, action.most)
            found.append((left[: action.most], action.level))
        return found

    def _first(self, chosen: Chosen, most: int) -> Indices:
        """Return the first that pass, looking no further than need be, nor than `_MOST_LOOKED_AT`."""
        count = 4 * most
        while True:
            items = chosen.first(count)
            found = self._distinct(items[self._passing(items)]) if items.size else items
            if found.size >= most or items.size < count or count >= _MOST_LOOKED_AT:
                return found[:most]
            count = min(4 * count, _MOST_LOOKED_AT)

    def _distinct(self, items: Indices) -> Indices:
        """Return the first of each group."""
        if self._groups is None:
            return items
        rows: dict[int, int] = {}
        for row, group in enumerate(self._groups[items].tolist()):
            rows.setdefault(group, row)
        return items if len(rows) == items.size else items[list(rows.values())]
