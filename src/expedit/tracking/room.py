"""How many events may be on their way to the database, learned from how long they took to get there."""

from __future__ import annotations

import time
from collections.abc import Callable

_FIRST = 300
_LEAST = 100
_MOST = 5_000
_SHRINK = 0.9
_GROW = 20
_PATIENCE = 3.0
"""How many times the quickest transaction of late anybody has to be ready to wait."""
_MEMORY_SECONDS = 10.0
"""How long the quickest transaction is remembered."""


class Room:
    """A limit that shrinks by a share while events take too long, and grows by a step while they do not.

    A database that is slow by itself (over a slow line, say) makes everybody wait, however few are let in: so
    what counts as too long is measured against the quickest transaction of the last seconds, too. The limit
    moves only when it is at least half used, and goes back to where it began when it is not.

    Parameters
    ----------
    wait
        How long an event may take to its commit, in seconds.
    clock
        A monotonic clock.
    """

    def __init__(self, wait: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.size: float = _FIRST
        self._wait = wait
        self._clock = clock
        self._quickest = [(float("inf"), 0.0), (float("inf"), 0.0)]

    def learn(self, waited: float, took: float, inside: int) -> None:
        """Take note of a group that was stored.

        Parameters
        ----------
        waited
            How long its oldest event took from its arrival to the commit, in seconds.
        took
            How long the transaction took, in seconds.
        inside
            How many events were on their way at its end, its own included.
        """
        late = waited > max(self._wait, _PATIENCE * self._base(took))
        if inside < self.size / 2:  # what is not used says nothing
            self.size = max(self.size, _FIRST)
        elif late:
            self.size = max(self.size * _SHRINK, _LEAST)
        else:
            self.size = min(self.size + _GROW, _MOST)

    def _base(self, took: float) -> float:
        """Return the quickest transaction of the last one to two spans of memory."""
        now = self._clock()
        (old, _), (young, since) = self._quickest
        if now - since > _MEMORY_SECONDS:
            old, young, since = young, took, now
        young = min(young, took)
        self._quickest = [(old, 0.0), (young, since)]
        return min(old, young)
