"""Making a backup while everything runs."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from expedit.core import Conflict, InvalidInput, Progress, Struct, new_id, no_progress, to_datetime
from expedit.operations.backups import FORMAT, BackedUpFile, Manifest, prune_backups, write_manifest
from expedit.operations.erasures import keep_erasures
from expedit.operations.revisions import newest_revision
from expedit.operations.store import schema_of
from expedit.operations.tables import Sum, Summing, read_serials, read_table, travelling_tables
from expedit.storage import Shop, Transaction

_COPY_BYTES = 1 << 20


class MadeBackup(Struct, frozen=True, omit_defaults=False):
    """What was made: where, how large, and which old ones were deleted for it."""

    path: str
    at: int
    bytes: int
    files: int
    rows: int
    pruned: tuple[str, ...]


def back_up(shop: Shop, destination: Path, progress: Progress = no_progress) -> MadeBackup:
    """Write a backup of `shop` into a folder of its own inside `destination`.

    The tables are read in one transaction, so they are of one moment. In that moment the files that they name
    are held by links, so that nothing that is merged, rewritten or pruned meanwhile is missed; then they are
    copied. Nobody who serves or writes has to wait.

    Raises
    ------
    InvalidInput
        When `destination` lies inside the home.
    Conflict
        When the tables are those of another version.
    """
    target_root = destination.absolute()
    if target_root == shop.home.root or shop.home.root in target_root.parents:
        raise InvalidInput("destination", "lies inside the home; choose a folder on another disk")
    target_root.mkdir(parents=True, exist_ok=True)
    at = shop.clock()
    target = _new_folder(target_root, at)
    held = shop.home.run / f"backup-{new_id(at)}"
    try:
        with shop.database.reading() as tx:
            revision = schema_of(tx)
            if revision != newest_revision():
                raise Conflict(
                    f"the tables are at revision {revision}, this version works with {newest_revision()}; "
                    "back up with the version of expedit that has used them"
                )
            links = _hold_files(shop, tx, held)
            tables, serials, files = _write_tables(tx, target, progress)
        for number, path in enumerate(links, start=1):
            files.append(_copy(held / path, target, Path("home") / path))
            progress("copy files", number, len(links))
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(held, ignore_errors=True)
    manifest = Manifest(
        FORMAT, version("expedit"), revision, shop.database.dialect, at, tables, serials, tuple(files)
    )
    write_manifest(target, manifest)
    keep_erasures(shop, target_root)
    pruned = prune_backups(target_root, at, shop.settings.backup_days)
    rows = sum(one.rows for one in tables.values())
    return MadeBackup(str(target), at, manifest.bytes, len(files), rows, tuple(pruned))


def _new_folder(root: Path, at: int) -> Path:
    name = to_datetime(at).strftime("%Y-%m-%dT%H-%M-%SZ")
    for suffix in ("", *(f"-{number}" for number in range(2, 100))):
        folder = root / (name + suffix)
        try:
            folder.mkdir(mode=0o700)  # it holds the shop's secret
        except FileExistsError:
            continue
        return folder
    raise Conflict(f"too many backups in {root} at one moment")


def _hold_files(shop: Shop, tx: Transaction, held: Path) -> list[Path]:
    """Link every file of the home that belongs to the snapshot into `held`; return their paths."""
    home = shop.home
    named = [
        (home.log / path).relative_to(home.root)
        for (path,) in tx.rows("SELECT path FROM sealed_files ORDER BY path")
    ]
    found = [home.settings_path, home.placements_path, home.secret_path]
    found += sorted(path for path in home.root.glob("*.toml") if path not in found)
    found += sorted(home.decisions.rglob("*.parquet")) + sorted(home.decisions.rglob("*.log"))
    found += sorted(path for path in home.models.rglob("*") if path.is_file() and path.suffix != ".tmp")
    kept = []
    for path in [*named, *(one.relative_to(home.root) for one in found)]:
        place = held / path
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(home.root / path, place)
        except FileNotFoundError:
            continue  # retired by the log, or pruned, a moment ago
        except OSError:  # a disk without links
            shutil.copy2(home.root / path, place)
        kept.append(path)
    return kept


def _copy(source: Path, target: Path, path: Path) -> BackedUpFile:
    """Copy a file, hash what was read and see it on disk.

    A segment of the decision log may still grow: what is copied is what it holds now.
    """
    place = target / path
    place.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    mode = source.stat().st_mode & 0o777
    with source.open("rb") as reading, place.open("xb") as writing:
        os.fchmod(writing.fileno(), mode)
        while block := reading.read(_COPY_BYTES):
            digest.update(block)
            size += len(block)
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
    return BackedUpFile(path.as_posix(), size, digest.hexdigest())


def _write_tables(
    tx: Transaction, target: Path, progress: Progress
) -> tuple[dict[str, Sum], dict[str, int], list[BackedUpFile]]:
    sums: dict[str, Sum] = {}
    files: list[BackedUpFile] = []
    (target / "tables").mkdir()
    tables = travelling_tables(tx)
    for number, table in enumerate(tables, start=1):
        path = target / "tables" / f"{table.name}.parquet"
        sums[table.name] = _write_parquet(path, table, read_table(tx, table))
        files.append(_described(path, target))
        progress("write tables", number, len(tables))
    return sums, read_serials(tx), files


def _write_parquet(path: Path, table: sa.Table, portions: Iterator[list[tuple[Any, ...]]]) -> Sum:
    schema = arrow_schema(table)
    summing = Summing()
    with path.open("xb") as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for rows in portions:
                summing.add(rows)
                columns = [
                    pa.array(column, field.type)
                    for column, field in zip(zip(*rows, strict=True), schema, strict=True)
                ]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
        file.flush()
        os.fsync(file.fileno())
    return summing.total


def _described(path: Path, target: Path) -> BackedUpFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BackedUpFile(path.relative_to(target).as_posix(), path.stat().st_size, digest)


def arrow_schema(table: sa.Table) -> pa.Schema:
    """Return the columns of a table as a Parquet file holds them."""
    return pa.schema([(column.name, _arrow_type(column)) for column in table.columns])


def _arrow_type(column: sa.Column[Any]) -> pa.DataType:
    for kind, type_ in (
        (sa.LargeBinary, pa.large_binary()),
        (sa.Boolean, pa.bool_()),
        (sa.Float, pa.float64()),
        (sa.Integer, pa.int64()),
        (sa.String, pa.large_string()),
    ):
        if isinstance(column.type, kind):
            return type_
    raise TypeError(f"{column.table.name}.{column.name} is of a kind that backups do not hold: {column.type}")
