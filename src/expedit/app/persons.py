"""A person's rights: access and erasure as loops over every feature (GDPR art. 15, 17, 20)."""

from __future__ import annotations

from expedit.app.features import FEATURES
from expedit.core import NotFound, PersonRef, Struct, format_time
from expedit.profiles import person_of
from expedit.storage import Shop


class PersonExport(Struct, frozen=True, rename="camel"):
    """Everything that is held of a person, by feature."""

    person_id: str
    exported_at: str
    features: dict[str, dict[str, object]]


class Erasure(Struct, frozen=True, rename="camel"):
    """What was erased."""

    person_id: str
    subjects: int


def find_person(shop: Shop, subject_id: str) -> PersonRef:
    """Return the person of a subject.

    Raises
    ------
    NotFound
        When nobody is known by that id.
    """
    person = person_of(shop.database, subject_id)
    if person is None:
        raise NotFound("nobody is known by that id")
    return person


def export_person(shop: Shop, person: PersonRef) -> PersonExport:
    """Collect what every feature holds of the person."""
    return PersonExport(
        person.person_id,
        format_time(shop.clock()),
        {
            feature.name: feature.export_person(shop, person)
            for feature in FEATURES
            if feature.export_person is not None
        },
    )


def erase_person(shop: Shop, person: PersonRef) -> Erasure:
    """Erase the person from every feature, in one transaction; what is sealed is hidden at once."""
    with shop.database.writing(shred=True) as tx:
        # The reverse order lets a feature still see what it stands on.
        for feature in reversed(FEATURES):
            if feature.erase_person is not None:
                feature.erase_person(shop, tx, person)
    return Erasure(person.person_id, len(person.subject_ids))
