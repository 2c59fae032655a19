"""Groups of people, by what they themselves told: gender and age. Children are in none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from expedit.core import to_datetime

WOMEN = frozenset({"f", "female", "woman", "women", "w", "kvinna", "kvinne", "k", "dam"})
MEN = frozenset({"m", "male", "man", "men", "mann", "herr"})
BANDS = ((18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 120))
"""Ages that are taken together."""

_BORN = ("birthday", "birthdate", "birth_date", "birthDate", "date_of_birth", "dateOfBirth")
_AGED = ("age_group", "ageGroup")


def groups_of(traits: Mapping[str, Any], now: int) -> tuple[str, ...]:
    """Return the scopes of the groups that a person is in, the narrowest first.

    Parameters
    ----------
    traits
        What the person told: ``gender``, and ``birthday``, ``age`` or ``age_group``.
    """
    told = str(traits.get("gender", "")).strip().lower()
    gender = "women" if told in WOMEN else "men" if told in MEN else ""
    years = _age(traits, now)
    band = next((f"{low}-{high}" for low, high in BANDS if years is not None and low <= years <= high), "")
    band = band.replace("65-120", "65+")
    if years is not None and not band:
        return ()
    found = (
        f"people:{gender} {band}" if gender and band else "",
        f"age:{band}" if band else "",
        f"gender:{gender}" if gender else "",
    )
    return tuple(scope for scope in found if scope)


def _age(traits: Mapping[str, Any], now: int) -> int | None:
    for name in _BORN:
        said = traits.get(name)
        if isinstance(said, str):
            try:
                born = date.fromisoformat(said[:10])
            except ValueError:
                continue
            today = to_datetime(now).date()
            return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    said = traits.get("age")
    if isinstance(said, (int, float)) and not isinstance(said, bool):
        return int(said)
    for name in _AGED:
        first = str(traits.get(name, "")).replace("–", "-").partition("-")[0].strip(" +")
        if first.isdecimal() and len(first) <= 3:
            return int(first)
    return int(said) if isinstance(said, str) and said.isdecimal() and len(said) <= 3 else None
