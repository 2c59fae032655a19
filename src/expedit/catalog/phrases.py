"""Finding products by what somebody searched for: words by their stems, compounds by their parts.

Plurals and definite forms of Swedish, Norwegian and English fall together (*jackor*, *jackan*, *jacket* are
one), the end of a compound stands for the whole (*jacka* finds *skaljacka*), and a compound that the shop
does not write is taken apart (*vandringskängor* finds a *känga* for *vandring*; where there is none, any
*känga* answers some of it). Words weigh alike, but for those that no product is called.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from expedit.catalog.columns import Pages
from expedit.catalog.finding import fold
from expedit.catalog.live import live_catalog
from expedit.catalog.snapshot import CatalogSnapshot
from expedit.core import Struct, from_pack
from expedit.storage import Shop

_ENDINGS = (
    "ornas", "ernas", "arnas", "orna", "erna", "arna", "ene", "ets", "ens", "rna", "are", "or", "er", "ar",
    "en", "et", "an", "na", "es", "as", "a", "e", "s", "r",
)  # fmt: skip
_SMALL = frozenset(
    "och i till for med pa av en ett den det de som att fran utan eller billig billiga kop kopa basta bast og"
    " til fra uten kjop beste the a an and of in on to with from or buy best cheap online rea sale".split()
)
"""Words that promise no product; in the letters of `fold`."""
_SHORTEST_STEM = 3
_SHORTEST_BEGINNING = 4
_MOST_WORDS = 12
_ENOUGH = 0.5
_IN_PART = 0.75
"""How much of a compound its last part answers."""
_UNKNOWN = 0.5
"""What a word that no product is called weighs beside others: it tells none from another."""
_MOST_KEPT = 2_000
_WORDS = re.compile(r"[a-z0-9]+")


class Promised(Struct, frozen=True):
    """The products that a phrase means.

    Parameters
    ----------
    items
        Catalog indices, int32[k], ascending.
    grades
        How much of the phrase each answers, 0.5 … 1, float64[k].
    """

    items: NDArray[np.int32]
    grades: NDArray[np.float64]


class _Content(Struct, frozen=True):
    """The part of a stored product that a phrase is looked for in."""

    title: str
    titles: dict[str, str] = {}
    brand: str = ""
    category: tuple[str, ...] = ()
    categories: dict[str, tuple[str, ...]] = {}
    attributes: dict[str, str] = {}


def stem(word: str) -> str:
    """Return a folded word without its ending, as long as three letters are left."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def stems_of(text: str) -> list[str]:
    """Return the stems of a text's words, each once, without those that say nothing."""
    words = [word for word in _WORDS.findall(fold(text)) if len(word) > 1 and word not in _SMALL]
    return list(dict.fromkeys(stem(word) for word in words))


class Phrases:
    """The stems of one catalog's products, and which products have each; never changes.

    Parameters
    ----------
    products
        Stems of each product, by catalog index.
    """

    def __init__(self, products: list[tuple[str, ...]]) -> None:
        self._count = max(len(products), 1)
        codes: dict[str, int] = {}
        flat = np.array([codes.setdefault(one, len(codes)) for row in products for one in row], np.int64)
        owner = np.repeat(np.arange(len(products)), [len(row) for row in products]).astype(np.int32)
        order = np.argsort(flat, kind="stable")
        self._codes = codes
        self._owners = owner[order]
        self._begins = np.searchsorted(flat[order], np.arange(len(codes) + 1))
        self._kept: OrderedDict[str, Promised] = OrderedDict()
        self._lock = threading.Lock()

    def promised(self, phrase: str) -> Promised:
        """Return the products that answer at least half of what a phrase says."""
        with self._lock:
            found = self._kept.get(phrase)
        if found is None:
            found = self._answer(stems_of(phrase)[:_MOST_WORDS])
            with self._lock:
                self._kept[phrase] = found
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        return found

    def _answer(self, words: list[str]) -> Promised:
        grades = np.zeros(self._count)
        whole = 0.0
        for word in words:
            items, degree = self._meant(word)
            grades[items] += degree
            whole += 1.0 if items.size else _UNKNOWN
        grades = grades / whole if whole else grades
        hits = np.flatnonzero(grades >= _ENOUGH - 1e-9)
        return Promised(hits.astype(np.int32), grades[hits])

    def _meant(self, word: str) -> tuple[NDArray[np.int32], float]:
        """Return the products that a stem is said of, and how much of it that answers.

        Of an unknown compound those of both parts; else those of its last part, which answers some of it.
        """
        found = self._with(word)
        for cut in range(_SHORTEST_STEM, len(word) - _SHORTEST_STEM + 1) if not found.size else ():
            first, second = word[:cut], word[cut:]
            rest = self._with(second)
            if rest.size:
                leads = (self._with(one) for one in (first, first.removesuffix("s"), stem(first)))
                both = np.intersect1d(next((lead for lead in leads if lead.size), rest[:0]), rest)
                if both.size > found.size:
                    found = both
        if found.size:
            return found, 1.0
        tails = [word[cut:] for cut in range(_SHORTEST_STEM, len(word) - _SHORTEST_BEGINNING + 1)]
        # A word that stands alone somewhere is surely one; else the shortest that ends any.
        tail = next((one for one in tails if one in self._codes), tails[-1] if tails else "")
        return (self._with(tail) if tail else found), _IN_PART

    def _with(self, word: str) -> NDArray[np.int32]:
        """Return the products with a stem, with a compound that ends with it, or with one that begins so."""
        if len(word) < _SHORTEST_STEM:
            codes = [self._codes[word]] if word in self._codes else []
        else:
            begins = len(word) >= _SHORTEST_BEGINNING
            codes = [
                code
                for one, code in self._codes.items()
                if one.endswith(word) or (begins and one.startswith(word))
            ]
        rows = [self._owners[self._begins[code] : self._begins[code + 1]] for code in codes]
        return np.unique(np.concatenate(rows)) if rows else np.zeros(0, np.int32)


class LivePhrases:
    """The phrases of one shop's catalog as it is; see `live_phrases`."""

    def __init__(self, shop: Shop) -> None:
        self._catalog = live_catalog(shop)
        self._lock = threading.Lock()
        self._bodies: Pages | None = None
        self._products: list[tuple[str, ...]] = []
        self._phrases = Phrases([])
        self._followed = False

    def current(self) -> Phrases:
        """Return the stems of what the shop sells; seconds old at most where `follow` is called."""
        if not self._followed or self._bodies is None:
            self._refresh(self._catalog.current())
        return self._phrases

    def follow(self) -> None:
        """Take in what has changed, from a thread that calls this every second, so that no answer waits."""
        self._refresh(self._catalog.current())
        self._followed = True

    def _refresh(self, snapshot: CatalogSnapshot) -> None:
        with self._lock:
            bodies = snapshot.bodies
            if bodies is self._bodies:
                return
            products = self._products + [()] * (len(snapshot) - len(self._products))
            changed = False
            for item in bodies.differing(self._bodies or Pages()):
                told = _told(bodies[item])
                changed = changed or told != products[item]
                products[item] = told
            if changed:
                self._products, self._phrases = products, Phrases(products)
            self._bodies = bodies


def _told(body: bytes) -> tuple[str, ...]:
    """Return the stems of all that a stored product is called."""
    one = from_pack(body, _Content)
    paths = (one.category, *one.categories.values())
    names = (one.title, *one.titles.values(), one.brand, *(name for path in paths for name in path))
    return tuple(stems_of(" ".join((*names, *one.attributes.values()))))


def live_phrases(shop: Shop) -> LivePhrases:
    """Return the one live copy of what the shop's products are called."""
    return shop.part(LivePhrases, lambda: LivePhrases(shop))
