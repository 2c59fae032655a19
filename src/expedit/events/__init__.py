"""The event log: immutable facts, written once, sealed to Parquet, read back by replay and by questions.

`append` puts events at the head of the log inside the caller's transaction, `seal` moves the head to
date-partitioned Parquet, `read_events` and the questions see both as one log.
"""

from expedit.events.asking import PERSON_MAP, daily, sessions, training_baskets, training_sessions
from expedit.events.cursor import consume, follow, keep_place, kept_place, log_end, rewind
from expedit.events.damage import damaged_files
from expedit.events.dropping import drop_events, drop_letters
from expedit.events.erasure import erase_subjects, erased_before
from expedit.events.exporting import export_events
from expedit.events.letters import (
    LONGEST_KEPT,
    amend_letter,
    count_complaints,
    dead_letter,
    dead_letters,
    discard_letters,
    keep_dead_letter,
    mark_replayed,
    prune_dead_letters,
    shape_of,
)
from expedit.events.model import (
    EVENT_KINDS,
    IDENTIFIER_KINDS,
    ORDER_RESUMED,
    ORDER_UPDATED,
    VIEW_KINDS,
    Complaint,
    DeadLetter,
    Event,
    EventItem,
    EventKind,
    IdentifierKind,
    SealedFile,
    pack_event,
    tells_of_order,
    unpack_event,
)
from expedit.events.panel import Line, lines_of, masked
from expedit.events.reading import count_events, log_files, log_start, log_tables, read_events
from expedit.events.recent import (
    Arrivals,
    Arrived,
    Wanted,
    event_at,
    events_after,
    events_of,
    newest_events,
    reach,
)
from expedit.events.rewriting import rewrite_erased
from expedit.events.sealing import compact, seal
from expedit.events.store import Place, append, unseen
from expedit.events.whereabouts import Whereabouts, roughly

__all__ = [
    "EVENT_KINDS",
    "IDENTIFIER_KINDS",
    "LONGEST_KEPT",
    "ORDER_RESUMED",
    "ORDER_UPDATED",
    "PERSON_MAP",
    "VIEW_KINDS",
    "Arrivals",
    "Arrived",
    "Complaint",
    "DeadLetter",
    "Event",
    "EventItem",
    "EventKind",
    "IdentifierKind",
    "Line",
    "Place",
    "SealedFile",
    "Wanted",
    "Whereabouts",
    "amend_letter",
    "append",
    "compact",
    "consume",
    "count_complaints",
    "count_events",
    "daily",
    "damaged_files",
    "dead_letter",
    "dead_letters",
    "discard_letters",
    "drop_events",
    "drop_letters",
    "erase_subjects",
    "erased_before",
    "event_at",
    "events_after",
    "events_of",
    "export_events",
    "follow",
    "keep_dead_letter",
    "keep_place",
    "kept_place",
    "lines_of",
    "log_end",
    "log_files",
    "log_start",
    "log_tables",
    "mark_replayed",
    "masked",
    "newest_events",
    "pack_event",
    "prune_dead_letters",
    "reach",
    "read_events",
    "rewind",
    "rewrite_erased",
    "roughly",
    "seal",
    "sessions",
    "shape_of",
    "tells_of_order",
    "training_baskets",
    "training_sessions",
    "unpack_event",
    "unseen",
]
