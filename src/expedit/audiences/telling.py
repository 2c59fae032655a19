"""Audiences told in words, in one viewer's language: who is in them, who somebody is, what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from expedit.audiences.estimating import Estimate, estimator
from expedit.audiences.model import Audience, Edition, RawCondition
from expedit.audiences.vocabulary import PERSON
from expedit.catalog import attribute_keys, suggest_values, value_names
from expedit.core import Struct, read_condition
from expedit.events import IDENTIFIER_KINDS
from expedit.identity import identifiers_in, subjects_now
from expedit.profiles import crowd_of, mask_identifier
from expedit.storage import Shop
from expedit.web import (
    ConditionKit,
    Difference,
    Suggestion,
    Wording,
    condition_kit,
    number,
    tell_condition,
    text,
)

SUGGEST, COUNT = "/panel/audiences/suggest", "/panel/audiences/estimate"
CHANNELS = ("web", "app", "mail", "receipt", "store")
INTENTS = ("browsing", "comparing", "deciding", "buying")


class Shown(Struct, frozen=True):
    """Somebody in a list.

    Parameters
    ----------
    name
        What they are known by best, masked for who may not see it.
    last_at
        When they were last seen.
    """

    person_id: str
    name: str
    last_at: int


class AudienceTeller:
    """Tells of the audiences of one shop in one language."""

    def __init__(self, shop: Shop, language: str) -> None:
        self.language = language
        self._shop = shop
        currencies = " / ".join(dict.fromkeys(shop.settings.markets.values()))
        self.wording = Wording(
            language, self.names, currency=currencies, decimals=2, zone=shop.settings.time_zone
        )

    def choices(self) -> dict[str, Mapping[str, str]]:
        """Return the sources with few values: source → value → name."""
        return {
            "channels": {one: self._say(f"channel.{one}") for one in CHANNELS},
            "markets": {one: one for one in self._shop.settings.markets},
            "intents": {one: self._say(f"intent.{one}") for one in INTENTS},
            "identifiers": {one: self._say(f"known_by.{one}") for one in IDENTIFIER_KINDS},
        }

    def names(self, source: str, values: Collection[str]) -> Mapping[str, str]:
        """Return what values of conditions are called."""
        few = self.choices().get(source)
        if few is not None:
            return {value: few[value] for value in values if value in few}
        return value_names(self._shop, source, values, self.language)

    def kit(self, known: RawCondition) -> ConditionKit:
        """Return what the editor of an audience's condition needs."""
        few = {
            source: tuple(Suggestion(value, name) for value, name in found.items())
            for source, found in self.choices().items()
        }
        keys = {"attributes.*": attribute_keys(self._shop), "traits.*": estimator(self._shop).trait_keys()}
        return condition_kit(
            PERSON, self.wording, choices=few, keys=keys, suggest=SUGGEST, count=COUNT, known=known
        )

    def suggest(self, source: str, words: str, field: str) -> Sequence[Suggestion]:
        """Return values that fit what is typed."""
        if source == "traits":
            found = estimator(self._shop).trait_values(field.removeprefix("traits."))
            return [Suggestion(one, one) for one in found if words.casefold() in one.casefold()]
        return suggest_values(self._shop, source, words, self.language, field)

    def sentence(self, audience: Audience) -> str:
        """Return who is in an audience."""
        told = tell_condition(read_condition(audience.when, PERSON), PERSON, self.wording)
        return f"{told[0].upper()}{told[1:]}" if told else self._say("who.all")

    def estimated(self, found: Estimate) -> str:
        """Return how many fit, and how sure that is."""
        key = "estimate.exact" if found.exact else "estimate.about"
        return self._say(
            key, n=found.members, all=found.people, low=number(self.language, found.low),
            high=number(self.language, found.high), looked=number(self.language, found.looked_at),
        )  # fmt: skip

    def parts(self, audience: Audience) -> dict[str, str]:
        """Return every part of an audience in words, by what the part is called."""
        return {
            self._say("part.name"): audience.name,
            self._say("part.who"): self.sentence(audience),
            self._say("part.note"): audience.note or "–",
        }

    def differences(self, before: Audience, after: Audience) -> list[Difference]:
        """Return what is not the same in two states of an audience."""
        old, new = self.parts(before), self.parts(after)
        return [Difference(part, old[part], told) for part, told in new.items() if old[part] != told]

    def changes(self, before: Edition, after: Edition) -> list[Difference]:
        """Return what is not the same in two editions of an audience."""
        return self.differences(before.audience, after.audience)

    def people(self, person_ids: Sequence[str], *, clear: bool) -> list[Shown]:
        """Return people as a list shows them, masked unless `clear`; those who are gone are left out."""
        with self._shop.database.reading() as tx:
            crowd = crowd_of(tx, person_ids)
            owners = subjects_now(tx, crowd.person_ids)
            best: dict[str, str] = {}
            for one in sorted(identifiers_in(tx, owners), key=lambda one: one.kind != "email"):
                if one.kind != "anonymous_id":
                    said = one.value if clear else mask_identifier(one.kind, one.value)
                    best.setdefault(owners[one.subject_id], said)
        seen = dict(zip(crowd.person_ids, crowd.last_at, strict=True))
        return [
            Shown(one, best.get(one, self._say("people.visitor")), seen[one])
            for one in person_ids
            if one in seen
        ]

    def _say(self, key: str, **values: object) -> str:
        return text(self.language, f"audiences.{key}", **values)
