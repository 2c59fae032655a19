"""Many profiles at once, each part of them decoded only when it is asked for.

A whole profile takes some thirty microseconds to decode. Whoever asks one thing of a million people needs a
part of each, and what is not asked for stays as it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any, TypeVar

from expedit.core import PackDecoder, Raw, Struct
from expedit.profiles import store
from expedit.profiles.model import CartLine, Purchased, RecentProduct
from expedit.profiles.read import profile_of
from expedit.profiles.store import ProfileRow
from expedit.storage import Transaction

T = TypeVar("T")

_NIL = Raw(b"\xc0")


class _Held(Struct, frozen=True, array_like=True, gc=False):
    """A state whose larger parts are left as they are stored; fields as in `expedit.profiles.state.State`."""

    events: int
    oldest_at: int
    truncated: bool
    half_life: int
    landmark: int
    affinities: Raw
    recent: Raw
    cart: Raw
    purchased: Raw
    visits: Raw
    market: str | None
    session: Raw
    channels: Raw = _NIL
    places: Raw = _NIL


_decode = PackDecoder(_Held | None).decode
_affinities = PackDecoder(list[dict[str, int]] | None).decode
_recent = PackDecoder(list[RecentProduct] | None).decode
_cart = PackDecoder(list[CartLine] | None).decode
_purchased = PackDecoder(list[Purchased] | None).decode
_moments = PackDecoder(list[int] | None).decode
_last_at = PackDecoder(dict[str, int] | None).decode


class Crowd:
    """Some profiles, by person id; every part is a list with one entry for each of them.

    Attributes
    ----------
    person_ids
        Who they are.
    """

    def __init__(self, rows: Sequence[ProfileRow]) -> None:
        self._rows = rows
        self.person_ids = [row.person_id for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def first_at(self) -> list[int]:
        """First event ever, in microseconds."""
        return [row.first_at for row in self._rows]

    @cached_property
    def last_at(self) -> list[int]:
        """Newest event, in microseconds."""
        return [row.last_at for row in self._rows]

    @cached_property
    def consents(self) -> list[dict[str, bool]]:
        """Consent by purpose."""
        return [store.decode_consents(row.consents) for row in self._rows]

    @cached_property
    def traits(self) -> list[dict[str, Any]]:
        """What the shop told of each."""
        return [store.decode_traits(row.traits) if row.traits else {} for row in self._rows]

    @cached_property
    def intents(self) -> list[str]:
        """What the last session looks to be for; see `Intent.step`."""
        return [profile_of(*row[:4], row.state, row.consents, row.traits).intent.step for row in self._rows]

    @cached_property
    def markets(self) -> list[str | None]:
        """Market of the newest event that named one."""
        return [None if held is None else held.market for held in self._held]

    @cached_property
    def affinities(self) -> list[list[dict[str, int]]]:
        """Weights by value, a mapping for each of `DIMENSIONS`; comparable within one person only."""
        return self._part(lambda held: held.affinities, _affinities)

    @cached_property
    def recent(self) -> list[list[RecentProduct]]:
        """Products with kind and time, the oldest first."""
        return self._part(lambda held: held.recent, _recent)

    @cached_property
    def cart(self) -> list[list[CartLine]]:
        """Lines in the order in which they were put in."""
        return self._part(lambda held: held.cart, _cart)

    @cached_property
    def purchased(self) -> list[list[Purchased]]:
        """What was bought and kept, the oldest first."""
        return self._part(lambda held: held.purchased, _purchased)

    @cached_property
    def visits(self) -> list[list[int]]:
        """When the last sessions started, the oldest first."""
        return self._part(lambda held: held.visits, _moments)

    @cached_property
    def channels(self) -> list[dict[str, int]]:
        """When each channel was last used."""
        return self._named(lambda held: held.channels)

    @cached_property
    def places(self) -> list[dict[str, int]]:
        """When an order last went to each place."""
        return self._named(lambda held: held.places)

    @cached_property
    def _held(self) -> list[_Held | None]:
        return [_decode(row.state) for row in self._rows]

    def _part(self, get: Callable[[_Held], Raw], decode: Callable[[Raw], list[T] | None]) -> list[list[T]]:
        return [[] if held is None else decode(get(held)) or [] for held in self._held]

    def _named(self, get: Callable[[_Held], Raw]) -> list[dict[str, int]]:
        return [{} if held is None else _last_at(get(held)) or {} for held in self._held]


def crowd_of(tx: Transaction, person_ids: Collection[str]) -> Crowd:
    """Return the profiles of those of `person_ids` that have one, by id."""
    found = store.read_rows(tx, person_ids)
    return Crowd([found[person] for person in sorted(found)])


def crowd_after(tx: Transaction, person_id: str, most: int) -> Crowd:
    """Return the next profiles after a person id, in the order of ids: at most so many."""
    return Crowd(store.read_rows_after(tx, person_id, most))


def count_people(tx: Transaction) -> int:
    """Return how many profiles there are."""
    return store.count_rows(tx)


def crowd_sample(tx: Transaction, most: int) -> tuple[Crowd, int]:
    """Return an even sample of everybody, at most so many, and how many there are in all."""
    total = count_people(tx)
    step = max(1, -(-total // most))
    return crowd_of(tx, store.every_id(tx, step)), total
