"""Which products may stand in one answer together: never these beside those, and few of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import Struct
from expedit.merchandising.model import Diversity
from expedit.merchandising.predicates import Bits, Indices, bit

Mark = Sequence[int]
"""What rules on company look at in one product: of each cap its value, of each pair which sides it fits."""

_UNCOUNTED = -1
EVERYTHING = -1
"""In place of the number of a condition: there is none."""


class Cap(Struct, frozen=True):
    """At most so many of each value of a product's attribute.

    Parameters
    ----------
    rule
        Which rule says so.
    few
        How many of what.
    place
        Number of the condition on what is counted, or `EVERYTHING`.
    """

    rule: str
    few: Diversity
    place: int = EVERYTHING

    def values(self, items: Indices, bits: Bits, snapshot: CatalogSnapshot) -> NDArray[np.int64]:
        """Return what it counts of each product, int64[k]; −1 of what it does not count."""
        attribute = self.few.attribute
        if attribute == "all":
            values = np.zeros(items.size, np.int64)
        else:
            values = getattr(snapshot, attribute)[items].astype(np.int64)
            if attribute != "group":
                values[values == 0] = _UNCOUNTED
        if self.place != EVERYTHING:
            values[~bit(bits, self.place)] = _UNCOUNTED
        return values


class Pair(Struct, frozen=True):
    """Two conditions, by their numbers, that never stand beside each other, by which rule."""

    rule: str
    one: int
    two: int


class Company:
    """The products of one answer so far: who would join them is asked first, and a later one gives way."""

    def __init__(
        self,
        caps: Sequence[Cap],
        pairs: Sequence[Pair],
        snapshot: CatalogSnapshot,
        bits_of: Callable[[Indices], Bits],
    ) -> None:
        self._caps = caps
        self._pairs = pairs
        self._snapshot = snapshot
        self._bits_of = bits_of
        self._counts: list[dict[int, int]] = [{} for _ in caps]
        self._sides = [0 for _ in pairs]

    def marks(self, items: Indices) -> list[Mark]:
        """Return the mark of each of `items`."""
        bits = self._bits_of(items)
        columns = [cap.values(items, bits, self._snapshot) for cap in self._caps]
        columns += [bit(bits, pair.one) + 2 * bit(bits, pair.two).astype(np.int64) for pair in self._pairs]
        marks: list[Mark] = np.stack(columns, axis=1).tolist()
        return marks

    def refusing(self, mark: Mark) -> str:
        """Return the rule that lets a product of that mark not join; empty when all let it."""
        for cap, value, counts in zip(self._caps, mark, self._counts, strict=False):
            if value != _UNCOUNTED and counts.get(value, 0) >= cap.few.most:
                return cap.rule
        for pair, side, there in zip(self._pairs, mark[len(self._caps) :], self._sides, strict=True):
            if (side & 1 and there & 2) or (side & 2 and there & 1):
                return pair.rule
        return ""

    def join(self, mark: Mark) -> None:
        """Note that a product of that mark is in the answer."""
        for value, counts in zip(mark, self._counts, strict=False):
            counts[value] = counts.get(value, 0) + 1
        sides = mark[len(self._caps) :]
        self._sides = [there | side for there, side in zip(self._sides, sides, strict=True)]
