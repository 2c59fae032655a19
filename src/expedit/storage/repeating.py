"""What a process does again and again beside its requests."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

_log = structlog.get_logger("storage")


class Repeating:
    """Work that is done every so often, in a thread of its own, from `start` until `close`.

    Parameters
    ----------
    name
        Of the thread.
    work
        What is done. What it does not foresee is logged with its trace, and it is tried again.
    seconds
        The rest before each time.

    Attributes
    ----------
    stopping
        Set when it is closed; long work looks at it.
    """

    def __init__(self, name: str, work: Callable[[], object], seconds: float) -> None:
        self.stopping = threading.Event()
        self._name, self._work, self._seconds = name, work, seconds
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def close(self) -> bool:
        """End it once what is under way is done; return whether it had begun."""
        self.stopping.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        return thread is not None

    def _run(self) -> None:
        while not self.stopping.wait(self._seconds):
            try:
                self._work()
            except Exception:
                _log.exception("work failed, and is tried again", work=self._name)
