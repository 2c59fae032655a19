"""One operational database, SQLite or PostgreSQL, spoken to in plain SQL with ``?`` for parameters.

Writes go through `Database.writing`: one transaction at a time on SQLite (a process-wide lock; one process
writes a SQLite file), concurrent ones on PostgreSQL. The hottest reads go through `Database.read_row` and
`Database.read_rows` on connections that are held open, since checking one out of a pool costs ten times the
read itself.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from expedit.core import SettingsError, Unavailable
from expedit.storage.held import POSTGRES_HELD, HeldConnections, PostgresHeld, SqliteHeld

_POSTGRES_POOL, _POSTGRES_OVERFLOW = 4, 8
POSTGRES_CONNECTIONS = _POSTGRES_POOL + _POSTGRES_OVERFLOW + POSTGRES_HELD
"""Most connections that one process opens to PostgreSQL."""

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
"""The tables of every room; each room's `store.py` adds its own."""

Params = Sequence[Any]
Dialect = Literal["sqlite", "postgresql"]


_KINDS: dict[type, str] = {str: "text", int: "bigint", bytes: "bytea"}
"""PostgreSQL's types of the keys that rows are looked up by."""
_WIDTHS = (100, 10)
"""Rows that one INSERT takes on SQLite. Its driver hands the interpreter over at every statement and has to
wait for it again, behind whoever computes: one statement for a hundred rows waits once."""
_ONE_ROW = re.compile(r"\bVALUES (\(\?(?:, \?)*\))")


@lru_cache(maxsize=256)
def _widen(sql: str, rows: int) -> str | None:
    """Return an INSERT of one row as one of many; None for any other statement."""
    marks = _ONE_ROW.findall(sql)
    if len(marks) != 1 or not sql.startswith("INSERT INTO"):
        return None
    return sql.replace(marks[0], ", ".join(marks * rows), 1)


@lru_cache(maxsize=1024)
def _spell(sql: str, dialect: Dialect) -> str:
    return sql if dialect == "sqlite" else sql.replace("%", "%%").replace("?", "%s")


class Transaction:
    """A transaction under way: statements of plain SQL on the driver itself.

    Parameters
    ----------
    connection
        The SQLAlchemy connection, for Core statements where they read better than text.
    dialect
        ``sqlite`` or ``postgresql``.
    """

    def __init__(self, connection: sa.Connection, dialect: Dialect) -> None:
        self.connection = connection
        self.dialect: Dialect = dialect
        driver = connection.connection.driver_connection
        if driver is None:
            raise Unavailable("the database connection is gone")
        self.driver: Any = driver
        self._after_commit: list[Callable[[], None]] = []
        self._number: int | None = None

    @property
    def for_update(self) -> str:
        """Return the clause that locks the rows of a SELECT, where the database has one."""
        return " FOR UPDATE" if self.dialect == "postgresql" else ""

    def run(self, sql: str, params: Params = ()) -> int:
        """Run one statement; return the number of rows it touched."""
        return int(self._cursor(sql, params).rowcount)

    def run_many(self, sql: str, rows: Sequence[Params]) -> None:
        """Run one statement once for each row of parameters."""
        if not rows:
            return
        cursor = self.driver.cursor()
        start = 0
        if self.dialect == "sqlite":
            for size in _WIDTHS:
                wide = _widen(sql, size) if len(rows) - start >= size else None
                while wide is not None and len(rows) - start >= size:
                    cursor.execute(wide, list(chain.from_iterable(rows[start : start + size])))
                    start += size
        if start < len(rows):
            cursor.executemany(_spell(sql, self.dialect), rows[start:] if start else rows)

    def insert(self, sql: str, kinds: Sequence[str], rows: Sequence[Params]) -> None:
        """Run an INSERT of one row, ``VALUES (?, …)``, for every row; no two of them may be in conflict.

        On PostgreSQL it is one statement over arrays: a third of the work, and the interpreter is handed over
        once.

        Parameters
        ----------
        kinds
            PostgreSQL's types of the columns, in their order.
        """
        if self.dialect == "sqlite" or len(rows) < 2:
            self.run_many(sql, rows)
            return
        arrays = ", ".join(f"?::{kind}[]" for kind in kinds)
        marks = ", ".join("?" * len(kinds))
        many = sql.replace(f"VALUES ({marks})", f"SELECT * FROM unnest({arrays})")  # noqa: S608
        self.run(many, [list(column) for column in zip(*rows, strict=True)])

    def number(self) -> int:
        """Return the number of this transaction; 0 on SQLite, where there is but one writer."""
        if self._number is None:
            number = self.dialect == "postgresql" and self.row("SELECT pg_current_xact_id()::text::bigint")
            self._number = int(number[0]) if number else 0
        return self._number

    def rows(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """Return every row of a query (or of a statement's RETURNING)."""
        return self._cursor(sql, params).fetchall()  # type: ignore[no-any-return]

    def row(self, sql: str, params: Params = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        return self._cursor(sql, params).fetchone()  # type: ignore[no-any-return]

    def rows_for(self, sql: str, keys: Sequence[Any], params: Params = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query whose text holds ``IN (:keys)``, for any number of `keys`.

        ``:keys`` must come before any ``?`` of `params`.
        """
        if self.dialect == "postgresql":  # one prepared statement, however many keys
            if not keys:
                return []
            # Not `= ANY(?)`: a plan made before the tables grew would compare every row to every key.
            among = f"IN (SELECT unnest(?::{_KINDS[type(keys[0])]}[]))"
            return self.rows(sql.replace("IN (:keys)", among), [list(keys), *params])
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(keys), 500):
            part = list(keys[start : start + 500])
            marks = ", ".join("?" * len(part))
            found += self.rows(sql.replace(":keys", marks), [*part, *params])
        return found

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have `call` called once this transaction is durable; never if it is rolled back."""
        self._after_commit.append(call)

    def committed(self) -> None:
        """Tell those who waited for the commit."""
        for call in self._after_commit:
            call()

    def _cursor(self, sql: str, params: Params) -> Any:
        return self.driver.execute(_spell(sql, self.dialect), params)


class Database:
    """The operational database of one shop; opened by `open_database`."""

    def __init__(
        self, engine: sa.Engine, dialect: Dialect, held: HeldConnections, away: tuple[type[Exception], ...]
    ) -> None:
        self.engine = engine
        self.dialect: Dialect = dialect
        # What the driver raises when the database is away, locked, or gave up on a deadlock.
        self._away: tuple[type[Exception], ...] = (sa.exc.OperationalError, sa.exc.InterfaceError, *away)
        self._held = held
        self._lock = threading.Lock()

    @contextmanager
    def writing(self, *, shred: bool = False) -> Iterator[Transaction]:
        """Open a transaction that writes; commit at the end, roll back on any error.

        Parameters
        ----------
        shred
            Overwrite what is deleted (SQLite; PostgreSQL's vacuum does so in its own time).

        Raises
        ------
        Unavailable
            When the database cannot be reached.
        """
        if self.dialect == "sqlite":
            with self._lock, self._begin() as transaction:
                if shred:
                    transaction.run("PRAGMA secure_delete = ON")
                try:
                    yield transaction
                finally:
                    if shred:
                        transaction.run("PRAGMA secure_delete = OFF")
        else:
            with self._begin() as transaction:
                yield transaction

    @contextmanager
    def _begin(self) -> Iterator[Transaction]:
        transaction: Transaction | None = None
        try:
            with self.engine.begin() as connection:
                transaction = Transaction(connection, self.dialect)
                yield transaction
        except self._away as error:
            if transaction is not None and getattr(transaction.driver, "broken", False):
                self.engine.dispose()  # the other connections of the pool are gone with this one
            raise Unavailable(f"the database did not take the write: {error}") from error
        transaction.committed()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open one consistent read of several statements."""
        try:
            with self.engine.connect().execution_options(reads=True) as connection, connection.begin():
                if self.dialect == "postgresql":
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield Transaction(connection, self.dialect)
        except self._away as error:
            raise Unavailable(f"the database did not answer: {error}") from error

    def read_row(self, sql: str, params: Params = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, on a held connection (a few microseconds on SQLite)."""
        return self._held.row(_spell(sql, self.dialect), params)

    def read_rows(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """Return every row of a query, on a held connection."""
        return self._held.rows(_spell(sql, self.dialect), params)

    def close(self) -> None:
        """Close every connection."""
        self._held.close()
        self.engine.dispose()


def open_database(url: str, synchronous: str = "full", read_only: bool = False) -> Database:
    """Open the database at `url`.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql://…``.
    synchronous
        SQLite only: ``full`` (a commit survives a power cut) or ``normal``.
    read_only
        Refuse every write on this handle, as builds do.

    Raises
    ------
    SettingsError
        When the address is of another kind, or the setting is unknown.
    """
    if synchronous not in {"full", "normal"}:
        raise SettingsError(f"synchronous must be full or normal, not {synchronous!r}")
    if url.startswith("sqlite:///"):
        return _open_sqlite(Path(url.removeprefix("sqlite:///")), synchronous, read_only)
    if url.startswith(("postgresql://", "postgres://")):
        return _open_postgres("postgresql://" + url.split("://", 1)[1], read_only)
    raise SettingsError(
        f"database_url must start with sqlite:/// or postgresql://, not {url.split(':', maxsplit=1)[0]!r}"
    )


def _open_sqlite(path: Path, synchronous: str, read_only: bool) -> Database:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=10, cached_statements=512
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous.upper()}")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -16384")
        # Debian's SQLite overwrites all that is deleted, which costs an eighth of the ingest; see `writing`.
        connection.execute("PRAGMA secure_delete = OFF")
        # Pages that change often are copied into the database file once for many commits.
        connection.execute("PRAGMA wal_autocheckpoint = 8000")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        return connection

    # One kept connection for writes; reads of several statements open their own beside it.
    engine = sa.create_engine(
        "sqlite://", creator=connect, poolclass=sa.pool.QueuePool, pool_size=4, max_overflow=16
    )
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @sa.event.listens_for(engine, "begin")
    def _(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reads") else begin)

    return Database(engine, "sqlite", SqliteHeld(connect), (sqlite3.OperationalError,))


def _open_postgres(url: str, read_only: bool) -> Database:
    from expedit.storage.postgres import connect_postgres, driver_errors

    engine = sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect_postgres(url, autocommit=False, read_only=read_only),
        pool_size=_POSTGRES_POOL,
        max_overflow=_POSTGRES_OVERFLOW,
    )
    held = PostgresHeld(lambda: connect_postgres(url, autocommit=True, read_only=True))
    return Database(engine, "postgresql", held, driver_errors())
