"""The event log: immutable facts, written once, sealed to Parquet, read back by replay and by questions.

`append` puts events at the head of the log inside the caller's transaction, `seal` moves the head to
date-partitioned Parquet, `read_events` and the questions see both as one log.
"""

from expedit.events.dead_letters import dead_letters, keep_dead_letter, mark_replayed, prune_dead_letters
from expedit.events.erasure import erase_subjects, erased_before
from expedit.events.model import (
    EVENT_KINDS,
    IDENTIFIER_KINDS,
    VIEW_KINDS,
    DeadLetter,
    Event,
    EventItem,
    EventKind,
    IdentifierKind,
    SealedFile,
    pack_event,
    unpack_event,
)
from expedit.events.store import append, unseen

__all__ = [
    "EVENT_KINDS",
    "IDENTIFIER_KINDS",
    "VIEW_KINDS",
    "DeadLetter",
    "Event",
    "EventItem",
    "EventKind",
    "IdentifierKind",
    "SealedFile",
    "append",
    "dead_letters",
    "erase_subjects",
    "erased_before",
    "keep_dead_letter",
    "mark_replayed",
    "pack_event",
    "prune_dead_letters",
    "unpack_event",
    "unseen",
]
