"""Classes of places, as town and country: a small file of the shop's own, by postal code."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from expedit.core import InvalidInput

_COLUMNS = ("country", "postal", "class")


class PlaceClasses:
    """Which class each place is of.

    Parameters
    ----------
    classes
        Class by country and postal code, or the beginning of one.
    """

    def __init__(self, classes: Mapping[tuple[str, str], str]) -> None:
        self._classes = dict(classes)

    def of(self, country: str, postal: str) -> str:
        """Return the class of a place: by the longest beginning of its postal code; empty when unknown."""
        for length in range(len(postal), -1, -1):
            found = self._classes.get((country, postal[:length]))
            if found:
                return found
        return ""

    def scope_of_place(self, place: str) -> str:
        """Return the scope of the class of ``SE-114``; empty when unknown."""
        country, _, postal = place.partition("-")
        found = self.of(country, postal)
        return f"class:{found}" if found else ""


def read_place_classes(path: str) -> PlaceClasses:
    """Read a CSV file with the columns ``country``, ``postal`` and ``class``; an empty path has none.

    A postal code may be written as far as it says something, as ``11`` for all that begin with it.

    Raises
    ------
    InvalidInput
        Naming the setting, when the file cannot be used.
    """
    if not path:
        return PlaceClasses({})
    found: dict[tuple[str, str], str] = {}
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                country, postal, kind = ((row.get(name) or "").strip() for name in _COLUMNS)
                if country and kind:
                    found[country.upper(), postal.replace(" ", "").upper()] = kind
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("place_classes", f"{path} cannot be read: {error}") from None
    if not found:
        raise InvalidInput("place_classes", f"{path} has no row with {', '.join(_COLUMNS)}")
    return PlaceClasses(found)
