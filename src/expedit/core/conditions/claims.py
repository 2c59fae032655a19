"""Claims that a part of a condition is true or false, taken apart into claims about single fields."""

from __future__ import annotations

from typing import NamedTuple

from expedit.core.codec import to_json
from expedit.core.conditions.model import Every, FieldRef, Having, Node, Not, Operand, Some, Test
from expedit.core.conditions.substrings import SUBSTRINGS


class Counted(NamedTuple):
    """What a number of elements is about: a list, and the condition on each, as it is written."""

    path: str
    written: str
    where: Node


class Claim(NamedTuple):
    """That `node` is true, or with `holds` false that it is not.

    `about` tells which elements a test of kind ``count`` counts.
    """

    node: Node
    holds: bool
    about: Counted | None = None


class Parts(NamedTuple):
    """What a claim comes to: all of `claims`, or with `every` false at least one of them."""

    every: bool
    claims: list[Claim]


ALL = "{}"


def parts_of(claim: Claim) -> Parts | None:
    """Return what `claim` comes to, None when it is about a single field."""
    node, holds, about = claim
    match node:
        case Not(part):
            return Parts(True, [Claim(part, not holds, about)])
        case Every(parts):
            return Parts(holds, [Claim(part, holds, about) for part in parts])
        case Some(parts):
            return Parts(not holds, [Claim(part, holds, about) for part in parts])
        case Having():
            counted = Counted(node.field.path, node.written, node.where)
            return Parts(True, [Claim(node.number, holds, counted)])
        case Test() if node.field.kind == "texts" and node.operator in SUBSTRINGS:
            return _one(_elements(node), holds)
        case Test():
            return _of_list(node, holds) if node.field.kind in {"texts", "items"} else None


def _of_list(test: Test, holds: bool) -> Parts | None:
    """Take a test of a list apart: how long it is, which texts it contains."""
    operand = test.operand
    match test.operator:
        case "exists":
            return _one(_longer(test, "gte", 1), holds == operand)
        case "size" | "eq" if not isinstance(operand, str):
            return _one(_longer(test, "eq", operand or 0), holds)
        case "ne" | "nin" as turned:
            return _one(Claim(_changed(test, {"ne": "eq", "nin": "in"}[turned], operand), True), not holds)
        case "in" if isinstance(operand, tuple) and None in operand:
            texts = tuple(one for one in operand if one is not None)
            either = [_changed(test, "eq", None), _changed(test, "in", texts)]
            return Parts(not holds, [Claim(one, holds) for one in either])
        case "all" if isinstance(operand, tuple):
            return Parts(holds, [Claim(_changed(test, "eq", text), holds) for text in operand])
    return None


def _one(claim: Claim, holds: bool) -> Parts:
    return Parts(True, [claim._replace(holds=holds)])


def _longer(test: Test, operator: str, number: Operand) -> Claim:
    """Return a claim about how many elements the list has."""
    counted = FieldRef("", (), "count")
    return Claim(Test(test.place, counted, operator, number), True, Counted(test.field.path, ALL, Every()))


def _elements(test: Test) -> Claim:
    """Return a claim that the list has an element, one or more, that fulfills `test`."""
    element = Test(test.place, FieldRef("", (), "element"), test.operator, test.operand)
    written = to_json({f"${test.operator}": test.operand}).decode()
    counted = Counted(test.field.path, written, element)
    return Claim(Test(test.place, FieldRef("", (), "count"), "gte", 1), True, counted)


def _changed(test: Test, operator: str, operand: Operand) -> Test:
    return Test(test.place, test.field, operator, operand)
