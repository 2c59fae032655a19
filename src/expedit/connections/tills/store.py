"""The tables of tills: receipts that were taken in, articles that nobody knows yet, and files."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from expedit.core import Struct
from expedit.storage import Transaction, metadata

sa.Table(
    "till_receipts",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
)
sa.Table(
    "till_waiting",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
sa.Table(
    "till_files",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("report", sa.LargeBinary, nullable=False),
)

TABLES = ("till_receipts", "till_waiting", "till_files")


class Unknown(Struct, frozen=True):
    """An article that tills sold and the catalog does not know.

    Parameters
    ----------
    why
        ``gtin``, ``own`` or ``check``; see `expedit.connections.tills.receipts.Line`.
    receipts, quantity
        On how many receipts, and how many pieces.
    first, last
        When it was sold first and last, in microseconds.
    """

    code: str
    title: str
    why: str
    receipts: int
    quantity: int
    first: int
    last: int


def note_receipts(tx: Transaction, receipts: Sequence[tuple[str, str, str, int]]) -> None:
    """Note receipts as (store, number, order id, at), so that a later return finds its purchase."""
    tx.run_many(
        "INSERT INTO till_receipts (store, number, order_id, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (store, number, order_id) DO NOTHING",
        sorted(receipts),
    )


def receipt_before(tx: Transaction, store: str, number: str, at: int) -> str | None:
    """Return the order of the newest receipt of that number at that store, sold at `at` or before.

    A number that this store never gave may be another store's.
    """
    row = tx.row(
        "SELECT order_id FROM till_receipts WHERE number = ? AND at <= ?"
        " ORDER BY CASE WHEN store = ? THEN 0 ELSE 1 END, at DESC, order_id LIMIT 1",
        (number, at, store),
    )
    return None if row is None else str(row[0])


def note_waiting(tx: Transaction, rows: Sequence[tuple[str, str, str, str, str, int, int]]) -> None:
    """Note lines of unknown articles as (code, order id, source, title, why, quantity, at)."""
    tx.run_many(
        "INSERT INTO till_waiting (code, order_id, source, title, why, quantity, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (code, order_id) DO NOTHING",
        sorted(rows),
    )


def waiting_codes(tx: Transaction, limit: int) -> list[str]:
    """Return codes that nobody knew, the newest first."""
    rows = tx.rows(
        "SELECT code, max(at) FROM till_waiting GROUP BY code ORDER BY max(at) DESC, code LIMIT ?", (limit,)
    )
    return [str(row[0]) for row in rows]


def waiting_orders(tx: Transaction, codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return (order id, source) of receipts with any of these codes."""
    rows = tx.rows_for(
        "SELECT DISTINCT order_id, source FROM till_waiting WHERE code IN (:keys)", sorted(set(codes))
    )
    return sorted((str(order_id), str(source)) for order_id, source in set(rows))


def settle_waiting(tx: Transaction, codes: Sequence[str], order_id: str) -> None:
    """Forget that these codes wait on a receipt."""
    tx.run_many(
        "DELETE FROM till_waiting WHERE code = ? AND order_id = ?",
        [(code, order_id) for code in sorted(codes)],
    )


def read_unknown(tx: Transaction, limit: int) -> list[Unknown]:
    """Return articles that nobody knows, the most sold first."""
    return [
        Unknown(str(row[0]), str(row[1]), str(row[2]), *(int(value) for value in row[3:]))
        for row in tx.rows(
            "SELECT code, max(title), max(why), count(*), sum(quantity), min(at), max(at) FROM till_waiting"
            " GROUP BY code ORDER BY sum(quantity) DESC, code LIMIT ?",
            (limit,),
        )
    ]


def note_file(tx: Transaction, source: str, at: int, name: str, report: bytes) -> None:
    """Note what came of a file, as JSON."""
    tx.run("DELETE FROM till_files WHERE source = ? AND at = ? AND name = ?", (source, at, name))
    tx.run(
        "INSERT INTO till_files (source, at, name, report) VALUES (?, ?, ?, ?)", (source, at, name, report)
    )


def read_files(tx: Transaction, limit: int) -> list[tuple[str, int, str, bytes]]:
    """Return (source, at, name, report) of the newest files first."""
    return [
        (str(source), int(at), str(name), bytes(report))
        for source, at, name, report in tx.rows(
            "SELECT source, at, name, report FROM till_files ORDER BY at DESC, name LIMIT ?", (limit,)
        )
    ]
