"""Pages of placements: the list, the form, what it would answer, conflict, and what each viewer may."""

import re

import pytest

from expedit.access import Wanted, read_audit
from expedit.app import FEATURES
from expedit.audiences import Audience, create_audience, publish_audience
from expedit.core import SECOND, InvalidInput, NotFound, evolve
from expedit.decisions import decision_log, live_placements, read_decisions
from expedit.decisions.live_placements import PLACEMENTS
from expedit.decisions.panel import placements_health
from expedit.decisions.panel_placement import add, change, show_new, show_placement
from expedit.decisions.panel_placements import show_placements
from expedit.decisions.panel_tried import try_placement
from expedit.decisions.placements import BUILT_IN, Step
from expedit.decisions.preview_who import WHO
from expedit.experiments import HELD_OUT, PERSONALIZED, pin
from expedit.features import install
from expedit.identity import identify
from expedit.merchandising import Exclude, Rule, create_rule, publish_rule
from expedit.web import Frame, Redirect, Viewer, Visit, render
from tests.decisions.boots import fill, learn, live
from tests.decisions.test_placement_editing import MINE, form_of

EVA = Viewer("u1", "Eva", "eva@example.com", "merchandiser")
ODD = Viewer("u2", "Odd", "odd@example.com", "viewer")


@pytest.fixture
def stocked(sqlite_shop):
    sqlite_shop.settings = evolve(sqlite_shop.settings, explore_share=0.0, candidate_log_share=0.0)
    install(sqlite_shop, FEATURES)
    fill(sqlite_shop)
    learn(sqlite_shop)
    pin(sqlite_shop, PERSONALIZED)
    return sqlite_shop


def visit(language="en", viewer=EVA, **more):
    return Visit(viewer=viewer, language=language, **more)


def page(reply, language="en", viewer=EVA):
    return str(render(reply, visit(language, viewer), Frame()))


def typed(placement, path="step-up", viewer=EVA, **more):
    form = form_of(placement)
    where = {"placement": path} if path else {}
    return visit(path=where, form=form.form | {"version": "0"} | more, lists=form.lists, viewer=viewer)


def at(name="step-up", **more):
    return visit(path={"placement": name}, **more)


def test_placements_are_listed_searched_and_told_in_each_language(stocked):
    whole = page(show_placements(stocked, visit()))
    assert "home-bestsellers" in whole
    assert "New placement" in whole
    assert "Counting" in whole
    assert "New placement" not in page(show_placements(stocked, visit(viewer=ODD)), viewer=ODD)
    rows = show_placements(stocked, visit("sv", partial=True, query={"q": "populärt just"}))
    assert [row.placement.name for row in rows.values["rows"]] == ["home-bestsellers"]
    assert "Populärt just nu" in page(rows, "sv")
    nothing = show_placements(stocked, visit("nb", partial=True, query={"q": "finnes ikke"}))
    assert "Ingen plassering passer" in page(nothing, "nb")
    mails = show_placements(stocked, visit(partial=True, query={"channel": "mail"}))
    assert {row.placement.channel for row in mails.values["rows"]} == {"mail"}


def test_one_is_made_changed_published_undone_and_put_away(stocked):
    assert "begins as a draft" in page(show_new(stocked, visit()))
    done = add(stocked, typed(MINE, "", name="step-up", act="save"))
    assert (done.to, "nobody is shown it" in done.said) == ("/panel/placements/step-up", True)
    (row,) = show_placements(stocked, visit(query={"state": "draft"})).values["rows"]
    assert row.placement == MINE
    change(stocked, typed(evolve(MINE, size=7), act="publish", version="1"))
    stocked.clock.advance(SECOND)
    assert live_placements(stocked).current()["step-up"].size == 7
    shown = page(show_placement(stocked, at()))
    assert "In force as it was published here." in shown
    assert "<del>4</del>" in shown
    change(stocked, at(form={"act": "undo", "version": "3"}))
    change(stocked, at(form={"act": "restore", "restored": "1", "version": "4"}))
    assert (
        "That version" in change(stocked, at(form={"act": "restore", "restored": "2", "version": "5"})).said
    )
    change(stocked, at(form={"act": "archive", "version": "6"}))
    stocked.clock.advance(SECOND)
    assert "step-up" not in live_placements(stocked).current()
    assert "Not in force" in page(show_placement(stocked, at()))
    actions = [one.action.removeprefix("placements.") for one in read_audit(stocked)]
    assert actions == ["archived", "restored", "restored", "undone", "published", "changed", "created"]
    with pytest.raises(InvalidInput):
        change(stocked, at(form={"act": "burn"}))


def test_one_of_the_file_is_taken_over_and_given_back(stocked):
    new = BUILT_IN[4]
    change(stocked, typed(evolve(new, size=3), "home-new", act="publish"))
    stocked.clock.advance(SECOND)
    assert live_placements(stocked).current()["home-new"].size == 3
    shown = page(show_placement(stocked, at("home-new")))
    assert "It stands above what placements.toml says." in shown
    assert "Give back to the file" in shown
    change(stocked, at("home-new", form={"act": "give_back", "version": "2"}))
    stocked.clock.advance(SECOND)
    assert live_placements(stocked).current()["home-new"] == new
    back = show_placement(stocked, at("home-new"))
    assert (back.values["standing"], back.values["placement"].size) == ("file", 8)
    assert "Gave back to the file" in page(back)


def test_publishing_what_is_unchanged_publishes_the_draft_once(stocked):
    add(stocked, typed(MINE, "", name="step-up", act="publish"))
    change(stocked, typed(MINE, act="save", version="2"))
    assert "/panel/placements/step-up" in change(stocked, typed(MINE, act="publish", version="2")).to
    with stocked.database.reading() as tx:
        assert [one.change for one in PLACEMENTS.history(tx, "step-up")] == ["published", "created"]


def test_the_second_of_two_is_told_at_the_form_and_nothing_is_overwritten(stocked):
    add(stocked, typed(MINE, "", name="step-up", act="save"))
    change(stocked, typed(evolve(MINE, size=5), act="save", version="1"))
    late = change(stocked, typed(evolve(MINE, size=6), act="save", version="1"))
    assert late.status == 409
    shown = page(late)
    assert "has changed this meanwhile (version 2)" in shown
    assert "<td>6</td><td>5</td>" in shown
    assert 'name="version" value="2"' in shown  # saving again is a choice, then
    with stocked.database.reading() as tx:
        assert PLACEMENTS.newest(tx, "step-up").body.size == 5
    undone = change(stocked, at(form={"act": "undo", "version": "1"}))
    assert undone.status == 409
    assert "<td>4</td><td>5</td>" in page(undone)


def test_a_name_that_is_taken_is_told_at_its_field(stocked):
    for taken in ("home-new", "step-up"):
        if taken == "step-up":
            add(stocked, typed(MINE, "", name="step-up", act="save"))
        with pytest.raises(InvalidInput, match="already") as caught:
            add(stocked, typed(MINE, "", name=taken, act="save"))
        assert caught.value.field == "name"
    with stocked.database.reading() as tx:
        assert len(PLACEMENTS.every(tx)) == 1


def test_a_wrong_form_keeps_what_was_typed_and_shows_the_error_at_its_step(stocked):
    wrong = typed(MINE, act="save", **{"max_ratio-s1": "99", "size": "9"})
    add(stocked, typed(MINE, "", name="step-up", act="save"))
    with pytest.raises(InvalidInput) as caught:
        change(stocked, wrong)
    again = evolve(wrong, errors={caught.value.field: caught.value.reason})
    shown = str(render(show_placement(stocked, again), again, Frame()))
    assert 'id="error-max_ratio-s1">A number from 1 to 10.' in shown
    assert 'value="99"' in shown
    assert 'name="size" type="number" min="1" max="100" step="1" value="9"' in shown


def test_a_placement_that_a_rule_names_is_not_archived_and_the_rule_is_named(stocked):
    rule = create_rule(
        stocked, Rule("", "No socks", Exclude({"brand": "S"}), placements=("home-new",)), "Eva"
    )
    publish_rule(stocked, rule.rule.id, 1, "Eva")
    refused = change(stocked, at("home-new", form={"act": "archive", "version": "0"}))
    assert refused.status == 409
    shown = page(refused)
    assert "It must stay in force" in shown
    assert f'<a href="/panel/rules/{rule.rule.id}">No socks</a>' in shown
    assert "home-new" in live_placements(stocked).newest()


def test_a_viewer_reads_and_has_no_form(stocked):
    shown = page(show_placement(stocked, at("home-new", viewer=ODD)), viewer=ODD)
    assert "How it decides" in shown
    assert 'placement-form" method' not in shown
    assert "Publish" not in shown
    with pytest.raises(NotFound):
        show_placement(stocked, at("nowhere"))


def test_a_new_one_may_begin_as_a_copy(stocked):
    begun = show_new(stocked, visit(query={"from": "cart-addons"}))
    assert (begun.values["placement"].ladder, begun.values["name"]) == (
        live_placements(stocked).current()["cart-addons"].ladder, "",
    )  # fmt: skip


# What it would answer


def test_a_draft_is_tried_before_anybody_is_shown_it(stocked):
    draft = evolve(MINE, ladder=(Step("similar"),), size=2)
    tried = try_placement(stocked, typed(draft, "new", p_products="p4"))
    assert "Similar to Thing 4" in page(tried)
    assert len(tried.values["shown"]) == 2
    assert "Answered as to a stranger." in page(tried)
    as_it_is = try_placement(stocked, at("home-new", form={"p_market": "SE"}, viewer=ODD))
    assert as_it_is.values["title"] == "New in"
    decision_log(stocked).flush()
    assert list(read_decisions(stocked)) == []


def test_what_is_not_finished_is_told_kindly(stocked):
    tried = try_placement(stocked, typed(MINE, size="many"))
    assert "There is nothing to show yet:" in page(tried)
    with pytest.raises(NotFound):
        try_placement(stocked, at("nowhere", form={}))


def test_a_trial_for_a_person_keeps_to_their_consent_and_arm(stocked):
    live(stocked, "consent", None, "dev-1", consent={"personalization": True})
    live(stocked, "view_item", "p2", "dev-1")
    person = identify(stocked.secret, "anonymous_id", "dev-1").subject_id

    def standing():
        asked = {"p_who": "person", "p_person": person}
        return try_placement(stocked, at("home-for-you", form=asked)).values["stand"].standing

    assert standing() == "personalized"
    pin(stocked, HELD_OUT)
    assert standing() == "held_out"
    live(stocked, "consent", None, consent={"personalization": False})
    assert standing() == "no_consent"
    nobody = try_placement(stocked, at("home-new", form={"p_who": "person", "p_person": "nobody"}))
    assert "Nobody has that person id." in page(nobody)
    looked_at = read_audit(stocked, Wanted(action="profiles.view"))
    assert [(one.actor, one.subject) for one in looked_at] == [("u1", person)]


def test_a_trial_for_an_audience_is_answered_as_one_of_its_members(stocked, shop_clock):
    asked = {"p_who": "audience", "p_audience": "seekers", "p_market": "SE"}
    assert "No audience is in force yet." in page(try_placement(stocked, at("home-for-you", form=asked)))
    seekers = Audience("seekers", "Seekers", {"viewed": {"$elemMatch": {"product": "p2"}}})
    create_audience(stocked, seekers, "u1")
    publish_audience(stocked, "seekers", 1, "u1")
    assert "Nobody is in that audience" in page(try_placement(stocked, at("home-for-you", form=asked)))
    live(stocked, "view_item", "p2", "dev-1", consent={"personalization": True})
    shop_clock.advance(2 * SECOND)
    person = identify(stocked.secret, "anonymous_id", "dev-1").subject_id
    tried = try_placement(stocked, at("home-for-you", form=asked))
    assert (tried.values["stand"].standing, tried.values["stand"].person_id) == ("personalized", person)
    assert "Answered as to the only one who fits." in page(tried)
    assert f'href="/panel/people/{person}"' in page(tried)
    assert {one.why for one in tried.values["shown"]} >= {"Because you looked at Thing 2"}
    looked_at = read_audit(stocked, Wanted(action="profiles.view"))
    assert [(one.actor, one.subject) for one in looked_at] == [("u1", person)]
    shown = page(show_placement(stocked, at("home-for-you")))
    assert '<option value="seekers">Seekers</option>' in shown
    assert re.findall(r'<option value="(\w+)"', shown[shown.index('name="p_who"') :])[: len(WHO)] == [*WHO]


def test_a_trial_names_what_the_catalog_does_not_know(stocked):
    reply = try_placement(stocked, at("cart-addons", form={"p_cart": "p4, nothing"}))
    assert reply.values["unknown"] == ["nothing"]


def test_an_edition_that_no_longer_fits_is_told_on_the_list_and_in_health(stocked):
    with stocked.database.writing() as tx:
        PLACEMENTS.save_in(tx, "home-new", evolve(BUILT_IN[4], ladder=(Step("magic"),)), 0, "Eva", 1)
        PLACEMENTS.publish_in(tx, "home-new", 1, "Eva", 2)
    stocked.clock.advance(SECOND)
    assert live_placements(stocked).current()["home-new"] == BUILT_IN[4]
    (told,) = placements_health(stocked)
    assert (told.state, "home-new" in told.says) == ("warning", True)
    assert "no longer fit" in page(show_placements(stocked, visit()))


def test_a_redirect_leads_to_the_placement(stocked):
    done = add(stocked, typed(MINE, "", name="step-up", act="publish"))
    assert isinstance(done, Redirect)
    assert "published" in done.said
