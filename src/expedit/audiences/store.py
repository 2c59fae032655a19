"""Audiences as they are kept, as arrangements; and the tables of who is in them and how many were."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from expedit.access import Arranged, Arrangements, Kept
from expedit.audiences.model import Audience, Edition, Member, Size, State
from expedit.core import NotFound
from expedit.storage import Transaction, metadata

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

sa.Table(
    "audience_members",
    metadata,
    sa.Column("person_id", _EXACT, primary_key=True),
    sa.Column("audience", sa.Text, primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Index(None, "audience", "person_id"),
    sqlite_with_rowid=False,
)
sa.Table(
    "audience_sizes",
    metadata,
    sa.Column("audience", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("members", sa.BigInteger, nullable=False),
    sa.Column("entered", sa.BigInteger, nullable=False),
    sa.Column("gone", sa.BigInteger, nullable=False),
    sa.Column("people", sa.BigInteger, nullable=False),
)

TABLES = ("audience_members", "audience_sizes")
PERSON_TABLES = ("audience_members",)

AUDIENCES: Arrangements[Audience] = Arrangements("audience", Audience)


# ── editions ────────────────────────────────────────────────────────────────────────────────────────────


def read_audiences(tx: Transaction, states: tuple[State, ...] = ("draft", "published")) -> list[Edition]:
    """Return the newest edition of every audience in one of `states`, by name."""
    return _by_name(one for one in AUDIENCES.every(tx) if one.state in states)


def read_in_force(tx: Transaction) -> list[Edition]:
    """Return the editions that are in force, by name."""
    return _by_name(AUDIENCES.in_force(tx))


def read_kept(tx: Transaction, *, archived: bool = False) -> list[Kept[Edition]]:
    """Return the audiences that are in the list, or those that were put away, by name."""
    live = {one.audience.id: one for one in read_in_force(tx)}
    newest = read_audiences(tx, ("archived",) if archived else ("draft", "published"))
    return [Kept(one, live.get(one.audience.id)) for one in newest]


def read_newest(tx: Transaction, audience_id: str) -> Edition:
    """Return the newest edition of an audience.

    Raises
    ------
    NotFound
        When there is no such audience.
    """
    found = AUDIENCES.newest(tx, audience_id)
    if found is None:
        raise NotFound(f"there is no audience {audience_id[:60]!r}")
    return told(found)


def read_one(tx: Transaction, audience_id: str) -> Kept[Edition]:
    """Return one audience.

    Raises
    ------
    NotFound
        When there is no such audience.
    """
    newest = read_newest(tx, audience_id)
    found = (one for one in read_history(tx, audience_id) if one.version == newest.live)
    return Kept(newest, next(found, None))


def read_history(tx: Transaction, audience_id: str) -> list[Edition]:
    """Return every edition of an audience, the newest first."""
    return [told(one) for one in AUDIENCES.history(tx, audience_id)]


def hold_audiences(tx: Transaction, ids: Collection[str]) -> dict[str, Edition]:
    """Return the newest editions of those of `ids` that there are; they stay so until the transaction
    ends."""
    return {name: told(one) for name, one in AUDIENCES.hold(tx, ids).items()}


def told(one: Arranged[Audience]) -> Edition:
    """Return an edition as this room tells it."""
    return Edition(one.body, one.state, one.version, one.at, one.author, one.change, one.live)


def _by_name(found: Iterable[Arranged[Audience]]) -> list[Edition]:
    return sorted(map(told, found), key=lambda one: (one.audience.name.lower(), one.audience.id))


# ── members ─────────────────────────────────────────────────────────────────────────────────────────────


def members_among(tx: Transaction, person_ids: Collection[str]) -> set[tuple[str, str]]:
    """Return (audience, person) of everybody among `person_ids` who is noted as a member."""
    found = tx.rows_for(
        "SELECT audience, person_id FROM audience_members WHERE person_id IN (:keys)", sorted(person_ids)
    )
    return {(row[0], row[1]) for row in found}


def members_between(
    tx: Transaction, after: str, until: str | None, audiences: Collection[str]
) -> set[tuple[str, str]]:
    """Return (audience, person) of the members noted from after one person id up to another."""
    last = "" if until is None else " AND person_id <= ?"
    sql = f"SELECT audience, person_id FROM audience_members WHERE person_id > ?{last}"  # noqa: S608
    found = tx.rows(sql, (after,) if until is None else (after, until))
    return {(row[0], row[1]) for row in found if row[0] in audiences}


def add_members(tx: Transaction, members: Sequence[tuple[str, str]], at: int) -> None:
    """Note members, (audience, person) each; somebody who was erased meanwhile is not noted."""
    people = sorted({person for _, person in members})
    there = {
        row[0] for row in tx.rows_for("SELECT person_id FROM profiles WHERE person_id IN (:keys)", people)
    }
    tx.insert(
        "INSERT INTO audience_members (person_id, audience, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        ("text", "text", "bigint"),
        [(person, audience, at) for audience, person in members if person in there],
    )


def remove_members(tx: Transaction, members: Sequence[tuple[str, str]]) -> None:
    """Take members out, (audience, person) each."""
    tx.run_many(
        "DELETE FROM audience_members WHERE audience = ? AND person_id = ?", [list(one) for one in members]
    )


def remove_person(tx: Transaction, person_ids: Collection[str]) -> None:
    """Take people out of every audience."""
    tx.run_many("DELETE FROM audience_members WHERE person_id = ?", [(one,) for one in sorted(person_ids)])


def empty_audience(tx: Transaction, audience_id: str) -> int:
    """Take everybody out of an audience; return how many were in it."""
    return tx.run("DELETE FROM audience_members WHERE audience = ?", (audience_id,))


def read_members(tx: Transaction, audience_id: str, after: str, most: int) -> list[Member]:
    """Return the next members after a person id, in the order of ids."""
    found = tx.rows(
        "SELECT m.person_id, m.since FROM audience_members AS m"
        " JOIN profiles AS p ON p.person_id = m.person_id"
        " WHERE m.audience = ? AND m.person_id > ? ORDER BY m.person_id LIMIT ?",
        (audience_id, after, most),
    )
    return [Member(*row) for row in found]


def since_of(tx: Transaction, person_id: str) -> dict[str, int]:
    """Return since when a person is noted in each audience."""
    found = tx.rows("SELECT audience, since FROM audience_members WHERE person_id = ?", (person_id,))
    return {row[0]: row[1] for row in found}


# ── sizes ───────────────────────────────────────────────────────────────────────────────────────────────


def write_size(tx: Transaction, audience_id: str, size: Size) -> None:
    """Note how many an audience held; of two counts at one moment the later stands."""
    tx.run(
        "INSERT INTO audience_sizes (audience, at, version, members, entered, gone, people)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (audience, at) DO UPDATE SET version = excluded.version,"
        " members = excluded.members, entered = excluded.entered, gone = excluded.gone,"
        " people = excluded.people",
        (audience_id, size.at, size.version, size.members, size.entered, size.left, size.people),
    )


def forget_sizes(tx: Transaction, before: int) -> None:
    """Forget counts from before a moment."""
    tx.run("DELETE FROM audience_sizes WHERE at < ?", (before,))


def read_sizes(tx: Transaction, audience_id: str, since: int = 0) -> list[Size]:
    """Return the counts of an audience, the oldest first."""
    found = tx.rows(
        "SELECT at, version, members, entered, gone, people FROM audience_sizes"
        " WHERE audience = ? AND at >= ? ORDER BY at",
        (audience_id, since),
    )
    return [Size(*row) for row in found]


def newest_sizes(tx: Transaction) -> dict[str, Size]:
    """Return the newest count of every audience."""
    found = tx.rows(
        "SELECT s.audience, s.at, s.version, s.members, s.entered, s.gone, s.people FROM audience_sizes AS s"
        " JOIN (SELECT audience, max(at) AS at FROM audience_sizes GROUP BY audience) AS n"
        " ON n.audience = s.audience AND n.at = s.at"
    )
    return {row[0]: Size(*row[1:]) for row in found}
