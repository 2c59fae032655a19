"""What products that came after the model was built are like, and are to the others.

A newcomer is compared by the measure of the build (see `content` and `looks`), with the model's products and
with the other newcomers; that goes both ways, so it also stands among what is like an older product. All of
it is reckoned in the background (see `arriving`); a decision only looks its product up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expedit.recommendation.arrays import Doubles, Floats, Ints, Longs
from expedit.recommendation.catalog_side import Binding, CatalogView, near_in_price
from expedit.recommendation.content import SHELF_REACH, TOP, WEIGHTS
from expedit.recommendation.looks import LEAST_ALIKE, Space
from expedit.recommendation.looks import TOP as TOP_LOOKS
from expedit.recommendation.words import WordIndex

REACH = 200
"""Products to which a newcomer is told to be alike, the nearest."""

_CHUNK = 20_000

Row = tuple[Ints, Floats]
"""Products by catalog index, best first, and how alike each is."""

Rows = Mapping[int, Row]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What is alike of which, by catalog index.

    Attributes
    ----------
    similar, looks
        Of a newcomer what is like it; of an older product the newcomers that are.
    compared
        Newcomers whose words were compared.
    """

    similar: Rows = field(default_factory=dict)
    looks: Rows = field(default_factory=dict)
    compared: frozenset[int] = frozenset()

    def others(self, newer: Ints) -> Ints:
        """Return the newcomers whose words were not compared yet, or are too many to be."""
        if not newer.size or len(self.compared) == newer.size:
            return newer[:0]
        return np.array([item for item in newer.tolist() if item not in self.compared], np.int32)


class ArrivalsShelf:
    """Where the newest `Arrivals` of a model lie: replaced as a whole, read without a lock."""

    def __init__(self) -> None:
        self.current = Arrivals()
        self._others: tuple[Arrivals, Binding, Ints] | None = None

    def others(self, binding: Binding) -> Ints:
        """Return the newcomers of whom only attributes can be compared, reckoned once for each state."""
        kept, current = self._others, self.current
        if kept is None or kept[0] is not current or kept[1] is not binding:
            kept = self._others = (current, binding, current.others(binding.newer))
        return kept[2]


class Newcomer(NamedTuple):
    """A product that came after the model: its catalog index and its texts."""

    item: int
    title: str
    description: str


class Comparing:
    """Compares newcomers one by one, and remembers who is alike.

    Parameters
    ----------
    words, unit
        The words of the model's products, and what a score of 1 stands for among its similar products.
    """

    def __init__(self, words: WordIndex, unit: float, binding: Binding) -> None:
        self.binding = binding
        self._words = words
        self._unit = unit
        self._own: dict[int, Row] = {}
        self._told: dict[int, list[tuple[int, float]]] = {}
        self._stands: dict[int, list[tuple[int, float]]] = {}
        """Newcomers by row of a word, with what it weighs there."""
        self._rows: dict[int, Row] = {}
        self._touched: set[int] = set()

    def take(self, catalog: CatalogView, one: Newcomer, price: Longs) -> None:
        """Compare a newcomer with the model's products and with the newcomers before it."""
        rows, weights = self._words.weigh(one.title, one.description)
        items, cosines = self._sharing(rows, weights)
        shelf = _on_the_shelf(catalog, one.item, price)
        both = np.union1d(items, shelf).astype(np.int32)
        words = np.zeros(both.size)
        words[np.searchsorted(both, items)] = cosines
        scores = WEIGHTS[0] * words + _attributes(catalog, one.item, both, price)
        fit = (catalog.group[both] != catalog.group[one.item]) & (both != one.item)
        found = _best(both[fit], scores[fit] / self._unit, REACH)
        self._own[one.item] = found
        self._touched |= {one.item, *found[0].tolist()}
        for item, score in zip(found[0].tolist(), found[1].tolist(), strict=True):
            self._told.setdefault(item, []).append((one.item, score))
        for row, weight in zip(rows.tolist(), weights.tolist(), strict=True):
            self._stands.setdefault(row, []).append((one.item, weight))

    def rows(self) -> dict[int, Row]:
        """Return what is alike of which, so far."""
        self._rows |= {item: _joined(item, self._own, self._told, TOP) for item in self._touched}
        self._touched = set()
        return dict(self._rows)

    @property
    def compared(self) -> frozenset[int]:
        """Who was compared."""
        return frozenset(self._own)

    def _sharing(self, rows: Longs, weights: Doubles) -> tuple[Ints, Doubles]:
        """Return the products that share words, and the cosine of each."""
        items, cosines = self._words.alike(rows, weights)
        places = self.binding.to_catalog[items]
        known = places >= 0
        sums: dict[int, float] = {}
        for row, weight in zip(rows.tolist(), weights.tolist(), strict=True):
            for other, share in self._stands.get(row, ()):
                sums[other] = sums.get(other, 0.0) + weight * share
        found = np.concatenate([places[known], np.array(list(sums), np.int32)]).astype(np.int32)
        shares = np.concatenate([cosines[known], np.array(list(sums.values()), np.float64)])
        order = np.argsort(found)
        return found[order], shares[order]


def _on_the_shelf(catalog: CatalogView, item: int, price: Longs) -> Ints:
    """Return the products of the same category that are nearest in price."""
    code = int(catalog.category[item])
    if code <= 0:
        return np.empty(0, np.int32)
    inside = catalog.in_category(catalog.category_paths[code])
    inside = inside[catalog.category[inside] == code]
    apart = np.abs(price[inside] - price[item])
    nearest: Ints = inside[np.argsort(apart, kind="stable")[: 2 * SHELF_REACH]].astype(np.int32)
    return nearest


def _attributes(catalog: CatalogView, item: int, others: Ints, price: Longs) -> Doubles:
    """Return what products have in common besides words, by the weights of the build."""
    _, same_category, same_parent, same_brand, same_color, near = WEIGHTS
    code = catalog.category[item]
    parent = catalog.category_parent[code]
    codes = catalog.category[others]
    scores = np.where(
        (code > 0) & (codes == code),
        same_category,
        np.where((parent > 0) & (catalog.category_parent[codes] == parent), same_parent, 0.0),
    )
    scores += same_brand * ((catalog.brand[item] > 0) & (catalog.brand[others] == catalog.brand[item]))
    scores += same_color * ((catalog.color[item] > 0) & (catalog.color[others] == catalog.color[item]))
    scores += near * near_in_price(price[others].astype(np.float64), float(price[item]))
    return scores


def look_alike_rows(
    spaces: Sequence[Space], newcomers: Sequence[Space], binding: Binding, group: NDArray[np.int32]
) -> dict[int, Row]:
    """Return who looks alike, of newcomers and of the products of a model.

    Parameters
    ----------
    spaces, newcomers
        Vectors of the model's items, and of newcomers by catalog index.
    """
    own: dict[int, Row] = {}
    told: dict[int, list[tuple[int, float]]] = {}
    for lot in newcomers:
        known = [(lot.vectors, lot.items)]
        known += [
            (space.vectors, binding.to_catalog[space.items])
            for space in spaces
            if space.given == lot.given and space.vectors.shape[1] == lot.vectors.shape[1]
        ]
        for number, item in enumerate(lot.items.tolist()):
            items, scores = _alike(lot.vectors[number], known)
            fit = (items >= 0) & (items != item) & (scores >= LEAST_ALIKE)
            fit[fit] = group[items[fit]] != group[item]
            own[item] = _best(items[fit], np.minimum(scores[fit], 1.0), REACH)
            for other, score in zip(own[item][0].tolist(), own[item][1].tolist(), strict=True):
                told.setdefault(other, []).append((item, score))
    return {item: _joined(item, own, told, TOP_LOOKS) for item in own.keys() | told.keys()}


def _alike(
    vector: NDArray[np.floating], known: Sequence[tuple[NDArray[np.floating], Ints]]
) -> tuple[Ints, Doubles]:
    wanted = vector.astype(np.float32)
    scores = [
        vectors[begin : begin + _CHUNK].astype(np.float32) @ wanted
        for vectors, _ in known
        for begin in range(0, vectors.shape[0], _CHUNK)
    ]
    return np.concatenate([items for _, items in known]), np.concatenate(scores).astype(np.float64)


def _best(items: NDArray[np.integer], scores: Doubles, most: int) -> Row:
    """Return the best products, best first, the lower index first among equals."""
    order = np.lexsort((items, -scores))[:most]
    return items[order].astype(np.int32), scores[order].astype(np.float32)


def _joined(item: int, own: Rows, told: Mapping[int, list[tuple[int, float]]], top: int) -> Row:
    """Join what a product found with what others say of it."""
    found = dict(zip(own[item][0].tolist(), own[item][1].tolist(), strict=True)) if item in own else {}
    found |= dict(told.get(item, ()))
    return _best(np.array(list(found), np.int32), np.array(list(found.values()), np.float64), top)
