"""The facts of identity and what follows from them: frozen values, no I/O."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from expedit.core import Struct
from expedit.events import IdentifierKind

BEGINNING: Final = -(1 << 62)
"""Before every event: where the first owner's time starts."""

END: Final = 1 << 62
"""After every event."""


class Key(NamedTuple):
    """The place of a fact in the one order that everything personal is computed in."""

    at: int
    message_id: str
    source: str = ""


class Link(Struct, frozen=True):
    """The fact that one event carried several identifiers.

    Parameters
    ----------
    at
        When, in microseconds.
    message_id, source
        The event; they order facts of the same moment.
    ids
        (kind, subject id) of each identifier it carried.
    """

    at: int
    message_id: str
    ids: tuple[tuple[IdentifierKind, str], ...]
    source: str = ""

    @property
    def key(self) -> Key:
        """Place of the fact in the order of all facts."""
        return Key(self.at, self.message_id, self.source)


class Tie(NamedTuple):
    """The earliest fact in which two identifiers stood together; `a` names people less well than `b`."""

    a: str
    b: str
    a_kind: IdentifierKind
    b_kind: IdentifierKind
    key: Key


class Claim(NamedTuple):
    """A fact in which a weak identifier was used by somebody known better; the best known comes first."""

    weak: str
    key: Key
    claimers: tuple[str, ...]


class Separation(Struct, frozen=True):
    """Somebody's word that two subjects are not one person.

    Parameters
    ----------
    id
        Id of the separation.
    a, b
        The subjects, in alphabetical order.
    at
        When it was said.
    by
        Who said it.
    undone
        When it was taken back, if it was.
    """

    id: str
    a: str
    b: str
    at: int
    by: str
    undone: int | None = None


class Limits(Struct, frozen=True):
    """When an identifier is no longer believed to be one person's.

    Parameters
    ----------
    quick
        Most others it may be tied to for the first time within 24 hours.
    ever
        Most others it may be tied to in all.
    """

    quick: int = 25
    ever: int = 500

    @classmethod
    def of(cls, quarantine_links: int) -> Limits:
        """Return the limits that the shop's setting means: twenty days at full speed is too much in all."""
        return cls(quarantine_links, 20 * quarantine_links)


class Owner(NamedTuple):
    """From when, in microseconds, a subject belongs to a person; until the next owner's time starts."""

    since: int
    person_id: str


Outcome = Literal["merged", "attached", "conflict", "separated"]
"""What came of two identifiers standing together: one person; a device of one; two who claim the same
identifier, the earlier keeps it; or somebody's word that they are two."""


class Merge(Struct, frozen=True):
    """What came of a tie, and the fact that caused it.

    Parameters
    ----------
    id
        Stable id, a pure function of the pair.
    a, b
        The subjects; `b` is the one that names people better.
    outcome
        See `Outcome`.
    at, message_id, source
        The fact.
    """

    id: str
    a: str
    b: str
    outcome: Outcome
    at: int
    message_id: str
    source: str


class Resolution(Struct, frozen=True):
    """Who is who, as a pure function of the facts.

    Parameters
    ----------
    owners
        Owner timeline of every subject that is not simply its own person all the time.
    quarantined
        Subjects that gathered too many others and so take part in nothing.
    merges
        What came of each tie that mattered, in the order of the facts.
    """

    owners: dict[str, tuple[Owner, ...]]
    quarantined: frozenset[str]
    merges: tuple[Merge, ...]

    def timeline(self, subject_id: str) -> tuple[Owner, ...]:
        """Return the owners of `subject_id`, the earliest first; itself when nobody else."""
        return self.owners.get(subject_id) or (Owner(BEGINNING, subject_id),)


def owner_at(timeline: tuple[Owner, ...], at: int) -> str:
    """Return who owned a subject with this timeline at the moment `at`."""
    for owner in reversed(timeline):
        if owner.since <= at:
            return owner.person_id
    return timeline[0].person_id


class Span(NamedTuple):
    """A stretch of time, in microseconds: from `since` on, before `until`."""

    since: int
    until: int


class Known(Struct, frozen=True):
    """An identifier of a person as people are shown it.

    Parameters
    ----------
    subject_id, kind
        The subject.
    value
        Its cleaned value; empty when it is not kept.
    first_at
        Its first event.
    source
        Source of the first event that named it together with another; empty when none did.
    quarantined
        Whether it gathered too many others and takes part in nothing.
    """

    subject_id: str
    kind: IdentifierKind
    value: str
    first_at: int
    source: str
    quarantined: bool


class Holding(Struct, frozen=True):
    """A subject, and when it was this person's.

    Parameters
    ----------
    subject_id, kind
        The subject.
    first_at
        Its first event.
    spans
        The stretches of time in which it was the person's.
    """

    subject_id: str
    kind: IdentifierKind
    first_at: int
    spans: tuple[Span, ...]
