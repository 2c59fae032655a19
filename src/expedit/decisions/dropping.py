"""Dropping decisions that are older than the shop keeps, by whole days."""

from __future__ import annotations

from expedit.decisions.log import decision_log
from expedit.decisions.sealed import sealed_files
from expedit.decisions.segments import check_name
from expedit.storage import Shop


def drop_decisions(shop: Shop, date: str) -> int:
    """Delete the sealed files of every day before `date`; return how many.

    Whoever is reading one reads on: the file is gone when they close it.
    """
    dropped = 0
    for path in sealed_files(decision_log(shop).folder):
        if check_name(path)[:10] < date:
            path.unlink()
            dropped += 1
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    return dropped
