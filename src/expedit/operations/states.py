"""What is not counted but looked up when Prometheus asks: lags, ages, pools, sizes, the process itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from expedit.catalog import live_catalog
from expedit.core import SECOND, ExpeditError, day_of
from expedit.jobs import job_states
from expedit.operations.readiness import readiness
from expedit.operations.sizes import parts_of
from expedit.operations.store import living, unsealed
from expedit.recommendation import live_model
from expedit.storage import Shop
from expedit.tracking import committer
from expedit.web import admission

_SIZES_SECONDS = 300.0
"""Walking a large home takes a while: its sizes are looked up this seldom."""


class States(Collector):
    """Looks up the state of one shop; see `Meters.gather` for what is counted."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._sizes: list[tuple[str, int]] = []
        self._sized_at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        """Look everything up; what the database does not answer for is left out."""
        yield from self._process()
        yield from self._memory()
        yield _gauge("expedit_ready", "1 when the server takes requests", not readiness(self._shop).reasons())
        try:
            yield from self._database()
        except ExpeditError:
            yield _gauge("expedit_database_up", "1 when the database answers", 0)
        else:
            yield _gauge("expedit_database_up", "1 when the database answers", 1)
        yield from self._disk()

    def _process(self) -> Iterator[Metric]:
        pids = process_ids()
        names = ["pid"]
        memory = GaugeMetricFamily("expedit_process_resident_bytes", "Memory of a process", labels=names)
        cpu = GaugeMetricFamily("expedit_process_cpu_seconds", "CPU time that a process used", labels=names)
        files = GaugeMetricFamily("expedit_process_open_files", "Files that a process has open", labels=names)
        for pid in pids:
            facts = process_facts(pid)
            if facts is not None:
                for family, value in zip((memory, cpu, files), facts, strict=True):
                    family.add_metric([str(pid)], value)
        yield memory
        yield cpu
        yield files

    def _memory(self) -> Iterator[Metric]:
        """Tell what this process holds: its queue, model, catalog and connections."""
        shop = self._shop
        now = shop.clock()
        yield _gauge("expedit_queue_events", "Events that wait for their commit", committer(shop).waiting)
        yield from _gates(shop)
        model = live_model(shop).current()
        built = GaugeMetricFamily("expedit_model_info", "The model version that serves", labels=["version"])
        built.add_metric([model.version or "none"], 1)
        yield built
        if model.version:
            age = (now - model.meta.created) / SECOND
            yield _gauge("expedit_model_age_seconds", "Age of the model that serves", age)
        broken = live_model(shop).error is not None
        yield _gauge("expedit_model_refused", "1 when the newest model cannot be read", broken)
        snapshot = live_catalog(shop).current()
        yield _gauge("expedit_catalog_products", "Products in memory, retired ones too", len(snapshot.ids))
        yield _gauge("expedit_catalog_version", "Newest change of the catalog in memory", snapshot.version)
        pool = shop.database.engine.pool
        for name, says in (("checkedout", "in use"), ("checkedin", "free")):
            count = getattr(pool, name, int)()
            yield _gauge(f"expedit_database_connections_{name}", f"Connections of the pool {says}", count)

    def _database(self) -> Iterator[Metric]:
        """Tell what lags, by the database."""
        shop, now = self._shop, self._shop.clock()
        read = shop.database.read_row
        newest = read("SELECT change FROM catalog_clock WHERE id = 1")
        lag = max(newest[0] - live_catalog(shop).current().version, 0) if newest else 0
        yield _gauge("expedit_catalog_lag_changes", "Changes of the catalog not yet in memory", lag)
        count, oldest = unsealed(shop.database)
        yield _gauge("expedit_log_unsealed_events", "Events that are not in Parquet yet", count)
        age = (now - oldest) / SECOND if oldest else 0
        yield _gauge("expedit_log_unsealed_seconds", "Age of the oldest of them", age)
        letters = read("SELECT count(*) FROM dead_letters WHERE replayed IS NULL")
        waiting = letters[0] if letters else 0
        yield _gauge("expedit_dead_letters", "Refused events that wait for somebody", waiting)
        yield _gauge("expedit_server_processes", "Server processes alive", len(living(shop.database, now)))
        yield from self._jobs(now)
        yield from self._today(now)

    def _jobs(self, now: int) -> Iterator[Metric]:
        ago = GaugeMetricFamily(
            "expedit_job_finished_ago_seconds", "Since a job's latest end", labels=["job"]
        )
        late = GaugeMetricFamily("expedit_job_late_seconds", "How long a job is overdue", labels=["job"])
        failing = GaugeMetricFamily("expedit_job_failing", "1 when the latest run failed", labels=["job"])
        for job in job_states(self._shop.database, now):
            if job.finished is not None:
                ago.add_metric([job.name], (now - job.finished) / SECOND)
            waits = 0 if job.running else max(now - job.due, 0) / SECOND
            late.add_metric([job.name], waits)
            failing.add_metric([job.name], float(job.error is not None))
        yield ago
        yield late
        yield failing

    def _today(self, now: int) -> Iterator[Metric]:
        today = GaugeMetricFamily(
            "expedit_source_events_today", "Events of a source since midnight UTC", labels=["source", "fate"]
        )
        rows = self._shop.database.read_rows(
            "SELECT source, fate, events FROM tracking_counts WHERE day = ?", (day_of(now),)
        )
        for source, fate, events in rows:
            today.add_metric([source, fate], events)
        yield today

    def _disk(self) -> Iterator[Metric]:
        if monotonic() - self._sized_at > _SIZES_SECONDS:
            self._sizes = [(part.name, part.bytes) for part in parts_of(self._shop)]
            self._sized_at = monotonic()
        held = GaugeMetricFamily("expedit_home_bytes", "Disk that a part of the home takes", labels=["part"])
        for name, size in self._sizes:
            held.add_metric([name], size)
        yield held
        room = os.statvfs(self._shop.home.root)
        yield _gauge("expedit_disk_free_bytes", "Room left where the home is", room.f_bavail * room.f_frsize)


def _gates(shop: Shop) -> Iterator[Metric]:
    """Tell how many requests this process has let in and turned away, by kind."""
    admitted = CounterMetricFamily("expedit_gate_admitted", "Requests let in", labels=["gate"])
    refused = CounterMetricFamily("expedit_gate_refused", "Requests turned away", labels=["gate"])
    for name, gate in sorted(admission(shop).gates.items()):
        admitted.add_metric([name], gate.admitted)
        refused.add_metric([name], gate.refused)
    yield admitted
    yield refused


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=float(value))


def process_ids() -> list[int]:
    """Return the processes that serve on this port: this one, or all workers of one parent."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return [os.getpid()]
    children = Path(f"/proc/{os.getppid()}/task/{os.getppid()}/children")
    try:
        found = [int(pid) for pid in children.read_text().split()]
    except OSError:
        return [os.getpid()]
    # Among the parent's children is also the one that cleans up after multiprocessing.
    return [pid for pid in found if "resource_tracker" not in _command(pid)]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return "resource_tracker"


def process_facts(pid: int) -> tuple[float, float, float] | None:
    """Return resident bytes, CPU seconds and open files of a process; None where there is no ``/proc``."""
    folder = Path("/proc") / str(pid)
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        files = len(list((folder / "fd").iterdir()))
    except OSError:
        return None
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return int(fields[21]) * page, (int(fields[11]) + int(fields[12])) / ticks, files
