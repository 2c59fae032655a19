"""Reading profiles: one row for a decision, consents for the way in."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from expedit.profiles import store
from expedit.profiles.affinity import unit_at
from expedit.profiles.intent import intent_of
from expedit.profiles.model import Affinities, Profile, SessionFacts
from expedit.profiles.state import State, decode_state
from expedit.storage import Database, Transaction

_NO_AFFINITIES = Affinities()


def read_profile(database: Database, subject_id: str) -> Profile | None:
    """Return the profile of the person whose this subject is now, or None.

    One query on a held connection: made to be called for every decision.
    """
    row = store.read_row_of(database, subject_id)
    return None if row is None else profile_of(*row)


def profile_of(
    person_id: str,
    bucket_key: str,
    first_at: int,
    last_at: int,
    state: bytes,
    consents: bytes,
    traits: bytes | None,
) -> Profile:
    """Return the profile that a row holds."""
    held = decode_state(state)
    given = store.decode_consents(consents)
    told: dict[str, Any] = store.decode_traits(traits) if traits else {}
    if held is None:
        return Profile(person_id, bucket_key, first_at, last_at, consents=given, traits=told)
    session = held.session
    return Profile(
        person_id,
        bucket_key,
        first_at,
        last_at,
        held.events,
        tuple(held.recent[::-1]),
        tuple(held.cart),
        tuple(held.purchased),
        _affinities(held),
        SessionFacts(session.started, session.last, session.events, tuple(session.products), session.query),
        intent_of(held),
        given,
        told,
        held.market,
        tuple(held.visits),
        held.channels,
        held.places,
    )


def _affinities(state: State) -> Affinities:
    category, brand, price_band, color, size = state.affinities
    if not (category or brand or price_band or color or size):
        return _NO_AFFINITIES
    unit = unit_at(state.session.last, state.half_life)
    return Affinities(
        {name: value * unit for name, value in category.items()},
        {name: value * unit for name, value in brand.items()},
        {name: value * unit for name, value in price_band.items()},
        {name: value * unit for name, value in color.items()},
        {name: value * unit for name, value in size.items()},
    )


def told_traits(database: Database, chunk: int = 5000) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give everybody of whom the shop was told something, and what, in the order of their ids."""
    last = ""
    while rows := store.read_traits(database, last, chunk):
        for person_id, packed in rows:
            yield person_id, store.decode_traits(packed)
        last = rows[-1][0]


def consents_of(tx: Transaction, subject_ids: Collection[str]) -> dict[str, dict[str, bool]]:
    """Return what the persons of these subjects have consented to or denied.

    Returns
    -------
    dict
        Purpose → given (True) or denied (False), by subject. A purpose nobody asked about is absent, and so
        is a subject of whom nothing is known.
    """
    return {
        subject: store.decode_consents(packed) for subject, packed in store.read_consents(tx, subject_ids)
    }
