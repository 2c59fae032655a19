"""The event log: immutable facts, written once, sealed to Parquet, read back by replay and by questions.

`append` puts events at the head of the log inside the caller's transaction, `seal` moves the head to
date-partitioned Parquet, `read_events` and the questions see both as one log.
"""

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
    "pack_event",
    "unpack_event",
]
