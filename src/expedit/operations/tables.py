"""Every table of the database, out of one database and into another, the same on SQLite and PostgreSQL.

A table travels as rows of plain values in the order of its declared columns. Two copies are compared by a sum
over the hashes of their rows, which does not depend on the order of the rows: databases sort texts
differently.
"""

# ruff: noqa: S608 - what is put into statements are names of declared tables and columns, never values

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa

from expedit.core import PackEncoder, Struct
from expedit.storage import Transaction, metadata

PORTION = 20_000
"""Rows read and written at a time."""

_LEFT_OUT = frozenset({"server_processes"})
"""What lives only while servers run."""

MADE_BY_MIGRATION = frozenset({"catalog_clock", "seal_mark"})
"""Tables that may get a first row before anything happens."""

_MASK = (1 << 64) - 1
_encode = PackEncoder().encode

Rows = list[tuple[Any, ...]]


class Sum(Struct, frozen=True, omit_defaults=False):
    """What is in a table: how many rows, and a checksum of them in any order."""

    rows: int
    checksum: str


def travelling_tables(tx: Transaction) -> list[sa.Table]:
    """Return the tables of a database that a backup holds and a move carries over, by name."""
    present = {
        name
        for (name,) in tx.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if tx.dialect == "sqlite"
            else "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
    }
    return sorted(
        (table for table in metadata.tables.values() if table.name in present - _LEFT_OUT),
        key=lambda table: table.name,
    )


class Summing:
    """Adds up the rows of a table as they pass."""

    def __init__(self) -> None:
        self._rows = self._sum = 0

    def add(self, rows: Rows) -> None:
        """Add a portion of rows."""
        total = self._sum
        for row in rows:
            total += int.from_bytes(blake2b(_encode(row), digest_size=8).digest(), "big")
        self._sum = total & _MASK
        self._rows += len(rows)

    @property
    def total(self) -> Sum:
        """What has passed so far."""
        return Sum(self._rows, f"{self._sum:016x}")


def _columns(table: sa.Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def read_table(tx: Transaction, table: sa.Table) -> Iterator[Rows]:
    """Give all rows of a table in portions, as the transaction sees them, sorted as its key is."""
    order = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
    sql = f'SELECT {_columns(table)} FROM "{table.name}" ORDER BY {order or "1"}'
    if tx.dialect == "postgresql":
        cursor = tx.driver.cursor(name="expedit_travel")  # on the server: a table may be larger than memory
        cursor.itersize = PORTION
        cursor.execute(sql)
    else:
        cursor = tx.driver.execute(sql)
    try:
        while found := cursor.fetchmany(PORTION):
            yield [tuple(row) for row in found]
    finally:
        cursor.close()


def write_table(tx: Transaction, table: sa.Table, portions: Iterable[Rows]) -> Sum:
    """Write rows into an empty table; return what was written."""
    summing = Summing()
    sql = f'INSERT INTO "{table.name}" ({_columns(table)}) VALUES ({", ".join("?" * len(table.columns))})'
    for rows in portions:
        summing.add(rows)
        if tx.dialect == "postgresql":
            statement = f'COPY "{table.name}" ({_columns(table)}) FROM STDIN'
            with tx.driver.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            tx.run_many(sql, rows)
    return summing.total


def sum_table(tx: Transaction, table: sa.Table) -> Sum:
    """Return what is in a table."""
    summing = Summing()
    for rows in read_table(tx, table):
        summing.add(rows)
    return summing.total


def serial_of(table: sa.Table) -> str | None:
    """Return the column of a table that the database numbers itself, if it has one."""
    column = table.autoincrement_column
    return None if column is None else column.name


def read_serials(tx: Transaction) -> dict[str, int]:
    """Return the last number that each table's own numbering has given out.

    It may be higher than any number present: rows may have been deleted, and a number is never given twice.
    """
    last: dict[str, int] = {}
    for table in travelling_tables(tx):
        column = serial_of(table)
        if column is None:
            continue
        greatest = (tx.row(f'SELECT max("{column}") FROM "{table.name}"') or (None,))[0] or 0
        last[table.name] = max(int(greatest), _given_out(tx, table.name, column))
    return last


def _given_out(tx: Transaction, table: str, column: str) -> int:
    if tx.dialect == "sqlite":
        if tx.row("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'") is None:
            return 0
        found = tx.row("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,))
        return int(found[0]) if found else 0
    sequence = (tx.row("SELECT pg_get_serial_sequence(?, ?)", (table, column)) or (None,))[0]
    if sequence is None:
        return 0
    value, called = tx.row(f"SELECT last_value, is_called FROM {sequence}") or (0, False)
    return int(value) if called else 0


def write_serials(tx: Transaction, last: dict[str, int]) -> None:
    """Have each table's numbering go on after the last number given out elsewhere."""
    for table in travelling_tables(tx):
        column, number = serial_of(table), last.get(table.name, 0)
        if column is None or not number:
            continue
        if tx.dialect == "postgresql":
            tx.row("SELECT setval(pg_get_serial_sequence(?, ?), ?)", (table.name, column, number))
        elif table.dialect_options["sqlite"]["autoincrement"]:
            tx.run("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
            tx.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, number))


def full_tables(tx: Transaction, tables: Sequence[sa.Table]) -> list[str]:
    """Return the names of those tables that hold a row."""
    return [table.name for table in tables if tx.row(f'SELECT 1 FROM "{table.name}" LIMIT 1') is not None]


def clear_tables(tx: Transaction) -> None:
    """Empty every table that travels."""
    for table in travelling_tables(tx):
        tx.run(f'DELETE FROM "{table.name}"')
