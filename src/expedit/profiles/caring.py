"""What people who care for customers do to a person: consent, taking apart, releasing; each with its trace.

Everything is done in one transaction with its line in the audit log. A consent is an event like any other: it
stands in the log, and the profile follows from it.
"""

from __future__ import annotations

from expedit.access import PURPOSES, audit_in
from expedit.core import Conflict, InvalidInput, NotFound, PersonRef, new_id
from expedit.events import Event, IdentifierKind, append, unseen
from expedit.identity import (
    RANK,
    Known,
    Separation,
    known_as,
    lock_identity,
    read_merge,
    release,
    separate,
    undo_separation,
)
from expedit.profiles.recording import record, refold
from expedit.storage import Shop
from expedit.web import Viewer

PANEL_SOURCE = "panel"
"""Source of the events that are made here."""

LONGEST_NOTE = 300


def say_consent(
    shop: Shop, viewer: Viewer, person: PersonRef, purpose: str, given: bool, note: str = ""
) -> Event:
    """Note that a person gave or withdrew consent to one purpose.

    Parameters
    ----------
    viewer
        Who was told.
    purpose
        One of `expedit.access.PURPOSES`.
    given
        Whether it was given.
    note
        How it was given, as ``by phone, order 1001``; needed to give, since consent has to be shown (GDPR
        art. 7(1)). It is kept in the audit log without addresses.

    Raises
    ------
    InvalidInput
        When the purpose is unknown, or nothing says how consent was given.
    Conflict
        When the person is known by no identifier that is believed.
    """
    if purpose not in PURPOSES:
        raise InvalidInput("purpose", f"must be one of {', '.join(PURPOSES)}")
    if given and not note.strip():
        raise InvalidInput("note", "must say how consent was given")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput("note", f"may have {LONGEST_NOTE} characters")
    kind, subject = _speaks_for(shop, person)
    now = shop.clock()
    event = Event(
        new_id(now),
        PANEL_SOURCE,
        "consent",
        now,
        now,
        subject,
        ids=((kind, subject),),
        channel=PANEL_SOURCE,
        consent={purpose: given},
    )
    with shop.database.writing() as tx:
        unseen(tx, [(event.source, event.message_id)], now)
        append(tx, [event])
        record(tx, shop, [event])
        audit_in(
            tx,
            shop,
            viewer,
            "profiles.consent",
            person.person_id,
            {"purpose": purpose, "given": given, "note": note.strip()},
        )
    return event


def _speaks_for(shop: Shop, person: PersonRef) -> tuple[IdentifierKind, str]:
    """Return the identifier that stands best for a person, by which everything of theirs follows."""
    known = [one for one in known_as(shop.database, person) if not one.quarantined]
    if not known:
        raise Conflict("the person is known by no identifier that is believed")
    best = min(known, key=_standing)
    return best.kind, best.subject_id


def _standing(one: Known) -> tuple[int, int, str]:
    return RANK[one.kind], one.first_at, one.subject_id


def take_apart(shop: Shop, viewer: Viewer, merge_id: str) -> Separation:
    """Undo a merge: keep its two subjects apart from now on.

    Raises
    ------
    NotFound, Conflict
        As `expedit.identity.separate` does, or when there is no such merge.
    """
    with shop.database.writing() as tx:
        lock_identity(tx, exclusive=True)
        merge = read_merge(tx, merge_id)
        one, changed = separate(shop, tx, merge.a, merge.b, viewer.user_id)
        refold(tx, shop.settings, changed)
        details = {"a": merge.a, "b": merge.b, "separation": one.id}
        audit_in(tx, shop, viewer, "profiles.undo_merge", merge_id, details)
    return one


def put_together(shop: Shop, viewer: Viewer, separation_id: str) -> Separation:
    """Take a separation back.

    Raises
    ------
    NotFound, Conflict
        As `expedit.identity.undo_separation` does.
    """
    with shop.database.writing() as tx:
        one, changed = undo_separation(shop, tx, separation_id)
        refold(tx, shop.settings, changed)
        audit_in(tx, shop, viewer, "profiles.rejoin", separation_id, {"a": one.a, "b": one.b})
    return one


def release_identifier(shop: Shop, viewer: Viewer, subject_id: str) -> None:
    """Release an identifier from quarantine.

    Raises
    ------
    NotFound, Conflict
        As `expedit.identity.release` does.
    """
    with shop.database.writing() as tx:
        changed = release(shop, tx, subject_id, viewer.user_id)
        refold(tx, shop.settings, changed)
        audit_in(tx, shop, viewer, "profiles.release", subject_id, {"persons": len(changed)})


def person_or_nobody(found: PersonRef | None) -> PersonRef:
    """Return the person, or raise `NotFound`."""
    if found is None:
        raise NotFound("nobody is known by that id; they may have been erased")
    return found
