"""What rules change on the page of a category: both listings side by side."""

from __future__ import annotations

import pytest

from expedit.access import Wanted, read_audit
from expedit.core import DAY, InvalidInput, evolve
from expedit.decisions import decision_log, read_decisions
from expedit.decisions.comparing_lists import compare_listing
from expedit.decisions.lists import PAGE
from expedit.decisions.panel_rules import show_preview, try_rules
from expedit.decisions.wire import AskContext
from expedit.experiments import PERSONALIZED, pin
from expedit.identity import identify
from expedit.merchandising import Boost, Bury, Exclude, Include, Pin, Rule
from tests.decisions.boots import Client, fill, ids, learn, live
from tests.decisions.test_comparing import page, products, put, visit

LIST = ("list",)


@pytest.fixture
def stocked(shop):
    shop.settings = evolve(shop.settings, rule_off_share=1.0)
    fill(shop)
    learn(shop)
    pin(shop, PERSONALIZED)
    return shop


def asked(shop, *rules, category="Skor", at=None, before=(), who="anonymous", key="", **context):
    market = {"market": "SE", **context}
    return compare_listing(
        shop, category, AskContext(**market), at or shop.clock(), (before, rules), who, key
    )


def listed(shop, **body):
    sent = {"category": "Skor", "context": {"market": "SE", "locale": "sv"}, **body}
    client = Client(shop)
    return ids(client.ask("/v1/list", sent, key=client.secret).body)


def test_the_two_are_the_listing_as_shops_get_it(stocked):
    plain = listed(stocked)
    found = asked(stocked, Rule("first", "First", Pin((plain[-1],), 1), placements=LIST))
    assert products(found.left) == plain
    assert products(found.right) == [plain[-1], *plain[:-1]]
    assert (found.right[0].change, found.right[0].other, found.right[0].rules) == ("up", 7, ("first",))
    assert (found.right[1].change, found.right[1].rules) == ("down", ())
    assert (found.held, found.market) == (("first",), "SE")
    decision_log(stocked).flush()
    assert len(list(read_decisions(stocked))) == 1  # the one that was really asked


def test_what_left_entered_and_moved_names_its_rule(stocked):
    plain = products(asked(stocked).left)
    gone = asked(stocked, Rule("gone", "Gone", Exclude({"id": plain[0]})))
    assert (gone.left[0].change, gone.left[0].rules) == ("left", ("gone",))
    assert plain[0] not in products(gone.right)
    joined = asked(stocked, Rule("in", "In", Include({"id": "p3"}, 1.0)))
    entered = next(one for one in joined.right if one.product == "p3")
    assert (entered.change, entered.other, entered.rules) == ("entered", 0, ("in",))
    lifted = asked(stocked, Rule("up", "Up", Boost({"id": plain[-1]}, 5.0)))
    assert (lifted.right[0].product, lifted.right[0].rules) == (plain[-1], ("up",))
    lowered = asked(stocked, Rule("low", "Low", Bury({"id": plain[0]}, 5.0)))
    assert (lowered.right[-1].product, lowered.right[-1].rules) == (plain[0], ("low",))


def test_only_rules_that_reach_this_listing_hold(stocked):
    assert asked(stocked, Rule("x", "X", Boost({}), placements=("home-new",))).held == ()
    assert asked(stocked, Rule("x", "X", Boost({}), placements=LIST)).held == ("x",)
    boots = Rule("x", "X", Boost({}), when={"page.category": "Skor > Kängor"})
    assert asked(stocked, boots).held == ()
    assert asked(stocked, boots, category="Skor > Kängor").held == ("x",)
    soon = Rule("x", "X", Boost({}), starts=stocked.clock() + DAY)
    assert asked(stocked, soon).held == ()
    assert asked(stocked, soon, at=stocked.clock() + 2 * DAY).held == ("x",)
    ad = Rule("x", "X", Boost({}), when={"arrival.kind": "ad"})
    assert asked(stocked, ad).held == ()
    assert asked(stocked, ad, url="https://s.example/?utm_medium=cpc").held == ("x",)
    loyal = Rule("x", "X", Boost({}), when={"person.visits": {"$gte": 3}})
    assert asked(stocked, loyal, who="new").held == ()
    assert asked(stocked, loyal, who="returning").held == ("x",)
    with pytest.raises(InvalidInput, match="there is no category 'Nowhere'"):
        asked(stocked, category="Nowhere")


def test_what_moves_to_a_later_page_says_where_it_stands_now(stocked):
    fill(stocked, count=40)  # 35 of them shoes
    plain = products(asked(stocked, category="Skor").left)
    assert len(plain) == PAGE
    found = asked(stocked, Rule("low", "Low", Bury({"id": plain[0]}, 10.0)))
    assert (found.left[0].change, found.left[0].other, found.left[0].rules) == ("down", 35, ("low",))
    assert (found.right[-1].change, found.right[-1].other) == ("up", PAGE + 1)
    query = {"p_placement": "list", "p_listing": "Skor", "p_market": "SE"}
    put(stocked, Rule("", "Lower it", Bury({"id": plain[0]}, 10.0)))
    assert "now 35" in page(show_preview(stocked, visit(query=query)))


def test_the_page_offers_categories_and_remembers_the_choice(stocked):
    shown = page(show_preview(stocked, visit()))
    assert '<option value="list">A category&#39;s page</option>' in shown
    put(stocked, Rule("", "Care first", Pin(("p11",), 1), placements=LIST))
    query = {"p_placement": "list", "p_listing": "Skor > Vård", "p_market": "SE"}
    shown = page(show_preview(stocked, visit(query=query)))
    assert '<option value="list" selected>' in shown
    assert '"label": "Shoes › Care"' in shown or '"label":"Shoes › Care"' in shown
    assert "Care first" in shown and "1 rule held." in shown
    unknown = page(show_preview(stocked, visit(query=query | {"p_listing": "Nowhere"})))
    assert "There is no such category" in unknown


def test_a_rule_of_one_category_begins_with_its_page(stocked):
    rule = put(
        stocked, Rule("", "Care", Pin(("p11",), 1), placements=LIST, when={"page.category": "Skor > Vård"})
    )
    fields = show_preview(stocked, visit(query={"rule": rule.id}, partial=True)).values
    assert (fields["placement"], fields["listing"]) == ("list", "Skor > Vård")
    draft = {
        "p_rule": rule.id, "p_placement": "list", "p_listing": "Skor > Vård", "name": "Care", "do": "exclude",
        "which": '{"id": "p11"}', "when": "{}", "placements": "list",
    }  # fmt: skip
    tried = try_rules(stocked, visit(form=draft, partial=True))
    assert products(tried.values["found"].left) == ["p11", "p10"]
    assert products(tried.values["found"].right) == ["p10"]
    assert "As in force" in page(tried) and "With the draft" in page(tried)


def test_a_draft_is_tried_where_it_goes_until_a_place_is_chosen(stocked):
    fields = show_preview(stocked, visit(partial=True)).values
    assert (fields["chosen"], fields["placements"][0]) == ("of-rule", ("of-rule", "Where the rule goes"))
    draft = {
        "p_placement": "of-rule", "name": "", "do": "exclude", "which": '{"id": "p11"}', "placements": "list",
        "when": '{"page.category": "Skor > Vård"}',
    }  # fmt: skip
    tried = try_rules(stocked, visit(form=draft, lists={"placements": ("list",)}, partial=True))
    assert (tried.values["placement"], tried.values["listing"]) == ("list", "Skor > Vård")
    assert products(tried.values["found"].left) == ["p10", "p11"]
    assert products(tried.values["found"].right) == ["p10"]
    assert "Tried at Shoes › Care." in page(tried)
    elsewhere = visit(form=draft | {"p_placement": "home-new"}, lists={"placements": ("list",)}, partial=True)
    shown = try_rules(stocked, elsewhere)
    assert shown.values["placement"] == "home-new"
    assert "The rule does not hold here" in page(shown) and "Tried at" not in page(shown)
    moved = draft | {"when": "{}", "placements": "home-new"}
    there = try_rules(stocked, visit(form=moved, lists={"placements": ("home-new",)}, partial=True))
    assert (there.values["placement"], there.values["holds"]) == ("home-new", True)
    everything = page(show_preview(stocked, visit()))
    assert "of-rule" not in everything.replace('data-for="of-rule ', "")


def test_a_member_of_an_audience_is_a_real_one_and_written_down(stocked, shop_clock):
    live(stocked, "view_item", "p6", consent={"personalization": True})
    person = identify(stocked.secret, "anonymous_id", "dev-1").subject_id
    query = {"p_placement": "list", "p_listing": "Skor", "p_who": "person", "p_person": person}
    shown = show_preview(stocked, visit(query=query))
    assert shown.values["found"].stand.standing == "personalized"
    mine, anybody = (products(found.left) for found in (shown.values["found"], asked(stocked)))
    assert mine.index("p6") < anybody.index("p6")
    assert [one.subject for one in read_audit(stocked, Wanted(action="profiles.view"))] == [person]
