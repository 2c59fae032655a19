"""The transaction of the way in: deduplicate, ask for consent, append to the log, update the profiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from expedit.access import Source
from expedit.events import Event, append, erased_before, keep_dead_letter, unseen
from expedit.identity import Identifier, remember_identifiers
from expedit.profiles import consents_of, record
from expedit.storage import Shop, Transaction
from expedit.tracking.model import Draft, Fate, Outcome
from expedit.tracking.settling import settle, without_person
from expedit.tracking.store import add_counts


class Letter(NamedTuple):
    """A refused event on its way to the dead letters.

    Parameters
    ----------
    source
        Id of its source.
    body
        What was sent; empty where there is no consent to keep it.
    field, reason
        What was wrong.
    at
        When it was refused.
    subjects
        Subject ids that it names, so that erasure finds it.
    """

    source: str
    body: str
    field: str
    reason: str
    at: int
    subjects: tuple[str, ...] = ()


class Entry(NamedTuple):
    """A draft and the source it came from."""

    draft: Draft
    source: Source


def write_entries(
    shop: Shop, tx: Transaction, entries: Sequence[Entry], letters: Sequence[Letter] = ()
) -> list[Outcome]:
    """Write one group inside the caller's transaction; return what became of each entry, in their order.

    Parameters
    ----------
    entries
        In the order of arrival.
    letters
        Refused events, kept in the same transaction.
    """
    outcomes: list[Outcome] = []
    events: list[Event] = []
    identifiers: dict[str, Identifier] = {}
    counts: Counter[tuple[str, str]] = Counter()
    received = max((entry.draft.event.received for entry in entries), default=0)
    fresh = unseen(tx, [(source.id, draft.event.message_id) for draft, source in entries], received)
    subjects = {
        subject
        for draft, source in entries
        if (source.id, draft.event.message_id) in fresh
        for _, subject in draft.event.ids
    }
    consents = consents_of(tx, sorted(subjects))
    erased = erased_before(tx, subjects)
    for draft, source in entries:
        event = draft.event
        key = (source.id, event.message_id)
        if key not in fresh:
            outcomes.append(Outcome("duplicate", event.message_id))
            counts[source.id, "duplicate"] += 1
            continue
        fresh.discard(key)
        if erased and any(event.at <= erased.get(subject, -1) for _, subject in event.ids):
            # Erased persons stay erased; only the books keep the order, without them.
            kept: tuple[Event, ...] = (without_person(draft, None),) if event.about_order else ()
            fate: Fate = "anonymous" if kept else "declined"
        else:
            fate, kept = settle(draft, consents.get(event.subject), source, shop.secret)
        for one in kept:
            events.append(one)
            if one.personal:
                identifiers.update((who.subject_id, who) for who in draft.identifiers)
                if one.consent:
                    # The next event of the same group lives by this answer.
                    consents[one.subject] = {**consents.get(one.subject, {}), **one.consent}
        outcomes.append(Outcome(fate, event.message_id, None, draft.ignored))
        counts[source.id, fate] += 1
        if draft.ignored:
            counts[source.id, "ignored"] += len(draft.ignored)
    append(tx, events)
    personal = [event for event in events if event.personal]
    remember_identifiers(tx, identifiers.values())
    record(tx, shop, personal)
    for letter in letters:
        keep_dead_letter(tx, *letter)
        counts[letter.source, "refused"] += 1
    add_counts(tx, max([received, *(letter.at for letter in letters)]), counts)
    return outcomes
