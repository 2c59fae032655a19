"""Connections held open for the hottest reads."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from expedit.core import Unavailable

if TYPE_CHECKING:
    import psycopg

POSTGRES_HELD = 4
"""Connections that one process holds open for reading."""

_WAIT_SECONDS = 0.25


class HeldConnections(Protocol):
    """Answers one-statement reads without checking a connection out of a pool."""

    def row(self, sql: str, params: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the first row."""
        ...

    def rows(self, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return every row."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class SqliteHeld:
    """One connection a thread."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def row(self, sql: str, params: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the first row."""
        try:
            cursor = self._connection().execute(sql, params)
            found: tuple[Any, ...] | None = cursor.fetchone()
            cursor.close()  # an open cursor would hold its snapshot, and the WAL, for ever
        except sqlite3.OperationalError as error:
            raise Unavailable(f"the database did not answer: {error}") from error
        return found

    def rows(self, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return every row."""
        try:
            return self._connection().execute(sql, params).fetchall()
        except sqlite3.OperationalError as error:
            raise Unavailable(f"the database did not answer: {error}") from error

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            with self._lock:
                self._all.append(connection)
        return connection


class PostgresHeld:
    """A small bounded pool; a connection that fails is thrown away and the read tried once more."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._free: queue.LifoQueue[psycopg.Connection[Any] | None] = queue.LifoQueue()
        # Nobody waits behind a database that has let the ones before wait in vain.
        self._jammed = False
        for _ in range(POSTGRES_HELD):
            self._free.put(None)

    def row(self, sql: str, params: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the first row."""
        found = self.rows(sql, params)
        return found[0] if found else None

    def rows(self, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return every row.

        Raises
        ------
        Unavailable
            When no connection comes free in time or the server does not answer.
        """
        import psycopg

        try:
            connection = self._free.get(timeout=0.001 if self._jammed else _WAIT_SECONDS)
        except queue.Empty:
            self._jammed = True
            raise Unavailable("every database connection is busy") from None
        try:
            for fresh in (False, True):
                try:
                    if connection is None or fresh:
                        connection = self._connect()
                    found = connection.execute(sql, params).fetchall()
                    self._jammed = False
                    return found
                except psycopg.OperationalError as error:
                    connection = None
                    if fresh:
                        raise Unavailable(f"the database did not answer: {error}") from error
            raise AssertionError("unreachable")
        finally:
            self._free.put(connection)

    def close(self) -> None:
        """Close the free connections."""
        while True:
            try:
                connection = self._free.get_nowait()
            except queue.Empty:
                return
            if connection is not None:
                connection.close()
