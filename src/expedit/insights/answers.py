"""Answers kept: each overview is worked out in the background and shown with the moment it was computed.

A page never waits for a question to the log. The first visit finds nothing and comes back a moment later;
later ones see what there is, and set off a new computation when it has grown old. One thread asks one
question at a time, so that ten people who open the overview do not start ten scans of the log.
"""

from __future__ import annotations

import queue
import threading
import time

import structlog

from expedit.core import SECOND, ExpeditError, Struct
from expedit.insights.asking import ask_overview
from expedit.insights.model import Overview, Scope
from expedit.storage import Shop

_log = structlog.get_logger("expedit.insights")

FRESH = 60 * SECOND
"""How long an answer is shown without asking again, at least; at least twenty times what it took."""

_KEPT = 64


class Answer(Struct, frozen=True):
    """An overview and when it was worked out.

    Parameters
    ----------
    overview
        None until there is one.
    computed
        When, in microseconds.
    took
        How long it took, in seconds.
    working
        Whether a new one is on its way.
    failure
        Why the last attempt gave none, if it did not.
    """

    overview: Overview | None = None
    computed: int = 0
    took: float = 0.0
    working: bool = False
    failure: str = ""


_Key = tuple[Scope, int]


class Answers:
    """The overviews of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._known: dict[_Key, Answer] = {}
        self._asked: queue.SimpleQueue[_Key | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def look(self, scope: Scope, days: int) -> Answer:
        """Return what is known of a scope and period, and see to it that it is fresh soon."""
        key = (scope, days)
        with self._lock:
            known = self._known.get(key, Answer())
            if known.working or not self._is_old(known):
                return known
            known = Answer(known.overview, known.computed, known.took, True, "")
            self._known[key] = known
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="expedit-insights", daemon=True)
                self._thread.start()
        self._asked.put(key)
        return known

    def ask(self, scope: Scope, days: int) -> Answer:
        """Work an overview out now and keep it; for those who can wait.

        Raises
        ------
        ExpeditError
            When it cannot be worked out.
        """
        began = time.monotonic()
        overview = ask_overview(self._shop, scope, days)
        answer = Answer(overview, self._shop.clock(), time.monotonic() - began)
        self._keep((scope, days), answer)
        return answer

    def close(self) -> None:
        """Ask nothing more.

        The question under way is not waited for: it needs other parts of the shop, whose lock is held while
        parts are closed. Its answer, or its failure without a database, is let go.
        """
        self._closed.set()
        self._asked.put(None)

    def _is_old(self, known: Answer) -> bool:
        return self._shop.clock() - known.computed > max(FRESH, int(20 * known.took * SECOND))

    def _work(self) -> None:
        while (key := self._asked.get()) is not None and not self._closed.is_set():
            try:
                self.ask(*key)
            except ExpeditError as error:
                if self._closed.is_set():
                    return
                _log.warning("the overview was not answered", market=key[0].name, reason=str(error))
                self._fail(key, str(error))
            except Exception as error:  # the next question must still be asked; this one tells that it failed
                if self._closed.is_set():
                    return
                _log.error("the overview failed", market=key[0].name, exc_info=error)
                self._fail(key, f"{type(error).__name__}: {error}")

    def _fail(self, key: _Key, reason: str) -> None:
        with self._lock:
            known = self._known.get(key, Answer())
            self._known[key] = Answer(known.overview, self._shop.clock(), known.took, False, reason)

    def _keep(self, key: _Key, answer: Answer) -> None:
        with self._lock:
            self._known.pop(key, None)
            self._known[key] = answer
            while len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]


def answers(shop: Shop) -> Answers:
    """Return the kept answers of a shop."""
    return shop.part(Answers, lambda: Answers(shop))
