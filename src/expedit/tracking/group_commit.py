"""Group commit: one thread that writes what many requests hand in, one transaction for a whole group.

A request is answered after the commit of its group, so what was acknowledged is durable. On the event loop a
whole group wakes up in one callback. Small submissions, behind which a page waits, go before large ones.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence

import structlog

from expedit.core import Unavailable
from expedit.storage import Shop
from expedit.tracking.giving_way import GiveWay
from expedit.tracking.model import Outcome, Refusal
from expedit.tracking.recording import Entry, Letter, write_entries
from expedit.tracking.room import Room

MOST_WAITING = 20_000
"""Events that may wait for their commit; more are turned away with 503 until the queue is shorter."""

SMALL = 25
"""Events of a submission that goes before larger ones."""

_NEW_SHARE = 0.1
"""Weight of the newest group in the running average of what an event costs."""

_REMEMBERED_SECONDS = 30.0
"""How long a failure is told of when nobody has sent anything since that could tell otherwise."""

_log = structlog.get_logger("tracking")

_Answer = Sequence[Outcome] | Exception


class _Submission:
    """What one request hands in, and where its answer goes."""

    __slots__ = ("answer", "entries", "future", "letters", "loop", "since")

    def __init__(
        self,
        entries: Sequence[Entry],
        letters: Sequence[Letter],
        loop: asyncio.AbstractEventLoop,
        future: asyncio.Future[Sequence[Outcome]],
    ) -> None:
        self.entries = entries
        self.letters = letters
        self.loop = loop
        self.future = future
        self.answer: _Answer = ()
        self.since = time.monotonic()

    @property
    def weight(self) -> int:
        """How many events it holds, refused ones too."""
        return len(self.entries) + len(self.letters)


class Committer:
    """Writes submissions in groups.

    Parameters
    ----------
    shop
        Its settings say how long a group waits to fill and how large it grows.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._wait = shop.settings.group_commit_ms / 1000
        self._most = shop.settings.group_commit_events
        self._small: deque[_Submission] = deque()
        self._large: deque[_Submission] = deque()
        self._waiting = 0
        self._waiting_small = 0
        self._writing_small = 0
        self._event_seconds = 0.0
        self._room = Room(shop.settings.ingest_wait_ms / 1000)
        self._since: float | None = None
        self._failed_at = 0.0
        self._failure = ""
        self._changed = threading.Condition()
        self._give_way = GiveWay()
        self._thread: threading.Thread | None = None
        self._closed = False
        self.on_group: Callable[[int, float, Sequence[str], int], None] | None = None
        """Told of each group after its commit: how many events, how many seconds it took, what became of
        those that were stored, and how many were refused."""

    @property
    def waiting(self) -> int:
        """How many events wait for their commit."""
        return self._waiting

    async def commit(self, entries: Sequence[Entry], letters: Sequence[Letter] = ()) -> Sequence[Outcome]:
        """Hand in `entries` and `letters`; return what became of the entries once that is durable.

        Raises
        ------
        Unavailable
            When too much waits already, or the database did not take it; then nothing was stored.
        """
        loop = asyncio.get_running_loop()
        submission = _Submission(entries, letters, loop, loop.create_future())
        with self._changed:
            if self._closed:
                raise Unavailable("the server is shutting down")
            if self._waiting + submission.weight > MOST_WAITING:
                raise Unavailable("more events wait for the database than it can take now")
            self._waiting += submission.weight
            if submission.weight <= SMALL:
                self._waiting_small += submission.weight
                self._small.append(submission)
            else:
                self._large.append(submission)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="expedit-committer", daemon=True)
                self._thread.start()
            if len(self._small) + len(self._large) == 1 or self._waiting >= self._most:
                self._changed.notify()
        self._give_way.watch(loop)
        return await submission.future

    def small_full(self) -> bool:
        """Tell whether a small submission that is handed in now would wait too long."""
        return self._waiting_small + self._writing_small >= self._room.size

    def large_full(self) -> bool:
        """Tell the same of a large submission, whose sender can wait."""
        waiting = self._waiting
        patience = self._shop.settings.ingest_batch_wait_ms / 1000
        return waiting >= 2 * self._most and waiting * self._event_seconds > patience

    @property
    def failing(self) -> str:
        """Why events cannot be stored; empty when they can, or when nobody has tried for half a minute."""
        return self._failure if time.monotonic() - self._failed_at < _REMEMBERED_SECONDS else ""

    def stalled_for(self) -> float:
        """Return for how many seconds the group under way has been with the database."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    def close(self) -> None:
        """Write what waits, then end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            began = time.perf_counter()
            self._write(group)
            if self.on_group is not None:
                took = time.perf_counter() - began
                stored = [(one.answer, one.letters) for one in group if not isinstance(one.answer, Exception)]
                fates = [outcome.fate for answer, _ in stored for outcome in answer]
                refused = sum(len(letters) for _, letters in stored)
                self.on_group(sum(one.weight for one in group), took, fates, refused)
            self._deliver(group)

    def _next_group(self) -> list[_Submission]:
        """Wait for submissions; return as many as make a group, or nothing when closed and empty."""
        with self._changed:
            while not self._small and not self._large and not self._closed:
                self._changed.wait()
            deadline = time.monotonic() + self._wait
            while self._waiting < self._most and not self._closed:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            group: list[_Submission] = []
            weight = 0
            for queue in (self._small, self._large):
                while queue and (weight == 0 or weight + queue[0].weight <= self._most):
                    group.append(queue.popleft())
                    weight += group[-1].weight
                if queue is self._small:
                    self._waiting_small -= weight
                    self._writing_small = weight
            if self._large and group[-1].weight <= SMALL:  # the small ones must not keep it out for ever
                group.append(self._large.popleft())
                weight += group[-1].weight
            self._waiting -= weight
            return group

    def _write(self, group: list[_Submission]) -> None:
        began = time.monotonic()
        self._since = began
        self._give_way.begin()
        try:
            with self._shop.database.writing() as tx:
                tx.number()  # where a transaction begins with its first statement, this is it
                trip = time.monotonic() - began
                outcomes = write_entries(
                    self._shop,
                    tx,
                    [entry for one in group for entry in one.entries],
                    [letter for one in group for letter in one.letters],
                )
        except Unavailable as error:
            self._failure, self._failed_at = str(error), time.monotonic()
            for one in group:
                one.answer = error
        except Exception as error:  # one submission is at fault, and must not take the others with it
            _log.error("a group of events could not be stored", exc_info=error)
            for one in group:
                one.answer = write_one_by_one(self._shop, one.entries, one.letters)
        else:
            self._failure = ""
            start = 0
            for one in group:
                one.answer = outcomes[start : start + len(one.entries)]
                start += len(one.entries)
            self._measure(group, trip, time.monotonic() - began)
        finally:
            self._since = None
            self._give_way.end()
            self._writing_small = 0

    def _measure(self, group: list[_Submission], trip: float, took: float) -> None:
        """Learn from a stored group what an event costs, and how many small ones may be let in."""
        weight = sum(one.weight for one in group)
        if weight >= SMALL:  # the fixed part of a small group would be counted to its few events
            share = _NEW_SHARE if self._event_seconds else 1.0
            self._event_seconds += share * (took / weight - self._event_seconds)
        if group[0].weight <= SMALL:
            inside = self._waiting_small + self._writing_small
            self._room.learn(trip, took, weight, inside)

    def _deliver(self, group: list[_Submission]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[_Submission]] = defaultdict(list)
        for one in group:
            by_loop[one.loop].append(one)
        for loop, submissions in by_loop.items():
            try:
                loop.call_soon_threadsafe(self._wake, submissions, time.monotonic())
            except RuntimeError as error:  # the loop is closed: nobody waits for the answer any more
                _log.warning("answers came after the server had stopped", error=str(error))

    def _wake(self, submissions: list[_Submission], stored: float) -> None:
        """Answer those whose group was stored at the moment `stored`; runs on their event loop."""
        now = time.monotonic()
        since = min((one.since for one in submissions if one.weight <= SMALL), default=None)
        if since is not None:
            # A request waits for its turn before it is handed in about as long as its answer does.
            self._room.felt(now - since + now - stored)
        for one in submissions:
            if one.future.done():  # its client went away
                continue
            if isinstance(one.answer, Exception):
                one.future.set_exception(one.answer)
            else:
                one.future.set_result(one.answer)


def write_one_by_one(shop: Shop, entries: Sequence[Entry], letters: Sequence[Letter]) -> _Answer:
    """Write each entry in a transaction of its own; one that cannot be stored becomes a dead letter.

    When not even that can be stored the database is at fault, not the event: the answer is `Unavailable`.
    What was stored before is found again as duplicates when the sender tries once more.
    """
    outcomes: list[Outcome] = []
    try:
        for letter in letters:
            with shop.database.writing() as tx:
                write_entries(shop, tx, (), [letter])
        outcomes.extend(_write_entry(shop, entry) for entry in entries)
    except Unavailable as error:
        return error
    except Exception as error:  # told to the sender as a server that cannot store now, and to the log in full
        _log.error("a dead letter could not be stored", exc_info=error)
        return Unavailable("the event could not be stored")
    return outcomes


def _write_entry(shop: Shop, entry: Entry) -> Outcome:
    try:
        with shop.database.writing() as tx:
            return write_entries(shop, tx, [entry])[0]
    except Unavailable:
        raise
    except Exception as error:  # whatever it is, this one event is what cannot be stored
        event = entry.draft.event
        _log.error("an event could not be stored", message_id=event.message_id, exc_info=error)
        refusal = Refusal("", f"could not be stored ({type(error).__name__})")
        letter = Letter(
            event.source, event.message_id, "", refusal.reason, event.received, tuple(event.subjects)
        )
    with shop.database.writing() as tx:
        write_entries(shop, tx, (), [letter])
    return Outcome("refused", event.message_id, refusal)


def committer(shop: Shop) -> Committer:
    """Return the one committer of the shop."""
    return shop.part(Committer, lambda: Committer(shop))
