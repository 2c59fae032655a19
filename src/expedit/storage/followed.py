"""What a process keeps of the database in memory, and looks at every second."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from expedit.core import SECOND, Unavailable
from expedit.storage.shop import Shop

T = TypeVar("T")


class Followed(ABC, Generic[T]):
    """Something that changes seldom and is asked for with every request.

    At first everybody waits until it is read. Later one looks while the others go on with what is known, and
    when the database does not answer, what is known stays: readiness tells of that.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._looking = threading.Lock()
        self._looked = 0
        self._known: tuple[object, T] | None = None

    @abstractmethod
    def mark(self) -> object:
        """Return what changes with every change; one quick read."""

    @abstractmethod
    def read(self) -> T:
        """Read it whole."""

    def current(self) -> T:
        """Return it, a second old at most."""
        known = self._known
        if known is None:
            return self.newest()
        if not 0 <= self._shop.clock() - self._looked < SECOND and self._looking.acquire(blocking=False):
            try:
                return self._look()
            except Unavailable:
                return known[1]
            finally:
                self._looking.release()
        return known[1]

    def newest(self) -> T:
        """Return it as it is now, for who has just changed it.

        Raises
        ------
        Unavailable
            When the database does not answer.
        """
        with self._looking:
            return self._look()

    def _look(self) -> T:
        self._looked = self._shop.clock()
        mark = self.mark()
        if self._known is None or self._known[0] != mark:
            self._known = mark, self.read()
        return self._known[1]
