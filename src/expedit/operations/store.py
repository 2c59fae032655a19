"""The one table of this room: the server processes of this installation, each with its pulse."""

from __future__ import annotations

import sqlalchemy as sa

from expedit.core import MINUTE, SECOND, Struct
from expedit.storage import Database, Transaction, metadata

server_processes = sa.Table(
    "server_processes",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("started", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.BigInteger, nullable=False),
)

GONE = 30 * SECOND
"""A process that was not seen for so long is not there any more."""

_FORGOTTEN = 10 * MINUTE


class ServerProcess(Struct, frozen=True, omit_defaults=False):
    """One process that serves this installation.

    Parameters
    ----------
    id, host, pid
        Its own id, the machine it runs on and its number there.
    version
        Of expedit.
    state
        ``starting``, ``ready`` or ``stopping``.
    started, seen
        When it began and when it last wrote its pulse, microseconds.
    """

    id: str
    host: str
    pid: int
    version: str
    state: str
    started: int
    seen: int


def write_pulse(tx: Transaction, process: ServerProcess) -> None:
    """Say that the process lives, and forget those that were not seen for long."""
    tx.run(
        "INSERT INTO server_processes (id, host, pid, version, state, started, seen)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET state = excluded.state, seen = excluded.seen",
        (
            process.id,
            process.host,
            process.pid,
            process.version,
            process.state,
            process.started,
            process.seen,
        ),
    )
    tx.run("DELETE FROM server_processes WHERE seen < ?", (process.seen - _FORGOTTEN,))


def end_pulse(tx: Transaction, process_id: str) -> None:
    """Take a process that ends in order off the list."""
    tx.run("DELETE FROM server_processes WHERE id = ?", (process_id,))


def living(database: Database, now: int) -> tuple[ServerProcess, ...]:
    """Return the processes that were seen lately, the oldest first."""
    found = database.read_rows(
        "SELECT id, host, pid, version, state, started, seen FROM server_processes WHERE seen >= ?"
        " ORDER BY started, id",
        (now - GONE,),
    )
    return tuple(ServerProcess(*row) for row in found)


def schema_of(tx: Transaction) -> str:
    """Return the revision that the tables are at; empty before the first migration."""
    # A plugin has a branch, and a row, of its own; the house's revisions are numbers.
    found = tx.row("SELECT max(version_num) FROM alembic_version WHERE version_num < 'a'")
    return str(found[0] or "") if found else ""


def unsealed(database: Database) -> tuple[int, int | None]:
    """Return how many events are not in Parquet yet, and when the oldest of them came in."""
    mark = database.read_row("SELECT xid, seq FROM seal_mark WHERE id = 1") or (0, 0)
    found = database.read_row("SELECT count(*), min(received) FROM events WHERE (xid, seq) > (?, ?)", mark)
    return (int(found[0]), found[1]) if found else (0, None)
