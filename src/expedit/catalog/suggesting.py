"""Values of the live catalog for fields that complete what is typed: products, brands, categories, colors and
attributes, by the names of their sources (``catalog.brands``) in the vocabularies of conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from expedit.catalog.finding import Choice, ProductSearch, brand_choices, category_choices, finder, fold
from expedit.catalog.live import live_catalog
from expedit.catalog.snapshot import CatalogSnapshot
from expedit.storage import Shop
from expedit.web import Suggestion

_MOST = 12
_LOOKED_AT = 5_000
"""So many of the newest products tell which attributes there are."""


def suggest_values(
    shop: Shop, source: str, words: str, language: str, field: str = ""
) -> Sequence[Suggestion]:
    """Return values of a source that fit what is typed, the likeliest first; none of an unknown source.

    Parameters
    ----------
    field
        The field that asks; of ``attributes.material`` the values of that attribute are given.
    """
    snapshot = live_catalog(shop).current()
    if source == "catalog.products":
        return _products(shop, snapshot, words[:200], language)
    if source == "catalog.brands":
        return _fitting(brand_choices(snapshot), words)
    if source == "catalog.categories":
        return _fitting(category_choices(snapshot, language), words)
    if source == "catalog.colors":
        counts = np.bincount(snapshot.color[snapshot.active], minlength=len(snapshot.colors)).tolist()
        colors = sorted(zip(snapshot.colors, counts, strict=False), key=lambda one: -one[1])
        return _fitting([Choice(name, name, count) for name, count in colors if name and count], words)
    if source == "catalog.attributes":
        known = _attributes(shop).get(field.rpartition(".")[2], Counter())
        return _fitting([Choice(value, value, count) for value, count in known.most_common(500)], words)
    return ()


def value_names(shop: Shop, source: str, values: Collection[str], language: str) -> Mapping[str, str]:
    """Return what values of a source are called, where that is not what they are: titles of products."""
    if source != "catalog.products":
        return {}
    snapshot = live_catalog(shop).current()
    places = {value: snapshot.find(value) for value in values}
    return {value: _title(snapshot, place, language) for value, place in places.items() if place is not None}


def named_products(shop: Shop, ids: Iterable[str], language: str) -> list[Suggestion]:
    """Return products by their ids, as `suggest_values` shows them; unknown ones are left out."""
    snapshot = live_catalog(shop).current()
    places = [place for one in ids if (place := snapshot.find(one)) is not None]
    return _shown(snapshot, places, language, shop.clock())


def attribute_keys(shop: Shop, most: int = 30) -> tuple[str, ...]:
    """Return the attributes that products have, the most frequent first."""
    known = _attributes(shop)
    return tuple(sorted(known, key=lambda key: (-known[key].total(), key))[:most])


class _Attributes:
    """The attributes of one state of the catalog."""

    def __init__(self) -> None:
        self.version = -1
        self.known: Mapping[str, Counter[str]] = {}


def _attributes(shop: Shop) -> Mapping[str, Counter[str]]:
    kept = shop.part(_Attributes, _Attributes)
    snapshot = live_catalog(shop).current()
    if kept.version != snapshot.version:
        sold = np.flatnonzero(snapshot.active)
        newest = sold[np.argsort(-snapshot.created[sold], kind="stable")][:_LOOKED_AT]
        known: dict[str, Counter[str]] = {}
        for place in newest.tolist():
            for key, value in snapshot.product(place).attributes.items():
                known.setdefault(key, Counter())[value] += 1
        kept.known, kept.version = known, snapshot.version
    return kept.known


def _products(shop: Shop, snapshot: CatalogSnapshot, words: str, language: str) -> list[Suggestion]:
    found = finder(shop).find(ProductSearch(words=words), shop.clock(), 0, _MOST)
    return _shown(snapshot, found.items, language, shop.clock())


def _shown(snapshot: CatalogSnapshot, places: Iterable[int], language: str, now: int) -> list[Suggestion]:
    market = next(iter(snapshot.markets))
    cards = [snapshot.card(place, market, language, now) for place in places]
    return [
        Suggestion(card.id, card.title, " · ".join(filter(None, (card.brand, card.id))), card.image_url)
        for card in cards
    ]


def _fitting(choices: Sequence[Choice], words: str) -> list[Suggestion]:
    wanted = fold(words).split()
    found = [one for one in choices if all(word in fold(f"{one.label} {one.value}") for word in wanted)]
    if wanted:  # what begins like that stands first
        found.sort(key=lambda one: not fold(one.label).startswith(wanted[0]))
    return [Suggestion(one.value, one.label if one.depth == 0 else one.value) for one in found[: 2 * _MOST]]


def _title(snapshot: CatalogSnapshot, place: int, language: str) -> str:
    product = snapshot.product(place)
    return product.titles.get(language) or product.title
