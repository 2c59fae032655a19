"""Which products may stand in one answer together: never these beside those, and few of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import Struct
from expedit.merchandising.model import Diversity
from expedit.merchandising.predicates import Bits, Indices, bit

Mark = Sequence[int]
"""What rules on company look at in one product: of each cap its value, of each pair which sides it fits."""

_UNCOUNTED = -1
_AT_A_TIME = 32
_LIMITLESS = 1 << 53
"""More than any answer has: what is not counted never comes to its most."""
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


def marks(
    caps: Sequence[Cap], pairs: Sequence[Pair], items: Indices, bits: Bits, snapshot: CatalogSnapshot
) -> NDArray[np.int32]:
    """Return the marks of products, int32[k, rules]."""
    found = np.empty((items.size, len(caps) + len(pairs)), np.int32)
    for at, cap in enumerate(caps):
        found[:, at] = cap.values(items, bits, snapshot)
    for at, pair in enumerate(pairs, len(caps)):
        found[:, at] = bit(bits, pair.one) + 2 * bit(bits, pair.two).astype(np.int32)
    return found


class Company:
    """The products of one answer so far: who would join them is asked first, and a later one gives way.

    Parameters
    ----------
    marks
        Gives the mark of each of some products.
    """

    def __init__(
        self, caps: Sequence[Cap], pairs: Sequence[Pair], marks: Callable[[Indices], list[Mark]]
    ) -> None:
        self._caps = caps
        self._pairs = pairs
        self.marks = marks
        # What is not counted never comes to its most.
        self._limits = [(at, {_UNCOUNTED: -_LIMITLESS}, cap.few.most) for at, cap in enumerate(caps)]
        self._sides = [0] * len(pairs)
        self._met = False

    def marked(self, items: Indices) -> Iterator[Mark]:
        """Give the mark of each of `items`, some at a time: an answer is full after a few."""
        for begin in range(0, items.size, _AT_A_TIME):
            yield from self.marks(items[begin : begin + _AT_A_TIME])

    def refusing(self, mark: Mark) -> str:
        """Return the rule that lets a product of that mark not join; empty when all let it."""
        for at, counts, most in self._limits:
            if counts.get(mark[at], 0) >= most:
                return self._caps[at].rule
        if self._met:
            begin = len(self._caps)
            for at, pair in enumerate(self._pairs):
                there, side = self._sides[at], mark[begin + at]
                if (there & 2 and side & 1) or (there & 1 and side & 2):
                    return pair.rule
        return ""

    def join(self, mark: Mark) -> None:
        """Note that a product of that mark is in the answer."""
        for at, counts, _ in self._limits:
            counts[mark[at]] = counts.get(mark[at], 0) + 1
        for at, side in enumerate(mark[len(self._caps) :]):
            if side:
                self._sides[at] |= side
                self._met = True
