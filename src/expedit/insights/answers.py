"""Answers kept: what takes long is worked out in the background and shown with the moment it was computed.

A page never waits for a question to the log. The first visit finds nothing and comes back a moment later;
later ones see what there is, and set off a new computation when it has grown old. One thread asks one
question of a kind at a time, so that ten people who open a page do not start ten scans of the log.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from expedit.core import SECOND, ExpeditError, Struct
from expedit.insights.asking import ask_overview
from expedit.insights.landings import LandingsNumbers, ask_landings
from expedit.insights.model import Invoice, Overview, Scope
from expedit.insights.placements import PlacementsNumbers, ask_placements
from expedit.insights.rule_invoice import ask_invoice
from expedit.storage import Shop

T = TypeVar("T")

_log = structlog.get_logger("expedit.insights")

FRESH = 60 * SECOND
"""How long an answer is shown without asking again, at least; at least twenty times what it took."""

_KEPT = 64


class Answer(Struct, Generic[T], frozen=True):
    """What was found and when it was worked out.

    Parameters
    ----------
    found
        None until there is something.
    computed
        When, in microseconds.
    took
        How long it took, in seconds.
    working
        Whether a new one is on its way.
    failure
        Why the last attempt gave none, if it did not.
    """

    found: T | None = None
    computed: int = 0
    took: float = 0.0
    working: bool = False
    failure: str = ""


_Key = tuple[Scope, int]


class Answers(Generic[T]):
    """The answers of one kind in one shop.

    Parameters
    ----------
    name
        What is worked out, for the log.
    ask
        Works it out of a scope and a number of days.
    """

    def __init__(self, shop: Shop, name: str, ask: Callable[[Shop, Scope, int], T]) -> None:
        self._shop = shop
        self._name = name
        self._ask = ask
        self._known: dict[_Key, Answer[T]] = {}
        self._asked: queue.SimpleQueue[_Key | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def look(self, scope: Scope, days: int) -> Answer[T]:
        """Return what is known of a scope and period, and see to it that it is fresh soon."""
        key = (scope, days)
        with self._lock:
            known: Answer[T] = self._known.get(key, Answer())
            if known.working or not self._is_old(known):
                return known
            known = Answer(known.found, known.computed, known.took, True, "")
            self._known[key] = known
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"expedit-{self._name}", daemon=True)
                self._thread.start()
        self._asked.put(key)
        return known

    def ask(self, scope: Scope, days: int) -> Answer[T]:
        """Work an answer out now and keep it; for those who can wait.

        Raises
        ------
        ExpeditError
            When it cannot be worked out.
        """
        began = time.monotonic()
        found = self._ask(self._shop, scope, days)
        answer = Answer(found, self._shop.clock(), time.monotonic() - began)
        self._keep((scope, days), answer)
        return answer

    def close(self) -> None:
        """Ask nothing more.

        The question under way is not waited for: it needs other parts of the shop, whose lock is held while
        parts are closed. Its answer, or its failure without a database, is let go.
        """
        self._closed.set()
        self._asked.put(None)

    def _is_old(self, known: Answer[T]) -> bool:
        return self._shop.clock() - known.computed > max(FRESH, int(20 * known.took * SECOND))

    def _work(self) -> None:
        while (key := self._asked.get()) is not None and not self._closed.is_set():
            try:
                self.ask(*key)
            except ExpeditError as error:
                if self._closed.is_set():
                    return
                _log.warning(
                    "a question was not answered", asked=self._name, market=key[0].name, reason=str(error)
                )
                self._fail(key, str(error))
            except Exception as error:  # the next question must still be asked; this one tells that it failed
                if self._closed.is_set():
                    return
                _log.error("a question failed", asked=self._name, market=key[0].name, exc_info=error)
                self._fail(key, f"{type(error).__name__}: {error}")

    def _fail(self, key: _Key, reason: str) -> None:
        with self._lock:
            known: Answer[T] = self._known.get(key, Answer())
            self._known[key] = Answer(known.found, self._shop.clock(), known.took, False, reason)

    def _keep(self, key: _Key, answer: Answer[T]) -> None:
        with self._lock:
            self._known.pop(key, None)
            self._known[key] = answer
            while len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]


class Overviews(Answers[Overview]):
    """The overviews of one shop."""


class Invoices(Answers[Invoice]):
    """The rule invoices of one shop."""


class PlacementAnswers(Answers[PlacementsNumbers]):
    """What came of the placements of one shop."""


class LandingAnswers(Answers[LandingsNumbers]):
    """What came of the landing pages of one shop."""


def overviews(shop: Shop) -> Overviews:
    """Return the kept overviews of a shop."""
    return shop.part(Overviews, lambda: Overviews(shop, "overview", ask_overview))


def invoices(shop: Shop) -> Invoices:
    """Return the kept rule invoices of a shop."""
    return shop.part(Invoices, lambda: Invoices(shop, "rule invoice", ask_invoice))


def placement_answers(shop: Shop) -> PlacementAnswers:
    """Return the kept numbers of a shop's placements."""
    return shop.part(PlacementAnswers, lambda: PlacementAnswers(shop, "placements", ask_placements))


def landing_answers(shop: Shop) -> LandingAnswers:
    """Return the kept numbers of a shop's landing pages."""
    return shop.part(LandingAnswers, lambda: LandingAnswers(shop, "landing pages", ask_landings))
