"""The catalog as one decision sees it: immutable columns by product index, and the texts behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from expedit.catalog.bands import BANDS, NO_BAND, band_label, price_band
from expedit.catalog.columns import Array, Pages, ProductIndex
from expedit.catalog.facts import Terms, unpack_stock
from expedit.catalog.model import WEB, Card, ItemFacts, Product, Variant
from expedit.catalog.sales import Sales
from expedit.core import InvalidInput, evolve, from_pack

if TYPE_CHECKING:
    from expedit.catalog.live import LiveCatalog

Ints = NDArray[np.int64]
_MOST_DESCRIBED = 100_000


class Vocabularies:
    """The names behind the codes of a snapshot."""

    def __init__(
        self,
        brands: list[str],
        colors: list[str],
        paths: list[tuple[str, ...]],
        parents: NDArray[np.int32],
        labels: Mapping[str, Mapping[int, str]],
    ) -> None:
        self.brands = brands
        self.colors = colors
        self.paths = paths
        self.parents = parents
        self.labels = labels


class CatalogSnapshot:
    """One consistent state of the catalog; made by `LiveCatalog`.

    A product's index is the same in every snapshot of a process; a retired product keeps its place.

    Attributes
    ----------
    version
        Change number that this state includes.
    ids
        Product index → product id, n of them.
    index
        Product id, variant id, SKU or GTIN-14 → product index.
    category, brand, color : int32[n]
        Codes into `category_paths`, `brands`, `colors`; 0 = none (for categories the root).
    category_parent : int32[codes]
        Code of the path one shorter; −1 for the root.
    group : int32[n]
        The same number (no index) for products of one style; else the product's own index.
    created : int64[n]
        Microseconds.
    active : bool[n]
        False once retired.
    price_band : int8[n]
        Band of the list price in the shop's first market; −1 = not sold there.
    sales
        What was sold lately, as it was counted last.
    """

    def __init__(
        self,
        owner: LiveCatalog,
        version: int,
        ids: list[str],
        index: Mapping[str, int],
        arrays: Mapping[str, Array],
        mixed: Mapping[str, Mapping[int, tuple[Terms, ...]]],
        names: Vocabularies,
        families: Mapping[int, tuple[int, ...]],
        bodies: Pages,
        stocks: Pages,
        sales: Sales,
    ) -> None:
        self.version = version
        self.ids = ids
        self.index = ProductIndex(index, len(ids))
        self.category: NDArray[np.int32] = arrays["category"]
        self.brand: NDArray[np.int32] = arrays["brand"]
        self.color: NDArray[np.int32] = arrays["color"]
        self.group: NDArray[np.int32] = arrays["group"]
        self.created: Ints = arrays["created"]
        self.active: NDArray[np.bool_] = arrays["active"]
        self.price_band: NDArray[np.int8] = arrays["price_band"]
        self.category_paths = names.paths
        self.category_parent = names.parents
        self.brands = names.brands
        self.colors = names.colors
        self._owner = owner
        self._arrays = arrays
        self._mixed = mixed
        self._labels = names.labels
        self._families = families
        self._bodies = bodies
        self._stocks = stocks
        self.sales = sales
        self._within: dict[int, NDArray[np.int32]] = {}
        self._described: dict[str, ItemFacts] = {}

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def markets(self) -> Mapping[str, str]:
        """The shop's markets and their currencies; the first is the one of `price_band`."""
        return self._owner.markets

    @property
    def default_locale(self) -> str:
        """The locale of `category_paths`."""
        return self._owner.locale

    @property
    def price_bands(self) -> list[str]:
        """The label of every price band, by its code."""
        currency = next(iter(self.markets.values()))
        return [band_label(band, currency) for band in range(BANDS)]

    # Prices and availability

    def price_minor(self, market: str) -> Ints:
        """Return the list price of every product, int64[n] in minor units; −1 = not sold in `market`."""
        return self._column("price", market)

    def cost_minor(self, market: str) -> Ints:
        """Return the cost of every product, int64[n] in minor units; −1 = unknown."""
        return self._column("cost", market)

    def selling(self, idx: ArrayLike, market: str, now: int) -> tuple[Ints, Ints, Ints]:
        """Return what products cost at `now`: (price in effect, list price, prior price), int64[k] each.

        Of a product whose variants cost differently it is the cheapest. The prior price (EU Omnibus) is that
        of the reduction in effect; −1 = no reduction, or unknown. A product not sold in `market` has −1.
        """
        at = np.asarray(idx, np.int64)
        listed = self._column("price", market)[at]
        sale = self._column("sale", market)[at]
        on = (
            (sale >= 0)
            & (self._column("sale_from", market)[at] <= now)
            & (now < self._column("sale_until", market)[at])
        )
        price = np.where(on, sale, listed)
        prior = np.where(on, self._column("prior", market)[at], -1)
        mixed = self._mixed[market]
        if mixed:
            for position in np.flatnonzero(self._arrays[f"mixed:{market}"][at]):
                cheapest = min(terms.selling(now) for terms in mixed[int(at[position])])
                price[position], listed[position], prior[position] = cheapest
        return price, listed, prior

    def margin_minor(self, idx: ArrayLike, market: str, now: int) -> tuple[Ints, NDArray[np.bool_]]:
        """Return price in effect less cost of each product, int64[k], and whether the cost is known,
        bool[k].

        Of a product whose variants cost differently it is that of the cheapest.
        """
        at = np.asarray(idx, np.int64)
        price, _, _ = self.selling(at, market, now)
        cost = self._column("cost", market)[at].copy()
        mixed = self._mixed[market]
        if mixed:
            for position in np.flatnonzero(self._arrays[f"mixed:{market}"][at]):
                cheapest = min(mixed[int(at[position])], key=lambda terms: terms.selling(now))
                cost[position] = cheapest.cost
        known: NDArray[np.bool_] = (price >= 0) & (cost >= 0)
        return np.where(known, price - cost, 0), known

    def was_minor(self, idx: ArrayLike, moments: ArrayLike, market: str) -> Ints:
        """Return what products cost at past moments, int64[k] in minor units; −1 = not sold, or unknown.

        Read from the price ledger in the database: for a handful of products.
        """
        return self._owner.prices_then(self, np.asarray(idx, np.int64), np.asarray(moments, np.int64), market)

    def price_epoch(self, market: str, now: int) -> int:
        """Return how many starts and ends of sales in `market` lie before `now`.

        Within one epoch of one snapshot no price changes.
        """
        sale, begins, ends = (self._column(name, market) for name in ("sale", "sale_from", "sale_until"))
        moments = self._owner.moments.of(market, sale, begins, ends, self._mixed[market])
        return int(np.searchsorted(moments, now, side="right"))

    def sellable(self, idx: ArrayLike, market: str, channel: str = WEB, now: int = 0) -> NDArray[np.bool_]:  # noqa: ARG002
        """Tell which products can be sold: active, priced in `market`, some variant in stock at `channel`.

        Parameters
        ----------
        channel
            ``web`` or the name of a location; a name without any stock is taken for ``web``.
        now
            Offers and stock have no future yet; taken so that they may have one.
        """
        at = np.asarray(idx, np.int64)
        place = self._arrays.get(f"at:{channel}")
        if place is None:
            place = self._arrays["at:web"]
        result: NDArray[np.bool_] = self.active[at] & place[at] & (self._column("price", market)[at] >= 0)
        return result

    def locations(self) -> list[str]:
        """Return the locations with stock, ``web`` first."""
        return [name.removeprefix("at:") for name in self._arrays if name.startswith("at:")]

    def stock(self, i: int) -> dict[str, dict[str, int]]:
        """Return tracked pieces by variant id and location."""
        return unpack_stock(self._stocks[i])

    def pieces(self, i: int) -> int:
        """Return the pieces of a product over all its places; −1 = they are not counted.

        They are not when that is so of a variant that can be had all the same: how many there are of the
        others then says little.
        """
        if self._arrays["untracked"][i]:
            return -1
        places = [pieces for variant in self.stock(i).values() for pieces in variant.values()]
        return sum(places) if places else -1

    def sold_a_day(self, idx: NDArray[np.int32], now: int) -> NDArray[np.float64]:
        """Return how many pieces of products are sold a day, float64[k]; 0 = none, or nothing is known."""
        return self.sales.a_day([self.ids[i] for i in idx.tolist()], self.created[idx], now)

    # Categories

    def category_code(self, path: str | Sequence[str]) -> int | None:
        """Return the code of ``A > B`` or ``("A", "B")``, in any language and case; None = unknown."""
        parts = path.split(">") if isinstance(path, str) else path
        return self._owner.find_category(tuple(part.strip() for part in parts if part.strip()))

    def in_category(self, path: str | Sequence[str]) -> NDArray[np.int32]:
        """Return the indices, int32[], of active products in a category or below it."""
        code = self.category_code(path)
        if code is None or code >= len(self.category_paths):
            return np.empty(0, np.int32)
        found = self._within.get(code)
        if found is None:
            found = np.flatnonzero(self.below(code) & self.active).astype(np.int32)
            found.flags.writeable = False
            self._within[code] = found
        return found

    def below(self, code: int) -> NDArray[np.bool_]:
        """Tell which products, retired ones too, are in the category `code` or below it, bool[n]."""
        inside = np.zeros(len(self.category_paths), np.bool_)
        inside[code] = True
        for child in range(code + 1, len(inside)):  # a parent's code is always the lower one
            inside[child] = inside[self.category_parent[child]]
        inside[code] = True
        result: NDArray[np.bool_] = inside[self.category]
        return result

    def category_label(self, code: int, locale: str) -> str:
        """Return the name of a category (the last part of its path) in `locale`."""
        path = self.category_paths[code]
        return self._labels.get(locale, {}).get(code) or (path[-1] if path else "")

    # Single products

    def product(self, i: int) -> Product:
        """Return a product without description and stock (5–10 µs)."""
        return evolve(
            from_pack(self._bodies[i], Product),
            created=int(self.created[i]),
            retired=None if self.active[i] else int(self._arrays["retired"][i]),
        )

    def replenishable(self, i: int) -> bool:
        """Tell whether a product is one that people use up and buy again, as its attribute
        ``replenishable`` says."""
        return self.product(i).attributes.get("replenishable", "").lower() in {"true", "yes", "1"}

    @property
    def bodies(self) -> Pages:
        """The stored content of every product, by index."""
        return self._bodies

    def family(self, i: int) -> tuple[int, ...]:
        """Return the indices of all products of the same style, or just `i`."""
        return self._families.get(int(self.group[i]), (i,))

    def card(self, i: int, market: str, locale: str, now: int) -> Card:
        """Return what a page shows of product `i`."""
        return self._owner.cards.card(self, i, market, locale, now)

    def differing(self, older: CatalogSnapshot) -> Ints:
        """Return the indices, int64[], of products that are not as they were in `older`, new ones included.

        Prices that change by time alone, when a sale begins or ends, are not looked at: see `price_epoch`.
        """
        changed = np.ones(len(self), np.bool_)
        both = min(len(older), len(self))
        changed[:both] = self.active[:both] != older.active[:both]
        for mine, theirs in ((self._bodies, older._bodies), (self._stocks, older._stocks)):
            changed[list(mine.differing(theirs))] = True
        return np.flatnonzero(changed)

    def ingredients(self, i: int) -> tuple[object, ...]:
        """Return objects that are replaced when product `i`, its stock, prices or family change."""
        return self._bodies[i], self._stocks[i], self._families.get(int(self.group[i]))

    def sale_moments(self, i: int, market: str) -> tuple[int, ...]:
        """Return the moments at which a sale of product `i` in `market` starts or ends."""
        mixed = self._mixed[market].get(i)
        if mixed is not None:
            return tuple(at for terms in mixed for at in (terms.sale_from, terms.sale_until))
        return int(self._column("sale_from", market)[i]), int(self._column("sale_until", market)[i])

    def find(self, name: str) -> int | None:
        """Return the index of a product id, variant id, SKU or GTIN of any length."""
        found = self.index.get(name)
        if found is None and 8 <= len(name) <= 13 and name.isdecimal():
            found = self.index.get(name.rjust(14, "0"))
        return None if found is None else int(found)

    def describe(self, name: str) -> ItemFacts | None:
        """Return what an event should keep of the product or variant `name`; None when it is unknown."""
        known = self._described.get(name)
        if known is not None:
            return known
        i = self.find(name)
        if i is None:
            return None
        product = self.product(i)
        variant = next((one for one in product.variants if _is(one, name)), None)
        if variant is None and len(product.variants) == 1:
            variant = product.variants[0]
        facts = ItemFacts(
            product_id=product.id,
            category=" > ".join(self.category_paths[self.category[i]]),
            brand=product.brand,
            color=variant.color if variant and variant.color else self.colors[self.color[i]],
            size=variant.size if variant else "",
            price_band=self._band_of(variant, i),
        )
        if len(self._described) >= _MOST_DESCRIBED:
            self._described.clear()
        self._described[name] = facts
        return facts

    # Texts

    def title(self, i: int, locale: str | None = None) -> str:
        """Return the title of a product in `locale` (default: the shop's)."""
        product = from_pack(self._bodies[i], Product)
        return product.titles.get(locale or self.default_locale) or product.title

    @property
    def titles(self) -> list[str]:
        """The title of every product in the shop's locale; decoded anew at each access, for builds."""
        return [self.title(i) for i in range(len(self.ids))]

    @property
    def descriptions(self) -> list[str]:
        """The description of every product in the shop's locale; read from the database, for builds."""
        return self._owner.read_descriptions(self.ids)

    def _column(self, name: str, market: str) -> Ints:
        try:
            return self._arrays[f"{name}:{market}"]
        except KeyError:
            raise InvalidInput("market", f"{market!r} is none of {', '.join(self.markets)}") from None

    def _band_of(self, variant: Variant | None, i: int) -> str:
        market, currency = next(iter(self.markets.items()))
        offer = variant.offer(market) if variant else None
        band = int(self.price_band[i]) if offer is None else price_band(offer.price, currency)
        return "" if band == NO_BAND else band_label(band, currency)


def _is(variant: Variant, name: str) -> bool:
    return name in {variant.id, variant.sku} or (bool(variant.gtin) and variant.gtin == name.rjust(14, "0"))
