"""The thread that does due jobs, one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import structlog

from expedit.core import SECOND, NotFound, Progress, Unavailable, new_id, no_progress
from expedit.jobs.schedule import LEASE, Scheduled, finish, mend, renew, schedule, take_due
from expedit.storage import Shop

_log = structlog.get_logger("jobs")
_POLL_SECONDS = 1.0
_JUMP = 2 * SECOND
"""How far the clock may differ from the time that has passed before it counts as set."""


class Worker:
    """Does the due jobs of a shop until stopped.

    Parameters
    ----------
    shop
        The shop to work for.
    jobs
        Everything that this worker can do.
    """

    def __init__(self, shop: Shop, jobs: Sequence[Scheduled]) -> None:
        self._shop = shop
        self._jobs = {job.name: job for job in jobs}
        self._name = new_id(shop.clock())
        self._stop = threading.Event()
        self._offset = shop.clock() - time.monotonic_ns() // 1000
        self._thread = threading.Thread(target=self._work, name="expedit-worker", daemon=True)

    def start(self) -> None:
        """Enter the jobs in the schedule and begin to work."""
        with self._shop.database.writing() as tx:
            for job in self._jobs.values():
                schedule(tx, job.name, job.every(self._shop.settings), self._shop.clock())
        self._mend()
        self._thread.start()

    def close(self) -> None:
        """Finish the job under way, then stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def step(self) -> str | None:
        """Do one due job, if there is any; return its name."""
        if self._shop.clock() - time.monotonic_ns() // 1000 < self._offset - _JUMP:
            self._mend()
        with self._shop.database.writing() as tx:
            name = take_due(tx, tuple(self._jobs), self._name, self._shop.clock())
        if name is not None:
            self._do(self._jobs[name])
        return name

    def _mend(self) -> None:
        """Have no job wait for a moment that was only ahead because the clock was."""
        now = self._shop.clock()
        self._offset = now - time.monotonic_ns() // 1000
        with self._shop.database.writing() as tx:
            late = [
                job.name for job in self._jobs.values()
                if mend(tx, job.name, job.every(self._shop.settings), now)
            ]  # fmt: skip
        if late:
            _log.warning("the clock was set back", jobs=late)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                done = self.step()
            except Unavailable as error:
                _log.warning("the schedule cannot be read", reason=str(error))
                done = None
            if done is None:
                self._stop.wait(_POLL_SECONDS)

    def _do(self, job: Scheduled) -> None:
        over = threading.Event()
        keeper = threading.Thread(target=self._keep_lease, args=(job.name, over), daemon=True)
        keeper.start()
        error: str | None = None
        try:
            job.run(self._shop, no_progress)
        except Exception as failure:  # a job's failure is recorded and shown; the worker goes on
            error = f"{type(failure).__name__}: {failure}"
            _log.error("job failed", job=job.name, exc_info=failure)
        finally:
            over.set()
            keeper.join()
        now = self._shop.clock()
        due = now + int(job.every(self._shop.settings) * SECOND)
        with self._shop.database.writing() as tx:
            finish(tx, job.name, self._name, due, now, error)

    def _keep_lease(self, name: str, over: threading.Event) -> None:
        while not over.wait(LEASE / SECOND / 4):
            try:
                with self._shop.database.writing() as tx:
                    renew(tx, name, self._name, self._shop.clock())
            except Unavailable as error:
                _log.warning("the lease could not be renewed", job=name, reason=str(error))


def run_now(shop: Shop, jobs: Sequence[Scheduled], name: str, progress: Progress = no_progress) -> None:
    """Do one job in the caller's thread, whatever its schedule.

    Raises
    ------
    NotFound
        When no job has that name.
    """
    for job in jobs:
        if job.name == name:
            job.run(shop, progress)
            return
    raise NotFound(f"no job is called {name!r}; known are: {', '.join(sorted(job.name for job in jobs))}")
