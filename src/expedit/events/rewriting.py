"""Taking erased subjects out of the sealed files."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expedit.core import Progress, no_progress
from expedit.events.damage import put_damaged_aside
from expedit.events.erasure import dates_of, mark_rewritten, pending_tombstones
from expedit.events.files import DATASETS, log_lock, read_files, sweep, write_file
from expedit.events.model import SealedFile
from expedit.events.store import add_files, retire_files, sealed_files
from expedit.storage import Shop


def rewrite_erased(shop: Shop, progress: Progress = no_progress) -> int:
    """Rewrite every sealed file that holds an erased event; return the number of files.

    The old files leave the disk at the first sealing after an hour; until then no question and no replay
    reads them.
    """
    rewritten = 0
    with log_lock(shop.home):
        put_damaged_aside(shop, thorough=True)
        sweep(shop)
        with shop.database.reading() as tx:
            tombstones = pending_tombstones(tx)
            dates = dates_of(tx, tombstones)
            files = [
                file for date in dates for dataset in DATASETS for file in sealed_files(tx, dataset, date)
            ]
        for number, file in enumerate(files):
            rewritten += _rewrite(shop, file, tombstones)
            progress("erase", number + 1, len(files))
        if tombstones:
            with shop.database.writing() as tx:
                mark_rewritten(tx, tombstones, shop.clock())
    return rewritten


def _rewrite(shop: Shop, file: SealedFile, tombstones: dict[str, int]) -> bool:
    table = read_files(shop.home, [file])
    kept = without(table, tombstones)
    if kept.num_rows == table.num_rows:
        return False
    fresh = [write_file(shop.home, file.dataset, file.date, kept, shop.clock())] if kept.num_rows else []
    with shop.database.writing() as tx:
        retire_files(tx, [file], shop.clock())
        add_files(tx, fresh)
    return True


def without(table: pa.Table, tombstones: dict[str, int]) -> pa.Table:
    """Return the rows of `table` (columns ``subjects`` and ``ts_us``) that no tombstone covers."""
    if not tombstones or not table.num_rows:
        return table
    lists = table["subjects"].combine_chunks()
    rows, subjects = pc.list_parent_indices(lists), pc.list_flatten(lists)
    until = pc.take(
        pa.array([*tombstones.values(), None], pa.int64()),
        pc.fill_null(pc.index_in(subjects, pa.array(list(tombstones), pa.string())), len(tombstones)),
    )
    doomed = pc.fill_null(pc.less_equal(pc.take(table["ts_us"].combine_chunks(), rows), until), False)
    kept = np.ones(table.num_rows, dtype=np.bool_)
    kept[rows.filter(doomed).to_numpy(zero_copy_only=False)] = False
    return table.filter(pa.array(kept))
