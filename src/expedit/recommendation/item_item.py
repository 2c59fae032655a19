"""Items that are seen together, in the order in which people see them.

A session relates every two of its items that stand at most `window` clicks apart; the next click counts
most, what came before counts less. The diagonal is kept: a fifth to a third of all next clicks return to an
item just seen, and a model without its diagonal cannot foretell them.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from expedit.core import Progress, no_progress
from expedit.recommendation.arrays import MAX_SESSION, Doubles, Floats, Ints, Longs
from expedit.recommendation.compiled import pair_kernels
from expedit.recommendation.session_model import MAX_RESULTS, Neighbors, SessionIndex

CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Related:
    """For every item the items related to it, best first.

    Attributes
    ----------
    ptr, items, scores
        int64[n_items + 1], int32 and float32: row i is `items[ptr[i]:ptr[i + 1]]`; the best of a row scores
        at most 1.
    unit
        What a score of 1 stands for in the measure that the items were compared by.
    """

    ptr: Longs
    items: Ints
    scores: Floats
    unit: float = 1.0

    def of(self, item: int) -> tuple[Ints, Floats]:
        """Return the items related to one item, and their scores."""
        begin, end = self.ptr[item], self.ptr[item + 1]
        return self.items[begin:end], self.scores[begin:end]

    def of_many(self, rows: Ints, weights: Doubles) -> Neighbors:
        """Add up the rows of several items, each by its weight, and return the 500 best.

        The row that gave an answer most is its reason.
        """
        entries = int((self.ptr[rows + 1] - self.ptr[rows]).sum())
        scratch = _scratch_for(entries)
        arguments: tuple[Any, ...] = (self.ptr, self.items, self.scores, rows, weights, *scratch.arrays)
        return scratch.answer(pair_kernels().sum_rows(*arguments))


class SumScratch:
    """The working memory of one thread for sums of up to `entries` shares."""

    __slots__ = ("arrays", "entries")

    def __init__(self, entries: int) -> None:
        self.entries = entries
        table = np.zeros(1 << (2 * entries - 1).bit_length(), np.int32)
        kinds = (np.int32, np.float64, np.float64, np.int32, np.int32)
        best = (np.empty(MAX_RESULTS, kind) for kind in (np.int32, np.float32, np.int32))
        self.arrays: tuple[Any, ...] = (table, *(np.empty(entries, kind) for kind in kinds), *best)

    def answer(self, size: int) -> Neighbors:
        """Copy what a kernel wrote."""
        items, scores, because = self.arrays[-3:]
        return Neighbors(items[:size].copy(), scores[:size].copy(), because[:size].copy())


_kept = threading.local()


def _scratch_for(entries: int) -> SumScratch:
    scratch: SumScratch | None = getattr(_kept, "scratch", None)
    if scratch is None or scratch.entries < entries:
        scratch = _kept.scratch = SumScratch(max(entries, 2048))
    return scratch


def add_up(items: Ints, shares: Doubles, reasons: Ints) -> Neighbors:
    """Sum the shares of equal items; the best 500 first, the lower index first among equals.

    The largest share of an item gives its reason.
    """
    scratch = _scratch_for(items.size)
    arguments: tuple[Any, ...] = (items, shares, reasons, *scratch.arrays)
    return scratch.answer(pair_kernels().sum_shares(*arguments))


@dataclass(frozen=True, slots=True)
class RelateParams:
    """How pairs are counted and weighed.

    Parameters
    ----------
    forward, backward
        Weights of an item 1, 2, … places after and before; place 0 is unused.
    own, other
        Exponents of the counts of the item and of its companion that divide a pair: (.5, .5) is the cosine,
        (1, 1) is lift, (0, 0) is the plain count.
    shrink
        A pair seen n times keeps n / (n + shrink) of its score.
    floor
        Fewest sessions a pair needs.
    across
        Only relate items of different categories.
    itself
        Keep the diagonal.
    top
        Items kept for each.
    newest
        Sessions read for each item, the newest.
    prior
        Above 0: score by lift, sessions with both / (sessions expected by chance + prior), and leave out
        what is seen together no oftener than by chance; `own`, `other` and `shrink` then have no say.
    """

    forward: tuple[float, ...]
    backward: tuple[float, ...]
    own: float = 0.5
    other: float = 0.5
    shrink: float = 0.0
    floor: int = 1
    across: bool = False
    itself: bool = False
    top: int = 50
    newest: int = 5000
    prior: float = 0.0


def co_view_params(window: int = 10, scale: float = 3.0, back: float = 0.6) -> RelateParams:
    """Return weights exp(-(d - 1) / scale) for d clicks ahead, `back` of that for d clicks before."""
    ahead = tuple(float(np.exp(-(d - 1) / scale)) for d in range(1, window + 1))
    return RelateParams((0.0, *ahead), (0.0, *(back * weight for weight in ahead)), shrink=1.0, itself=True)


def relate(
    index: SessionIndex,
    params: RelateParams,
    *,
    family: Ints | None = None,
    kind: Ints | None = None,
    progress: Progress = no_progress,
    label: str = "relate items",
) -> Related:
    """Relate all items of an index of sessions or baskets.

    Parameters
    ----------
    family, kind
        int32[n_items]: item group and category of each item, -1 when unknown (see `relate_items`).
    """
    n = index.n_items
    unknown = np.full(n, -1, np.int32)
    p = params
    given: tuple[Any, ...] = (
        index.item_ptr, index.postings, index.session_ptr, index.session_items,
        unknown if family is None else family, unknown if kind is None else kind,
        np.array(p.forward[: MAX_SESSION + 1], np.float64),
        np.array(p.backward[: MAX_SESSION + 1], np.float64),
        np.array(
            [p.newest, p.own, p.other, p.shrink, p.floor, p.across, p.itself, p.prior, index.n_sessions],
            np.float64,
        ),
        np.zeros(n, np.float64), *(np.zeros(n, np.int32) for _ in range(3)), np.zeros(p.top, np.int32),
    )  # fmt: skip

    def fill(first: int, last: int, items: Ints, scores: Floats, sizes: Ints) -> None:
        arguments: tuple[Any, ...] = (first, last, *given, items, scores, sizes)
        pair_kernels().relate_items(*arguments)

    return in_chunks(n, p.top, fill, progress, label)


def in_chunks(
    n: int,
    top: int,
    fill: Callable[[int, int, Ints, Floats, Ints], None],
    progress: Progress,
    label: str,
) -> Related:
    """Have `fill` write rows chunk by chunk, keep what is filled of each, and scale the best score to 1."""
    sizes = np.zeros(n, np.int32)
    parts_items, parts_scores = [np.empty(0, np.int32)], [np.empty(0, np.float32)]
    items = np.empty((CHUNK, top), np.int32)
    scores = np.empty((CHUNK, top), np.float32)
    for first in range(0, n, CHUNK):
        last = min(first + CHUNK, n)
        fill(first, last, items, scores, sizes[first:last])
        filled = np.arange(top) < sizes[first:last, None]
        parts_items.append(items[: last - first][filled])
        parts_scores.append(scores[: last - first][filled])
        progress(label, last, n)
    ptr = np.zeros(n + 1, np.int64)
    np.cumsum(sizes, out=ptr[1:])
    values = np.concatenate(parts_scores)
    best = float(values.max(initial=0.0)) or 1.0
    return Related(ptr, np.concatenate(parts_items), values / np.float32(best), best)
