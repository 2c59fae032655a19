"""Identifiers and the people behind them: link, merge, attach to a device, quarantine, undo.

Who is who is a pure function of facts (`resolve`), so it cannot depend on the order of arrival; `observe`
keeps its result up to date inside the ingest transaction. Everything else in the house is keyed by *subject*,
the one-way name of a device or identifier, and persons are looked up: merging and undoing never move data.
"""

from expedit.identity.identifiers import (
    RANK,
    STRONG,
    Identifier,
    identify,
    normalize_identifier,
    subject_of,
)
from expedit.identity.model import (
    BEGINNING,
    END,
    Holding,
    Key,
    Limits,
    Link,
    Merge,
    Outcome,
    Owner,
    Resolution,
    Separation,
    Span,
    owner_at,
)
from expedit.identity.observation import Observation, bucket_key_of, holdings_of, observe
from expedit.identity.people import (
    PERSON_MAP_SCHEMA,
    find_person,
    forget_subjects,
    identifiers_of,
    merges_of,
    people,
    person_map,
    person_of,
    quarantined,
    read_merge,
    read_person,
    remember_identifiers,
    separate,
    undo_separation,
)
from expedit.identity.resolution import merge_id, resolve
from expedit.identity.store import clear_derived, lock_identity

__all__ = [
    "BEGINNING",
    "END",
    "PERSON_MAP_SCHEMA",
    "RANK",
    "STRONG",
    "Holding",
    "Identifier",
    "Key",
    "Limits",
    "Link",
    "Merge",
    "Observation",
    "Outcome",
    "Owner",
    "Resolution",
    "Separation",
    "Span",
    "bucket_key_of",
    "clear_derived",
    "find_person",
    "forget_subjects",
    "holdings_of",
    "identifiers_of",
    "identify",
    "lock_identity",
    "merge_id",
    "merges_of",
    "normalize_identifier",
    "observe",
    "owner_at",
    "people",
    "person_map",
    "person_of",
    "quarantined",
    "read_merge",
    "read_person",
    "remember_identifiers",
    "resolve",
    "separate",
    "subject_of",
    "undo_separation",
]
