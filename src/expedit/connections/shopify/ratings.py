"""What buyers think of a product, as Shopify's standard metafields of reviews tell it.

A rating is written as JSON with its scale, ``{"value": "4.3", "scale_min": "1.0", "scale_max": "5.0"}``; some
exports give the value alone.

References
----------
Shopify, "Standard metafield definitions" (namespace ``reviews``) and "Metafield data types" (``rating``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from expedit.connections.shopify.bodies import Metafield
from expedit.core import InvalidInput, from_json

NAMESPACE = "reviews"
RATING, COUNT = "rating", "rating_count"


def rated(metafields: Sequence[Metafield]) -> dict[str, str]:
    """Return the attributes that tell the rating of a product, none where nobody rated."""
    told = {one.key: one.value for one in metafields if one.namespace == NAMESPACE}
    return rating_of_values(told.get(RATING), told.get(COUNT))


def rating_of_values(rating: Any, count: Any) -> dict[str, str]:
    """Return the attributes that a rating and its count make; what makes no sense tells nothing."""
    value, best = _read(rating)
    number = str(count if count is not None else "").strip()
    if not value or not number.isdecimal() or int(number) == 0:
        return {}
    return {"rating": value, "rating_count": number} | ({"rating_best": best} if best else {})


def _read(rating: Any) -> tuple[str, str]:
    """Return the value and the best there is, as texts; both may be empty."""
    if isinstance(rating, str) and rating.lstrip().startswith("{"):
        try:
            rating = from_json(rating.encode(), dict[str, Any])
        except InvalidInput:
            return "", ""
    if isinstance(rating, dict):
        best = str(rating.get("scale_max") or "").strip()
        return str(rating.get("value") or "").strip(), best.removesuffix(".0")
    return ("" if rating is None or isinstance(rating, bool) else str(rating).strip()), ""
