"""Products that look alike: nearest neighbors of their vectors by cosine.

Vectors are sorted into groups of about `GROUP` around products picked at random; each group is compared
with the `NEAR` groups whose middles are nearest, as one product of matrices (an inverted file, Jégou, Douze
and Schmid 2011). Up to `GROUP` × `NEAR` products that compares every one with every other. Vectors of
different models lie in different spaces, and only those of one space are compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from expedit.core import Progress, no_progress
from expedit.recommendation.arrays import Floats, Ints, Longs
from expedit.recommendation.item_item import Related

TOP = 30
GROUP = 500
NEAR = 20
LEAST_ALIKE = 0.2
"""Cosine below which nothing is called alike."""

_SEED = 1
_ROUNDS = 3


class Space(NamedTuple):
    """Vectors that can be compared.

    Attributes
    ----------
    vectors, items
        float32[k, dimensions] of length 1 each, in half precision once kept; int32[k], the product that each
        is of.
    given
        Whether the shop gives them.
    """

    vectors: NDArray[np.floating]
    items: Ints
    given: bool = True


def pack_spaces(spaces: Sequence[Space]) -> dict[str, NDArray[Any]]:
    """Return spaces as arrays."""
    found: dict[str, NDArray[Any]] = {"spaces_given": np.array([one.given for one in spaces], np.bool_)}
    for number, one in enumerate(spaces):
        found[f"space{number}_vectors"] = np.ascontiguousarray(one.vectors, np.float16)
        found[f"space{number}_items"] = one.items
    return found


def open_spaces(arrays: Mapping[str, NDArray[Any]]) -> tuple[Space, ...]:
    """Return the spaces of a version; none for one that was built before they were kept."""
    return tuple(
        Space(arrays[f"space{number}_vectors"], arrays[f"space{number}_items"], bool(given))
        for number, given in enumerate(arrays.get("spaces_given", ()))
    )


def look_alikes(
    spaces: Sequence[Space],
    group: Ints,
    n_items: int,
    *,
    top: int = TOP,
    progress: Progress = no_progress,
) -> Related:
    """Relate every product that has a vector to the `top` of its space that look most alike.

    Parameters
    ----------
    spaces
        No product is in two of them.
    group
        int32[n_items]: products of one group are one style, and not each other's neighbors.
    """
    found: dict[int, tuple[Ints, Floats]] = {}
    for space in spaces:
        vectors, items = space.vectors.astype(np.float32), space.items
        middles, members = _gathered(vectors)
        nearness = middles @ middles.T
        for number, mine in enumerate(members):
            near = np.argsort(-nearness[number], kind="stable")[:NEAR]
            others = np.sort(np.concatenate([members[one] for one in near]))
            _compare(vectors, items, group, mine, others, top, found)
            progress("look alikes", number + 1, len(members))
    sizes = np.zeros(n_items + 1, np.int64)
    for item, (near_items, _) in found.items():
        sizes[item + 1] = near_items.size
    ptr: Longs = np.cumsum(sizes).astype(np.int64)
    order = sorted(found)
    none: tuple[Ints, Floats] = (np.empty(0, np.int32), np.empty(0, np.float32))
    rows = [*(found[item] for item in order), none]
    return Related(
        ptr, np.concatenate([row[0] for row in rows]), np.concatenate([row[1] for row in rows])
    )  # fmt: skip


def _gathered(vectors: Floats) -> tuple[Floats, list[NDArray[np.int64]]]:
    """Sort vectors into groups; return the middle of each, and the rows that are in it."""
    count = -(-vectors.shape[0] // GROUP)
    picked = np.random.default_rng(_SEED).choice(vectors.shape[0], count, replace=False)
    middles: Floats = vectors[np.sort(picked)]
    nearest = np.zeros(vectors.shape[0], np.int64)
    for _ in range(_ROUNDS if count > 1 else 0):
        nearest = np.concatenate(
            [np.argmax(part @ middles.T, axis=1) for part in np.array_split(vectors, count)]
        )
        sums = np.zeros_like(middles)
        np.add.at(sums, nearest, vectors)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        middles = np.divide(sums, lengths, out=middles.copy(), where=lengths > 0)
    return middles, [np.flatnonzero(nearest == one) for one in range(count)]


def _compare(
    vectors: Floats,
    items: Ints,
    group: Ints,
    mine: NDArray[np.int64],
    others: NDArray[np.int64],
    top: int,
    found: dict[int, tuple[Ints, Floats]],
) -> None:
    """Put the nearest of `others` to each of `mine` into `found`."""
    for part in np.array_split(mine, max(-(-mine.size // GROUP), 1)):
        alike = vectors[part] @ vectors[others].T
        alike[group[items[part]][:, None] == group[items[others]][None, :]] = -1.0
        for row, scores in zip(part.tolist(), alike, strict=True):
            best = np.argpartition(-scores, min(top, scores.size - 1))[:top]
            best = best[scores[best] >= LEAST_ALIKE]
            best = best[np.lexsort((items[others[best]], -scores[best]))]
            found[int(items[row])] = (
                items[others[best]].astype(np.int32),
                np.minimum(scores[best], 1.0).astype(np.float32),
            )
