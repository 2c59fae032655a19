"""The room's one table: whose decisions are to be erased from files that cannot be changed in a
transaction."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from expedit.storage import Database, Transaction, metadata

decision_erasures = sa.Table(
    "decision_erasures",
    metadata,
    sa.Column("subject_id", sa.Text, primary_key=True),
    sa.Column("erased", sa.BigInteger, nullable=False),
)


def ask_erasure(tx: Transaction, subject_ids: Sequence[str], at: int) -> None:
    """Have everything logged of `subject_ids` up to `at` erased: hidden at once, rewritten by the next
    job."""
    tx.run_many(
        "INSERT INTO decision_erasures (subject_id, erased) VALUES (?, ?)"
        " ON CONFLICT (subject_id) DO UPDATE SET erased = excluded.erased",
        [(subject, at) for subject in sorted(subject_ids)],
    )


def asked_erasures(database: Database) -> dict[str, int]:
    """Return the subjects that wait for their erasure, and up to which moment."""
    return dict(database.read_rows("SELECT subject_id, erased FROM decision_erasures"))


def erasures_done(tx: Transaction, done: dict[str, int]) -> None:
    """Forget the erasures that were carried out, unless they were asked for anew meanwhile."""
    tx.run_many("DELETE FROM decision_erasures WHERE subject_id = ? AND erased = ?", sorted(done.items()))
