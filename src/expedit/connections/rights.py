"""Carrying out what platforms ask for on behalf of a person: erasure at once, access when it is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from expedit.access import audit_in
from expedit.connections.plugged import connections
from expedit.connections.privacy import PrivacyRequest, finish_request, open_requests
from expedit.core import NotFound, PersonRef, Progress, Unavailable, no_progress
from expedit.events import read_events
from expedit.features import Feature, installed
from expedit.profiles import person_of
from expedit.storage import Shop


def carry_out(shop: Shop, progress: Progress = no_progress) -> int:
    """Carry out every erasure that was asked for; return how many.

    An erasure of a whole shop takes everybody of whom the connection has told the log anything.
    """
    done = 0
    for request in open_requests(shop):
        if request.kind == "access":
            continue
        subjects: Iterable[str] = request.subjects
        if request.kind == "shop_erasure":
            subjects = _told_by(shop, request.connection, progress)
        erased = erase_subjects(shop, subjects, progress)
        result = {"erased": erased}
        with shop.database.writing() as tx:
            finish_request(tx, request.id, shop.clock(), result)
            action = f"connections.did_{request.kind}"
            audit_in(tx, shop, "connections", action, request.connection, {"request": request.id, **result})
        done += 1
    return done


def erase_subjects(shop: Shop, subjects: Iterable[str], progress: Progress = no_progress) -> int:
    """Erase the persons of `subjects` from every room, each in a transaction; return how many they were."""
    features = _features(shop)
    erased: set[str] = set()
    covered: set[str] = set()
    for subject in subjects:
        if subject in covered:
            continue
        person = person_of(shop.database, subject)
        # A subject that is nobody's yet may still be named by a message that waits.
        ref = person or PersonRef(subject, (subject,))
        covered.update(ref.subject_ids)
        with shop.database.writing(shred=True) as tx:
            for feature in reversed(features):
                if feature.erase_person is not None:
                    feature.erase_person(shop, tx, ref)
        if person is not None:
            erased.add(person.person_id)
            progress("erasing", len(erased), None)
    return len(erased)


def export_request(shop: Shop, request: PrivacyRequest) -> dict[str, object]:
    """Return everything that is held of the person of a request for access (GDPR art. 15).

    Raises
    ------
    NotFound
        When the request is of another kind.
    """
    if request.kind != "access":
        raise NotFound("this is no request for access")
    persons: dict[str, PersonRef] = {}
    for subject in request.subjects:
        person = person_of(shop.database, subject) or PersonRef(subject, (subject,))
        persons[person.person_id] = person
    return {
        "request": request.reference,
        "persons": [
            {
                feature.name: feature.export_person(shop, person)
                for feature in _features(shop)
                if feature.export_person is not None
            }
            for person in persons.values()
        ],
    }


def _features(shop: Shop) -> Sequence[Feature]:
    features = installed(shop)
    if not features:
        raise Unavailable("the features of this shop are not known here; the server carries it out")
    return features


def _told_by(shop: Shop, connection_id: str, progress: Progress) -> list[str]:
    """Return every subject in the log of which this connection's source has told anything."""
    connection = connections(shop).find(connection_id)
    source = connection.source if connection is not None else connection_id
    found: set[str] = set()
    for number, event in enumerate(read_events(shop)):
        if event.source == source:
            found.update(event.subjects)
        if number % 10_000 == 0:
            progress("reading the log", number, None)
    return sorted(found)
