"""Rules over listings: what they take away is counted nowhere, what they move stays whole, pins stand."""

import pytest

from expedit.core import SECOND, evolve
from expedit.decisions import read_decisions
from expedit.experiments import PERSONALIZED, pin
from expedit.merchandising import (
    BALANCES,
    Balance,
    Boost,
    Diversity,
    Exclude,
    Include,
    NewFirst,
    Only,
    Pin,
    Rule,
    create_rule,
    publish_rule,
)
from tests.decisions.boots import Client, fill, ids, learn, live, product

SHOES = {"p0", "p2", "p4", "p6", "p8", "p10", "p11"}


@pytest.fixture
def shop_with_goods(shop):
    shop.settings = evolve(shop.settings, rule_off_share=0.0)
    fill(shop)
    learn(shop)
    pin(shop, PERSONALIZED)
    return shop


@pytest.fixture
def client(shop_with_goods):
    return Client(shop_with_goods)


def rule(shop, action, **more):
    made = create_rule(shop, Rule("", more.pop("name", type(action).__name__), action, **more), "Eva")
    publish_rule(shop, made.rule.id, 1, "Eva")
    shop.clock.advance(SECOND)
    return made.rule.id


def listing(client, explain=False, **body):
    sent = {
        "anonymousId": "dev-1", "consent": {"personalization": True}, "category": "Skor",
        "context": {"market": "SE", "locale": "sv", **body.pop("context", {})}, **body,
    }  # fmt: skip
    path = "/v1/list?explain=1" if explain else "/v1/list"
    reply = client.ask(path, sent, key=client.secret)
    assert reply.status == 200, reply.body
    return reply.body


def test_what_is_excluded_is_neither_shown_nor_counted(client, shop_with_goods):
    plain = listing(client)
    assert set(ids(plain)) == SHOES
    taken = rule(shop_with_goods, Exclude({"brand": "Blå"}), placements=("list",), name="No Blå")
    answer = listing(client, explain=True)
    assert set(ids(answer)) == {"p2", "p6", "p10", "p11"}
    assert answer["total"] == 4
    assert answer["facets"]["brand"] == [{"value": "Grå", "count": 4}]
    assert answer["explain"]["rules"] == [{"id": taken, "name": "No Blå"}]
    assert {(one["id"], one["rule"]["name"]) for one in answer["explain"]["removed"]} == {
        ("p0", "No Blå"), ("p4", "No Blå"), ("p8", "No Blå"),
    }  # fmt: skip
    assert set(ids(listing(client, rules=False))) == SHOES


@pytest.mark.parametrize(
    ("more", "holds"),
    [
        ({"placements": ("list",)}, True),
        ({"placements": ("home-bestsellers",)}, False),
        ({"channels": ("mail",)}, False),
        ({"markets": ("NO",)}, False),
        ({"when": {"page.category": "Skor"}}, True),
        ({"when": {"page.category": "Jackor"}}, False),
        ({"when": {"placement": "list", "cart.products": "p1"}}, True),
        ({"when": {"cart.lines": {"$gt": 1}}}, False),
        ({"when": {"page.query": "varm"}}, True),
    ],
)
def test_a_scope_names_a_listing_by_placement_channel_market_and_page(client, shop_with_goods, more, holds):
    rule(shop_with_goods, Only({"brand": "Grå"}), **more)
    shown = set(ids(listing(client, context={"cart": ["p1"], "query": "varm"})))
    assert (shown == {"p2", "p6", "p10", "p11"}) is holds


def test_pins_stand_where_they_are_put_and_obey_the_filters(client, shop_with_goods):
    pinned = rule(shop_with_goods, Pin(("p11", "p1", "p0"), 2), name="Care first")
    answer = listing(client, explain=True)
    assert ids(answer)[1:4] == ["p11", "p1", "p0"]
    assert answer["total"] == len(SHOES) + 1
    assert answer["items"][2]["reason"] == {"code": "picked", "text": "Utvalt av butiken"}
    assert answer["items"][2]["trace"]["pinned"] == {"rule": pinned, "name": "Care first"}
    narrowed = listing(client, filters={"brand": ["Blå"]})
    assert set(ids(narrowed)) == {"p0", "p4", "p8"}
    assert ids(narrowed)[1] == "p0"
    assert ids(listing(client, sort="price_asc"))[:3] == ["p0", "p1", "p2"]  # the shopper's order
    named = listing(client, category=None, productIds=["p4", "p0"])
    assert set(ids(named)) == {"p4", "p0"}  # nothing joins what the request names


def test_boost_lifts_and_is_told(client, shop_with_goods):
    assert ids(listing(client))[0] == "p4"
    lifted = rule(shop_with_goods, Boost({"id": "p6"}, 2.0), name="Push six")
    answer = listing(client, explain=True)
    assert ids(answer)[0] == "p6"
    parts = {one["code"]: one for one in answer["items"][0]["trace"]["parts"]}
    assert parts[f"rule:{lifted}"] == {"code": f"rule:{lifted}", "text": "Regel: Push six", "value": 2.0}
    assert answer["items"][0]["trace"]["score"] == pytest.approx(
        sum(one["value"] for one in parts.values()), abs=1e-3
    )
    assert ids(listing(client, sort="newest"))[0] == "p11"


def test_diversity_spreads_a_listing_and_loses_nothing(client, shop_with_goods):
    rule(shop_with_goods, Diversity("brand", 1))
    shown = ids(listing(client))
    assert set(shown) == SHOES
    brands = ["Blå" if int(one[1:]) % 4 == 0 else "Grå" for one in shown]
    assert [len(set(brands[at : at + 2])) for at in (0, 2, 4)] == [2, 2, 2]


def test_new_first_and_include(client, shop_with_goods):
    fill(shop_with_goods, product(8, shop_with_goods.clock(), created=shop_with_goods.clock()))
    rule(shop_with_goods, NewFirst(7))
    assert ids(listing(client))[0] == "p8"
    rule(shop_with_goods, Include({"id": "p3"}, level=1.0))
    answer = listing(client)
    assert set(ids(answer)) == SHOES | {"p3"}
    assert {one["id"]: one["reason"]["code"] for one in answer["items"]}["p3"] == "picked"
    assert {"value": "Skaljackor", "count": 1} in answer["facets"]["category"]


def test_rules_on_a_person_hold_for_those_who_may_be_known(client, shop_with_goods):
    rule(
        shop_with_goods,
        Exclude({"brand": "Blå"}),
        when={"person.seen": {"$count": {"where": {"product": "p6"}, "is": {"$gte": 1}}}},
    )
    live(shop_with_goods, "view_item", "p6")
    assert set(ids(listing(client))) == {"p2", "p6", "p10", "p11"}
    assert set(ids(listing(client, consent={"personalization": False}))) == SHOES


def test_pages_hold_still_under_rules_that_come_and_a_coin_that_falls(client, shop_with_goods):
    shop_with_goods.settings = evolve(shop_with_goods.settings, rule_off_share=1.0)
    rule(shop_with_goods, Boost({"brand": "Blå"}, 1.0))
    first = listing(client, limit=3)
    rule(shop_with_goods, Pin(("p11", "p10"), 1))
    shown = ids(first)
    cursor = first["nextCursor"]
    while cursor:
        answer = listing(client, cursor=cursor, limit=3)
        shown += ids(answer)
        cursor = answer["nextCursor"]
    assert len(shown) == len(set(shown)) == len(SHOES)
    logged = list(read_decisions(shop_with_goods))
    assert len({(one.measured, one.off, one.among, one.rules) for one in logged}) == 1
    assert logged[0].among == 1
    begun = [one.id for one in logged if not one.continues]
    assert [one.continues for one in logged if one.continues] == begun * 2


def test_a_balance_is_the_nearest_and_tells_itself(client, shop_with_goods):
    def put(name, balance):
        with shop_with_goods.database.writing() as tx:
            BALANCES.save_in(tx, name, balance, 0, "Eva", 1)
            BALANCES.publish_in(tx, name, 1, "Eva", 2)
        shop_with_goods.clock.advance(SECOND)

    put("", Balance(popularity=0, newness=100, personal=0))
    assert ids(listing(client)) == ["p11", "p10", "p8", "p6", "p4", "p2", "p0"]
    put("Skor > Kängor", Balance(popularity=100, newness=0, personal=0))
    assert ids(listing(client, category="Skor > Kängor"))[0] == "p4"
    answer = listing(client, explain=True)
    assert answer["explain"]["balance"] == {
        "of": "", "weights": {"popularity": 0, "margin": 0, "newness": 100, "stock": 0, "personal": 0},
    }  # fmt: skip
    assert [one["code"] for one in answer["items"][0]["trace"]["parts"]] == ["balance:newness"]
    assert answer["items"][0]["trace"]["parts"][0]["text"] == "Nyhet"
