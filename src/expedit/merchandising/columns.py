"""Products of the catalog as columns that conditions are asked of, for some rows of one market."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import Column, FlagColumn, Names, NumberColumn, TextColumn, TextsColumn

Indices = NDArray[np.int32]


class CatalogNames:
    """The texts behind the codes of one snapshot, kept as long as their codes mean the same."""

    def __init__(self, snapshot: CatalogSnapshot) -> None:
        self.brands = Names(snapshot.brands)
        self.colors = Names(snapshot.colors)
        paths = [" > ".join(path) for path in snapshot.category_paths]
        self.categories = Names(paths)
        self.above = _above(snapshot)


def _above(snapshot: CatalogSnapshot) -> list[list[int]]:
    """Return for every category its own code and those above it, without the root."""
    found: list[list[int]] = []
    for code, parent in enumerate(snapshot.category_parent.tolist()):
        found.append([*(found[parent] if parent > 0 else ()), code] if code > 0 else [])
    return found


class ProductMeasures:
    """What can be measured of the products `items` in one market at one moment: numbers, amounts, flags."""

    def __init__(self, snapshot: CatalogSnapshot, items: Indices, market: str, now: int) -> None:
        self._snapshot = snapshot
        self._items = items
        self._market = market
        self._now = now
        self._prices: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    @property
    def rows(self) -> int:
        """How many products there are."""
        return int(self._items.size)

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column of one field of `vocabulary.PRODUCT`."""
        return getattr(self, f"_{keys[0]}")()  # type: ignore[no-any-return]

    def _price(self) -> Column:
        price, _ = self._selling()
        return NumberColumn(price, price >= 0)

    def _list_price(self) -> Column:
        _, listed = self._selling()
        return NumberColumn(listed, listed >= 0)

    def _on_sale(self) -> Column:
        price, listed = self._selling()
        return FlagColumn((price >= 0) & (price < listed))

    def _reduction(self) -> Column:
        price, listed = self._selling()
        known = (price >= 0) & (listed > 0)
        return NumberColumn(np.where(known, 1 - price / np.maximum(listed, 1), 0.0), known)

    def _margin(self) -> Column:
        price, _ = self._selling()
        amount, known = self._snapshot.margin_minor(self._items, self._market, self._now)
        known = known & (price > 0)
        return NumberColumn(np.where(known, amount / np.maximum(price, 1), 0.0), known)

    def _margin_amount(self) -> Column:
        amount, known = self._snapshot.margin_minor(self._items, self._market, self._now)
        return NumberColumn(amount, known)

    def _stock(self) -> Column:
        pieces = np.array([self._snapshot.pieces(item) for item in self._items.tolist()], np.int64)
        return NumberColumn(np.maximum(pieces, 0), pieces >= 0)

    def _stock_days(self) -> Column:
        pieces = np.array([self._snapshot.pieces(item) for item in self._items.tolist()], np.int64)
        sold = self._snapshot.sold_a_day(self._items, self._now)
        known = (pieces >= 0) & (sold > 0)
        return NumberColumn(pieces / np.where(known, sold, 1.0), known)

    def _created(self) -> Column:
        return NumberColumn(self._snapshot.created[self._items])

    def _selling(self) -> tuple[Any, Any]:
        if self._prices is None:
            price, listed, _ = self._snapshot.selling(self._items, self._market, self._now)
            self._prices = price, listed
        return self._prices


class ProductColumns(ProductMeasures):
    """Columns of products in one market at one moment; each is made when it is first asked for."""

    def __init__(
        self, snapshot: CatalogSnapshot, names: CatalogNames, items: Indices, market: str, now: int
    ) -> None:
        super().__init__(snapshot, items, market, now)
        self._names = names
        self._attributes: list[Mapping[str, str]] | None = None
        self._made: dict[tuple[str, ...], Column | None] = {}

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column of one field of `vocabulary.PRODUCT`."""
        if keys not in self._made:
            made = self._attribute(keys[1]) if keys[0] == "attributes" else super().column(keys)
            self._made[keys] = made
        return self._made[keys]

    def _id(self) -> Column:
        return self._texts([self._snapshot.ids[item] for item in self._items.tolist()])

    def _title(self) -> Column:
        return self._texts([self._snapshot.title(item) for item in self._items.tolist()])

    def _brand(self) -> Column:
        return TextColumn(self._snapshot.brand[self._items], self._names.brands)

    def _color(self) -> Column:
        return TextColumn(self._snapshot.color[self._items], self._names.colors)

    def _category(self) -> Column:
        rows = [self._names.above[code] for code in self._snapshot.category[self._items].tolist()]
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        codes = np.array([code for row in rows for code in row], np.int32)
        return TextsColumn(offsets, codes, self._names.categories)

    def _style(self) -> Column:
        return self._texts([self._snapshot.product(item).style for item in self._items.tolist()])

    def _attribute(self, key: str) -> Column:
        if self._attributes is None:
            self._attributes = [self._snapshot.product(item).attributes for item in self._items.tolist()]
        return self._texts([attributes.get(key, "") for attributes in self._attributes])

    def _texts(self, texts: list[str]) -> Column:
        codes: dict[str, int] = {"": 0}
        found = [codes.setdefault(text, len(codes)) for text in texts]
        return TextColumn(np.array(found, np.int32), Names(list(codes), codes))
