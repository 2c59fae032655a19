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

    A facet's counts are of what all *other* filters leave: another value of the same kind is an alternative
    and does not narrow itself. As in the listing, a style is counted once.
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
        self._styles = np.unique(snapshot.group[self.items], return_inverse=True)[1]

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
        priced = np.flatnonzero(self.passing("price"))
        prices = self.price[priced]
        currency = snapshot.markets[self._inputs.market]
        return Facets(
            brand=self._counted("brand", snapshot.brand[self.items], snapshot.brands.__getitem__),
            color=self._counted("color", snapshot.color[self.items], snapshot.colors.__getitem__),
            category=self._counted(
                "category",
                snapshot.category[self.items],
                lambda code: snapshot.category_label(code, locale),
            ),
            size=self._counted("size", self.wares.sizes, self.wares.size_names.__getitem__),
            price=None if prices.size == 0 else PriceFacet.of(int(prices.min()), int(prices.max()), currency),
            prices=_price_steps(prices, self._styles[priced], currency),
            attributes=self._attributes(),
            on_sale=self._how_many(self._on_sale & self.passing("on_sale")),
            in_stock=self._how_many(self._in_stock & self.passing("in_stock")),
        )

    def _how_many(self, rows: Bools) -> int:
        return int(np.unique(self._styles[rows]).size)

    def _counted(
        self, name: str, codes: NDArray[np.int32], called: Callable[[int], str]
    ) -> tuple[FacetValue, ...]:
        """Count the styles of each code, int32[k] or, where a product has several, int32[k, most]."""
        rows = self.passing(name)
        chosen, styles = codes[rows], self._styles[rows]
        if chosen.ndim > 1:
            styles = np.repeat(styles, chosen.shape[1])
        most = int(chosen.max(initial=0)) + 1
        pairs = np.unique(styles * most + chosen.ravel())
        counts = np.bincount(pairs % most, minlength=most)
        values = [(called(code), int(counts[code])) for code in np.flatnonzero(counts).tolist()]
        known = sorted((entry for entry in values if entry[0]), key=lambda entry: (-entry[1], entry[0]))
        return tuple(FacetValue(value, count) for value, count in known[:_MOST_VALUES])

    def _attributes(self) -> dict[str, tuple[FacetValue, ...]]:
        """Count the values of the attributes that most products have, and of those that are chosen."""
        wares, chosen = self.wares, self._inputs.filters.attributes
        known = {key: int((codes > 0).sum()) for key, codes in wares.attributes.items()}
        found: dict[str, tuple[FacetValue, ...]] = {}
        for key in sorted(known, key=lambda key: (key not in chosen, -known[key], key)):
            if len(found) >= _MOST_ATTRIBUTES and key not in chosen:
                break
            values = self._counted(ATTRIBUTE + key, wares.attributes[key], wares.values[key].__getitem__)
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


def _price_steps(
    prices: NDArray[np.int64], styles: NDArray[np.int64], currency: str
) -> tuple[PriceStep, ...]:
    """Cut prices into ranges of about as many products each, at round amounts."""
    if prices.size == 0:
        return ()
    whole = 10 ** decimals_of(currency)
    ordered = np.sort(prices)
    cuts = {_rounded(float(ordered[ordered.size * n // _STEPS]) / whole) * whole for n in range(1, _STEPS)}
    edges = [int(cut) for cut in sorted(cuts) if ordered[0] < cut <= ordered[-1]]
    step = np.searchsorted(edges, prices, side="right")
    return tuple(
        PriceStep.of(low, None if high is None else high - 1, np.unique(styles[step == at]).size, currency)
        for at, (low, high) in enumerate(zip([None, *edges], [*edges, None], strict=True))
    )


def _rounded(amount: float) -> int:
    """Return an amount with one digit that counts, or one and a half: 100, 150, 200, 250 …."""
    if amount < 1:
        return 1
    unit = 10 ** (len(str(int(amount))) - 1)
    return max(int(round(2 * amount / unit) * unit / 2), 1)
