"""Facts that conditions on the moment may ask, each worked out when one first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from expedit.catalog import CatalogSnapshot
from expedit.core import FlagColumn, NumberColumn
from expedit.merchandising.columns import ProductMeasures
from expedit.merchandising.vocabulary import PRODUCT


class Facts(Mapping[str, Any]):
    """Facts by name, none of which costs anything before it is asked for.

    Parameters
    ----------
    ways
        Name → what works the fact out; it is called once.
    """

    def __init__(self, ways: Mapping[str, Callable[[], Any]]) -> None:
        self._ways = ways
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._ways[name]()
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ways)

    def __len__(self) -> int:
        return len(self._ways)


def product_facts(snapshot: CatalogSnapshot, item: int, market: str, at: int) -> Facts:
    """Return what a condition may ask of one product, as of a candidate; see `vocabulary.PRODUCT`."""
    measures = ProductMeasures(snapshot, np.array([item], np.int32), market, at)

    def measured(name: str) -> Any:
        column = measures.column((name,))
        assert isinstance(column, NumberColumn | FlagColumn)
        return column.values[0].item() if column.valid is None or column.valid[0] else None

    path = snapshot.category_paths[snapshot.category[item]]
    ways: dict[str, Callable[[], Any]] = {
        "id": lambda: snapshot.ids[item],
        "title": lambda: snapshot.title(item),
        "brand": lambda: snapshot.brands[snapshot.brand[item]],
        "color": lambda: snapshot.colors[snapshot.color[item]],
        "category": lambda: [" > ".join(path[: depth + 1]) for depth in range(len(path))],
        "style": lambda: snapshot.product(item).style,
        "attributes": lambda: snapshot.product(item).attributes,
    }
    for name in PRODUCT.fields:
        if name not in ways and name != "attributes.*":
            ways[name] = lambda name=name: measured(name)  # type: ignore[misc]
    return Facts(ways)
