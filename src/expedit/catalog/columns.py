"""Columns that are copied when written: a published one never changes, an untouched one is shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_PAGE_BITS = 12
_PAGE = 1 << _PAGE_BITS


class Draft:
    """The next version of a set of arrays of one length.

    Parameters
    ----------
    arrays
        The published arrays by name; they are not touched.
    """

    def __init__(self, arrays: Mapping[str, Array], length: int) -> None:
        self.arrays: dict[str, Array] = dict(arrays)
        self.length = length
        self._own: set[str] = set()
        self._fill: dict[str, Any] = {}

    def add(self, name: str, array: Array) -> None:
        """Add a column."""
        self.arrays[name] = array
        self._own.add(name)

    def grow(self, length: int, fill: Mapping[str, Any]) -> None:
        """Lengthen every column; new cells hold the column's `fill` (0 unless given)."""
        if length <= self.length:
            return
        for name, array in self.arrays.items():
            longer = np.full(length, fill.get(name, 0), array.dtype)
            longer[: self.length] = array
            self.arrays[name] = longer
            self._own.add(name)
        self.length = length

    def put(self, name: str, at: NDArray[np.int64], values: Sequence[Any]) -> None:
        """Set the cells `at`; the column is copied first if that changes a published one."""
        array = self.arrays[name]
        new = np.asarray(values, array.dtype)
        if name not in self._own:
            if np.array_equal(array[at], new):
                return
            array = self.arrays[name] = array.copy()
            self._own.add(name)
        array[at] = new

    def publish(self) -> dict[str, Array]:
        """Return the arrays, from now on read-only."""
        for name in self._own:
            self.arrays[name].flags.writeable = False
        self._own.clear()
        return dict(self.arrays)


class Pages:
    """A long list of bytes, copied page by page when written."""

    def __init__(self, pages: list[list[bytes]] | None = None, length: int = 0) -> None:
        self._pages = pages or []
        self.length = length

    def __getitem__(self, i: int) -> bytes:
        return self._pages[i >> _PAGE_BITS][i & (_PAGE - 1)]

    def differing(self, other: Pages) -> Iterator[int]:
        """Give the places at which `other` has not the very same bytes."""
        for number, page in enumerate(self._pages):
            before = other._pages[number] if number < len(other._pages) else []
            if page is not before:
                first = number << _PAGE_BITS
                for at, value in enumerate(page[: self.length - first]):
                    if at >= len(before) or value is not before[at]:
                        yield first + at

    def replaced(self, changes: Mapping[int, bytes], length: int) -> Pages:
        """Return a list of `length` with `changes` made; untouched pages are shared."""
        pages = list(self._pages)
        own: set[int] = set()
        while len(pages) * _PAGE < length:
            own.add(len(pages))
            pages.append([b""] * _PAGE)
        for i, value in changes.items():
            page = i >> _PAGE_BITS
            if page not in own:
                pages[page] = list(pages[page])
                own.add(page)
            pages[page][i & (_PAGE - 1)] = value
        return Pages(pages, length)


class Vocabulary:
    """Names and their codes; code 0 is the empty name; codes never change."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {"": 0}
        self._published: list[str] = [""]

    def code(self, name: str) -> int:
        """Return the code of `name`, a new one if need be."""
        return self._codes.setdefault(name, len(self._codes))

    def names(self) -> list[str]:
        """Return the names by code; the same list until a name is added."""
        if len(self._published) != len(self._codes):
            self._published = list(self._codes)
        return self._published


class CategoryTree:
    """Category paths and their codes; code 0 is the root, every prefix of a path has its own code."""

    def __init__(self) -> None:
        self.paths: list[tuple[str, ...]] = [()]
        self.parents: list[int] = [-1]
        self.labels: dict[str, dict[int, str]] = {}
        self._codes: dict[tuple[str, ...], int] = {(): 0}
        self._exact: dict[tuple[str, ...], int] = {(): 0}

    def code(self, path: tuple[str, ...], translations: Mapping[str, tuple[str, ...]]) -> int:
        """Return the code of `path`, a new one if need be; `translations` of it may be asked for as well."""
        code = self._exact.get(path)
        if code is None:
            code = 0
            for depth in range(1, len(path) + 1):
                parent, code = code, self._code(path[:depth])
                if code == len(self.paths):
                    self.paths.append(path[:depth])
                    self.parents.append(parent)
            self._exact[path] = code
        for locale, translated in translations.items():
            if len(translated) == len(path) and code not in self.labels.get(locale, {}):
                self._translate(code, locale, translated)
        return code

    def find(self, path: tuple[str, ...]) -> int | None:
        """Return the code of a path, in any of its languages and in any case."""
        return self._codes.get(_folded(path))

    def _code(self, path: tuple[str, ...]) -> int:
        return self._codes.setdefault(_folded(path), len(self.paths))

    def _translate(self, code: int, locale: str, translated: tuple[str, ...]) -> None:
        labels = self.labels.setdefault(locale, {})
        for depth in range(len(translated), 0, -1):
            labels.setdefault(code, translated[depth - 1])
            self._codes.setdefault(_folded(translated[:depth]), code)
            code = self.parents[code]


def _folded(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in path)


class ProductIndex(Mapping[str, int]):
    """Product id, variant id, SKU or GTIN → product index, as far as a snapshot reaches.

    The table behind it only grows and is shared by all snapshots; entries of later products stay hidden.
    """

    def __init__(self, table: Mapping[str, int], length: int) -> None:
        self._table = table
        self._length = length

    def __getitem__(self, name: str) -> int:
        found = self._table[name]
        if found >= self._length:
            raise KeyError(name)
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return the index of `name`, or `default`."""
        found = self._table.get(name)
        return default if found is None or found >= self._length else found

    def __contains__(self, name: object) -> bool:
        found = self._table.get(name)  # type: ignore[call-overload]
        return found is not None and found < self._length

    def __iter__(self) -> Iterator[str]:
        return (name for name, found in list(self._table.items()) if found < self._length)

    def __len__(self) -> int:
        return sum(1 for _ in self)
