"""What rules change: both answers side by side, for a saved rule, for all, and for one still in its form."""

from __future__ import annotations

import pytest

from expedit.access import Wanted, read_audit
from expedit.audiences import Audience, Members, create_audience, publish_audience
from expedit.catalog import live_catalog
from expedit.core import DAY, SECOND, NotFound, evolve
from expedit.decisions import decision_log, preview_who, read_decisions
from expedit.decisions.comparing import compare
from expedit.decisions.panel import show_decision
from expedit.decisions.panel_rules import show_preview, try_rules
from expedit.decisions.preview_where import Spot, lands, spot_of
from expedit.decisions.preview_who import Example
from expedit.decisions.wire import AskContext
from expedit.experiments import PERSONALIZED, pin
from expedit.identity import identify, person_of
from expedit.merchandising import (
    Boost,
    Bury,
    Exclude,
    Include,
    Pin,
    Rule,
    change_rule,
    create_rule,
    live_rules,
    publish_rule,
)
from expedit.web import Frame, Viewer, Visit, render
from tests.decisions.boots import Client, fill, learn, live

EVA = Viewer("u1", "Eva", "eva@example.com", "viewer")


@pytest.fixture
def stocked(shop):
    shop.settings = evolve(shop.settings, explore_share=1.0, candidate_log_share=1.0)
    fill(shop)
    learn(shop)
    pin(shop, PERSONALIZED)
    return shop


def visit(**more):
    return Visit(viewer=EVA, language="en", **more)


def page(reply):
    return str(render(reply, visit(), Frame()))


def put(shop, rule, *, live=True):
    made = create_rule(shop, rule, "u1")
    if live:
        publish_rule(shop, made.rule.id, made.version, "u1")
    live_rules(shop).newest()
    return made.rule


def asked(shop, *rules, placement="home-bestsellers", at=None, before=(), who="anonymous", key="", **context):
    return compare(shop, placement, AskContext(**context), at or shop.clock(), (before, rules), who, key)


def products(items):
    return [one.product for one in items]


def test_without_rules_nothing_changes_and_nobody_is_shown_anything(stocked):
    found = asked(stocked)
    assert found.changed == 0 and found.held == ()
    assert products(found.left) == products(found.right)
    decision_log(stocked).flush()
    assert list(read_decisions(stocked)) == []


def test_what_entered_left_and_moved_is_marked_with_its_rule(stocked):
    plain = products(asked(stocked).right)
    first, last = plain[0], plain[-1]
    found = asked(stocked, Rule("gone", "Gone", Exclude({"id": first})))
    assert first not in products(found.right)
    gone = next(one for one in found.left if one.product == first)
    assert (gone.change, gone.rules) == ("left", ("gone",))
    assert found.right[0].change == "up" and found.right[0].other == 2 and found.right[0].rules == ()
    pinned = asked(stocked, Rule("pin", "Pin", Pin((last,), 1)))
    assert (pinned.right[0].product, pinned.right[0].change, pinned.right[0].rules) == (last, "up", ("pin",))
    assert pinned.held == ("pin",)


def test_a_rule_that_lifts_is_not_why_another_falls_out(stocked):
    plain = products(asked(stocked).right)
    lift = Rule("lift", "Lift", Boost({"id": {"$in": plain[-2:]}}, 0.001))
    pinned = Rule("pin", "Pin", Pin((plain[-2],), 1))
    found = asked(stocked, lift, pinned)
    top = found.right[0]
    assert (top.product, top.rules) == (plain[-2], ("pin",))
    lowered = asked(stocked, Rule("low", "Low", Bury({"id": plain[0]}, 5.0)))
    fallen = next(
        one for one in (*lowered.left, *lowered.right) if one.product == plain[0] and one.change != "same"
    )
    assert fallen.rules == ("low",)
    assert all(one.rules == () for one in found.right if one.change == "down")


def test_what_a_rule_puts_in_names_it(stocked):
    spot = {"placement": "product-bought-together", "product_ids": ("p4",)}
    plain = products(asked(stocked, **spot).right)
    ids = live_catalog(stocked).current().ids
    found = [
        asked(stocked, Rule("in", "In", Include({"id": name}, 2.0)), **spot)
        for name in ids
        if name not in plain
    ]
    entered = [one for other in found for one in other.right if one.change == "entered"]
    assert entered
    assert {one.rules for one in entered} == {("in",)}


def test_the_moment_and_who_asks_decide_whether_a_rule_holds(stocked):
    now = stocked.clock()
    soon = Rule("soon", "Soon", Boost({}, 1.0), starts=now + DAY)
    assert asked(stocked, soon).held == ()
    assert asked(stocked, soon, at=now + 2 * DAY).held == ("soon",)
    loyal = Rule("loyal", "Loyal", Boost({}, 1.0), when={"person.visits": {"$gte": 3}})
    assert asked(stocked, loyal).held == ()
    assert asked(stocked, loyal, who="new").held == ()
    assert asked(stocked, loyal, who="returning").held == ("loyal",)
    with pytest.raises(NotFound):
        asked(stocked, placement="nowhere")


def customer(shop, clock, device, *products, visits=2, consent=True, market="NO"):
    """Have somebody visit, and buy `products` at their last visit."""
    said = {"consent": {"personalization": True}} if consent else {}
    for _ in range(visits):
        live(shop, "view_item", "p0", device, market=market, **said)
        clock.advance(DAY)
    for one in products:
        live(shop, "purchase", one, device, market=market)
    clock.advance(2 * SECOND)
    return person_of(shop.database, identify(shop.secret, "anonymous_id", device).subject_id).person_id


def test_a_returning_customer_is_a_typical_one_who_has_bought_and_come_back(stocked, shop_clock):
    bought = Rule("bought", "Bought", Boost({}, 1.0), when={"person.bought": {"$count": {"is": {"$gte": 1}}}})
    made_up = asked(stocked, bought, who="returning", market="NO").stand
    assert (made_up.standing, made_up.example.among) == ("returning", 0)
    assert made_up.asker.profile.purchased[0].product == made_up.example.bought
    assert made_up.example.bought in live_catalog(stocked).current().index
    customer(stocked, shop_clock, "looker", visits=5)
    customer(stocked, shop_clock, "once", "p2", visits=0)
    customer(stocked, shop_clock, "silent", "p2", "p4", consent=False)
    assert asked(stocked, bought, who="returning", market="SE").stand.example.among == 0
    customer(stocked, shop_clock, "heavy", "p2", "p4", "p6", "p8")
    middle = customer(stocked, shop_clock, "middle", "p2", "p4")
    customer(stocked, shop_clock, "light", "p2")
    found = asked(stocked, bought, who="returning", market="NO")
    assert found.stand.example == Example(middle, among=4)
    assert (found.held, found.stand.standing) == (("bought",), "personalized")


def test_an_audience_is_previewed_by_a_member_whose_profile_may_be_used(stocked, shop_clock):
    none = page(show_preview(stocked, visit(query={"p_who": "audience"})))
    assert none.count("No audience is in force yet.") == 2
    assert 'href="/panel/audiences"' in none
    create_audience(
        stocked, Audience("buyers", "Buyers", {"bought": {"$elemMatch": {"product": "p2"}}}), "u1"
    )
    publish_audience(stocked, "buyers", 1, "u1")
    query = {"p_placement": "home-bestsellers", "p_who": "audience", "p_audience": "buyers"}
    assert "Nobody is in that audience at that moment." in page(show_preview(stocked, visit(query=query)))
    customer(stocked, shop_clock, "silent", "p2", consent=False)
    alone = asked(stocked, who="audience", key="buyers")
    assert (alone.stand.standing, alone.stand.example.among) == ("no_consent", 1)
    assert "has not agreed" in page(show_preview(stocked, visit(query=query)))
    member = customer(stocked, shop_clock, "member", "p2")
    loyal = Rule("loyal", "Loyal", Boost({}, 1.0), when={"audience": "buyers"})
    found = asked(stocked, loyal, who="audience", key="buyers")
    assert (found.held, found.stand.example) == (("loyal",), Example(member, among=2))
    shown = page(show_preview(stocked, visit(query=query)))
    assert "a typical one of the 2 who fit" in shown and f'href="/panel/people/{member}"' in shown


def test_who_was_erased_since_an_audience_was_counted_is_passed_over(stocked, shop_clock, monkeypatch):
    member = customer(stocked, shop_clock, "member", "p2")
    monkeypatch.setattr(preview_who, "members_of_audience", lambda *_: Members(("0" * 24, member), 2))
    found = asked(stocked, who="audience", key="buyers")
    assert (found.stand.person_id, found.stand.standing) == (member, "personalized")
    monkeypatch.setattr(preview_who, "members_of_audience", lambda *_: Members(("0" * 24,), 1))
    with pytest.raises(NotFound):
        asked(stocked, who="audience", key="buyers")


def test_whose_answer_was_looked_at_is_written_down_once_an_hour(stocked, shop_clock):
    def looked_at():
        return [(one.actor, one.subject) for one in read_audit(stocked, Wanted(action="profiles.view"))]

    query = {"p_placement": "home-bestsellers", "p_who": "returning"}
    for who in ("anonymous", "new", "returning"):  # nobody has come back yet, so somebody made up stands in
        show_preview(stocked, visit(query=query | {"p_who": who}))
    assert looked_at() == []
    member = customer(stocked, shop_clock, "member", "p2")
    for _ in range(2):
        show_preview(stocked, visit(query=query | {"p_place": "NO:Bergen"}))
    assert looked_at() == [("u1", member)]
    other = customer(stocked, shop_clock, "other", "p2", consent=False)
    try_rules(stocked, visit(form=query | {"p_who": "person", "p_person": other}, partial=True))
    assert sorted(looked_at()) == sorted([("u1", member), ("u1", other)])
    try_rules(stocked, visit(form=query | {"p_who": "person", "p_person": "none"}, partial=True))
    assert len(looked_at()) == 2


@pytest.mark.parametrize(
    ("when", "address"),
    [
        ({"page.url": "https://s.example/sale"}, {"p_url": "https://s.example/sale"}),
        ({"arrival.kind": "ad"}, {"p_url": "https://s.example/?utm_medium=cpc"}),
        ({"arrival.kind": "search"}, {"p_from": "https://www.google.com/"}),
        (
            {"arrival.source": "blog.example"},
            {"p_url": "https://s.example/", "p_from": "https://blog.example/"},
        ),
    ],
)
def test_the_address_tells_how_the_visit_began(stocked, when, address):
    put(stocked, Rule("", "As promised", Boost({}, 1.0), when))
    query = {"p_placement": "home-bestsellers"}
    assert "1 rule held." not in page(show_preview(stocked, visit(query=query)))
    assert "1 rule held." in page(show_preview(stocked, visit(query=query | address)))


def test_saturday_at_ten_as_a_returning_customer_in_bergen_by_three_choices(stocked, shop_clock):
    here = Rule(
        "", "Here", Boost({}, 1.0), markets=("NO",),
        when={"time.weekday": 6, "time.hour": 10, "person.visits": {"$gte": 2}},
    )  # fmt: skip
    put(stocked, here)
    customer(stocked, shop_clock, "visitor-9", "p2")
    query = {
        "p_placement": "home-bestsellers", "p_at": "2026-11-28T10:00", "p_who": "returning",
        "p_place": "NO:Bergen",
    }  # fmt: skip
    shown = page(show_preview(stocked, visit(query=query)))
    assert "Answered as to the only one who fits." in shown
    assert "Asked from Bergen, market NO." in shown and "1 rule held." in shown
    for other in ({"p_at": "2026-11-27T10:00"}, {"p_who": "new"}, {"p_place": "SE:Umeå"}):
        assert "rule held" not in page(show_preview(stocked, visit(query=query | other))), other


def test_a_place_is_a_country_a_town_or_a_store():
    found = lands(("NO", "world"), ("Umeå",), "nb")
    assert [land.name for land in found] == ["Norge", ""]
    assert spot_of(found, "NO:Bergen") == Spot("NO:Bergen", "Bergen", "NO", "46", "5003")
    assert spot_of(found, "NO") == Spot("NO", "Norge", "NO")
    assert spot_of(found, "store:Umeå") == Spot("store:Umeå", "Umeå", store="Umeå")
    assert spot_of(found, "SE:Umeå") is None
    keys = [spot.key for land in lands(("NO", "SE", "DK", "FI"), (), "sv") for spot in land.spots]
    assert len(keys) == len(set(keys)) > 60


def test_the_page_compares_a_saved_draft_with_what_is_in_force(stocked):
    first = asked(stocked).right[0].product
    draft = put(stocked, Rule("", "Not this", Exclude({"id": first})), live=False)
    query = {"rule": draft.id, "p_placement": "home-bestsellers"}
    shown = page(show_preview(stocked, visit(query=query)))
    assert "Without this rule" in shown and "With this rule" in shown
    assert f'<a href="/panel/rules/{draft.id}">Not this</a>' in shown
    everything = page(show_preview(stocked, visit(query={"p_placement": "home-bestsellers"})))
    assert "With the rules in force" in everything and "Nothing changes here." in everything
    fields = show_preview(stocked, visit(query=query, partial=True))
    assert fields.template == "decisions/_preview_fields.html"
    assert "rule-form" in page(fields)


def test_the_draft_of_a_rule_is_compared_with_the_rule_as_it_is_in_force(stocked):
    first, second = products(asked(stocked).right)[:2]
    rule = put(stocked, Rule("", "Not this", Exclude({"id": first})))
    query = {"rule": rule.id, "p_placement": "home-bestsellers"}
    same = page(show_preview(stocked, visit(query=query)))
    assert "Without this rule" in same and "With this rule" in same
    change_rule(stocked, evolve(rule, action=Exclude({"id": second})), 2, "u1")
    values = show_preview(stocked, visit(query=query)).values
    left = [line.compared.product for line in values["without"]]
    right = [line.compared.product for line in values["with_rules"]]
    assert first not in left and second in left
    assert first in right and second not in right
    shown = page(show_preview(stocked, visit(query=query)))
    assert "As in force" in shown and "With the draft" in shown and "this rule" not in shown
    form = {
        "p_placement": "home-bestsellers", "p_rule": rule.id, "name": "Not this", "do": "exclude",
        "when": "{}", "which": f'{{"id": "{first}"}}', "ends": "2001-01-01T00:00",
    }  # fmt: skip
    ended = page(try_rules(stocked, visit(form=form, partial=True)))
    assert "The rule does not hold here" in ended and "not as they were" in ended
    unchanged = page(try_rules(stocked, visit(form=form | {"ends": ""}, partial=True)))
    assert "Without this rule" in unchanged


def test_a_rule_is_tried_while_it_is_written(stocked):
    first = asked(stocked).right[0].product
    form = {
        "p_placement": "home-bestsellers", "name": "Mine", "do": "exclude", "when": "{}",
        "which": f'{{"id": "{first}"}}',
    }  # fmt: skip
    shown = page(try_rules(stocked, visit(form=form, partial=True)))
    assert "this rule" in shown and ">out<" in shown.replace("\n", "")
    assert page(try_rules(stocked, visit(form=form | {"name": " "}, partial=True))) == shown
    unfinished = page(try_rules(stocked, visit(form=form | {"which": "{"}, partial=True)))
    assert "The preview comes when the rule is finished: This is not JSON" in unfinished
    nobody = page(try_rules(stocked, visit(form=form | {"p_who": "person", "p_person": "none"})))
    assert "Nobody has that person id." in nobody
    later = page(try_rules(stocked, visit(form=form | {"ends": "2001-01-01T00:00"})))
    assert "The rule does not hold here" in later


def test_a_decisions_page_leads_to_the_rules_that_made_it(stocked):
    stocked.settings = evolve(stocked.settings, explore_share=0.0)
    plain = products(asked(stocked).right)
    gone = put(stocked, Rule("", "Not this", Exclude({"id": plain[0]})))
    pinned = put(stocked, Rule("", "This first", Pin((plain[-1],), 1)))
    Client(stocked).decide("home-bestsellers")
    decision_log(stocked).flush()
    (logged,) = read_decisions(stocked)
    shown = page(show_decision(stocked, visit(path={"decision": logged.id})))
    for rule in (gone, pinned):
        assert f'<a href="/panel/rules/{rule.id}">{rule.name}</a>' in shown
