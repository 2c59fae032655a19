"""Admission: how many requests of a kind are let in, so that those that are get their answer in time.

What is let in is bounded in number, and by how long it has waited for its turn. A single hiccup turns nobody
away; when requests have come too late for a while, those that are late are refused until no more are (after
the idea of controlled delay: Nichols & Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from expedit.storage import Shop

_HICCUP = 0.25
"""Seconds for which requests may be late before late ones are refused."""
_TRICKLE = 0.02
"""Seconds after the last one was let in until one that is late is let in all the same: on a slow machine
everybody is late, and to refuse everybody would help nobody."""


def _never() -> bool:
    return False


class Gate:
    """Lets in requests of one kind.

    Parameters
    ----------
    name
        The kind, as metrics show it.
    most
        How many may be inside at a time.
    wait
        After how many seconds a request that waited for its turn is late.
    full
        Tells whether what stands behind the gate can take no more.
    a_round
        How many may begin in one round of the event loop, 0 for any number. Where each is answered at once,
        on the loop, everything that is ready meanwhile would otherwise wait for all of them.
    at_once
        How many may be worked at, 0 for any number; the others wait for their turn. Where threads work at
        them, a queue behind the gate would not be seen by it.
    """

    __slots__ = (
        "_a_round",
        "_at_once",
        "_begun",
        "_full",
        "_late_at",
        "_late_since",
        "_let_in",
        "_promised",
        "_waiting",
        "admitted",
        "inside",
        "most",
        "name",
        "refused",
        "wait",
    )

    def __init__(
        self,
        name: str,
        most: int,
        wait: float,
        full: Callable[[], bool] = _never,
        *,
        a_round: int = 0,
        at_once: int = 0,
    ) -> None:
        self.name = name
        self.most = most
        self.wait = wait
        self._full = full
        self._a_round = a_round
        self._begun = 0
        self._at_once = at_once
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._promised = 0
        self._late_at = self._late_since = self._let_in = float("-inf")
        self.inside = 0
        self.admitted = 0
        self.refused = 0

    def admits(self, arrived: float | None = None) -> bool:
        """Tell whether one more is let in, and count it.

        Parameters
        ----------
        arrived
            When it came, by the monotonic clock.
        """
        if self.inside >= self.most or self._full() or (arrived is not None and self._is_too_late(arrived)):
            self.refused += 1
            return False
        self.admitted += 1
        return True

    async def admits_in_turn(self, arrived: float | None = None) -> bool:
        """Wait until one more may begin, then tell whether it is let in, and count it."""
        if self._at_once:
            await self._place()
        while self._a_round and self._begun >= self._a_round:
            await asyncio.sleep(0)
        if not self.admits(arrived):
            self._hand_on()
            return False
        if self._a_round:
            if not self._begun:
                asyncio.get_running_loop().call_soon(self._end_round)
            self._begun += 1
        return True

    def enter(self) -> None:
        """Note that one that was let in is inside."""
        self.inside += 1

    def leave(self) -> None:
        """Note that one has been answered, and let the next one begin."""
        self.inside -= 1
        self._hand_on()

    async def _place(self) -> None:
        """Wait for a place, first come first served."""
        if not self._waiting and self.inside + self._promised < self._at_once:
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # it was promised the very moment its client went away
                self._promised -= 1
                self._hand_on()
            raise
        self._promised -= 1

    def _hand_on(self) -> None:
        while self._waiting and self.inside + self._promised < self._at_once:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                self._promised += 1

    def _end_round(self) -> None:
        self._begun = 0

    def _is_too_late(self, arrived: float) -> bool:
        now = time.monotonic()
        if now - arrived <= self.wait:
            self._let_in = now
            return False
        if now - self._late_at > _HICCUP:
            self._late_since = now
        self._late_at = now
        if now - self._late_since <= _HICCUP or now - self._let_in > _TRICKLE:
            self._let_in = now
            return False
        return True


class Admission:
    """The gates of a shop by name."""

    def __init__(self) -> None:
        self.gates: dict[str, Gate] = {}

    def gate(self, gate: Gate) -> Gate:
        """Enter `gate`, or return the one that has its name already."""
        return self.gates.setdefault(gate.name, gate)


def admission(shop: Shop) -> Admission:
    """Return the one collection of gates of `shop`."""
    return shop.part(Admission, Admission)
