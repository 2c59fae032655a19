"""What profiles offer to the house."""

from __future__ import annotations

from expedit.features import Feature
from expedit.profiles.api import routes
from expedit.profiles.rights import erase_person, export_person
from expedit.profiles.store import PERSON_TABLES

FEATURE = Feature(
    name="profiles",
    tables=PERSON_TABLES,
    person_tables=PERSON_TABLES,
    routes=routes,
    export_person=export_person,
    erase_person=erase_person,
)
