"""Every built-in place of a shop, asked over HTTP: who comes first, who never, and what is said of them."""

import pytest

from expedit.catalog import Offer, live_catalog, put_looks, upsert
from expedit.catalog.looks import read_embedding
from expedit.core import DAY, HOUR, MINUTE, evolve
from expedit.decisions import find_decision
from expedit.decisions.again import execute_again
from expedit.decisions.desk import desk
from expedit.events import seal
from expedit.experiments import HELD_OUT, PERSONALIZED, pin
from expedit.recommendation import build, live_model
from tests.decisions.boots import Client, fill, ids, learn, live, product


@pytest.fixture
def stocked(sqlite_shop):
    shop = sqlite_shop
    shop.settings = evolve(shop.settings, explore_share=0.0, free_shipping={"SE": "660"})
    fill(shop)
    learn(shop)
    pin(shop, PERSONALIZED)
    return shop


@pytest.fixture
def client(stocked):
    return Client(stocked)


def priced(shop, number, price, **offer):
    """Put a product in anew, with another offer."""
    offers = (Offer("SE", price, "SEK", **offer),)
    now = shop.clock()
    variants = tuple(evolve(variant, offers=offers) for variant in product(number, now).variants)
    with shop.database.writing() as tx:
        upsert(tx, [product(number, now, variants=variants)], now)
    live_catalog(shop).poll()


def said(decision):
    return {item["id"]: (item["reason"]["code"], item["reason"]["text"]) for item in decision["items"]}


def replayed(shop, decision):
    """Execute a decision again; nothing may differ."""
    logged = find_decision(shop, decision["decisionId"])
    again = execute_again(shop, logged)
    assert (again.same, again.changes) == (True, ())
    assert again.codes == tuple(item.reason for item in logged.items)
    assert [one.score for one in again.outcome.shown] == [item.score for item in logged.items]
    return logged


def test_upsell_on_a_product_page(client, stocked):
    """Boots cost 100, 300, 500, 700, 900."""
    (decision,) = client.decide("product-upsell", productIds=["p4"])
    assert said(decision) == {"p6": ("upsell_because", "Ett steg upp från Vara 4")}
    replayed(stocked, decision)
    (none,) = client.decide("product-upsell", productIds=["p8"])
    assert none["items"] == []  # a step up or nothing


def test_a_better_margin_is_no_word_for_shoppers(client, stocked):
    for number, cost in ((0, 9_000), (2, 4_000), (4, 8_000), (6, None)):
        priced(stocked, number, 10_000, cost=cost)
    (decision,) = client.decide({"placement": "product-alternatives", "limit": 2}, productIds=["p0"])
    first, second = decision["items"]
    assert (first["id"], first["reason"]["text"]) == ("p2", "Ett alternativ till Vara 0")
    assert second["id"] == "p4"
    assert "margin" not in str(decision)
    logged = replayed(stocked, decision)
    assert [item.strategy for item in logged.items] == ["better_margin", "better_margin"]


def test_a_sale_begins_and_ends_at_its_moment_though_answers_are_kept(client, stocked):
    now = stocked.clock()
    priced(stocked, 4, 50_000, sale_price=25_000, sale_from=now + HOUR, sale_until=now + 2 * HOUR)
    assert ids(client.decide("home-on-sale")[0]) == []
    assert ids(client.decide("product-upsell", productIds=["p2"])[0]) == []  # from 300 to 500 is no step
    stocked.clock.advance(HOUR)
    (decision,) = client.decide("home-on-sale")
    assert said(decision) == {"p4": ("on_sale", "Nedsatt just nu")}
    replayed(stocked, decision)
    assert ids(client.decide("product-upsell", productIds=["p2"])[0]) == []  # nor from 300 down to 250
    priced(stocked, 4, 50_000, sale_price=40_000, sale_until=now + 2 * HOUR)
    assert ids(client.decide("product-upsell", productIds=["p2"])[0]) == ["p4"]
    stocked.clock.advance(HOUR)
    assert ids(client.decide("home-on-sale")[0]) == []
    assert ids(client.decide("product-upsell", productIds=["p2"])[0]) == []


def test_tastes_rerank_reductions(client, stocked):
    for number, sale in ((3, 20_000), (10, 56_000)):
        listed = (number + 1) * 10_000
        priced(stocked, number, listed, sale_price=sale)
    assert ids(client.decide("home-on-sale")[0]) == ["p3", "p10"]  # −50 % and −49 %, both unproven
    for _ in range(5):
        stocked.clock.advance(MINUTE)
        live(stocked, "view_item", "p11")
    (decision,) = client.decide("home-on-sale")
    assert ids(decision) == ["p10", "p3"]
    assert said(decision)["p10"] == ("on_sale_taste_category", "Nedsatt i Vård, som du tittat på")
    replayed(stocked, decision)


def test_price_drops_are_told_by_the_ledger(client, stocked):
    live(stocked, "view_item", "p3")
    live(stocked, "view_item", "p5")
    stocked.clock.advance(DAY)
    priced(stocked, 3, 30_000)  # a new list price, no sale
    priced(stocked, 7, 10_000)
    (decision,) = client.decide("account-price-drops")
    assert said(decision) == {"p3": ("on_sale_seen", "Billigare än när du tittade på den")}
    replayed(stocked, decision)
    live(stocked, "view_item", "p3")  # now it has been seen at its new price
    assert ids(client.decide("account-price-drops")[0]) == []
    assert ids(client.decide("mail-price-drops")[0]) == []


def test_add_ons_close_the_gap_to_free_shipping(client, stocked):
    """p4 costs 500 and free shipping begins at 660: p10 for 170 reaches it, at 120 it would not."""
    priced(stocked, 10, 12_000)
    (decision,) = client.decide({"placement": "cart-addons", "limit": 1}, cart=["p4"])
    assert said(decision) == {"p10": ("cart_addon_because", "Köps gärna till Vara 4")}
    assert replayed(stocked, decision).inputs.cart_value == 50_000
    priced(stocked, 10, 17_000)
    (decision,) = client.decide({"placement": "cart-addons", "limit": 1}, cart=["p4"])
    assert said(decision) == {"p10": ("cart_addon_shipping", "Ger fri frakt på din beställning")}
    replayed(stocked, decision)
    (there,) = client.decide("checkout-addons", cart=["p4"], cartValue="660")
    assert ids(there) == []  # free already, and 170 is dear for a tenth of 660
    (dear,) = client.decide("checkout-addons", cart=["p4"], cartValue="1700.00")
    assert ids(dear) == ["p10"]
    assert replayed(stocked, dear).inputs.cart_value == 170_000


def test_the_cart_counts_its_quantities(client, stocked):
    live(stocked, "add_to_cart", "p4")
    live(stocked, "add_to_cart", "p4")
    (decision,) = client.decide("cart-addons")
    assert replayed(stocked, decision).inputs.cart_value == 100_000
    (page,) = client.decide("cart-addons", cart=["p4", "p2", "p2"])
    assert replayed(stocked, page).inputs.cart_value == 2 * 50_000 + 2 * 30_000
    (other,) = client.decide("home-new")
    assert find_decision(stocked, other["decisionId"]).inputs.cart_value == -1


def test_a_cart_value_that_is_none_is_named(client):
    body = {
        "writeKey": "wk_test", "anonymousId": "dev-1",
        "placements": [{"placement": "cart-addons", "context": {"cart": ["p4"], "cartValue": "much"}}],
    }  # fmt: skip
    reply = client.ask("/v1/decide", body)
    assert reply.status == 400
    assert reply.body["errors"][0]["field"] == "context.cartValue"


def test_reminders_of_what_was_left_out(client, stocked):
    live(stocked, "view_item", "p1")
    live(stocked, "add_to_cart", "p2")
    live(stocked, "add_to_cart", "p3")
    live(stocked, "add_to_wishlist", "p6")
    stocked.clock.advance(MINUTE)
    live(stocked, "remove_from_cart", "p2")
    live(stocked, "view_item", "p5")
    live(stocked, "purchase", "p5", order_id="o1", value=10_000, currency="SEK")
    wishes = {
        "cart-reminders": "Den står på din önskelista",
        "mail-reminders": "Du satte den på din önskelista",  # whatever it is when the mail is opened
    }
    for placement, wished in wishes.items():
        (decision,) = client.decide(placement)
        assert said(decision) == {
            "p2": ("cart_reminder_removed", "Den låg i din varukorg"),
            "p6": ("cart_reminder_wished", wished),
            "p1": ("cart_reminder", "Du har tittat på den här"),
        }
        replayed(stocked, decision)
    pin(stocked, HELD_OUT)
    (held,) = client.decide("cart-reminders")
    assert held["items"] == []
    (page,) = client.decide(
        "cart-reminders", consent=False, who={}, sessionProducts=["p1", "p2"], cart=["p2"]
    )
    assert ids(page) == ["p1"]
    replayed(stocked, page)


def test_new_since_the_last_visit(client, stocked):
    live(stocked, "view_item", "p1")
    stocked.clock.advance(2 * DAY)
    fill(stocked, product(9, stocked.clock(), created=stocked.clock() - DAY))
    (decision,) = client.decide({"placement": "account-new-for-you", "limit": 3})
    assert ids(decision) == ["p9", "p11", "p10"]
    assert said(decision)["p9"] == ("new_since_visit", "Nytt sedan ditt senaste besök")
    assert said(decision)["p11"][0] == "new"
    replayed(stocked, decision)
    live(stocked, "view_item", "p1")  # a visit that has begun is not yet the last one
    assert (
        said(client.decide({"placement": "account-new-for-you", "limit": 1})[0])["p9"][0] == "new_since_visit"
    )
    (stranger,) = client.decide(
        {"placement": "account-new-for-you", "limit": 1}, who={"anonymousId": "dev-2"}
    )
    assert said(stranger)["p9"][0] == "new"


def test_changed_terms_are_told_when_a_decision_is_executed_again(client, stocked):
    (decision,) = client.decide("cart-addons", cart=["p4"])
    (other,) = client.decide("home-new")
    at_desk = desk(stocked)
    at_desk.terms = evolve(at_desk.terms, free_shipping={"SE": 1})
    at_desk._recipes.clear()
    assert execute_again(stocked, find_decision(stocked, decision["decisionId"])).changes == ("recipe",)
    assert execute_again(stocked, find_decision(stocked, other["decisionId"])).changes == ()


def test_what_is_due_is_bought_again_though_it_was_bought(client, stocked):
    """p10 is replenishable; nothing says that anybody buys a boot twice."""
    fill(stocked, product(10, stocked.clock(), attributes={"replenishable": "true"}))
    for item, order in (("p4", "o1"), ("p10", "o2")):
        live(stocked, "purchase", item, order_id=order, value=10_000, currency="SEK")
    assert ids(client.decide("account-buy-again")[0]) == []
    stocked.clock.advance(50 * DAY)
    for placement in ("account-buy-again", "mail-buy-again"):
        (decision,) = client.decide(placement)
        assert said(decision) == {"p10": ("buy_again", "Dags att köpa den igen?")}
        replayed(stocked, decision)
    live(stocked, "add_to_cart", "p10")
    assert ids(client.decide("account-buy-again")[0]) == []
    pin(stocked, HELD_OUT)
    assert ids(client.decide("account-buy-again")[0]) == []


def test_what_looks_alike_on_a_product_page(sqlite_shop, tmp_path):
    """By the shop's own embeddings; where there are none, what is alike in words and attributes."""
    shop = sqlite_shop
    shop.settings = evolve(shop.settings, explore_share=0.0)
    looks = {"p0": [1, 0], "p2": [1, 0.1], "p8": [1, 0.5], "p1": [1, 0.05], "p4": [0, 1]}
    fill(shop)
    with shop.database.writing() as tx:
        put_looks(tx, {name: read_embedding(numbers) for name, numbers in looks.items()})
    seal(shop)
    build(shop, tune_seconds=0)
    live_model(shop).poll()
    client = Client(shop)
    (decision,) = client.decide("product-looks-like", productIds=["p0"], locale="en")
    assert ids(decision) == ["p2", "p8", "p1", "p4"]  # boots first; a jacket; then a boot that is but alike
    assert said(decision) == {
        "p2": ("visually_similar_because", "Looks like Thing 0"),
        "p8": ("visually_similar_because", "Looks like Thing 0"),
        "p1": ("visually_similar_because", "Looks like Thing 0"),
        "p4": ("similar_because", "Similar to Thing 0"),
    }
    replayed(shop, decision)
    (unseen,) = client.decide("product-looks-like", productIds=["p6"])
    assert {code for code, _ in said(unseen).values()} == {"similar_because"}
    (alone,) = client.decide("product-looks-like", productIds=["p0"], consent=False, who={})
    assert ids(alone) == ids(decision)  # it is about the page, not the person


PAGE = ("home-bestsellers", "home-new", "home-trending", "home-for-you")


def ask_page(client, **more):
    body = {
        "writeKey": "wk_test", "anonymousId": "dev-1", "consent": {"personalization": True},
        "placements": [{"placement": name, "limit": 3} for name in PAGE], **more,
    }  # fmt: skip
    reply = client.ask("/v1/decide", body)
    assert reply.status == 200, reply.body
    return reply.body["decisions"]


@pytest.mark.parametrize("explore", [0.0, 1.0])
def test_one_call_shows_no_product_twice(client, stocked, explore):
    """Each answer is executed again as it was, also when its tail or one above it was drawn by lot."""
    stocked.settings = evolve(stocked.settings, explore_share=explore)
    live(stocked, "view_item", "p3")
    decisions = ask_page(client)
    shown = [product for decision in decisions for product in ids(decision)]
    assert len(shown) == len(set(shown)) == 12
    above = []
    for decision in decisions:
        assert list(replayed(stocked, decision).inputs.taken) == above
        above += ids(decision)


def test_repeats_are_had_by_asking_for_them(client, stocked):
    distinct, repeating = ask_page(client), ask_page(client, distinct=False)
    assert ids(distinct[0]) == ids(repeating[0])
    shown = [product for decision in repeating for product in ids(decision)]
    assert len(set(shown)) < len(shown)
    for decision, name in zip(repeating, PAGE, strict=True):
        (alone,) = client.decide({"placement": name, "limit": 3})
        assert ids(alone) == ids(decision)
        assert replayed(stocked, decision).inputs.taken == ()
    assert client.ask("/v1/decide", {"writeKey": "wk_test", "placements": [], "distinct": "no"}).status == 400
