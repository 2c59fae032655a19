"""Connecting to PostgreSQL, an optional extra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expedit.core import MissingExtra, Unavailable

if TYPE_CHECKING:
    import psycopg

_SILENCE: dict[str, Any] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A line that is dead without a word is given up after 20 to 25 seconds instead of a quarter of an hour."""


def driver_errors() -> tuple[type[Exception], ...]:
    """Return what the driver raises when the server is away or gave up on a deadlock.

    Raises
    ------
    MissingExtra
        When the driver is not installed.
    """
    try:
        import psycopg
    except ImportError:
        raise MissingExtra("pg", "PostgreSQL") from None
    return (psycopg.OperationalError, psycopg.InterfaceError)


def connect_postgres(url: str, *, autocommit: bool, read_only: bool) -> psycopg.Connection[Any]:
    """Open one connection, in UTC, with its hot statements prepared at once.

    Raises
    ------
    MissingExtra
        When the driver is not installed.
    Unavailable
        When the server does not answer.
    """
    try:
        import psycopg
    except ImportError:
        raise MissingExtra("pg", "PostgreSQL") from None
    try:
        connection = psycopg.connect(
            url, autocommit=autocommit, prepare_threshold=2, connect_timeout=5, **_SILENCE
        )
    except psycopg.OperationalError as error:
        raise Unavailable(f"PostgreSQL did not answer: {error}") from error
    from expedit.storage.arrays import ArrayDumper

    connection.adapters.register_dumper(list, ArrayDumper)
    connection.execute("SET TIME ZONE 'UTC'")
    if read_only:
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    if not autocommit:
        connection.commit()
    return connection
