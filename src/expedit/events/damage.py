"""Sealed files that can no longer be read: named, put aside, and saved from as far as that goes.

A file whose bytes are no Parquet any more would fail every question that touches its date, and every
compaction. It leaves the log and stays on disk under another name, for whoever can mend it or has a backup.
Its product lines are made anew from the events beside it; of its events, the parts that can still be read are
kept. A file that is *missing* is left in the log: a disk that is not mounted is no damage.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import structlog

from expedit.core import Corrupt
from expedit.events.columns import SCHEMAS, conform, item_table
from expedit.events.files import DAMAGED, DATASETS, read_files, write_file
from expedit.events.model import SealedFile, unpack_event
from expedit.events.store import HeadRow, add_files, forget_files, sealed_files
from expedit.storage import Home, Shop

_log = structlog.get_logger("events")


def damaged_files(home: Home) -> tuple[str, ...]:
    """Return the names of the files that were put aside, relative to the log."""
    found = (path for dataset in DATASETS for path in (home.log / dataset).glob(f"date=*/*{DAMAGED}"))
    return tuple(sorted(path.relative_to(home.log).as_posix() for path in found))


def put_damaged_aside(shop: Shop, *, thorough: bool = False) -> int:
    """Take every damaged file out of the log; return how many. Call it under `log_lock`.

    Parameters
    ----------
    thorough
        Read every file; else only its size is compared with the manifest, and its ends are looked at.
    """
    with shop.database.reading() as tx:
        files = [file for dataset in DATASETS for file in sealed_files(tx, dataset)]
    damaged = [file for file in files if not _is_whole(shop.home, file, thorough)]
    for file in damaged:
        _put_aside(shop, file, [one for one in files if one not in damaged])
    return len(damaged)


def _is_whole(home: Home, file: SealedFile, thorough: bool) -> bool:
    path = home.log / file.path
    try:
        if path.stat().st_size != file.bytes:
            return False
        with path.open("rb") as opened:
            first = opened.read(4)
            opened.seek(-4, os.SEEK_END)
            if (first, opened.read()) != (b"PAR1", b"PAR1"):
                return False
        if thorough:
            read_files(home, [file])
    except FileNotFoundError:
        return True  # it is not here: that is told when it is read
    except Corrupt:
        return False
    return True


def _put_aside(shop: Shop, file: SealedFile, whole: Sequence[SealedFile]) -> None:
    path = shop.home.log / file.path
    saved = _lines_again(shop.home, file, whole) if file.dataset == "items" else _readable(path)
    fresh = (
        [write_file(shop.home, file.dataset, file.date, saved, shop.clock())]
        if saved is not None and saved.num_rows
        else []
    )
    with shop.database.writing() as tx:
        forget_files(tx, [file.path])
        add_files(tx, fresh)
    aside = path.with_name(path.name + DAMAGED)
    path.rename(aside)
    now = shop.clock()
    os.utime(aside, ns=(now * 1000, now * 1000))
    kept = sum(one.rows for one in fresh)
    _log.error("a sealed file is damaged", file=file.path, rows=file.rows, saved=kept)


def _readable(path: Path) -> pa.Table | None:
    """Return the parts of a file of events that can be read; None when not even its footer can."""
    parts = []
    try:
        with pq.ParquetFile(path) as parquet:
            for group in range(parquet.num_row_groups):
                try:
                    part = parquet.read_row_group(group)
                    for body in part["body"]:
                        unpack_event(body.as_buffer())
                except (OSError, ValueError):
                    continue
                parts.append(conform(part, SCHEMAS["events"]))
    except (OSError, pa.ArrowInvalid):
        return None
    return pa.concat_tables(parts) if parts else None


def _lines_again(home: Home, file: SealedFile, whole: Sequence[SealedFile]) -> pa.Table | None:
    """Return the product lines of a damaged file, made anew from the events that were sealed with it."""
    beside = [
        one for one in whole
        if (one.dataset, one.date) == ("events", file.date) and one.seq_from <= file.seq_to
        and one.seq_to >= file.seq_from
    ]  # fmt: skip
    if not beside:
        return None
    events = read_files(home, beside, ["xid", "seq", "body"])
    rows = [
        HeadRow(xid.as_py(), seq.as_py(), unpack_event(body.as_buffer()), b"")
        for xid, seq, body in zip(events["xid"], events["seq"], events["body"], strict=True)
        if file.seq_from <= seq.as_py() <= file.seq_to
    ]
    return item_table(rows)
