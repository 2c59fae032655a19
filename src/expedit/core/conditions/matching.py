"""One set of facts against a condition: compiled once into closures, asked in microseconds."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, cast

from expedit.core.conditions.facts import HOLDS, composed, getter, is_number, items_of, texts_of
from expedit.core.conditions.model import Ago, Condition, Every, Having, Node, Not, Some, Test, Value
from expedit.core.conditions.substrings import SUBSTRINGS, finder, folded

Matcher = Callable[[Mapping[str, Any], int], bool]
"""Tells whether facts, nested mappings, fulfill a condition at a moment in microseconds."""

Check = Callable[[Any, int], bool]
"""The same of any value: of facts, of one item, of what a field holds."""

_ORDER = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def compile_matcher(condition: Condition) -> Matcher:
    """Return a function of facts and the present moment that tells whether `condition` is true.

    Facts are nested mappings of plain values: ``{"cart": {"total": 12900}}``; moments are microseconds. It
    never raises, whatever values they hold.
    """
    return check_of(condition.root)


def check_of(node: Node) -> Check:
    """Compile `node` over facts."""
    match node:
        case Every(parts):
            return _every([check_of(part) for part in sorted(parts, key=cost)])
        case Some(parts):
            return _some([check_of(part) for part in sorted(parts, key=cost)])
        case Not(part):
            inner = check_of(part)
            return lambda facts, now: not inner(facts, now)
        case Test() | Having():
            check, get = value_check(node), getter(node.field.keys)
            if not node.field.keys:
                return check
            return lambda facts, now: check(get(facts), now)


def value_check(node: Test | Having) -> Check:
    """Compile `node` over the value of its field."""
    if isinstance(node, Having):
        return _having(node)
    positive = {"ne": "eq", "nin": "in"}.get(node.operator)
    if positive is not None:
        inner = value_check(Test(node.place, node.field, positive, node.operand))
        return lambda value, now: not inner(value, now)
    return _CHECKS[node.operator](node)


def cost(node: Node) -> int:
    """Return about how long `node` takes, so that what is quick is asked first."""
    match node:
        case Every(parts) | Some(parts):
            return sum(map(cost, parts))
        case Not(part):
            return cost(part)
        case Having():
            return 10 * (cost(node.where) + 1)
    once = 4 if node.operator in SUBSTRINGS else 1
    return 2 * once if node.field.kind == "texts" else once


def _every(checks: list[Check]) -> Check:
    if len(checks) == 2:
        one, two = checks
        return lambda facts, now: one(facts, now) and two(facts, now)

    def every(facts: Any, now: int) -> bool:
        for check in checks:  # noqa: SIM110  (a generator takes twice the time)
            if not check(facts, now):
                return False
        return True

    return every


def _some(checks: list[Check]) -> Check:
    def some(facts: Any, now: int) -> bool:
        for check in checks:  # noqa: SIM110
            if check(facts, now):
                return True
        return False

    return some


def _having(node: Having) -> Check:
    where, number = check_of(node.where), check_of(node.number)
    elements: Callable[[object], Any] = texts_of if node.field.kind == "texts" else items_of
    if node.operator == "elemMatch":
        return lambda value, now: any(where(element, now) for element in elements(value))
    if node.where == Every():
        return lambda value, now: number(len(elements(value)), now)
    return lambda value, now: number(sum(where(element, now) for element in elements(value)), now)


def _exists(test: Test) -> Check:
    holds = HOLDS[test.field.kind]
    return (lambda value, _: holds(value)) if test.operand else (lambda value, _: not holds(value))


def _size(test: Test) -> Check:
    elements: Callable[[object], Any] = texts_of if test.field.kind == "texts" else items_of
    wanted = test.operand
    return lambda value, _: len(elements(value)) == wanted


def _all(test: Test) -> Check:
    wanted: frozenset[Any] = frozenset(cast("tuple[Value, ...]", test.operand))
    return lambda value, _: wanted <= {composed(text) for text in texts_of(value)}


def _compares(test: Test) -> Check:
    compare, operand = _ORDER[test.operator], cast("Any", test.operand)
    if isinstance(operand, Ago):
        span = operand.microseconds
        return lambda value, now: is_number(value) and compare(value, now - span)
    return lambda value, _: is_number(value) and compare(value, operand)


def _equals(test: Test) -> Check:
    operand = test.operand
    if operand is None:
        holds = HOLDS[test.field.kind]
        return lambda value, _: not holds(value)
    if isinstance(operand, bool):
        return lambda value, _: value is operand
    if not isinstance(operand, str):
        return lambda value, _: is_number(value) and value == operand
    if test.field.kind == "texts":
        return lambda value, _: any(composed(text) == operand for text in texts_of(value))
    return lambda value, _: isinstance(value, str) and composed(value) == operand


def _one_of(test: Test) -> Check:
    operand = cast("tuple[Value, ...]", test.operand)
    flags = {one for one in operand if isinstance(one, bool)}
    texts = {one for one in operand if isinstance(one, str)}
    numbers = {one for one in operand if one is not None and not isinstance(one, bool | str)}

    def one_of(value: Any, _: int) -> bool:
        if isinstance(value, str):
            return composed(value) in texts
        return value in flags if value is True or value is False else is_number(value) and value in numbers

    check: Check = one_of
    if test.field.kind == "texts":
        check = lambda value, _: any(composed(text) in texts for text in texts_of(value))  # noqa: E731
    if None not in operand:
        return check
    holds = HOLDS[test.field.kind]
    return lambda value, now: not holds(value) or check(value, now)


def _has_part(test: Test) -> Check:
    finds = finder(test.operator, test.operand)
    if test.field.kind == "texts":
        return lambda value, _: any(finds(folded(text)) for text in texts_of(value))
    return lambda value, _: isinstance(value, str) and finds(folded(value))


_CHECKS: dict[str, Callable[[Test], Check]] = {
    "eq": _equals,
    "in": _one_of,
    "exists": _exists,
    "size": _size,
    "all": _all,
    **dict.fromkeys(_ORDER, _compares),
    **dict.fromkeys(SUBSTRINGS, _has_part),
}
