"""Conditions told in words: *brand is Fjord and price is at least 200 kr*."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from expedit.core import Condition, Field, Struct, Vocabulary, decimals_of, parse_time, write_condition
from expedit.web import figures
from expedit.web.texts import text

Value = str | int | float | bool
NamesOf = Callable[[str, Collection[str]], Mapping[str, str]]
"""Gives what values of a source (``catalog.products``) are called; unknown ones are left out."""

_ORDER = (
    ("eq", "exactly"), ("ne", "not_exactly"), ("gte", "at_least"), ("lte", "at_most"), ("gt", "more"),
    ("lt", "less"), ("between", "between"),
)  # fmt: skip
_KNOWN = (("known", "known"), ("unknown", "unknown"))
_PARTS = (("contains", "contains"), ("contains_not", "contains_not"), ("starts", "starts"))
_PARTS_OF_ONE = tuple((name, f"one_{word}") for name, word in _PARTS)

COMPARISONS: dict[str, tuple[tuple[str, str], ...]] = {
    "text": (("is", "one"), ("is_not", "none"), *_PARTS, *_KNOWN),
    "scalar": (("is", "one"), ("is_not", "none"), *_PARTS, ("gte", "at_least"), ("lte", "at_most"), *_KNOWN),
    "texts": (("is", "includes"), ("is_not", "lacks"), ("all", "includes_all"), *_PARTS_OF_ONE, *_KNOWN),
    "number": (*_ORDER, *_KNOWN),
    "money": (*_ORDER, *_KNOWN),
    "flag": (("yes", "yes"), ("no", "no")),
    "moment": (("within", "within"), ("older", "older"), ("from", "since"), ("until", "before"), *_KNOWN),
    "items": (("some", "some_where"), ("none", "none_where"), ("count", "count_where")),
    "count": _ORDER[:6],
    "chosen": (("is", "one"), ("is_not", "none")),
}
"""What the editor offers for each kind of field, and by which text; ``chosen`` is for numbers with names."""


def no_names(source: str, values: Collection[str]) -> Mapping[str, str]:  # noqa: ARG001
    """Return no name: values are shown as they are."""
    return {}


class Wording(Struct, frozen=True):
    """How the values of conditions are written for a viewer.

    Parameters
    ----------
    language
        The viewer's.
    names
        Gives what values are called.
    currency
        Of amounts; several as ``SEK / NOK``.
    decimals
        Of amounts; -1 = those of the currency.
    shares
        Fields that hold a share, which people write in percent.
    zone
        The shop's time zone, in which moments are typed.
    """

    language: str
    names: NamesOf = no_names
    currency: str = ""
    decimals: int = -1
    shares: frozenset[str] = frozenset()
    zone: str = "UTC"


def field_of(vocabulary: Vocabulary, path: str) -> Field | None:
    """Return the field that `path` names, inside lists too, as ``purchases.brand``."""
    found = vocabulary.find(path)
    if found is not None:
        return found[0]
    for name, field in vocabulary.fields.items():
        if field.items is not None and path.startswith(f"{name}."):
            return field_of(field.items, path[len(name) + 1 :])
    return None


def label_of(vocabulary: Vocabulary, path: str, language: str) -> str:
    """Return what people call a field; of an open-ended map the key is part of it."""
    found = vocabulary.find(path)
    open_field = vocabulary.fields.get(path) if found is None else None
    field = found[0] if found is not None else open_field
    if field is None:
        return path
    label = text(language, field.label) if field.label else path
    if found is not None and path not in vocabulary.fields:
        return f"{label}: {found[1][-1]}"
    return label


def tell_condition(condition: Condition, vocabulary: Vocabulary, wording: Wording) -> str:
    """Return a condition as a clause; empty for one that is always true."""
    return _Teller(wording).whole(write_condition(condition), vocabulary)


class _Teller:
    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._language = wording.language

    def whole(self, raw: Mapping[str, Any], vocabulary: Vocabulary) -> str:
        """Return all clauses of an object of fields and logical operators."""
        return self._joined(
            "and", [part for key, value in raw.items() for part in self._entry(key, value, vocabulary)]
        )

    def _entry(self, key: str, value: Any, vocabulary: Vocabulary) -> list[str]:
        if key == "$and":
            return [self._closed(one, vocabulary) for one in value]
        if key in {"$or", "$nor"}:
            either = self._joined("or", [self._closed(one, vocabulary) for one in value])
            return (
                [f"({either})" if key == "$or" and len(value) > 1 else either]
                if key == "$or"
                else [self._not(either)]
            )
        if key == "$not":
            return [self._not(self.whole(value, vocabulary))]
        field = field_of(vocabulary, key)
        label = _lowered(label_of(vocabulary, key, self._language))
        if field is None:
            return [f"{key} {value}"]
        asked = value if isinstance(value, dict) else {"$eq": value}
        return [self._clause(label, key, field, operator, operand) for operator, operand in asked.items()]

    def _closed(self, raw: Mapping[str, Any], vocabulary: Vocabulary) -> str:
        """Return a condition that stands among others: with brackets where it is several clauses."""
        told = self.whole(raw, vocabulary)
        several = len(raw) > 1 or any(isinstance(one, dict) and len(one) > 1 for one in raw.values())
        return f"({told})" if several else told

    def _clause(self, label: str, name: str, field: Field, operator: str, operand: Any) -> str:
        if operator == "$not" and list(operand) == ["$contains"]:
            operator, operand = _LACKS, operand["$contains"]
        if operator == "$not":
            inner = [self._clause(label, name, field, one, value) for one, value in operand.items()]
            return self._not(self._joined("and", inner))
        if operator == "$exists" or (operand is None and operator in {"$eq", "$ne"}):
            known = operand if operator == "$exists" else operator == "$ne"
            return f"{label} {self._is('known' if known else 'unknown')}"
        if field.items is not None and operator in {"$elemMatch", "$count"}:
            return self._items(label, field.items, operator, operand)
        if field.kind == "flag" and isinstance(operand, bool):
            return f"{label}: {self._is('yes' if operand == (operator == '$eq') else 'no')}"
        if isinstance(operand, dict) and "$ago" in operand:
            span = self._span(operand["$ago"])
            return f"{label} {self._is('within' if operator in {'$gte', '$gt'} else 'older')} {span}"
        word = _WORDS.get(field.kind, _WORDS["text"]).get(operator)
        values = operand if isinstance(operand, list) else [operand]
        each = self._parts(values) if operator in _PARTS_ASKED else self._values(name, field, values)
        told = self._joined("or" if operator != "$all" else "and", each)
        return f"{label} {self._is(word)} {told}" if word else f"{label} {operator} {told}"

    def _items(self, label: str, items: Vocabulary, operator: str, operand: Any) -> str:
        where = operand if operator == "$elemMatch" else operand.get("where", {})
        told = self.whole(where, items)
        if operator == "$elemMatch":
            return f"{label} {self._is('some_where')} ({told})" if told else f"{label} {self._is('known')}"
        asked = operand["is"] if isinstance(operand["is"], dict) else {"$eq": operand["is"]}
        number = self._joined(
            "and",
            [f"{self._is(_WORDS['number'].get(one, 'exactly'))} {value}" for one, value in asked.items()],
        )
        how_many = text(self._language, "web.condition.how_many", what=label, number=number)
        return f"{how_many} ({told})" if told else how_many

    def _parts(self, parts: list[str]) -> list[str]:
        """Return parts of texts as they are typed, in quotes."""
        return [text(self._language, "web.condition.quoted", what=one) for one in parts]

    def _values(self, name: str, field: Field, values: list[Any]) -> list[str]:
        known = self._wording.names(field.values, [str(one) for one in values]) if field.values else {}
        return [self._value(name, field, one, known) for one in values]

    def _value(self, name: str, field: Field, value: Any, known: Mapping[str, str]) -> str:
        if str(value) in known:
            return known[str(value)]
        if value is None or isinstance(value, bool):
            return self._is({None: "unknown", True: "yes", False: "no"}[value])
        if field.kind == "moment":
            return figures.moment(self._language, parse_time(str(value), ""))
        if isinstance(value, int | float):
            return self._number(name, field.kind, value)
        return str(value)

    def _number(self, name: str, kind: str, value: float) -> str:
        currency = self._wording.currency
        if kind == "money" and currency and "/" not in currency:
            whole = value % 10 ** decimals_of(currency) == 0
            return figures.money(self._language, int(value), currency, whole)
        if kind == "money":
            return f"{figures.number(self._language, value / 100)} {currency}".strip()
        if name in self._wording.shares:
            return figures.percent(self._language, value, 0 if value * 100 == int(value * 100) else 1)
        return figures.number(self._language, value)

    def _span(self, written: str) -> str:
        unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[written[-1]]
        return text(self._language, f"web.condition.span.{unit}", n=int(written[:-1]))

    def _joined(self, word: str, parts: list[str]) -> str:
        return f" {text(self._language, f'web.condition.{word}')} ".join(part for part in parts if part)

    def _not(self, told: str) -> str:
        return text(self._language, "web.condition.not", what=told)

    def _is(self, word: str) -> str:
        return text(self._language, f"web.condition.is.{word}")


_NUMBER = {
    "$eq": "exactly", "$ne": "not_exactly", "$gt": "more", "$gte": "at_least", "$lt": "less",
    "$lte": "at_most", "$in": "one", "$nin": "none",
}  # fmt: skip
_LACKS = "$not $contains"
_PARTS_ASKED = {"$contains": "contains", _LACKS: "contains_not", "$startsWith": "starts"}
_TEXT = {**_NUMBER, **_PARTS_ASKED, "$eq": "one", "$ne": "none"}
_TEXTS = {"$eq": "includes", "$in": "includes", "$ne": "lacks", "$nin": "lacks", "$all": "includes_all",
          "$size": "exactly",
          **{operator: f"one_{word}" for operator, word in _PARTS_ASKED.items()}}  # fmt: skip
_WORDS: dict[str, dict[str, str]] = {
    "text": _TEXT, "scalar": _TEXT, "texts": _TEXTS, "items": _TEXTS, "number": _NUMBER, "money": _NUMBER,
    "count": _NUMBER, "flag": _TEXT,
    "moment": _NUMBER | {"$gte": "since", "$gt": "since", "$lt": "before", "$lte": "before"},
}  # fmt: skip
"""The text of each operator by the kind of its field."""


def _lowered(label: str) -> str:
    """Return a label as it stands inside a sentence; an abbreviation keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
