"""Why an item is shown: a code for machines and one sentence for people, in English, Swedish and Norwegian.

A sentence says only what the decision really rests on; there are no counts that nobody counted.
"""

from __future__ import annotations

from expedit.decisions.model import Shown

TEXTS: dict[str, dict[str, str]] = {
    "popular": {
        "en": "Popular in the shop right now",
        "sv": "Populärt i butiken just nu",
        "nb": "Populært i butikken akkurat nå",
    },
    "popular_in_category": {
        "en": "Popular in {category}",
        "sv": "Populärt i {category}",
        "nb": "Populært i {category}",
    },
    "popular_taste_category": {
        "en": "Popular in {category}, which you have looked at",
        "sv": "Populärt i {category}, som du tittat på",
        "nb": "Populært i {category}, som du har sett på",
    },
    "popular_taste_brand": {
        "en": "Popular, from {brand}, which you have looked at",
        "sv": "Populärt, från {brand} som du tittat på",
        "nb": "Populært, fra {brand} som du har sett på",
    },
    "popular_taste_color": {
        "en": "Popular, in a color you often choose",
        "sv": "Populärt, i en färg du ofta väljer",
        "nb": "Populært, i en farge du ofte velger",
    },
    "popular_taste_price_band": {
        "en": "Popular, at the price you usually look at",
        "sv": "Populärt, i det prisläge du brukar titta på",
        "nb": "Populært, i prisklassen du pleier å se på",
    },
    "popular_taste_size": {
        "en": "Popular, and in stock in your size",
        "sv": "Populärt, och finns i din storlek",
        "nb": "Populært, og på lager i din størrelse",
    },
    "trending": {
        "en": "On its way up right now",
        "sv": "På väg upp just nu",
        "nb": "På vei opp akkurat nå",
    },
    "trending_taste_category": {
        "en": "On its way up in {category}, which you have looked at",
        "sv": "På väg upp i {category}, som du tittat på",
        "nb": "På vei opp i {category}, som du har sett på",
    },
    "new": {"en": "New in {category}", "sv": "Nytt i {category}", "nb": "Nytt i {category}"},
    "new_taste_category": {
        "en": "New in {category}, which you have looked at",
        "sv": "Nytt i {category}, som du tittat på",
        "nb": "Nytt i {category}, som du har sett på",
    },
    "new_anywhere": {"en": "New in the shop", "sv": "Nytt i butiken", "nb": "Nytt i butikken"},
    "personal_because": {
        "en": "Because you looked at {because}",
        "sv": "Eftersom du tittade på {because}",
        "nb": "Fordi du så på {because}",
    },
    "personal": {
        "en": "Picked from what you have looked at",
        "sv": "Utvalt efter vad du tittat på",
        "nb": "Valgt ut fra hva du har sett på",
    },
    "similar_because": {
        "en": "Similar to {because}",
        "sv": "Liknar {because}",
        "nb": "Ligner på {because}",
    },
    "similar": {
        "en": "Similar to what you are looking at",
        "sv": "Liknar det du tittar på",
        "nb": "Ligner på det du ser på",
    },
    "viewed_together_because": {
        "en": "Often viewed together with {because}",
        "sv": "Ses ofta tillsammans med {because}",
        "nb": "Ses ofte sammen med {because}",
    },
    "viewed_together": {
        "en": "Often viewed together",
        "sv": "Ses ofta tillsammans",
        "nb": "Ses ofte sammen",
    },
    "bought_together_because": {
        "en": "Often bought together with {because}",
        "sv": "Köps ofta tillsammans med {because}",
        "nb": "Kjøpes ofte sammen med {because}",
    },
    "bought_together": {
        "en": "Often bought together",
        "sv": "Köps ofta tillsammans",
        "nb": "Kjøpes ofte sammen",
    },
    "complementary_because": {
        "en": "Goes well with {because}",
        "sv": "Går bra ihop med {because}",
        "nb": "Passer godt sammen med {because}",
    },
    "complementary": {
        "en": "Goes well with the rest",
        "sv": "Går bra ihop med resten",
        "nb": "Passer godt sammen med resten",
    },
    "recently_viewed": {
        "en": "You looked at this recently",
        "sv": "Du tittade nyligen på den här",
        "nb": "Du så nylig på denne",
    },
    "listed_anywhere": {
        "en": "From the whole range",
        "sv": "Ur hela sortimentet",
        "nb": "Fra hele utvalget",
    },
    "listed": {"en": "In {category}", "sv": "I {category}", "nb": "I {category}"},
    "listed_taste_category": {
        "en": "In {category}, which you have looked at",
        "sv": "I {category}, som du tittat på",
        "nb": "I {category}, som du har sett på",
    },
    "listed_taste_brand": {
        "en": "From {brand}, which you have looked at",
        "sv": "Från {brand}, som du tittat på",
        "nb": "Fra {brand}, som du har sett på",
    },
    "listed_taste_color": {
        "en": "In a color you often choose",
        "sv": "I en färg du ofta väljer",
        "nb": "I en farge du ofte velger",
    },
    "listed_taste_price_band": {
        "en": "At the price you usually look at",
        "sv": "I det prisläge du brukar titta på",
        "nb": "I prisklassen du pleier å se på",
    },
    "listed_taste_size": {
        "en": "In stock in your size",
        "sv": "Finns i din storlek",
        "nb": "På lager i din størrelse",
    },
}
"""Sentence by code and language; ``{because}`` is a product's title, ``{category}`` and ``{brand}`` the
item's."""

WITH_BECAUSE = frozenset(code.removesuffix("_because") for code in TEXTS if code.endswith("_because"))


def reason_code(shown: Shown) -> str:
    """Return the code of the sentence that tells why `shown` is there."""
    strategy = shown.strategy
    if shown.because == shown.item:  # a repeat: nobody is shown a thing because of itself
        return "recently_viewed"
    if shown.because >= 0 and strategy in WITH_BECAUSE:
        return f"{strategy}_because"
    if shown.taste:
        code = f"{strategy}_taste_{shown.taste}"
        if code in TEXTS:
            return code
    if strategy == "popular" and shown.scope == "category":
        return "popular_in_category"
    return strategy


def reason_text(code: str, locale: str, *, because: str = "", category: str = "", brand: str = "") -> str:
    """Return the sentence of `code` in the language of `locale`, English when there is none.

    A sentence that needs the name of something unknown gives way to the plain one of its kind.
    """
    texts = TEXTS.get(code) or TEXTS["popular"]
    text = texts.get(locale[:2]) or texts["en"]
    if ("{category}" in text and not category) or ("{brand}" in text and not brand):
        kind = code.partition("_")[0]
        plain = f"{kind}_anywhere" if f"{kind}_anywhere" in TEXTS else kind
        return reason_text(plain, locale, because=because, category=category, brand=brand)
    if "{because}" in text and not because:
        return reason_text(code.removesuffix("_because"), locale, category=category, brand=brand)
    return text.format(because=because, category=category, brand=brand)
