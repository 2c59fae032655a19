"""Events that were refused, kept for somebody to mend and replay."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from expedit.core import DAY, NotFound
from expedit.events.model import Complaint, DeadLetter
from expedit.storage import Transaction

MOST_LETTERS = 10_000
"""How many are kept; the oldest go first."""

_SELDOM = 100

LONGEST_KEPT = 30 * DAY
"""How long one is kept: a letter that nobody could read may hold a person whose erasure cannot find it."""


ANYTHING: Final = "…"
"""Stands in the shape of a complaint for a value."""

_VALUES: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+(?:[.,][0-9]+)*")


def keep_dead_letter(
    tx: Transaction,
    source: str,
    body: str,
    field: str,
    reason: str,
    at: int,
    subjects: Collection[str] = (),
) -> None:
    """Keep an event that was refused.

    Parameters
    ----------
    source
        Id of the source that sent it.
    body
        What was sent, as text.
    field, reason
        The field at fault and what is wrong with it.
    at
        When it was refused.
    subjects
        Subject ids it names, as far as could be read, so that their erasure takes the letter along.
    """
    kept = tx.rows(
        "INSERT INTO dead_letters (at, source, body, field, reason, subjects) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        # PostgreSQL's text holds no NUL.
        (at, source, body.replace("\0", "\ufffd"), field, reason, " ".join(subjects)),
    )
    newest: int = kept[0][0]
    if newest % _SELDOM == 0:  # a flood must not fill the disk before the night comes
        tx.run("DELETE FROM dead_letters WHERE id <= ?", (newest - MOST_LETTERS,))


_LETTER = "SELECT id, at, source, body, field, reason, replayed FROM dead_letters"


def dead_letters(
    tx: Transaction,
    limit: int = 100,
    before: int | None = None,
    source: str | None = None,
    *,
    complaint: tuple[str, str] | None = None,
    waiting: bool = False,
) -> list[DeadLetter]:
    """Return the newest letters first.

    Parameters
    ----------
    limit
        At most so many.
    before
        Only letters with a smaller id: the next page.
    source
        Only those of one source.
    complaint
        Only those with this field and reason, as `shape_of` gives them.
    waiting
        Only those that were not replayed.
    """
    text = f"{_LETTER} WHERE id < ?"
    asked: list[object] = [2**62 if before is None else before]
    if source:
        text, asked = f"{text} AND source = ?", [*asked, source]
    if complaint is not None:
        text += " AND field LIKE ? ESCAPE '\\' AND reason LIKE ? ESCAPE '\\'"
        asked += map(_pattern, complaint)
    if waiting:
        text += " AND replayed IS NULL"
    return [DeadLetter(*row) for row in tx.rows(f"{text} ORDER BY id DESC LIMIT ?", (*asked, limit))]


def dead_letter(tx: Transaction, letter: int, *, lock: bool = False) -> DeadLetter:
    """Return one letter; with `lock`, nobody else can replay it until the transaction ends.

    Raises
    ------
    NotFound
        When there is none, or no more.
    """
    row = tx.row(f"{_LETTER} WHERE id = ?{tx.for_update if lock else ''}", (letter,))
    if row is None:
        raise NotFound("there is no such dead letter; it may have been discarded or pruned")
    return DeadLetter(*row)


def shape_of(complaint: str) -> str:
    """Return a field or reason without its values, so that like complaints are one and tell no person."""
    return _VALUES.sub(ANYTHING, complaint)


def count_complaints(tx: Transaction) -> list[Complaint]:
    """Return how many letters wait for each complaint of each source, the most frequent first."""
    found: dict[tuple[str, str, str], Complaint] = {}
    for source, field, reason, letters, last_at, last_id in tx.rows(
        "SELECT source, field, reason, count(*), max(at), max(id) FROM dead_letters"
        " WHERE replayed IS NULL GROUP BY source, field, reason"
    ):
        key = (source, shape_of(field), shape_of(reason))
        known = found.get(key) or Complaint(*key, 0, 0, 0)
        found[key] = Complaint(
            *key, known.letters + letters, max(known.last_at, last_at), max(known.last_id, last_id)
        )
    return sorted(found.values(), key=lambda one: (-one.letters, one.source, one.field, one.reason))


def _pattern(shape: str) -> str:
    escaped = re.sub(r"([%_\\])", r"\\\1", shape)
    return escaped.replace(ANYTHING, "%")


def amend_letter(tx: Transaction, letter: int, body: str, field: str, reason: str) -> None:
    """Keep the mended text of a letter and what is still wrong with it."""
    tx.run(
        "UPDATE dead_letters SET body = ?, field = ?, reason = ? WHERE id = ?",
        (body.replace("\0", "\ufffd"), field, reason, letter),
    )


def discard_letters(tx: Transaction, letters: Collection[int]) -> None:
    """Delete letters."""
    tx.run_many("DELETE FROM dead_letters WHERE id = ?", [(letter,) for letter in letters])


def mark_replayed(tx: Transaction, letters: Collection[int], at: int) -> None:
    """Say that the `letters` with these ids were sent through again at the moment `at`."""
    tx.run_many("UPDATE dead_letters SET replayed = ? WHERE id = ?", [(at, letter) for letter in letters])


def prune_dead_letters(tx: Transaction, now: int, most: int = MOST_LETTERS) -> int:
    """Delete letters that are too many or too old; return how many."""
    found = tx.row("SELECT id FROM dead_letters ORDER BY id DESC LIMIT 1 OFFSET ?", (most,))
    return tx.run(
        "DELETE FROM dead_letters WHERE at < ? OR id <= ?", (now - LONGEST_KEPT, found[0] if found else 0)
    )


def erase_letters(tx: Transaction, subjects: Collection[str]) -> None:
    """Delete the letters that name any of `subjects`."""
    tx.run_many(
        "DELETE FROM dead_letters WHERE ' ' || subjects || ' ' LIKE ?",
        [(f"% {subject} %",) for subject in subjects],
    )
