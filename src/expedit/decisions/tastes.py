"""Personalization on top of strategies that know nobody: a bounded, explained bonus for what a person
likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from expedit.decisions.model import Catalog, Floats, Indices, Tastes

RERANKED = frozenset({"popular", "trending", "new"})
"""Strategies whose candidates tastes may re-rank; the others already follow what the person did."""

SizesAndBand = Callable[[int], tuple[Sequence[str], str]]
"""Gives the sizes in stock and the price band of a product."""

WEIGHTS = {"category": 0.25, "brand": 0.10, "color": 0.10, "price_band": 0.08, "size": 0.07}
"""Most that each kind of taste adds to a score whose strategy part lies between 0 and 1."""


def bonuses(
    tastes: Tastes, items: Indices, catalog: Catalog, size_and_band: SizesAndBand | None = None
) -> dict[str, Floats]:
    """Return what each kind of taste adds to each of `items`, at most `WEIGHTS`; kinds that add nothing are
    left out.

    Parameters
    ----------
    tastes
        Weights 0 … 1 by code.
    items
        Catalog indices, int32[k].
    catalog
        Gives the codes of category, brand and color.
    size_and_band
        Gives the price band and the sizes in stock of a product; None leaves these two kinds out.
    """
    found: dict[str, Floats] = {}
    for kind, liked, codes in (
        ("category", tastes.category, catalog.category),
        ("brand", tastes.brand, catalog.brand),
        ("color", tastes.color, catalog.color),
    ):
        if liked:
            weight = WEIGHTS[kind]
            added = np.array([liked.get(code, 0.0) for code in codes[items].tolist()]) * weight
            if added.any():
                found[kind] = added
    if size_and_band is not None and (tastes.price_band or tastes.size):
        rows = [size_and_band(item) for item in items.tolist()]
        bands = np.array([tastes.price_band.get(band, 0.0) for _, band in rows])
        fits = np.array(
            [max((tastes.size.get(size, 0.0) for size in sizes), default=0.0) for sizes, _ in rows]
        )
        for kind, liking in (("price_band", bands), ("size", fits)):
            if liking.any():
                found[kind] = liking * WEIGHTS[kind]
    return found
