"""Sending refused events through again, as they are or mended: the same parser, the same transaction."""

from __future__ import annotations

from collections import Counter

from expedit.access import audit_in, keys
from expedit.core import Conflict, NotFound, Struct
from expedit.events import (
    DeadLetter,
    amend_letter,
    dead_letter,
    dead_letters,
    discard_letters,
    mark_replayed,
    shape_of,
)
from expedit.storage import Shop, Transaction
from expedit.tracking.model import Fate, Outcome, Refusal
from expedit.tracking.reading import Refused, intake_of, read_raw
from expedit.tracking.recording import Entry, write_entries
from expedit.web import Viewer

MOST_AT_ONCE = 500
"""Letters replayed by one request."""


class Replayed(Struct, frozen=True):
    """What became of many letters.

    Parameters
    ----------
    fates
        How many by fate, as in `Outcome`.
    """

    fates: dict[Fate, int]

    @property
    def taken(self) -> int:
        """Return how many are letters no more."""
        return sum(count for fate, count in self.fates.items() if fate != "refused")

    @property
    def refused(self) -> int:
        """Return how many were refused again."""
        return self.fates.get("refused", 0)


def replay_letter(shop: Shop, viewer: Viewer, letter_id: int, body: str | None = None) -> Outcome:
    """Send one letter through again; when it is refused again, it stays with the new complaint.

    A letter is taken once, however often this is asked; an event that came in some other way meanwhile is a
    duplicate by its message id, as always.

    Parameters
    ----------
    viewer
        Who asks, for the audit log.
    letter_id
        The letter.
    body
        Its mended text; None to send what was sent.

    Raises
    ------
    NotFound
        When the letter or its source is gone.
    Conflict
        When it was replayed already, or nothing of it was kept.
    Unavailable
        When the database did not take it; it stays a letter.
    """
    with shop.database.writing() as tx:
        letter = dead_letter(tx, letter_id, lock=True)
        outcome = _replay(shop, tx, letter, body)
        audit_in(
            tx, shop, viewer, "tracking.replay_letter", str(letter_id),
            {"source": letter.source, "field": shape_of(letter.field), "fate": outcome.fate,
             "edited": body is not None},
        )  # fmt: skip
    return outcome


def replay_like(shop: Shop, viewer: Viewer, source: str, field: str, reason: str) -> Replayed:
    """Send every waiting letter with one complaint through again, the oldest first, at most `MOST_AT_ONCE`.

    Parameters
    ----------
    source
        Source of the letters.
    field, reason
        The complaint, as `shape_of` gives it.
    """
    with shop.database.reading() as tx:
        waiting = dead_letters(tx, MOST_AT_ONCE, source=source, complaint=(field, reason), waiting=True)
    fates: Counter[Fate] = Counter()
    for letter in reversed(waiting):
        if not letter.body:
            fates["refused"] += 1
            continue
        with shop.database.writing() as tx:
            try:
                fates[_replay(shop, tx, dead_letter(tx, letter.id, lock=True), None).fate] += 1
            except (Conflict, NotFound):  # somebody else was faster
                continue
    with shop.database.writing() as tx:
        audit_in(
            tx, shop, viewer, "tracking.replay_letters", source,
            {"field": field, "reason": reason, **{fate: fates[fate] for fate in sorted(fates)}},
        )  # fmt: skip
    return Replayed(dict(fates))


def discard_letter(shop: Shop, viewer: Viewer, letter_id: int) -> None:
    """Throw one letter away.

    Raises
    ------
    NotFound
        When it is gone already.
    """
    with shop.database.writing() as tx:
        letter = dead_letter(tx, letter_id, lock=True)
        discard_letters(tx, [letter.id])
        audit_in(
            tx, shop, viewer, "tracking.discard_letter", str(letter_id),
            {"source": letter.source, "field": shape_of(letter.field), "reason": shape_of(letter.reason)},
        )  # fmt: skip


def discard_like(shop: Shop, viewer: Viewer, source: str, field: str, reason: str) -> int:
    """Throw every waiting letter with one complaint away; return how many."""
    with shop.database.writing() as tx:
        waiting = dead_letters(tx, 10_000, source=source, complaint=(field, reason), waiting=True)
        discard_letters(tx, [letter.id for letter in waiting])
        audit_in(
            tx, shop, viewer, "tracking.discard_letters", source,
            {"field": field, "reason": reason, "n": len(waiting)},
        )  # fmt: skip
    return len(waiting)


def _replay(shop: Shop, tx: Transaction, letter: DeadLetter, body: str | None) -> Outcome:
    if letter.replayed is not None:
        raise Conflict("the letter was replayed already")
    text = letter.body if body is None else body
    if not text.strip():
        raise Conflict("nothing was kept of this event: there was no consent to keep it")
    source = keys(shop).find(letter.source)
    if source is None:
        raise NotFound(f"the source {letter.source!r} is gone")
    # Received when it was: so that its time is worked out as it would have been.
    intake = intake_of(shop, source, letter.at, trusted=not source.public)
    found = read_raw(text.encode(), intake, shop.settings.max_event_bytes)
    if isinstance(found, Refused):
        amend_letter(tx, letter.id, text, found.error.field, found.error.reason)
        return Outcome("refused", refusal=Refusal(found.error.field, found.error.reason))
    (outcome,) = write_entries(shop, tx, [Entry(found, source)])
    mark_replayed(tx, [letter.id], shop.clock())
    return outcome
