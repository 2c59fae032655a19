"""A person's rights to what audiences hold: access and erasure (GDPR art. 15, 17)."""

from __future__ import annotations

from expedit.audiences import store
from expedit.audiences.live import live_audiences
from expedit.core import PersonRef, format_time
from expedit.profiles import read_profile
from expedit.storage import Shop, Transaction


def export_person(shop: Shop, person: PersonRef) -> dict[str, object]:
    """Return the audiences that a person is in, and since when, as JSON-able values."""
    profile = read_profile(shop.database, person.person_id)
    audiences = live_audiences(shop)
    ids = [] if profile is None else audiences.of(profile, shop.clock())
    with shop.database.reading() as tx:
        since = store.since_of(tx, person.person_id)
    book = audiences.current()
    return {
        "audiences": [
            {
                "id": one,
                "name": book[one].audience.name,
                "since": format_time(since[one]) if one in since else None,
            }
            for one in ids
        ]
    }


def erase_person(shop: Shop, tx: Transaction, person: PersonRef) -> None:  # noqa: ARG001  (a feature's shape)
    """Take a person out of every audience."""
    store.remove_person(tx, {person.person_id, *person.subject_ids})
