"""Many rows against a condition: each test becomes a few operations on whole arrays."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from expedit.core.conditions.columns import (
    Column,
    Columns,
    ColumnTable,
    FlagColumn,
    ItemsColumn,
    NumberColumn,
    SameColumn,
    ScalarColumn,
    TextColumn,
    TextsColumn,
)
from expedit.core.conditions.matching import cost, value_check
from expedit.core.conditions.members import Bools, Members, Spelled, both, counts_of, every
from expedit.core.conditions.model import Ago, Condition, Every, Having, Node, Not, Operand, Some, Test
from expedit.core.conditions.substrings import SUBSTRINGS, finder

Part = Callable[[Columns, int], Bools | bool]
"""A part of a mask: an array, or one answer for all rows."""

Ask = Callable[[Any, int], Bools | bool]
"""The same, of the column of its field."""

_ORDER: dict[str, Callable[[Any, Any], Bools]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}

_TYPES: dict[str, type[Any]] = {
    "number": NumberColumn,
    "money": NumberColumn,
    "moment": NumberColumn,
    "count": NumberColumn,
    "flag": FlagColumn,
    "text": TextColumn,
    "element": TextColumn,
    "scalar": ScalarColumn,
    "texts": TextsColumn,
    "items": ItemsColumn,
}


def mask_of(condition: Condition) -> Callable[[Columns, int], Bools]:
    """Compile `condition` into a function of columns and the present moment."""
    part = _part(condition.root)

    def mask(columns: Columns, now: int) -> Bools:
        answer = part(columns, now)
        return np.full(columns.rows, answer, np.bool_) if isinstance(answer, bool) else answer

    return mask


def _part(node: Node) -> Part:
    match node:
        case Every(parts):
            return _every([_part(part) for part in sorted(parts, key=cost)])
        case Some(parts):
            return _not(_every([_not(_part(part)) for part in sorted(parts, key=cost)]))
        case Not(part):
            return _not(_part(part))
        case Having():
            return _of_field(node, _having(node))
        case Test():
            return _of_field(node, _test(node))


def _every(parts: Sequence[Part]) -> Part:
    def all_parts(columns: Columns, now: int) -> Bools | bool:
        answer: Bools | bool = True
        for part in parts:
            one = part(columns, now)
            if not (one if isinstance(one, bool) else one.any()):
                return False
            answer = answer & one
        return answer

    return all_parts


def _not(part: Part) -> Part:
    def turned(columns: Columns, now: int) -> Bools | bool:
        answer = part(columns, now)
        return not answer if isinstance(answer, bool) else ~answer

    return turned


def _of_field(node: Test | Having, ask: Ask) -> Part:
    """Find the column of the field; what is nothing or the same in every row is asked only once."""
    keys, check, expected = node.field.keys, value_check(node), _TYPES[node.field.kind]

    def part(columns: Columns, now: int) -> Bools | bool:
        column = columns.column(keys)
        if isinstance(column, expected):
            return ask(column, now)
        if column is None or isinstance(column, SameColumn):
            return check(None if column is None else column.value, now)
        raise TypeError(f"{node.field.path} needs a {expected.__name__}, not a {type(column).__name__}")

    return part


def _having(node: Having) -> Ask:
    where, number = _part(node.where), _part(node.number)

    def ask(column: TextsColumn | ItemsColumn, now: int) -> Bools | bool:
        if isinstance(column, TextsColumn):
            texts: Column = TextColumn(column.codes, column.names)
            elements: Columns = ColumnTable(column.codes.size, {(): texts})
        else:
            elements = column.items
        counts = counts_of(where(elements, now), column.offsets)
        return number(ColumnTable(counts.size, {(): NumberColumn(counts)}), now)

    return ask


def _test(node: Test) -> Ask:
    """Compile a comparison; equality and existence are membership of a set of values too."""
    name, operand = node.operator, cast("Any", node.operand)
    if name in {"eq", "ne", "in", "nin"}:
        values = operand if isinstance(operand, tuple) else (operand,)
        return _member(values, turned=name in {"ne", "nin"})
    if name == "exists":
        return _member((None,), turned=operand)
    if name in SUBSTRINGS:
        spelled = Spelled(finder(name, operand))
        return lambda column, _: spelled.among(column)
    if name == "all":
        return _all_of(operand)
    if name == "size":
        return lambda column, _: counts_of(True, column.offsets) == operand
    return _ordered(_ORDER[name], operand)


def _member(values: tuple[Any, ...], *, turned: bool = False) -> Ask:
    members = Members(values)

    def ask(column: Column, _: int) -> Bools | bool:
        found = members.among(column)
        if not turned:
            return found
        return not found if isinstance(found, bool) else ~found

    return ask


def _all_of(texts: tuple[str, ...]) -> Ask:
    each = [Members((text,)) for text in texts]
    return lambda column, _: every([members.among(column) for members in each])


def _ordered(compare: Callable[[Any, Any], Bools], operand: Operand) -> Ask:
    def ask(column: NumberColumn | ScalarColumn, now: int) -> Bools | bool:
        numbers = column.numbers if isinstance(column, ScalarColumn) else column
        if numbers is None:
            return False
        wanted = now - operand.microseconds if isinstance(operand, Ago) else operand
        return both(compare(numbers.values, wanted), numbers.valid)

    return ask
