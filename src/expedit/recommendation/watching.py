"""One build at a time, and how far it is: a lock and a small file in the home, seen by every process.

The lock is the truth: a build that was killed leaves a file that says it is running, and no lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from expedit.core import (
    SECOND,
    Clock,
    Conflict,
    InvalidInput,
    Progress,
    Struct,
    evolve,
    from_json,
    to_json,
)
from expedit.storage import Home

_TELL_EVERY = SECOND // 4
_LOCK, _STATE = "build.lock", "build.json"


class BuildState(Struct, frozen=True):
    """The build under way, or else the last one.

    Parameters
    ----------
    state
        ``running``, ``done``, ``failed`` or ``interrupted``.
    started, heard
        When it began and when it last told something, microseconds.
    label, done, total
        The step under way.
    steps
        The steps so far, in order.
    version, error
        What came of it.
    """

    state: Literal["running", "done", "failed", "interrupted"]
    started: int
    heard: int
    label: str = ""
    done: int = 0
    total: int | None = None
    steps: tuple[str, ...] = ()
    version: str = ""
    error: str = ""


class Watch:
    """Tells how far a build is, to the file and to whoever else listens."""

    def __init__(self, home: Home, clock: Clock, listener: Progress) -> None:
        self.version = ""
        self._path = home.run / _STATE
        self._clock = clock
        self._listener = listener
        self._state = BuildState("running", clock(), clock())
        self._told = 0
        self._write(self._state)

    def __call__(self, label: str, done: int, total: int | None) -> None:
        """Hear of a step; it is written down a few times a second."""
        self._listener(label, done, total)
        now = self._clock()
        known = self._state.steps
        begins = label != self._state.label
        self._state = evolve(
            self._state,
            heard=now,
            label=label,
            done=done,
            total=total,
            steps=known if label in known else (*known, label),
        )
        if begins or now - self._told >= _TELL_EVERY:
            self._told = now
            self._write(self._state)

    def end(self, error: str = "") -> None:
        """Tell that it is over."""
        state: Literal["failed", "done"] = "failed" if error else "done"
        self._write(evolve(self._state, state=state, heard=self._clock(), version=self.version, error=error))

    def _write(self, state: BuildState) -> None:
        draft = self._path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_bytes(to_json(state))
        draft.replace(self._path)


@contextmanager
def watched(home: Home, clock: Clock, listener: Progress) -> Iterator[Watch]:
    """Hold the build lock for the block and keep its progress.

    Raises
    ------
    Conflict
        When a build is under way already.
    """
    home.run.mkdir(parents=True, exist_ok=True)
    with (home.run / _LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("a build is under way already; wait until it is done") from None
        watch = Watch(home, clock, listener)
        try:
            yield watch
        except BaseException as error:
            watch.end(str(error) or type(error).__name__)
            raise
        watch.end()


def is_building(home: Home) -> bool:
    """Tell whether a build is under way, in whatever process."""
    path = home.run / _LOCK
    return path.exists() and _is_locked(path)


def build_state(home: Home) -> BuildState | None:
    """Return how far the present build is, or what came of the last one; None when there never was one."""
    try:
        state = from_json((home.run / _STATE).read_bytes(), BuildState)
    except (FileNotFoundError, InvalidInput):
        return None
    if state.state == "running" and not is_building(home):
        # It may have ended between the two looks.
        state = from_json((home.run / _STATE).read_bytes(), BuildState)
        if state.state == "running":
            return evolve(state, state="interrupted")
    return state


def _is_locked(path: Path) -> bool:
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
