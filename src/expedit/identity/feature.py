"""What identity offers to the house."""

from __future__ import annotations

from expedit.core import PersonRef, to_builtins
from expedit.features import Feature
from expedit.identity.people import forget_subjects, identifiers_of, merges_of, separations_of
from expedit.identity.store import PERSON_TABLES
from expedit.storage import Shop, Transaction


def _export_person(shop: Shop, person: PersonRef) -> dict[str, object]:
    subjects = person.subject_ids
    return {
        "person_id": person.person_id,
        "identifiers": [to_builtins(one) for one in identifiers_of(shop.database, subjects)],
        "merges": [to_builtins(one) for one in merges_of(shop.database, subjects, limit=10_000)],
        "separations": [to_builtins(one) for one in separations_of(shop.database, subjects)],
    }


def _erase_person(shop: Shop, tx: Transaction, person: PersonRef) -> None:
    # Profiles, above, forget subjects together with what they did; this is for what has no profile.
    forget_subjects(shop, tx, {person.person_id, *person.subject_ids})


FEATURE = Feature(
    name="identity",
    tables=PERSON_TABLES,
    person_tables=PERSON_TABLES,
    export_person=_export_person,
    erase_person=_erase_person,
)
