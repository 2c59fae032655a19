"""Facts of many as columns: what a room offers so that a condition can be asked of all rows at once.

Nothing here needs numpy until a condition is evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from expedit.core.conditions.facts import composed, getter
from expedit.core.conditions.substrings import Finder, folded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Names:
    """The texts of a column by their codes; made once, and shared by every condition that is asked.

    Parameters
    ----------
    names
        Text by code. It may grow afterwards, as long as codes keep their meaning.
    codes
        Code by text, if the owner keeps one; else it is made when first needed.
    """

    def __init__(self, names: Sequence[str], codes: Mapping[str, int] | None = None) -> None:
        self._names = names
        self._codes = codes
        self._others: dict[str, list[int]] | None = None
        self._folded: list[str] | None = None
        self._empty: int | None = None
        self.size = len(names)

    @property
    def empty(self) -> int:
        """The code of the empty text; −1 = it has none."""
        if self._empty is None:
            found = self.codes_of(("",))
            self._empty = found[0] if found else -1
        return self._empty

    def codes_of(self, texts: Sequence[str]) -> list[int]:
        """Return the codes of all names that are one of `texts`, which are in form NFC."""
        if self._codes is None:
            self._codes = {name: code for code, name in enumerate(self._names[: self.size])}
        if self._others is None:
            others: dict[str, list[int]] = {}
            for code, name in enumerate(self._names[: self.size]):
                if not name.isascii() and (plain := composed(name)) != name:
                    others.setdefault(plain, []).append(code)
            self._others = others
        found = [code for text in texts if 0 <= (code := self._codes.get(text, -1)) < self.size]
        return found + [code for text in texts for code in self._others.get(text, ())]

    def codes_where(self, finds: Finder) -> list[int]:
        """Return the codes of all names of which `finds`, given the folded name, is true."""
        if self._folded is None:
            self._folded = [folded(name) for name in self._names[: self.size]]
        return [code for code, name in enumerate(self._folded) if finds(name)]


class NumberColumn(NamedTuple):
    """Numbers, money or moments: ``int8…int64`` or ``float64``; NaN is nothing.

    Parameters
    ----------
    values : (n,)
    valid : bool[n] or None
        Where there is a value; None = wherever it is not NaN.
    """

    values: NDArray[Any]
    valid: NDArray[np.bool_] | None = None


class FlagColumn(NamedTuple):
    """Flags.

    Parameters
    ----------
    values : bool[n]
    valid : bool[n] or None
        Where there is a value; None = everywhere.
    """

    values: NDArray[np.bool_]
    valid: NDArray[np.bool_] | None = None


class TextColumn(NamedTuple):
    """Texts by code.

    Parameters
    ----------
    codes : integers[n]
        Code of each row's text; −1, or the code of the empty text, is nothing.
    names
        Text by code.
    """

    codes: NDArray[Any]
    names: Names


class TextsColumn(NamedTuple):
    """Lists of texts.

    Parameters
    ----------
    offsets : int64[n + 1]
        Row i has the codes from ``offsets[i]`` to ``offsets[i + 1]``; the first is 0.
    codes : integers[offsets[n]]
        Codes of texts, none of them of the empty text.
    names
        Text by code.
    """

    offsets: NDArray[np.int64]
    codes: NDArray[Any]
    names: Names


class ItemsColumn(NamedTuple):
    """Lists of objects.

    Parameters
    ----------
    offsets : int64[n + 1]
        Row i has the items from ``offsets[i]`` to ``offsets[i + 1]``; the first is 0.
    items
        Columns of ``offsets[n]`` rows, one for each item.
    """

    offsets: NDArray[np.int64]
    items: Columns


class ScalarColumn(NamedTuple):
    """Values of several types: at most one of the columns has a value in a row."""

    numbers: NumberColumn | None = None
    texts: TextColumn | None = None
    flags: FlagColumn | None = None


class SameColumn(NamedTuple):
    """One plain value, as facts hold it, in every row."""

    value: Any


Column = NumberColumn | FlagColumn | TextColumn | TextsColumn | ItemsColumn | ScalarColumn | SameColumn


class Columns(Protocol):
    """Facts of many rows, by field."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        ...

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column to which `keys` lead, as ``("cart", "total")``; None = nothing in every row."""
        ...


class ColumnTable(NamedTuple):
    """Columns that are at hand.

    Parameters
    ----------
    rows
        How many rows there are.
    table
        Column by keys.
    """

    rows: int
    table: Mapping[tuple[str, ...], Column]

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column to which `keys` lead."""
        return self.table.get(keys)


class JoinedColumns:
    """Columns under prefixes, beside facts that are the same in every row.

    So a rule may speak of ``product.price`` (a column), ``person.traits.tier`` and ``page.type`` (facts).

    Parameters
    ----------
    rows
        How many rows there are.
    columns
        Columns by the first key that leads to them.
    facts
        What all other keys are looked up in.
    """

    def __init__(self, rows: int, columns: Mapping[str, Columns], facts: Mapping[str, Any]) -> None:
        self.rows = rows
        self._columns = columns
        self._facts = facts

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column to which `keys` lead."""
        columns = self._columns.get(keys[0])
        return SameColumn(getter(keys)(self._facts)) if columns is None else columns.column(keys[1:])
