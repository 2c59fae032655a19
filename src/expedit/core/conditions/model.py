"""A condition that has been read: a frozen tree of tests, and the text it is written as."""

from __future__ import annotations

from typing import Any

from expedit.core.codec import Struct, from_json
from expedit.core.conditions.vocabulary import FieldKind
from expedit.core.time import DAY, HOUR, MINUTE

UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


class Ago(Struct, frozen=True):
    """A moment that moves with the present one: `count` of `unit` (m, h, d or w) before it."""

    count: int
    unit: str

    @property
    def microseconds(self) -> int:
        """How long before the present moment it is."""
        return self.count * UNITS[self.unit]

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


Value = str | int | float | bool | None
"""A written value: moments are microseconds, money is minor units."""

Operand = Value | Ago | tuple[Value, ...]

InnerKind = FieldKind | str
"""The kind of a field, or ``element`` (one text of a list) or ``count`` (how many items there are)."""


class FieldRef(Struct, frozen=True):
    """A field as a condition names it: its path, the keys that lead to its value, its kind.

    An ``element`` or a ``count`` has no name: path and keys are empty, and it is the value itself.
    """

    path: str
    keys: tuple[str, ...]
    kind: InnerKind


class Every(Struct, frozen=True):
    """True when all parts are; without parts always."""

    parts: tuple[Node, ...] = ()


class Some(Struct, frozen=True):
    """True when a part is; without parts never."""

    parts: tuple[Node, ...]


class Not(Struct, frozen=True):
    """True when its part is not."""

    part: Node


class Test(Struct, frozen=True):
    """A field compared with what is written.

    Parameters
    ----------
    place
        Where it stands in the condition as it is written, as ``$and[1].stock.$gt``.
    field
        The field.
    operator
        Operator without its ``$``: ``eq``, ``gte``, ``in``, …
    operand
        What it is compared with.
    """

    place: str
    field: FieldRef
    operator: str
    operand: Operand


class Having(Struct, frozen=True):
    """How many elements of a list fulfill a condition: ``$elemMatch`` (one or more) and ``$count``.

    Parameters
    ----------
    place, field
        Where it stands, and the list.
    operator
        ``elemMatch`` or ``count``.
    where
        What is asked of each element.
    written
        `where` as text, for comparing.
    number
        What is asked of their number, a tree over the kind ``count``.
    """

    place: str
    field: FieldRef
    operator: str
    where: Node
    written: str
    number: Node


Node = Every | Some | Not | Test | Having


class Condition(Struct, frozen=True):
    """A condition, checked against its vocabulary; equal to another when both are written alike.

    Parameters
    ----------
    text
        Its canonical form, JSON.
    root
        Its meaning.
    """

    text: str
    root: Node


def write_condition(condition: Condition) -> dict[str, Any]:
    """Return `condition` in its canonical form, to be stored or shown.

    Keys are sorted, an equality that stands alone is written as the bare value, lists of values are sorted
    and hold none twice, texts are in Unicode's form NFC, moments in UTC, whole numbers without a fraction.
    """
    return from_json(condition.text, dict)
