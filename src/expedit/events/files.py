"""Parquet files of the sealed log, written so that a crash leaves all of a file or nothing that counts.

A file counts once the manifest in the database names it. It is written under a temporary name, synced, and
renamed; what a crash leaves behind is in no manifest and is swept away.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expedit.core import DAY, HOUR, Corrupt, new_id
from expedit.events.columns import ORDER, SCHEMAS, conform
from expedit.events.model import SealedFile
from expedit.events.store import forget_files, known_paths
from expedit.storage import Home, Shop

Dataset = Literal["events", "items"]
DATASETS: tuple[Dataset, ...] = ("events", "items")

DAMAGED = ".damaged"
"""What the name of a file ends with that was put aside."""

KEPT_ASIDE = 30 * DAY
"""How long it stays there: it may hold events of persons who have been erased since."""

GRACE = HOUR
"""How long a file that was replaced stays for those who are reading it."""

_ROW_GROUP = 65_536


@contextmanager
def log_lock(home: Home) -> Iterator[None]:
    """Be the only one who writes the files of this log, over threads and processes."""
    home.log.mkdir(parents=True, exist_ok=True)
    with (home.log / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_file(home: Home, dataset: Dataset, date: str, table: pa.Table, at: int) -> SealedFile:
    """Write the rows of one date as one file, sorted, and see it safely on disk.

    Parameters
    ----------
    at
        The present moment, for the file's name.
    """
    path = Path(dataset) / f"date={date}" / f"{new_id(at)}.parquet"
    final = home.log / path
    _make_folder(final.parent)
    temporary = final.with_suffix(".tmp")
    plain = {"body", "message_id", "ts", "ts_us", "seq"}
    names = [name for name in table.schema.names if name not in plain and name != "subjects"]
    order = pc.sort_indices(table, sort_keys=ORDER[dataset])
    with temporary.open("wb") as file:
        with pq.ParquetWriter(file, table.schema, compression="zstd", use_dictionary=names) as writer:
            for start in range(0, table.num_rows, _ROW_GROUP):  # sorted whole it would be in memory twice
                writer.write_table(table.take(order.slice(start, _ROW_GROUP)))
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    temporary.rename(final)
    _sync_folder(final.parent)
    seqs, moments = pc.min_max(table["seq"]), pc.min_max(table["ts_us"])
    return SealedFile(
        path=path.as_posix(),
        dataset=dataset,
        date=date,
        rows=table.num_rows,
        bytes=size,
        seq_from=seqs["min"].as_py(),
        seq_to=seqs["max"].as_py(),
        xid_to=pc.max(table["xid"]).as_py(),
        at_from=moments["min"].as_py(),
        at_to=moments["max"].as_py(),
    )


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True)
        _sync_folder(folder.parent)
        _sync_folder(folder.parent.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_files(home: Home, files: Sequence[SealedFile], columns: Sequence[str] | None = None) -> pa.Table:
    """Read `files` of one dataset as one table of its schema, or of some of its `columns`.

    Raises
    ------
    Corrupt
        When a file that the manifest names is missing or damaged.
    """
    schema = SCHEMAS[files[0].dataset]
    if columns is not None:
        schema = pa.schema([schema.field(name) for name in columns])
    tables = []
    for file in files:
        try:
            with pq.ParquetFile(home.log / file.path) as parquet:
                present = [name for name in schema.names if name in parquet.schema_arrow.names]
                tables.append(conform(parquet.read(columns=present), schema))
        except (OSError, pa.ArrowInvalid) as error:
            raise Corrupt(f"the sealed file {file.path} cannot be read: {error}") from error
    return pa.concat_tables(tables)


def give_back_memory() -> None:
    """Give memory that tables took, and that nobody needs any more, back to the system."""
    pa.default_memory_pool().release_unused()


def sweep(shop: Shop) -> int:
    """Delete files that do not count: leftovers of a crash, and replaced ones nobody reads any more.

    Call it under `log_lock`. Returns how many.
    """
    now = shop.clock()
    with shop.database.reading() as tx:
        known = known_paths(tx)
    gone = [path for path, retired in known.items() if retired is not None and retired <= now - GRACE]
    for path in gone:
        del known[path]
    swept = 0
    for dataset in DATASETS:
        for file in sorted((shop.home.log / dataset).glob("date=*/*")):
            if file.suffix == DAMAGED:
                gone_by = file.stat().st_mtime_ns // 1000 <= now - KEPT_ASIDE
            else:
                gone_by = file.relative_to(shop.home.log).as_posix() not in known
            if gone_by:
                file.unlink()
                swept += 1
    if gone:
        with shop.database.writing() as tx:
            forget_files(tx, gone)
    return swept
