"""What others are said to think of an item: its rating, and how many people bought or looked at it.

A count is one that was counted (`expedit.proof`), of the window it tells, and is left out where it would be
read later than it was made.
"""

from __future__ import annotations

from typing import Any

from expedit.catalog import CatalogSnapshot, Rating, rating_of
from expedit.core import to_json
from expedit.decisions.placements import Placement
from expedit.proof import KINDS, Count, Kind, Proofs

RATING_TEXTS = {
    "en": ("{value} out of {best} ({count} rating)", "{value} out of {best} ({count} ratings)"),
    "sv": ("{value} av {best} ({count} omdöme)", "{value} av {best} ({count} omdömen)"),
    "nb": ("{value} av {best} ({count} vurdering)", "{value} av {best} ({count} vurderinger)"),
}
"""Of one rating, and of several, by language."""

COUNT_TEXTS: dict[Kind, dict[str, tuple[str, str]]] = {
    "bought": {
        "en": ("{people} bought in the last 24 hours", "{people} bought in the last {days} days"),
        "sv": ("{people} har köpt det senaste dygnet", "{people} har köpt de senaste {days} dagarna"),
        "nb": ("{people} har kjøpt det siste døgnet", "{people} har kjøpt de siste {days} dagene"),
    },
    "viewed": {
        "en": (
            "{people} looked at this in the last 24 hours",
            "{people} looked at this in the last {days} days",
        ),
        "sv": (
            "{people} har tittat på den det senaste dygnet",
            "{people} har tittat på den de senaste {days} dagarna",
        ),
        "nb": (
            "{people} har sett på den det siste døgnet",
            "{people} har sett på den de siste {days} dagene",
        ),
    },
}
"""Of one day, and of several, by what they did and language."""

_END = b"}"
_MOST_KEPT = 100_000


def rating_text(rating: Rating, locale: str) -> str:
    """Return a rating in words."""
    one, several = RATING_TEXTS.get(locale, RATING_TEXTS["en"])
    value = rating.value if locale == "en" else rating.value.replace(".", ",")
    words = one if rating.count == 1 else several
    return words.format(value=value, best=rating.best, count=spaced(rating.count, locale))


def count_text(count: Count, locale: str) -> str:
    """Return a count in words."""
    texts = COUNT_TEXTS[count.kind]
    day, days = texts.get(locale, texts["en"])
    return (day if count.days == 1 else days).format(people=spaced(count.people, locale), days=count.days)


def spaced(number: int, locale: str) -> str:
    """Return a whole number as the language groups its thousands."""
    return f"{number:,}" if locale == "en" else f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


class Proving:
    """The last fields of items, ready to be joined to what stands before them.

    Parameters
    ----------
    shown
        What may be said, as a placement's ``proof`` names it.
    """

    def __init__(
        self, snapshot: CatalogSnapshot, proofs: Proofs, market: str, locale: str, shown: tuple[str, ...]
    ) -> None:
        self._snapshot = snapshot
        self._proofs = proofs
        self._market = market
        self._locale = locale
        self._rated = "rating" in shown
        self._counted: tuple[Kind, ...] = tuple(kind for name in shown for kind in KINDS if kind == name)
        self._tails: dict[int, bytes] = {}

    def closed(self, item: bytes, product: int) -> bytes:
        """Return the JSON of an item, which ends with its brace, with what is to be said of its product."""
        tail = self._tails.get(product)
        if tail is None:
            if len(self._tails) > _MOST_KEPT:
                self._tails.clear()
            told = self.told(product)
            tail = self._tails[product] = b"," + to_json(told)[1:] if told else _END
        return item if tail is _END else item[:-1] + tail

    def told(self, product: int) -> dict[str, Any]:
        """Return what is to be said of a product, under the names of the API."""
        found: dict[str, Any] = {}
        rating = rating_of(self._snapshot.product(product).attributes) if self._rated else None
        if rating is not None:
            found["rating"] = {
                "value": rating.value,
                "best": rating.best,
                "count": rating.count,
                "text": rating_text(rating, self._locale),
            }
        name = self._snapshot.ids[product]
        counts = (self._proofs.of(self._market, kind, name) for kind in self._counted)
        count = next((one for one in counts if one is not None), None)
        if count is not None:
            found["proof"] = {
                "kind": count.kind,
                "people": count.people,
                "days": count.days,
                "text": count_text(count, self._locale),
            }
        return found


class ProvingShelf:
    """What was made for the newest snapshot and counts, by market, language and what may be said."""

    def __init__(self) -> None:
        self._state: tuple[object, object, dict[tuple[str, str, tuple[str, ...]], Proving]] = (None, None, {})

    def of(
        self, snapshot: CatalogSnapshot, proofs: Proofs, market: str, locale: str, placement: Placement
    ) -> Proving:
        """Return the fields for answers of a placement; those of an older snapshot or count are dropped."""
        known, counted, made = self._state
        if known is not snapshot or counted is not proofs:
            made = {}
            self._state = (snapshot, proofs, made)
        shown = placement.proof
        if placement.lasting:
            shown = tuple(name for name in shown if name == "rating")
        key = (market, locale, shown)
        found = made.get(key)
        if found is None:
            found = made[key] = Proving(snapshot, proofs, market, locale, shown)
        return found
