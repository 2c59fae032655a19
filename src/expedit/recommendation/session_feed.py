"""Hands the sessions since the last build to the serving model, as they happen.

Every server process reads the log's newest events for itself and keeps the sessions in memory, so a restart
only costs reading them again. An event that arrives later than `OVERLAP` is left to the next build.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

import structlog

from expedit.core import DAY, MINUTE, SECOND, ExpeditError, PersonRef
from expedit.events import Event, read_events
from expedit.recommendation.arrays import MAX_SESSION
from expedit.recommendation.live import REST_PER_WORK, ModelHandle, live_model
from expedit.storage import Shop, Transaction

SESSION_GAP = 30 * MINUTE
OVERLAP = 10 * SECOND
LONGEST_CATCH_UP = DAY
POLL_SECONDS = 5.0
KINDS = frozenset({"view_item", "select_item", "click", "add_to_cart", "purchase"})
"""What counts as meeting a product, as in the training question of the log."""

_log = structlog.get_logger(__name__)


class SessionFeed:
    """Follows the log for one process; see `session_feed`."""

    def __init__(self, shop: Shop, models: ModelHandle) -> None:
        self._shop = shop
        self._models = models
        self._open: OrderedDict[str, tuple[int, int, list[str]]] = OrderedDict()
        self._seen: dict[tuple[str, str], int] = {}
        trained = models.current().meta.trained_until
        self._until = max(trained, shop.clock() - LONGEST_CATCH_UP)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def poll(self) -> int:
        """Take up the events since the last time; return how many there were."""
        with self._lock:
            taken = 0
            newest = self._until
            for event in read_events(self._shop, since=self._until - OVERLAP):
                name = (event.source, event.message_id)
                if name in self._seen:
                    continue
                self._seen[name] = event.at
                newest = max(newest, event.at)
                self._take(event)
                taken += 1
            self._until = min(newest, self._shop.clock())
            horizon = self._until - OVERLAP
            self._seen = {name: at for name, at in self._seen.items() if at >= horizon}
            self._close_until(self._until - SESSION_GAP)
        return taken

    def start(self) -> None:
        """Poll in a thread of its own until `close`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="sessions", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def forget(self, visitor: str) -> None:
        """Drop all that is kept of a visitor."""
        with self._lock:
            self._open.pop(visitor, None)
            self._models.sessions.forget(visitor)

    def _watch(self) -> None:
        rest = POLL_SECONDS
        while not self._stop.wait(rest):
            began = time.monotonic()
            try:
                self.poll()
            except ExpeditError as error:
                _log.warning("live sessions wait", reason=str(error))
            rest = max(POLL_SECONDS, REST_PER_WORK * (time.monotonic() - began))

    def _take(self, event: Event) -> None:
        visitor = event.subject or event.session
        products = [item.product or item.id for item in event.items] if event.kind in KINDS else []
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
