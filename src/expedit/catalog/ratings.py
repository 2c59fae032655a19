"""What buyers think of a product, as the shop's own reviews count it: free attributes of the catalog."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal, InvalidOperation

from expedit.core import Struct

_AVERAGED = ("rating", "average_rating", "rating_value")
_COUNTED = ("rating_count", "review_count", "reviews")
RATED = frozenset({*_AVERAGED, *_COUNTED, "rating_best"})
"""Attributes that tell a rating."""

_NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d{1,6})?)\s*(?:/\s*(\d{1,3}))?")
_BEST = 5
_TENTH = Decimal("0.1")


class Rating(Struct, frozen=True, gc=False):
    """An average of ratings.

    Parameters
    ----------
    value
        The average, as ``4.6``: cut after one decimal, so that it is never more than it is.
    best
        The best there is.
    count
        How many people rated.
    """

    value: str
    best: int
    count: int


def rating_of(attributes: Mapping[str, str]) -> Rating | None:
    """Return the rating that attributes tell; None where it cannot be said of how many, or makes no sense.

    ``rating`` (or ``average_rating``) is the average, as ``4.6``, ``4,6`` or ``9.1/10``; ``rating_count`` (or
    ``review_count``) how many it is of; ``rating_best`` the best there is, 5 unless told.
    """
    told = _NUMBER.fullmatch(_first(attributes, _AVERAGED))
    count = _first(attributes, _COUNTED)
    best = (told and told.group(2)) or attributes.get("rating_best", "").strip() or str(_BEST)
    if told is None or not count.isdecimal() or len(count) > 9 or not best.isdecimal():
        return None
    try:
        value = Decimal(told.group(1).replace(",", ".")).quantize(_TENTH, ROUND_FLOOR)
    except InvalidOperation:
        return None
    if int(count) == 0 or not 0 < value <= int(best):
        return None
    return Rating(str(value), int(best), int(count))


def _first(attributes: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((attributes[name].strip() for name in names if attributes.get(name)), "")
