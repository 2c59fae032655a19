"""What facts hold, kind by kind.

There is one *nothing*: a value that is missing, null, empty (a text, a list), NaN or of another kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unicodedata import normalize

Getter = Callable[[Any], Any]


def getter(keys: tuple[str, ...]) -> Getter:
    """Return what follows `keys` through nested mappings to a value; None when one is not there."""
    if not keys:
        return lambda value: value
    if len(keys) == 1:
        (only,) = keys
        return lambda facts: facts.get(only)
    *outer, last = keys

    def follow(facts: Any) -> Any:
        for key in outer:
            facts = facts.get(key)
            if facts.__class__ is not dict and not isinstance(facts, Mapping):
                return None
        return facts.get(last)

    return follow


def is_number(value: object) -> bool:
    """Tell whether `value` is an integer or a float, NaN included, which equals nothing."""
    return isinstance(value, int | float) and value is not True and value is not False


def composed(text: str) -> str:
    """Return `text` in Unicode's form NFC, in which texts are compared."""
    return text if text.isascii() else normalize("NFC", text)


def texts_of(value: object) -> Sequence[str]:
    """Return the texts of a list, or of a text that stands alone; what is empty or no text is left out."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list | tuple | set | frozenset):
        return [one for one in value if isinstance(one, str) and one]
    return ()


def items_of(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a list, or an object that stands alone; what is no object is left out."""
    if isinstance(value, list | tuple):
        return [one for one in value if isinstance(one, Mapping)]
    return (value,) if isinstance(value, Mapping) else ()


def _has_number(value: object) -> bool:
    return is_number(value) and value == value  # NaN does not equal itself  # noqa: PLR0124


def _has_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _has_flag(value: object) -> bool:
    return value is True or value is False


HOLDS: dict[str, Callable[[object], bool]] = {
    "number": _has_number,
    "money": _has_number,
    "moment": _has_number,
    "count": _has_number,
    "text": _has_text,
    "element": _has_text,
    "flag": _has_flag,
    "scalar": lambda value: _has_text(value) or _has_flag(value) or _has_number(value),
    "texts": lambda value: bool(texts_of(value)),
    "items": lambda value: bool(items_of(value)),
}
"""Whether a value is more than nothing, by the kind of its field."""
