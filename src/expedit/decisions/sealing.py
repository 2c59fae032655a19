"""Sealing: turning the segments of hours that are over into Parquet."""

from __future__ import annotations

from itertools import chain

from expedit.core import Progress, no_progress
from expedit.decisions.log import decision_log
from expedit.decisions.sealed import write_sealed
from expedit.decisions.segments import check_name, read_segment
from expedit.storage import Shop


def seal_decisions(shop: Shop, progress: Progress = no_progress) -> int:
    """Turn the segments of hours that are over into sealed files; return how many decisions that were.

    Each segment becomes one file of its own name, written whole before the segment is deleted: a crash in
    between leaves both, readers then prefer the file, and the next run deletes the segment.
    """
    log = decision_log(shop)
    log.end_old_segment()
    if not log.segments.is_dir():
        return 0
    ready = [path for path in sorted(log.segments.glob("*.log")) if not log.is_open(path)]
    sealed = 0
    for place, path in enumerate(ready, start=1):
        target = log.folder / f"date={check_name(path)[:10]}" / f"{path.stem}.parquet"
        if not target.exists():
            found = read_segment(path)
            first = next(found, None)
            if first is not None:
                sealed += write_sealed(target, chain([first], found))
        path.unlink()
        progress("seal decisions", place, len(ready))
    return sealed
