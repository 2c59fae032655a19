"""The tables of connections, and the only statements that touch them.

``connections`` and ``connection_secrets`` say what is plugged in; ``inbox`` holds raw messages until they are
changes, and a while longer; ``connection_versions`` the newest state of each foreign object that was taken
in, so that an older one never overwrites it; ``connection_marks`` how far a fetch has come;
``connection_runs`` when it is due; ``connection_days`` what came in by day, from which the usual rhythm is
learned; ``privacy_requests`` what a platform asks for on behalf of a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from expedit.connections.model import Connection, Message, MessageState, Run
from expedit.core import from_json, to_json
from expedit.storage import Database, Transaction, metadata

Free = dict[str, Any]
_sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")

sa.Table(
    "connections",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("settings", sa.LargeBinary, nullable=False),
    sa.Column("enabled", sa.Integer, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
)
sa.Table(
    "connection_secrets",
    metadata,
    sa.Column("id", _sequence, primary_key=True, autoincrement=True),
    sa.Column("connection", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger),
)
sa.Table(
    "inbox",
    metadata,
    sa.Column("id", _sequence, primary_key=True, autoincrement=True),
    sa.Column("connection", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("delivery", sa.Text, nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False),
    sa.Column("headers", sa.LargeBinary, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("subjects", sa.Text, nullable=False),
    sa.Column("forget", sa.Integer, nullable=False, server_default="0"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("at_fault", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("finished", sa.BigInteger),
    sa.UniqueConstraint("connection", "delivery"),
    sa.Index("ix_inbox_state_due", "state", "due"),
    sa.Index("ix_inbox_connection_id", "connection", "id"),
)
sa.Table(
    "connection_versions",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("object", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)
sa.Table(
    "connection_marks",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
sa.Table(
    "connection_runs",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("due", sa.BigInteger, nullable=False, index=True),
    sa.Column("started", sa.BigInteger),
    sa.Column("succeeded", sa.BigInteger),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
)
sa.Table(
    "connection_days",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("messages", sa.BigInteger, nullable=False),
    sa.Column("duplicates", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("pause", sa.BigInteger, nullable=False),
    sa.Column("refusal", sa.Text, nullable=False, server_default=""),
)

TABLES = (
    "connections",
    "connection_secrets",
    "inbox",
    "connection_versions",
    "connection_marks",
    "connection_runs",
    "connection_days",
)

UNINSTALLED = "uninstalled"
"""Mark of the moment (microseconds) at which the other system took us away; gone once it has us again."""

_CONNECTION = "id, kind, name, source, settings, enabled, created"
_MESSAGE = (
    "id, connection, topic, delivery, received, headers, body,"
    " state, attempts, due, at_fault, reason, finished"
)


def every_connection(database: Database) -> list[Connection]:
    """Return every connection, the oldest first."""
    return [
        Connection(row[0], row[1], row[2], row[3], from_json(bytes(row[4]), Free), bool(row[5]), row[6])
        for row in database.read_rows(f"SELECT {_CONNECTION} FROM connections ORDER BY created, id")  # noqa: S608
    ]


def put_connection(tx: Transaction, one: Connection) -> None:
    """Write a connection, new or not."""
    tx.run(
        f"INSERT INTO connections ({_CONNECTION}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, settings = excluded.settings,"
        " enabled = excluded.enabled, source = excluded.source",
        (one.id, one.kind, one.name, one.source, to_json(one.settings), int(one.enabled), one.created),
    )


def drop_connection(tx: Transaction, connection_id: str) -> int:
    """Delete a connection and everything that is kept for it; return how many there were (0 or 1).

    What platforms asked for on behalf of persons stays, as proof that it was met.
    """
    for table in metadata.sorted_tables:  # those of its kind, too
        if "connection" in table.columns and table.name != "privacy_requests":
            tx.run(f"DELETE FROM {table.name} WHERE connection = ?", (connection_id,))  # noqa: S608
    return tx.run("DELETE FROM connections WHERE id = ?", (connection_id,))


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────


def put_secret(tx: Transaction, connection_id: str, name: str, sealed: bytes, now: int, until: int) -> None:
    """Add a secret; the ones before it end at `until`, or earlier if that was said before."""
    tx.run(
        "UPDATE connection_secrets SET until = ?"
        " WHERE connection = ? AND name = ? AND (until IS NULL OR until > ?)",
        (until, connection_id, name, until),
    )
    tx.run(
        "INSERT INTO connection_secrets (connection, name, sealed, created) VALUES (?, ?, ?, ?)",
        (connection_id, name, sealed, now),
    )


def read_secrets(database: Database) -> list[tuple[int, str, str, bytes, int | None]]:
    """Return (id, connection, name, sealed, until) of every secret, the newest first."""
    return [
        (row[0], row[1], row[2], bytes(row[3]), row[4])
        for row in database.read_rows(
            "SELECT id, connection, name, sealed, until FROM connection_secrets ORDER BY id DESC"
        )
    ]


def replace_sealed(tx: Transaction, rows: Sequence[tuple[bytes, int]]) -> None:
    """Write (sealed, id): the same secrets under another key."""
    tx.run_many("UPDATE connection_secrets SET sealed = ? WHERE id = ?", rows)


def drop_ended_secrets(tx: Transaction, now: int) -> int:
    """Delete secrets whose time is over."""
    return tx.run("DELETE FROM connection_secrets WHERE until IS NOT NULL AND until <= ?", (now,))


# ── inbox ────────────────────────────────────────────────────────────────────────────────────────────────


def put_message(
    tx: Transaction,
    connection_id: str,
    topic: str,
    delivery: str,
    body: bytes,
    received: int,
    headers: dict[str, str] | None = None,
    subjects: Collection[str] = (),
) -> int | None:
    """Put a message in the inbox; return its id, or None when it was there already."""
    row = tx.row(
        "INSERT INTO inbox (connection, topic, delivery, received, headers, body, subjects, state, due)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?)"
        " ON CONFLICT (connection, delivery) DO NOTHING RETURNING id",
        (
            connection_id,
            topic,
            delivery,
            received,
            to_json(headers or {}),
            body,
            " ".join(sorted(subjects)),
            received,
        ),
    )
    return None if row is None else int(row[0])


def due_messages(
    tx: Transaction, connection_ids: Sequence[str], now: int, limit: int, skip: Collection[int] = ()
) -> list[Message]:
    """Return pending messages of these connections that are due, in the order in which they came."""
    found = tx.rows_for(
        f"SELECT {_MESSAGE} FROM inbox WHERE connection IN (:keys) AND state = 'pending' AND due <= ?"  # noqa: S608
        " ORDER BY id LIMIT ?",
        connection_ids,
        (now, limit + len(skip)),
    )
    messages = [message_of(row) for row in found if row[0] not in skip]
    return sorted(messages, key=lambda message: message.id)[:limit]


def message_of(row: Sequence[Any]) -> Message:
    """Return the message in a row of the columns of `_MESSAGE`."""
    message_id, connection_id, topic, delivery, received, headers, body, *rest = row
    read = from_json(bytes(headers), dict[str, str])
    return Message(message_id, connection_id, topic, delivery, received, read, bytes(body), *rest)


def read_message(tx: Transaction, message_id: int) -> Message | None:
    """Return a message, or None."""
    row = tx.row(f"SELECT {_MESSAGE} FROM inbox WHERE id = ?", (message_id,))  # noqa: S608
    return None if row is None else message_of(row)


def list_messages(
    tx: Transaction, connection_id: str, state: MessageState | None, before: int | None, limit: int
) -> list[Message]:
    """Return the newest messages of a connection first, without their bodies."""
    # Bodies may be large, and a list shows none.
    empty = "x''" if tx.dialect == "sqlite" else "''::bytea"
    columns = _MESSAGE.replace(" body,", f" {empty} AS body,")
    return [
        message_of(row)
        for row in tx.rows(
            f"SELECT {columns} FROM inbox WHERE connection = ? AND id < ? AND (? = '' OR state = ?)"  # noqa: S608
            " ORDER BY id DESC LIMIT ?",
            (connection_id, 2**62 if before is None else before, state or "", state or "", limit),
        )
    ]


def headers_since(tx: Transaction, connection_id: str, since: int) -> list[tuple[str, int, dict[str, str]]]:
    """Return (topic, received, headers) of the messages of a connection received at `since` or later."""
    return [
        (str(topic), int(received), from_json(bytes(headers), dict[str, str]))
        for topic, received, headers in tx.rows(
            "SELECT topic, received, headers FROM inbox WHERE connection = ? AND received >= ? ORDER BY id",
            (connection_id, since),
        )
    ]


def settle_message(
    tx: Transaction,
    message_id: int,
    state: MessageState,
    now: int,
    due: int = 0,
    at_fault: str = "",
    reason: str = "",
) -> None:
    """Write what became of a message; one that is to be forgotten goes when it no longer waits."""
    tx.run(
        "UPDATE inbox SET state = ?, attempts = attempts + 1, due = ?, at_fault = ?, reason = ?, finished = ?"
        " WHERE id = ?",
        (state, due, at_fault, reason, None if state == "pending" else now, message_id),
    )
    tx.run("DELETE FROM inbox WHERE id = ? AND forget = 1 AND state <> 'pending'", (message_id,))


def reopen_messages(tx: Transaction, connection_id: str, now: int, message_id: int | None = None) -> int:
    """Put one message, or all failed ones of a connection, back to pending; return how many."""
    reopened = (
        "UPDATE inbox SET state = 'pending', attempts = 0, due = ?, at_fault = '', reason = '',"
        " finished = NULL"
    )
    if message_id is None:
        return tx.run(f"{reopened} WHERE connection = ? AND state = 'failed'", (now, connection_id))
    return tx.run(f"{reopened} WHERE connection = ? AND id = ?", (now, connection_id, message_id))


def prune_inbox(tx: Transaction, done_before: int, failed_before: int) -> int:
    """Delete messages that were done or given up before these moments; return how many."""
    return tx.run(
        "DELETE FROM inbox WHERE (state = 'done' AND finished < ?) OR (state = 'failed' AND finished < ?)",
        (done_before, failed_before),
    )


def forget_subjects(tx: Transaction, subjects: Iterable[str]) -> None:
    """Delete messages that name any of `subjects`; those that wait go as soon as they are settled."""
    for subject in sorted(subjects):
        like = f"%{subject}%"  # 24 hex digits: no part of another
        tx.run("DELETE FROM inbox WHERE subjects LIKE ? AND state <> 'pending'", (like,))
        tx.run("UPDATE inbox SET forget = 1 WHERE subjects LIKE ?", (like,))


def messages_naming(tx: Transaction, subjects: Iterable[str]) -> list[Message]:
    """Return the messages that name any of `subjects`, the oldest first."""
    found: dict[int, Message] = {}
    for subject in subjects:
        for row in tx.rows(f"SELECT {_MESSAGE} FROM inbox WHERE subjects LIKE ?", (f"%{subject}%",)):  # noqa: S608
            found[row[0]] = message_of(row)
    return [found[key] for key in sorted(found)]


# ── what came in by day ──────────────────────────────────────────────────────────────────────────────────


def count_day(
    tx: Transaction,
    connection_id: str,
    day: str,
    now: int,
    *,
    messages: int = 0,
    duplicates: int = 0,
    refused: int = 0,
    refusal: str = "",
) -> None:
    """Add to a day; `messages` also move the last moment and the longest pause of the day."""
    last = tx.row("SELECT max(last) FROM connection_days WHERE connection = ?", (connection_id,))
    before = last[0] if last and last[0] else now
    pause = max(0, now - before) if messages else 0
    tx.run(
        "INSERT INTO connection_days (connection, day, messages, duplicates, refused, last, pause, refusal)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection, day) DO UPDATE SET"
        " messages = connection_days.messages + excluded.messages,"
        " duplicates = connection_days.duplicates + excluded.duplicates,"
        " refused = connection_days.refused + excluded.refused,"
        " last = CASE WHEN excluded.last > connection_days.last"
        " THEN excluded.last ELSE connection_days.last END,"
        " pause = CASE WHEN excluded.pause > connection_days.pause"
        " THEN excluded.pause ELSE connection_days.pause END,"
        " refusal = CASE WHEN excluded.refusal <> ''"
        " THEN excluded.refusal ELSE connection_days.refusal END",
        (connection_id, day, messages, duplicates, refused, now if messages else 0, pause, refusal),
    )


# ── versions, marks, runs ────────────────────────────────────────────────────────────────────────────────


def read_version(tx: Transaction, connection_id: str, kind: str, object_id: str) -> tuple[str, str] | None:
    """Return the newest (version, note) that was taken in of a foreign object, or None."""
    row = tx.row(
        "SELECT version, note FROM connection_versions WHERE connection = ? AND kind = ? AND object = ?",
        (connection_id, kind, object_id),
    )
    return None if row is None else (str(row[0]), str(row[1]))


def put_version(
    tx: Transaction, connection_id: str, kind: str, object_id: str, version: str, note: str = ""
) -> bool:
    """Note that `version` of a foreign object is taken in, unless a newer one was; tell whether it is new.

    Versions are compared as text: write moments with leading zeros.
    """
    return bool(
        tx.run(
            "INSERT INTO connection_versions (connection, kind, object, version, note) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (connection, kind, object)"
            " DO UPDATE SET version = excluded.version, note = excluded.note"
            " WHERE connection_versions.version < excluded.version",
            (connection_id, kind, object_id, version, note),
        )
    )


def put_note(tx: Transaction, connection_id: str, kind: str, object_id: str, note: str) -> None:
    """Remember `note` of a foreign object, in the place of what was remembered before."""
    tx.run(
        "INSERT INTO connection_versions (connection, kind, object, version, note) VALUES (?, ?, ?, '', ?)"
        " ON CONFLICT (connection, kind, object) DO UPDATE SET note = excluded.note",
        (connection_id, kind, object_id, note),
    )


def read_versions(
    tx: Transaction, connection_id: str, kind: str, object_ids: Sequence[str]
) -> dict[str, str]:
    """Return the notes of those of `object_ids` of which something was noted."""
    rows = tx.rows_for(
        "SELECT object, note FROM connection_versions"
        " WHERE object IN (:keys) AND connection = ? AND kind = ?",
        object_ids,
        (connection_id, kind),
    )
    return {str(row[0]): str(row[1]) for row in rows}


def read_mark(tx: Transaction, connection_id: str, name: str) -> str | None:
    """Return what was marked under `name`, or None."""
    row = tx.row(
        "SELECT value FROM connection_marks WHERE connection = ? AND name = ?", (connection_id, name)
    )
    return None if row is None else str(row[0])


def put_mark(tx: Transaction, connection_id: str, name: str, value: str) -> None:
    """Mark how far a fetch has come (a page, a moment, an ETag)."""
    tx.run(
        "INSERT INTO connection_marks (connection, name, value) VALUES (?, ?, ?)"
        " ON CONFLICT (connection, name) DO UPDATE SET value = excluded.value",
        (connection_id, name, value),
    )


def drop_mark(tx: Transaction, connection_id: str, name: str) -> None:
    """Forget what was marked under `name`."""
    tx.run("DELETE FROM connection_marks WHERE connection = ? AND name = ?", (connection_id, name))


def read_run(tx: Transaction, connection_id: str) -> Run | None:
    """Return how the fetching of a connection stands, or None before the first."""
    row = tx.row(
        "SELECT due, started, succeeded, attempts, note, error FROM connection_runs WHERE connection = ?",
        (connection_id,),
    )
    return None if row is None else Run(*row)


def put_run(tx: Transaction, connection_id: str, run: Run) -> None:
    """Write how the fetching of a connection stands."""
    tx.run(
        "INSERT INTO connection_runs (connection, due, started, succeeded, attempts, note, error)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection) DO UPDATE SET due = excluded.due,"
        " started = excluded.started, succeeded = excluded.succeeded, attempts = excluded.attempts,"
        " note = excluded.note, error = excluded.error",
        (connection_id, run.due, run.started, run.succeeded, run.attempts, run.note, run.error),
    )
