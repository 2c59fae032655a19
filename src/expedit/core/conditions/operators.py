"""Which operators there are, and for which kinds of fields."""

from __future__ import annotations

from difflib import get_close_matches

LOGICAL = ("$and", "$or", "$nor", "$not")
"""Operators that stand in place of a field and join conditions."""

ORDER = frozenset({"$gt", "$gte", "$lt", "$lte"})

PARTS = frozenset({"$contains", "$startsWith"})
"""Operators that look for a part of a text; they take one text or a list, of which one is enough."""

_EQUALITY = frozenset({"$eq", "$ne", "$in", "$nin", "$not"})

OPERATORS: dict[str, frozenset[str]] = {
    "number": _EQUALITY | ORDER | {"$exists"},
    "money": _EQUALITY | ORDER | {"$exists"},
    "moment": _EQUALITY | ORDER | {"$exists"},
    "scalar": _EQUALITY | ORDER | PARTS | {"$exists"},
    "text": _EQUALITY | PARTS | {"$exists"},
    "flag": _EQUALITY | {"$exists"},
    "texts": _EQUALITY | PARTS | {"$exists", "$all", "$size", "$elemMatch"},
    "items": frozenset({"$eq", "$ne", "$not", "$exists", "$size", "$elemMatch", "$count"}),
    "element": _EQUALITY | PARTS,
    "count": _EQUALITY | ORDER,
}
"""Operators by the kind of field under which they may stand."""

_EVERY = frozenset().union(*OPERATORS.values())

NAMES = {
    "number": "a number",
    "money": "an amount",
    "text": "a text",
    "flag": "a flag",
    "moment": "a moment",
    "scalar": "a value of any type",
    "texts": "a list of texts",
    "items": "a list of items",
    "element": "an element of a list",
    "count": "a number of items",
}
"""How complaints call the kinds."""


def why_not_of_field(operator: str, kind: str) -> str:
    """Return why `operator` cannot stand under a field of `kind`."""
    if operator in OPERATORS[kind]:
        return ""
    if operator in _EVERY:
        return f"is not for {NAMES[kind]}; there are {', '.join(sorted(OPERATORS[kind]))}"
    if operator in LOGICAL:
        return "stands in place of a field, not under one"
    if operator == "$ago":
        return "stands under $gt, $gte, $lt or $lte of a moment"
    if operator == "$regex":
        return "is no operator; a part of a text is asked by $contains or $startsWith"
    return _unknown(operator, _EVERY)


def why_not_logical(operator: str) -> str:
    """Return why `operator` cannot stand in place of a field."""
    if operator in LOGICAL:
        return ""
    if operator in _EVERY:
        return "stands under a field, not in place of one"
    return _unknown(operator, frozenset(LOGICAL))


def _unknown(operator: str, known: frozenset[str]) -> str:
    near = get_close_matches(operator[:20], sorted(known), 3)
    return f"is no operator; did you mean {' or '.join(near)}?" if near else "is no operator"
