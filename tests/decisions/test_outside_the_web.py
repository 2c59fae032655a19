"""Checkout, mail and receipt: what answers say that are read at the till, on paper, or next week."""

import pytest

from expedit.catalog import Offer, live_catalog, upsert
from expedit.core import DAY, HOUR, evolve, format_time
from expedit.decisions.lasting import LASTING_TEXTS
from expedit.decisions.placements import BUILT_IN, LOCALES
from expedit.decisions.reasons import TEXTS, reason_text
from expedit.experiments import PERSONALIZED, pin
from tests.decisions.boots import Client, fill, ids, learn, live, product


@pytest.fixture
def stocked(sqlite_shop):
    shop = sqlite_shop
    shop.settings = evolve(shop.settings, explore_share=0.0, shop_url="https://shop.example/")
    fill(shop, product(10, shop.clock(), attributes={"replenishable": "true"}))
    learn(shop)
    pin(shop, PERSONALIZED)
    return shop


@pytest.fixture
def client(stocked):
    return Client(stocked)


def mailed(client, *placements, user="u1", **context):
    """Return the decisions on placements for a user, as the shop's own server asks with its secret key."""
    body = {
        "userId": user, "consent": {"personalization": True},
        "placements": [{"placement": name} for name in placements],
        "context": {"market": "SE", "locale": "en", **context},
    }  # fmt: skip
    reply = client.ask("/v1/decide", body, key=client.secret)
    assert reply.status == 200, reply.body
    return reply.body["decisions"]


def said(decision):
    return {item["id"]: (item["reason"]["code"], item["reason"]["text"]) for item in decision["items"]}


def on_sale(shop, number, price, sale, **period):
    """Put a product on sale."""
    now = shop.clock()
    offers = (Offer("SE", price, "SEK", sale_price=sale, **period),)
    variants = tuple(evolve(variant, offers=offers) for variant in product(number, now).variants)
    with shop.database.writing() as tx:
        upsert(tx, [product(number, now, variants=variants)], now)
    live_catalog(shop).poll()


def test_a_mail_is_for_a_person_without_a_visit_and_links_lead_from_anywhere(client, stocked):
    live(stocked, "view_item", "p4", user="u1")
    stocked.clock.advance(9 * DAY)
    (decision,) = mailed(client, "mail-for-you")
    first = decision["items"][0]
    assert (first["id"], first["reason"]["text"]) == ("p6", "Because you looked at Thing 4")
    assert all(item["url"].startswith("https://shop.example/p/p") for item in decision["items"])
    assert all(item["imageUrl"].startswith("https://shop.example/i/p") for item in decision["items"])
    (stranger,) = mailed(client, "mail-for-you", user="u2")
    assert {item["reason"]["text"] for item in stranger["items"]} <= {
        "A favorite in the shop",
        "Discovered by many lately",
    }


def test_a_public_key_gets_no_mail_of_another_person(client):
    body = {"writeKey": "wk_test", "userId": "u1", "placements": [{"placement": "mail-for-you"}]}
    assert client.ask("/v1/decide", body).status == 403


def test_a_price_that_is_known_to_change_says_when(client, stocked):
    live(stocked, "view_item", "p4", user="u1")
    live(stocked, "view_item", "p6", user="u1")
    stocked.clock.advance(HOUR)
    until = stocked.clock() + 2 * DAY
    on_sale(stocked, 4, 50_000, 25_000, sale_until=until)
    on_sale(stocked, 6, 70_000, 35_000)
    (mail,) = mailed(client, "mail-price-drops")
    assert said(mail) == {
        "p4": ("on_sale_seen", "Became cheaper after you looked at it"),
        "p6": ("on_sale_seen", "Became cheaper after you looked at it"),
    }
    assert {item["id"]: item["priceUntil"] for item in mail["items"]} == {
        "p4": format_time(until),
        "p6": None,
    }
    (page,) = mailed(client, "account-price-drops")
    assert set(ids(page)) == {"p4", "p6"}
    assert all("priceUntil" not in item for item in page["items"])


def test_a_receipt_says_what_goes_with_the_purchase_or_nothing(client):
    """Boots are bought with the care p10, which is used up; jackets with p11, which is not."""
    receipt, care = client.decide("receipt", "receipt-care", productIds=["p4"], locale="en")
    assert said(receipt) == {"p10": ("bought_together_because", "Often bought together with Thing 4")}
    assert care["items"] == []  # it stands further up already
    (care,) = client.decide("receipt-care", productIds=["p4", "p1"], locale="en")
    assert said(care) == {"p10": ("complementary_because", "Goes well with Thing 4")}
    (mail,) = client.decide("mail-after-purchase", productIds=["p1"], locale="en")
    assert said(mail) == {"p11": ("complementary_because", "Goes well with Thing 1")}
    (alone,) = client.decide("receipt", productIds=["p10"], cart=["p0", "p2", "p4", "p6", "p8"])
    assert alone["items"] == []


def test_a_receipt_reminds_of_what_runs_out(client, stocked):
    live(stocked, "purchase", "p10", order_id="o1", value=10_000, currency="SEK")
    assert ids(client.decide("receipt-buy-again")[0]) == []
    stocked.clock.advance(50 * DAY)
    assert said(client.decide("receipt-buy-again")[0]) == {"p10": ("buy_again", "Dags att köpa den igen?")}


def test_a_checkout_offers_what_is_cheap_beside_the_cart_and_nothing_else(client, stocked):
    """p10 costs 1100: a tenth of a cart of 11,000, and too much for one of 10,999."""
    assert ids(client.decide("checkout-addons", cart=["p4"], cartValue="11000")[0]) == ["p10"]
    assert ids(client.decide("checkout-addons", cart=["p4"], cartValue="10999")[0]) == []
    live(stocked, "view_item", "p2")  # what else they like does not belong here
    assert ids(client.decide("checkout-addons", cart=["p4"], cartValue="10999")[0]) == []


def test_what_is_read_later_never_speaks_of_now():
    """Sentences of mails and receipts hold on any later day."""
    for code, texts in LASTING_TEXTS.items():
        assert code in TEXTS
        assert set(texts) == set(LOCALES), code
    for code in TEXTS:
        for locale, words in (("en", ("right now", "in stock", "looking at")), ("sv", ("just nu", "i lager")),
                              ("nb", ("akkurat nå", "på lager"))):  # fmt: skip
            text = reason_text(code, locale, because="X", category="Y", brand="Z", lasting=True)
            assert not any(word in text for word in words), (code, text)


def test_what_goes_with_nothing_is_never_filled_with_anything():
    placements = {placement.name: placement for placement in BUILT_IN}
    for name in ("checkout-addons", "mail-after-purchase", "receipt", "receipt-care", "receipt-buy-again"):
        assert placements[name].fallback == "", name
        assert placements[name].size <= 3
    assert placements["checkout-addons"].proof == ("rating",)
    assert {one.name for one in BUILT_IN if one.lasting} == {
        one.name for one in BUILT_IN if one.name.startswith(("mail-", "receipt"))
    }
