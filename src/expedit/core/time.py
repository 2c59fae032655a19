"""Time as integer microseconds since 1970-01-01 UTC, and the clocks that give it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from expedit.core.errors import InvalidInput

Clock = Callable[[], int]
"""A function that returns the present moment in microseconds since the epoch, UTC."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def system_clock() -> int:
    """Return the machine's present moment."""
    return time.time_ns() // 1_000


def to_datetime(at: int) -> datetime:
    """Return the UTC datetime of `at` microseconds."""
    return _EPOCH + timedelta(microseconds=at)


def from_datetime(moment: datetime) -> int:
    """Return microseconds of `moment`; a naive one is read as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


_FIRST = from_datetime(datetime.min.replace(tzinfo=UTC))
_LAST = from_datetime(datetime.max.replace(tzinfo=UTC))


def parse_time(text: str, field: str = "timestamp") -> int:
    """Read an ISO 8601 date or moment as microseconds; without a zone it is UTC.

    Raises
    ------
    InvalidInput
        Naming `field`.
    """
    try:
        at = from_datetime(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        raise InvalidInput(field, f"{text[:40]!r} is not an ISO 8601 time") from None
    if not _FIRST <= at <= _LAST:  # a zone can lead out of the years that a calendar has
        raise InvalidInput(field, f"{text[:40]!r} lies outside the years 1 to 9999")
    return at


def format_time(at: int) -> str:
    """Return `at` as ISO 8601 with milliseconds and a ``Z``."""
    return to_datetime(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_of(at: int) -> str:
    """Return the UTC date of `at`, as ``2026-11-22``."""
    return to_datetime(at).date().isoformat()
