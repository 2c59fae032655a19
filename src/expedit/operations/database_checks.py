"""Checks of the database: its version, its settings, its clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from expedit.core import SECOND
from expedit.operations.model import Finding
from expedit.operations.store import living
from expedit.storage import POSTGRES_CONNECTIONS, Shop

_SKEW_SECONDS = 2.0
_OLDEST_POSTGRES = 130000


def sqlite(shop: Shop) -> Iterator[Finding]:
    """Look at an SQLite file."""
    if shop.database.dialect != "sqlite":
        return
    mode = shop.database.read_row("PRAGMA journal_mode")
    if mode is not None and mode[0] != "wal":
        yield Finding("no_wal", "failing", {"mode": mode[0]})
    wal = shop.home.database_path.with_name(shop.home.database_path.name + "-wal")
    if wal.exists() and wal.stat().st_size > 1 << 30:
        yield Finding("large_wal", "warning", {"gigabytes": f"{wal.stat().st_size / (1 << 30):.1f}"})


def postgres(shop: Shop) -> Iterator[Finding]:
    """Look at a PostgreSQL server's settings."""
    if shop.database.dialect != "postgresql":
        return
    names = ("server_version_num", "synchronous_commit", "fsync", "full_page_writes", "max_connections")
    found = {
        name: str(value)
        for name, value in shop.database.read_rows(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(?)", (list(names),)
        )
    }
    if int(found["server_version_num"]) < _OLDEST_POSTGRES:
        yield Finding("old_postgres", "failing", {"version": int(found["server_version_num"]) // 10000})
    for name in ("synchronous_commit", "fsync", "full_page_writes"):
        if found[name] == "off":
            yield Finding("not_durable", "failing", {"setting": name})
    processes = max(len(living(shop.database, shop.clock())), 1)
    most, wanted = int(found["max_connections"]), processes * POSTGRES_CONNECTIONS
    if wanted > most * 0.8:
        yield Finding("few_connections", "warning", {"most": most, "wanted": wanted, "processes": processes})
    encoding = shop.database.read_row("SHOW server_encoding")
    if encoding is not None and encoding[0] != "UTF8":
        yield Finding("encoding", "failing", {"encoding": encoding[0]})


def clock(shop: Shop) -> Iterator[Finding]:
    """Compare the clock of this machine with the database's."""
    if shop.database.dialect != "postgresql":
        return
    found = shop.database.read_row("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    skew = (shop.clock() - int(found[0])) / SECOND if found else 0.0
    if abs(skew) > _SKEW_SECONDS:
        yield Finding("clock_skew", "warning", {"seconds": f"{skew:+.1f}"})


CHECKS: tuple[Callable[[Shop], Iterator[Finding]], ...] = (sqlite, postgres, clock)
