"""Checks of what happens in the shop: catalog, model, events, sealing, jobs, sources, processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from expedit.access import keys
from expedit.core import DAY, HOUR, MINUTE, ExpeditError, day_of
from expedit.jobs import job_states
from expedit.operations.model import Finding
from expedit.operations.store import living, unsealed
from expedit.recommendation import current_version, load_model
from expedit.storage import Shop

_LETTERS = 100
_SILENT_DAYS = 2
_USUAL_DAYS = 14


def catalog(shop: Shop) -> Iterator[Finding]:
    """Look whether there is anything to show."""
    found = shop.database.read_row("SELECT count(*) FROM products WHERE retired IS NULL")
    if not found or not found[0]:
        yield Finding("no_catalog", "failing", href="/panel/catalog")


def model(shop: Shop) -> Iterator[Finding]:
    """Look how old the model is, and whether it can be read."""
    version = current_version(shop.home.models)
    if version is None:
        yield Finding("no_model", "warning", href="/panel/models")
        return
    try:
        created = _checked_model(shop.home.models, version)
    except ExpeditError as error:
        yield Finding("model_unreadable", "failing", {"error": str(error)}, "/panel/models")
        return
    age = shop.clock() - created
    if age > 3 * shop.settings.build_hours * HOUR:
        values = {"days": age // DAY, "hours": shop.settings.build_hours}
        yield Finding("old_model", "warning", values, "/panel/models")


@lru_cache(maxsize=4)
def _checked_model(models: Path, version: str) -> int:
    """Read a version and its checksums once; return when it was built."""
    return load_model(models, version).meta.created


def events(shop: Shop) -> Iterator[Finding]:
    """Look whether events come in, and from whom they used to."""
    now = shop.clock()
    rows = shop.database.read_rows(
        "SELECT source, max(day), sum(events) FROM tracking_counts"
        " WHERE day >= ? AND fate IN ('stored', 'anonymous') GROUP BY source ORDER BY source",
        (day_of(now - _USUAL_DAYS * DAY),),
    )
    if not any(day >= day_of(now - DAY) for _, day, _ in rows):
        yield Finding("no_events", "warning", href="/panel/live")
        return
    known = {source.id for source in keys(shop).sources()}
    for source, day, count in rows:
        if source in known and day < day_of(now - _SILENT_DAYS * DAY) and count >= _LETTERS:
            yield Finding("source_silent", "warning", {"source": source, "day": day}, "/panel/live")


def sealing(shop: Shop) -> Iterator[Finding]:
    """Look whether the log is sealed as often as it should be."""
    count, oldest = unsealed(shop.database)
    late = shop.clock() - 3 * shop.settings.seal_minutes * MINUTE - 10 * MINUTE
    if oldest is not None and oldest < late:
        values = {"count": count, "minutes": (shop.clock() - oldest) // MINUTE}
        yield Finding("seal_late", "warning", values)


def dead_letters(shop: Shop) -> Iterator[Finding]:
    """Look whether refused events wait for somebody."""
    found = shop.database.read_row("SELECT count(*) FROM dead_letters WHERE replayed IS NULL")
    count = int(found[0]) if found else 0
    if count:
        severity = "warning" if count >= _LETTERS else "notice"
        yield Finding("dead_letters", severity, {"count": count}, "/panel/dead-letters")  # type: ignore[arg-type]


def jobs(shop: Shop) -> Iterator[Finding]:
    """Look for jobs that fail, or that nobody does."""
    now = shop.clock()
    states = job_states(shop.database, now)
    for job in states:
        if job.error is not None:
            yield Finding("job_failed", "warning", {"job": job.name, "error": job.error}, "/panel/health")
    serving = living(shop.database, now)
    late = [job.name for job in states if not job.running and job.due < now - HOUR]
    if serving and late:
        yield Finding("jobs_late", "warning", {"jobs": ", ".join(late)}, "/panel/health")


def processes(shop: Shop) -> Iterator[Finding]:
    """Look whether anybody serves, and whether all of them are of one version."""
    serving = living(shop.database, shop.clock())
    if not serving:
        yield Finding("not_serving", "notice")
    versions = {process.version for process in serving}
    if len(versions) > 1:
        yield Finding("two_versions", "warning", {"versions": ", ".join(sorted(versions))})


def source_keys(shop: Shop) -> Iterator[Finding]:
    """Look whether anybody can send anything."""
    if not keys(shop).sources():
        yield Finding("no_source", "failing", href="/panel/keys")


CHECKS: tuple[Callable[[Shop], Iterator[Finding]], ...] = (
    catalog,
    model,
    events,
    sealing,
    dead_letters,
    jobs,
    processes,
    source_keys,
)
