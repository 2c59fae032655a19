"""Admission: how many requests of a kind are let in, so that those that are get their answer in time.

What is let in is bounded in number, and by how long it would have to wait. A short burst is let through as
long as the queue was empty a moment ago; a queue that stands is cut to the target (the idea of controlled
delay: Nichols & Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from expedit.storage import Shop

_CALM = 0.2
"""Share of the target below which nobody waits to speak of."""
_INTERVAL = 0.25
"""Seconds that a queue may stand before the target holds."""
_BURST = 4.0
"""How much longer than the target a burst may make somebody wait."""


def _no_wait() -> float:
    return 0.0


class Gate:
    """Lets in requests of one kind.

    Parameters
    ----------
    name
        The kind, as metrics show it.
    most
        How many may be inside at a time.
    wait
        The target, in seconds: how long a request may have to wait when it has come to stand in a queue.
    ahead
        How long what was let in before keeps a newcomer waiting, in seconds, as far as that is known.
    """

    __slots__ = ("_ahead", "_calm_at", "admitted", "inside", "most", "name", "refused", "wait")

    def __init__(self, name: str, most: int, wait: float, ahead: Callable[[], float] = _no_wait) -> None:
        self.name = name
        self.most = most
        self.wait = wait
        self._ahead = ahead
        self._calm_at = 0.0
        self.inside = 0
        self.admitted = 0
        self.refused = 0

    def admits(self, arrived: float | None = None) -> bool:
        """Tell whether one more is let in, and count it.

        Parameters
        ----------
        arrived
            When it came, by the monotonic clock: what it has waited already counts.
        """
        now = time.monotonic()
        waited = self._ahead() + (now - arrived if arrived is not None else 0.0)
        if waited <= self.wait * _CALM:
            self._calm_at = now
        patience = self.wait * _BURST if now - self._calm_at <= _INTERVAL else self.wait
        if self.inside >= self.most or waited > patience:
            self.refused += 1
            return False
        self.admitted += 1
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
