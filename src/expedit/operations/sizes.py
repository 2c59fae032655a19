"""What takes how much room, how fast it grows, and how long the disk lasts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from expedit.core import DAY, Struct, day_of
from expedit.storage import Database, Shop, metadata

_WINDOW_DAYS = 14
"""Growth is the mean of the whole days among so many last ones."""


class Part(Struct, frozen=True, omit_defaults=False):
    """One part of a home.

    Parameters
    ----------
    name
        ``database``, ``event log``, ``decisions``, ``models`` or ``other``.
    bytes, files
        How much room it takes, in how many files.
    daily
        Bytes by which it grows a day; None where that is not known.
    """

    name: str
    bytes: int
    files: int
    daily: int | None = None


class TableSize(Struct, frozen=True, omit_defaults=False):
    """A table of the database and its rows."""

    name: str
    rows: int


class HomeSizes(Struct, frozen=True, omit_defaults=False):
    """The whole report.

    Parameters
    ----------
    home, dialect
        The folder, and the kind of database.
    parts
        The largest first.
    tables
        Tables with the most rows first.
    total, free
        Bytes of all parts, and left on the disk of the home.
    daily
        Bytes by which the home grows a day, by the days measured.
    days_left
        How many days the disk lasts at that; None while nothing grows.
    """

    home: str
    dialect: str
    parts: tuple[Part, ...]
    tables: tuple[TableSize, ...]
    total: int
    free: int
    daily: int
    days_left: int | None


def parts_of(shop: Shop) -> tuple[Part, ...]:
    """Return the parts of a shop's home, the largest first."""
    home = shop.home
    known = {home.log, home.decisions, home.models}
    since, until = day_of(shop.clock() - _WINDOW_DAYS * DAY), day_of(shop.clock())
    parts = [
        _folder("event log", home.log, since, until),
        _folder("decisions", home.decisions, since, until),
        _folder("models", home.models),
    ]
    database, database_files = _database_bytes(shop)
    head = _head_daily(shop.database, since, until)
    parts.append(Part("database", database, database_files, head))
    others = [path for path in home.root.iterdir() if path not in known and not _is_database(path)]
    files = [file for path in others for file in _files(path)]
    parts.append(Part("other", sum(size for _, size in files), len(files)))
    return tuple(sorted(parts, key=lambda part: -part.bytes))


def home_sizes(shop: Shop) -> HomeSizes:
    """Return the size report of a shop."""
    parts = parts_of(shop)
    free = shutil.disk_usage(shop.home.root).free
    daily = sum(part.daily or 0 for part in parts)
    return HomeSizes(
        str(shop.home.root),
        shop.database.dialect,
        parts,
        _tables(shop.database),
        sum(part.bytes for part in parts),
        free,
        daily,
        free // daily if daily > 0 else None,
    )


def _files(path: Path) -> Iterator[tuple[Path, int]]:
    """Give files and their sizes; what goes away meanwhile is not counted."""
    found = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    for file in found if path.is_dir() else iter((path,)):
        try:
            yield file, file.lstat().st_size
        except FileNotFoundError:
            continue


def _folder(name: str, folder: Path, since: str = "", until: str = "") -> Part:
    """Measure a folder; its growth is told by the dates of its partitions."""
    total = count = 0
    days: dict[str, int] = {}
    for file, size in _files(folder):
        total += size
        count += 1
        date = next((part[5:] for part in file.parts if part.startswith("date=")), "")
        if since <= date < until:
            days[date] = days.get(date, 0) + size
    return Part(name, total, count, sum(days.values()) // len(days) if days else None)


def _is_database(path: Path) -> bool:
    return path.name.startswith("expedit.sqlite")


def _database_bytes(shop: Shop) -> tuple[int, int]:
    if shop.database.dialect == "postgresql":
        found = shop.database.read_row("SELECT pg_database_size(current_database())")
        return (int(found[0]) if found else 0), 0
    sizes = [path.stat().st_size for path in shop.home.root.glob("expedit.sqlite*")]
    return sum(sizes), len(sizes)


def _head_daily(database: Database, since: str, until: str) -> int | None:
    """Estimate what a day adds to the tables about people: events of a day times what one leaves there.

    The head of the log itself does not grow: it is sealed away.
    """
    counted = database.read_rows(
        "SELECT day, sum(events) FROM tracking_counts WHERE day >= ? AND day < ? AND fate = 'stored'"
        " GROUP BY day",
        (since, until),
    )
    if not counted:
        return None
    return int(sum(events for _, events in counted) / len(counted)) * _BYTES_AN_EVENT[database.dialect]


_BYTES_AN_EVENT = {"sqlite": 600, "postgresql": 920}
"""What one stored event leaves in facts, keys, profiles, identity and orders, indexes included.

Measured on the demo's world: 55,873 stored events (68,716 keys, as anonymous and declined ones have a key
too) left 33.5 MB in those tables on SQLite (``dbstat``) and, moved there, 51.5 MB on PostgreSQL
(``pg_total_relation_size``).
"""


def _tables(database: Database) -> tuple[TableSize, ...]:
    """Count every table's rows; on PostgreSQL as its statistics have it, where counting takes long."""
    present = [str(table.name) for table in metadata.sorted_tables]
    if database.dialect == "postgresql":
        rows = dict(database.read_rows("SELECT relname, n_live_tup FROM pg_stat_user_tables"))
        sizes = [TableSize(name, int(rows[name])) for name in present if name in rows]
    else:
        there = {
            name for (name,) in database.read_rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        sizes = [
            TableSize(name, int((database.read_row(f'SELECT count(*) FROM "{name}"') or (0,))[0]))  # noqa: S608
            for name in present
            if name in there
        ]
    return tuple(sorted(sizes, key=lambda size: (-size.rows, size.name)))
