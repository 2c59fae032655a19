"""Making a home again from a backup, on either database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from expedit.core import Conflict, Corrupt, Progress, Struct, no_progress
from expedit.operations.backups import Manifest, check_files, read_manifest
from expedit.operations.erasures import Erase, erase_again, read_erasures
from expedit.operations.revisions import newest_revision
from expedit.operations.settings_files import with_database_url
from expedit.operations.tables import (
    MADE_BY_MIGRATION,
    PORTION,
    clear_tables,
    full_tables,
    travelling_tables,
    write_serials,
    write_table,
)
from expedit.storage import Home, Shop, migrate, open_shop


class Restored(Struct, frozen=True, omit_defaults=False):
    """What was restored.

    Parameters
    ----------
    home
        The folder made.
    at
        Moment of the backup.
    rows, files
        How much came back.
    erased
        Subjects that were erased after the backup was made, and now again.
    erasures_until
        Moment up to which erasures are known; who was erased later has to be erased anew.
    """

    home: str
    at: int
    rows: int
    files: int
    erased: int
    erasures_until: int


def restore(
    source: Path,
    root: Path,
    *,
    database_url: str | None = None,
    erasures: Path | None = None,
    erase: Erase,
    progress: Progress = no_progress,
) -> Restored:
    """Make a home at `root` from the backup in `source`.

    Parameters
    ----------
    database_url
        PostgreSQL address to restore into, empty for SQLite; None as the backup's own settings say.
    erasures
        Folder with a newer list of erasures than the one beside the backup.
    erase
        Erases a person; called for those whom the list names and the backup does not.

    Raises
    ------
    Conflict
        When the home or the database is not empty, or the backup needs another version of expedit.
    Corrupt
        When the backup was damaged.
    """
    manifest = read_manifest(source)
    home = Home(root)
    if home.root.exists() and any(home.root.iterdir()):
        raise Conflict(f"{home.root} is not empty; restore into a new folder")
    if manifest.revision != newest_revision():
        raise Conflict(
            f"the backup was made by expedit {manifest.version} (tables {manifest.revision}); restore it "
            "with that version, then upgrade"
        )
    progress("check files", 0, None)
    check_files(source, manifest)
    made_here = not home.root.exists()
    try:
        _restore_files(source, home, manifest, database_url, progress)
        shop = open_shop(root)
        try:
            _restore_tables(source, shop, manifest, progress)
            known = read_erasures(erasures or source.parent)
            erased = erase_again(shop, known, erase)
        finally:
            shop.close()
    except BaseException:
        shutil.rmtree(home.root, ignore_errors=True)
        if not made_here:
            home.root.mkdir()
        raise
    rows = sum(one.rows for one in manifest.tables.values())
    return Restored(
        str(home.root), manifest.at, rows, len(manifest.files), erased, max(manifest.at, known.at)
    )


def _restore_files(
    source: Path, home: Home, manifest: Manifest, database_url: str | None, progress: Progress
) -> None:
    for folder in (home.root, home.log, home.models, home.decisions, home.run):
        folder.mkdir(parents=True, exist_ok=True)
    files = [file for file in manifest.files if file.path.startswith("home/")]
    for number, file in enumerate(files, start=1):
        place = home.root / file.path.removeprefix("home/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / file.path, place)
        progress("copy files", number, len(files))
    if database_url is not None:
        home.settings_path.write_text(with_database_url(home.settings_path.read_text(), database_url))


def _restore_tables(source: Path, shop: Shop, manifest: Manifest, progress: Progress) -> None:
    """Write the tables in one transaction and see that they are what was backed up."""
    migrate(shop.database)
    with shop.database.writing() as tx:
        tables = travelling_tables(tx)
        missing = sorted(set(manifest.tables) - {table.name for table in tables})
        if missing:
            raise Conflict(f"the backup holds tables of a plugin that is not installed: {', '.join(missing)}")
        full = full_tables(tx, [table for table in tables if table.name not in MADE_BY_MIGRATION])
        if full:
            raise Conflict(f"the database holds rows already ({', '.join(full[:3])}…); give an empty one")
        clear_tables(tx)
        for number, table in enumerate(tables, start=1):
            if table.name not in manifest.tables:
                continue  # of a plugin that came later
            portions = _read_parquet(source / "tables" / f"{table.name}.parquet")
            if write_table(tx, table, portions) != manifest.tables[table.name]:
                raise Corrupt(f"the table {table.name} is not what was backed up")
            progress("restore tables", number, len(tables))
        write_serials(tx, manifest.serials)


def _read_parquet(path: Path) -> Iterator[list[tuple[Any, ...]]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=PORTION):
            columns = [column.to_pylist() for column in batch.columns]
            yield list(zip(*columns, strict=True))
