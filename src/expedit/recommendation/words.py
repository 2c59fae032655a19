"""The words of a model's products, kept with it so that a product that comes later can be compared.

Words stand by a hash of 64 bits, sorted, so the index is plain arrays that processes map and share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.recommendation.arrays import Doubles, Floats, Ints, Longs
from expedit.recommendation.content import (
    WORD_BUDGET,
    WeighedWords,
    heaviest_first,
    weight_of,
    words_of,
)

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class WordIndex:
    """In which products each word stands.

    Attributes
    ----------
    keys, rarity
        uint64[words], rising, and float32[words], the idf of each.
    ptr, items, weights
        int64[words + 1], int32 and float32: model items of each word and what it weighs there, the
        heaviest first.
    """

    keys: Keys
    rarity: Floats
    ptr: Longs
    items: Ints
    weights: Floats

    def weigh(self, title: str, description: str) -> tuple[Longs, Doubles]:
        """Return the words of a product by their rows, the heaviest first, and float64 what each weighs.

        Words that no two products of the model share are left out; the others have together length 1.
        """
        counts = words_of(title, description)
        keys = np.array([key_of(word) for word in counts], np.uint64)
        rows = np.searchsorted(self.keys, keys)
        known = rows < self.keys.size
        known[known] = self.keys[rows[known]] == keys[known]
        rows = rows[known]
        weights = weight_of(np.array(list(counts.values()), np.float64)[known]) * self.rarity[rows]
        length = float(np.sqrt((weights * weights).sum()))
        order = np.lexsort((rows, -weights))
        return rows[order], weights[order] / (length or 1.0)

    def alike(self, rows: Longs, weights: Doubles) -> tuple[Ints, Doubles]:
        """Return model items that share these words, and the cosine of each, the heaviest words read
        first."""
        found: list[Ints] = []
        shares: list[Doubles] = []
        budget = WORD_BUDGET
        for row, weight in zip(rows.tolist(), weights.tolist(), strict=True):
            begin, end = int(self.ptr[row]), int(self.ptr[row + 1])
            end = min(end, begin + budget)
            found.append(self.items[begin:end])
            shares.append(weight * self.weights[begin:end].astype(np.float64))
            budget -= end - begin
            if budget <= 0:
                break
        if not found:
            return np.empty(0, np.int32), np.empty(0)
        items, places = np.unique(np.concatenate(found), return_inverse=True)
        sums: Doubles = np.bincount(places, np.concatenate(shares), items.size).astype(np.float64)
        return items, sums


def key_of(word: str) -> int:
    """Return the hash that a word stands by."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest())


def pack_words(weighed: WeighedWords) -> dict[str, NDArray[Any]]:
    """Return an index of words as arrays."""
    columns = weighed.matrix.tocsc()
    useful = np.flatnonzero(np.diff(columns.indptr))
    keys = np.array([key_of(weighed.words[word]) for word in useful.tolist()], np.uint64)
    order = useful[np.argsort(keys)]
    ptr, items, weights = heaviest_first(columns[:, order])
    return {
        "word_keys": np.sort(keys),
        "word_rarity": weighed.rarity[order].astype(np.float32),
        "word_ptr": ptr,
        "word_items": items,
        "word_weights": weights,
    }


def open_words(arrays: Mapping[str, NDArray[Any]]) -> WordIndex | None:
    """Return the index of a version; None for one that was built before there was any."""
    if "word_keys" not in arrays:
        return None
    return WordIndex(*(arrays[f"word_{part}"] for part in ("keys", "rarity", "ptr", "items", "weights")))
