"""Sentences that stay true: what a reason says where it is read later than the decision is made."""

from __future__ import annotations

LASTING_TEXTS: dict[str, dict[str, str]] = {
    "popular": {
        "en": "A favorite in the shop",
        "sv": "En favorit i butiken",
        "nb": "En favoritt i butikken",
    },
    "popular_in_season": {
        "en": "Often bought at this time of the year",
        "sv": "Köps gärna så här års",
        "nb": "Kjøpes gjerne på denne tiden av året",
    },
    "popular_taste_size": {
        "en": "A favorite in the shop",
        "sv": "En favorit i butiken",
        "nb": "En favoritt i butikken",
    },
    "trending": {
        "en": "Discovered by many lately",
        "sv": "Upptäckt av många på sistone",
        "nb": "Oppdaget av mange i det siste",
    },
    "trending_taste_category": {
        "en": "From {category}, which you have looked at",
        "sv": "Ur {category}, som du tittat på",
        "nb": "Fra {category}, som du har sett på",
    },
    "new_since_visit": {
        "en": "New in the shop",
        "sv": "Nytt i butiken",
        "nb": "Nytt i butikken",
    },
    "similar": {
        "en": "Similar to what you have looked at",
        "sv": "Liknar det du tittat på",
        "nb": "Ligner på det du har sett på",
    },
    "visually_similar": {
        "en": "Looks like what you have looked at",
        "sv": "Påminner om det du tittat på",
        "nb": "Minner om det du har sett på",
    },
    "alternative": {
        "en": "An alternative to what you have looked at",
        "sv": "Ett alternativ till det du tittat på",
        "nb": "Et alternativ til det du har sett på",
    },
    "recently_viewed": {
        "en": "You have looked at this",
        "sv": "Du har tittat på den här",
        "nb": "Du har sett på denne",
    },
    "on_sale": {
        "en": "Reduced when this was sent",
        "sv": "Nedsatt när det här skickades",
        "nb": "Nedsatt da dette ble sendt",
    },
    "on_sale_taste_category": {
        "en": "Reduced when this was sent, in {category}",
        "sv": "Nedsatt när det här skickades, i {category}",
        "nb": "Nedsatt da dette ble sendt, i {category}",
    },
    "on_sale_taste_brand": {
        "en": "Reduced when this was sent, from {brand}",
        "sv": "Nedsatt när det här skickades, från {brand}",
        "nb": "Nedsatt da dette ble sendt, fra {brand}",
    },
    "on_sale_taste_size": {
        "en": "Reduced when this was sent",
        "sv": "Nedsatt när det här skickades",
        "nb": "Nedsatt da dette ble sendt",
    },
    "on_sale_seen": {
        "en": "Became cheaper after you looked at it",
        "sv": "Blev billigare efter att du tittade på den",
        "nb": "Ble billigere etter at du så på den",
    },
    "cart_reminder_wished": {
        "en": "You put it on your wish list",
        "sv": "Du satte den på din önskelista",
        "nb": "Du satte den på ønskelisten din",
    },
    "cart_addon_shipping": {
        "en": "Often added to an order like this",
        "sv": "Köps gärna till en sådan här beställning",
        "nb": "Kjøpes gjerne til en slik bestilling",
    },
}
"""Sentence by reason code and language, for mails and receipts; every other code's own sentence lasts."""
