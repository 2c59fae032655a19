"""What the columns of a shop's own file mean: their name → our attribute."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from expedit.core import InvalidInput

ColumnMapping = Mapping[str, str] | Path | str
"""A dict of their column → our attribute, or the path of a TOML file with such a ``[columns]`` table."""


_MOST_SHAPES = 10_000


class Columns:
    """Turns column names into attribute names; each name is worked out once.

    Parameters
    ----------
    mapping
        Their name (in any case) → our attribute; an empty attribute leaves the column out.
    """

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        self._names = {name.strip().casefold(): attribute for name, attribute in (mapping or {}).items()}
        self._known: dict[str, str] = {}
        self._rows: dict[tuple[str, ...], tuple[str, ...]] = {}

    def attribute(self, column: str) -> str:
        """Return the attribute of `column`, or an empty text when it is to be left out.

        Without a mapping, ``g:Image Link`` means ``image_link``: lower case, spaces and hyphens as
        underscores.
        """
        known = self._known.get(column)
        if known is None:
            stripped = column.strip()
            known = self._names.get(stripped.casefold())
            if known is None:
                stem, bracket, key = stripped.removeprefix("g:").partition("[")
                known = stem.strip().lower().replace(" ", "_").replace("-", "_") + bracket + key
            self._known[column] = known
        return known

    def renamed(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return `row` under our attribute names."""
        columns = tuple(row)
        names = self._rows.get(columns)
        if names is None:
            names = tuple(self.attribute(column) for column in columns)
            if len(self._rows) < _MOST_SHAPES:
                self._rows[columns] = names
        values = dict(zip(names, row.values(), strict=True))
        values.pop("", None)
        return values


def read_mapping(given: ColumnMapping | None) -> Columns:
    """Return the columns that `given` describes.

    Raises
    ------
    InvalidInput
        When the file is missing, is no TOML or has no ``[columns]`` table of texts.
    """
    if given is None or isinstance(given, Mapping):
        return Columns(given)
    path = Path(given)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("columns")
    except OSError as error:
        raise InvalidInput("mapping", f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("mapping", f"{path} is not valid TOML: {error}") from None
    if not isinstance(table, dict) or not all(isinstance(name, str) for name in table.values()):
        raise InvalidInput("mapping", f"{path} has no [columns] table of their column = our attribute")
    return Columns(table)
