"""The tables of the event log and the statements on them.

`events` is the head of the log: what was appended and not sealed yet (rows up to the seal mark are sealed and
about to be deleted). A row's place in the log is the pair
(`xid`, `seq`). On PostgreSQL transactions overlap, so a lower `seq` can become visible after a higher one;
`xid`, the number of the transaction that wrote the row, tells which rows nothing can come before any more.
SQLite has one writer, so there `xid` is always 0.
"""

# ruff: noqa: S608 - what is put into statements are constants of this module, never values

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa

from expedit.core import Struct
from expedit.events.model import Event, SealedFile, pack_event, unpack_event
from expedit.storage import Transaction, metadata


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, **options)


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, **options)


def _serial(name: str) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column(name, kind, primary_key=True, autoincrement=True)


sa.Table(
    "events",
    metadata,
    _serial("seq"),
    _number("xid"),
    _number("at"),
    _number("received"),
    _text("source"),
    _text("message_id"),
    _text("kind"),
    _text("subject"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index(None, "xid", "seq"),
    # Sealed rows are deleted; without this SQLite would give their numbers out again.
    sqlite_autoincrement=True,
)
sa.Table(
    "event_keys",
    metadata,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    _number("received", index=True),
    sqlite_with_rowid=False,
)
sa.Table(
    "sealed_files",
    metadata,
    _text("path", primary_key=True),
    _text("dataset"),
    _text("date"),
    _number("rows"),
    _number("bytes"),
    _number("seq_from"),
    _number("seq_to"),
    _number("xid_to"),
    _number("at_from"),
    _number("at_to"),
    sa.Column("retired", sa.BigInteger),
    sa.Index(None, "dataset", "date"),
)
sa.Table(
    "seal_mark",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _number("xid"),
    _number("seq"),
    _number("at"),
)
sa.Table(
    "subject_days",
    metadata,
    _text("subject", primary_key=True),
    _text("date", primary_key=True),
    sqlite_with_rowid=False,
)
sa.Table(
    "erased_subjects",
    metadata,
    _text("subject", primary_key=True),
    _number("at"),
    sa.Column("rewritten", sa.BigInteger),
    sqlite_with_rowid=False,
)
sa.Table("cursors", metadata, _text("name", primary_key=True), _number("xid"), _number("seq"))
sa.Table(
    "dead_letters",
    metadata,
    _serial("id"),
    _number("at"),
    _text("source"),
    _text("body"),
    _text("field"),
    _text("reason"),
    _text("subjects"),
    sa.Column("replayed", sa.BigInteger),
)


class Place(Struct, frozen=True, order=True):
    """A place in the log; everything up to and including it."""

    xid: int = 0
    seq: int = 0


class HeadRow(Struct, frozen=True, gc=False):
    """An event at the head of the log, its place there and its stored form."""

    xid: int
    seq: int
    event: Event
    body: bytes


# ── appending ───────────────────────────────────────────────────────────────────────────────────────────


def unseen(tx: Transaction, keys: Sequence[tuple[str, str]], received: int) -> set[tuple[str, str]]:
    """Return those of `keys` that were never seen, and remember them.

    A key that stands twice in `keys` is returned once: take the first event that bears it.

    Parameters
    ----------
    tx
        The transaction that also appends the events, so that a key is remembered only with its event.
    keys
        Pairs of source and message id.
    received
        When they came in; keys are forgotten `dedupe_days` later.
    """
    digests = {_digest(source, message_id): (source, message_id) for source, message_id in keys}
    if tx.dialect == "postgresql":
        # Sorted, so that two transactions that bring the same keys wait in line instead of in a circle.
        fresh = tx.rows(
            "INSERT INTO event_keys (key, received) SELECT unnest(?::bytea[]), ?"
            " ON CONFLICT DO NOTHING RETURNING key",
            (sorted(digests), received),
        )
        return {digests[bytes(key)] for (key,) in fresh}
    for (known,) in tx.rows_for("SELECT key FROM event_keys WHERE key IN (:keys)", list(digests)):
        del digests[known]
    tx.run_many("INSERT INTO event_keys (key, received) VALUES (?, ?)", [(key, received) for key in digests])
    return set(digests.values())


def _digest(source: str, message_id: str) -> bytes:
    return blake2b(f"{source}\0{message_id}".encode(), digest_size=16).digest()


def forget_keys(tx: Transaction, before: int) -> int:
    """Forget the message ids received before the moment `before`; return how many."""
    return tx.run("DELETE FROM event_keys WHERE received < ?", (before,))


def append(tx: Transaction, events: Iterable[Event]) -> None:
    """Put `events` at the head of the log, in the order given."""
    xid = tx.number()
    rows = [
        (
            xid,
            event.at,
            event.received,
            event.source,
            event.message_id,
            event.kind,
            event.subject,
            pack_event(event),
        )
        for event in events
    ]
    tx.insert(
        "INSERT INTO events (xid, at, received, source, message_id, kind, subject, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ("bigint", "bigint", "bigint", "text", "text", "text", "text", "bytea"),
        rows,
    )


# ── the head ────────────────────────────────────────────────────────────────────────────────────────────


def head_rows(
    tx: Transaction, after: Place, limit: int, kinds: Collection[str] = (), until: Place | None = None
) -> list[HeadRow]:
    """Return up to `limit` events of the head, in the order of their places, none of which can still change.

    Parameters
    ----------
    after, until
        Rows after the one place, up to the other.
    kinds
        Only these kinds; empty for all.
    """
    wanted = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
    last = until or Place(2**62, 2**62)
    found = tx.rows(
        "SELECT xid, seq, body FROM events WHERE (xid, seq) > (?, ?) AND (xid, seq) <= (?, ?)"
        f"{_settled(tx)}{wanted} ORDER BY xid, seq LIMIT ?",
        (after.xid, after.seq, last.xid, last.seq, *kinds, limit),
    )
    return [HeadRow(xid, seq, unpack_event(body), body) for xid, seq, body in found]


def newest_head_rows(tx: Transaction, after: Place, limit: int) -> list[HeadRow]:
    """Return the last `limit` settled events of the head after a place, the newest first."""
    found = tx.rows(
        f"SELECT xid, seq, body FROM events WHERE (xid, seq) > (?, ?){_settled(tx)}"
        " ORDER BY xid DESC, seq DESC LIMIT ?",
        (after.xid, after.seq, limit),
    )
    return [HeadRow(xid, seq, unpack_event(body), body) for xid, seq, body in found]


def head_end(tx: Transaction) -> Place | None:
    """Return the last place of the head that nothing can come before any more; None when there is no row."""
    found = tx.row(
        f"SELECT xid, seq FROM events WHERE 0 = 0{_settled(tx)} ORDER BY xid DESC, seq DESC LIMIT 1"
    )
    return None if found is None else Place(*found)


def _settled(tx: Transaction) -> str:
    """Leave out rows of transactions beside which an older one may still be writing."""
    if tx.dialect == "sqlite":
        return ""
    return " AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def delete_head(tx: Transaction, until: Place, limit: int) -> int:
    """Delete up to `limit` rows, the oldest first, up to and including the place `until`; return how many."""
    return tx.run(
        "DELETE FROM events WHERE seq IN"
        " (SELECT seq FROM events WHERE (xid, seq) <= (?, ?) ORDER BY xid, seq LIMIT ?)",
        (until.xid, until.seq, limit),
    )


# ── the manifest of sealed files ────────────────────────────────────────────────────────────────────────


def seal_mark(tx: Transaction, lock: str = "") -> Place:
    """Return the place up to which the log is sealed.

    Parameters
    ----------
    lock
        ``UPDATE`` to move the mark next, ``SHARE`` to keep it where it is until the transaction ends.
    """
    tx.run("INSERT INTO seal_mark (id, xid, seq, at) VALUES (1, 0, 0, 0) ON CONFLICT DO NOTHING")
    clause = f" FOR {lock}" if lock and tx.dialect == "postgresql" else ""
    found = tx.row(f"SELECT xid, seq FROM seal_mark WHERE id = 1{clause}")
    return Place(*found) if found else Place()


def read_mark(tx: Transaction) -> Place:
    """Return the place up to which the log is sealed, in a transaction that only reads."""
    found = tx.row("SELECT xid, seq FROM seal_mark WHERE id = 1")
    return Place(*found) if found else Place()


def move_mark(tx: Transaction, to: Place, at: int) -> None:
    """Say that the log is sealed up to the place `to`."""
    tx.run("UPDATE seal_mark SET xid = ?, seq = ?, at = ? WHERE id = 1", (to.xid, to.seq, at))


_FILE = "path, dataset, date, rows, bytes, seq_from, seq_to, xid_to, at_from, at_to"


def sealed_files(tx: Transaction, dataset: str, date: str | None = None) -> list[SealedFile]:
    """Return the files of `dataset` that make up the sealed log, by date, of one `date` or all."""
    wanted, params = (" AND date = ?", (date,)) if date else ("", ())
    found = tx.rows(
        f"SELECT {_FILE} FROM sealed_files WHERE dataset = ? AND retired IS NULL{wanted} ORDER BY date, path",
        (dataset, *params),
    )
    return [SealedFile(*row) for row in found]


def add_files(tx: Transaction, files: Iterable[SealedFile]) -> None:
    """Put `files` into the manifest."""
    rows = [
        (f.path, f.dataset, f.date, f.rows, f.bytes, f.seq_from, f.seq_to, f.xid_to, f.at_from, f.at_to)
        for f in files
    ]
    tx.run_many(f"INSERT INTO sealed_files ({_FILE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def retire_files(tx: Transaction, files: Iterable[SealedFile], at: int) -> None:
    """Take `files` out of the log; they stay on disk a while for those who are reading them."""
    tx.run_many("UPDATE sealed_files SET retired = ? WHERE path = ?", [(at, file.path) for file in files])


def add_subject_days(tx: Transaction, pairs: Collection[tuple[str, str]]) -> None:
    """Remember on which dates each subject has sealed events, so that erasure finds them."""
    tx.run_many("INSERT INTO subject_days (subject, date) VALUES (?, ?) ON CONFLICT DO NOTHING", list(pairs))


def known_paths(tx: Transaction) -> dict[str, int | None]:
    """Return every path of the manifest, and when it was taken out of the log, if it was."""
    return dict(tx.rows("SELECT path, retired FROM sealed_files"))


def forget_files(tx: Transaction, paths: Iterable[str]) -> None:
    """Delete retired files, which are gone from disk, from the manifest."""
    tx.run_many("DELETE FROM sealed_files WHERE path = ?", [(path,) for path in paths])
