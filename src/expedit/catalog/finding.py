"""Finding products as somebody types: a scan of folded texts in memory, filters on the catalog's columns.

100,000 products are searched in some hundredths of a second, since nothing is decoded: the texts are folded
once and again only when a product's content changes.
"""

from __future__ import annotations

import threading
import unicodedata
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from expedit.catalog.columns import Pages
from expedit.catalog.live import live_catalog
from expedit.catalog.model import WEB
from expedit.catalog.snapshot import CatalogSnapshot
from expedit.core import Struct, from_pack
from expedit.storage import Shop

Availability = Literal["", "web", "store", "nowhere"]
Range = Literal["sold", "retired", "all"]
Order = Literal["", "title", "newest", "cheapest", "dearest"]
_SPECIAL = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l"})
_MOST_GRADED = 20_000
"""Of more hits nobody looks for the best: they stand by title."""


class ProductSearch(Struct, frozen=True):
    """What is looked for.

    Parameters
    ----------
    words
        Every one must stand in the title (of any language), brand, or an id, SKU or GTIN.
    market
        Only products with an offer there; empty = any. It also says whose sales and prices count.
    category
        Path as ``Jackor > Skaljackor``; all below it counts.
    brand
        Exact name.
    availability
        ``web``: can be bought online; ``store``: only in some store; ``nowhere``: sold out.
    on_sale
        Only what is reduced now.
    range
        What is sold, what has left the range, or both.
    order
        Empty: the best match first, without words the newest first.
    """

    words: str = ""
    market: str = ""
    category: str = ""
    brand: str = ""
    availability: Availability = ""
    on_sale: bool = False
    range: Range = "sold"
    order: Order = ""


class Choice(Struct, frozen=True):
    """A value that a filter may take, and how many products of the range have it."""

    value: str
    label: str
    count: int
    depth: int = 0


class FoundProducts(Struct, frozen=True):
    """Catalog indices in order, `total` of which `items` is a part."""

    total: int
    items: tuple[int, ...]


class _Names(Struct, frozen=True):
    """The part of a stored variant that is searched."""

    id: str
    sku: str = ""
    gtin: str = ""


class _Content(Struct, frozen=True):
    """The part of a stored product that is searched."""

    id: str
    title: str
    titles: dict[str, str] = {}
    brand: str = ""
    variants: tuple[_Names, ...] = ()


def fold(text: str) -> str:
    """Return `text` without case and accents, so that *mossa* finds *mössa*."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    plain = unicodedata.normalize("NFKD", lowered.translate(_SPECIAL))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


class _Scan:
    """The folded texts of all products as one long text, which is searched many times faster than a list.

    Each product's part is ``\\0\\n``, its title, other names, ids and codes, each on a line of its own.
    """

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self._whole = "".join(texts) + "\0"
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self._ends = np.cumsum(lengths)

    def among(self, words: list[str], keep: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the products of `keep` (bool[n]) that hold all of `words`, the longest of which leads."""
        rest = sorted(words, key=len)
        if rest:
            keep &= self.holding(rest.pop())
        hits = np.flatnonzero(keep)
        for word in rest:
            if len(hits) > _MOST_GRADED:
                hits = hits[self.holding(word)[hits]]
            else:
                hits = np.array([i for i in hits.tolist() if word in self.texts[i]], np.int64)
        return hits

    def holding(self, word: str) -> NDArray[np.bool_]:
        """Tell which products hold `word`, bool[n]."""
        whole, places, at = self._whole, list[int](), 0
        while (at := whole.find(word, at)) >= 0:
            places.append(at)
            at = whole.find("\0", at + 1)  # the next product
        held = np.zeros(len(self.texts), np.bool_)
        held[np.searchsorted(self._ends, np.array(places, np.int64), side="right")] = True
        return held


class Finder:
    """The folded texts of one shop's products, by catalog index."""

    def __init__(self, shop: Shop) -> None:
        self._catalog = live_catalog(shop)
        self._lock = threading.Lock()
        self._bodies = Pages()
        self._texts: list[str] = []
        self._scan = _Scan([])
        self._places: NDArray[np.int64] = np.empty(0, np.int64)

    def find(self, wanted: ProductSearch, now: int, start: int = 0, limit: int = 48) -> FoundProducts:
        """Return `limit` products of the answer from place `start` on."""
        snapshot = self._catalog.current()
        market = wanted.market or next(iter(snapshot.markets))
        scan, places = self._refreshed(snapshot)
        words = fold(wanted.words).replace("\0", " ").split()
        keep = _passing(snapshot, wanted, market, now)
        hits = scan.among(words, keep)
        ranked = hits[_order(snapshot, wanted, words, scan, places[hits], hits, market, now)]
        return FoundProducts(len(ranked), tuple(ranked[start : start + limit].tolist()))

    def _refreshed(self, snapshot: CatalogSnapshot) -> tuple[_Scan, NDArray[np.int64]]:
        """Return the texts of the snapshot's products, and each one's place in the order of titles."""
        with self._lock:
            bodies = snapshot.bodies
            if bodies is not self._bodies:
                texts = self._texts + [""] * (len(snapshot) - len(self._texts))
                for i in bodies.differing(self._bodies):
                    texts[i] = _text(bodies[i])
                self._bodies = bodies
                if texts != self._texts:
                    self._texts, self._scan = texts, _Scan(texts)
                    order = sorted(range(len(texts)), key=texts.__getitem__)
                    self._places = np.empty(len(order), np.int64)
                    self._places[order] = np.arange(len(order))
            return self._scan, self._places


def _text(body: bytes) -> str:
    """Return what is searched of a stored product, its title first."""
    content = from_pack(body, _Content)
    names = {content.title: None, **dict.fromkeys(content.titles.values()), content.brand: None}
    names[content.id] = None
    for variant in content.variants:
        names |= dict.fromkeys((variant.id, variant.sku, variant.gtin))
    lines = "\n".join(name.replace("\0", "") for name in names if name)
    return f"\0\n{fold(lines)}\n"


def _passing(snapshot: CatalogSnapshot, wanted: ProductSearch, market: str, now: int) -> NDArray[np.bool_]:
    """Tell which products pass every filter but the words, bool[n]."""
    everything = np.arange(len(snapshot))
    if wanted.range == "all":
        keep = np.ones(len(snapshot), np.bool_)
    else:
        keep = snapshot.active.copy() if wanted.range == "sold" else ~snapshot.active
    if wanted.category:
        code = snapshot.category_code(wanted.category)
        keep &= snapshot.below(code) if code is not None else False
    if wanted.brand:
        brands = snapshot.brands
        keep &= snapshot.brand == (brands.index(wanted.brand) if wanted.brand in brands else -1)
    if wanted.market:
        keep &= snapshot.price_minor(market) >= 0
    if wanted.availability:
        web = snapshot.sellable(everything, market, WEB, now)
        stores = np.zeros(len(snapshot), np.bool_)
        for place in snapshot.locations():
            if place != WEB:
                stores |= snapshot.sellable(everything, market, place, now)
        keep &= {"web": web, "store": stores & ~web, "nowhere": ~web & ~stores}[wanted.availability]
    if wanted.on_sale:
        price, listed, _ = snapshot.selling(everything, market, now)
        keep &= (price >= 0) & (price < listed)
    return keep


def _order(
    snapshot: CatalogSnapshot,
    wanted: ProductSearch,
    words: list[str],
    scan: _Scan,
    by_title: NDArray[np.int64],
    hits: NDArray[np.int64],
    market: str,
    now: int,
) -> NDArray[np.intp]:
    """Return the order of `hits`.

    Parameters
    ----------
    by_title
        Place of each hit in the order of titles.
    """
    order = wanted.order or ("" if words else "newest")
    if order == "newest":
        return np.lexsort((by_title, -snapshot.created[hits]))
    if order in {"cheapest", "dearest"}:
        price = snapshot.selling(hits, market, now)[0]
        away = price < 0  # what has no price here stands last, either way
        return np.lexsort((by_title, price if order == "cheapest" else -price, away))
    if order == "title" or not words or len(hits) > _MOST_GRADED:
        return np.argsort(by_title, kind="stable")
    whole = " ".join(words)
    begins, exact, word_begins = f"\0\n{whole}", f"\n{whole}\n", f" {words[0]}"
    grades = []
    for i in hits.tolist():
        text = scan.texts[i]
        if text.startswith(begins):
            grades.append(1 if exact not in text else 0)
        else:
            grades.append(0 if exact in text else 2 if word_begins in text else 3)
    return np.lexsort((by_title, np.array(grades, np.int8)))


def finder(shop: Shop) -> Finder:
    """Return the one finder of `shop`; its first search folds every text, about a second for 100,000."""
    return shop.part(Finder, lambda: Finder(shop))


def brand_choices(snapshot: CatalogSnapshot, limit: int = 500) -> list[Choice]:
    """Return the brands of what is sold, by name."""
    counts = np.bincount(snapshot.brand[snapshot.active], minlength=len(snapshot.brands))
    found = [
        Choice(name, name, int(count))
        for name, count in zip(snapshot.brands, counts, strict=False)
        if name and count
    ]
    return sorted(found, key=lambda one: fold(one.label))[:limit]


def category_choices(snapshot: CatalogSnapshot, locale: str) -> list[Choice]:
    """Return the categories of what is sold, each under its parent, with all that is below it counted."""
    counts = np.bincount(snapshot.category[snapshot.active], minlength=len(snapshot.category_paths))
    for code in range(len(snapshot.category_paths) - 1, 0, -1):  # a parent's code is always the lower one
        counts[snapshot.category_parent[code]] += counts[code]
    found = [
        Choice(" > ".join(path), snapshot.category_label(code, locale), int(counts[code]), len(path) - 1)
        for code, path in enumerate(snapshot.category_paths)
        if path and counts[code]
    ]
    return sorted(found, key=lambda one: [fold(part) for part in one.value.split(" > ")])
