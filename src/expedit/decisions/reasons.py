"""Why an item is shown: a code for machines and one sentence for people, in English, Swedish and Norwegian.

A sentence says only what the decision really rests on; there are no counts that nobody counted.
"""

from __future__ import annotations

from expedit.decisions.lasting import LASTING_TEXTS
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
    "popular_in_country": {
        "en": "Popular in your country",
        "sv": "Populärt i ditt land",
        "nb": "Populært i landet ditt",
    },
    "popular_in_region": {
        "en": "Popular in your part of the country",
        "sv": "Populärt i din del av landet",
        "nb": "Populært i din del av landet",
    },
    "popular_in_postal": {
        "en": "Popular near you",
        "sv": "Populärt nära dig",
        "nb": "Populært nær deg",
    },
    "popular_in_class": {
        "en": "Popular in places like yours",
        "sv": "Populärt på orter som din",
        "nb": "Populært på steder som ditt",
    },
    "popular_in_store": {
        "en": "Popular in this store",
        "sv": "Populärt i den här butiken",
        "nb": "Populært i denne butikken",
    },
    "popular_in_season": {
        "en": "Popular at this time of the year",
        "sv": "Populärt så här års",
        "nb": "Populært på denne tiden av året",
    },
    "popular_in_people": {
        "en": "Popular with customers like you",
        "sv": "Populärt bland kunder som du",
        "nb": "Populært blant kunder som deg",
    },
    "popular_in_age": {
        "en": "Popular with customers of your age",
        "sv": "Populärt bland kunder i din ålder",
        "nb": "Populært blant kunder på din alder",
    },
    "popular_in_gender": {
        "en": "Popular with many like you",
        "sv": "Populärt bland många som du",
        "nb": "Populært blant mange som deg",
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
    "personal_alike_because": {
        "en": "Similar to {because}, which you have looked at",
        "sv": "Liknar {because}, som du tittat på",
        "nb": "Ligner på {because}, som du har sett på",
    },
    "personal_alike": {
        "en": "Similar to what you have looked at",
        "sv": "Liknar det du tittat på",
        "nb": "Ligner på det du har sett på",
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
    "visually_similar_because": {
        "en": "Looks like {because}",
        "sv": "Påminner om {because}",
        "nb": "Minner om {because}",
    },
    "visually_similar": {
        "en": "Looks like what you are looking at",
        "sv": "Påminner om det du tittar på",
        "nb": "Minner om det du ser på",
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
    "upsell_because": {
        "en": "A step up from {because}",
        "sv": "Ett steg upp från {because}",
        "nb": "Et steg opp fra {because}",
    },
    "upsell": {"en": "A step up", "sv": "Ett steg upp", "nb": "Et steg opp"},
    "alternative_because": {
        "en": "An alternative to {because}",
        "sv": "Ett alternativ till {because}",
        "nb": "Et alternativ til {because}",
    },
    "alternative": {
        "en": "An alternative to what you are looking at",
        "sv": "Ett alternativ till det du tittar på",
        "nb": "Et alternativ til det du ser på",
    },
    "on_sale": {"en": "Reduced right now", "sv": "Nedsatt just nu", "nb": "Nedsatt akkurat nå"},
    "on_sale_taste_category": {
        "en": "Reduced in {category}, which you have looked at",
        "sv": "Nedsatt i {category}, som du tittat på",
        "nb": "Nedsatt i {category}, som du har sett på",
    },
    "on_sale_taste_brand": {
        "en": "Reduced, from {brand}, which you have looked at",
        "sv": "Nedsatt, från {brand} som du tittat på",
        "nb": "Nedsatt, fra {brand} som du har sett på",
    },
    "on_sale_taste_size": {
        "en": "Reduced, and in stock in your size",
        "sv": "Nedsatt, och finns i din storlek",
        "nb": "Nedsatt, og på lager i din størrelse",
    },
    "on_sale_seen": {
        "en": "Cheaper than when you looked at it",
        "sv": "Billigare än när du tittade på den",
        "nb": "Billigere enn da du så på den",
    },
    "cart_addon_shipping": {
        "en": "Brings your order to free shipping",
        "sv": "Ger fri frakt på din beställning",
        "nb": "Gir fri frakt på bestillingen din",
    },
    "cart_addon_because": {
        "en": "Often added to {because}",
        "sv": "Köps gärna till {because}",
        "nb": "Kjøpes gjerne til {because}",
    },
    "cart_addon": {
        "en": "Often added to an order like this",
        "sv": "Köps gärna till en sådan här beställning",
        "nb": "Kjøpes gjerne til en slik bestilling",
    },
    "cart_reminder_removed": {
        "en": "It was in your cart",
        "sv": "Den låg i din varukorg",
        "nb": "Den lå i handlekurven din",
    },
    "cart_reminder_wished": {
        "en": "It is on your wish list",
        "sv": "Den står på din önskelista",
        "nb": "Den står på ønskelisten din",
    },
    "cart_reminder": {
        "en": "You have looked at this",
        "sv": "Du har tittat på den här",
        "nb": "Du har sett på denne",
    },
    "buy_again": {
        "en": "Time to buy it again?",
        "sv": "Dags att köpa den igen?",
        "nb": "På tide å kjøpe den igjen?",
    },
    "new_since_visit": {
        "en": "New since your last visit",
        "sv": "Nytt sedan ditt senaste besök",
        "nb": "Nytt siden ditt siste besøk",
    },
    "picked": {"en": "Picked by the shop", "sv": "Utvalt av butiken", "nb": "Valgt ut av butikken"},
    "promised": {
        "en": "Fits what you came for",
        "sv": "Passar det du letade efter",
        "nb": "Passer det du lette etter",
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

SPOKEN_AS = {"better_margin": "alternative"}
"""What a strategy is called in a reason, where its own name is nothing for a shopper to read."""


def reason_code(shown: Shown) -> str:
    """Return the code of the sentence that tells why `shown` is there."""
    strategy = SPOKEN_AS.get(shown.strategy, shown.strategy)
    if strategy == "pinned" or shown.scope == "picked" or shown.because == shown.item:
        # A rule put it there; or it is a repeat: nobody is shown a thing because of itself.
        return "recently_viewed" if shown.because == shown.item else "picked"
    if shown.scope:
        code = f"{strategy}_{shown.scope}"
        if code in TEXTS:
            return f"{code}_because" if shown.because >= 0 and code in WITH_BECAUSE else code
    if shown.because >= 0 and strategy in WITH_BECAUSE:
        return f"{strategy}_because"
    if shown.taste:
        code = f"{strategy}_taste_{shown.taste}"
        if code in TEXTS:
            return code
    if strategy == "popular" and shown.scope == "category":
        return "popular_in_category"
    return strategy


def reason_text(
    code: str,
    locale: str,
    *,
    because: str = "",
    category: str = "",
    brand: str = "",
    lasting: bool = False,
) -> str:
    """Return the sentence of `code` in the language of `locale`, English when there is none.

    A sentence that needs the name of something unknown gives way to the plain one of its kind. A lasting one
    is still true when it is read later.
    """
    texts = TEXTS.get(code) or TEXTS["popular"]
    if lasting:
        texts = LASTING_TEXTS.get(code, texts)
    text = texts.get(locale[:2]) or texts["en"]
    if ("{category}" in text and not category) or ("{brand}" in text and not brand):
        kind = code.partition("_taste_")[0].partition("_in_")[0]
        plain = f"{kind}_anywhere" if f"{kind}_anywhere" in TEXTS else kind
        return reason_text(plain, locale, because=because, category=category, brand=brand, lasting=lasting)
    if "{because}" in text and not because:
        plain = code.removesuffix("_because")
        return reason_text(plain, locale, category=category, brand=brand, lasting=lasting)
    return text.format(because=because, category=category, brand=brand)
