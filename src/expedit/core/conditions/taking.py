"""Columns of some rows, taken from those of all when they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.core.conditions.columns import (
    Column,
    Columns,
    FlagColumn,
    ItemsColumn,
    NumberColumn,
    ScalarColumn,
    TextColumn,
    TextsColumn,
)


class TakenColumns:
    """The rows `chosen` of `columns`; each column is taken once, when it is first asked for."""

    def __init__(self, columns: Columns, chosen: NDArray[np.integer[Any]]) -> None:
        self.rows = chosen.size
        self._columns = columns
        self._chosen = chosen
        self._taken: dict[tuple[str, ...], Column | None] = {}

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column to which `keys` lead."""
        if keys not in self._taken:
            column = self._columns.column(keys)
            self._taken[keys] = None if column is None else _take(column, self._chosen)
        return self._taken[keys]


def _take(column: Column, chosen: NDArray[np.integer[Any]]) -> Column:
    match column:
        case NumberColumn(values, valid) | FlagColumn(values, valid):
            return type(column)(values[chosen], None if valid is None else valid[chosen])
        case TextColumn(codes, names):
            return TextColumn(codes[chosen], names)
        case TextsColumn(offsets, codes, names):
            taken, inside = _take_ranges(offsets, chosen)
            return TextsColumn(taken, codes[inside], names)
        case ItemsColumn(offsets, items):
            taken, inside = _take_ranges(offsets, chosen)
            return ItemsColumn(taken, TakenColumns(items, inside))
        case ScalarColumn():
            return ScalarColumn(*(None if one is None else _take(one, chosen) for one in column))  # type: ignore[arg-type]
    return column


def _take_ranges(
    offsets: NDArray[np.int64], chosen: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the offsets of the rows `chosen`, and where their elements are."""
    starts = offsets[:-1][chosen]
    sizes = offsets[1:][chosen] - starts
    taken = np.zeros(chosen.size + 1, np.int64)
    np.cumsum(sizes, out=taken[1:])
    inside = np.arange(taken[-1]) + np.repeat(starts - taken[:-1], sizes)
    return taken, inside
