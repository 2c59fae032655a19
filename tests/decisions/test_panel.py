"""Pages of placements and decisions: previews that nobody was shown, decisions looked up and explained."""

import pytest

from expedit.core import SECOND, NotFound, evolve
from expedit.decisions import GENERIC, LANDING, THE_PAGE, read_decisions
from expedit.decisions.came_of import Act
from expedit.decisions.finding import find_here
from expedit.decisions.live_placements import live_placements
from expedit.decisions.panel import (
    arm_told,
    placements_health,
    show_decision,
    show_decisions,
    show_outcome,
    show_product_decisions,
)
from expedit.decisions.panel_placements import show_placements
from expedit.decisions.placement_editing import save_placement
from expedit.decisions.placements import Placement, Step
from expedit.events import seal
from expedit.experiments import HELD_OUT, PERSONALIZED, pin
from expedit.identity import identify
from expedit.merchandising import BALANCES, Balance
from expedit.web import Frame, Redirect, Viewer, Visit, render
from tests.decisions.boots import Client, fill, learn, live, product
from tests.decisions.landings import land, put_up
from tests.decisions.stories import Story

EVA = Viewer("u1", "Eva", "eva@example.com", "viewer")


@pytest.fixture
def stocked(sqlite_shop):
    sqlite_shop.settings = evolve(sqlite_shop.settings, explore_share=0.0, candidate_log_share=0.0)
    fill(sqlite_shop)
    learn(sqlite_shop)
    pin(sqlite_shop, PERSONALIZED)
    return sqlite_shop


@pytest.fixture
def client(stocked):
    return Client(stocked)


def visit(language="en", **more):
    return Visit(viewer=EVA, language=language, **more)


def page(reply, language="en"):
    return str(render(reply, visit(language), Frame()))


def logged(shop):
    return list(read_decisions(shop))


def consenting(shop, anonymous="dev-1"):
    """Have somebody look at products and consent; return their person id."""
    live(shop, "consent", None, anonymous, consent={"personalization": True})
    live(shop, "view_item", "p2", anonymous)
    return identify(shop.secret, "anonymous_id", anonymous).subject_id


def test_decisions_are_listed_and_narrowed(client, stocked, shop_clock):
    assert "No decision yet" in page(show_decisions(stocked, visit()))
    for name in ("home-new", "home-trending"):
        client.decide(name)
        shop_clock.advance(SECOND)
    rows = show_decisions(stocked, visit()).values["rows"]
    assert [row.logged.placement for row in rows] == ["home-trending", "home-new"]
    only = show_decisions(stocked, visit(query={"placement": "home-new"})).values["rows"]
    assert [row.logged.placement for row in only] == ["home-new"]
    by_product = show_decisions(stocked, visit(query={"product": only[0].goods[0].id})).values["rows"]
    assert len(by_product) >= 1
    lookup = show_decisions(stocked, visit(query={"id": only[0].logged.id.upper()}))
    assert isinstance(lookup, Redirect)
    assert lookup.to == f"/panel/decisions/{only[0].logged.id}"
    assert "32 characters" in page(show_decisions(stocked, visit(query={"id": "17"})))


def test_a_decision_tells_every_candidate(client, stocked):
    client.decide("product-bought-together", productIds=["p4"], cart=["p10"])
    (one,) = logged(stocked)
    assert not one.full
    reply = show_decision(stocked, visit(path={"decision": one.id}))
    assert reply.values["source"] == "again"
    assert reply.values["again"].same
    assert sum(reply.values["counts"].values()) == len(reply.values["again"].outcome.removed)
    shown = page(reply)
    assert "Executed again: the same answer" in shown
    assert "in the cart" in shown


def test_a_decision_that_differs_says_so_and_a_full_one_shows_what_was_logged(client, stocked):
    client.decide("home-new")
    client.decide("home-new", explain=True)
    brief, full = sorted(logged(stocked), key=lambda one: one.full)
    gone = brief.items[0].product
    fill(stocked, product(int(gone[1:]), stocked.clock(), retired=stocked.clock()))
    differs = show_decision(stocked, visit(path={"decision": brief.id}))
    assert (differs.values["again"].same, differs.values["source"]) == (False, "again")
    assert "the catalog has changed" in page(differs)
    kept = show_decision(stocked, visit(path={"decision": full.id}))
    assert kept.values["source"] == "logged"
    assert [one.goods.id for one in kept.values["candidates"]][: len(full.items)] == [
        item.product for item in full.items
    ]


@pytest.mark.parametrize(
    ("language", "personalized", "held_out"),
    [
        ("en", "Personalized, compared with the holdout", "In the holdout: the profile counts nothing"),
        ("sv", "Personaliserad, jämförs med kontrollgruppen", "I kontrollgruppen: profilen räknas inte"),
        ("nb", "Personalisert, sammenlignes med kontrollgruppen", "I kontrollgruppen: profilen teller ikke"),
    ],
)
def test_the_side_of_the_holdout_is_told_in_words(client, stocked, language, personalized, held_out):
    consenting(stocked)
    for arm, said in ((PERSONALIZED, personalized), (HELD_OUT, held_out)):
        pin(stocked, arm)
        stocked.clock.advance(SECOND)
        client.decide("home-new")
        one = max(logged(stocked), key=lambda one: one.at)
        assert (one.experiment, one.arm) == ("holdout", arm)
        reply = show_decision(stocked, visit(language, path={"decision": one.id}))
        assert f"<dd>{said}</dd>" in page(reply, language)


@pytest.mark.parametrize(
    ("language", "got_the_page", "ordinary"),
    [
        ("en", "Got the landing page, compared", "Got the ordinary page, compared"),
        ("sv", "Fick landningssidan, jämförs", "Fick den vanliga sidan, jämförs"),
        ("nb", "Fikk landingssiden, sammenlignes", "Fikk den vanlige siden, sammenlignes"),
    ],
)
def test_the_side_of_a_landing_page_is_told_in_words(client, stocked, language, got_the_page, ordinary):
    put_up(stocked)
    for arm, said in ((THE_PAGE, got_the_page), (GENERIC, ordinary)):
        pin(stocked, arm, LANDING + "autumn-boots")
        decision = land(client)["decisionId"]
        told = page(show_decision(stocked, visit(language, path={"decision": decision})), language)
        assert f"<dd>{said}" in told
        assert "landing:autumn-boots:" not in told


def test_who_takes_no_part_is_in_no_comparison_and_an_unknown_one_keeps_its_name(client, stocked):
    client.decide("home-new")
    (one,) = logged(stocked)
    assert arm_told(evolve(one, experiment="", arm=""), "sv") == ""
    assert arm_told(evolve(one, experiment="colors", arm="blue"), "sv") == "colors: blue"


def test_a_listing_is_not_executed_again(client, stocked):
    client.ask("/v1/list", {"writeKey": "wk_test", "context": {"market": "SE"}})
    (one,) = logged(stocked)
    reply = show_decision(stocked, visit(path={"decision": one.id}))
    assert reply.values["again"] is None
    assert "A listing ranks a whole category" in page(reply)


def test_a_decision_whose_placement_is_gone_shows_what_was_logged(client, stocked, shop_clock):
    client.decide("home-new")
    (one,) = logged(stocked)
    stocked.home.placements_path.write_text("[home-new]\nenabled = false\n")
    shop_clock.advance(2 * SECOND)
    live_placements(stocked).current()
    assert "no longer there" in page(show_decision(stocked, visit(path={"decision": one.id})))
    with pytest.raises(NotFound):
        show_decision(stocked, visit(path={"decision": "0" * 32}))


def test_what_came_of_it_is_told(sqlite_shop):
    fill(sqlite_shop)
    story = Story(sqlite_shop)
    one = story.decide(0, "dev-a", ["p1"])
    story.happen(0.1, "click", "dev-a", "p1", one)
    story.happen(1, "purchase", "dev-a", "p1", order_id="o1", price=15_000)
    seal(sqlite_shop)
    reply = show_outcome(sqlite_shop, visit(path={"decision": one}))
    assert [(act.kind, goods.id) for act, goods in reply.values["acts"]] == [
        ("click", "p1"),
        ("purchase", "p1"),
    ]
    assert isinstance(reply.values["acts"][0][0], Act)
    assert "Bought within 7 days" in page(reply)


def test_a_product_tells_why_it_is_shown_and_why_not(client, stocked):
    client.decide("product-bought-together", productIds=["p4"], cart=["p10"], explain=True)
    reply = show_product_decisions(stocked, visit(path={"product": "p10"}))
    assert ("product-bought-together", "in the cart", 1) in reply.values["removed"]
    assert dict(reply.values["where"])["SE"] == ""
    fill(stocked, product(10, stocked.clock(), retired=stocked.clock()))
    left = show_product_decisions(stocked, visit(path={"product": "p10"}))
    assert dict(left.values["where"])["SE"] == "left the range"


def test_the_search_of_the_panel_finds_placements_and_decisions(stocked):
    assert [hit.title for hit in find_here(stocked, EVA, "bestsellers")] == ["home-bestsellers"]
    assert find_here(stocked, EVA, "a" * 32)[0].href == "/panel/decisions/" + "a" * 32
    draft = Placement("step-up", {"sv": "Ett snäpp till"}, (Step("upsell"),))
    with stocked.database.writing() as tx:
        save_placement(tx, stocked, draft, 0, "u1")
        BALANCES.save_in(tx, "Skor", Balance(margin=10), 0, "u1", stocked.clock())
    assert [hit.href for hit in find_here(stocked, EVA, "snäpp")] == ["/panel/placements/step-up"]
    (listing,) = find_here(stocked, EVA, "shoes")
    assert (listing.title, listing.note) == ("Skor", "Shoes · Skor")
    assert listing.href == "/panel/listings/balance?category=Skor"


def test_a_placements_file_that_is_not_in_force_is_told(stocked, shop_clock):
    assert placements_health(stocked)[0].state == "ok"
    stocked.home.placements_path.write_text('[home-new]\nladder = ["nonsense"]\n')
    shop_clock.advance(2 * SECOND)
    live_placements(stocked).current()
    (told,) = placements_health(stocked)
    assert (told.state, "nonsense" in told.says) == ("warning", True)
    assert "nonsense" in page(show_placements(stocked, visit()))
