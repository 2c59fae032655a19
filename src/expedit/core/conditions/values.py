"""Values as conditions write them: what each kind takes, and its one canonical form."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from unicodedata import normalize

from expedit.core.conditions.model import Ago, InnerKind, Value
from expedit.core.errors import InvalidInput
from expedit.core.time import SECOND, parse_time, to_datetime

LARGEST_NUMBER = 2**53 - 1
"""Every whole number up to it is exact as an IEEE 754 double, so that all evaluators compare alike."""

LONGEST_TEXT = 500

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?)?"
)
_AGO = re.compile(r"(0|[1-9][0-9]{0,3})([mhdw])")


def read_value(raw: object, kind: InnerKind) -> Value:
    """Return the value that `raw` writes for a field of `kind`; null is the caller's affair.

    Raises
    ------
    InvalidInput
        With the reason only.
    """
    read = _READERS.get(kind)
    if read is None:
        raise InvalidInput("", "must be null; its items are asked by $elemMatch or $count")
    return read(raw)


def read_text(raw: object) -> str:
    """Return the text that `raw` is, in form NFC.

    Raises
    ------
    InvalidInput
        With the reason only.
    """
    if not isinstance(raw, str):
        raise InvalidInput("", "must be text")
    text = normalize("NFC", raw)
    if len(text) > LONGEST_TEXT:
        raise InvalidInput("", f"is longer than {LONGEST_TEXT} characters")
    if not text:
        raise InvalidInput("", "is empty; what has no value is null")
    if not is_unicode(text):
        raise InvalidInput("", "is not Unicode text")
    return text


def read_ago(raw: object) -> Ago:
    """Return the span that ``$ago`` names, as ``90d``."""
    found = _AGO.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise InvalidInput("", "must be a number up to 9999 and a unit m, h, d or w, as 90d")
    return Ago(int(found[1]), found[2])


def write_value(value: Value, kind: InnerKind) -> Value:
    """Return `value` as JSON writes it."""
    if kind != "moment" or not isinstance(value, int):
        return value
    written = to_datetime(value).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{value % SECOND:06d}" if value % SECOND else ""
    return f"{written}{fraction.removesuffix('000')}Z"


def rank(value: Value) -> tuple[int, Value]:
    """Return what sorts values of different types: null, flags, numbers, texts."""
    if value is None:
        return 0, 0
    if isinstance(value, bool):
        return 1, value
    return (3, value) if isinstance(value, str) else (2, value)


def is_unicode(text: str) -> bool:
    """Tell whether `text` holds no half of a surrogate pair, which JSON can write but UTF-8 cannot."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _number(raw: object, expected: str = "a number") -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise InvalidInput("", f"must be {expected}")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise InvalidInput("", "must be finite")
    if abs(raw) > LARGEST_NUMBER:
        raise InvalidInput("", "is beyond ±(2^53 − 1), up to which numbers are exact")
    return int(raw) if raw == int(raw) else raw


def _minor_units(raw: object) -> int:
    number = _number(raw)
    if isinstance(number, float):
        raise InvalidInput("", "must be a whole number of minor units")
    return number


def _count(raw: object) -> int:
    number = _number(raw)
    if isinstance(number, float) or number < 0:
        raise InvalidInput("", "must be a whole number, 0 or more")
    return number


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise InvalidInput("", "must be true or false")
    return raw


def _scalar(raw: object) -> Value:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        return read_text(raw)
    return _number(raw, "text, a number, true or false")


def _moment(raw: object) -> int:
    if not isinstance(raw, str) or not _MOMENT.fullmatch(raw):
        raise InvalidInput("", "must be an ISO 8601 time, as 2026-11-22 or 2026-11-22T09:30:00Z")
    at = parse_time(raw, "")
    if abs(at) > LARGEST_NUMBER:
        raise InvalidInput("", "lies outside the years 1684 to 2255")
    return at


_READERS: dict[InnerKind, Callable[[object], Value]] = {
    "number": _number,
    "money": _minor_units,
    "count": _count,
    "text": read_text,
    "texts": read_text,
    "element": read_text,
    "flag": _flag,
    "moment": _moment,
    "scalar": _scalar,
}
