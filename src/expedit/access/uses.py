"""When each key was last used: to the minute, written down now and then, so that using one costs nothing."""

from __future__ import annotations

import structlog

from expedit.core import MINUTE, Unavailable
from expedit.storage import Repeating, Shop

_log = structlog.get_logger("access")

WRITE_SECONDS = 30.0


class Uses:
    """Notes keys as they are used, and writes them down from a thread of its own while `start`ed."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._noted: set[str] = set()
        self._written: dict[str, int] = {}
        self._writing = Repeating("key-uses", self._try, WRITE_SECONDS)
        self.note = self._noted.add

    def start(self) -> None:
        """Begin to write down what was noted, every half minute."""
        self._writing.start()

    def write(self) -> None:
        """Write down what was noted, unless it was in this very minute already."""
        minute = self._shop.clock() // MINUTE * MINUTE
        noted = list(self._noted)
        fresh = sorted(key for key in noted if self._written.get(key) != minute)
        if fresh:
            with self._shop.database.writing() as tx:
                tx.run_many(
                    "INSERT INTO key_uses (key, used) VALUES (?, ?) "
                    "ON CONFLICT (key) DO UPDATE SET used = excluded.used",
                    [(key, minute) for key in fresh],
                )
            self._written |= dict.fromkeys(fresh, minute)
        self._noted.difference_update(noted)

    def close(self) -> None:
        """Stop, and write down the last."""
        if self._writing.close():
            self._try()

    def _try(self) -> None:
        try:
            self.write()
        except Unavailable as error:  # what was noted stays noted, for the next round
            _log.warning("uses of keys not written", reason=str(error))


def read_uses(shop: Shop) -> dict[str, int]:
    """Return when each key was last used, in microseconds, by ``source:`` or ``key:`` and its id."""
    return dict(shop.database.read_rows("SELECT key, used FROM key_uses"))
