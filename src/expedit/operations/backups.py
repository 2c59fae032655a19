"""Backups: one folder each, complete, checked by hashes, restorable on either database.

::

    2026-11-22T02-00-00Z/
        manifest.json     what it is, every file with its SHA-256, every table with its rows and checksum
        tables/*.parquet  the tables, all as of one moment
        home/…            settings, placements, secret, sealed events, decisions, models

A backup folder also holds ``erasures.json``: who was erased and until when, newer than any single backup, so
that a restored one brings nobody back.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from expedit.core import DAY, Corrupt, NotFound, Struct, from_json, to_json
from expedit.operations.tables import Sum

MANIFEST = "manifest.json"
ERASURES = "erasures.json"
FORMAT = 1

_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?")


class BackedUpFile(Struct, frozen=True, omit_defaults=False):
    """A file of a backup: its path in it, its size and SHA-256."""

    path: str
    bytes: int
    sha256: str


class Manifest(Struct, frozen=True, omit_defaults=False):
    """What a backup is.

    Parameters
    ----------
    format
        Of backups.
    version, revision
        Of expedit and of its tables.
    dialect
        Database that it was made on.
    at
        Moment of the snapshot, microseconds.
    tables
        Rows and checksum of each table.
    serials
        Last number that each table had given out.
    files
        Every file but this one.
    """

    format: int
    version: str
    revision: str
    dialect: str
    at: int
    tables: dict[str, Sum]
    serials: dict[str, int]
    files: tuple[BackedUpFile, ...]

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files)


class Backup(Struct, frozen=True, omit_defaults=False):
    """A backup as it lies in a folder."""

    path: str
    at: int


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest last: a backup without one is none."""
    draft = folder / f".{MANIFEST}.tmp"
    with draft.open("wb") as file:
        file.write(to_json(manifest))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a backup.

    Raises
    ------
    NotFound
        When there is no finished backup.
    Corrupt
        When it is of another format.
    """
    try:
        manifest = from_json((folder / MANIFEST).read_bytes(), Manifest)
    except FileNotFoundError:
        raise NotFound(f"{folder} is no finished backup: it has no {MANIFEST}") from None
    if manifest.format != FORMAT:
        raise Corrupt(f"{folder} is a backup of format {manifest.format}, this version reads {FORMAT}")
    return manifest


def check_files(folder: Path, manifest: Manifest) -> None:
    """Read every file of a backup and compare it with the manifest.

    Raises
    ------
    Corrupt
        Naming the first file that is missing or was changed.
    """
    for file in manifest.files:
        path = folder / file.path
        if not path.is_file() or path.stat().st_size != file.bytes or sha256_of(path) != file.sha256:
            raise Corrupt(f"{path} is missing or not as it was backed up")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_backups(folder: Path) -> list[Backup]:
    """Return the finished backups in a folder, the oldest first."""
    if not folder.is_dir():
        return []
    found = [
        Backup(str(path), read_manifest(path).at)
        for path in folder.iterdir()
        if _NAME.fullmatch(path.name) and (path / MANIFEST).is_file()
    ]
    return sorted(found, key=lambda backup: backup.at)


def prune_backups(folder: Path, now: int, days: int) -> list[str]:
    """Delete the backups of a folder that are older than `days`, and unfinished ones; return their paths.

    The newest stays, whatever its age: an old backup is better than none.
    """
    made = list_backups(folder)
    doomed = [Path(backup.path) for backup in made[:-1] if backup.at < now - days * DAY]
    finished = {backup.path for backup in made}
    doomed += [
        path
        for path in folder.iterdir()
        if _NAME.fullmatch(path.name)
        and str(path) not in finished
        and path.stat().st_mtime_ns // 1000 < now - DAY
    ]
    for path in doomed:
        shutil.rmtree(path)
    return sorted(map(str, doomed))
