"""Who is who: a pure function of the facts, whatever order they came in.

Strong identifiers (user, loyalty card, e-mail, phone) merge in the order of the facts, but two different
users never become one: what both claim stays with the earlier claim. Weak ones (devices, payment references)
only attach: each has a timeline of owners, two of them never merge by themselves. An identifier that gathers
too many others is quarantined unless somebody released it, and what somebody separated stays separate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b

from expedit.core import DAY
from expedit.events import IdentifierKind
from expedit.identity.identifiers import RANK, STRONG
from expedit.identity.model import (
    BEGINNING,
    Claim,
    Key,
    Limits,
    Link,
    Merge,
    Outcome,
    Owner,
    Resolution,
    Separation,
    Tie,
    owner_at,
)


def resolve(
    links: Iterable[Link],
    separations: Iterable[Separation] = (),
    limits: Limits | None = None,
    released: Collection[str] = (),
) -> Resolution:
    """Tell who is who from every fact there is.

    Parameters
    ----------
    links
        The facts, in any order.
    separations
        What somebody took apart; those taken back do not count.
    limits
        Bounds of the quarantine.
    released
        Subjects that are never quarantined, by somebody's word.
    """
    ties: dict[tuple[str, str], Tie] = {}
    claims: list[Claim] = []
    for link in links:
        for tie in ties_of(link):
            known = ties.get((tie.a, tie.b))
            if known is None or tie.key < known.key:
                ties[tie.a, tie.b] = tie
        claims += claims_of(link)
    return resolve_ties(ties.values(), claims, separations, limits, released=released)


def ties_of(link: Link) -> list[Tie]:
    """Return every pair of identifiers that stand together in `link`."""
    ids = sorted(set(link.ids), key=lambda one: (RANK[one[0]], one[1]))
    return [
        Tie(a, b, a_kind, b_kind, link.key)
        for place, (b_kind, b) in enumerate(ids)
        for a_kind, a in ids[place + 1 :]
    ]


def claims_of(link: Link) -> list[Claim]:
    """Return who claims which device or payment reference in `link`; a device may claim the latter."""
    ids = sorted(set(link.ids), key=lambda one: (RANK[one[0]], one[1]))
    found = []
    for kind, subject in ids:
        if kind not in STRONG:
            claimers = tuple(other for other_kind, other in ids if RANK[other_kind] < RANK[kind])
            if claimers:
                found.append(Claim(subject, link.key, claimers))
    return found


def is_gathering(first_ties: Iterable[int], limits: Limits) -> bool:
    """Tell whether an identifier first tied to others at these moments gathers too many, or too fast."""
    times = sorted(first_ties)
    if len(times) > limits.ever:
        return True
    return any(later - earlier <= DAY for earlier, later in zip(times, times[limits.quick :], strict=False))


def resolve_ties(
    ties: Iterable[Tie],
    claims: Iterable[Claim],
    separations: Iterable[Separation] = (),
    limits: Limits | None = None,
    known_quarantined: Collection[str] = (),
    released: Collection[str] = (),
) -> Resolution:
    """Tell who is who from the earliest tie of each pair and every claim.

    Parameters
    ----------
    ties
        At most one of a pair.
    claims
        Claims on devices and payment references; for a device, repeated equal ones in a row may be left out.
    separations, limits
        As in `resolve`.
    known_quarantined
        Subjects that are known to be quarantined though not all their ties are given.
    released
        As in `resolve`.
    """
    ties = sorted(ties, key=lambda tie: (tie.key, RANK[tie.b_kind], RANK[tie.a_kind], tie.b, tie.a))
    limits = limits or Limits()
    kinds: dict[str, IdentifierKind] = {}
    first: dict[str, Key] = {}
    times: dict[str, list[int]] = defaultdict(list)
    for tie in ties:
        for subject, kind in ((tie.a, tie.a_kind), (tie.b, tie.b_kind)):
            kinds[subject] = kind
            first.setdefault(subject, tie.key)
            times[subject].append(tie.key.at)
    quarantined = frozenset(known_quarantined) | {
        subject
        for subject, moments in times.items()
        if subject not in released and is_gathering(moments, limits)
    }
    people = _People(kinds, first, separations)
    for tie in ties:
        if (
            tie.a_kind in STRONG
            and tie.b_kind in STRONG
            and tie.a not in quarantined
            and tie.b not in quarantined
        ):
            people.join(tie)
    owners = people.owners()
    owners |= _timelines(people, [one for one in claims if one.weak not in quarantined], kinds, quarantined)
    return Resolution(
        owners,
        quarantined,
        tuple(sorted(people.merges, key=lambda one: (one.at, one.message_id, one.source, one.id))),
    )


def merge_id(a: str, b: str) -> str:
    """Return the stable id of what came of the pair (a, b)."""
    return blake2b(f"{min(a, b)} {max(a, b)}".encode(), digest_size=12).hexdigest()


class _People:
    """Union of strong identifiers, at most one user to a person, separated ones apart."""

    def __init__(
        self,
        kinds: Mapping[str, IdentifierKind],
        first: Mapping[str, Key],
        separations: Iterable[Separation],
    ) -> None:
        self.kinds = kinds
        self.first = first
        self.members: dict[str, list[str]] = {}
        self.root: dict[str, str] = {}
        self.apart: dict[str, set[str]] = defaultdict(set)
        for one in separations:
            if one.undone is None:
                self.apart[one.a].add(one.b)
                self.apart[one.b].add(one.a)
        self.merges: list[Merge] = []
        self._noted: set[tuple[str, str]] = set()
        self._person: dict[str, str] = {}

    def group(self, subject: str) -> list[str]:
        return self.members.get(self.root.get(subject, subject)) or [subject]

    def join(self, tie: Tie) -> None:
        """Make the two sides of `tie` one person unless something forbids it."""
        left, right = self.group(tie.b), self.group(tie.a)
        if tie.a in left:
            return
        if not self.apart_from(left, right):
            users = {one for one in (*left, *right) if self.kinds[one] == "user_id"}
            if len(users) < 2:
                root = self.root.get(tie.b, tie.b)
                self.members.pop(self.root.get(tie.a, tie.a), None)
                self.members[root] = [*left, *right]
                self.root |= dict.fromkeys((*left, *right), root)
                self.note(tie.a, tie.b, "merged", tie.key)
            else:
                self.note(tie.a, tie.b, "conflict", tie.key)
        else:
            self.note(tie.a, tie.b, "separated", tie.key)

    def apart_from(self, left: Iterable[str], right: Collection[str]) -> bool:
        return bool(self.apart) and any(
            not self.apart[one].isdisjoint(right) for one in left if one in self.apart
        )

    def note(self, a: str, b: str, outcome: Outcome, key: Key) -> None:
        if (a, b) not in self._noted:
            self._noted.add((a, b))
            self.merges.append(Merge(merge_id(a, b), a, b, outcome, *key))

    def person(self, subject: str) -> str:
        """Return the representative of the person of a strong `subject`."""
        found = self._person.get(subject)
        if found is None:
            group = self.group(subject)
            found = min(group, key=self._standing)
            self._person |= dict.fromkeys(group, found)
        return found

    def _standing(self, subject: str) -> tuple[bool, Key, int, str]:
        kind = self.kinds.get(subject, "user_id")
        return kind != "user_id", self.first.get(subject, Key(0, "")), RANK[kind], subject

    def owners(self) -> dict[str, tuple[Owner, ...]]:
        return {
            subject: (Owner(BEGINNING, person),)
            for group in self.members.values()
            for subject in group
            if (person := self.person(subject)) != subject
        }


def _timelines(
    people: _People,
    claims: Iterable[Claim],
    kinds: Mapping[str, IdentifierKind],
    quarantined: Collection[str],
) -> dict[str, tuple[Owner, ...]]:
    """Return the owners over time of devices and of payment references."""
    devices: dict[str, tuple[Owner, ...]] = {}
    references: dict[str, tuple[Owner, ...]] = {}
    waiting: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        waiting[claim.weak].append(claim)
    # Devices first: a payment reference may follow a device, never the other way round.
    for weak in sorted(waiting, key=lambda one: (RANK[kinds[one]], one)):
        kind = kinds[weak]
        found: list[Owner] = []
        for claim in sorted(waiting[weak], key=lambda one: one.key):
            person = _claimer(people, claim, kinds, quarantined, devices)
            if person is None:
                continue
            if found and claim.key.at == found[-1].since:
                found.pop()
            if not found:
                found.append(Owner(BEGINNING, person))
            elif found[-1].person_id != person:
                found.append(Owner(claim.key.at, person))
        if found:
            (devices if kind == "anonymous_id" else references)[weak] = tuple(found)
    return devices | references


def _claimer(
    people: _People,
    claim: Claim,
    kinds: Mapping[str, IdentifierKind],
    quarantined: Collection[str],
    devices: Mapping[str, tuple[Owner, ...]],
) -> str | None:
    """Return the person for whom `claim` speaks: its best known claimer that is believed."""
    for claimer in claim.claimers:
        if claimer in quarantined:
            continue
        if kinds[claimer] in STRONG:
            person, group = people.person(claimer), people.group(claimer)
        else:
            timeline = devices.get(claimer)
            person = owner_at(timeline, claim.key.at) if timeline else claimer
            group = [claimer, *people.group(person)]
        if people.apart_from([claim.weak], group):
            people.note(claim.weak, claimer, "separated", claim.key)
            continue
        people.note(claim.weak, claimer, "attached", claim.key)
        return person
    return None
