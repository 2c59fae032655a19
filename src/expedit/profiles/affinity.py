"""Decayed preferences in fixed point.

An event of weight w at hour h adds ``w · 2^(h / H)``, H being the half-life in hours: forward decay [1]_, so
that the weights relative to each other never change once they are added. Numbers stay small because they are
held relative to the half-life in which the newest event lies; when that moves on, every number is halved
once for each half-life, and what has become less than one unit is gone. All of it is integer arithmetic on
the events in order, so the same events give the same bytes.

References
----------
.. [1] G. Cormode, V. Shkapenyuk, D. Srivastava, B. Xu, "Forward Decay: A Practical Time Decay Model for
   Streaming Systems", ICDE 2009.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from expedit.core import HOUR
from expedit.events import EventKind

EVENT_WEIGHTS: Final[dict[EventKind, int]] = {
    "view_item": 1,
    "share": 2,
    "review": 2,
    "add_to_wishlist": 3,
    "add_to_cart": 4,
    "purchase": 8,
}
"""How much an act says about taste, one product view being 1; acts not named say nothing."""

DIMENSIONS: Final = ("category", "brand", "price_band", "color", "size")
"""What tastes are kept for; also the names of fields of a product line."""

UNIT_BITS: Final = 20
"""A weight of 1 at the very start of the newest half-life is 2^(UNIT_BITS + TABLE_BITS)."""

TABLE_BITS: Final = 14

MOST_VALUES: Final = 64
"""Most values kept of each dimension; the weakest goes first."""


@lru_cache(maxsize=8)
def growth(half_life_hours: int) -> tuple[int, ...]:
    """Return ``2^(TABLE_BITS + r / H)``, rounded, for each hour r of a half-life of H hours."""
    return tuple(round(2 ** (TABLE_BITS + hour / half_life_hours)) for hour in range(half_life_hours))


def place(at: int, half_life_hours: int) -> tuple[int, int]:
    """Return the number of the half-life in which the moment `at` lies, and the growth of its hour in it."""
    number, hour = divmod(at // HOUR, half_life_hours)
    return number, growth(half_life_hours)[hour]


def fade(values: dict[str, int], half_lives: int) -> dict[str, int]:
    """Return `values` after some half-lives; what has become nothing is left out."""
    return {name: left for name, value in values.items() if (left := value >> half_lives)}


def strengthen(values: dict[str, int], name: str, amount: int) -> None:
    """Add to one value in place, making room when there are too many."""
    values[name] = values.get(name, 0) + amount
    if len(values) > MOST_VALUES:
        del values[min(values, key=lambda one: (values[one], one))]


def unit_at(newest: int, half_life_hours: int) -> float:
    """Return what one fixed-point unit weighs at the moment `newest`: a product view just then is 1.0."""
    return 1.0 / (place(newest, half_life_hours)[1] << UNIT_BITS)
