"""The tables of profiles and the statements on them.

`facts` holds acts of shopping and `lasting_facts` consents and traits, both filed by subject; `profiles`
holds one row a person, computed from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from expedit.core import PackDecoder
from expedit.identity import STRONG, Holding, Key, Span
from expedit.profiles.facts import Filed, LastingFact, decode_fact, decode_lasting
from expedit.storage import Database, Transaction, metadata

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _filed(name: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("subject_id", _EXACT, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("message_id", _EXACT, primary_key=True),
        sa.Column("source", _EXACT, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


facts = _filed("facts")
lasting_facts = _filed("lasting_facts")

profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("person_id", _EXACT, primary_key=True),
    sa.Column("bucket_key", _EXACT, nullable=False),
    sa.Column("first_at", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    sa.Column("last_message", _EXACT, nullable=False),
    sa.Column("last_source", _EXACT, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("consents", sa.LargeBinary, nullable=False),
    sa.Column("traits", sa.LargeBinary),
)

PERSON_TABLES = ("facts", "lasting_facts", "profiles")
"""Every table here; all of them hold something of people."""


class ProfileRow(NamedTuple):
    """One person's row."""

    person_id: str
    bucket_key: str
    first_at: int
    last_at: int
    last_message: str
    last_source: str
    state: bytes
    consents: bytes
    traits: bytes | None

    @property
    def last(self) -> Key:
        """Key of the newest fact."""
        return Key(self.last_at, self.last_message, self.last_source)


_READ = (
    "SELECT person_id, bucket_key, first_at, last_at, last_message, last_source, state, consents, traits"
    " FROM profiles WHERE person_id IN (:keys)"
)

_WRITE = (
    "INSERT INTO profiles (person_id, bucket_key, first_at, last_at, last_message, last_source, state,"
    " consents, traits) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person_id) DO UPDATE SET"
    " bucket_key = excluded.bucket_key, first_at = excluded.first_at, last_at = excluded.last_at,"
    " last_message = excluded.last_message, last_source = excluded.last_source, state = excluded.state,"
    " consents = excluded.consents, traits = excluded.traits"
)


_ROW_KINDS = ("text", "text", "bigint", "bigint", "text", "text", "bytea", "bytea", "bytea")
_FACT_KINDS = ("text", "bigint", "text", "text", "bytea")


def read_rows(tx: Transaction, person_ids: Iterable[str]) -> dict[str, ProfileRow]:
    """Return the rows of these persons."""
    found = tx.rows_for(_READ, sorted(person_ids))
    return {row[0]: ProfileRow(*row) for row in found}


def read_rows_after(tx: Transaction, person_id: str, most: int) -> list[ProfileRow]:
    """Return the next rows after a person id, in the order of ids."""
    sql = _READ.replace("person_id IN (:keys)", "person_id > ? ORDER BY person_id LIMIT ?")
    return [ProfileRow(*row) for row in tx.rows(sql, (person_id, most))]


def count_rows(tx: Transaction) -> int:
    """Return how many profiles there are."""
    found = tx.row("SELECT count(*) FROM profiles")
    return 0 if found is None else int(found[0])


def every_id(tx: Transaction, step: int) -> list[str]:
    """Return every `step`-th person id, in the order of ids."""
    return [
        row[0]
        for row in tx.rows(
            "SELECT person_id FROM (SELECT person_id, row_number() OVER (ORDER BY person_id) AS place"
            " FROM profiles) AS numbered WHERE place % ? = 0",
            (step,),
        )
    ]


def write_rows(tx: Transaction, rows: Iterable[ProfileRow]) -> None:
    """Add or replace rows."""
    tx.insert(_WRITE, _ROW_KINDS, sorted(rows))


def delete_rows(tx: Transaction, person_ids: Iterable[str]) -> None:
    """Delete the rows of these persons."""
    tx.run_many("DELETE FROM profiles WHERE person_id = ?", [(one,) for one in sorted(person_ids)])


def read_row_of(database: Database, subject_id: str) -> tuple[Any, ...] | None:
    """Return the row of the person whose this subject is now, on a held connection."""
    return database.read_row(
        "SELECT p.person_id, p.bucket_key, p.first_at, p.last_at, p.state, p.consents, p.traits"
        " FROM subjects AS s JOIN profiles AS p ON p.person_id = s.person_id WHERE s.subject_id = ?",
        (subject_id,),
    )


def read_traits(database: Database, after: str, most: int) -> list[tuple[str, bytes]]:
    """Return persons with traits and what they are, in the order of their ids, from after one on."""
    return [
        (row[0], row[1])
        for row in database.read_rows(
            "SELECT person_id, traits FROM profiles WHERE traits IS NOT NULL AND person_id > ?"
            " ORDER BY person_id LIMIT ?",
            (after, most),
        )
    ]


def read_consents(tx: Transaction, subject_ids: Collection[str]) -> list[tuple[str, bytes]]:
    """Return the stored consents of the persons whose these subjects are now."""
    return [
        (row[0], row[1])
        for row in tx.rows_for(
            "SELECT s.subject_id, p.consents FROM subjects AS s"
            " JOIN profiles AS p ON p.person_id = s.person_id WHERE s.subject_id IN (:keys)",
            sorted(subject_ids),
        )
    ]


def write_facts(tx: Transaction, rows: Sequence[tuple[str, int, str, str, bytes]], *, lasting: bool) -> None:
    """File facts: rows of (subject, at, message, source, body); one that is there stays."""
    table = "lasting_facts" if lasting else "facts"
    sql = f"INSERT INTO {table} (subject_id, at, message_id, source, body)"
    tx.insert(f"{sql} VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", _FACT_KINDS, rows)


_NEWEST = (
    "SELECT at, message_id, source, body FROM facts WHERE subject_id = ? AND at >= ? AND at < ?"
    " ORDER BY at DESC, message_id DESC, source DESC LIMIT ?"
)


def newest_facts(
    tx: Transaction, wanted: Sequence[tuple[Sequence[Holding], Key | None]], most: int
) -> list[list[Filed]]:
    """Return, for each person wanted, at least their newest `most` facts that come after a key, in order.

    Parameters
    ----------
    wanted
        What each person has, and the key after which facts count (None: all).
    most
        How many are enough.
    """
    asked = [
        (
            place,
            holding,
            (holding.subject_id, max(span.since, after.at) if after else span.since, span.until, most),
        )
        for place, (holdings, after) in enumerate(wanted)
        for holding in holdings
        for span in holding.spans
    ]
    found: list[list[Filed]] = [[] for _ in wanted]
    answers = _answers(tx, _NEWEST, [params for _, _, params in asked])
    for (place, holding, _), rows in zip(asked, answers, strict=True):
        device = "" if holding.kind in STRONG else holding.subject_id
        after = wanted[place][1]
        found[place] += [
            Filed(key, holding.subject_id, device, decode_fact(row[3]))
            for row in rows
            if (key := Key(row[0], row[1], row[2])) and (after is None or key > after)
        ]
    for facts_ in found:
        facts_.sort(key=lambda one: (one.key, one.subject_id))
    return found


def _answers(tx: Transaction, sql: str, asked: Sequence[Sequence[Any]]) -> list[list[tuple[Any, ...]]]:
    """Return the rows of one query for each set of parameters; on PostgreSQL in one round trip."""
    if tx.dialect == "sqlite" or len(asked) < 2:
        return [tx.rows(sql, params) for params in asked]
    with tx.driver.pipeline():
        cursors = [tx.driver.execute(sql.replace("?", "%s"), params) for params in asked]
        return [cursor.fetchall() for cursor in cursors]


def all_lasting(tx: Transaction, subject_ids: Iterable[str]) -> dict[str, list[tuple[Key, LastingFact]]]:
    """Return every lasting fact of these subjects."""
    found: dict[str, list[tuple[Key, LastingFact]]] = {}
    for row in tx.rows_for(
        "SELECT subject_id, at, message_id, source, body FROM lasting_facts WHERE subject_id IN (:keys)",
        sorted(subject_ids),
    ):
        found.setdefault(row[0], []).append((Key(row[1], row[2], row[3]), decode_lasting(row[4])))
    return found


def consent_history(tx: Transaction, subject_ids: Iterable[str]) -> list[tuple[int, str, dict[str, bool]]]:
    """Return every answer about consent that was told with these subjects: when, by which source, what."""
    told = {
        key: (key.at, key.source, kept.consent)
        for rows in all_lasting(tx, subject_ids).values()
        for key, kept in rows
        if kept.consent
    }
    return sorted(told.values(), key=_newest, reverse=True)


def _newest(row: tuple[int, str, dict[str, bool]]) -> tuple[int, str]:
    return row[0], row[1]


def delete_facts(tx: Transaction, subject_id: str, spans: Iterable[Span], before: Key | None = None) -> int:
    """Delete what a person did with a subject; with `before`, only acts of shopping before that key."""
    gone = 0
    for span in spans:
        params = subject_id, span.since, span.until
        if before is None:
            gone += tx.run("DELETE FROM facts WHERE subject_id = ? AND at >= ? AND at < ?", params)
            gone += tx.run("DELETE FROM lasting_facts WHERE subject_id = ? AND at >= ? AND at < ?", params)
        else:
            gone += tx.run(
                "DELETE FROM facts WHERE subject_id = ? AND at >= ? AND at < ?"
                " AND (at, message_id, source) < (?, ?, ?)",
                (*params, *before),
            )
    return gone


def delete_older(tx: Transaction, subject_ids: Iterable[str], before: int) -> int:
    """Delete the acts of shopping of these subjects before a moment; return how many."""
    return sum(
        tx.run("DELETE FROM facts WHERE subject_id = ? AND at < ?", (subject, before))
        for subject in subject_ids
    )


def delete_subject(tx: Transaction, subject_id: str) -> None:
    """Delete everything that is filed under a subject, whosever it was."""
    tx.run("DELETE FROM facts WHERE subject_id = ?", (subject_id,))
    tx.run("DELETE FROM lasting_facts WHERE subject_id = ?", (subject_id,))


def clear(tx: Transaction) -> None:
    """Delete everything that a replay of the log brings back."""
    for table in PERSON_TABLES:
        tx.run(f"DELETE FROM {table}")  # noqa: S608


decode_consents = PackDecoder(dict[str, bool]).decode
decode_traits = PackDecoder(dict[str, Any]).decode
