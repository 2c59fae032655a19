"""Dropping what is older than the shop keeps: whole days of sealed events, and old dead letters."""

from __future__ import annotations

from expedit.events.files import DATASETS, log_lock, sweep
from expedit.events.store import retire_files, sealed_files
from expedit.storage import Shop, Transaction


def drop_events(shop: Shop, date: str) -> int:
    """Take every sealed file of a day before `date` out of the log; return how many.

    No question and no replay reads them from then on; they leave the disk at the first sealing after an
    hour, when nobody can be reading them any more.
    """
    with log_lock(shop.home):
        sweep(shop)
        with shop.database.writing() as tx:
            old = [file for dataset in DATASETS for file in sealed_files(tx, dataset) if file.date < date]
            retire_files(tx, old, shop.clock())
            tx.run("DELETE FROM subject_days WHERE date < ?", (date,))
    return len(old)


def drop_letters(tx: Transaction, before: int) -> int:
    """Delete the dead letters from before the moment `before`; return how many."""
    return tx.run("DELETE FROM dead_letters WHERE at < ?", (before,))
