"""Finding people: by anything they may be known by, by an order, or as the last ones who did something."""

from __future__ import annotations

from collections.abc import Iterable

from expedit.core import InvalidInput, PersonRef, Struct
from expedit.events import IDENTIFIER_KINDS, IdentifierKind, newest_events
from expedit.identity import Identifier, identifiers_in, identify, persons_of, read_person
from expedit.orders import find_order
from expedit.profiles import store
from expedit.profiles.model import Profile
from expedit.profiles.read import profile_of
from expedit.storage import Shop, Transaction

_LOOKED_AT = 600
CALLING_CODES = {
    "SE": "46", "NO": "47", "DK": "45", "FI": "358", "IS": "354",
    "DE": "49", "NL": "31", "GB": "44", "FR": "33",
}  # fmt: skip
"""Country codes (ITU-T E.164) that complete a national phone number, for the markets most shops here have."""


class Sighting(Struct, frozen=True):
    """A person in a list.

    Parameters
    ----------
    person
        Who.
    identifiers
        What they are known by.
    profile
        What is known of them, if anything.
    """

    person: PersonRef
    identifiers: tuple[Identifier, ...]
    profile: Profile | None


def seek(shop: Shop, words: str) -> tuple[PersonRef, ...]:
    """Return everybody known by `words`: any identifier, whole, or the number of an order of theirs.

    Parameters
    ----------
    words
        An e-mail address, phone number (also national), user id, loyalty card, device id, payment reference,
        person id or order number.
    """
    text = words.strip()
    if not text:
        return ()
    subjects = {text, *_spellings(shop, text)}
    order = find_order(shop, text)
    if order is not None:
        subjects |= set(order.subjects)
    with shop.database.reading() as tx:
        persons = persons_of(tx, subjects)
        found = (read_person(tx, person) for person in sorted(persons))
        return tuple(dict.fromkeys(one for one in found if one is not None))


def _spellings(shop: Shop, text: str) -> Iterable[str]:
    codes: tuple[str | None, ...] = (None, *(CALLING_CODES.get(market) for market in shop.settings.markets))
    for kind in IDENTIFIER_KINDS:
        for code in dict.fromkeys(codes) if kind == "phone" else (None,):
            try:
                yield identify(shop.secret, kind, text, calling_code=code).subject_id
            except InvalidInput:  # no such identifier: it may be one of another kind
                continue


def sightings(shop: Shop, people: Iterable[PersonRef]) -> tuple[Sighting, ...]:
    """Return what a list shows of `people`, in their order."""
    wanted = list(people)
    with shop.database.reading() as tx:
        rows = store.read_rows(tx, [one.person_id for one in wanted])
        return tuple(_sighting(tx, one, rows.get(one.person_id)) for one in wanted)


def _sighting(tx: Transaction, person: PersonRef, row: store.ProfileRow | None) -> Sighting:
    profile = None if row is None else profile_of(*row[:4], row.state, row.consents, row.traits)
    return Sighting(person, identifiers_in(tx, person.subject_ids), profile)


def newest_people(shop: Shop, limit: int = 25) -> tuple[Sighting, ...]:
    """Return the people who did something last, the newest first."""
    subjects = [one.event.subject for one in newest_events(shop, _LOOKED_AT).rows if one.event.subject]
    people: dict[str, PersonRef] = {}
    with shop.database.reading() as tx:
        for subject in dict.fromkeys(subjects):
            found = read_person(tx, subject)
            if found is not None:
                people.setdefault(found.person_id, found)
            if len(people) >= limit:
                break
    return sightings(shop, people.values())


def shown_kind(kind: IdentifierKind) -> str:
    """Return the text key of a kind of identifier."""
    return f"profiles.kind.{kind}"


def masked(kind: IdentifierKind, value: str) -> str:
    """Return an identifier so that staff can recognize it, and nobody can write it down.

    The first character stays, of an e-mail address also the end of its domain, of a number two digits.
    """
    if not value:
        return ""
    if kind == "email":
        return f"{value[0]}…@…{value[value.rfind('.') :]}"
    if kind in {"phone", "payment_ref"}:
        return f"…{value[-2:]}"
    return f"{value[0]}…"
