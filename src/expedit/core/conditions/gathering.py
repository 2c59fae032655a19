"""Columns made from facts, row by row: for lists that are at hand and have no columns of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.core.conditions.columns import (
    Column,
    ColumnTable,
    FlagColumn,
    ItemsColumn,
    Names,
    NumberColumn,
    ScalarColumn,
    TextColumn,
    TextsColumn,
)
from expedit.core.conditions.facts import getter, is_number, items_of, texts_of
from expedit.core.conditions.model import Condition, Every, Having, Node, Not, Some

_Needs = dict[tuple[str, ...], tuple[str, "_Needs"]]
"""Kind, and what is asked of its items, by the keys that lead to a field."""


def gather(condition: Condition, facts: Sequence[Mapping[str, Any]]) -> ColumnTable:
    """Return columns with all that `condition` asks of `facts`, one row for each."""
    needs: _Needs = {}
    _note(condition.root, needs)
    return _table(needs, facts)


def _note(node: Node, needs: _Needs) -> None:
    match node:
        case Every(parts) | Some(parts):
            for part in parts:
                _note(part, needs)
        case Not(part):
            _note(part, needs)
        case _:
            _, inner = needs.setdefault(node.field.keys, (node.field.kind, {}))
            if isinstance(node, Having):
                _note(node.where, inner)


def _table(needs: _Needs, rows: Sequence[Mapping[str, Any]]) -> ColumnTable:
    columns: dict[tuple[str, ...], Column] = {}
    for keys, (kind, inner) in needs.items():
        get = getter(keys)
        columns[keys] = column_of(kind, inner, [get(row) for row in rows])
    return ColumnTable(len(rows), columns)


def column_of(kind: str, inner: _Needs, values: Sequence[Any]) -> Column:
    """Return the column of one field; of ``items`` with what `inner` asks of each."""
    match kind:
        case "text":
            return _texts(values)
        case "flag":
            return _flags(values)
        case "scalar":
            return ScalarColumn(_numbers(values), _texts(values), _flags(values))
        case "texts":
            lists = [texts_of(value) for value in values]
            flat = _texts([text for texts in lists for text in texts])
            return TextsColumn(_offsets(lists), flat.codes, flat.names)
        case "items":
            rows = [items_of(value) for value in values]
            return ItemsColumn(_offsets(rows), _table(inner, [item for items in rows for item in items]))
    return _numbers(values)


def _numbers(values: Sequence[Any]) -> NumberColumn:
    valid = np.array([is_number(value) for value in values], np.bool_)
    kept = [value if there else 0 for value, there in zip(values, valid.tolist(), strict=True)]
    if all(isinstance(value, int) and -(2**63) <= value < 2**63 for value in kept):
        return NumberColumn(np.array(kept, np.int64), valid)
    return NumberColumn(np.array([_double(value) for value in kept], np.float64), valid)


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _flags(values: Sequence[Any]) -> FlagColumn:
    valid = np.array([value is True or value is False for value in values], np.bool_)
    return FlagColumn(np.array([value is True for value in values], np.bool_), valid)


def _texts(values: Sequence[Any]) -> TextColumn:
    codes: dict[str, int] = {"": 0}
    found = [codes.setdefault(value, len(codes)) if isinstance(value, str) else -1 for value in values]
    return TextColumn(np.array(found, np.int32), Names(list(codes), codes))


def _offsets(lists: Sequence[Sequence[Any]]) -> NDArray[np.int64]:
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(one) for one in lists], out=offsets[1:])
    return offsets
