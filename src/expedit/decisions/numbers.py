"""How often each placement's items were shown, seen, clicked and bought lately, with intervals."""

from __future__ import annotations

import math
import threading
import time

from expedit.core import DAY, Struct
from expedit.decisions.outcomes import ask_outcomes
from expedit.storage import Shop

NUMBER_DAYS = 30
_KEPT_SECONDS = 300.0
_Z = 1.959963984540054


class SpotNumbers(Struct, frozen=True):
    """Counts of one placement's items over the last 30 days (attribution, not lift)."""

    shown: int = 0
    seen: int = 0
    clicked: int = 0
    bought: int = 0

    @property
    def click_through(self) -> float | None:
        """Clicked items as a share of those seen."""
        return self.clicked / self.seen if self.seen else None

    @property
    def click_interval(self) -> tuple[float, float] | None:
        """95 % interval of the click-through (Wilson 1927); None when nothing was seen."""
        return wilson(self.clicked, self.seen)


def wilson(hits: int, tries: int) -> tuple[float, float] | None:
    """Return the 95 % score interval of a share (Wilson 1927); None without tries."""
    if not tries:
        return None
    share, square = min(hits / tries, 1.0), _Z * _Z
    middle = share + square / (2 * tries)
    reach = _Z * math.sqrt(share * (1 - share) / tries + square / (4 * tries * tries))
    whole = 1 + square / tries
    return max((middle - reach) / whole, 0.0), min((middle + reach) / whole, 1.0)


class Numbers:
    """The numbers of one shop, asked anew when they are five minutes old."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = threading.Lock()
        self._until = 0.0
        self._told: dict[str, SpotNumbers] = {}

    def by_placement(self) -> dict[str, SpotNumbers]:
        """Return the numbers of every placement that was shown in the last 30 days."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._told = _ask(self._shop)
                self._until = time.monotonic() + _KEPT_SECONDS
            return self._told


def _ask(shop: Shop) -> dict[str, SpotNumbers]:
    """Ask once for each currency: what was bought is told by currency, all else is the same in each."""
    now = shop.clock()
    told: dict[str, SpotNumbers] = {}
    for place, currency in enumerate(dict.fromkeys(shop.settings.markets.values())):
        for row in ask_outcomes(shop, now - NUMBER_DAYS * DAY, now, currency).to_pylist():
            known = told.get(row["placement"], SpotNumbers())
            first = place == 0
            told[row["placement"]] = SpotNumbers(
                known.shown + first * row["shown"],
                known.seen + first * row["impressions"],
                known.clicked + first * row["clicks"],
                known.bought + row["bought"],
            )
    return told


def numbers(shop: Shop) -> Numbers:
    """Return the one keeper of numbers of `shop`."""
    return shop.part(Numbers, lambda: Numbers(shop))
