"""What a condition speaks of, leaf by leaf, for editors, lint and explanations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from expedit.core.codec import Struct
from expedit.core.conditions.model import Ago, Condition, Every, Having, InnerKind, Node, Not, Some, Test
from expedit.core.conditions.values import write_value


class Leaf(Struct, frozen=True):
    """One operator of a condition under its field.

    Parameters
    ----------
    place
        Where it stands in the condition as it is written, as ``$and[1].stock.$gt``; a bare value stands at
        its field, ``brand``.
    field
        Dotted name of the field; inside a list the list's name comes first, as ``purchases.brand``.
    kind
        Kind of the field; ``count`` for what is asked of a number of items, ``element`` for one text of a
        list.
    operator
        With its ``$``. ``$elemMatch`` and ``$count`` are leaves, and so is each leaf inside them.
    operand
        What it is compared with, as JSON writes it; None for ``$elemMatch`` and ``$count``.
    within
        Place of the ``$elemMatch`` or ``$count`` that it is inside of, or empty.
    """

    place: str
    field: str
    kind: InnerKind
    operator: str
    operand: Any = None
    within: str = ""


def leaves_of(condition: Condition) -> tuple[Leaf, ...]:
    """Return every leaf of `condition`, those inside ``$elemMatch`` and ``$count`` after these."""
    return tuple(_walk(condition.root, "", ""))


def fields_of(condition: Condition) -> frozenset[str]:
    """Return the dotted names of all fields that `condition` speaks of, as ``purchases.brand``."""
    return frozenset(leaf.field for leaf in leaves_of(condition))


def leaf_of(node: Test | Having, prefix: str = "", within: str = "") -> Leaf:
    """Return `node` as a leaf."""
    field = ".".join(filter(None, (prefix, node.field.path)))
    written = _written(node) if isinstance(node, Test) else None
    return Leaf(node.place, field, node.field.kind, f"${node.operator}", written, within)


def _walk(node: Node, prefix: str, within: str) -> Iterator[Leaf]:
    match node:
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _walk(part, prefix, within)
        case Not(part):
            yield from _walk(part, prefix, within)
        case Test():
            yield leaf_of(node, prefix, within)
        case Having():
            leaf = leaf_of(node, prefix, within)
            yield leaf
            yield from _walk(node.where, leaf.field, node.place)
            if node.operator == "count":
                yield from _walk(node.number, leaf.field, node.place)


def _written(test: Test) -> Any:
    operand = test.operand
    if isinstance(operand, Ago):
        return {"$ago": str(operand)}
    if isinstance(operand, tuple):
        return [write_value(value, test.field.kind) for value in operand]
    return operand if test.operator == "size" else write_value(operand, test.field.kind)
