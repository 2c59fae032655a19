"""What this process counts and times, for Prometheus.

Each meter is bound to its labels once and then costs a fraction of a microsecond, so that the hot paths can
afford it. With several server processes on one port the values lie in files that they share
(`PROMETHEUS_MULTIPROC_DIR`), so that whichever process is scraped tells of all.
"""

from __future__ import annotations

import os
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from expedit.core import Progress, evolve
from expedit.decisions import Decision
from expedit.features import Job
from expedit.storage import Shop

_SHARED = "PROMETHEUS_MULTIPROC_DIR"
_FAST = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
_REQUEST = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SIZES = (1, 2, 5, 10, 25, 50, 100, 200, 300, 500, 1000)
_JOB = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)


class _Placement(NamedTuple):
    """The meters of one placement."""

    seconds: Histogram
    full: Counter
    short: Counter
    empty: Counter
    fallbacks: Counter


class Meters:
    """The meters of one process; see `meters`."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a third more series that nobody asks for
        self.registry = CollectorRegistry()
        at = self.registry
        self._requests = Counter(
            "expedit_requests", "Requests answered", ("route", "method", "status"), registry=at
        )
        self._request_seconds = Histogram(
            "expedit_request_seconds", "Time to answer a request", ("route",), buckets=_REQUEST, registry=at
        )
        self.in_flight = Gauge(
            "expedit_requests_in_flight",
            "Requests being answered now",
            multiprocess_mode="livesum",
            registry=at,
        )
        self._decide_seconds = Histogram(
            "expedit_decide_seconds", "Time to make a decision", ("placement",), buckets=_FAST, registry=at
        )
        self._decisions = Counter(
            "expedit_decisions",
            "Decisions by how full they came: full, short or empty",
            ("placement", "answer"),
            registry=at,
        )
        self._fallbacks = Counter(
            "expedit_decision_fallbacks",
            "Decisions that needed the placement's fallback",
            ("placement",),
            registry=at,
        )
        self._events = Counter("expedit_events", "Events by what became of them", ("fate",), registry=at)
        self.group_events = Histogram(
            "expedit_group_events", "Events in a group commit", buckets=_SIZES, registry=at
        )
        self.commit_seconds = Histogram(
            "expedit_commit_seconds", "Time to write and commit a group", buckets=_FAST, registry=at
        )
        self._job_seconds = Histogram(
            "expedit_job_seconds", "Time of a job's run", ("job",), buckets=_JOB, registry=at
        )
        self._job_failures = Counter(
            "expedit_job_failures", "Runs of a job that failed", ("job",), registry=at
        )
        self._bound_requests: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._bound_placements: dict[str, _Placement] = {}
        self._bound_fates = {
            fate: self._events.labels(fate)
            for fate in ("stored", "anonymous", "duplicate", "declined", "refused")
        }

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request that was answered."""
        bound = self._bound_requests.get((route, method, status))
        if bound is None:
            bound = (
                self._requests.labels(route, method, str(status)),
                self._request_seconds.labels(route),
            )
            self._bound_requests[route, method, status] = bound
        bound[0].inc()
        bound[1].observe(seconds)

    def decided(self, placement: str, wanted: int, decision: Decision, seconds: float) -> None:
        """Count one decision."""
        bound = self._bound_placements.get(placement)
        if bound is None:
            bound = self._bound_placements[placement] = _Placement(
                self._decide_seconds.labels(placement),
                self._decisions.labels(placement, "full"),
                self._decisions.labels(placement, "short"),
                self._decisions.labels(placement, "empty"),
                self._fallbacks.labels(placement),
            )
        bound.seconds.observe(seconds)
        shown = decision.outcome.shown
        (bound.full if len(shown) >= wanted else bound.short if shown else bound.empty).inc()
        if any(one.fallback for one in shown):
            bound.fallbacks.inc()

    def grouped(self, events: int, seconds: float, fates: Sequence[str], refused: int) -> None:
        """Count one group commit, and what became of its events."""
        self.group_events.observe(events)
        self.commit_seconds.observe(seconds)
        for fate, count in Tally(fates).items():
            self._bound_fates[fate].inc(count)
        if refused:
            self._bound_fates["refused"].inc(refused)

    def metered(self, jobs: Sequence[Job]) -> tuple[Job, ...]:
        """Return `jobs` such that each run is timed."""
        return tuple(evolve(job, run=self._timed(job)) for job in jobs)

    def _timed(self, job: Job) -> Callable[[Shop, Progress], None]:
        seconds, failures = self._job_seconds.labels(job.name), self._job_failures.labels(job.name)

        def run(shop: Shop, progress: Progress) -> None:
            with failures.count_exceptions(), seconds.time():
                job.run(shop, progress)

        return run

    def close(self) -> None:
        """Leave what this process had under way out of the sums, now that it ends."""
        if _SHARED in os.environ:
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]

    def gather(self) -> CollectorRegistry:
        """Return what a scrape reads: this process's meters, or those of all processes on the port."""
        if _SHARED not in os.environ:
            return self.registry
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return shared


def meters(shop: Shop) -> Meters:
    """Return the one set of meters of this process."""
    return shop.part(Meters, Meters)
