"""Checks of the folders, files and the machine."""

from __future__ import annotations

import os
import resource
import shutil
import stat
import zoneinfo
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

from expedit.core import DAY, load_settings
from expedit.operations.backups import list_backups
from expedit.operations.model import Finding
from expedit.operations.readiness import FULL_BYTES
from expedit.storage import Shop

_TIGHT_BYTES = 2 << 30
_TIGHT_SHARE = 0.05
_FEW_FILES = 4096
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs"})


def writable(shop: Shop) -> Iterator[Finding]:
    """Look whether the home can be written in."""
    home = shop.home
    for folder in (home.root, home.log, home.models, home.decisions, home.run):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            yield Finding("not_writable", "failing", {"path": str(folder)})


def secrets(shop: Shop) -> Iterator[Finding]:
    """Look who may read the secrets."""
    for path in (shop.home.secret_path, shop.home.settings_path):
        mode = path.stat().st_mode
        if path == shop.home.settings_path and not load_settings(path.read_text(), {}).database_url:
            continue  # no address of a database, no password in it
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding(
                "secret_readable",
                "failing" if mode & stat.S_IRWXO else "warning",
                {"path": str(path), "mode": f"{stat.S_IMODE(mode):o}"},
            )


def room(shop: Shop) -> Iterator[Finding]:
    """Look how much of the disk is left."""
    disk = shutil.disk_usage(shop.home.root)
    values = {"free": f"{disk.free / (1 << 30):.1f}", "share": f"{disk.free / disk.total:.0%}"}
    if disk.free < FULL_BYTES:
        yield Finding("disk_full", "failing", values)
    elif disk.free < _TIGHT_BYTES or disk.free < disk.total * _TIGHT_SHARE:
        yield Finding("disk_tight", "warning", values)


def network_disk(shop: Shop) -> Iterator[Finding]:
    """Look whether an SQLite file lies where its locks do not hold."""
    if shop.database.dialect != "sqlite":
        return
    kind = file_system(shop.home.root)
    if kind in _NETWORK:
        yield Finding("network_disk", "failing", {"kind": kind})


def file_system(path: Path, mounts: str = "/proc/self/mounts") -> str:
    """Return the kind of file system that `path` lies on; empty where it cannot be told."""
    try:
        lines = Path(mounts).read_text().splitlines()
    except OSError:
        return ""
    found, kind = "", ""
    wanted = str(path.resolve())
    for line in lines:
        _, point, type_ = line.split(" ", 3)[:3]
        at = point.replace("\\040", " ")
        inside = wanted == at or wanted.startswith(at.rstrip("/") + "/")
        if inside and len(at) >= len(found):
            found, kind = at, type_
    return kind


def open_files(shop: Shop) -> Iterator[Finding]:  # noqa: ARG001  (a check's shape)
    """Look how many files and connections a process may have open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _FEW_FILES:
        yield Finding("few_files", "warning", {"soft": soft, "hard": hard, "wanted": _FEW_FILES})


def time_zones(shop: Shop) -> Iterator[Finding]:  # noqa: ARG001  (a check's shape)
    """Look whether time zones are known."""
    try:
        zoneinfo.ZoneInfo("Europe/Stockholm")
    except zoneinfo.ZoneInfoNotFoundError:
        yield Finding("no_time_zones", "warning")


def kernel_cache(shop: Shop) -> Iterator[Finding]:  # noqa: ARG001  (a check's shape)
    """Look whether compiled kernels can be kept."""
    # The room of recommendations sets this at import when it finds a folder that it can write in.
    if not os.environ.get("NUMBA_CACHE_DIR"):
        yield Finding("no_kernel_cache", "warning")


def snippet(shop: Shop) -> Iterator[Finding]:  # noqa: ARG001  (a check's shape)
    """Look whether the browser snippet was built."""
    if not files("expedit.web").joinpath("static", "built", "expedit.js").is_file():
        yield Finding("no_snippet", "warning")


def backups(shop: Shop) -> Iterator[Finding]:
    """Look when the last backup was made, and whether one is older than was promised."""
    folder = shop.settings.backup_folder
    if not folder:
        yield Finding("no_backup", "warning")
        return
    made = list_backups(Path(folder))
    now = shop.clock()
    if not made:
        yield Finding("no_backup_yet", "warning", {"path": folder})
        return
    age = (now - made[-1].at) // DAY
    if age >= 2:
        yield Finding("old_backup", "warning", {"days": age, "path": folder})
    oldest = (now - made[0].at) // DAY
    if oldest > shop.settings.backup_days:
        values = {"days": oldest, "most": shop.settings.backup_days}
        yield Finding("backup_too_old", "warning", values)
    if file_system(Path(folder)) and _same_disk(shop.home.root, Path(folder)):
        yield Finding("backup_same_disk", "notice", {"path": folder})


def _same_disk(one: Path, other: Path) -> bool:
    return other.exists() and one.stat().st_dev == other.stat().st_dev


CHECKS: tuple[Callable[[Shop], Iterator[Finding]], ...] = (
    writable,
    secrets,
    room,
    network_disk,
    open_files,
    time_zones,
    kernel_cache,
    snippet,
    backups,
)
