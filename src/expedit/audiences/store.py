"""The tables of audiences: every edition ever made, which is the newest, who is in them and how many were.

An edition is never changed: whoever changes an audience writes the next one and names the one that they saw.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from expedit.audiences.model import Audience, Edition, Member, Size, State
from expedit.core import Conflict, NotFound, from_pack, to_pack
from expedit.storage import Transaction, metadata

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

sa.Table(
    "audiences",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
sa.Table(
    "audience_editions",
    metadata,
    sa.Column("audience", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("change", sa.Text, nullable=False),
)
sa.Table(
    "audiences_mark",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("changes", sa.BigInteger, nullable=False),
)
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

_NO_VERSION = 1 << 53
"""Beyond every version, and beyond what a column holds."""

TABLES = ("audiences", "audience_editions", "audiences_mark", "audience_members", "audience_sizes")
PERSON_TABLES = ("audience_members",)

READ_MARK = "SELECT changes FROM audiences_mark WHERE id = 1"

_EDITIONS = "SELECT e.state, e.body, e.version, e.at, e.author, e.change FROM audience_editions e"
_NEWEST = f"{_EDITIONS} JOIN audiences a ON e.audience = a.id AND e.version = a.version"


def _edition(row: tuple[Any, ...]) -> Edition:
    state, body, version, at, author, change = row
    return Edition(from_pack(body, Audience), state, version, at, author, change)


# ── editions ────────────────────────────────────────────────────────────────────────────────────────────


def read_audiences(tx: Transaction, states: tuple[State, ...] = ("draft", "published")) -> list[Edition]:
    """Return the newest edition of every audience in one of `states`, by name."""
    found = tx.rows_for(f"{_NEWEST} WHERE a.state IN (:keys)", states)
    return sorted(map(_edition, found), key=lambda one: (one.audience.name.lower(), one.audience.id))


def read_newest(tx: Transaction, audience_id: str) -> Edition:
    """Return the newest edition of an audience.

    Raises
    ------
    NotFound
        When there is no such audience.
    """
    found = tx.row(f"{_NEWEST} WHERE a.id = ?", (audience_id,))
    if found is None:
        raise NotFound(f"there is no audience {audience_id[:60]!r}")
    return _edition(found)


def read_edition(tx: Transaction, audience_id: str, version: int) -> Edition:
    """Return one edition of an audience.

    Raises
    ------
    NotFound
        When there is no such edition.
    """
    found = tx.row(f"{_EDITIONS} WHERE e.audience = ? AND e.version = ?", (audience_id, version))
    if found is None:
        raise NotFound(f"audience {audience_id[:60]!r} has no version {version}")
    return _edition(found)


def read_history(tx: Transaction, audience_id: str) -> list[Edition]:
    """Return every edition of an audience, the newest first."""
    found = tx.rows(f"{_EDITIONS} WHERE e.audience = ? ORDER BY e.version DESC", (audience_id,))
    return [_edition(row) for row in found]


def hold_states(tx: Transaction, ids: Collection[str]) -> dict[str, State]:
    """Return the states of those of `ids` that there are; they stay so until the transaction ends."""
    lock = " FOR SHARE" if tx.dialect == "postgresql" else ""
    sql = f"SELECT id, state FROM audiences WHERE id IN (:keys) ORDER BY id{lock}"  # noqa: S608
    return {row[0]: row[1] for row in tx.rows_for(sql, sorted(ids))}


def ids_taken(tx: Transaction) -> set[str]:
    """Return the ids of all audiences that there ever were."""
    return {row[0] for row in tx.rows("SELECT id FROM audiences")}


def write_edition(tx: Transaction, edition: Edition, seen: int) -> None:
    """Write the next edition of an audience.

    Parameters
    ----------
    seen
        The version that the author saw; 0 for a new audience.

    Raises
    ------
    Conflict
        When somebody else has changed the audience since, or its id is taken; nothing is written.
    """
    audience = edition.audience
    if seen == 0:
        written = tx.run(
            "INSERT INTO audiences (id, version, state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (audience.id, edition.version, edition.state),
        )
    else:
        written = abs(seen) < _NO_VERSION and tx.run(
            "UPDATE audiences SET version = ?, state = ? WHERE id = ? AND version = ?",
            (edition.version, edition.state, audience.id, seen),
        )
    if not written:
        newest = read_newest(tx, audience.id)
        if seen == 0:
            raise Conflict(f"there is an audience {audience.id!r} already, or was one: choose another id")
        raise Conflict(
            f"{newest.author} has changed this audience meanwhile (version {newest.version}):"
            " look at that first"
        )
    tx.run(
        "INSERT INTO audience_editions (audience, version, state, body, at, author, change)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            audience.id,
            edition.version,
            edition.state,
            to_pack(audience),
            edition.at,
            edition.author,
            edition.change,
        ),
    )
    tx.run(
        "INSERT INTO audiences_mark (id, changes) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET changes ="
        " audiences_mark.changes + 1"
    )


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
    tx.run_many(
        "INSERT INTO audience_members (person_id, audience, since)"
        " SELECT person_id, CAST(? AS TEXT), CAST(? AS BIGINT) FROM profiles WHERE person_id = ?"
        " ON CONFLICT DO NOTHING",
        [(audience, at, person) for audience, person in members],
    )


def remove_members(tx: Transaction, members: Sequence[tuple[str, str]]) -> None:
    """Take members out, (audience, person) each."""
    tx.run_many(
        "DELETE FROM audience_members WHERE audience = ? AND person_id = ?", [list(one) for one in members]
    )


def remove_person(tx: Transaction, person_ids: Collection[str]) -> None:
    """Take people out of every audience."""
    tx.run_many("DELETE FROM audience_members WHERE person_id = ?", [(one,) for one in sorted(person_ids)])


def empty_audience(tx: Transaction, audience_id: str) -> None:
    """Take everybody out of an audience."""
    tx.run("DELETE FROM audience_members WHERE audience = ?", (audience_id,))


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
    """Note how many an audience held."""
    tx.run(
        "INSERT INTO audience_sizes (audience, at, version, members, entered, gone, people)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
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
