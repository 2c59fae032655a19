"""Personalization on top of strategies that know nobody: a bounded, explained bonus for what a person
likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.decisions.model import Catalog, Floats, Indices, Tastes

RERANKED = frozenset({"popular", "trending", "new", "on_sale"})
"""Strategies whose candidates tastes may re-rank; the others already follow what the person did."""

SizesOf = Callable[[int], Sequence[str]]
"""Gives the sizes of a product that are in stock."""

SIZED = 40
"""Candidates whose sizes are looked at: the best of them, since a size has to be read product by product."""

WEIGHTS = {"category": 0.25, "brand": 0.10, "color": 0.10, "price_band": 0.08, "size": 0.07}
"""Most that each kind of taste adds to a score whose strategy part lies between 0 and 1."""


def bonuses(
    tastes: Tastes, items: Indices, catalog: Catalog, sizes_of: SizesOf | None = None
) -> dict[str, Floats]:
    """Return what each kind of taste adds to each of `items`; kinds that add nothing are left out.

    Parameters
    ----------
    tastes
        Weights 0 … 1 by code.
    items
        Catalog indices, int32[k], best first.
    catalog
        Gives the codes of category, brand, color and price band.
    sizes_of
        Gives sizes in stock; None leaves this kind out.
    """
    found: dict[str, Floats] = {}
    for kind, liked, codes in (
        ("category", tastes.category, catalog.category),
        ("brand", tastes.brand, catalog.brand),
        ("color", tastes.color, catalog.color),
        ("price_band", tastes.price_band, catalog.price_band),
    ):
        if liked:
            added = _looked_up(liked, codes[items]) * WEIGHTS[kind]
            if added.any():
                found[kind] = added
    if sizes_of is not None and tastes.size:
        fits = np.zeros(items.size)
        for row, item in enumerate(items[:SIZED].tolist()):
            fits[row] = max((tastes.size.get(size, 0.0) for size in sizes_of(item)), default=0.0)
        if fits.any():
            found["size"] = fits * WEIGHTS["size"]
    return found


def _looked_up(liked: dict[int, float], codes: NDArray[np.integer[Any]]) -> Floats:
    """Return the weight of each code, 0 for those without one."""
    if codes.size < 500:
        return np.array([liked.get(code, 0.0) for code in codes.tolist()])
    result = np.zeros(codes.size)
    for code, weight in liked.items():
        result[codes == code] = weight
    return result
