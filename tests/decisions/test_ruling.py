"""The merchandiser's rules in a whole shop: what they change, how they are told and logged, and measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.catalog import Sales, live_catalog
from expedit.core import SECOND, SettingsError, evolve, new_id
from expedit.decisions import decision_log, find_decision
from expedit.decisions.again import execute_again
from expedit.decisions.desk import Desk
from expedit.decisions.ruling import NOT_MEASURED, throw_coin
from expedit.experiments import PERSONALIZED, pin
from expedit.merchandising import (
    Boost,
    BrandConflict,
    Bury,
    Diversity,
    Exclude,
    Include,
    NeverWith,
    Only,
    Pin,
    Rule,
    archive_rule,
    create_rule,
    live_rules,
    publish_rule,
)
from expedit.storage import write_whole
from tests.decisions.boots import Client, fill, learn, live
from tests.merchandising.goods import goods


@pytest.fixture
def stocked(sqlite_shop):
    fill(sqlite_shop)
    learn(sqlite_shop)
    pin(sqlite_shop, PERSONALIZED)
    sqlite_shop.settings = evolve(sqlite_shop.settings, explore_share=0.0, rule_off_share=0.0)
    return sqlite_shop


@pytest.fixture
def client(stocked):
    return Client(stocked)


@pytest.fixture
def lay(stocked, shop_clock):
    """Publish a rule and wait until it holds."""

    def publish(action, **more):
        made = create_rule(stocked, Rule("", type(action).__name__, action, **more), "Eva")
        publish_rule(stocked, made.rule.id, 1, "Eva")
        shop_clock.advance(2 * SECOND)
        return made.rule.id

    return publish


def shown(client, placement="home-new", **how):
    return [item["id"] for item in client.decide(placement, **how)[-1]["items"]]


def test_what_rules_do_to_an_answer(client, lay):
    plain = shown(client)
    assert plain[0] == "p11"
    lay(Exclude({"brand": "Blå"}), placements=("home-new",))
    without = shown(client)
    assert without and not {"p0", "p4", "p8"} & set(without)
    assert "p8" in shown(client, "home-trending") + shown(client, "home-bestsellers")  # only where it is laid
    lay(Bury({"id": "p11"}, 5.0))
    assert shown(client)[-1] == "p11" or "p11" not in shown(client)
    lay(Boost({"id": "p1"}, 5.0))
    assert shown(client)[0] == "p1"
    lay(Pin(("p3",), 2))
    assert shown(client)[1] == "p3"
    assert len(set(shown(client))) == len(shown(client))
    lay(Only({"category": "Jackor"}))
    assert {int(name[1:]) % 2 for name in shown(client)} == {1}


def test_what_is_put_in_says_so_and_stands_by_its_level(client, lay):
    lay(Include({"id": "p0"}, level=2.0), placements=("home-trending",))
    first = client.decide("home-trending")[-1]["items"][0]
    assert (first["id"], first["reason"]["code"], first["reason"]["text"]) == (
        "p0", "picked", "Utvalt av butiken",
    )  # fmt: skip


def test_what_is_put_in_is_taken_from_what_can_be_shown(client, lay, stocked):
    """Of the newest of a brand the sold out, what is in the cart and what a rule forbids take no place."""
    lay(Exclude({"id": "p8"}))
    lay(Include({"brand": "Blå"}, level=2.0, most=1), placements=("home-trending",))
    first = client.decide("home-trending", cart=["p4"])[-1]["items"][0]
    assert (first["id"], first["reason"]["code"]) == ("p0", "picked")


def test_what_is_put_in_where_nothing_has_sold_yet_makes_nothing_popular(sqlite_shop, shop_clock):
    """Without any evidence candidates stand by their place: what is put in stands among them by its level."""
    goods(sqlite_shop, 80)
    pin(sqlite_shop, PERSONALIZED)
    sqlite_shop.settings = evolve(sqlite_shop.settings, explore_share=0.0, rule_off_share=0.0)
    client = Client(sqlite_shop)
    for level, place in ((0.01, None), (0.4, 1), (1.2, 0)):
        made = create_rule(
            sqlite_shop, Rule("", "Old", Include({"id": "p79"}, level=level)), "Eva", publish=True
        )
        shop_clock.advance(2 * SECOND)
        answer = client.decide("home-bestsellers")[-1]["items"]
        assert {one["reason"]["code"] for one in answer if one["id"] != "p79"} == {"new"}
        assert next((at for at, one in enumerate(answer) if one["id"] == "p79"), None) == place
        archive_rule(sqlite_shop, made.rule.id, made.version, "Eva")


def test_a_rule_that_empties_everything_leaves_an_honestly_empty_answer(client, lay):
    lay(Only({"brand": "Nobody"}))
    assert shown(client) == []


def test_conditions_on_the_page_the_cart_and_the_hour(client, lay, stocked):
    lay(Exclude({"brand": "Grå"}), when={"cart.total": {"$gte": 100_000}, "time.weekday": {"$lte": 7}})
    assert {"p11", "p9"} <= set(shown(client))
    rich = shown(client, cart=["p8", "p6"])  # 900 + 700 kr
    assert rich and not {"p11", "p9"} & set(rich)
    assert {"p11", "p9"} <= set(shown(client, cart=["p0"]))


def test_the_value_of_the_cart_is_the_same_on_every_page(client, lay, stocked):
    """As the page says it, else by quantity; whatever the ladder of the placement asks."""
    lay(Exclude({"brand": "Grå"}), when={"cart.total": {"$gte": 100_000}})

    def grey(**context):
        decision = client.decide("home-new", **context)[-1]
        logged = find_decision(stocked, decision["decisionId"])
        assert execute_again(stocked, logged).same
        return bool({"p11", "p9"} & {item["id"] for item in decision["items"]}), logged.inputs.cart_value

    assert grey(cart=["p4"]) == (True, 50_000)
    assert grey(cart=["p4", "p4"]) == (False, 100_000)
    assert grey(cart=["p4"], cartValue="1000") == (False, 100_000)
    assert grey(cart=["p8", "p6"], cartValue="999") == (True, 99_900)
    live(stocked, "add_to_cart", "p4")
    live(stocked, "add_to_cart", "p4")
    assert grey() == (False, 100_000)


def test_nothing_is_reckoned_that_no_rule_asks(client, lay, stocked):
    lay(Exclude({"brand": "Grå"}), when={"cart.lines": {"$gte": 1}})
    logged = find_decision(stocked, client.decide("home-new", cart=["p4"])[-1]["decisionId"])
    assert logged.inputs.cart_value == -1
    assert execute_again(stocked, logged).same


def test_a_value_of_the_cart_that_is_none_is_named_on_every_page(client):
    body = {
        "writeKey": "wk_test", "anonymousId": "dev-1",
        "placements": [{"placement": "home-new", "context": {"cart": ["p4"], "cartValue": "much"}}],
    }  # fmt: skip
    reply = client.ask("/v1/decide", body)
    assert (reply.status, reply.body["errors"][0]["field"]) == (400, "context.cartValue")


def test_conditions_on_the_product_of_the_page(client, lay, stocked):
    lay(
        Only({"price": {"$lt": 60_000}}), placements=("product-similar",),
        when={"page.product.price": {"$lt": 60_000}, "page.product.category": "Jackor"},
    )  # fmt: skip
    cheap = shown(client, "product-similar", productIds=["p1"])  # a jacket for 200
    assert cheap and {int(name[1:]) for name in cheap} <= set(range(5))
    assert any(int(name[1:]) >= 5 for name in shown(client, "product-similar", productIds=["p9"]))
    lay(Only({"brand": "Nobody"}), when={"page.product.brand": {"$exists": False}})
    assert shown(client, "product-similar", productIds=["p1"]) == cheap
    assert shown(client) == []  # a page that is about no product


def test_the_trace_names_the_rules(client, lay, stocked):
    cut = lay(Exclude({"id": "p11"}))
    lift = lay(Boost({"id": "p2"}, 5.0))
    told = client.decide("home-new", explain=True)[-1]
    assert told["items"][0]["id"] == "p2"
    parts = told["items"][0]["trace"]["parts"]
    assert {"code": f"rule:{lift}", "text": "Regel: Boost", "value": 5.0} in parts
    removed = [one for one in told["explain"]["removed"] if one["reason"] == "rule"]
    assert [(one["id"], one["rule"]) for one in removed] == [("p11", {"id": cut, "name": "Exclude"})]
    assert {"reason": "rule", "text": "av en regel", "count": 1} in told["explain"]["counts"]


def test_a_decision_under_rules_is_executed_again_and_tells_when_they_changed(client, lay, stocked):
    lay(Exclude({"brand": "Blå"}))
    lay(Diversity("category", 2))
    lay(Pin(("p5",)))
    answer = client.decide("home-new")[-1]
    logged = find_decision(stocked, answer["decisionId"])
    again = execute_again(stocked, logged)
    assert again.same and again.changes == ()
    assert logged.items[0].product == "p5" and logged.items[0].strategy == "pinned"
    lay(Exclude({"id": "p5"}))
    later = execute_again(stocked, logged)
    assert "rules" in later.changes and not later.same


def test_a_decision_that_followed_sales_tells_when_they_were_counted_anew(client, lay, stocked):
    lay(Bury({"stock_days": {"$lt": 7}}, 5.0), placements=("home-new",))
    answer = client.decide("home-new")[-1]
    logged = find_decision(stocked, answer["decisionId"])
    assert execute_again(stocked, logged).changes == ()
    write_whole(stocked.home.sales_path, Sales(stocked.clock(), 28, {answer["items"][0]["id"]: 10_000}))
    live_catalog(stocked).poll()
    again = execute_again(stocked, logged)
    assert (again.same, again.changes) == (False, ("sales",))
    assert shown(client)[-1] == answer["items"][0]["id"] or answer["items"][0]["id"] not in shown(client)


def test_a_decision_that_followed_the_pages_address_tells_that_it_is_not_kept(client, lay, stocked):
    lay(Exclude({"brand": "Grå"}), when={"page.url": {"$contains": "/outlet"}})
    logged = find_decision(stocked, client.decide("home-new")[-1]["decisionId"])
    assert execute_again(stocked, logged).changes == ()
    answer = client.decide("home-new", url="https://shop.example/outlet/")[-1]
    again = execute_again(stocked, find_decision(stocked, answer["decisionId"]))
    assert (again.same, again.changes) == (False, ("page",))


def test_a_coin_measures_one_rule_and_is_logged(client, lay, stocked):
    lay(Only({"price": {"$gt": 0}}))  # nothing that a coin falls over
    cut = lay(Exclude({"id": "p11"}), measured=True)
    stocked.settings = evolve(stocked.settings, rule_off_share=1.0)
    seen = set()
    for _ in range(40):
        logged = find_decision(stocked, client.decide("home-new")[-1]["decisionId"])
        assert (logged.measured, logged.among) == (cut, 1)
        assert ("p11" in [item.product for item in logged.items]) == logged.off
        assert execute_again(stocked, logged).same
        seen.add(logged.off)
    assert seen == {True, False}
    decision_log(stocked).rotate()


_RELIED_ON = (
    Exclude({"brand": "Blå"}),
    Only({"margin": {"$gte": 0.2}}),
    BrandConflict(("Blå",), ("Grå",)),
    NeverWith({"brand": "Blå"}, {"brand": "Grå"}),
)


@pytest.mark.parametrize("action", _RELIED_ON, ids=lambda action: type(action).__name__)
def test_what_a_shop_relies_on_is_in_every_answer(client, lay, stocked, action):
    kept = lay(action)
    stocked.settings = evolve(stocked.settings, rule_off_share=1.0)
    for _ in range(12):
        logged = find_decision(stocked, client.decide("home-new", productIds=["p0"])[-1]["decisionId"])
        assert (logged.measured, logged.off, logged.among) == ("", False, 0)
    assert not in_force(stocked, kept).has_coin


def in_force(shop, rule_id):
    return next(rule for rule in live_rules(shop).current().rules if rule.id == rule_id)


def test_the_merchandiser_may_have_a_promise_measured_and_a_lift_not():
    promise, lift = Rule("a", "a", Exclude({})), Rule("b", "b", Boost({}))
    assert (promise.has_coin, lift.has_coin) == (False, True)
    assert evolve(promise, measured=True).has_coin
    assert not evolve(lift, measured=False).has_coin


@given(st.integers(1, 9), st.integers(0, 2**32))
def test_every_rule_is_measured_alike(count, seed):
    names = [Rule(f"r{n}", f"r{n}", Boost({})) for n in range(count)]
    coins = [throw_coin(f"{seed + n:032x}", 0.5, [Rule("x", "x", Exclude({})), *names]) for n in range(400)]
    thrown = [coin for coin in coins if coin != NOT_MEASURED]
    assert 140 < len(thrown) < 260
    assert {coin.rule for coin in thrown} == {rule.id for rule in names}
    assert {coin.among for coin in thrown} == {count}
    assert 0.3 < sum(coin.off for coin in thrown) / len(thrown) < 0.7
    one = new_id(seed)
    assert throw_coin(one, 1.0, names) == throw_coin(one, 1.0, names)


def test_a_time_zone_that_does_not_exist_is_told(sqlite_shop):
    sqlite_shop.settings = evolve(sqlite_shop.settings, time_zone="Fjällen")
    with pytest.raises(SettingsError, match="time_zone"):
        Desk(sqlite_shop)
