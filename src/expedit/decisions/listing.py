"""A category as a decision: filtered, counted by facet, ranked for the person. Pure; pages are `paging`'s."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import DAY, InvalidInput, Struct, to_minor
from expedit.decisions.model import Bools, Floats, Indices, Tastes
from expedit.decisions.tastes import WEIGHTS, bonuses
from expedit.decisions.wire import Facets, FacetValue, ListFilters, PriceFacet

Sort = Literal["recommended", "newest", "price_asc", "price_desc"]
SORTS: tuple[str, ...] = get_args(Sort)

REASONS = ("listed", "new", "popular_in_category", *(f"listed_taste_{kind}" for kind in WEIGHTS))
"""Reason codes of listed items; an order keeps their numbers."""

_NEW_DAYS = 30
_LEADING = 0.2
_MOST_VALUES = 100

SizesOf = Callable[[int], Sequence[str]]


class Inputs(Struct, frozen=True, array_like=True):
    """What a listing is of; the same inputs over the same catalog, model and tastes give the same order.

    Parameters
    ----------
    market, locale
        Where and in which language.
    category, product_ids
        What is listed.
    filters, sort
        What it is narrowed to and how it is ordered.
    """

    market: str
    locale: str
    category: str = ""
    product_ids: tuple[str, ...] | None = None
    filters: ListFilters = ListFilters()
    sort: str = "recommended"


class Ordered(Struct, frozen=True):
    """A listing in its order.

    Parameters
    ----------
    items
        Catalog indices, int32[k], one per item group.
    reasons
        Place in `REASONS` of each item's reason, int8[k].
    """

    items: Indices
    reasons: NDArray[np.int8]


class Shelf:
    """The products that a listing chooses from, with the columns that its filters and facets need.

    Parameters
    ----------
    sizes_of
        Gives the sizes of a product that are in stock.
    """

    def __init__(
        self, snapshot: CatalogSnapshot, items: Indices, inputs: Inputs, sizes_of: SizesOf, at: int
    ) -> None:
        self._snapshot = snapshot
        self._inputs = inputs
        self._sizes_of = sizes_of
        filters, market = inputs.filters, inputs.market
        if filters.in_stock:
            keep = snapshot.sellable(items, market, "web", at)
        else:
            keep = snapshot.active[items] & (snapshot.price_minor(market)[items] >= 0)
        self.items: Indices = items[keep]
        self.price, listed, _ = snapshot.selling(self.items, market, at)
        self._on_sale: Bools = self.price < listed
        self._sizes: list[Sequence[str]] | None = None
        self._masks = self._filtered()

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
        price = self.price[self.passing("price")]
        currency = snapshot.markets[self._inputs.market]
        return Facets(
            brand=_counted(snapshot.brand[self.items[self.passing("brand")]], snapshot.brands.__getitem__),
            color=_counted(snapshot.color[self.items[self.passing("color")]], snapshot.colors.__getitem__),
            category=_counted(
                snapshot.category[self.items[self.passing("category")]],
                lambda code: snapshot.category_label(code, locale),
            ),
            size=self._size_facet(),
            price=None if price.size == 0 else PriceFacet.of(int(price.min()), int(price.max()), currency),
            on_sale=int((self._on_sale & self.passing("on_sale")).sum()),
        )

    def _filtered(self) -> dict[str, Bools]:
        """Return a mask for every filter that is set."""
        snapshot, filters = self._snapshot, self._inputs.filters
        masks: dict[str, Bools] = {}
        for name, codes, names in (
            ("brand", snapshot.brand, snapshot.brands),
            ("color", snapshot.color, snapshot.colors),
        ):
            wanted = {value.casefold() for value in getattr(filters, name)}
            if wanted:
                chosen = [code for code, value in enumerate(names) if value.casefold() in wanted]
                masks[name] = np.isin(codes[self.items], chosen)
        if filters.category:
            wanted = {value.casefold() for value in filters.category}
            codes = np.unique(snapshot.category[self.items])
            chosen = [
                code
                for code in codes.tolist()
                if snapshot.category_label(code, self._inputs.locale).casefold() in wanted
            ]
            masks["category"] = np.isin(snapshot.category[self.items], chosen)
        if filters.size:
            wanted = {value.casefold() for value in filters.size}
            masks["size"] = np.array(
                [any(size.casefold() in wanted for size in sizes) for sizes in self._all_sizes()], np.bool_
            )
        if filters.price is not None:
            currency = snapshot.markets[self._inputs.market]
            low, high = filters.price.min, filters.price.max
            mask = np.ones(self.items.size, np.bool_)
            if low is not None:
                mask &= self.price >= to_minor(low, currency, "filters.price.min")
            if high is not None:
                mask &= self.price <= to_minor(high, currency, "filters.price.max")
            masks["price"] = mask
        if filters.on_sale:
            masks["on_sale"] = self._on_sale
        return masks

    def _all_sizes(self) -> list[Sequence[str]]:
        if self._sizes is None:
            self._sizes = [self._sizes_of(item) for item in self.items.tolist()]
        return self._sizes

    def _size_facet(self) -> tuple[FacetValue, ...]:
        counts: dict[str, int] = {}
        passing = self.passing("size").tolist()
        for passes, sizes in zip(passing, self._all_sizes(), strict=True):
            if passes:
                for size in sizes:
                    counts[size] = counts.get(size, 0) + 1
        found = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:_MOST_VALUES]
        return tuple(FacetValue(value, count) for value, count in found)


def _counted(codes: NDArray[np.int32], name: Callable[[int], str]) -> tuple[FacetValue, ...]:
    counts = np.bincount(codes) if codes.size else np.zeros(0, np.int64)
    values = [(name(code), int(counts[code])) for code in np.flatnonzero(counts).tolist()]
    known = sorted((entry for entry in values if entry[0]), key=lambda entry: (-entry[1], entry[0]))
    return tuple(FacetValue(value, count) for value, count in known[:_MOST_VALUES])


def listed(snapshot: CatalogSnapshot, inputs: Inputs) -> Indices:
    """Return what a listing chooses from: a category and all below it, the named products, or everything.

    Raises
    ------
    InvalidInput
        When there is no such category.
    """
    if inputs.product_ids is not None:
        found = [item for name in inputs.product_ids if (item := snapshot.find(name)) is not None]
        return np.array(list(dict.fromkeys(found)), np.int32)
    if inputs.category:
        if snapshot.category_code(inputs.category) is None:
            raise InvalidInput("category", f"there is no category {inputs.category[:80]!r}")
        return snapshot.in_category(inputs.category)
    return np.flatnonzero(snapshot.active).astype(np.int32)


def put_in_order(
    snapshot: CatalogSnapshot, shelf: Shelf, sort: str, popularity: Floats, tastes: Tastes, at: int
) -> Ordered:
    """Return the products that pass, one per item group, in the order of `sort`.

    ``recommended`` adds to each product's popularity (as a share of the listing's most popular) what the
    person's tastes add; equals stand newest first.

    Parameters
    ----------
    popularity
        Score of each product of the shelf, float[k], 0 for none.
    tastes
        Empty for those who may not be known.
    """
    rows = np.flatnonzero(shelf.passing())
    items = shelf.items[rows]
    created = snapshot.created[items]
    reasons = np.zeros(items.size, np.int8)
    if sort == "recommended":
        best = popularity.max() if popularity.size else 0.0
        score = popularity[rows] / best if best > 0 else np.zeros(items.size)
        reasons[created > at - _NEW_DAYS * DAY] = 1
        reasons[_leading(score)] = 2
        added = bonuses(tastes, items, snapshot) if tastes else {}
        if added:
            kinds = list(added)
            parts = np.stack([added[kind] for kind in kinds])
            score = score + parts.sum(axis=0)
            strongest = parts.argmax(axis=0)
            names = np.array([REASONS.index(f"listed_taste_{kind}") for kind in kinds], np.int8)
            liked = parts.max(axis=0) > 0
            reasons[liked] = names[strongest[liked]]
        order = np.lexsort((items, -created, -score))
    elif sort == "newest":
        order = np.lexsort((items, -created))
    else:
        price = shelf.price[rows]
        order = np.lexsort((items, -created, price if sort == "price_asc" else -price))
    items, reasons = items[order], reasons[order]
    first = np.sort(np.unique(snapshot.group[items], return_index=True)[1])
    return Ordered(items[first].astype(np.int32), reasons[first])


def _leading(score: Floats) -> Bools:
    """Tell which products lead in popularity: the best fifth of those that have any."""
    some = score[score > 0]
    if some.size == 0:
        return np.zeros(score.size, np.bool_)
    result: Bools = score >= np.quantile(some, 1 - _LEADING)
    return result
