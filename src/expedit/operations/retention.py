"""Keeping data no longer than the settings say."""

from __future__ import annotations

from expedit.access import forget_audit
from expedit.core import DAY, Progress, Struct, day_of, no_progress
from expedit.decisions import drop_decisions
from expedit.events import LONGEST_KEPT, drop_events, drop_letters
from expedit.storage import Shop


class Forgotten(Struct, frozen=True, omit_defaults=False):
    """How much was dropped: files of events and of decisions, dead letters, lines of the audit log."""

    event_files: int
    decision_files: int
    letters: int
    audit: int


def keep_no_longer(shop: Shop, progress: Progress = no_progress) -> Forgotten:
    """Drop everything that is older than its setting; what is kept for ever is not touched.

    Events and decisions go by whole days, so that no file is rewritten. Profiles forget by themselves
    (`profile_days`), and what was derived from events that are gone stays as it is: orders are books.
    """
    settings, now = shop.settings, shop.clock()
    events = drop_events(shop, day_of(now - settings.events_days * DAY)) if settings.events_days else 0
    progress("retention", 1, 3)
    decisions = (
        drop_decisions(shop, day_of(now - settings.decisions_days * DAY)) if settings.decisions_days else 0
    )
    progress("retention", 2, 3)
    audit = 0
    with shop.database.writing(shred=True) as tx:
        letters = drop_letters(tx, now - min(settings.dead_letter_days * DAY, LONGEST_KEPT))
        if settings.audit_days:
            audit = forget_audit(tx, now - settings.audit_days * DAY)
    progress("retention", 3, 3)
    return Forgotten(events, decisions, letters, audit)
