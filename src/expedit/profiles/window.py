"""Which events a profile remembers: a pure function of the newest ones.

The window holds the events of the last `days` whole days (UTC) before the person's newest event, and never
more than `most`. When there are more, it starts at a *milestone*, an event whose id hashes to one in 64, the
earliest that fits: so the start of the window moves once in some 64 events, and until then a new event is
simply added to the state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar
from zlib import crc32

from expedit.core import DAY, Settings, Struct
from expedit.identity import Key
from expedit.profiles.facts import Filed

MILESTONES: Final = 64

Row = TypeVar("Row", bound=Filed)


class Window(Struct, frozen=True):
    """How much a profile remembers.

    Parameters
    ----------
    days
        Days before the newest event.
    most
        Most events.
    """

    days: int
    most: int

    @classmethod
    def of(cls, settings: Settings) -> Window:
        """Return the window that the shop set."""
        return cls(settings.profile_days, settings.profile_events)

    def start(self, newest: int) -> int:
        """Return the moment before which nothing is remembered, the newest event being at `newest`."""
        return newest - newest % DAY - self.days * DAY

    def cut(self, filed: Sequence[Filed]) -> tuple[Sequence[Filed], bool]:
        """Return what is remembered of facts in order, and whether there were too many.

        Only the newest ``most + 1`` facts matter, so only those need be given.
        """
        if not filed:
            return filed, False
        start = self.start(filed[-1].key.at)
        first = next(place for place, one in enumerate(filed) if one.key.at >= start)
        if len(filed) - first <= self.most:
            return filed[first:], False
        first = len(filed) - self.most
        first = next((place for place in range(first, len(filed)) if is_milestone(filed[place].key)), first)
        return filed[first:], True

    def goes_on(self, events: int, oldest_at: int, truncated: bool, last: int, at: int) -> bool:
        """Tell whether a new fact at the moment `at` leaves everything remembered in the window.

        Parameters
        ----------
        events, oldest_at, truncated, last
            How many are remembered, the first and last of them, and whether the window was shortened.
        """
        if events >= self.most:
            return False
        start = self.start(at)
        # A shortened window could also grow backward when the day changes.
        return start == self.start(last) if truncated else start <= oldest_at


def is_milestone(key: Key) -> bool:
    """Tell whether a shortened window may start at this event."""
    return crc32(key.message_id.encode()) % MILESTONES == 0
