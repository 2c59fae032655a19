"""Ending a job that is under way when its process ends: at the next safe point, to be begun again at once.

A job tells its progress between two portions of its work, each of which is whole; there it can be left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from expedit.core import Progress, evolve
from expedit.features import Job
from expedit.jobs import ask_for
from expedit.operations.readiness import readiness
from expedit.storage import Shop

_log = structlog.get_logger("jobs")


class _Left(BaseException):
    """Leaves a job; no `Exception`, so that no job takes it for a failure of its own."""


def stoppable(shop: Shop, jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Return `jobs` such that each is left at its next safe point once the process is stopping."""
    state = readiness(shop)

    def around(job: Job) -> Callable[[Shop, Progress], None]:
        def run(given: Shop, progress: Progress) -> None:
            def tell(label: str, done: int, total: int | None) -> None:
                progress(label, done, total)
                if state.state == "stopping":
                    raise _Left

            try:
                job.run(given, tell)
            except _Left:
                with given.database.writing() as tx:
                    ask_for(tx, job.name, given.clock())
                _log.info("job left", job=job.name)

        return run

    return tuple(evolve(job, run=around(job)) for job in jobs)
