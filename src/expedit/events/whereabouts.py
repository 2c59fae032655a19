"""Roughly where something happened: a country, a region of it, the first characters of a postal code.

Never nearer than that: no street, no town, no address of a network. What is not written as a code is left
out, since names have too many spellings to count by.
"""

from __future__ import annotations

import re

from expedit.core import Struct

_COUNTRY = re.compile(r"[A-Z]{2}")
_NOWHERE = frozenset({"XX", "ZZ", "T1", "A1", "A2", "O1", "EU", "AP"})
"""What geographical services write for the unknown, for anonymizing networks and for continents."""
_REGION = re.compile(r"[A-Z0-9]{1,3}")
_POSTAL = re.compile(r"[A-Z0-9]{2,10}")


class Whereabouts(Struct, frozen=True, gc=False):
    """Roughly where.

    Parameters
    ----------
    country
        ISO 3166-1 code of two letters.
    region
        ISO 3166-2 code without the country, or empty.
    postal
        The first characters of the postal code, or empty.
    """

    country: str
    region: str = ""
    postal: str = ""


def roughly(country: object, region: object, postal: object, characters: int) -> Whereabouts | None:
    """Return where, as coarse as it is kept; None without a country.

    Parameters
    ----------
    country, region, postal
        As written by whoever knows: anything that is no code counts as unknown.
    characters
        How many characters of the postal code are kept; 0 for none.
    """
    land = _code(country)
    if not _COUNTRY.fullmatch(land) or land in _NOWHERE:
        return None
    part = _code(region).removeprefix(f"{land}-")
    code = _code(postal).removeprefix(f"{land}-").replace(" ", "").replace("-", "")
    return Whereabouts(
        land,
        part if _REGION.fullmatch(part) else "",
        code[:characters] if characters > 0 and _POSTAL.fullmatch(code) else "",
    )


def _code(said: object) -> str:
    if isinstance(said, bool) or not isinstance(said, (str, int)):
        return ""
    return str(said).strip().upper()[:40]
