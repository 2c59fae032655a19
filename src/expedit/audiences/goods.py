"""What the catalog says of the products in people's histories: of one by name, and of many as columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import Column, ColumnTable, Names, TextColumn, TextsColumn, gather_column, take_rows

_MOST_TOLD = 100_000
_NOTHING: Mapping[str, Any] = {"category": (), "brand": "", "color": ""}


class Goods:
    """One state of the catalog, as far as conditions ask about it.

    Parameters
    ----------
    snapshot
        The catalog. A product that it does not know has no category, brand, color or attribute.
    """

    def __init__(self, snapshot: CatalogSnapshot) -> None:
        self.snapshot = snapshot
        self._paths = _paths_above(snapshot)
        self._told: dict[str, Mapping[str, Any]] = {}
        self._attributes: dict[int, Mapping[str, str]] = {-1: {}}
        self._columns: ColumnTable | None = None
        self._places = _Places(snapshot)

    def of(self, name: str) -> Mapping[str, Any]:
        """Return category, brand and color of a product; the category with every path above it."""
        found = self._told.get(name)
        if found is None:
            place = self.snapshot.find(name)
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            found = self._told[name] = _NOTHING if place is None else self._tell(place)
        return found

    def attributes(self, name: str) -> Mapping[str, str]:
        """Return the attributes of a product."""
        place = self.snapshot.find(name)
        return {} if place is None else self._attributes_at(place)

    def columns(self, names: Sequence[str]) -> ProductColumns:
        """Return columns with a row for each of `names`."""
        if self._columns is None:
            self._columns = self._catalog_columns()
        if len(self._places) >= _MOST_TOLD:
            self._places.clear()
        places = np.fromiter(map(self._places.__getitem__, names), np.int64, len(names))
        return ProductColumns(self, self._columns, names, places)

    def attribute_column(self, key: str, places: NDArray[np.int64]) -> Column:
        """Return one attribute of the products at `places`, −1 for an unknown one."""
        distinct, rows = np.unique(places, return_inverse=True)
        values = [self._attributes_at(place).get(key, "") for place in distinct.tolist()]
        column = gather_column("text", values)
        assert isinstance(column, TextColumn)
        return TextColumn(column.codes[rows], column.names)

    def _tell(self, place: int) -> Mapping[str, Any]:
        snapshot = self.snapshot
        return {
            "category": self._paths[int(snapshot.category[place])],
            "brand": snapshot.brands[int(snapshot.brand[place])],
            "color": snapshot.colors[int(snapshot.color[place])],
        }

    def _attributes_at(self, place: int) -> Mapping[str, str]:
        found = self._attributes.get(place)
        if found is None:
            if len(self._attributes) >= _MOST_TOLD:
                self._attributes = {-1: {}}
            found = self._attributes[place] = self.snapshot.product(place).attributes
        return found

    def _catalog_columns(self) -> ColumnTable:
        """Return columns of the whole catalog, with a last row for what it does not know."""
        snapshot = self.snapshot
        names = list(dict.fromkeys(path for paths in self._paths for path in paths))
        codes = {name: code for code, name in enumerate(names)}
        by_code = TextsColumn(
            offsets_of(self._paths),
            np.array([codes[path] for paths in self._paths for path in paths], np.int32),
            Names(names, codes),
        )
        category = np.append(snapshot.category, 0)
        taken = take_rows(ColumnTable(len(self._paths), {("category",): by_code}), category)
        table: dict[tuple[str, ...], Column] = {
            ("brand",): TextColumn(np.append(snapshot.brand, -1), Names(snapshot.brands)),
            ("color",): TextColumn(np.append(snapshot.color, -1), Names(snapshot.colors)),
        }
        paths = taken.column(("category",))
        if paths is not None:
            table["category",] = paths
        return ColumnTable(len(snapshot) + 1, table)


class _Places(dict[str, int]):
    """Where products stand in the catalog, by name, −1 for unknown ones; each is looked up once."""

    def __init__(self, snapshot: CatalogSnapshot) -> None:
        super().__init__()
        self._snapshot = snapshot

    def __missing__(self, name: str) -> int:
        found = self._snapshot.find(name)
        place = self[name] = -1 if found is None else found
        return place


class ProductColumns:
    """Columns of the products that some rows name; each is made when it is first asked for."""

    def __init__(
        self, goods: Goods, catalog: ColumnTable, names: Sequence[str], places: NDArray[np.int64]
    ) -> None:
        self.rows = len(names)
        self._goods = goods
        self._taken = take_rows(catalog, np.where(places < 0, catalog.rows - 1, places))
        self._names = names
        self._places = places

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column to which `keys` lead."""
        if keys == ("product",):
            return gather_column("text", self._names)
        if keys[0] == "attributes":
            return self._goods.attribute_column(keys[1], self._places)
        return self._taken.column(keys)


def offsets_of(lists: Iterable[Sequence[Any]]) -> NDArray[np.int64]:
    """Return where each list begins when they stand in a row; int64[n + 1]."""
    sizes = [len(one) for one in lists]
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def _paths_above(snapshot: CatalogSnapshot) -> list[tuple[str, ...]]:
    """Return for each category its path and every path above it; of the root none."""
    return [
        tuple(" > ".join(path[: depth + 1]) for depth in range(len(path))) for path in snapshot.category_paths
    ]
