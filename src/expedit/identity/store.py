"""The tables of identity and the statements on them.

Facts: `ties` (the earliest fact in which two identifiers stood together), `claims` (who used a device or a
payment reference when), `separations`, `releases` (from quarantine). Derived from them and kept for speed:
`subjects` with its owner timeline, `ownership` (which subjects, besides themselves, people have or had),
`merges` (what came of a tie). `identifiers` alone holds raw values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from expedit.core import PackDecoder, to_pack
from expedit.events import IdentifierKind
from expedit.identity.identifiers import Identifier
from expedit.identity.model import BEGINNING, Claim, Key, Merge, Owner, Separation, Tie
from expedit.storage import Transaction, metadata

# Sorted the same way everywhere: by code point, whatever the database's locale.
_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, _EXACT, nullable=options.pop("nullable", False), **options)


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=options.pop("nullable", False), **options)


identifiers = sa.Table(
    "identifiers",
    metadata,
    _text("subject_id", primary_key=True),
    _text("kind"),
    _text("value"),
    sqlite_with_rowid=False,
)

subjects = sa.Table(
    "subjects",
    metadata,
    _text("subject_id", primary_key=True),
    _text("kind"),
    _text("person_id", index=True),
    sa.Column("owners", sa.LargeBinary),
    _number("first_at"),
    sa.Column("quarantined", sa.Integer, nullable=False, server_default="0", default=0),
    _number("claim_at", nullable=True),
    _text("claim_message", nullable=True),
    _text("claim_source", nullable=True),
    _text("claimers", nullable=True),
    sqlite_with_rowid=False,
)

ownership = sa.Table(
    "ownership",
    metadata,
    _text("person_id", primary_key=True),
    _text("subject_id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)

ties = sa.Table(
    "ties",
    metadata,
    _text("a", primary_key=True),
    _text("b", primary_key=True, index=True),
    _text("a_kind"),
    _text("b_kind"),
    _number("at"),
    _text("message_id"),
    _text("source"),
    sqlite_with_rowid=False,
)

claims = sa.Table(
    "claims",
    metadata,
    _text("weak", primary_key=True),
    _number("at", primary_key=True, autoincrement=False),
    _text("message_id", primary_key=True),
    _text("source", primary_key=True),
    _text("claimers"),
    sqlite_with_rowid=False,
)

separations = sa.Table(
    "separations",
    metadata,
    _text("separation_id", primary_key=True),
    _text("a", index=True),
    _text("b", index=True),
    _number("at"),
    _text("said_by"),
    _number("undone", nullable=True),
)

merges = sa.Table(
    "merges",
    metadata,
    _text("merge_id", primary_key=True),
    _text("a", index=True),
    _text("b", index=True),
    _text("outcome"),
    _number("at", index=True),
    _text("message_id"),
    _text("source"),
)

releases = sa.Table(
    "releases",
    metadata,
    _text("subject_id", primary_key=True),
    _number("at"),
    _text("said_by"),
    sqlite_with_rowid=False,
)

_owners = PackDecoder(tuple[tuple[int, str], ...])


class SubjectRow(NamedTuple):
    """A subject as it stands: its owners, its first event and the newest claim on it."""

    subject_id: str
    kind: IdentifierKind
    owners: tuple[Owner, ...]
    first_at: int
    quarantined: bool
    claim: Key | None
    claimers: str


def timeline_of(person_id: str, owners: bytes | None) -> tuple[Owner, ...]:
    """Return the owner timeline that a row of `subjects` holds."""
    if owners is None:
        return (Owner(BEGINNING, person_id),)
    return tuple(Owner(since, person) for since, person in _owners.decode(owners))


def lock_identity(tx: Transaction, *, exclusive: bool) -> None:
    """Wait until nobody changes who is who (shared), or until nobody records anything (exclusive).

    SQLite has one writer, so there it is nothing.
    """
    if tx.dialect == "postgresql":
        tx.row(f"SELECT pg_advisory_xact_lock{'' if exclusive else '_shared'}(501338721)")


_SUBJECT = (
    "SELECT subject_id, kind, person_id, owners, first_at, quarantined, claim_at, claim_message,"
    " claim_source, claimers FROM subjects WHERE subject_id IN (:keys)"
)


def read_subjects(tx: Transaction, keys: Collection[str], lock: bool = False) -> dict[str, SubjectRow]:
    """Return the rows of these subjects; with `lock`, they stay locked, taken in sorted order."""
    ordered = f" ORDER BY subject_id{tx.for_update}" if lock else ""
    found = tx.rows_for(_SUBJECT + ordered, sorted(keys))
    return {
        row[0]: SubjectRow(
            row[0],
            row[1],
            timeline_of(row[2], row[3]),
            row[4],
            bool(row[5]),
            None if row[6] is None else Key(row[6], row[7], row[8]),
            row[9] or "",
        )
        for row in found
    }


def insert_subjects(tx: Transaction, rows: Iterable[tuple[str, IdentifierKind, int]]) -> None:
    """Add subjects (id, kind, first event), each its own person; those that are there stay."""
    tx.insert(
        "INSERT INTO subjects (subject_id, kind, person_id, first_at, quarantined) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        ("text", "text", "text", "bigint", "int"),
        [(subject, kind, subject, at, 0) for subject, kind, at in sorted(rows)],
    )


def write_first(tx: Transaction, rows: Sequence[tuple[int, str]]) -> None:
    """Lower the first moment of subjects: rows of (moment, subject)."""
    tx.run_many("UPDATE subjects SET first_at = ? WHERE subject_id = ?", rows)


def write_newest_claims(tx: Transaction, rows: Sequence[tuple[int, str, str, str, str]]) -> None:
    """Note the newest claim of subjects: rows of (at, message, source, claimers, subject)."""
    tx.run_many(
        "UPDATE subjects SET claim_at = ?, claim_message = ?, claim_source = ?, claimers = ?"
        " WHERE subject_id = ?",
        rows,
    )


def write_owners(tx: Transaction, rows: Iterable[tuple[str, tuple[Owner, ...], bool]]) -> None:
    """Store the owner timelines of subjects, rows of (subject, timeline, quarantined), and who has them."""
    rows = list(rows)
    tx.run_many(
        "UPDATE subjects SET person_id = ?, owners = ?, quarantined = ? WHERE subject_id = ?",
        [
            (owners[-1].person_id, to_pack(owners) if len(owners) > 1 else None, int(quarantined), subject)
            for subject, owners, quarantined in rows
        ],
    )
    tx.run_many("DELETE FROM ownership WHERE subject_id = ?", [(subject,) for subject, _, _ in rows])
    tx.run_many(
        "INSERT INTO ownership (person_id, subject_id) VALUES (?, ?)",
        sorted(
            {
                (one.person_id, subject)
                for subject, owners, _ in rows
                for one in owners
                if one.person_id != subject
            }
        ),
    )


def _ties(rows: Iterable[tuple[Any, ...]]) -> list[Tie]:
    return [Tie(row[0], row[1], row[2], row[3], Key(*row[4:])) for row in rows]


_TIE = "SELECT a, b, a_kind, b_kind, at, message_id, source FROM ties"


def ties_from(tx: Transaction, keys: Collection[str]) -> list[Tie]:
    """Return the ties of which these subjects are the lesser known side."""
    return _ties(tx.rows_for(f"{_TIE} WHERE a IN (:keys)", sorted(keys)))


def ties_with(tx: Transaction, keys: Collection[str]) -> list[Tie]:
    """Return every tie of these subjects."""
    found = ties_from(tx, keys)
    return found + _ties(tx.rows_for(f"{_TIE} WHERE b IN (:keys)", sorted(keys)))


def write_ties(tx: Transaction, found: Iterable[Tie]) -> None:
    """Add ties; of two facts for one pair the earlier stays."""
    tx.run_many(
        "INSERT INTO ties (a, b, a_kind, b_kind, at, message_id, source) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (a, b) DO UPDATE SET at = excluded.at, message_id = excluded.message_id,"
        " source = excluded.source"
        " WHERE (excluded.at, excluded.message_id, excluded.source)"
        " < (ties.at, ties.message_id, ties.source)",
        [(tie.a, tie.b, tie.a_kind, tie.b_kind, *tie.key) for tie in found],
    )


def write_claims(tx: Transaction, found: Iterable[Claim]) -> None:
    """Add claims; one that is there stays."""
    tx.run_many(
        "INSERT INTO claims (weak, at, message_id, source, claimers) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [(one.weak, *one.key, " ".join(one.claimers)) for one in found],
    )


def claims_on(tx: Transaction, devices: Collection[str], references: Collection[str]) -> list[Claim]:
    """Return the claims on devices, without equal ones in a row, and every claim on payment references.

    Equal claims on a device in a row mean one person. On a payment reference they may not: a device that
    claims it may have changed hands in between.
    """
    found = tx.rows_for(
        "SELECT weak, at, message_id, source, claimers FROM (SELECT weak, at, message_id, source, claimers,"
        " LAG(claimers) OVER (PARTITION BY weak ORDER BY at, message_id, source) AS before"
        " FROM claims WHERE weak IN (:keys)) AS run WHERE before IS NULL OR before <> claimers",
        sorted(devices),
    )
    found += tx.rows_for(
        "SELECT weak, at, message_id, source, claimers FROM claims WHERE weak IN (:keys)", sorted(references)
    )
    return [Claim(row[0], Key(*row[1:4]), tuple(row[4].split(" "))) for row in found]


_SEPARATION = "SELECT separation_id, a, b, at, said_by, undone FROM separations"


def separations_of(tx: Transaction, keys: Collection[str]) -> list[Separation]:
    """Return every separation that names one of these subjects."""
    wanted = sorted(keys)
    rows = tx.rows_for(f"{_SEPARATION} WHERE a IN (:keys)", wanted)
    rows += tx.rows_for(f"{_SEPARATION} WHERE b IN (:keys)", wanted)
    return list({row[0]: Separation(*row) for row in rows}.values())


def read_separation(tx: Transaction, separation_id: str) -> Separation | None:
    """Return one separation."""
    row = tx.row(f"{_SEPARATION} WHERE separation_id = ?", (separation_id,))
    return None if row is None else Separation(*row)


def write_separation(tx: Transaction, one: Separation) -> None:
    """Add a separation, or note that it was taken back."""
    tx.run(
        "INSERT INTO separations (separation_id, a, b, at, said_by, undone) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (separation_id) DO UPDATE SET undone = excluded.undone",
        (one.id, one.a, one.b, one.at, one.by, one.undone),
    )


_MERGE = "SELECT merge_id, a, b, outcome, at, message_id, source FROM merges"


def released_among(tx: Transaction, keys: Collection[str]) -> set[str]:
    """Return those of these subjects that somebody released from quarantine."""
    rows = tx.rows_for("SELECT subject_id FROM releases WHERE subject_id IN (:keys)", sorted(keys))
    return {row[0] for row in rows}


def write_release(tx: Transaction, subject_id: str, at: int, by: str) -> None:
    """Note that somebody released a subject from quarantine."""
    tx.run("INSERT INTO releases (subject_id, at, said_by) VALUES (?, ?, ?)", (subject_id, at, by))


def first_sources(tx: Transaction, keys: Collection[str]) -> dict[str, str]:
    """Return the source of the earliest tie of each of these subjects, where it has one."""
    found: dict[str, tuple[int, str]] = {}
    for side in ("a", "b"):
        for subject, at, source in tx.rows_for(
            f"SELECT {side}, at, source FROM ties WHERE {side} IN (:keys)",  # noqa: S608
            sorted(keys),
        ):
            found[subject] = min(found.get(subject, (at, source)), (at, source))
    return {subject: source for subject, (_, source) in found.items()}


def write_merges(tx: Transaction, complete: Collection[str], found: Iterable[Merge]) -> None:
    """Replace what is noted of the ties between these subjects."""
    wanted = {one.id: one for one in found if one.a in complete and one.b in complete}
    there = {
        row[0]: Merge(*row)
        for row in tx.rows_for(f"{_MERGE} WHERE a IN (:keys)", sorted(complete))
        if row[2] in complete
    }
    tx.run_many("DELETE FROM merges WHERE merge_id = ?", [(one,) for one in there if one not in wanted])
    tx.run_many(
        "INSERT INTO merges (merge_id, a, b, outcome, at, message_id, source) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (merge_id) DO UPDATE SET outcome = excluded.outcome, at = excluded.at,"
        " message_id = excluded.message_id, source = excluded.source",
        [
            (one.id, one.a, one.b, one.outcome, one.at, one.message_id, one.source)
            for one in wanted.values()
            if there.get(one.id) != one
        ],
    )


def read_merge(tx: Transaction, merge_id: str) -> Merge | None:
    """Return one merge."""
    row = tx.row(f"{_MERGE} WHERE merge_id = ?", (merge_id,))
    return None if row is None else Merge(*row)


def read_merges(
    tx: Transaction, keys: Collection[str] | None, outcome: str | None, limit: int
) -> list[Merge]:
    """Return merges, the newest first: of these subjects or of all, with one outcome or any."""
    if keys is None:
        found = tx.rows(
            f"{_MERGE} WHERE outcome = ? OR ? = '' ORDER BY at DESC, merge_id LIMIT ?",
            (outcome or "", outcome or "", limit),
        )
    else:
        rows = tx.rows_for(f"{_MERGE} WHERE a IN (:keys)", sorted(keys))
        rows += tx.rows_for(f"{_MERGE} WHERE b IN (:keys)", sorted(keys))
        found = sorted(set(rows), key=lambda row: (-row[4], row[0]))
        found = [row for row in found if outcome is None or row[3] == outcome][:limit]
    return [Merge(*row) for row in found]


def write_identifiers(tx: Transaction, rows: Iterable[Identifier]) -> None:
    """Keep raw values; what is there stays."""
    tx.insert(
        "INSERT INTO identifiers (subject_id, kind, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        ("text", "text", "text"),
        sorted({(one.subject_id, one.kind, one.value) for one in rows}),
    )


def read_identifiers(tx: Transaction, keys: Collection[str]) -> list[Identifier]:
    """Return the raw values of these subjects."""
    rows = tx.rows_for(
        "SELECT kind, value, subject_id FROM identifiers WHERE subject_id IN (:keys)", sorted(keys)
    )
    return [Identifier(*row) for row in rows]


def subjects_of(tx: Transaction, person_ids: Collection[str]) -> dict[str, set[str]]:
    """Return the subjects that each person has or had, without telling when."""
    found = {person: {person} for person in person_ids}
    for person, subject in tx.rows_for(
        "SELECT person_id, subject_id FROM ownership WHERE person_id IN (:keys)", sorted(person_ids)
    ):
        found[person].add(subject)
    return found


PERSON_TABLES = (
    "identifiers",
    "subjects",
    "ownership",
    "ties",
    "claims",
    "separations",
    "merges",
    "releases",
)
"""Every table here; all of them hold something of people."""


def delete_subjects(tx: Transaction, keys: Collection[str]) -> None:
    """Forget everything of these subjects."""
    rows = [(key,) for key in sorted(keys)]
    for table, column in (
        ("identifiers", "subject_id"),
        ("subjects", "subject_id"),
        ("ownership", "subject_id"),
        ("ownership", "person_id"),
        ("ties", "a"),
        ("ties", "b"),
        ("claims", "weak"),
        ("separations", "a"),
        ("separations", "b"),
        ("merges", "a"),
        ("merges", "b"),
        ("releases", "subject_id"),
    ):
        tx.run_many(f"DELETE FROM {table} WHERE {column} = ?", rows)  # noqa: S608


def clear_derived(tx: Transaction) -> None:
    """Forget everything that a replay of the log brings back; raw identifiers, separations, releases stay."""
    for table in ("subjects", "ownership", "ties", "claims", "merges"):
        tx.run(f"DELETE FROM {table}")  # noqa: S608
