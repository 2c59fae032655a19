"""The audiences in force in this process, and who is in them: asked anew each time, so always exact."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from expedit.audiences.facts import Sources, facts_of
from expedit.audiences.goods import Goods
from expedit.audiences.model import Audience
from expedit.audiences.reading import when_of
from expedit.audiences.store import AUDIENCES, read_in_force
from expedit.catalog import live_catalog
from expedit.core import Condition, Masker, Matcher, compile_mask, compile_matcher, fields_of
from expedit.identity import kinds_now
from expedit.orders import orders_of_person
from expedit.profiles import Profile
from expedit.storage import Followed, Shop

PERSONALIZATION = "personalization"


class InForce(NamedTuple):
    """A published audience, ready to be asked for."""

    audience: Audience
    version: int
    condition: Condition
    fields: frozenset[str]
    matches: Matcher
    mask: Masker


def in_force(audience: Audience, version: int) -> InForce:
    """Compile an audience."""
    condition = when_of(audience)
    return InForce(
        audience,
        version,
        condition,
        fields_of(condition),
        compile_matcher(condition),
        compile_mask(condition),
    )


class LiveAudiences(Followed[Mapping[str, InForce]]):
    """The published audiences of one shop by id; see `live_audiences`."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self._goods: Goods | None = None

    def mark(self) -> int:
        """Return a number that grows with every change of any audience."""
        return AUDIENCES.mark(self._shop)

    def read(self) -> Mapping[str, InForce]:
        """Read the audiences in force."""
        with self._shop.database.reading() as tx:
            editions = read_in_force(tx)
        return {one.audience.id: in_force(one.audience, one.version) for one in editions}

    def goods(self) -> Goods:
        """Return what conditions may ask of the catalog as it is now."""
        snapshot = live_catalog(self._shop).current()
        kept = self._goods
        if kept is None or kept.snapshot is not snapshot:
            kept = self._goods = Goods(snapshot)
        return kept

    def of(self, profile: Profile, at: int, among: Collection[str] | None = None) -> list[str]:
        """Return the ids of the audiences that a person is in at `at`, in order.

        Parameters
        ----------
        among
            Only these; None for all that are in force. One that is not in force has no members.
        """
        book = self.current()
        asked = [book[one] for one in sorted(book if among is None else among) if one in book]
        return [one.audience.id for one in self.fitting(profile, at, asked)]

    def fitting(self, profile: Profile, at: int, asked: Iterable[InForce]) -> list[InForce]:
        """Return which of the audiences `asked` a person is in; whoever denied personalization is in none."""
        audiences = list(asked)
        if not audiences or not may_be_in(profile.consents):
            return []
        fields: set[str] = set().union(*(one.fields for one in audiences))
        facts = facts_of(profile, self._sources(), at, fields)
        return [one for one in audiences if one.matches(facts, at)]

    def _sources(self) -> Sources:
        shop = self._shop
        return Sources(
            self.goods(),
            shop.settings.markets,
            lambda person: orders_of_person(shop, person),
            lambda person: _kinds(shop, person),
        )


def may_be_in(consents: Mapping[str, bool]) -> bool:
    """Tell whether somebody may be in an audience at all: not when they denied personalization."""
    return consents.get(PERSONALIZATION) is not False


def _kinds(shop: Shop, person_id: str) -> list[str]:
    with shop.database.reading() as tx:
        return kinds_now(tx, [person_id]).get(person_id, [])


def live_audiences(shop: Shop) -> LiveAudiences:
    """Return the one live copy of the shop's audiences."""
    return shop.part(LiveAudiences, lambda: LiveAudiences(shop))
