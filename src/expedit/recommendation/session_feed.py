"""Hands the sessions since the last build to the serving model, as they happen.

Every server process follows the log for itself and keeps the sessions in memory, so a restart only costs
reading them again. An event that comes later than `LATEST` is left to the next build.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable

import structlog

from expedit.core import DAY, MINUTE, ExpeditError, PersonRef
from expedit.events import Event, EventKind, Place, follow, log_end, read_events
from expedit.recommendation.arrays import MAX_SESSION
from expedit.recommendation.live import REST_PER_WORK, ModelHandle, live_model
from expedit.recommendation.meeting import factors_of
from expedit.storage import Repeating, Shop, Transaction

SESSION_GAP = 30 * MINUTE
LATEST = 10 * MINUTE
"""How much later than the newest an event may come."""
LONGEST_CATCH_UP = DAY
LONGEST_WRITE = MINUTE
"""How long an event may take from its arrival to its commit."""
POLL_SECONDS = 5.0
PORTION = 250
_REST = 2
"""Events taken up at a time, and how many times as long as it took to rest then: requests go first."""
KINDS: frozenset[EventKind] = frozenset({"view_item", "select_item", "click", "add_to_cart", "purchase"})
"""What counts as meeting a product, as in the training question of the log."""

_log = structlog.get_logger(__name__)


class SessionFeed:
    """Follows the log for one process; see `session_feed`."""

    def __init__(self, shop: Shop, models: ModelHandle) -> None:
        self._shop = shop
        self._models = models
        self._open: OrderedDict[str, tuple[int, int, list[str]]] = OrderedDict()
        self._place: Place | None = None
        self._begun = 0
        self._begun_with: set[tuple[str, str]] = set()
        trained = models.current().meta.trained_until
        self._until = max(trained, shop.clock() - LONGEST_CATCH_UP)
        self._lock = threading.Lock()
        factors = factors_of(shop.settings)
        self._kinds = frozenset(kind for kind in KINDS if factors.get(kind, 1.0) > 0.0)
        self._watching = Repeating("sessions", self._watch, POLL_SECONDS)

    def poll(self) -> int:
        """Take up the events since the last time; return how many there were."""
        with self._lock:
            taken = self._catch_up() if self._place is None else self._go_on(self._place)
            self._close_until(self._until - SESSION_GAP)
        return taken

    def _catch_up(self) -> int:
        """Take up what the last build has not seen, and find the place from which to follow the log."""
        place = log_end(self._shop)  # first: what comes while the log is read is met twice, not lost
        self._begun = self._shop.clock()

        def met() -> Iterable[Event]:
            for event in read_events(self._shop, since=self._until):
                if event.received >= self._begun - LONGEST_WRITE:
                    self._begun_with.add((event.source, event.message_id))
                if event.kind in self._kinds:
                    yield event

        taken = self._take_up(met())
        self._place = place
        return taken

    def _go_on(self, place: Place) -> int:
        """Take up what was appended after `place`, a portion at a time."""
        taken = 0
        while True:
            began = time.monotonic()
            events, end = follow(self._shop, place, PORTION, self._kinds)
            fresh = [event for event in events if (event.source, event.message_id) not in self._begun_with]
            horizon = self._until - LATEST
            taken += self._take_up(event for event in sorted(fresh, key=_when) if event.at >= horizon)
            self._place = end
            if end == place:
                break
            place = end
            if self._watching.stopping.wait(_REST * (time.monotonic() - began)):
                break
        if self._shop.clock() > self._begun + LONGEST_WRITE:
            self._begun_with.clear()
        return taken

    def _take_up(self, events: Iterable[Event]) -> int:
        taken, newest = 0, self._until
        for event in events:
            newest = max(newest, event.at)
            self._take(event)
            taken += 1
        self._until = min(newest, self._shop.clock())
        return taken

    def start(self) -> None:
        """Poll in a thread of its own until `close`."""
        self._watching.start()

    def close(self) -> None:
        """Stop the thread."""
        self._watching.close()

    def forget(self, visitor: str) -> None:
        """Drop all that is kept of a visitor."""
        with self._lock:
            self._open.pop(visitor, None)
            self._models.sessions.forget(visitor)

    def _watch(self) -> None:
        began = time.monotonic()
        try:
            self.poll()
        except ExpeditError as error:
            _log.warning("live sessions wait", reason=str(error))
        self._watching.stopping.wait(REST_PER_WORK * (time.monotonic() - began) - POLL_SECONDS)

    def _take(self, event: Event) -> None:
        visitor = event.subject or event.session
        products = [item.product or item.id for item in event.items]
        if not visitor or not products:
            return
        started, last, met = self._open.pop(visitor, (event.at, event.at, []))
        if event.at - last >= SESSION_GAP:
            started, met = event.at, []
        met = [*met, *products][-MAX_SESSION:]
        self._open[visitor] = (started, max(last, event.at), met)
        self._models.sessions.observe(f"{visitor}/{started}", met, max(last, event.at))

    def _close_until(self, at: int) -> None:
        """Let go of sessions that have ended; the model's live sessions keep them."""
        for visitor in [visitor for visitor, (_, last, _) in self._open.items() if last <= at]:
            del self._open[visitor]


def _when(event: Event) -> tuple[int, str, str]:
    return event.at, event.message_id, event.source


def session_feed(shop: Shop) -> SessionFeed:
    """Return the shop's one feed of live sessions."""
    return shop.part(SessionFeed, lambda: SessionFeed(shop, live_model(shop)))


def forget_person(shop: Shop, tx: Transaction, person: PersonRef) -> None:
    """Drop a person's live sessions once the erasure is durable (GDPR art. 17)."""

    def forget() -> None:
        feed = session_feed(shop)
        for subject in person.subject_ids:
            feed.forget(subject)

    tx.after_commit(forget)
