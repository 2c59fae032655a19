"""A person's rights to what profiles hold: access and erasure (GDPR art. 15, 17, 20)."""

from __future__ import annotations

from expedit.core import PersonRef, format_time
from expedit.identity import forget_subjects, holdings_of, lock_identity
from expedit.profiles import store
from expedit.profiles.read import read_profile
from expedit.profiles.recording import refold
from expedit.profiles.telling import tell_fact, tell_profile
from expedit.storage import Shop, Transaction


def export_person(shop: Shop, person: PersonRef) -> dict[str, object]:
    """Return the profile and every fact behind it, as JSON-able values."""
    profile = read_profile(shop.database, person.person_id)
    with shop.database.reading() as tx:
        holdings = holdings_of(tx, [person.person_id])[person.person_id]
        (filed,) = store.newest_facts(tx, [(holdings, None)], 1_000_000)
        told = store.all_lasting(tx, person.subject_ids)
    return {
        "profile": None if profile is None else tell_profile(profile),
        "facts": [
            {"at": format_time(one.key.at), "messageId": one.key.message_id, **tell_fact(one.fact)}
            for one in filed
        ],
        "consentsAndTraits": [
            {
                "at": format_time(key.at),
                "messageId": key.message_id,
                "consent": kept.consent,
                "traits": kept.traits,
            }
            for subject in sorted(told)
            for key, kept in sorted(told[subject], key=lambda row: row[0])
        ],
    }


def erase_person(shop: Shop, tx: Transaction, person: PersonRef) -> None:
    """Erase the profile, its facts and the identifiers; compute anew whoever shared a device with the person.

    What the person did on a device that belongs to somebody else now goes too: by who owned it then.
    """
    lock_identity(tx, exclusive=True)
    for holding in holdings_of(tx, [person.person_id])[person.person_id]:
        store.delete_facts(tx, holding.subject_id, holding.spans)
    for subject in person.subject_ids:
        store.delete_subject(tx, subject)
    others = forget_subjects(shop, tx, {person.person_id, *person.subject_ids})
    store.delete_rows(tx, [person.person_id])
    refold(tx, shop.settings, others)
