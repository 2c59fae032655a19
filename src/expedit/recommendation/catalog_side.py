"""What the catalog alone can say, and how its products and a model's items find each other.

A product that arrived after the last build has no place in the model; here it is still new, still in its
category, and still like others of its brand, color and price.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from expedit.recommendation.arrays import Doubles, Ints

MOST = 500
_PRICE_SCALE = 0.5
_CATEGORY, _BRAND, _COLOR, _PRICE = 0.4, 0.25, 0.15, 0.2


class CatalogView(Protocol):
    """The columns of a catalog snapshot that strategies read; `catalog.CatalogSnapshot` is one."""

    version: int
    ids: list[str]
    category: NDArray[np.int32]
    category_parent: NDArray[np.int32]
    brand: NDArray[np.int32]
    color: NDArray[np.int32]
    group: NDArray[np.int32]
    created: NDArray[np.int64]
    active: NDArray[np.bool_]

    @property
    def index(self) -> Mapping[str, int]:
        """Product id → product index."""
        ...

    @property
    def category_paths(self) -> Sequence[tuple[str, ...]]:
        """Path of every category code."""
        ...

    @property
    def markets(self) -> Mapping[str, str]:
        """Markets and their currencies."""
        ...

    def in_category(self, path: str | Sequence[str]) -> NDArray[np.int32]:
        """Return the active products in a category or below it."""
        ...

    def price_minor(self, market: str) -> NDArray[np.int64]:
        """Return list prices, -1 where not sold."""
        ...

    def selling(
        self, idx: ArrayLike, market: str, now: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return price in effect, list price and prior price of products, -1 where there is none."""
        ...

    def margin_minor(
        self, idx: ArrayLike, market: str, now: int
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return price in effect less cost, and whether the cost is known."""
        ...

    def replenishable(self, i: int) -> bool:
        """Tell whether a product is one that people use up and buy again."""
        ...

    def was_minor(self, idx: ArrayLike, moments: ArrayLike, market: str) -> NDArray[np.int64]:
        """Return what products cost at past moments, -1 while unknown."""
        ...


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a model's items are in the catalog and the other way around; -1 for nowhere.

    Attributes
    ----------
    to_catalog, to_model
        int32[model items] and int32[products].
    ends
        First and last product id seen: tells a grown catalog from another one.
    newer
        int32: the products that the model does not know, since they came after it.
    """

    to_catalog: Ints
    to_model: Ints
    ends: tuple[str, str]
    newer: Ints

    def fits(self, catalog: CatalogView) -> bool:
        """Whether the catalog has the same products as when this was made."""
        return self.to_model.size == len(catalog.ids) and self.extends_to(catalog)

    def extends_to(self, catalog: CatalogView) -> bool:
        """Whether the catalog is the one that this was made for, perhaps with more products at its end."""
        size = self.to_model.size
        return 0 < size <= len(catalog.ids) and self.ends == (catalog.ids[0], catalog.ids[size - 1])


def bind(
    item_ids: Sequence[str], index: Mapping[str, int], catalog: CatalogView, last: Binding | None = None
) -> Binding:
    """Match a model's items with the catalog's products by id; of a grown catalog only the new ones are
    looked up."""
    n = len(catalog.ids)
    if n == 0:
        return _unbound(len(item_ids))
    if last is None or not last.extends_to(catalog):
        last = _unbound(len(item_ids))
    known = last.to_model.size
    places = [index.get(product, -1) for product in catalog.ids[known:n]]
    to_model = np.concatenate([last.to_model, np.array(places, np.int32)])
    to_catalog = last.to_catalog.copy()
    fresh = np.flatnonzero(to_model[known:] >= 0) + known
    to_catalog[to_model[fresh]] = fresh
    newer = np.flatnonzero(to_model < 0).astype(np.int32)
    return Binding(to_catalog, to_model, (catalog.ids[0], catalog.ids[n - 1]), newer)


def _unbound(items: int) -> Binding:
    return Binding(np.full(items, -1, np.int32), np.empty(0, np.int32), ("", ""), np.empty(0, np.int32))


_newest: WeakKeyDictionary[CatalogView, dict[str, Ints]] = WeakKeyDictionary()
_newest_lock = threading.Lock()


def newest(catalog: CatalogView, category: str = "", most: int = MOST) -> Ints:
    """Return the active products that were created last, newest first; in a category when one is named."""
    with _newest_lock:
        known = _newest.setdefault(catalog, {})
    found = known.get(category)
    if found is None:
        inside = catalog.in_category(category) if category else np.flatnonzero(catalog.active)
        created = catalog.created[inside]
        if inside.size > most:
            floor = np.partition(created, inside.size - most)[inside.size - most]
            inside, created = inside[created >= floor], created[created >= floor]
        found = inside[np.lexsort((inside, -created))][:MOST].astype(np.int32)
        known[category] = found
    return found[:most]


def near_in_price(price: Doubles, own: float) -> Doubles:
    """Return exp(-|ln price - ln own| / 0.5), 0 where either price is unknown."""
    if own <= 0:
        return np.zeros(price.size)
    distance = np.abs(np.log(np.maximum(price, 1.0)) - np.log(own))
    return np.where(price > 0, np.exp(-distance / _PRICE_SCALE), 0.0)


def likeness(catalog: CatalogView, product: int, items: Ints, market: str) -> Doubles:
    """Return how near items are to a product in category, brand, color and price, 0…1 each."""
    price = catalog.price_minor(market)
    scores = np.where(catalog.category[items] == catalog.category[product], _CATEGORY, _CATEGORY / 2)
    if catalog.brand[product] > 0:
        scores += _BRAND * (catalog.brand[items] == catalog.brand[product])
    if catalog.color[product] > 0:
        scores += _COLOR * (catalog.color[items] == catalog.color[product])
    scores += _PRICE * near_in_price(price[items].astype(np.float64), float(price[product]))
    return scores


def alike(catalog: CatalogView, product: int, market: str, most: int = MOST) -> tuple[Ints, Doubles]:
    """Return the products nearest in category, brand, color and price, and how near (0…1), best first.

    The leaf category is searched, then the one above it while fewer than twenty are found; a product without
    a category has none alike.
    """
    code = int(catalog.category[product])
    found = np.empty(0, np.int32)
    while code > 0 and found.size < 20:
        found = catalog.in_category(catalog.category_paths[code])
        code = int(catalog.category_parent[code])
    found = found[(catalog.group[found] != catalog.group[product]) & (found != product)]
    if found.size == 0:
        return found, np.empty(0)
    scores = likeness(catalog, product, found, market)
    order = np.lexsort((found, -scores))[:most]
    return found[order], scores[order]


def alike_among(catalog: CatalogView, product: int, items: Ints, market: str) -> tuple[Ints, Doubles]:
    """Return the active products among `items` of the leaf category of `product`, and how near (0…1), best
    first."""
    own = int(catalog.category[product])
    same = items[(catalog.category[items] == own) & catalog.active[items] & (own > 0)]
    same = same[(catalog.group[same] != catalog.group[product]) & (same != product)]
    if same.size == 0:
        return same, np.empty(0)
    scores = likeness(catalog, product, same, market)
    order = np.lexsort((same, -scores))
    return same[order], scores[order]
