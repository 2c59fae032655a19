"""Erasing subjects from the log: hidden at once, gone from the head at once, gone from the files at night."""

from __future__ import annotations

from collections.abc import Collection

from expedit.core import day_of
from expedit.events.letters import erase_letters
from expedit.events.model import Event, unpack_event
from expedit.storage import Transaction


def erase_subjects(tx: Transaction, subjects: Collection[str], at: int) -> None:
    """Erase every event up to the moment `at` that carries one of `subjects`.

    The head's rows and the dead letters go in this transaction; sealed events are hidden from the moment it
    commits and leave the files at the next `rewrite_erased`. Events that come in later for the time up to
    `at` must be refused: see `erased_before`.
    """
    wanted = sorted(set(subjects))
    tx.run_many(
        "INSERT INTO erased_subjects (subject, at) VALUES (?, ?)"
        " ON CONFLICT (subject) DO UPDATE SET at = excluded.at, rewritten = NULL",
        [(subject, at) for subject in wanted],
    )
    erase_letters(tx, wanted)
    among = frozenset(wanted)
    for last in _head_slices(tx):
        doomed = [
            (seq,)
            for seq, body in tx.rows("SELECT seq, body FROM events WHERE seq > ? AND seq <= ?", last)
            if not among.isdisjoint((event := unpack_event(body)).subjects) and event.at <= at
        ]
        tx.run_many("DELETE FROM events WHERE seq = ?", doomed)


def _head_slices(tx: Transaction, size: int = 10_000) -> list[tuple[int, int]]:
    """Cut the head into ranges of sequence numbers that fit in memory."""
    found = tx.row("SELECT min(seq), max(seq) FROM events")
    if found is None or found[0] is None:
        return []
    first, last = found
    return [(start, start + size) for start in range(first - 1, last, size)]


def erased_before(tx: Transaction, subjects: Collection[str]) -> dict[str, int]:
    """Return those of `subjects` that were erased, and when.

    An event of such a subject from that moment or earlier must not enter the log again.
    """
    return dict(
        tx.rows_for("SELECT subject, at FROM erased_subjects WHERE subject IN (:keys)", sorted(set(subjects)))
    )


def pending_tombstones(tx: Transaction) -> dict[str, int]:
    """Return the subjects whose sealed events are hidden but still in the files, and up to when."""
    return dict(tx.rows("SELECT subject, at FROM erased_subjects WHERE rewritten IS NULL"))


def all_tombstones(tx: Transaction) -> dict[str, int]:
    """Return every subject that was ever erased, and up to when."""
    return dict(tx.rows("SELECT subject, at FROM erased_subjects"))


def is_hidden(event: Event, tombstones: dict[str, int]) -> bool:
    """Tell whether `event` is erased."""
    return bool(tombstones) and any(
        event.at <= tombstones[subject] for subject in event.subjects if subject in tombstones
    )


def dates_of(tx: Transaction, subjects: Collection[str]) -> list[str]:
    """Return the dates of the sealed files that hold an event of one of `subjects`."""
    found = tx.rows_for(
        "SELECT DISTINCT date FROM subject_days WHERE subject IN (:keys)", sorted(set(subjects))
    )
    return sorted({date for (date,) in found})


def mark_rewritten(tx: Transaction, tombstones: dict[str, int], at: int) -> None:
    """Say that the files hold nothing of `tombstones` any more, and forget where it was."""
    rows = sorted(tombstones.items())
    # A subject that was erased once more meanwhile has another moment and stays pending.
    tx.run_many(
        "UPDATE erased_subjects SET rewritten = ? WHERE subject = ? AND at = ?",
        [(at, subject, erased) for subject, erased in rows],
    )
    tx.run_many(
        "DELETE FROM subject_days WHERE subject = ? AND date < ?",
        [(subject, day_of(erased)) for subject, erased in rows],
    )
