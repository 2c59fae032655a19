"""Moving an installation from SQLite to PostgreSQL, with everything kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from expedit.core import Conflict, Corrupt, InvalidInput, Progress, Struct, no_progress
from expedit.operations.settings_files import write_database_url
from expedit.operations.tables import (
    MADE_BY_MIGRATION,
    Sum,
    clear_tables,
    full_tables,
    read_serials,
    read_table,
    sum_table,
    travelling_tables,
    write_serials,
    write_table,
)
from expedit.storage import Database, Shop, migrate, open_database


class Moved(Struct, frozen=True, omit_defaults=False):
    """What was moved: rows by table."""

    tables: dict[str, int]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(self.tables.values())


def move(shop: Shop, url: str, progress: Progress = no_progress) -> Moved:
    """Carry every table of `shop`, which is on SQLite, over to the PostgreSQL database at `url`.

    All rows are written in one transaction: an interrupted move leaves an empty database, and can be begun
    again. Then every table is read back and compared, and only then the settings name the new database. The
    SQLite file stays as it is.

    Raises
    ------
    InvalidInput
        When `url` is no PostgreSQL address.
    Conflict
        When the shop is not on SQLite, or the database at `url` holds rows.
    Corrupt
        When what arrived is not what was sent; the settings are not changed then.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise InvalidInput("--to", "must be the address of a PostgreSQL database: postgresql://…")
    if shop.database.dialect != "sqlite":
        raise Conflict("this installation is on PostgreSQL already")
    migrate(shop.database)
    target = open_database(url)
    try:
        migrate(target)
        moved = _carry(shop.database, target, progress)
    finally:
        target.close()
    write_database_url(shop.home.settings_path, url)
    return moved


def _carry(source: Database, target: Database, progress: Progress) -> Moved:
    with source.reading() as reading:
        tables = travelling_tables(reading)
        with target.writing() as tx:
            full = full_tables(tx, [table for table in tables if table.name not in MADE_BY_MIGRATION])
            if full:
                raise Conflict(
                    f"the database at the new address holds rows already ({', '.join(full[:3])}…); "
                    "give an empty one"
                )
            clear_tables(tx)
            sent = {}
            for number, table in enumerate(tables, start=1):
                sent[table.name] = write_table(tx, table, read_table(reading, table))
                progress("move tables", number, len(tables))
            write_serials(tx, read_serials(reading))
    try:
        _compare(target, tables, sent, progress)
    except Corrupt:
        with target.writing() as tx:
            clear_tables(tx)  # so that it can be begun again
        raise
    return Moved({name: one.rows for name, one in sent.items()})


def _compare(
    target: Database, tables: Sequence[sa.Table], sent: Mapping[str, Sum], progress: Progress
) -> None:
    with target.reading() as tx:
        for number, table in enumerate(tables, start=1):
            if sum_table(tx, table) != sent[table.name]:
                raise Corrupt(f"the table {table.name} did not arrive as it was sent")
            progress("compare tables", number, len(tables))
