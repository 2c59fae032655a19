"""Bestsellers of a part of the customers: of a place, of a season, of people of an age.

A *scope* is named as ``country:SE``, ``region:SE-AB``, ``postal:SE-114``, ``class:town``, ``store:Umeå``,
``gender:women``, ``age:25-34``, ``people:women 25-34`` or ``season``. Purchases of a scope fade as those of
`popular` do. A scope is only kept when enough different people bought in it, so that a list never tells of
one of them, and so that it is worth more than the bestsellers of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from expedit.recommendation.arrays import Doubles, Floats, Ints, Longs
from expedit.recommendation.popularity import HALF_LIFE

PLACES = ("store", "postal", "class", "region", "country")
"""Kinds of scopes that are places, the narrowest first."""

PEOPLE = ("people", "age", "gender")
"""Kinds of scopes that are groups of people, the narrowest first."""

SEASON = "season"

FEWEST_BUYERS = 20
"""Different people who must have bought in a scope."""

FEWEST_BUYERS_OF_ONE = 3
"""Different people of the scope who must have bought an item of its list."""

FEWEST_PIECES = 30

SMOOTHING = 20.0
"""Purchases by which the shares of all customers are added to those of a scope."""

MOST_ITEMS = 200
"""Items kept of each scope, the best."""


@dataclass(frozen=True, slots=True)
class Scoped:
    """The bestsellers of every scope.

    Attributes
    ----------
    ptr, items, scores
        int64[scopes + 1], int32 and float32: row s is `items[ptr[s]:ptr[s + 1]]`, best first, the best
        scoring 1.
    rows
        Row of each scope by its name.
    """

    ptr: Longs = field(default_factory=lambda: np.zeros(1, np.int64))
    items: Ints = field(default_factory=lambda: np.empty(0, np.int32))
    scores: Floats = field(default_factory=lambda: np.empty(0, np.float32))
    rows: Mapping[str, int] = field(default_factory=dict)

    def of(self, scope: str) -> tuple[Ints, Floats] | None:
        """Return the items of a scope and their scores; None where too little is known of it."""
        row = self.rows.get(scope)
        if row is None:
            return None
        begin, end = self.ptr[row], self.ptr[row + 1]
        return self.items[begin:end], self.scores[begin:end]


@dataclass(frozen=True, slots=True)
class Purchases:
    """Lines of orders, one entry each.

    Attributes
    ----------
    items, at, buyer, quantity
        int32 item; int64 moment; int32 number of the buyer, -1 for nobody; pieces kept.
    basket
        int64 number of the order.
    """

    items: Ints
    at: Longs
    buyer: Ints
    quantity: NDArray[np.integer]
    basket: Longs

    def people(self) -> Longs:
        """Return who bought, each order without a customer being somebody of its own."""
        return np.where(self.buyer >= 0, self.buyer.astype(np.int64), -1 - self.basket)


def scoped_bestsellers(
    names: Sequence[str], codes: Sequence[Ints], bought: Purchases, n_items: int, now: int
) -> tuple[list[str], list[tuple[Ints, Floats]]]:
    """Return the scopes of which enough is known, and the bestsellers of each.

    Parameters
    ----------
    names
        Name of each scope by its code.
    codes
        For each kind of scope, int32[lines of `bought`]: the scope that each line is in, -1 for none.

    Notes
    -----
    An item scores what was bought of it in the scope, plus `SMOOTHING` times its share of all that was
    bought: so few purchases do not turn the order of bestsellers over, and many do.
    """
    if bought.items.size == 0:
        return [], []
    weight = bought.quantity * np.exp2(-np.maximum(now - bought.at, 0) / HALF_LIFE)
    everywhere = np.bincount(bought.items, weights=weight, minlength=n_items)
    share = everywhere / max(float(everywhere.sum()), 1e-300)
    people = bought.people()
    kept: list[str] = []
    rows: list[tuple[Ints, Floats]] = []
    for code in codes:
        inside = np.flatnonzero(code >= 0)
        if inside.size == 0:
            continue
        order = inside[np.argsort(code[inside], kind="stable")]
        own = code[order]
        starts = np.flatnonzero(np.r_[True, own[1:] != own[:-1]]).tolist()
        for begin, end in zip(starts, [*starts[1:], own.size], strict=True):
            lines = order[begin:end]
            if np.unique(people[lines]).size < FEWEST_BUYERS or bought.quantity[lines].sum() < FEWEST_PIECES:
                continue
            items, places = np.unique(bought.items[lines], return_inverse=True)
            found = np.bincount(places, weights=weight[lines])
            pairs = np.unique(np.stack([places, people[lines]]), axis=1)[0]
            shared = np.bincount(pairs, minlength=items.size) >= FEWEST_BUYERS_OF_ONE
            items, found = items[shared].astype(np.int32), found[shared]
            kept.append(names[int(own[begin])])
            rows.append(best_of_scope(items, found + SMOOTHING * share[items]))
    return kept, rows


def best_of_scope(items: Ints, scores: Doubles) -> tuple[Ints, Floats]:
    """Return the best items of a scope, best first, their scores as shares of the best."""
    order = np.lexsort((items, -scores))[:MOST_ITEMS]
    best = float(scores[order[0]]) if order.size else 1.0
    return items[order], (scores[order] / (best or 1.0)).astype(np.float32)


def as_arrays(rows: Sequence[tuple[Ints, Floats]]) -> dict[str, NDArray[np.generic]]:
    """Return rows as flat arrays: offsets, items and scores."""
    ptr = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([items.size for items, _ in rows], out=ptr[1:])
    none: tuple[Ints, Floats] = (np.empty(0, np.int32), np.empty(0, np.float32))
    return {
        "scope_ptr": ptr,
        "scope_items": np.concatenate([items for items, _ in (*rows, none)]),
        "scope_scores": np.concatenate([scores for _, scores in (*rows, none)]),
    }


def place_scopes(country: str, region: str, postal: str, store: str, kind: str) -> tuple[str, ...]:
    """Return the scopes of a place, the narrowest first; what is empty has none."""
    found = (
        f"store:{store}" if store else "",
        f"postal:{country}-{postal}" if country and postal else "",
        f"class:{kind}" if kind else "",
        f"region:{country}-{region}" if country and region else "",
        f"country:{country}" if country else "",
    )
    return tuple(scope for scope in found if scope)


def kind_of(scope: str) -> str:
    """Return the kind of a scope."""
    return scope.partition(":")[0]
