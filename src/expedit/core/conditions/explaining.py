"""Why a condition is true or false of one set of facts: the leaves that decided it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from expedit.core.codec import Struct
from expedit.core.conditions.facts import HOLDS, getter, items_of, texts_of
from expedit.core.conditions.leaves import Leaf, leaf_of
from expedit.core.conditions.matching import check_of
from expedit.core.conditions.model import Condition, Every, Having, Node, Not, Some, Test


class Finding(Struct, frozen=True):
    """A leaf that decided, and what was found.

    Parameters
    ----------
    leaf
        The leaf.
    holds
        Whether the leaf itself is true; under a negation a true one makes the whole false.
    found
        What the field holds, None for nothing; for ``$elemMatch`` and ``$count`` how many elements fulfill
        what is asked of each.
    """

    leaf: Leaf
    holds: bool
    found: Any = None


class Explanation(Struct, frozen=True):
    """Whether a condition holds, and because of what.

    Parameters
    ----------
    holds
        Whether it is true.
    because
        The leaves that decided: each one that is in the way when it is false; when it is true, those that
        made it so, of several alternatives the first.
    """

    holds: bool
    because: tuple[Finding, ...]


def explain_condition(condition: Condition, facts: Mapping[str, Any], now: int) -> Explanation:
    """Return whether `condition` is true of `facts` at the moment `now`, and which leaves decided it."""
    return Explanation(check_of(condition.root)(facts, now), tuple(_deciding(condition.root, facts, now)))


def _deciding(node: Node, facts: Mapping[str, Any], now: int) -> Iterator[Finding]:
    match node:
        case Not(part):
            yield from _deciding(part, facts, now)
        case Every(parts) | Some(parts):
            answers = [check_of(part)(facts, now) for part in parts]
            decisive = isinstance(node, Some)  # one true part decides `Some`, one false part decides `Every`
            chosen = [part for part, answer in zip(parts, answers, strict=True) if answer is decisive]
            if decisive:
                chosen = chosen[:1]
            for part in chosen or parts:
                yield from _deciding(part, facts, now)
        case Test() | Having():
            value = getter(node.field.keys)(facts)
            yield Finding(leaf_of(node), check_of(node)(facts, now), _found(node, value, now))


def _found(node: Test | Having, value: Any, now: int) -> Any:
    if isinstance(node, Test):
        return value if HOLDS[node.field.kind](value) else None
    where = check_of(node.where)
    elements = texts_of(value) if node.field.kind == "texts" else items_of(value)
    return sum(where(element, now) for element in elements)
