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

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from zlib import crc32

from expedit.core import HOUR, InvalidInput, Settings, Struct, field
from expedit.events import EventKind

EVENT_WEIGHTS: Final[Mapping[str, int]] = {
    "view_item": 1,
    "share": 2,
    "review": 2,
    "add_to_wishlist": 3,
    "add_to_cart": 4,
    "purchase": 8,
}
"""How much an act says about taste, one product view being 1; acts not named say nothing."""

WEIGHED_KINDS: Final[tuple[EventKind, ...]] = (
    "view_item",
    "select_item",
    "click",
    "share",
    "review",
    "add_to_wishlist",
    "remove_from_wishlist",
    "add_to_cart",
    "remove_from_cart",
    "purchase",
)
"""Acts that a shop may weigh."""

MOST_WEIGHT: Final = 1000

DIMENSIONS: Final = ("category", "brand", "price_band", "color", "size")
"""What tastes are kept for; also the names of fields of a product line."""

UNIT_BITS: Final = 20
"""A weight of 1 at the very start of the newest half-life is 2^(UNIT_BITS + TABLE_BITS)."""

TABLE_BITS: Final = 14

MOST_VALUES: Final = 64
"""Most values kept of each dimension; the weakest goes first."""


class Tasting(Struct, frozen=True):
    """How acts become tastes.

    Parameters
    ----------
    half_life
        Hours in which a taste fades by half.
    weights
        How much each kind of act says; see `EVENT_WEIGHTS`.
    mark
        Tells weights of a shop's own from others; 0 for the usual ones.
    """

    half_life: int
    weights: Mapping[str, int] = field(default_factory=lambda: EVENT_WEIGHTS)
    mark: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Tasting:
        """Return what the settings say.

        Raises
        ------
        InvalidInput
            Naming the weight that is none.
        """
        return _tasting(settings.affinity_half_life_days * 24, tuple(sorted(settings.event_weights.items())))


def own_weights(settings: Settings) -> dict[str, int]:
    """Return the weights of acts that the shop has set itself.

    Raises
    ------
    InvalidInput
        Naming the weight that is none.
    """
    return {kind: _weight(kind, str(written)) for kind, written in settings.event_weights.items()}


@lru_cache(maxsize=8)
def _tasting(half_life: int, said: tuple[tuple[str, str], ...]) -> Tasting:
    own = {kind: _weight(kind, str(written)) for kind, written in said}
    weights = {kind: weight for kind, weight in {**EVENT_WEIGHTS, **own}.items() if weight}
    if weights == EVENT_WEIGHTS:
        return Tasting(half_life)
    return Tasting(half_life, weights, 1 + crc32(repr(sorted(weights.items())).encode()))


def _weight(kind: str, written: str) -> int:
    if kind not in WEIGHED_KINDS:
        raise InvalidInput(f"event_weights.{kind}", f"must be one of {', '.join(WEIGHED_KINDS)}")
    if not written.isdecimal() or int(written) > MOST_WEIGHT:
        raise InvalidInput(f"event_weights.{kind}", f"must be a whole number, 0 … {MOST_WEIGHT}")
    return int(written)


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
