"""The health page: what needs a look, the jobs, the room, the servers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

from expedit.access import audit_in
from expedit.core import NotFound, Struct
from expedit.features import MenuItem, Page, installed
from expedit.jobs import ask_for, job_states
from expedit.operations.backups import list_backups
from expedit.operations.doctor import examine_shop
from expedit.operations.model import Finding, Run, Severity
from expedit.operations.sizes import Part, home_sizes
from expedit.operations.store import living
from expedit.operations.telling import Words, told
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, text

PATH = "/panel/health"

_TONES: dict[Severity, str] = {"failing": "red", "warning": "yellow", "notice": "blue"}
_MOST_TABLES = 12


class ToldFinding(Struct, frozen=True):
    """A finding with its words and color."""

    finding: Finding
    words: Words
    tone: str
    severity: str


def show_health(shop: Shop, visit: Visit) -> Reply:
    """Show everything."""
    examined = examine_shop(shop, installed(shop))
    now = shop.clock()
    sizes = home_sizes(shop)
    folder = shop.settings.backup_folder
    backups = list_backups(Path(folder)) if folder else []
    values: dict[str, Any] = {
        "checks": examined.checks,
        "findings": [_told(one, visit.language) for one in examined.findings],
        "runs": [(job_title(visit.language, run.name), run) for run in runs(shop, now)],
        "now": now,
        "may_run": visit.viewer.may("admin"),
        "sizes": sizes,
        "parts": [(_part_name(visit.language, one), one) for one in sizes.parts],
        "tables": [one for one in sizes.tables if one.rows][:_MOST_TABLES],
        "bytes": _bytes,
        "processes": living(shop.database, now),
        "versions": (("expedit", version("expedit")), ("Python", python_version()), _database_version(shop)),
        "newest_backup": backups[-1].at if backups else None,
    }
    return Html("operations/health.html", values)


def run_job(shop: Shop, visit: Visit) -> Reply:
    """Have a job run as soon as a worker is free."""
    name = visit.form.get("job", "")
    if name not in {job.name for feature in installed(shop) for job in feature.jobs}:
        raise NotFound(f"no job is called {name[:60]!r}")
    with shop.database.writing() as tx:
        ask_for(tx, name, shop.clock())
        audit_in(tx, shop, visit.viewer, "job.asked", name, {})
    title = job_title(visit.language, name)
    return Redirect(PATH, text(visit.language, "operations.health.asked", job=title))


def runs(shop: Shop, now: int) -> Sequence[Run]:
    """Return the jobs: what runs or failed first, then by when they are due."""
    found = [
        Run(job.name, job.due, job.started, job.finished, job.error, job.running)
        for job in job_states(shop.database, now)
    ]
    return sorted(found, key=lambda run: (not run.running, run.error is None, run.due, run.name))


def job_title(language: str, name: str) -> str:
    """Return what a job does, in words; the name of one that no text tells of, such as an extension's."""
    try:
        return text(language, f"operations.job.{name.replace(' ', '_').replace('-', '_')}")
    except KeyError:
        return name


def _told(finding: Finding, language: str) -> ToldFinding:
    severity = text(language, f"operations.severity.{finding.severity}")
    return ToldFinding(finding, told(finding, language), _TONES[finding.severity], severity)


def _part_name(language: str, part: Part) -> str:
    return text(language, f"operations.health.part_of.{part.name.replace(' ', '_')}")


def _bytes(size: float) -> str:
    """Return a number of bytes for people, in the units of the disk's maker."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _database_version(shop: Shop) -> tuple[str, str]:
    if shop.database.dialect == "sqlite":
        found = shop.database.read_row("SELECT sqlite_version()")
        return "SQLite", str(found[0]) if found else ""
    found = shop.database.read_row("SHOW server_version")
    return "PostgreSQL", str(found[0]) if found else ""


PAGES = (Page(path=PATH, show=show_health, act=run_job, role="viewer", act_role="admin"),)
MENU = (
    MenuItem(PATH, "operations.menu.health", icon="heartbeat", order=940, group="web.group.administration"),
)
