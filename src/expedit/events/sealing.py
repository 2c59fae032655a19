"""Sealing: moving the head of the log to date-partitioned Parquet, exactly once.

One step reads the settled rows after the mark, writes their files, and in one transaction names the files in
the manifest and moves the mark. Before that transaction commits the rows count, after it the files do.
Whatever touches many rows (the index of subjects before, the deletion of sealed rows after) is done in small
portions, so that nobody who appends has to wait for long.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby

from expedit.core import DAY, Conflict, Progress, day_of, no_progress
from expedit.events.columns import event_table, item_table
from expedit.events.damage import put_damaged_aside
from expedit.events.erasure import all_tombstones, is_hidden
from expedit.events.files import give_back_memory, log_lock, read_files, sweep, write_file
from expedit.events.model import SealedFile
from expedit.events.store import (
    HeadRow,
    Place,
    add_files,
    add_subject_days,
    delete_head,
    head_rows,
    move_mark,
    read_mark,
    retire_files,
    seal_mark,
    sealed_files,
)
from expedit.storage import Shop

STEP = 50_000
"""Events sealed in one step."""

PORTION = 2_000
"""Rows touched in one transaction."""

FULL = 250_000
"""Rows of a file that needs no merging: those of a merged file are in memory at a time."""

_FEW = 12


def seal(shop: Shop, progress: Progress = no_progress) -> int:
    """Seal everything at the head of the log that is settled; return the number of events.

    Raises
    ------
    Conflict
        When another host sealed the same log at the same time; nothing is lost or doubled.
    """
    sealed = 0
    with log_lock(shop.home):
        put_damaged_aside(shop)
        sweep(shop)
        _clear_head(shop)
        while step := _seal_step(shop):
            sealed += step
            progress("seal", sealed, None)
    return sealed


def _seal_step(shop: Shop) -> int:
    with shop.database.reading() as tx:
        mark = read_mark(tx)
        rows = head_rows(tx, mark, STEP)
        tombstones = all_tombstones(tx)
    if not rows:
        return 0
    # An event that slipped in beside its own erasure goes no further.
    kept = [row for row in rows if not is_hidden(row.event, tombstones)]
    files, days = _write_dates(shop, kept)
    for start in range(0, len(days), PORTION):
        with shop.database.writing() as tx:
            add_subject_days(tx, days[start : start + PORTION])
        _give_way()
    with shop.database.writing() as tx:
        if seal_mark(tx, "UPDATE") != mark:
            raise Conflict("another host has sealed this log meanwhile")
        add_files(tx, files)
        move_mark(tx, Place(rows[-1].xid, rows[-1].seq), shop.clock())
    _clear_head(shop)
    return len(rows)


def _clear_head(shop: Shop) -> None:
    """Delete the rows that are sealed."""
    while True:
        with shop.database.writing(shred=True) as tx:
            if delete_head(tx, read_mark(tx), PORTION) < PORTION:
                return
        _give_way()


def _give_way() -> None:
    """Let those who wait for the one write lock of SQLite have it first."""
    time.sleep(0.002)


def _write_dates(shop: Shop, rows: Sequence[HeadRow]) -> tuple[list[SealedFile], list[tuple[str, str]]]:
    """Write the files of each date; return them, and which subjects have events on which dates."""
    files = []
    days: set[tuple[str, str]] = set()
    by_time = sorted(rows, key=lambda row: row.event.at)
    for _, group in groupby(by_time, key=lambda row: row.event.at // DAY):
        part = list(group)
        date = day_of(part[0].event.at)
        days |= {(subject, date) for row in part for subject in row.event.subjects}
        files.append(write_file(shop.home, "events", date, event_table(part), shop.clock()))
        items = item_table(part)
        if items.num_rows:
            files.append(write_file(shop.home, "items", date, items, shop.clock()))
    return files, sorted(days)


def compact(shop: Shop, progress: Progress = no_progress) -> int:
    """Merge the small files of each date; return how many files went.

    The present date, which still grows, is merged only when it has many.
    """
    today = day_of(shop.clock())
    merged = 0
    with log_lock(shop.home):
        put_damaged_aside(shop, thorough=True)
        sweep(shop)
        with shop.database.reading() as tx:
            small = [
                file
                for dataset in ("events", "items")
                for file in sealed_files(tx, dataset)
                if file.rows < FULL
            ]
        groups = [list(group) for _, group in groupby(small, key=lambda file: (file.dataset, file.date))]
        for number, group in enumerate(groups):
            for part in _parts(group):
                if len(part) >= (_FEW if part[0].date == today else 2):
                    _merge(shop, part)
                    give_back_memory()
                    merged += len(part)
            progress("compact", number + 1, len(groups))
    return merged


def _parts(files: Sequence[SealedFile]) -> list[list[SealedFile]]:
    """Cut `files` into runs that fit in memory and in one file."""
    parts: list[list[SealedFile]] = [[]]
    rows = 0
    for file in files:
        if parts[-1] and rows + file.rows > FULL:
            parts.append([])
            rows = 0
        parts[-1].append(file)
        rows += file.rows
    return parts


def _merge(shop: Shop, files: Sequence[SealedFile]) -> None:
    table = read_files(shop.home, files)
    merged = write_file(shop.home, files[0].dataset, files[0].date, table, shop.clock())
    with shop.database.writing() as tx:
        retire_files(tx, files, shop.clock())
        add_files(tx, [merged])
