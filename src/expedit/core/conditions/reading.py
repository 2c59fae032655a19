"""Reading a condition: JSON is checked against a vocabulary, place by place, within fixed limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from expedit.core.codec import JsonEncoder
from expedit.core.conditions.model import Condition, Every, FieldRef, Having, Node, Not, Operand, Some, Test
from expedit.core.conditions.operators import ORDER, PARTS, why_not_logical, why_not_of_field
from expedit.core.conditions.substrings import folded
from expedit.core.conditions.values import is_unicode, rank, read_ago, read_text, read_value, write_value
from expedit.core.conditions.vocabulary import LONGEST_PATH, Vocabulary
from expedit.core.errors import InvalidInput, TooLarge

MAX_DEPTH = 10
MAX_NODES = 250
MAX_VALUES = 5_000
MAX_PARTS = 100

T = TypeVar("T")

_sorted_json = JsonEncoder(order="sorted")


def read_condition(raw: object, vocabulary: Vocabulary, path: str = "when") -> Condition:
    """Return the condition that `raw`, decoded JSON, writes.

    Parameters
    ----------
    raw
        An object of fields and operators; ``{}`` is always true.
    vocabulary
        The fields that it may speak of.
    path
        What complaints call the whole of it.

    Raises
    ------
    InvalidInput
        Naming the exact place, as ``when.$and[1].stock.$gt``.
    TooLarge
        When it is nested deeper than `MAX_DEPTH`, has more than `MAX_NODES` objects and comparisons, more
        than `MAX_VALUES` values in lists, or more than `MAX_PARTS` parts of texts to look for.
    """
    node, written = _Reader(path).condition(raw, vocabulary, "", 1)
    return Condition(_sorted_json.encode(written).decode(), node)


def _join(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer and inner else outer or inner


class _Reader:
    """Reads one condition.

    Places are relative to the whole: `at` as it was given, `place` in its canonical form.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._nodes = 0
        self._values = 0
        self._parts = 0

    def condition(self, raw: object, vocabulary: Vocabulary, at: str, depth: int) -> tuple[Node, object]:
        """Read an object whose keys are fields and logical operators."""
        raw = self._object(raw, at, depth, "must be an object of fields and operators")
        parts: dict[str, Node] = {}
        written: dict[str, object] = {}
        for key, value in raw.items():
            here = _join(at, key[:LONGEST_PATH])
            if key.startswith("$"):
                parts[key], written[key] = self._logical(key, value, vocabulary, here, depth)
            else:
                parts[key], written[key] = self._field(key, value, vocabulary, here, depth)
        return _every(parts), written

    def _logical(
        self, key: str, value: object, vocabulary: Vocabulary, at: str, depth: int
    ) -> tuple[Node, object]:
        if problem := why_not_logical(key):
            self._refuse(at, problem)
        if key == "$not":
            part, inner = self.condition(value, vocabulary, at, depth + 1)
            return Not(part), inner
        if not isinstance(value, list):
            self._refuse(at, "must be a list of conditions")
        if not value:
            self._refuse(at, "is an empty list")
        read = [self.condition(one, vocabulary, f"{at}[{n}]", depth + 1) for n, one in enumerate(value)]
        parts = tuple(part for part, _ in read)
        node: Node = Every(parts) if key == "$and" else Some(parts)
        return Not(node) if key == "$nor" else node, [inner for _, inner in read]

    def _field(
        self, path: str, value: object, vocabulary: Vocabulary, at: str, depth: int
    ) -> tuple[Node, object]:
        if len(path) > LONGEST_PATH:
            self._refuse(at, f"is longer than {LONGEST_PATH} characters")
        found = vocabulary.find(path)
        if found is None:
            self._refuse(at, _unknown_field(path, vocabulary))
        field, keys = found
        ref = FieldRef(path, keys, field.kind)
        return self._plain_or_operators(value, ref, field.items, at, depth)

    def _plain_or_operators(
        self, value: object, ref: FieldRef, items: Vocabulary | None, at: str, depth: int
    ) -> tuple[Node, object]:
        """Read a bare value, which means equality, or an object of operators."""
        if not isinstance(value, dict):
            self._count_node(at)
            return self._test("$eq", value, ref, at, at)
        node, written = self._operators(value, ref, items, at, depth, bare=len(value) == 1)
        if len(written) == 1 and "$eq" in written:
            return node, written["$eq"]
        return node, written

    def _operators(
        self,
        raw: object,
        ref: FieldRef,
        items: Vocabulary | None,
        at: str,
        depth: int,
        *,
        bare: bool = False,
    ) -> tuple[Node, dict[str, object]]:
        """Read an object of operators; a single equality in it is written as a `bare` value, or is not."""
        raw = self._object(raw, at, depth, "must be an object of operators")
        if not raw:
            self._refuse(at, "has no operator")
        parts: dict[str, Node] = {}
        written: dict[str, object] = {}
        for key, value in raw.items():
            here = _join(at, key[:LONGEST_PATH])
            if problem := why_not_of_field(key, ref.kind):
                self._refuse(here, problem)
            if key == "$not":
                part, written[key] = self._operators(value, ref, items, here, depth + 1)
                parts[key] = Not(part)
            elif key == "$elemMatch":
                parts[key], written[key] = self._elem_match(value, ref, items, here, depth)
            elif key == "$count":
                assert items is not None
                parts[key], written[key] = self._how_many(value, ref, items, here, depth)
            else:
                place = at if bare and key == "$eq" else here
                self._count_node(here)
                parts[key], written[key] = self._test(key, value, ref, here, place)
        return _every(parts), written

    def _elem_match(
        self, raw: object, ref: FieldRef, items: Vocabulary | None, at: str, depth: int
    ) -> tuple[Node, object]:
        if items is None:
            element = FieldRef("", (), "element")
            where, written = self._operators(raw, element, None, at, depth + 1)
            return self._having(ref, "elemMatch", where, written, _one_or_more(at), at), written
        where, inner = self.condition(raw, items, at, depth + 1)
        return self._having(ref, "elemMatch", where, inner, _one_or_more(at), at), inner

    def _how_many(
        self, raw: object, ref: FieldRef, items: Vocabulary, at: str, depth: int
    ) -> tuple[Node, object]:
        raw = self._object(raw, at, depth, "must be an object with is and, if need be, where")
        unknown = next((key for key in raw if key not in {"where", "is"}), None)
        if unknown is not None:
            self._refuse(_join(at, unknown[:LONGEST_PATH]), "is unknown here; there are where and is")
        if "is" not in raw:
            self._refuse(at, "says not how many: is is missing")
        where, inner = self.condition(raw.get("where", {}), items, _join(at, "where"), depth + 1)
        counted = FieldRef("", (), "count")
        number, asked = self._plain_or_operators(raw["is"], counted, None, _join(at, "is"), depth + 1)
        written = {"is": asked, "where": inner} if inner else {"is": asked}
        return self._having(ref, "count", where, inner, number, at), written

    def _having(
        self, ref: FieldRef, operator: str, where: Node, written: object, number: Node, place: str
    ) -> Having:
        return Having(place, ref, operator, where, _sorted_json.encode(written).decode(), number)

    def _test(self, operator: str, raw: object, ref: FieldRef, at: str, place: str) -> tuple[Node, object]:
        operand, written = self._operand(operator, raw, ref.kind, at)
        return Test(place, ref, operator[1:], operand), written

    def _operand(self, operator: str, raw: object, kind: str, at: str) -> tuple[Operand, object]:
        if operator in {"$in", "$nin", "$all"}:
            return self._list(operator, raw, kind, at)
        if operator in PARTS:
            return self._wanted(raw, at)
        if operator in {"$exists", "$size"}:
            given = self._take(at, read_value, raw, "flag" if operator == "$exists" else "count")
            return given, given
        if kind == "moment" and isinstance(raw, dict):
            return self._ago(operator, raw, at)
        if isinstance(raw, list) and kind != "items":
            self._refuse(at, "must be one value; several stand under $in")
        if raw is None and operator not in ORDER and kind not in {"element", "count"}:
            return None, None
        value = self._take(at, read_value, raw, "number" if operator in ORDER and kind == "scalar" else kind)
        return value, write_value(value, kind)

    def _ago(self, operator: str, raw: dict[str, object], at: str) -> tuple[Operand, object]:
        if list(raw) != ["$ago"]:
            self._refuse(at, 'must be an ISO 8601 time or {"$ago": "7d"}')
        if operator not in ORDER:
            self._refuse(at, "is a moving moment, with which only $gt, $gte, $lt and $lte compare")
        span = self._take(_join(at, "$ago"), read_ago, raw["$ago"])
        return span, {"$ago": str(span)}

    def _list(self, operator: str, raw: object, kind: str, at: str) -> tuple[Operand, object]:
        if not isinstance(raw, list):
            self._refuse(at, "must be a list of values")
        self._values += len(raw)
        if self._values > MAX_VALUES:
            self._refuse(at, f"brings more than {MAX_VALUES} values into the condition", TooLarge)
        if not raw and operator == "$all":
            self._refuse(at, "is an empty list")
        nullable = operator != "$all" and kind not in {"element", "count"}
        values = {
            rank(value): value
            for n, one in enumerate(raw)
            for value in (
                None if one is None and nullable else self._take(f"{at}[{n}]", read_value, one, kind),
            )
        }
        operand = tuple(values[key] for key in sorted(values))
        return operand, [write_value(value, kind) for value in operand]

    def _wanted(self, raw: object, at: str) -> tuple[Operand, object]:
        """Read the parts of a text that are looked for, one or a list of them."""
        if isinstance(raw, list) and not raw:
            self._refuse(at, "is an empty list")
        given = [(f"{at}[{n}]", one) for n, one in enumerate(raw)] if isinstance(raw, list) else [(at, raw)]
        self._parts += len(given)
        if self._parts > MAX_PARTS:
            self._refuse(at, f"brings more than {MAX_PARTS} parts of texts into the condition", TooLarge)
        texts = sorted({folded(self._take(place, read_text, one)) for place, one in given})
        return (texts[0], texts[0]) if len(texts) == 1 else (tuple(texts), texts)

    def _object(self, raw: object, at: str, depth: int, expected: str) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            self._refuse(at, f"is nested deeper than {MAX_DEPTH}", TooLarge)
        self._count_node(at)
        if not isinstance(raw, dict):
            self._refuse(at, expected)
        if not all(isinstance(key, str) and is_unicode(key) for key in raw):
            self._refuse(at, "has a key that is not Unicode text")
        return raw

    def _count_node(self, at: str) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._refuse(at, f"is more than {MAX_NODES} objects and comparisons", TooLarge)

    def _take(self, at: str, read: Callable[..., T], *given: object) -> T:
        """Read a value, and let a complaint about it name its place."""
        try:
            return read(*given)
        except InvalidInput as error:
            self._refuse(at, error.reason)

    def _refuse(self, at: str, reason: str, kind: type[InvalidInput] = InvalidInput) -> NoReturn:
        raise kind(_join(self._path, at), reason)


def _every(parts: dict[str, Node]) -> Node:
    """Join the parts of an object, by key, so that the order of its keys means nothing."""
    return (
        next(iter(parts.values())) if len(parts) == 1 else Every(tuple(parts[key] for key in sorted(parts)))
    )


def _one_or_more(place: str) -> Node:
    return Test(place, FieldRef("", (), "count"), "gte", 1)


def _unknown_field(path: str, vocabulary: Vocabulary) -> str:
    near = vocabulary.nearest(path)
    outer = next((one for one in vocabulary.fields if path.startswith(f"{one}.")), None)
    if outer is not None and vocabulary.fields[outer].kind == "items":
        return f"lies inside the items of {outer}, which are asked by $elemMatch or $count"
    return f"is no field; did you mean {' or '.join(near)}?" if near else "is no field"
