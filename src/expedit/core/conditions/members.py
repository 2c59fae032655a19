"""Which rows of a column hold one of some values: equality, membership, existence, parts of texts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from expedit.core.conditions.columns import (
    Column,
    FlagColumn,
    Names,
    NumberColumn,
    SameColumn,
    ScalarColumn,
    TextColumn,
    TextsColumn,
)
from expedit.core.conditions.model import Value
from expedit.core.conditions.substrings import Finder

Bools = NDArray[np.bool_]

_FEW = 8


class Members:
    """A set of values, null among them or not, to look for in columns."""

    def __init__(self, values: tuple[Value, ...]) -> None:
        self._null = None in values
        self._flags = [one for one in values if isinstance(one, bool)]
        self._texts = [one for one in values if isinstance(one, str)]
        self._numbers = [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
        self._lookup = _Lookup(lambda names: names.codes_of(self._texts))

    def among(self, column: Column) -> Bools | bool:
        """Return where `column` holds one of the values; one answer when it is the same in every row."""
        found = self._values_among(column)
        return found | nothing(column) if self._null else found

    def _values_among(self, column: Column) -> Bools | bool:
        match column:
            case NumberColumn(values, valid):
                return both(_any_equal(values, self._numbers), valid)
            case FlagColumn(values, valid):
                return both(_any_equal(values, self._flags), valid)
            case TextColumn(codes, names):
                return self._any_text(codes, names)
            case TextsColumn(offsets, codes, names):
                return counts_of(self._any_text(codes, names), offsets) > 0
            case ScalarColumn(numbers, texts, flags):
                parts = [self._values_among(one) for one in (numbers, texts, flags) if one is not None]
                return _some(parts)
        return False

    def _any_text(self, codes: NDArray[np.integer], names: Names) -> Bools | bool:
        return self._lookup.among(codes, names) if self._texts else False


class Spelled:
    """Texts that are spelled in some way, to look for in columns.

    Parameters
    ----------
    finds
        Tells it of a folded text; false of the empty one.
    """

    def __init__(self, finds: Finder) -> None:
        self._lookup = _Lookup(lambda names: names.codes_where(finds))

    def among(self, column: Column) -> Bools | bool:
        """Return where `column` holds one of them; one answer when it is the same in every row."""
        match column:
            case TextColumn(codes, names) | ScalarColumn(texts=TextColumn(codes, names)):
                return self._lookup.among(codes, names)
            case TextsColumn(offsets, codes, names):
                return counts_of(self._lookup.among(codes, names), offsets) > 0
        return False


class _Lookup:
    """Some of the texts of a column, looked up once for each list of names: a code, or a table by code.

    Parameters
    ----------
    find
        Gives the codes that are looked for.
    """

    def __init__(self, find: Callable[[Names], list[int]]) -> None:
        self._find = find
        self._kept: tuple[Names, int | Bools] | None = None

    def among(self, codes: NDArray[np.integer], names: Names) -> Bools:
        """Return which of `codes` are looked for."""
        kept = self._kept
        if kept is None or kept[0] is not names:
            kept = self._kept = (names, self._table(names))
        looked_up = kept[1]
        hits: Bools = codes == looked_up if isinstance(looked_up, int) else looked_up[codes]
        return hits

    def _table(self, names: Names) -> int | Bools:
        found = self._find(names)
        if not found:
            return -2  # the code of no row
        if len(found) == 1:
            return found[0]
        table = np.zeros(names.size + 1, np.bool_)  # the last cell is that of −1
        table[found] = True
        return table


def nothing(column: Column) -> Bools | bool:
    """Return where `column` has no value."""
    match column:
        case NumberColumn(values, valid):
            missing: Bools | bool = np.isnan(values) if values.dtype.kind == "f" else False
            return missing if valid is None else missing | ~valid
        case FlagColumn(_, valid):
            return False if valid is None else ~valid
        case TextColumn(codes, names):
            empty: Bools = codes == names.empty
            return empty | (codes < 0)
        case ScalarColumn(numbers, texts, flags):
            return every([nothing(one) for one in (numbers, texts, flags) if one is not None])
        case SameColumn():
            raise TypeError("a value that is the same in every row is no column of its own")
    none: Bools = counts_of(True, column.offsets) == 0
    return none


def counts_of(passed: Bools | bool, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many of each row's elements `passed`."""
    if passed is False:
        return np.zeros(offsets.size - 1, np.int64)
    before = offsets
    if passed is not True:
        running = np.zeros(passed.size + 1, np.int64)
        np.cumsum(passed, out=running[1:])
        before = running[offsets]
    return before[1:] - before[:-1]


def both(found: Bools | bool, valid: Bools | None) -> Bools | bool:
    """Return `found` where it is `valid`; None = everywhere."""
    return found if valid is None else found & valid


def every(parts: list[Bools | bool]) -> Bools | bool:
    """Return where all of `parts` are true."""
    answer: Bools | bool = True
    for part in parts:
        answer = answer & part
    return answer


def _some(parts: list[Bools | bool]) -> Bools | bool:
    answer: Bools | bool = False
    for part in parts:
        answer = answer | part
    return answer


def _any_equal(values: NDArray[np.generic], wanted: list[bool] | list[int | float]) -> Bools | bool:
    if len(wanted) > _FEW:
        return np.isin(values, wanted)
    return _some([values == one for one in wanted])
