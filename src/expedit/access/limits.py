"""How often the holders of a key may ask: a token bucket for each key, in the memory of each process."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic

from expedit.access.model import Caller
from expedit.core import Settings, TooManyRequests

_ROUNDING = 1e-6
"""Seconds that sums of fractions may be off."""


class Limits:
    """The buckets of one process, kept as the moment at which each would be full again.

    That is the generic cell rate algorithm (ITU-T I.371, annex A): one number a key, no clock work between
    requests. Two threads that meet may let one request too many in.

    Parameters
    ----------
    settings
        `rate_limit_public`, `rate_limit_secret` and `rate_limit_burst`.
    clock
        Seconds that never go back.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._burst = settings.rate_limit_burst
        self._public = 1 / settings.rate_limit_public if settings.rate_limit_public > 0 else 0.0
        self._secret = 1 / settings.rate_limit_secret if settings.rate_limit_secret > 0 else 0.0
        self._buckets: dict[str, _Bucket] = {}

    def admit(self, caller: Caller) -> None:
        """Count a request of `caller`.

        Raises
        ------
        TooManyRequests
            When the bucket of their key is empty; the request is not counted.
        """
        bucket = self._buckets.get(caller.key)
        if bucket is None:
            bucket = self._buckets[caller.key] = _Bucket(self._secret if caller.trusted else self._public)
        now = self._clock()
        full_at = bucket.full_at
        if full_at < now:  # noqa: PLR1730  (a call of max costs as much as all the rest)
            full_at = now
        full_at += bucket.interval
        if full_at - now > self._burst + _ROUNDING:
            wait = max(1, math.ceil(full_at - now - self._burst))
            raise TooManyRequests("this key is used more often than it may be", wait)
        bucket.full_at = full_at


class _Bucket:
    """One key's bucket: seconds between two requests that go on for ever, and when it would be full."""

    __slots__ = ("full_at", "interval")

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.full_at = float("-inf")
