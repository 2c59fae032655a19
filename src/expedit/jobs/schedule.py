"""When each job is due, and who may do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from expedit.core import MINUTE, SECOND, Progress, Settings, Struct
from expedit.jobs import store  # noqa: F401  (declares the table)
from expedit.storage import Database, Shop, Transaction

LEASE = 2 * MINUTE
"""How long a worker that says nothing keeps a job; it renews at a quarter of this."""


class Scheduled(Protocol):
    """A job as the worker sees it."""

    @property
    def name(self) -> str:
        """Unique name."""
        ...

    @property
    def every(self) -> Callable[[Settings], float]:
        """Seconds between two runs."""
        ...

    @property
    def run(self) -> Callable[[Shop, Progress], None]:
        """The work."""
        ...


class JobState(Struct, frozen=True):
    """What is known of a job; moments in microseconds."""

    name: str
    due: int
    started: int | None
    finished: int | None
    error: str | None
    running: bool


def job_states(database: Database, now: int) -> tuple[JobState, ...]:
    """Return the state of every job that ever was scheduled."""
    rows = database.read_rows(
        "SELECT name, due, started, finished, error, leased_until FROM jobs ORDER BY name"
    )
    return tuple(
        JobState(name, due, started, finished, error, leased_until > now)
        for name, due, started, finished, error, leased_until in rows
    )


def ask_for(tx: Transaction, name: str, now: int) -> None:
    """Make the job due at once; the next free worker takes it."""
    tx.run(
        "INSERT INTO jobs (name, due) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET due = excluded.due",
        (name, now),
    )


def schedule(tx: Transaction, name: str, every: float, now: int) -> None:
    """Enter a job that has no row yet; its first run is due after one interval."""
    tx.run(
        "INSERT INTO jobs (name, due) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        (name, now + int(every * SECOND)),
    )


def mend(tx: Transaction, name: str, every: float, now: int) -> bool:
    """Bring a job back whose moments lie further ahead than they can: the clock was set back since then.

    Without this a job would rest for as long as the clock went back. Returns whether it was so.
    """
    furthest = now + int(every * SECOND)
    due = tx.run("UPDATE jobs SET due = ? WHERE name = ? AND due > ?", (furthest, name, furthest))
    leased = tx.run(
        "UPDATE jobs SET leased_until = ? WHERE name = ? AND leased_until > ?",
        (now + LEASE, name, now + LEASE),
    )
    return bool(due or leased)


def take_due(tx: Transaction, names: tuple[str, ...], worker: str, now: int) -> str | None:
    """Lease the longest-due job among `names` that nobody has; None when there is none."""
    skip = " FOR UPDATE SKIP LOCKED" if tx.dialect == "postgresql" else ""
    marks = ", ".join("?" * len(names))
    found = tx.row(
        f"SELECT name FROM jobs WHERE name IN ({marks}) AND due <= ? AND leased_until <= ? "  # noqa: S608
        f"ORDER BY due, name LIMIT 1{skip}",
        (*names, now, now),
    )
    if found is None:
        return None
    tx.run(
        "UPDATE jobs SET leased_by = ?, leased_until = ?, started = ? WHERE name = ?",
        (worker, now + LEASE, now, found[0]),
    )
    return str(found[0])


def renew(tx: Transaction, name: str, worker: str, now: int) -> bool:
    """Keep the lease; False when it was lost."""
    return bool(
        tx.run(
            "UPDATE jobs SET leased_until = ? WHERE name = ? AND leased_by = ?", (now + LEASE, name, worker)
        )
    )


def finish(tx: Transaction, name: str, worker: str, due: int, now: int, error: str | None) -> None:
    """Give the lease back and set when the job is due again."""
    tx.run(
        "UPDATE jobs SET leased_by = NULL, leased_until = 0, finished = ?, error = ?, "
        "due = CASE WHEN due > started THEN due ELSE ? END WHERE name = ? AND leased_by = ?",
        (now, error, due, name, worker),
    )
