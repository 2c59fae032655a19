"""Reasons: honest sentences in three languages."""

import pytest

from expedit.decisions.model import Shown
from expedit.decisions.placements import LOCALES, STRATEGY_NAMES
from expedit.decisions.reasons import TEXTS, reason_code, reason_text


def shown(strategy, **changes):
    return Shown(1, 1.0, strategy, 0, **changes)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (shown("popular"), "popular"),
        (shown("popular", scope="category"), "popular_in_category"),
        (shown("popular", taste="category"), "popular_taste_category"),
        (shown("trending", taste="color"), "trending"),
        (shown("bought_together", because=7), "bought_together_because"),
        (shown("bought_together"), "bought_together"),
        (shown("popular", because=7), "popular"),
        (shown("recently_viewed", because=1), "recently_viewed"),
        (shown("personal", because=1), "recently_viewed"),
        (shown("personal", because=7), "personal_because"),
        (shown("personal", because=7, scope="alike"), "personal_alike_because"),
        (shown("personal", scope="alike"), "personal_alike"),
        (shown("upsell", because=7), "upsell_because"),
        (shown("better_margin", because=7), "alternative_because"),  # the shop's margin is not the shopper's
        (shown("better_margin"), "alternative"),
        (shown("on_sale", taste="category"), "on_sale_taste_category"),
        (shown("on_sale", scope="seen", taste="category"), "on_sale_seen"),
        (shown("cart_addon", because=7, scope="shipping"), "cart_addon_shipping"),
        (shown("cart_addon", because=7), "cart_addon_because"),
        (shown("cart_reminder", scope="removed"), "cart_reminder_removed"),
        (shown("cart_reminder"), "cart_reminder"),
        (shown("new", scope="since_visit", taste="category"), "new_since_visit"),
        (shown("similar", because=7, scope="category"), "similar_because"),
    ],
)
def test_codes(item, code):
    assert reason_code(item) == code


def test_sentences():
    boot = "Blåhammaren känga"
    assert reason_text("bought_together_because", "sv-SE", because=boot) == (
        "Köps ofta tillsammans med Blåhammaren känga"
    )
    assert reason_text("personal_because", "nb", because=boot) == "Fordi du så på Blåhammaren känga"
    assert reason_text("popular", "sv") == "Populärt i butiken just nu"
    assert reason_text("new", "sv", category="Skaljackor") == "Nytt i Skaljackor"
    assert reason_text("new", "de", category="Skaljackor") == "New in Skaljackor"


def test_a_sentence_without_its_name_gives_way_to_a_plain_one():
    assert reason_text("new", "sv") == "Nytt i butiken"
    assert reason_text("popular_taste_brand", "en") == "Popular in the shop right now"
    assert reason_text("similar_because", "en") == "Similar to what you are looking at"
    assert reason_text("new_taste_category", "nb") == "Nytt i butikken"
    assert reason_text("on_sale_taste_brand", "sv") == "Nedsatt just nu"
    assert reason_text("alternative_because", "en") == "An alternative to what you are looking at"


def test_every_code_speaks_every_language_and_braces_in_titles_are_harmless():
    assert all(set(texts) == set(LOCALES) for texts in TEXTS.values())
    assert all(reason_code(shown(strategy)) in TEXTS for strategy in STRATEGY_NAMES)
    for code in TEXTS:
        for locale in LOCALES:
            text = reason_text(code, locale, because="{x}", category="{y}", brand="{z}")
            assert text[0].isupper()
            assert not text.endswith(".")
