"""What access offers to the house."""

from __future__ import annotations

from expedit.access.rights import erase_person, export_person
from expedit.access.store import TABLES
from expedit.features import Feature

FEATURE = Feature(
    name="access",
    tables=TABLES,
    person_tables=("audit_log",),
    export_person=export_person,
    erase_person=erase_person,
)
