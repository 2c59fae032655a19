"""Who is in which audience, noted for sizes, trends and exports.

Whoever asks about one person computes it (`live.LiveAudiences.of`), which is always exact. What is noted here
follows: within seconds when somebody does something, and at the hourly recount of everybody when only time
has passed.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import compress, repeat
from typing import NamedTuple

import numpy as np

from expedit.audiences import store
from expedit.audiences.columns import PersonColumns, Surroundings
from expedit.audiences.facts import kept_orders
from expedit.audiences.live import InForce, live_audiences, may_be_in
from expedit.audiences.model import Size
from expedit.core import DAY, HOUR, Progress, Struct, no_progress
from expedit.events import Event, Place, follow, keep_place, kept_place, log_end, rewind
from expedit.identity import kinds_now, lock_identity, persons_of, subjects_now
from expedit.orders import Order, keep_orders, orders_by_subject
from expedit.profiles import Crowd, count_people, crowd_after, crowd_of
from expedit.storage import Shop, Transaction

CURSOR = "audiences"
CHUNK = 5_000
RECOUNT_EVERY = HOUR
_FOLLOWED = 2_000
_SIZES_KEPT = 400 * DAY


Pairs = set[tuple[str, str]]
"""Audience and person of each member."""


class Moved(NamedTuple):
    """The members that were found, and those of them who came and others who went."""

    found: Pairs
    came: Pairs
    went: Pairs


class Progressing(Struct, frozen=True):
    """How far a recount is: people looked at, of how many."""

    done: int
    total: int


class Counter:
    """Keeps the notes of one shop; see `counter`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = threading.Lock()
        self._beginning = threading.Lock()
        self._place: Place | None = None
        self._idle = False
        self._counting: threading.Thread | None = None
        self.progress: Progressing | None = None
        """How far the recount under way is; None when none is."""

    def step(self, progress: Progress = no_progress) -> None:
        """Follow the log, and recount what is due; the periodic work."""
        book = live_audiences(self._shop).newest()
        if not book:
            self._forget_place()
            return
        self._idle = False
        self.follow_log()
        due = self.due(book)
        if due:
            self.recount(due, progress)

    def due(self, book: Mapping[str, InForce]) -> list[InForce]:
        """Return the audiences whose count is of another edition; all, when the last count is an hour old."""
        now = self._shop.clock()
        with self._shop.database.reading() as tx:
            sizes = store.newest_sizes(tx)
        found = [sizes.get(one) for one in book]
        if any(size is not None and not 0 <= now - size.at < RECOUNT_EVERY for size in found):
            return list(book.values())
        return [
            one for one, size in zip(book.values(), found, strict=True)
            if size is None or size.version != one.version
        ]  # fmt: skip

    def follow_log(self) -> int:
        """Look again at everybody who did something since the last time; return how many."""
        keep_orders(self._shop)  # or a purchase would be looked at before its order
        seen = 0
        place = self._place or self._begin_place()
        for events, following in self._following(place):
            seen += self._look_again(events, following)
            self._place = following
        return seen

    def _following(self, place: Place) -> Iterator[tuple[Sequence[Event], Place]]:
        while True:
            events, following = follow(self._shop, place, _FOLLOWED)
            yield events, following
            if following == place:
                return
            place = following

    def _begin_place(self) -> Place:
        """Return where the one before has left off, at a stop or in another process; else the log's end."""
        end = log_end(self._shop)
        with self._shop.database.writing() as tx:
            place = kept_place(tx, CURSOR)
            if place is None:
                keep_place(tx, CURSOR, end)
        return place or end

    def _forget_place(self) -> None:
        """Begin anew with the next audience, which counts everybody anyway; written once."""
        if not self._idle:
            with self._shop.database.writing() as tx:
                rewind(tx, CURSOR)
            self._place, self._idle = None, True

    def _look_again(self, events: Sequence[Event], place: Place | None = None) -> int:
        subjects = {subject for event in events for subject in event.subjects}
        if not subjects:
            return 0
        book = live_audiences(self._shop).current()
        with self._shop.database.reading() as tx:
            people = persons_of(tx, subjects) | subjects  # one who was merged is no person any more
            crowd = crowd_of(tx, people)
        columns = PersonColumns(crowd, surroundings(self._shop), self._shop.clock())
        found = members_of(columns, list(book.values()))
        with self._shop.database.writing() as tx:
            lock_identity(tx, exclusive=False)
            noted = {one for one in store.members_among(tx, people) if one[0] in book}
            _note(tx, noted, found, self._shop.clock())
            if place is not None:
                keep_place(tx, CURSOR, place)
        return len(crowd)

    def begin(self) -> None:
        """Begin to count everybody in a thread of its own, unless a count is under way."""
        with self._beginning:
            if self.progress is None:
                self.progress = Progressing(0, 0)
                self._counting = threading.Thread(
                    target=self._count_all, name="expedit-audiences", daemon=True
                )
                self._counting.start()

    def wait(self) -> None:
        """Wait until a count that was begun is over."""
        if self._counting is not None:
            self._counting.join()

    close = wait
    """The shop is closed when nobody counts any more."""

    def _count_all(self) -> None:
        try:
            self.recount(list(live_audiences(self._shop).current().values()))
        finally:
            self.progress = None

    def recount(self, asked: Sequence[InForce], progress: Progress = no_progress) -> dict[str, int]:
        """Count everybody in the audiences `asked`, and note who came and went; return the sizes by id."""
        with self._lock:
            try:
                return self._recount(asked, progress)
            finally:
                self.progress = None

    def _recount(self, asked: Sequence[InForce], progress: Progress) -> dict[str, int]:
        shop, at = self._shop, self._shop.clock()
        around, begun = surroundings(shop), log_end(shop)
        ids = {one.audience.id for one in asked}
        tally = {one: [0, 0, 0] for one in ids}
        last: str | None = ""
        people = 0
        with shop.database.reading() as tx:
            total = count_people(tx)
            counted = store.newest_sizes(tx)
        with ThreadPoolExecutor(1, "expedit-audiences-noting") as apart:
            noting: Future[Moved] | None = None
            while last is not None:
                self.progress = Progressing(people, total)
                progress("audiences", people, total)
                with _collecting_later():
                    crowd, found = self._next(last, asked, around, at)
                if noting is not None:
                    _tally(tally, noting.result())
                until = crowd.person_ids[-1] if len(crowd) == CHUNK else None
                noting = apart.submit(self._note_between, last, until, ids, found, at)
                people += len(crowd)
                last = until
            if noting is not None:
                _tally(tally, noting.result())
        with shop.database.writing() as tx:
            for one in asked:
                members, came_in, left = tally[one.audience.id]
                if one.audience.id not in counted:
                    came_in = left = 0
                size = Size(at, one.version, members, came_in, left, people)
                store.write_size(tx, one.audience.id, size)
            store.forget_sizes(tx, at - _SIZES_KEPT)
        for events, _ in self._following(begun):  # of whoever acted meanwhile, what was read may be old
            self._look_again(events)
        progress("audiences", people, total)
        return {audience: counts[0] for audience, counts in tally.items()}

    def _next(
        self, last: str, asked: Sequence[InForce], around: Surroundings, at: int
    ) -> tuple[Crowd, Pairs]:
        with self._shop.database.reading() as tx:
            crowd = crowd_after(tx, last, CHUNK)
        return crowd, members_of(PersonColumns(crowd, around, at), asked)

    def _note_between(
        self, last: str, until: str | None, ids: Collection[str], found: Pairs, at: int
    ) -> Moved:
        with self._shop.database.writing() as tx:
            lock_identity(tx, exclusive=False)
            noted = store.members_between(tx, last, until, ids)
            return Moved(found, *_note(tx, noted, found, at))


def members_of(columns: PersonColumns, asked: Sequence[InForce]) -> Pairs:
    """Return (audience, person) of everybody in `columns` who is in one of the audiences."""
    if not columns.rows:
        return set()
    crowd = columns.crowd
    allowed = np.fromiter(map(may_be_in, crowd.consents), np.bool_, len(crowd))
    found: Pairs = set()
    for one in asked:
        inside = one.mask(columns, columns.now) & allowed
        found.update(zip(repeat(one.audience.id), compress(crowd.person_ids, inside.tolist())))
    return found


def surroundings(shop: Shop) -> Surroundings:
    """Return where columns take what lies beside profiles."""

    def orders(people: Sequence[str]) -> list[list[Order]]:
        found: dict[str, dict[str, Order]] = {}
        with shop.database.reading() as tx:
            owners = subjects_now(tx, people)
            for subject, order in orders_by_subject(tx, owners):
                found.setdefault(owners[subject], {})[order.id] = order
        return [kept_orders(list(found[person].values())) if person in found else [] for person in people]

    def kinds(people: Sequence[str]) -> list[list[str]]:
        with shop.database.reading() as tx:
            found = kinds_now(tx, people)
        return [found.get(person, []) for person in people]

    return Surroundings(live_audiences(shop).goods(), shop.settings.markets, orders, kinds)


def _note(tx: Transaction, noted: Pairs, found: Pairs, at: int) -> tuple[Pairs, Pairs]:
    """Make the notes say what was found; return who came and who went."""
    came, went = found - noted, noted - found
    store.add_members(tx, sorted(came, key=lambda one: (one[1], one[0])), at)
    store.remove_members(tx, sorted(went))
    return came, went


def _tally(tally: Mapping[str, list[int]], moved: Moved) -> None:
    for place, some in enumerate(moved):
        for audience, _ in some:
            tally[audience][place] += 1


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Keep the garbage collector waiting.

    It would look through a crowd again and again while it is being read, and a crowd has no cycles: a third
    of a recount was spent on that.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def counter(shop: Shop) -> Counter:
    """Return the one counter of a shop."""
    return shop.part(Counter, lambda: Counter(shop))
