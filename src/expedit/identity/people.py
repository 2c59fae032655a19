"""Finding people, and taking apart what was merged by mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import pyarrow as pa

from expedit.core import Conflict, NotFound, PersonRef, new_id
from expedit.events import IdentifierKind
from expedit.identity import store
from expedit.identity.identifiers import RANK, Identifier, identify
from expedit.identity.model import END, Known, Limits, Merge, Outcome, Separation
from expedit.identity.observation import reconsider
from expedit.storage import Database, Shop, Transaction

PERSON_MAP_SCHEMA = pa.schema(
    [
        pa.field("subject_id", pa.string(), nullable=False),
        pa.field("person_id", pa.string(), nullable=False),
        pa.field("valid_from_us", pa.int64(), nullable=False),
        pa.field("valid_until_us", pa.int64(), nullable=False),
    ]
)
"""Columns of `person_map`: a subject was a person's from ``valid_from_us`` on, before ``valid_until_us``."""


def remember_identifiers(tx: Transaction, found: Iterable[Identifier]) -> None:
    """Keep the raw values of identifiers, so that a person can be shown, written to and exported.

    Only for events that may shape a profile; call it beside recording them.
    """
    store.write_identifiers(tx, found)


def identifiers_in(tx: Transaction, subject_ids: Iterable[str]) -> tuple[Identifier, ...]:
    """Return the raw identifiers of these subjects, the ones that name people best first."""
    found = store.read_identifiers(tx, set(subject_ids))
    return tuple(sorted(found, key=lambda one: (RANK[one.kind], one.value)))


def identifiers_of(database: Database, subject_ids: Iterable[str]) -> tuple[Identifier, ...]:
    """Return the raw identifiers of these subjects, the ones that name people best first."""
    with database.reading() as tx:
        return identifiers_in(tx, subject_ids)


def find_person(shop: Shop, kind: IdentifierKind, raw: object) -> PersonRef:
    """Return the person known by an identifier now.

    Raises
    ------
    InvalidInput
        When it is no such identifier.
    NotFound
        When nobody is known by it.
    """
    found = person_of(shop.database, identify(shop.secret, kind, raw).subject_id)
    if found is None:
        raise NotFound(f"nobody is known by this {kind}")
    return found


def person_of(database: Database, subject_id: str) -> PersonRef | None:
    """Return the person to whom a subject (or person id) belongs now; None when no event carried it."""
    with database.reading() as tx:
        return read_person(tx, subject_id)


def read_person(tx: Transaction, subject_id: str) -> PersonRef | None:
    """Return what `person_of` does, as seen inside a transaction."""
    row = store.read_subjects(tx, [subject_id]).get(subject_id)
    if row is None:
        return None
    person = row.owners[-1].person_id
    rows = store.read_subjects(tx, store.subjects_of(tx, [person])[person])
    mine = sorted(one.subject_id for one in rows.values() if one.owners[-1].person_id == person)
    return PersonRef(person, tuple(mine))


def subjects_now(tx: Transaction, person_ids: Collection[str]) -> dict[str, str]:
    """Return the person of every subject that belongs to one of these persons now."""
    rows = tx.rows_for(
        "SELECT subject_id, person_id FROM subjects WHERE person_id IN (:keys)", sorted(person_ids)
    )
    return {row[0]: row[1] for row in rows}


def kinds_now(tx: Transaction, person_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the kinds of identifiers that each of these persons has now, each kind once, in order."""
    found: dict[str, list[str]] = {}
    for person, kind in sorted(
        tx.rows_for(
            "SELECT DISTINCT person_id, kind FROM subjects WHERE person_id IN (:keys)", sorted(person_ids)
        )
    ):
        found.setdefault(person, []).append(kind)
    return found


def persons_of(tx: Transaction, subject_ids: Collection[str]) -> set[str]:
    """Return everybody to whom one of these subjects belongs or belonged."""
    return {one.person_id for row in store.read_subjects(tx, subject_ids).values() for one in row.owners}


def people(database: Database, chunk: int = 1000) -> Iterator[tuple[str, ...]]:
    """Give the ids of all people that have a subject now, in chunks, in order."""
    last = ""
    while True:
        rows = database.read_rows(
            "SELECT DISTINCT person_id FROM subjects WHERE person_id > ? ORDER BY person_id LIMIT ?",
            (last, chunk),
        )
        if not rows:
            return
        yield tuple(row[0] for row in rows)
        last = rows[-1][0]


def person_map(shop: Shop) -> pa.Table:
    """Return who each subject was, and when: the table that questions to the log join.

    Returns
    -------
    pyarrow.Table
        Of `PERSON_MAP_SCHEMA`, in the order of subject and time.
    """
    columns: tuple[list[str], list[str], list[int], list[int]] = ([], [], [], [])
    with shop.database.reading() as tx:
        for subject, person, owners in tx.rows(
            "SELECT subject_id, person_id, owners FROM subjects ORDER BY subject_id"
        ):
            timeline = store.timeline_of(person, owners)
            for place, owner in enumerate(timeline):
                columns[0].append(subject)
                columns[1].append(owner.person_id)
                columns[2].append(owner.since)
                columns[3].append(timeline[place + 1].since if place + 1 < len(timeline) else END)
    return pa.table(list(columns), schema=PERSON_MAP_SCHEMA)


def separations_of(database: Database, subject_ids: Collection[str]) -> tuple[Separation, ...]:
    """Return every separation that names one of these subjects, the newest first."""
    with database.reading() as tx:
        found = store.separations_of(tx, subject_ids)
    return tuple(sorted(found, key=lambda one: (-one.at, one.id)))


def merges_of(
    database: Database,
    subject_ids: Collection[str] | None = None,
    outcome: Outcome | None = None,
    limit: int = 100,
) -> tuple[Merge, ...]:
    """Return what came of ties, the newest first: of some subjects or of everybody.

    Parameters
    ----------
    subject_ids
        Subjects on either side; None for all.
    outcome
        Only ``merged``, ``attached``, ``conflict`` or ``separated``.
    limit
        Most to return.
    """
    with database.reading() as tx:
        return tuple(store.read_merges(tx, subject_ids, outcome, limit))


def quarantined(database: Database, limit: int = 100) -> tuple[tuple[str, IdentifierKind, int], ...]:
    """Return quarantined subjects as (subject id, kind, how many others it is tied to), the busiest first."""
    found = database.read_rows(
        "SELECT subject_id, kind, (SELECT count(*) FROM ties WHERE a = s.subject_id)"
        " + (SELECT count(*) FROM ties WHERE b = s.subject_id) AS others"
        " FROM subjects AS s WHERE quarantined = 1 ORDER BY others DESC, subject_id LIMIT ?",
        (limit,),
    )
    return tuple((row[0], row[1], row[2]) for row in found)


def separate(shop: Shop, tx: Transaction, a: str, b: str, by: str) -> tuple[Separation, set[str]]:
    """Lay down that two subjects are not one person.

    Returns
    -------
    tuple
        The separation, and every person that this changed: compute their profiles anew.

    Raises
    ------
    NotFound
        When a subject is unknown.
    Conflict
        When both are the same subject, or they are kept apart already.
    """
    store.lock_identity(tx, exclusive=True)
    first, second = min(a, b), max(a, b)
    if first == second:
        raise Conflict("a subject cannot be separated from itself")
    if len(store.read_subjects(tx, (a, b))) < 2:
        raise NotFound("one of the two subjects is unknown")
    for known in store.separations_of(tx, [first]):
        if (known.a, known.b, known.undone) == (first, second, None):
            raise Conflict("the two are kept apart already")
    now = shop.clock()
    one = Separation(new_id(now), first, second, now, by)
    store.write_separation(tx, one)
    return one, _changed(shop, tx, (a, b))


def undo_separation(shop: Shop, tx: Transaction, separation_id: str) -> tuple[Separation, set[str]]:
    """Take back what `separate` laid down; answer as it does.

    Raises
    ------
    NotFound
        When there is no such separation.
    Conflict
        When it was taken back already.
    """
    store.lock_identity(tx, exclusive=True)
    known = store.read_separation(tx, separation_id)
    if known is None:
        raise NotFound(f"no separation is called {separation_id}")
    if known.undone is not None:
        raise Conflict("the separation was taken back already")
    undone = Separation(known.id, known.a, known.b, known.at, known.by, shop.clock())
    store.write_separation(tx, undone)
    return undone, _changed(shop, tx, (known.a, known.b))


def _changed(shop: Shop, tx: Transaction, subjects: Collection[str]) -> set[str]:
    _, people_ = reconsider(tx, Limits.of(shop.settings.quarantine_links), subjects)
    return people_


def release(shop: Shop, tx: Transaction, subject_id: str, by: str) -> set[str]:
    """Lay down that a quarantined subject is one person's after all; it is never quarantined again.

    Returns
    -------
    set of str
        Every person that this changed: compute their profiles anew.

    Raises
    ------
    NotFound
        When the subject is unknown.
    Conflict
        When it is not quarantined.
    """
    store.lock_identity(tx, exclusive=True)
    row = store.read_subjects(tx, [subject_id]).get(subject_id)
    if row is None:
        raise NotFound("the identifier is unknown")
    if not row.quarantined:
        raise Conflict("the identifier is not quarantined")
    store.write_release(tx, subject_id, shop.clock(), by)
    return _changed(shop, tx, [subject_id])


def known_as(database: Database, person: PersonRef) -> tuple[Known, ...]:
    """Return what a person is known by, the identifiers that name people best first."""
    with database.reading() as tx:
        rows = store.read_subjects(tx, person.subject_ids)
        values = {one.subject_id: one.value for one in store.read_identifiers(tx, person.subject_ids)}
        sources = store.first_sources(tx, person.subject_ids)
    found = (
        Known(
            row.subject_id,
            row.kind,
            values.get(row.subject_id, ""),
            row.first_at,
            sources.get(row.subject_id, ""),
            row.quarantined,
        )
        for row in rows.values()
    )
    return tuple(sorted(found, key=lambda one: (RANK[one.kind], one.first_at, one.subject_id)))


def read_merge(tx: Transaction, merge_id: str) -> Merge:
    """Return one merge.

    Raises
    ------
    NotFound
        When there is none of this id.
    """
    found = store.read_merge(tx, merge_id)
    if found is None:
        raise NotFound(f"no merge is called {merge_id}")
    return found


def forget_subjects(shop: Shop, tx: Transaction, subject_ids: Collection[str]) -> set[str]:
    """Erase subjects with their raw values, ties and merges.

    Returns
    -------
    set of str
        Other people whose subjects this changed: compute their profiles anew.
    """
    store.lock_identity(tx, exclusive=True)
    gone = set(subject_ids)
    near = {one for tie in store.ties_with(tx, gone) for one in (tie.a, tie.b)} - gone
    had = persons_of(tx, gone)
    store.delete_subjects(tx, gone)
    _forget_claims(tx, near, gone)
    return (had | _changed(shop, tx, near)) - gone


def _forget_claims(tx: Transaction, near: Collection[str], gone: Collection[str]) -> None:
    """Take erased claimers out of the claims that others keep."""
    for weak, at, message_id, source, text in tx.rows_for(
        "SELECT weak, at, message_id, source, claimers FROM claims WHERE weak IN (:keys)", sorted(near)
    ):
        left = [one for one in text.split(" ") if one not in gone]
        where = (weak, at, message_id, source)
        if not left:
            tx.run("DELETE FROM claims WHERE weak = ? AND at = ? AND message_id = ? AND source = ?", where)
        elif len(left) < len(text.split(" ")):
            tx.run(
                "UPDATE claims SET claimers = ? WHERE weak = ? AND at = ? AND message_id = ? AND source = ?",
                (" ".join(left), *where),
            )
    tx.run_many(
        "UPDATE subjects SET claim_at = NULL, claim_message = NULL, claim_source = NULL, claimers = NULL"
        " WHERE subject_id = ?",
        [(one,) for one in sorted(near)],
    )
