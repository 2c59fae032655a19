"""The tables of feeds: what the last imports did, and which rows the newest one refused."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from expedit.catalog import RefusedRow
from expedit.core import Struct
from expedit.storage import Transaction, metadata

sa.Table(
    "feed_imports",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, primary_key=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("read", sa.BigInteger, nullable=False),
    sa.Column("added", sa.BigInteger, nullable=False),
    sa.Column("changed", sa.BigInteger, nullable=False),
    sa.Column("unchanged", sa.BigInteger, nullable=False),
    sa.Column("retired", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("held", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
sa.Table(
    "feed_refusals",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("line", sa.BigInteger, primary_key=True),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

TABLES = ("feed_imports", "feed_refusals")

_KEPT = 50
_MOST_LISTED = 1_000
_COLUMNS = "at, outcome, read, added, changed, unchanged, retired, refused, held, reason"


class FeedImport(Struct, frozen=True):
    """What one import of a feed did.

    Parameters
    ----------
    outcome
        ``imported``; ``held`` when it was imported but nothing retired, since that would have been too many;
        ``refused`` when nothing was changed.
    retired, held
        Products retired, and products that were not since they were too many.
    reason
        Why it was refused.
    """

    at: int
    outcome: str
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    refused: int = 0
    held: int = 0
    reason: str = ""


def note_import(tx: Transaction, connection: str, done: FeedImport, refused: Sequence[RefusedRow]) -> None:
    """Note an import; the list of refused rows is the newest import's."""
    tx.run("DELETE FROM feed_imports WHERE connection = ? AND at = ?", (connection, done.at))
    tx.run(
        f"INSERT INTO feed_imports (connection, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (
            connection,
            done.at,
            done.outcome,
            done.read,
            done.added,
            done.changed,
            done.unchanged,
            done.retired,
            done.refused,
            done.held,
            done.reason,
        ),
    )
    tx.run(
        "DELETE FROM feed_imports WHERE connection = ? AND at NOT IN"
        " (SELECT at FROM feed_imports WHERE connection = ? ORDER BY at DESC LIMIT ?)",
        (connection, connection, _KEPT),
    )
    tx.run("DELETE FROM feed_refusals WHERE connection = ?", (connection,))
    first = {row.line: row for row in reversed(refused[:_MOST_LISTED])}
    tx.run_many(
        "INSERT INTO feed_refusals (connection, line, field, reason) VALUES (?, ?, ?, ?)",
        [(connection, row.line, row.field, row.reason) for row in first.values()],
    )


def read_imports(tx: Transaction, connection: str, limit: int) -> list[FeedImport]:
    """Return the newest imports first."""
    return [
        FeedImport(*row)
        for row in tx.rows(
            f"SELECT {_COLUMNS} FROM feed_imports WHERE connection = ? ORDER BY at DESC LIMIT ?",  # noqa: S608
            (connection, limit),
        )
    ]


def read_refusals(tx: Transaction, connection: str, after: int, limit: int) -> list[RefusedRow]:
    """Return rows that the newest import refused, from behind line `after`."""
    return [
        RefusedRow(*row)
        for row in tx.rows(
            "SELECT line, field, reason FROM feed_refusals WHERE connection = ? AND line > ?"
            " ORDER BY line LIMIT ?",
            (connection, after, limit),
        )
    ]
