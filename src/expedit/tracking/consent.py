"""What a visitor allows, read from where shops already write it, and what follows for an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expedit.access import PURPOSES
from expedit.core import InvalidInput

# Category names of consent managers → our purposes. Google consent mode v2 calls ad personalization what its
# first version called personalization storage; the older and narrower answer wins.
_PURPOSE_BY_NAME: dict[str, str] = {
    **{purpose: purpose for purpose in PURPOSES},
    "personalisation": "personalization",
    "personalizedprice": "personalized_price",
    "ad_personalization": "personalization",
    "personalization_storage": "personalization",
    "analytics_storage": "analytics",
}
_PURPOSES = frozenset(PURPOSES)
_RANK = {"ad_personalization": 0, "personalization_storage": 1}
_ANSWERS = {"granted": True, "denied": False, "true": True, "false": False, "yes": True, "no": False}

_NESTED = ("categoryPreferences", "purposes", "google", "consent")


def read_consent(values: Mapping[str, Any], field: str) -> dict[str, bool] | None:
    """Return the answers by purpose that `values` gives, or None when it gives none.

    Reads our own purposes, Google consent mode (``analytics_storage: "granted"``) and Segment's
    ``categoryPreferences``, flat or nested. A category that is no purpose of ours says nothing.

    Raises
    ------
    InvalidInput
        When the answer for a purpose is neither yes nor no.
    """
    if values.keys() <= _PURPOSES and all(type(value) is bool for value in values.values()):
        return dict(values) or None
    found: dict[str, bool] = {}
    rank: dict[str, int] = {}
    for key, value in values.items():
        if key in _NESTED and isinstance(value, dict):
            found.update(read_consent(value, f"{field}.{key}") or {})
            continue
        purpose = _PURPOSE_BY_NAME.get(key.lower())
        if purpose is None or value is None:
            continue
        weight = _RANK.get(key.lower(), 2)
        if weight >= rank.get(purpose, 0):
            found[purpose] = _answer(value, f"{field}.{key}")
            rank[purpose] = weight
    return found or None


def _answer(value: object, field: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in {0, 1}:
        return bool(value)
    answer = _ANSWERS.get(value.strip().lower()) if isinstance(value, str) else None
    if answer is None:
        raise InvalidInput(field, "must be granted or denied, true or false")
    return answer


def allowed(
    purpose: str,
    own: Mapping[str, bool] | None,
    person: Mapping[str, bool] | None,
    default: Mapping[str, bool],
) -> bool:
    """Tell whether `purpose` is allowed: first as the event says, then the person, then the source.

    Silence means no.
    """
    for word in (own, person, default):
        if word and purpose in word:
            return word[purpose]
    return False
