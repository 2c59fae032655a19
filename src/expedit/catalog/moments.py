"""Prices at other moments: when sales start and end, and what a product cost in the past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from expedit.catalog.columns import Array
from expedit.catalog.facts import NEVER, Terms
from expedit.catalog.ledger import FOREVER, Interval
from expedit.catalog.model import Product
from expedit.catalog.store import OfferKey

Mixed = Mapping[int, tuple[Terms, ...]]


class SaleMoments:
    """The moments at which any sale of a market starts or ends, kept while its columns stay the same."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[object, ...], NDArray[np.int64]]] = {}

    def of(
        self, market: str, sale: Array, sale_from: Array, sale_until: Array, mixed: Mixed
    ) -> NDArray[np.int64]:
        """Return the moments in order, each once."""
        made_of = (sale, sale_from, sale_until, mixed)
        known = self._kept.get(market)
        if known is None or any(one is not other for one, other in zip(known[0], made_of, strict=True)):
            reduced = np.flatnonzero(sale >= 0)
            told = [
                moment
                for terms in mixed.values()
                for one in terms
                if one.sale >= 0
                for moment in (one.sale_from, one.sale_until)
            ]
            found = np.unique(
                np.concatenate([sale_from[reduced], sale_until[reduced], np.array(told, np.int64)])
            )
            known = (made_of, found[(found > NEVER) & (found < FOREVER)])
            self._kept[market] = known
        return known[1]


def price_then(product: Product, market: str, at: int, ledger: Mapping[OfferKey, Sequence[Interval]]) -> int:
    """Return what the cheapest variant cost at a past moment, in minor units; -1 = not sold, or unknown."""
    prices = _prices_then(product, market, at, ledger)
    return min((price for price in prices if price is not None), default=-1)


def _prices_then(
    product: Product, market: str, at: int, ledger: Mapping[OfferKey, Sequence[Interval]]
) -> Iterable[int | None]:
    for variant in product.variants:
        now = variant.offer(market)
        for step in ledger.get((variant.id, market), ()):
            if step.valid_from <= at < step.valid_until and (now is None or step.currency == now.currency):
                yield step.selling
