"""How fast products sell: what was counted last, as every snapshot of the catalog holds it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from expedit.core import DAY, Struct, field
from expedit.storage import WatchedFile

OLDEST = 2 * DAY
"""What was counted longer ago says nothing of how fast a product sells now."""


class Sales(Struct, frozen=True):
    """Pieces sold and kept lately, in all markets and channels.

    Parameters
    ----------
    at
        When they were counted, microseconds: the window ends there.
    days
        How long the window is.
    pieces
        Product id → pieces; nothing of what did not sell.
    """

    at: int = -OLDEST
    days: float = 1.0
    pieces: Mapping[str, int] = field(default_factory=dict)

    def a_day(self, ids: list[str], created: NDArray[np.int64], now: int) -> NDArray[np.float64]:
        """Return how many pieces of products are sold a day, float64[k]; 0 = none, or nothing is known.

        Of a product that came within the window the days since then count, one at least.
        """
        if now - self.at > OLDEST:
            return np.zeros(len(ids))
        sold = np.array([self.pieces.get(one, 0) for one in ids], np.float64)
        return sold / np.clip((self.at - created) / DAY, 1.0, max(self.days, 1.0))


NO_SALES = Sales()


class SalesFile(WatchedFile[Sales]):
    """The file of sales, looked at again whenever somebody asks."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Sales, NO_SALES)
        self.poll()
