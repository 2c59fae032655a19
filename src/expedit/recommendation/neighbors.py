"""What a product's neighbors are, and on how many visits, orders and shared attributes each rests."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import Struct
from expedit.recommendation.arrays import Ints
from expedit.recommendation.model import Model, Postings
from expedit.recommendation.query import Query
from expedit.recommendation.strategies import candidates

Kind = Literal["viewed_together", "bought_together", "similar", "complementary", "visually_similar"]
KINDS: tuple[Kind, ...] = get_args(Kind)

NEAR_PRICE = 0.15
"""Prices that differ by no more than this share are told as alike."""


class Meetings(Struct, frozen=True):
    """How often two products met.

    Parameters
    ----------
    of
        ``visits`` or ``orders``.
    both, own, other, total
        With both of them, with the product itself, with its neighbor, and all there were.
    """

    of: Literal["visits", "orders"]
    both: int
    own: int
    other: int
    total: int

    @property
    def lift(self) -> float | None:
        """How much oftener they meet than by chance (Brin, Motwani, Ullman, Tsur 1997); None when unknown."""
        if not (self.both and self.own and self.other):
            return None
        return self.both * self.total / (self.own * self.other)


class Neighbor(Struct, frozen=True):
    """One neighbor.

    Parameters
    ----------
    item
        Catalog index.
    score
        Share of the nearest one's score.
    meetings
        How often they met; None when the model does not know.
    shared
        What they have in common: ``category``, ``brand``, ``color``, ``price``.
    """

    item: int
    score: float
    meetings: Meetings | None
    shared: tuple[str, ...]


class Neighborhood(Struct, frozen=True):
    """The neighbors of one kind, the nearest first; what the strategy of that name gives for the product."""

    kind: Kind
    neighbors: tuple[Neighbor, ...]


def neighborhoods(
    model: Model, catalog: CatalogSnapshot, product: int, market: str, limit: int = 8
) -> tuple[Neighborhood, ...]:
    """Return the neighbors of the product with that catalog index, by kind; look-alikes only where there are
    any."""
    asked = Query(products=(product,), market=market, limit=limit)
    counters = {"visits": _Counter(model, catalog, product, model.visits)}
    if model.baskets is not None:
        counters["orders"] = _Counter(model, catalog, product, model.baskets)
    found = []
    for kind in KINDS:
        near = candidates(kind, model, catalog, asked)
        if kind == "visually_similar" and not len(near):
            continue  # most shops have told nobody what products look like
        best = float(near.scores[0]) if len(near) else 0.0
        neighbors = tuple(
            Neighbor(
                item,
                score / best if best > 0 else 0.0,
                _meetings(kind, counters, item),
                _shared(catalog, product, item, market),
            )
            for item, score in zip(near.items.tolist(), near.scores.tolist(), strict=True)
        )
        found.append(Neighborhood(kind, neighbors))
    return tuple(found)


def _meetings(kind: Kind, counters: dict[str, _Counter], item: int) -> Meetings | None:
    """Return the meetings that speak for a neighbor: orders where orders made it one, else visits."""
    orders = counters.get("orders")
    if kind == "bought_together":
        return orders.count("orders", item) if orders else None
    visits = counters["visits"].count("visits", item)
    if kind == "complementary" and orders is not None:
        bought = orders.count("orders", item)
        return bought if bought is not None and bought.both > 1 else visits
    return visits


class _Counter:
    """Counts meetings with one product."""

    def __init__(self, model: Model, catalog: CatalogSnapshot, product: int, postings: Postings) -> None:
        self._binding = model.binding(catalog)
        self._postings = postings
        own = self._of(product)
        self._own = own.size
        self._held: NDArray[np.bool_] = np.zeros(postings.total, np.bool_)
        self._held[own] = True

    def count(self, of: Literal["visits", "orders"], item: int) -> Meetings | None:
        """Return the meetings with `item`; None when the model knows neither."""
        other = self._of(item)
        if not self._own and not other.size:
            return None
        return Meetings(of, int(self._held[other].sum()), self._own, other.size, self._postings.total)

    def _of(self, item: int) -> Ints:
        place = int(self._binding.to_model[item])
        return self._postings.of(place) if place >= 0 else np.empty(0, np.int32)


def _shared(catalog: CatalogSnapshot, product: int, item: int, market: str) -> tuple[str, ...]:
    """Return what two products have in common."""
    shared = [
        name
        for name, codes in (
            ("category", catalog.category),
            ("brand", catalog.brand),
            ("color", catalog.color),
        )
        if codes[product] > 0 and codes[product] == codes[item]
    ]
    prices = catalog.price_minor(market)[[product, item]]
    if prices.min() > 0 and prices.max() <= prices.min() * (1 + NEAR_PRICE):
        shared.append("price")
    return tuple(shared)
