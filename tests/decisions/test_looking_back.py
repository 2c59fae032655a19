"""Finding logged decisions, executing them again, and what came of them."""

import pytest

from expedit.core import DAY, MINUTE, SECOND, InvalidInput, evolve
from expedit.decisions import decision_log, find_decision
from expedit.decisions.again import execute_again
from expedit.decisions.came_of import ask_came_of
from expedit.decisions.erasure import erase_decisions
from expedit.decisions.live_placements import live_placements
from expedit.decisions.recent import DecisionSearch, recent_decisions, removed_lately
from expedit.decisions.sealing import seal_decisions
from expedit.decisions.store import ask_erasure
from expedit.events import seal
from expedit.experiments import PERSONALIZED, pin
from expedit.recommendation import live_model
from expedit.recommendation.arriving import arrivals_feed
from tests.decisions.boots import Client, fill, learn, live, product
from tests.decisions.stories import Story


@pytest.fixture
def stocked(sqlite_shop):
    fill(sqlite_shop)
    learn(sqlite_shop)
    pin(sqlite_shop, PERSONALIZED)
    sqlite_shop.settings = evolve(sqlite_shop.settings, explore_share=0.0)
    return sqlite_shop


@pytest.fixture
def client(stocked):
    return Client(stocked)


def made(shop, client, *placements, **how):
    """Have a decision made and return it as logged."""
    decision = client.decide(*placements, **how)[-1]
    return find_decision(shop, decision["decisionId"])


def places(found):
    return [decision.placement for decision in found.decisions]


@pytest.mark.parametrize("sealed", [False, True])
def test_the_newest_come_first_and_pages_follow(client, stocked, shop_clock, sealed):
    for hour in range(3):
        for name in ("home-new", "home-trending", "product-similar"):
            client.decide(name, productIds=["p4"])
            shop_clock.advance(SECOND)
        if hour < 2:
            shop_clock.advance(60 * MINUTE)
    if sealed:
        decision_log(stocked).rotate()
        shop_clock.advance(120 * MINUTE)
        assert seal_decisions(stocked) > 0
    everything = recent_decisions(stocked, DecisionSearch())
    assert places(everything) == ["product-similar", "home-trending", "home-new"] * 3
    assert (everything.after, everything.searched_until) == ("", None)
    first = recent_decisions(stocked, DecisionSearch(), limit=4)
    second = recent_decisions(stocked, DecisionSearch(), first.after, limit=4)
    third = recent_decisions(stocked, DecisionSearch(), second.after, limit=4)
    assert [*first.decisions, *second.decisions, *third.decisions] == list(everything.decisions)
    assert third.after == ""
    only = recent_decisions(stocked, DecisionSearch(placement="home-new"), limit=2)
    assert places(only) == ["home-new", "home-new"]
    assert places(recent_decisions(stocked, DecisionSearch(placement="home-new"), only.after)) == ["home-new"]
    shown = everything.decisions[0].items[0].product
    by_product = recent_decisions(stocked, DecisionSearch(product=shown))
    assert all(shown in [item.product for item in one.items] for one in by_product.decisions)
    assert len(by_product.decisions) == sum(
        shown in [item.product for item in one.items] for one in everything.decisions
    )
    subject = everything.decisions[0].subject
    assert len(recent_decisions(stocked, DecisionSearch(subjects=frozenset({subject}))).decisions) == 9
    assert recent_decisions(stocked, DecisionSearch(subjects=frozenset({"nobody"}))).decisions == ()
    with pytest.raises(InvalidInput, match="after"):
        recent_decisions(stocked, DecisionSearch(), "yesterday")


def test_a_search_that_takes_too_long_says_how_far_it_came(client, stocked, shop_clock):
    client.decide("home-new")
    shop_clock.advance(SECOND)
    client.decide("home-trending")
    short = recent_decisions(stocked, DecisionSearch(placement="home-new"), seconds=-1)
    assert short.decisions == ()
    assert short.searched_until is not None
    rest = recent_decisions(stocked, DecisionSearch(placement="home-new"), short.after)
    assert places(rest) == ["home-new"]


def test_the_erased_are_not_found(client, stocked):
    one = made(stocked, client, "home-new")
    with stocked.database.writing() as tx:
        ask_erasure(tx, [one.subject], stocked.clock())
    assert recent_decisions(stocked, DecisionSearch()).decisions == ()
    assert erase_decisions(stocked) == 1
    assert recent_decisions(stocked, DecisionSearch()).decisions == ()


@pytest.mark.parametrize("placement", ["home-new", "product-bought-together", "cart-addons", "home-for-you"])
def test_nothing_changed_nothing_differs(client, stocked, placement):
    for item in ("p2", "p4", "p6"):
        live(stocked, "view_item", item)
    logged = made(stocked, client, placement, productIds=["p4"], cart=["p2"])
    again = execute_again(stocked, logged)
    assert (again.same, again.changes, again.model) == (True, (), "m1")
    assert [one.score for one in again.outcome.shown] == [item.score for item in logged.items]
    assert again.codes == tuple(item.reason for item in logged.items)
    asked = [step for step in again.steps if step.asked]
    assert sum(step.shown for step in asked) == len(logged.items)
    assert sum(step.given for step in asked) == logged.considered


def test_chance_draws_the_same_again(client, stocked):
    stocked.settings = evolve(stocked.settings, explore_share=1.0)
    logged = made(stocked, client, "home-new")
    assert logged.explored
    again = execute_again(stocked, logged)
    assert (again.same, again.outcome.explored) == (True, True)


def test_steps_tell_what_they_removed(client, stocked):
    logged = made(stocked, client, "product-bought-together", productIds=["p4"], cart=["p10"])
    again = execute_again(stocked, logged)
    assert again.steps[0].step.strategy == "bought_together"
    assert again.steps[0].removed == {"in_cart": 1}


def test_a_catalog_that_changed_is_told(client, stocked):
    logged = made(stocked, client, "home-new")
    gone = logged.items[0].product
    at = int(gone.removeprefix("p"))
    fill(stocked, product(at, stocked.clock(), retired=stocked.clock()))
    again = execute_again(stocked, logged)
    assert (again.same, again.changes) == (False, ("catalog",))
    assert gone not in [again.snapshot.ids[one.item] for one in again.outcome.shown]


def test_the_version_of_then_is_opened_again_while_it_is_kept(client, stocked):
    logged = made(stocked, client, "product-viewed-together", productIds=["p4"])
    learn(stocked, "m2", favorite=8)
    assert live_model(stocked).current().version == "m2"
    assert (execute_again(stocked, logged).model, execute_again(stocked, logged).same) == ("m1", True)
    for path in sorted((stocked.home.models / "m1").iterdir()):
        path.unlink()
    fresh = evolve(logged, model="m0")  # another that nobody has opened yet
    again = execute_again(stocked, fresh)
    assert (again.model, again.changes) == ("m2", ("model",))


def test_newcomers_that_were_compared_since_are_told(client, stocked):
    fill(stocked, product(12, stocked.clock(), titles={"sv": "Vara 4", "en": "Thing 4"}), count=12)
    logged = made(stocked, client, "product-similar", productIds=["p12"])
    assert execute_again(stocked, logged).changes == ()
    arrivals_feed(stocked).poll()
    again = execute_again(stocked, logged)
    assert (again.same, again.changes) == (False, ("newcomers",))
    popular = made(stocked, client, "home-bestsellers")
    assert execute_again(stocked, evolve(popular, items=popular.items[:1])).changes == ()


def test_picks_for_who_only_saw_a_newcomer_say_everywhere_what_they_rest_on(client, stocked):
    fill(stocked, product(12, stocked.clock(), titles={"sv": "Vara 4", "en": "Thing 4"}), count=13)
    live(stocked, "view_item", "p12")
    (answer,) = client.decide("home-for-you", explain=True)
    told = answer["items"][0]
    assert told["reason"]["code"] == "personal_alike_because"
    assert told["reason"]["text"] == "Liknar Vara 4, som du tittat på"
    assert told["reason"]["because"]["id"] == "p12"
    assert told["trace"]["strategy"] == "personal"
    assert told["trace"]["parts"][0]["text"] == told["reason"]["text"]
    logged = find_decision(stocked, answer["decisionId"])
    assert logged.items[0].reason == "personal_alike_because"
    again = execute_again(stocked, logged)
    assert (again.same, again.changes, again.codes[0]) == (True, (), "personal_alike_because")
    arrivals_feed(stocked).poll()
    again = execute_again(stocked, logged)
    assert (again.same, again.changes) == (False, ("newcomers",))
    assert again.codes[0] == "personal_alike_because"
    foretold = evolve(logged, items=tuple(evolve(one, reason="personal_because") for one in logged.items))
    assert execute_again(stocked, foretold).changes == ("sessions", "newcomers")


def test_a_placement_or_a_person_that_changed_is_told(client, stocked, shop_clock):
    live(stocked, "view_item", "p2")
    logged = made(stocked, client, "home-for-you")
    assert logged.personal
    shop_clock.advance(MINUTE)
    live(stocked, "view_item", "p3")
    assert execute_again(stocked, logged).changes[:1] == ("profile",)
    stocked.home.placements_path.write_text('[home-for-you]\nladder = ["new"]\n')
    shop_clock.advance(2 * SECOND)
    assert live_placements(stocked).current()["home-for-you"].ladder[0].strategy == "new"
    assert "recipe" in execute_again(stocked, logged).changes
    stocked.home.placements_path.write_text("[home-for-you]\nenabled = false\n")
    shop_clock.advance(2 * SECOND)
    assert execute_again(stocked, logged) is None


def test_what_was_left_out_lately_is_counted(client, stocked, shop_clock):
    since = shop_clock()
    client.decide(
        "product-bought-together", productIds=["p4"], cart=["p10"], explain=True, who={"userId": "u-1"}
    )
    client.decide("product-bought-together", productIds=["p4"], cart=["p10"])
    counts = removed_lately(stocked, "p10", since)
    assert counts[("product-bought-together", "in_cart")] == 1
    assert removed_lately(stocked, "p10", shop_clock() + 1) == {}


def test_what_came_of_a_decision(shop):
    story = Story(shop)
    one = story.decide(0, "dev-a", ["p1", "p2"])
    other = story.decide(0, "dev-b", ["p1"])
    story.happen(0.1, "impression", "dev-a", "p1", one)
    story.happen(0.2, "click", "dev-a", "p1", one)
    story.happen(0.3, "click", "dev-b", "p1", other)
    story.happen(1, "purchase", "dev-a", "p1", order_id="o1", price=150, quantity=2)
    story.happen(1, "purchase", "dev-a", "p2", order_id="o1", price=90)  # never clicked
    story.happen(2, "purchase", "dev-b", "p1", order_id="o2", price=150)
    seal(shop)
    acts = ask_came_of(shop, find_decision(shop, one))
    assert [act.kind for act in acts] == ["impression", "click", "purchase"]
    assert {act.product for act in acts} == {"p1"}
    assert (acts[2].quantity, acts[2].price, acts[2].currency) == (2, 150, "SEK")
    assert acts[2].at - acts[0].at < DAY
