"""The decision log: written in the background within a second, found by id, read by time, sealed to Parquet.

`DecisionLog.write` only puts a decision in memory; a thread of its own writes twice a second, so a crash
loses at most the last second. An hour's segments are sealed to ``decisions/date=…/*.parquet`` once the hour
is over (`seal_decisions`); readers see both as one log.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import structlog

from expedit.core import SECOND, Clock, NotFound, time_of_id
from expedit.decisions.record import LoggedDecision
from expedit.decisions.sealed import read_sealed, sealed_files
from expedit.decisions.segments import SegmentWriter, check_name, hour_of, read_segment
from expedit.decisions.store import asked_erasures
from expedit.storage import Shop

_FLUSH_SECONDS = 0.5
_FRAME_DECISIONS = 2000
_MOST_WAITING = 200_000  # when the disk stays full, the oldest go first

log = structlog.get_logger("expedit.decisions")


class DecisionLog:
    """The log of one home.

    Parameters
    ----------
    folder
        The home's decisions folder.
    clock
        Tells which hours are over.
    flush_seconds
        How often decisions in memory are written.
    largest_segment
        Bytes after which a new segment begins.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        flush_seconds: float = _FLUSH_SECONDS,
        largest_segment: int = 64 << 20,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self._seconds = flush_seconds
        self._waiting: deque[LoggedDecision] = deque(maxlen=_MOST_WAITING)
        self._ended: set[Path] = set()
        self._writer = SegmentWriter(self.segments, largest_segment)
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self.write = self._waiting.append
        """Take one decision; it is on disk within a second."""

    @property
    def segments(self) -> Path:
        """Folder of the segments that are not sealed yet."""
        return self.folder / "segments"

    def start(self) -> None:
        """Begin to write in the background."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="decision-log", daemon=True)
            self._thread.start()

    def flush(self) -> None:
        """Write what is in memory now."""
        with self._lock:
            self._drain()

    def rotate(self) -> None:
        """Write what is in memory and end the segment, so that it may be sealed or rewritten."""
        with self._lock:
            self._drain()
            if self._writer.path is not None:
                self._ended.add(self._writer.path)
            self._writer.rotate()

    def end_old_segment(self) -> None:
        """Write what is in memory, and end the segment if its hour is over."""
        with self._lock:
            self._drain()
            if self._writer.path is not None and check_name(self._writer.path) < hour_of(self.clock()):
                self._writer.rotate()

    def close(self) -> None:
        """Stop the background writer, having written everything."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.rotate()

    def is_open(self, path: Path) -> bool:
        """Tell whether somebody may still append to the segment `path`.

        That is the segment this process writes, and any of the present hour that it did not end itself:
        another process may write it. An hour that is over gets nothing more, after ten seconds of grace,
        since a decision is written within a second of its moment.
        """
        if path == self._writer.path:
            return True
        return path not in self._ended and check_name(path) >= hour_of(self.clock() - 10 * SECOND)

    def open_segments(self) -> list[Path]:
        """Return every unsealed segment, the oldest first; one whose sealed file exists already is left
        out."""
        done = {file.stem for file in sealed_files(self.folder)}
        return sorted(path for path in self.segments.glob("*.log") if path.stem not in done)

    def _drain(self) -> None:
        waiting = self._waiting
        while waiting:
            batch = [waiting.popleft() for _ in range(min(len(waiting), _FRAME_DECISIONS))]
            try:
                self._writer.write(batch)
            except OSError:
                waiting.extendleft(reversed(batch))
                self._writer.abandon()
                raise

    def _run(self) -> None:
        while not self._closed.wait(self._seconds):
            try:
                self.flush()
            except OSError as error:  # a full disk must not end the thread: what waits is tried again
                log.error("decisions_not_written", error=str(error), waiting=len(self._waiting))


def decision_log(shop: Shop) -> DecisionLog:
    """Return the one decision log of `shop`."""
    return shop.part(DecisionLog, lambda: DecisionLog(shop.home.decisions, shop.clock))


def read_decisions(
    shop: Shop, since: int | None = None, until: int | None = None, subjects: frozenset[str] | None = None
) -> Iterator[LoggedDecision]:
    """Yield logged decisions of [since, until), hour by hour, in order of time within a file.

    Parameters
    ----------
    subjects
        Only the decisions of these subjects; None for all.
    """
    kept = decision_log(shop)
    kept.flush()
    erased = asked_erasures(shop.database)
    first, last = hour_of(since) if since is not None else "", hour_of(until) if until is not None else "~"
    files = [
        path
        for path in (*sealed_files(kept.folder), *kept.open_segments())
        if first <= check_name(path) <= last
    ]
    for path in sorted(files, key=lambda path: path.name):
        found = (
            read_sealed(path, since, until, subjects)
            if path.suffix == ".parquet"
            else read_segment(path, since, until)
        )
        for decision in sorted(found, key=lambda decision: decision.at):
            if (subjects is None or decision.subject in subjects) and decision.at > erased.get(
                decision.subject, -1
            ):
                yield decision


def find_decision(shop: Shop, decision_id: str) -> LoggedDecision:
    """Return the decision with that id, by the time its id begins with.

    Raises
    ------
    NotFound
        When there is none: never made, lost in a crash, or of an erased person.
    """
    if len(decision_id) == 32 and all(digit in "0123456789abcdef" for digit in decision_id):
        at = time_of_id(decision_id)
        for decision in read_decisions(shop, at, at + 1000):
            if decision.id == decision_id:
                return decision
    raise NotFound(f"no decision has the id {decision_id[:40]!r}")
