"""What a customer may ask of this room: to see who handled their data.

The log names a customer by nothing but the person id. When they are erased it stays, as proof of what was
done on whose word (GDPR art. 5.2, 17.3 b and e); the id then leads to nobody, since the identifiers behind it
are gone.
"""

from __future__ import annotations

from expedit.access.audit import SYSTEM, Wanted, all_audit, audit_in
from expedit.core import PersonRef, format_time
from expedit.storage import Shop, Transaction


def export_person(shop: Shop, person: PersonRef) -> dict[str, object]:
    """Return what was done with the person's data, the newest first; who did it is named by id only."""
    return {
        "audit": [
            {"at": format_time(entry.at), "action": entry.action, "details": entry.details}
            for entry in all_audit(shop, Wanted(subject=person.person_id))
        ]
    }


def erase_person(shop: Shop, tx: Transaction, person: PersonRef) -> None:
    """Write down, in the transaction that erases the person, that it was done."""
    audit_in(tx, shop, SYSTEM, "person.erased", person.person_id, {"identifiers": len(person.subject_ids)})
