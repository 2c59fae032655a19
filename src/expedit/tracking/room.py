"""How many events may be on their way to the database, learned from what one costs and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable

_FIRST = 120
_LEAST = 25
_MOST = 5_000
_SHRINK = 0.8
"""Share of it that is left after one group, at least: a single slow one turns nobody away."""
_NEW_SHARE = 0.3
"""Weight of the newest group in the running average of what an event costs."""
_LARGEST, _SMALLEST = 0.8, 0.05
"""Most and least of the wait that storing may take; the rest is for reading and answering."""
_LESS, _MORE = 0.9, 1.01
"""What becomes of that share after a group that took too long, and after one that did not."""
_TRIPS = 30
"""How many times the quickest answer of late anybody has to be ready to wait."""
_MEMORY_SECONDS = 10.0
"""How long the quickest answer is remembered."""


class Room:
    """As many events as can be answered in the time that one may take.

    How many can be stored in a while is known from what one of them costs. How long that while may be depends
    on how busy everything else is: it shrinks by a tenth when somebody waited too long, and grows back slowly
    (additive increase and multiplicative decrease, as in TCP: Jacobson, "Congestion Avoidance and Control",
    SIGCOMM 1988).

    A database that is slow by itself (over a slow line, say) makes everybody wait, however few are let in: so
    the time is measured against its quickest answer of the last seconds, too. The limit moves only when it is
    at least half used, and goes back to where it began when it is not.

    Parameters
    ----------
    wait
        How long an event may take to its answer, in seconds.
    clock
        A monotonic clock.
    """

    def __init__(self, wait: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.size: float = _FIRST
        self._wait = wait
        self._clock = clock
        self._share = _LARGEST
        self._cost = 0.0
        self._quickest = [(float("inf"), 0.0), (float("inf"), 0.0)]

    def learn(self, trip: float, took: float, stored: int, inside: int) -> None:
        """Take note of a group that was stored.

        Parameters
        ----------
        trip
            How long the database took to answer the first statement, in seconds.
        took
            How long the transaction took, in seconds.
        stored
            How many events it held.
        inside
            How many events were on their way at its end, its own included.
        """
        patience = max(self._share * self._wait, _TRIPS * self._base(trip))
        if inside < self.size / 2:  # what is not used says nothing
            self.size = max(self.size, _FIRST)
            return
        cost = took / stored
        self._cost += (_NEW_SHARE if self._cost else 1.0) * (cost - self._cost)
        self.size = min(max(patience / self._cost, _SHRINK * self.size, _LEAST), _MOST)

    def felt(self, seconds: float) -> None:
        """Take note of how long the slowest of a group waited for its answer."""
        changed = self._share * (_LESS if seconds > self._wait else _MORE)
        self._share = min(max(changed, _SMALLEST), _LARGEST)

    def _base(self, trip: float) -> float:
        """Return the quickest answer of the last one to two spans of memory."""
        now = self._clock()
        (old, _), (young, since) = self._quickest
        if now - since > _MEMORY_SECONDS:
            old, young, since = young, trip, now
        young = min(young, trip)
        self._quickest = [(old, 0.0), (young, since)]
        return min(old, young)
