"""How long, deep and wide a value that came from outside may be, and what is never kept of it."""

from __future__ import annotations

import re
from typing import Any

from expedit.core import InvalidInput, TooLarge

MAX_ID = 200
"""Characters of an identifier, product id, order id or name."""
MAX_TEXT = 8192
"""Characters of any other text."""
MAX_DEPTH = 8
MAX_KEYS = 400
_LARGEST = 2**63

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def text_of(value: object, field: str, limit: int = MAX_TEXT) -> str | None:
    """Return `value` as stripped text, a whole number as its digits; None when there is nothing.

    Raises
    ------
    InvalidInput
        Naming `field`.
    """
    if type(value) is not str:
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidInput(field, "must be text")
        value = str(value)
    text = value.strip()
    if not text:
        return None
    if len(text) > limit:
        raise TooLarge(field, f"has {len(text)} characters; {limit} are allowed")
    if "\0" in text:
        raise InvalidInput(field, "contains a NUL character")
    return text


def kept(values: dict[str, Any], field: str) -> dict[str, Any] | None:
    """Return what of `values` may be stored, or None when nothing is left.

    Text that is an e-mail address is left out wherever it stands: an address is an identifier, whose only
    place is the identity room.

    Raises
    ------
    InvalidInput
        Naming the value that is too long, deep, wide or large.
    """
    found: dict[str, Any] = {}
    budget = [MAX_KEYS - len(values)]
    if budget[0] < 0:
        raise TooLarge(field, f"holds more than {MAX_KEYS} values")
    for key, value in values.items():
        kind = type(value)
        if (kind is str and len(value) < 64 and "@" not in value and "\0" not in value) or kind is bool:
            found[key] = value
        elif value is not None:
            clean = _clean(value, f"{field}.{key[:MAX_ID]}", 1, budget)
            if clean is not None:
                found[key] = clean
        if len(key) > MAX_ID or "\0" in key:
            raise TooLarge(field, f"has a name that is longer than {MAX_ID} characters or holds a NUL")
    return found or None


def _clean(value: Any, field: str, depth: int, budget: list[int]) -> Any:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise TooLarge(field, f"has {len(value)} characters; {MAX_TEXT} are allowed")
        if "\0" in value:
            raise InvalidInput(field, "contains a NUL character")
        return None if "@" in value and _EMAIL.fullmatch(value.strip()) else value
    if isinstance(value, int):
        if not -_LARGEST <= value < _LARGEST:
            raise TooLarge(field, "is too large a number")
        return value
    if isinstance(value, float):
        return value
    if value is None:
        return None
    if not isinstance(value, dict | list):
        raise InvalidInput(field, "must be text, a number, an object or a list")
    return _clean_nested(value, field, depth, budget)


def _clean_nested(value: dict[str, Any] | list[Any], field: str, depth: int, budget: list[int]) -> Any:
    if depth >= MAX_DEPTH:
        raise TooLarge(field, f"is nested more than {MAX_DEPTH} deep")
    budget[0] -= len(value)
    if budget[0] < 0:
        raise TooLarge(field, f"is one of more than {MAX_KEYS} values")
    if isinstance(value, dict):
        long = next((key for key in value if len(key) > MAX_ID or "\0" in key), None)
        if long is not None:
            raise TooLarge(field, f"has a name that is longer than {MAX_ID} characters or holds a NUL")
        cleaned = ((key, _clean(part, f"{field}.{key}", depth + 1, budget)) for key, part in value.items())
        return {key: part for key, part in cleaned if part is not None}
    listed = (_clean(part, f"{field}[{place}]", depth + 1, budget) for place, part in enumerate(value))
    return [part for part in listed if part is not None]
