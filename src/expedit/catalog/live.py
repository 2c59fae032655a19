"""The catalog in memory: loaded once, then kept fresh by polling the change feed.

A change is read from the database, written into copies of the columns it touches, and published as a new
snapshot; whoever holds an older one keeps a consistent view of it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from expedit.catalog.bands import NO_BAND, price_band
from expedit.catalog.cards import CardShelf
from expedit.catalog.columns import Array, CategoryTree, Draft, Pages, Vocabulary
from expedit.catalog.facts import (
    NEVER,
    NOT_SOLD,
    UNKNOWN,
    Places,
    Terms,
    on_sale_variants,
    pack_stock,
    places_of,
    terms_in,
)
from expedit.catalog.ledger import FOREVER, PriorPriceRule
from expedit.catalog.model import WEB, Product
from expedit.catalog.moments import SaleMoments, price_then
from expedit.catalog.sales import SalesFile
from expedit.catalog.snapshot import CatalogSnapshot, Vocabularies
from expedit.catalog.store import (
    Stored,
    Texts,
    changed_since,
    every_content,
    every_variant,
    last_change,
    read_ledger,
    read_stored,
    read_texts,
    stock_of_products,
    texts_of_products,
)
from expedit.core import ExpeditError, from_pack
from expedit.storage import Repeating, Shop

_POLL_SECONDS = 1.0
_CHUNK = 10_000
_FIRST_STYLE = 1 << 30
"""Group codes of styles start here, out of the way of product indices."""
_FILL = {"category": 0, "price_band": NO_BAND}
_TERMS_FILL = {"price": UNKNOWN, "sale": UNKNOWN, "sale_from": NEVER, "sale_until": FOREVER, "prior": UNKNOWN}


class LiveCatalog:
    """The one catalog of a process; see `live_catalog`.

    Parameters
    ----------
    shop
        The installation whose catalog it is.
    """

    def __init__(self, shop: Shop) -> None:
        self.markets = dict(shop.settings.markets)
        self.locale = shop.settings.locale
        self.cards = CardShelf(shop.settings.shop_url)
        self.moments = SaleMoments()
        self._shop = shop
        self._rule = PriorPriceRule(
            progressive=shop.settings.prior_price_progressive,
            new_products=shop.settings.prior_price_new_products,
        )
        self._polling = threading.Lock()
        self._following = Repeating("catalog", self._follow, _POLL_SECONDS)
        self.failure: ExpeditError | None = None
        self._ids: list[str] = []
        self._index: dict[str, int] = {}
        self._brands = Vocabulary()
        self._colors = Vocabulary()
        self._categories = CategoryTree()
        self._styles: dict[str, int] = {}
        self._families: dict[int, tuple[int, ...]] = {}
        self._mixed: dict[str, dict[int, tuple[Terms, ...]]] = {market: {} for market in self.markets}
        self._arrays = self._empty()
        self._bodies = Pages()
        self._stocks = Pages()
        self._sales = SalesFile(shop.home.sales_path)
        version = last_change(shop.database)
        self._load()
        self._snapshot = self._publish(version)

    def current(self) -> CatalogSnapshot:
        """Return the newest snapshot."""
        return self._snapshot

    def poll(self) -> int:
        """Take up what changed since the last snapshot; return the number of products.

        Raises
        ------
        Unavailable
            When the database does not answer; the last snapshot stays.
        """
        with self._polling:
            taken = 0
            while changes := changed_since(self._shop.database, self._snapshot.version, _CHUNK):
                self._take([product_id for product_id, _ in changes])
                self._snapshot = self._publish(changes[-1][1])
                taken += len(changes)
            if self._sales.poll():
                self._snapshot = self._publish(self._snapshot.version)
            return taken

    def start(self) -> None:
        """Poll every second, in a thread, until closed."""
        self._following.start()

    def close(self) -> None:
        """Stop polling."""
        self._following.close()

    def find_category(self, path: tuple[str, ...]) -> int | None:
        """Return the code of a category path in any of its languages."""
        return self._categories.find(path)

    def read_descriptions(self, ids: Sequence[str]) -> list[str]:
        """Return the descriptions of products in the shop's locale, from the database."""
        found = {product_id: self._told(packed) for product_id, packed in read_texts(self._shop.database)}
        return [found.get(product_id, "") for product_id in ids]

    def descriptions_of(self, ids: Sequence[str]) -> list[str]:
        """Return the descriptions of a few products in the shop's locale, from the database."""
        with self._shop.database.reading() as tx:
            packed = texts_of_products(tx, ids)
        return [self._told(packed[product_id]) if product_id in packed else "" for product_id in ids]

    def _told(self, packed: bytes) -> str:
        texts = from_pack(packed, Texts)
        return texts.descriptions.get(self.locale) or texts.description

    def prices_then(
        self,
        snapshot: CatalogSnapshot,
        idx: NDArray[np.int64],
        moments: NDArray[np.int64],
        market: str,
    ) -> NDArray[np.int64]:
        """Return what products cost at past moments, from the price ledger; −1 = not sold, or unknown."""
        products = [snapshot.product(int(i)) for i in idx]
        with self._shop.database.reading() as tx:
            ledger = read_ledger(tx, sorted({one.id for product in products for one in product.variants}))
        found = [
            price_then(product, market, int(at), ledger)
            for product, at in zip(products, moments, strict=True)
        ]
        return np.array(found, np.int64)

    def _follow(self) -> None:
        try:
            self.poll()
        except ExpeditError as error:
            self.failure = error  # the last snapshot serves on; the next round tries again
        else:
            self.failure = None

    def _empty(self) -> dict[str, Array]:
        kinds = {"category": np.int32, "brand": np.int32, "color": np.int32, "group": np.int32}
        arrays: dict[str, Array] = {name: np.empty(0, kind) for name, kind in kinds.items()}
        arrays |= {name: np.empty(0, np.int64) for name in ("created", "retired")}
        arrays |= {"active": np.empty(0, np.bool_), "price_band": np.empty(0, np.int8)}
        for market in self.markets:
            arrays |= {f"{name}:{market}": np.empty(0, np.int64) for name in Terms._fields}
            arrays[f"mixed:{market}"] = np.empty(0, np.bool_)
        return arrays | {f"at:{WEB}": np.empty(0, np.bool_), "untracked": np.empty(0, np.bool_)}

    def _load(self) -> None:
        rows = every_content(self._shop.database)
        while page := list(islice(rows, _CHUNK)):
            self._apply(page)
        for variant_id, product_id in every_variant(self._shop.database):
            if product_id in self._index:
                self._index.setdefault(variant_id, self._index[product_id])

    def _take(self, product_ids: list[str]) -> None:
        with self._shop.database.reading() as tx:
            rows = read_stored(tx, product_ids)
        self._apply([rows[product_id] for product_id in product_ids if product_id in rows])

    def _apply(self, rows: Sequence[Stored]) -> None:
        """Write the products of `rows` into the next version of the columns."""
        now = self._shop.clock()
        products = [row.content() for row in rows]
        with self._shop.database.reading() as tx:
            stock = stock_of_products(tx, [row.id for row in rows])
            ledger = read_ledger(tx, [one for product in products for one in on_sale_variants(product, now)])
        indices = [self._index_of(product) for product in products]
        at = np.asarray(indices, np.int64)
        draft = Draft(self._arrays, len(self._arrays["active"]))
        draft.grow(len(self._ids), _FILL | _market_fill(self.markets))
        self._put_content(draft, at, products)
        for market in self.markets:
            self._put_terms(
                draft, market, indices, [terms_in(one, market, ledger, self._rule, now) for one in products]
            )
        first = next(iter(self.markets))
        listed = draft.arrays[f"price:{first}"][at]
        currency = self.markets[first]
        bands = [NO_BAND if minor < 0 else price_band(int(minor), currency) for minor in listed]
        draft.put("price_band", at, bands)
        stocks = [
            {variant.id: stock[variant.id] for variant in product.variants if variant.id in stock}
            for product in products
        ]
        self._put_places(
            draft, at, [places_of(product, has) for product, has in zip(products, stocks, strict=True)]
        )
        self._bodies = self._bodies.replaced(
            {i: row.body for i, row in zip(indices, rows, strict=True)}, len(self._ids)
        )
        self._stocks = self._stocks.replaced(
            {i: pack_stock(has) for i, has in zip(indices, stocks, strict=True)}, len(self._ids)
        )
        self._arrays = draft.publish()

    def _index_of(self, product: Product) -> int:
        """Return the product's index, a new one at first sight, and note every name that leads to it."""
        i = self._index.get(product.id)
        if i is None or self._ids[i] != product.id:  # a variant of another product may have had this name
            i = len(self._ids)
            self._ids.append(product.id)
            self._index[product.id] = i
        for variant in product.variants:
            for name in (variant.id, variant.sku, variant.gtin):
                if name:
                    holder = self._index.get(name)
                    if holder is None or self._ids[holder] != name:
                        self._index[name] = i
        return i

    def _put_content(self, draft: Draft, at: NDArray[np.int64], products: Sequence[Product]) -> None:
        draft.put("category", at, [self._category(product) for product in products])
        draft.put("brand", at, [self._brands.code(product.brand) for product in products])
        draft.put("color", at, [self._colors.code(_color(product)) for product in products])
        draft.put("created", at, [product.created for product in products])
        draft.put("active", at, [product.retired is None for product in products])
        draft.put("retired", at, [product.retired or 0 for product in products])
        groups = [
            self._styles.setdefault(product.style, _FIRST_STYLE + len(self._styles))
            if product.style
            else int(i)
            for i, product in zip(at, products, strict=True)
        ]
        before = draft.arrays["group"][at].copy()
        draft.put("group", at, groups)
        self._put_families([int(i) for i in at], before.tolist(), groups)

    def _put_families(self, indices: Sequence[int], before: Sequence[int], after: Sequence[int]) -> None:
        families = None
        for i, old, new in zip(indices, before, after, strict=True):
            if i in self._families.get(old, ()) and old != new:
                families = families or dict(self._families)
                families[old] = tuple(one for one in families[old] if one != i)
            if new >= _FIRST_STYLE:
                members = (families or self._families).get(new, ())
                if i not in members:
                    families = families or dict(self._families)
                    families[new] = tuple(sorted((*members, i)))
        if families is not None:
            self._families = families

    def _category(self, product: Product) -> int:
        path = product.categories.get(self.locale) or product.category
        return self._categories.code(path, product.categories)

    def _put_terms(
        self, draft: Draft, market: str, indices: Sequence[int], terms: Sequence[Sequence[Terms]]
    ) -> None:
        at = np.asarray(indices, np.int64)
        main = [one[0] if one else NOT_SOLD for one in terms]
        for position, name in enumerate(Terms._fields):
            draft.put(f"{name}:{market}", at, [one[position] for one in main])
        draft.put(f"mixed:{market}", at, [len(one) > 1 for one in terms])
        old = self._mixed[market]
        changes = {
            i: tuple(one)
            for i, one in zip(indices, terms, strict=True)
            if (len(one) > 1 or i in old) and old.get(i) != tuple(one)
        }
        if changes:
            self._mixed[market] = {i: one for i, one in (old | changes).items() if len(one) > 1}

    def _put_places(self, draft: Draft, at: NDArray[np.int64], places: Sequence[Places]) -> None:
        for place in sorted({name for one in places for name in one.elsewhere}):
            if f"at:{place}" not in draft.arrays:
                # No product had stock there yet: it has what is not tracked at all.
                draft.add(f"at:{place}", draft.arrays["untracked"].copy())
        draft.put("untracked", at, [one.untracked for one in places])
        for name in list(draft.arrays):
            if name == f"at:{WEB}":
                draft.put(name, at, [one.web for one in places])
            elif name.startswith("at:"):
                place = name.removeprefix("at:")
                draft.put(name, at, [one.untracked or place in one.elsewhere for one in places])

    def _publish(self, version: int) -> CatalogSnapshot:
        previous = getattr(self, "_snapshot", None)
        ids = previous.ids if previous and len(previous.ids) == len(self._ids) else list(self._ids)
        if previous and len(previous.category_paths) == len(self._categories.paths):
            paths, parents = previous.category_paths, previous.category_parent
        else:
            paths = list(self._categories.paths)
            parents = np.asarray(self._categories.parents, np.int32)
            parents.flags.writeable = False
        names = Vocabularies(
            self._brands.names(), self._colors.names(), paths, parents, self._categories.labels
        )
        return CatalogSnapshot(
            self,
            version,
            ids,
            self._index,
            self._arrays,
            dict(self._mixed),
            names,
            self._families,
            self._bodies,
            self._stocks,
            self._sales.current,
        )


def _market_fill(markets: Sequence[str] | dict[str, str]) -> dict[str, int]:
    return {f"{name}:{market}": fill for market in markets for name, fill in _TERMS_FILL.items()} | {
        f"cost:{market}": UNKNOWN for market in markets
    }


def _color(product: Product) -> str:
    return product.attributes.get("color") or next(
        (variant.color for variant in product.variants if variant.color), ""
    )


def live_catalog(shop: Shop) -> LiveCatalog:
    """Return the one live catalog of `shop`, loaded at first use."""
    return shop.part(LiveCatalog, lambda: LiveCatalog(shop))
