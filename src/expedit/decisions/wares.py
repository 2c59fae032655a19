"""What listings count of a product besides the catalog's own columns: sizes in stock, attributes, pieces.

It is read from a product's body once and kept until that very product changes, so a change of the catalog
costs a listing as little as there is new in it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import RATED, CatalogSnapshot
from expedit.core import Struct
from expedit.decisions.cards import sizes_in_stock
from expedit.decisions.model import Indices

Codes = NDArray[np.int32]

UNCOUNTED = -1
"""Pieces of a product whose stock is not counted, as `CatalogSnapshot.pieces` has it."""

_OWN_COLUMNS = frozenset({"color", *RATED})
"""Attributes that the catalog has columns of, and those that nobody chooses by one value."""
_MOST_KEYS = 60
_MOST_VALUES = 200
_LONGEST_VALUE = 80
_AT_A_TIME = 200
_PAUSE = 0.02


class Kinds:
    """Names and their codes; 0 is no name."""

    def __init__(self) -> None:
        self.names: list[str] = [""]
        self._codes: dict[str, int] = {"": 0}

    def code(self, name: str) -> int:
        """Return the code of a name, a new one if need be."""
        found = self._codes.get(name)
        if found is None:
            found = self._codes[name] = len(self.names)
            self.names.append(name)
        return found


class Taken(Struct, frozen=True):
    """The wares of some products.

    Parameters
    ----------
    sizes, size_names
        Codes of the sizes in stock, int32[k, most], padded with 0; and their names.
    pieces
        Pieces in stock over all places, int64[k]; −1 where they are not counted.
    attributes, values
        Codes by attribute, int32[k] each, 0 = none; and the names of the values.
    """

    sizes: Codes
    size_names: list[str]
    pieces: NDArray[np.int64]
    attributes: dict[str, Codes]
    values: dict[str, list[str]]


class Wares:
    """The wares of one catalog; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshot: CatalogSnapshot | None = None
        self._known = np.zeros(0, np.bool_)
        self._pieces = np.zeros(0, np.int64)
        self._sizes = np.zeros((0, 8), np.int32)
        self._size_names = Kinds()
        self._attributes: dict[str, Codes] = {}
        self._values: dict[str, Kinds] = {}
        self._told_apart: set[str] = set()
        """Attributes with too many values to choose from: what is a text of its own on every product."""

    def of(self, snapshot: CatalogSnapshot, items: Indices) -> Taken:
        """Return the wares of `items`."""
        with self._lock:
            newest = self._follow(snapshot)
            unknown = items[~self._known[items]]
            if unknown.size:
                self._read(newest, unknown)
            return Taken(
                self._sizes[items],
                self._size_names.names,
                self._pieces[items],
                {key: column[items] for key, column in self._attributes.items()},
                {key: kinds.names for key, kinds in self._values.items()},
            )

    def prepare(self, current: Callable[[], CatalogSnapshot], stop: threading.Event) -> None:
        """Read what is not known yet of every product, a little at a time, as the catalog is by then."""
        while not stop.is_set():
            with self._lock:
                newest = self._follow(current())
                unknown = np.flatnonzero(~self._known & newest.active)[:_AT_A_TIME]
                if unknown.size:
                    self._read(newest, unknown)
            if unknown.size < _AT_A_TIME:
                return
            time.sleep(_PAUSE)

    def _follow(self, snapshot: CatalogSnapshot) -> CatalogSnapshot:
        """Forget what has changed since the last snapshot; return the newest, from which an older one is
        answered, too."""
        before = self._snapshot
        if before is snapshot or (before is not None and snapshot.version < before.version):
            return before
        more = len(snapshot) - self._known.size
        if more > 0:
            self._known = np.concatenate([self._known, np.zeros(more, np.bool_)])
            self._pieces = np.concatenate([self._pieces, np.full(more, UNCOUNTED)])
            self._sizes = np.vstack([self._sizes, np.zeros((more, self._sizes.shape[1]), np.int32)])
            for key, column in self._attributes.items():
                self._attributes[key] = np.concatenate([column, np.zeros(more, np.int32)])
        if before is not None:
            self._known[snapshot.differing(before)] = False
        self._snapshot = snapshot
        return snapshot

    def _read(self, snapshot: CatalogSnapshot, items: NDArray[np.integer]) -> None:
        for item in items.tolist():
            self._pieces[item] = snapshot.pieces(item)
            self._put_sizes(item, [self._size_names.code(size) for size in sizes_in_stock(snapshot, item)])
            self._put_attributes(item, snapshot.product(item).attributes)
        self._known[items] = True

    def _put_sizes(self, item: int, codes: list[int]) -> None:
        room = self._sizes.shape[1]
        if len(codes) > room:
            self._sizes = np.pad(self._sizes, ((0, 0), (0, len(codes) - room)))
        self._sizes[item] = 0
        self._sizes[item, : len(codes)] = codes

    def _put_attributes(self, item: int, attributes: dict[str, str]) -> None:
        for key, column in self._attributes.items():
            if key not in attributes:
                column[item] = 0
        for key, value in attributes.items():
            if key in _OWN_COLUMNS or key in self._told_apart:
                continue
            kinds = self._values.get(key)
            if kinds is None:
                if len(self._values) >= _MOST_KEYS:
                    continue
                kinds = self._values[key] = Kinds()
                self._attributes[key] = np.zeros(self._known.size, np.int32)
            if len(value) <= _LONGEST_VALUE:
                self._attributes[key][item] = kinds.code(value)
            if len(kinds.names) > _MOST_VALUES or len(value) > _LONGEST_VALUE:
                del self._values[key], self._attributes[key]
                self._told_apart.add(key)
