"""The shelf that a listing chooses from: what is sold, narrowed by filters, counted by facets. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import decimals_of, to_minor
from expedit.decisions.inputs import Inputs
from expedit.decisions.model import Bools, Indices
from expedit.decisions.wares import Taken, Wares
from expedit.decisions.wire import Facets, FacetValue, PriceFacet, PriceStep

ATTRIBUTE = "attributes."
_MOST_VALUES = 100
_MOST_ATTRIBUTES = 12
_STEPS = 5


class Shelf:
    """The products that a listing chooses from, with the columns that its filters and facets need.

    A facet's counts are of the products that all *other* filters leave: another value of the same kind is an
    alternative and does not narrow itself.
    """

    def __init__(
        self, snapshot: CatalogSnapshot, items: Indices, inputs: Inputs, wares: Wares, at: int
    ) -> None:
        self._snapshot = snapshot
        self._inputs = inputs
        market = inputs.market
        sold = snapshot.active[items] & (snapshot.price_minor(market)[items] >= 0)
        self.items: Indices = items[sold]
        self.price, listed, _ = snapshot.selling(self.items, market, at)
        self.wares: Taken = wares.of(snapshot, self.items)
        self._on_sale: Bools = self.price < listed
        self._in_stock: Bools = snapshot.sellable(self.items, market, inputs.channel, at)
        self._masks = dict(self._filtered())

    def passing(self, without: str = "") -> Bools:
        """Tell which products pass every filter, but for the one called `without`."""
        result = np.ones(self.items.size, np.bool_)
        for name, mask in self._masks.items():
            if name != without:
                result &= mask
        return result

    def facets(self) -> Facets:
        """Count what each filter's values would leave, given all other filters."""
        snapshot, locale = self._snapshot, self._inputs.locale
        prices = np.sort(self.price[self.passing("price")])
        currency = snapshot.markets[self._inputs.market]
        return Facets(
            brand=_counted(snapshot.brand[self.items[self.passing("brand")]], snapshot.brands.__getitem__),
            color=_counted(snapshot.color[self.items[self.passing("color")]], snapshot.colors.__getitem__),
            category=_counted(
                snapshot.category[self.items[self.passing("category")]],
                lambda code: snapshot.category_label(code, locale),
            ),
            size=_counted(self.wares.sizes[self.passing("size")].ravel(), self.wares.size_names.__getitem__),
            price=None if prices.size == 0 else PriceFacet.of(int(prices[0]), int(prices[-1]), currency),
            prices=_price_steps(prices, currency),
            attributes=self._attributes(),
            on_sale=int((self._on_sale & self.passing("on_sale")).sum()),
            in_stock=int((self._in_stock & self.passing("in_stock")).sum()),
        )

    def _attributes(self) -> dict[str, tuple[FacetValue, ...]]:
        """Count the values of the attributes that most products have, and of those that are chosen."""
        wares, chosen = self.wares, self._inputs.filters.attributes
        known = {key: int((codes > 0).sum()) for key, codes in wares.attributes.items()}
        found: dict[str, tuple[FacetValue, ...]] = {}
        for key in sorted(known, key=lambda key: (key not in chosen, -known[key], key)):
            if len(found) >= _MOST_ATTRIBUTES and key not in chosen:
                break
            codes = wares.attributes[key][self.passing(ATTRIBUTE + key)]
            values = _counted(codes, wares.values[key].__getitem__)
            if len(values) > 1 or (values and key in chosen):
                found[key] = values
        return found

    def _filtered(self) -> Iterable[tuple[str, Bools]]:
        """Give a mask for every filter that is set."""
        snapshot, filters, wares = self._snapshot, self._inputs.filters, self.wares
        if filters.brand:
            yield "brand", _among(snapshot.brand[self.items], snapshot.brands, filters.brand)
        if filters.color:
            yield "color", _among(snapshot.color[self.items], snapshot.colors, filters.color)
        if filters.category:
            wanted = {value.casefold() for value in filters.category}
            locale = self._inputs.locale
            codes = snapshot.category[self.items]
            chosen = [
                code
                for code in np.unique(codes).tolist()
                if snapshot.category_label(code, locale).casefold() in wanted
            ]
            yield "category", np.isin(codes, chosen)
        if filters.size:
            sized: Bools = np.asarray(_among(wares.sizes, wares.size_names, filters.size).any(axis=1))
            yield "size", sized
        for key, values in filters.attributes.items():
            column = wares.attributes.get(key)
            none = np.zeros(self.items.size, np.bool_)
            yield ATTRIBUTE + key, none if column is None else _among(column, wares.values[key], values)
        if filters.price is not None:
            yield "price", self._priced(filters.price.min, filters.price.max)
        if filters.on_sale:
            yield "on_sale", self._on_sale
        if filters.in_stock:
            yield "in_stock", self._in_stock

    def _priced(self, low: float | None, high: float | None) -> Bools:
        currency = self._snapshot.markets[self._inputs.market]
        mask = np.ones(self.items.size, np.bool_)
        if low is not None:
            mask &= self.price >= to_minor(low, currency, "filters.price.min")
        if high is not None:
            mask &= self.price <= to_minor(high, currency, "filters.price.max")
        return mask


def _among(codes: NDArray[np.int32], names: Sequence[str], values: Sequence[str]) -> Bools:
    wanted = {value.casefold() for value in values} - {""}
    return np.isin(codes, [code for code, name in enumerate(names) if name.casefold() in wanted])


def _counted(codes: NDArray[np.int32], name: Callable[[int], str]) -> tuple[FacetValue, ...]:
    counts = np.bincount(codes) if codes.size else np.zeros(0, np.int64)
    values = [(name(code), int(counts[code])) for code in np.flatnonzero(counts).tolist()]
    known = sorted((entry for entry in values if entry[0]), key=lambda entry: (-entry[1], entry[0]))
    return tuple(FacetValue(value, count) for value, count in known[:_MOST_VALUES])


def _price_steps(prices: NDArray[np.int64], currency: str) -> tuple[PriceStep, ...]:
    """Cut sorted prices into ranges of about as many products each, at round amounts."""
    if prices.size == 0:
        return ()
    whole = 10 ** decimals_of(currency)
    cuts = {_rounded(float(prices[prices.size * n // _STEPS]) / whole) * whole for n in range(1, _STEPS)}
    edges = [int(cut) for cut in sorted(cuts) if prices[0] < cut <= prices[-1]]
    places = np.searchsorted(prices, edges, side="left").tolist()
    found = []
    for low, high, begin, end in zip(
        [None, *edges], [*edges, None], [0, *places], [*places, prices.size], strict=True
    ):
        found.append(PriceStep.of(low, None if high is None else high - 1, end - begin, currency))
    return tuple(found)


def _rounded(amount: float) -> int:
    """Return an amount with one digit that counts, or one and a half: 100, 150, 200, 250 …."""
    if amount < 1:
        return 1
    unit = 10 ** (len(str(int(amount))) - 1)
    return max(int(round(2 * amount / unit) * unit / 2), 1)
