"""The incremental side of identity: take in what events carried, and tell whose profiles that changes.

Most events change nothing in who is who: a known device, a known pair, a repeated claim. Only when something
can change are the facts around it loaded, resolved by the pure function `resolve`, and compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from expedit.core import Struct
from expedit.events import Event, IdentifierKind
from expedit.identity import store
from expedit.identity.identifiers import STRONG
from expedit.identity.model import (
    BEGINNING,
    END,
    Claim,
    Holding,
    Key,
    Limits,
    Link,
    Owner,
    Resolution,
    Span,
    Tie,
    owner_at,
)
from expedit.identity.resolution import claims_of, is_gathering, resolve_ties, ties_of
from expedit.storage import Transaction


class Observation(Struct, frozen=True):
    """Who is who after some events were taken in.

    Parameters
    ----------
    timelines
        Owners over time of every subject that the events carried.
    changed
        Persons whose subjects, or whose time with them, are no longer what they were: compute them anew.
    """

    timelines: dict[str, tuple[Owner, ...]]
    changed: frozenset[str]

    def owner(self, subject_id: str, at: int) -> str:
        """Return the person whose `subject_id` was at the moment `at`."""
        timeline = self.timelines[subject_id]
        return timeline[0].person_id if len(timeline) == 1 else owner_at(timeline, at)


class _News:
    """What the events say that the tables did not: new ties, new claims, earlier first moments."""

    def __init__(self, tx: Transaction, links: Sequence[Link], rows: dict[str, store.SubjectRow]) -> None:
        self.rows = rows
        self.ties: dict[tuple[str, str], Tie] = {}
        self.claims: list[Claim] = []
        for link in links:
            for tie in ties_of(link):
                known = self.ties.get((tie.a, tie.b))
                if known is None or tie.key < known.key:
                    self.ties[tie.a, tie.b] = tie
            self.claims += claims_of(link)
        self.seeds: set[str] = set()
        self.recheck: set[str] = set()
        self.newest: dict[str, tuple[Key, str]] = {}
        if links:
            self._drop_known_ties(tx)
            self._follow_claims()

    def _drop_known_ties(self, tx: Transaction) -> None:
        for known in store.ties_from(tx, {a for a, _ in self.ties}):
            tie = self.ties.get((known.a, known.b))
            if tie is not None and known.key <= tie.key:
                del self.ties[known.a, known.b]
            elif tie is not None:
                # An earlier moment of a known tie may even end a quarantine.
                self.recheck |= {tie.a, tie.b}
        self.seeds |= {subject for pair in self.ties for subject in pair}

    def _follow_claims(self) -> None:
        for claim in sorted(self.claims, key=lambda one: one.key):
            row = self.rows[claim.weak]
            key, claimers = self.newest.get(claim.weak, (row.claim, row.claimers))
            text = " ".join(claim.claimers)
            if key is not None and claim.key <= key:
                self.seeds.add(claim.weak)
                continue
            if text != claimers or row.kind != "anonymous_id":
                self.seeds.add(claim.weak)
            self.newest[claim.weak] = claim.key, text


def observe(tx: Transaction, limits: Limits, events: Sequence[Event]) -> Observation:
    """Take in the identifiers of personal `events` inside the caller's transaction.

    On PostgreSQL the persons concerned stay locked until the transaction ends, and a transaction that
    changes who is who runs alone.
    """
    first: dict[str, tuple[IdentifierKind, int]] = {}
    links: list[Link] = []
    for event in events:
        for kind, subject in event.ids:
            known = first.get(subject)
            if known is None or event.at < known[1]:
                first[subject] = kind, event.at
        if len(event.ids) > 1:
            links.append(Link(event.at, event.message_id, event.ids, event.source))
    rows = _ready(tx, first)
    if tx.dialect == "sqlite":
        return _take_in(tx, limits, first, rows, _News(tx, links, rows))
    return _observe_locked(tx, limits, first, rows, links)


def _observe_locked(
    tx: Transaction,
    limits: Limits,
    first: dict[str, tuple[IdentifierKind, int]],
    rows: dict[str, store.SubjectRow],
    links: Sequence[Link],
) -> Observation:
    """Take in under locks: shared and by person when nothing can change, else alone.

    Row locks are only ever taken after the identity lock and in sorted order, so nobody waits in a circle;
    when the first look was wrong, the savepoint gives the locks back before the other kind is asked for.
    """
    if not _News(tx, links, rows).seeds:
        tx.run("SAVEPOINT observing")
        store.lock_identity(tx, exclusive=False)
        wanted = set(rows) | {one.person_id for row in rows.values() for one in row.owners}
        held = store.read_subjects(tx, wanted, lock=True)
        rows = {subject: held[subject] for subject in first if subject in held}
        people = {one.person_id for row in rows.values() for one in row.owners}
        if len(rows) == len(first) and people <= wanted:
            news = _News(tx, links, rows)
            if not news.seeds:
                tx.run("RELEASE SAVEPOINT observing")
                return _take_in(tx, limits, first, rows, news)
        tx.run("ROLLBACK TO SAVEPOINT observing")
    store.lock_identity(tx, exclusive=True)
    rows = _ready(tx, first)
    return _take_in(tx, limits, first, rows, _News(tx, links, rows))


def _ready(tx: Transaction, first: dict[str, tuple[IdentifierKind, int]]) -> dict[str, store.SubjectRow]:
    """Return the rows of the subjects, made where they are missing."""
    rows = store.read_subjects(tx, first)
    if len(rows) < len(first):
        missing = [(subject, kind, at) for subject, (kind, at) in first.items() if subject not in rows]
        store.insert_subjects(tx, missing)
        rows |= store.read_subjects(tx, [subject for subject, _, _ in missing])
    return rows


def _take_in(
    tx: Transaction,
    limits: Limits,
    first: dict[str, tuple[IdentifierKind, int]],
    rows: dict[str, store.SubjectRow],
    news: _News,
) -> Observation:
    changed: set[str] = set()
    earlier = [(at, subject) for subject, (_, at) in first.items() if at < rows[subject].first_at]
    store.write_first(tx, earlier)
    changed |= {rows[subject].owners[0].person_id for _, subject in earlier}
    store.write_ties(tx, news.ties.values())
    store.write_claims(tx, news.claims)
    store.write_newest_claims(
        tx, [(*key, claimers, subject) for subject, (key, claimers) in sorted(news.newest.items())]
    )
    timelines = {subject: row.owners for subject, row in rows.items()}
    if news.seeds:
        fresh, moved = reconsider(tx, limits, news.seeds, news.recheck)
        timelines |= {subject: owners for subject, owners in fresh.items() if subject in timelines}
        changed |= moved
    return Observation(timelines, frozenset(changed))


def reconsider(
    tx: Transaction, limits: Limits, seeds: Collection[str], recheck: Collection[str] = ()
) -> tuple[dict[str, tuple[Owner, ...]], set[str]]:
    """Resolve anew what the facts of `seeds` can touch, and store what came of it.

    Parameters
    ----------
    seeds
        Subjects whose facts changed.
    recheck
        Subjects whose quarantine may have ended.

    Returns
    -------
    tuple
        The timelines that changed, and every person they name, before or after.
    """
    around = _Surroundings(tx, limits, seeds, recheck)
    rows = store.read_subjects(tx, around.complete)
    result: Resolution = resolve_ties(
        around.ties.values(),
        store.claims_on(tx, around.devices, around.references),
        store.separations_of(tx, around.complete),
        limits,
        around.quarantined,
        store.released_among(tx, around.kinds),
    )
    moved: list[tuple[str, tuple[Owner, ...], bool]] = []
    people: set[str] = set()
    for subject, row in rows.items():
        owners, quarantined = result.timeline(subject), subject in result.quarantined
        if owners != row.owners or quarantined != row.quarantined:
            moved.append((subject, owners, quarantined))
        if owners != row.owners:
            people |= {one.person_id for one in (*owners, *row.owners)}
    store.write_owners(tx, moved)
    store.write_merges(tx, around.complete, result.merges)
    return {subject: owners for subject, owners, _ in moved}, people


class _Surroundings:
    """Every fact on which the people around some subjects depend, and the subjects it is complete for.

    Persons hang together by ties of strong identifiers alone, and nothing passes through one that is
    quarantined. A device depends on who claimed it; a payment reference also on the devices that did. So: the
    strong identifiers around the seeds, the weak ones of those, and whoever else claimed these.
    """

    def __init__(
        self, tx: Transaction, limits: Limits, seeds: Collection[str], recheck: Collection[str]
    ) -> None:
        self.tx = tx
        self.limits = limits
        self.kinds: dict[str, IdentifierKind] = {}
        self.ties: dict[tuple[str, str], Tie] = {}
        self.near: dict[str, list[Tie]] = defaultdict(list)
        self.complete: set[str] = set()
        self.quarantined: set[str] = set()
        self._recheck = set(recheck)
        self._fetch(seeds)
        # A seed may have just been quarantined, or freed: its neighbors are concerned either way.
        start = set(seeds) | self._others(seeds)
        strong = self._strong_closure({one for one in start if self._is_strong(one)})
        weak = {one for one in start | self._others(strong) if not self._is_strong(one)}
        self._fetch(weak)
        references = {one for one in self._others(weak) if self.kinds[one] == "payment_ref"}
        self._fetch(references)
        weak |= references
        devices = {
            other
            for one in weak
            if self.kinds[one] == "payment_ref"
            for other in self._others([one])
            if self.kinds[other] == "anonymous_id"
        }
        self._fetch(devices)
        weak |= devices
        self._strong_closure({one for one in self._others(weak) if self._is_strong(one)})
        self.devices = {one for one in weak if self.kinds[one] == "anonymous_id"}
        self.references = weak - self.devices

    def _is_strong(self, subject: str) -> bool:
        return self.kinds[subject] in STRONG

    def _fetch(self, keys: Iterable[str]) -> None:
        """Load the ties of subjects not loaded yet; a quarantined one's only when it may be freed."""
        wanted = set(keys) - self.complete
        if not wanted:
            return
        self.complete |= wanted
        released = store.released_among(self.tx, wanted)
        for row in store.read_subjects(self.tx, wanted).values():
            self.kinds[row.subject_id] = row.kind
            if row.quarantined and row.subject_id not in self._recheck | released:
                self.quarantined.add(row.subject_id)
        loaded = wanted - self.quarantined
        for tie in store.ties_with(self.tx, loaded):
            if (tie.a, tie.b) not in self.ties:
                self.ties[tie.a, tie.b] = tie
                self.kinds[tie.a], self.kinds[tie.b] = tie.a_kind, tie.b_kind
                self.near[tie.a].append(tie)
                self.near[tie.b].append(tie)
        self.quarantined |= {
            one
            for one in loaded - released
            if is_gathering([tie.key.at for tie in self.near[one]], self.limits)
        }

    def _others(self, keys: Iterable[str]) -> set[str]:
        return {
            tie.b if tie.a == one else tie.a for one in keys if one in self.complete for tie in self.near[one]
        }

    def _strong_closure(self, start: set[str]) -> set[str]:
        """Load strong identifiers and all that hang together with them; return them."""
        reached, frontier = set(start), set(start)
        while frontier:
            self._fetch(frontier)
            frontier = {
                other
                for other in self._others(frontier - self.quarantined)
                if self._is_strong(other) and other not in reached
            }
            reached |= frontier
        return reached


def holdings_of(tx: Transaction, person_ids: Collection[str]) -> dict[str, tuple[Holding, ...]]:
    """Return what each person has and when they had it, the subject that was first seen first.

    A person who has nothing any more (merged into another) is given with nothing.
    """
    having = store.subjects_of(tx, person_ids)
    rows = store.read_subjects(tx, {one for subjects in having.values() for one in subjects})
    found: dict[str, tuple[Holding, ...]] = {}
    for person, subjects in having.items():
        held = []
        for row in (rows[one] for one in subjects if one in rows):
            ends = [*(owner.since for owner in row.owners[1:]), END]
            spans = tuple(
                Span(owner.since, until)
                for owner, until in zip(row.owners, ends, strict=True)
                if owner.person_id == person
            )
            if spans:
                held.append(Holding(row.subject_id, row.kind, row.first_at, spans))
        found[person] = tuple(sorted(held, key=lambda one: (one.first_at, one.subject_id)))
    return found


def bucket_key_of(person_id: str, holdings: Iterable[Holding]) -> str:
    """Return the earliest subject that was the person's from its start: what randomization hashes.

    A device that came to the person later, from somebody else, keeps its bucket with its first owner.
    """
    own = [(one.first_at, one.subject_id) for one in holdings if one.spans[0].since == BEGINNING]
    return min(own)[1] if own else person_id
