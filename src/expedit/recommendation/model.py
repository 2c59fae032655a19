"""A model version opened for serving: every strategy's arrays under one name, never changed once made."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.core import Corrupt
from expedit.recommendation.arrays import Floats, Ints, Longs
from expedit.recommendation.arrivals import ArrivalsShelf
from expedit.recommendation.catalog_side import Binding, CatalogView, bind
from expedit.recommendation.item_item import Related
from expedit.recommendation.looks import Space, open_spaces
from expedit.recommendation.model_folder import ModelMeta, OpenModel, open_version
from expedit.recommendation.scopes import Scoped
from expedit.recommendation.session_model import SessionIndex, SessionModel, SessionParams, empty_index
from expedit.recommendation.words import WordIndex, open_words

RELATIONS = ("viewed", "bought", "completing", "completing_views", "similar")
"""Names of the item-item models in a version's folder."""

LATER = ("lifted", "looks")
"""Item-item models that versions built before they were thought of do not have."""

MOST_POPULAR = 2000
"""Items of a popularity list that are looked at before what cannot be shown is left out."""


class BindingCache:
    """The last binding of a model to the catalog, extended as products are added."""

    def __init__(self) -> None:
        self._last: Binding | None = None
        self._lock = threading.Lock()

    def get(self, item_ids: list[str], index: dict[str, int], catalog: CatalogView) -> Binding:
        """Return where each side's items are on the other side."""
        last = self._last
        if last is not None and last.fits(catalog):
            return last
        with self._lock:
            self._last = bind(item_ids, index, catalog, self._last)
            return self._last


@dataclass(frozen=True, slots=True)
class Postings:
    """In which visits, or which orders, each item stood.

    Attributes
    ----------
    ptr, numbers
        int64[n_items + 1] and int32: the numbers of item i, without repeats.
    total
        How many visits or orders there are.
    """

    ptr: Longs
    numbers: Ints
    total: int

    def of(self, item: int) -> Ints:
        """Return the numbers of one item."""
        return self.numbers[self.ptr[item] : self.ptr[item + 1]]


@dataclass(frozen=True, slots=True)
class Model:
    """What strategies read.

    Attributes
    ----------
    item_ids
        Product id of each model item.
    sessions
        The session model.
    relations
        The item-item models by name, see `RELATIONS` and `LATER`.
    popular, trending
        float32[n_items] scores, 0 for none.
    popular_in
        float32[n_items] popularity by market.
    orders
        int32: the items that lead `popular`, `trending` and ``popular:<market>``, best first.
    bindings
        Where this model's items are in the catalog, kept between requests.
    baskets
        In which orders each item was kept; None for a version built before that was written down.
    scoped
        The bestsellers of places, groups of people and the season.
    repurchase
        float32[n_items]: after how many days one piece of each item is bought again, 0 where nothing says
        so.
    words, spaces
        What its products say and look like, for those that come after it; None and empty for a version
        built before that was kept.
    arrivals
        What is known of products that came after it.
    """

    meta: ModelMeta
    item_ids: list[str]
    index: dict[str, int]
    sessions: SessionModel
    relations: dict[str, Related]
    popular: Floats
    popular_in: dict[str, Floats]
    trending: Floats
    orders: dict[str, Ints]
    bindings: BindingCache = field(default_factory=BindingCache)
    baskets: Postings | None = None
    scoped: Scoped = field(default_factory=Scoped)
    repurchase: Floats = field(default_factory=lambda: np.empty(0, np.float32))
    words: WordIndex | None = None
    spaces: tuple[Space, ...] = ()
    arrivals: ArrivalsShelf = field(default_factory=ArrivalsShelf)

    @property
    def visits(self) -> Postings:
        """In which of the sessions that it was built from each item stood."""
        index = self.sessions.static
        return Postings(index.item_ptr, index.postings, index.n_sessions)

    @property
    def version(self) -> str:
        """Name of the version; empty for the model of a shop that has none yet."""
        return self.meta.version

    def binding(self, catalog: CatalogView) -> Binding:
        """Return where model items are in the catalog and the other way around."""
        return self.bindings.get(self.item_ids, self.index, catalog)

    def with_recent(self, recent: SessionIndex) -> "Model":
        """Return the model with these sessions after the ones it was built from."""
        return replace(self, sessions=self.sessions.with_recent(recent))


def pack_texts(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return texts as arrays: the UTF-8 text of all and the offsets of each."""
    encoded = [text.encode() for text in texts]
    ptr = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=ptr[1:])
    return {f"{name}_text": np.frombuffer(b"".join(encoded), np.uint8), f"{name}_ptr": ptr}


def _unpack_texts(text: NDArray[np.uint8], ptr: NDArray[np.int64]) -> list[str]:
    whole, bounds = text.tobytes(), ptr.tolist()
    return [whole[begin:end].decode() for begin, end in pairwise(bounds)]


def best_first(scores: Floats, most: int = MOST_POPULAR) -> Ints:
    """Return the indices of the highest scores above 0, best first, the lower index first among equals."""
    known = np.flatnonzero(scores > 0)
    if known.size > most:
        floor = np.partition(scores[known], known.size - most)[known.size - most]
        known = known[scores[known] >= floor]
    return known[np.lexsort((known, -scores[known]))][:most].astype(np.int32)


def assemble(opened: OpenModel) -> Model:
    """Make a model of a version's arrays.

    Raises
    ------
    Corrupt
        An array is missing, or the arrays do not fit each other.
    """
    meta, arrays = opened.meta, opened.arrays
    try:
        item_ids = _unpack_texts(arrays["ids_text"], arrays["ids_ptr"])
        index = SessionIndex(
            arrays["session_item_ptr"],
            arrays["session_postings"],
            arrays["session_ptr"],
            arrays["session_items"],
        )
        relations = {
            name: Related(*(arrays[f"{name}_{part}"] for part in ("ptr", "items", "scores")))
            for name in (*RELATIONS, *(name for name in LATER if f"{name}_ptr" in arrays))
        }
        for name in LATER:
            relations.setdefault(name, _no_relation(len(item_ids)))
        if "similar_unit" in arrays:
            relations["similar"] = replace(relations["similar"], unit=float(arrays["similar_unit"][0]))
        sessions = SessionModel(
            index,
            arrays["session_factors"],
            arrays["session_rarity"],
            SessionParams.from_dict(meta.params),
            empty_index(len(item_ids)),
            np.empty(0, np.float32),
        )
        markets = dict(zip(meta.markets, arrays["popular_by_market"], strict=True))
        popular, trending = arrays["popular"], arrays["trending"]
        scoped = _scoped(arrays)
    except (KeyError, ValueError, UnicodeDecodeError) as error:
        raise Corrupt(f"model version {meta.version} is not whole: {error}") from error
    sizes = {
        index.n_items,
        popular.size,
        trending.size,
        meta.items,
        *(row.ptr.size - 1 for row in relations.values()),
    }
    if sizes != {len(item_ids)}:
        raise Corrupt(
            f"model version {meta.version} disagrees with itself on the number of items: {sorted(sizes)}"
        )
    orders = {"popular": best_first(popular), "trending": best_first(trending)}
    orders |= {f"popular:{market}": best_first(scores) for market, scores in markets.items()}
    places = {item: at for at, item in enumerate(item_ids)}
    baskets = None
    if "basket_postings" in arrays:
        baskets = Postings(arrays["basket_item_ptr"], arrays["basket_postings"], meta.baskets)
    return Model(
        meta, item_ids, places, sessions, relations, popular, markets, trending, orders,
        baskets=baskets, scoped=scoped,
        repurchase=arrays.get("repurchase_days", np.zeros(len(item_ids), np.float32)),
        words=open_words(arrays), spaces=open_spaces(arrays),
    )  # fmt: skip


def _scoped(arrays: Mapping[str, NDArray[Any]]) -> Scoped:
    """Return the bestsellers of every scope; a version built before there were scopes has none."""
    if "scope_ptr" not in arrays:
        return Scoped()
    names = _unpack_texts(arrays["scope_names_text"], arrays["scope_names_ptr"])
    rows = {name: row for row, name in enumerate(names)}
    return Scoped(arrays["scope_ptr"], arrays["scope_items"], arrays["scope_scores"], rows)


def _no_relation(n_items: int) -> Related:
    return Related(np.zeros(n_items + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))


def load_model(models: Path, version: str) -> Model:
    """Open a version of the models folder and check it.

    Raises
    ------
    NotFound, Corrupt
        As `open_version` and `assemble`.
    """
    return assemble(open_version(models, version))


def empty_model() -> Model:
    """Return the model of a shop that has built none: every strategy answers from the catalog."""
    scores = np.empty(0, np.float32)
    nothing = np.empty(0, np.int32)
    sessions = SessionModel.over(empty_index(0), SessionParams())
    meta = ModelMeta("", 0, 0, 0, 0, 0, 0)
    relations = dict.fromkeys((*RELATIONS, *LATER), _no_relation(0))
    return Model(
        meta, [], {}, sessions, relations, scores, {}, scores, {"popular": nothing, "trending": nothing}
    )
