"""An event loop that leaves the interpreter to the thread behind it when it has too much to do itself."""

from __future__ import annotations

import asyncio
import threading
import time

_LOOK_SECONDS = 0.003
_BUSY_SECONDS = 0.0015
"""By how much a look may be late before the loop counts as busy."""
_BUSY_SHARE = 0.5
"""Share of the processor that makes the loop count as busy when it is on time."""
_REMEMBERED_SECONDS = 0.1
"""How long a loop counts as busy after it was."""
_LONGEST = 0.01
_IDLE_SECONDS = 0.1
"""How long the loop is looked after beyond a write: the next one may be about to begin."""


class GiveWay:
    """Lets a busy event loop rest while a thread writes.

    A thread that asks the database hands the interpreter over at every statement, and a loop that never rests
    gives it back only when it is made to: under a flood of requests a commit of milliseconds would take a
    hundred times as long. So a loop that is busy waits for the commit under way, for some milliseconds.
    """

    def __init__(self) -> None:
        self._done = threading.Event()
        self._done.set()
        self._watched: asyncio.AbstractEventLoop | None = None
        self._until = self._looked = self._worked = 0.0
        self._busy_until = 0.0

    def begin(self) -> None:
        """Note that the thread writes."""
        self._done.clear()

    def end(self) -> None:
        """Note that it has written."""
        self._done.set()

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look after `loop` for as long as the thread writes."""
        self._until = time.monotonic() + _IDLE_SECONDS
        if self._watched is not loop:
            self._watched = loop
            self._look_later(loop)

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looked = time.monotonic()
        self._worked = time.thread_time()
        loop.call_later(_LOOK_SECONDS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        if self._done.is_set() and now > self._until:
            self._watched = None
            return
        passed = now - self._looked
        if passed > _LOOK_SECONDS + _BUSY_SECONDS or time.thread_time() - self._worked > _BUSY_SHARE * passed:
            self._busy_until = now + _REMEMBERED_SECONDS
        if now < self._busy_until and not self._done.is_set():
            self._done.wait(_LONGEST)
        self._look_later(loop)
