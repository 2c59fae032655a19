"""The page of listings: sliders, before and after, drafts and history; looking changes nothing."""

import pytest
from markupsafe import escape

from expedit.access import Wanted, add_user, read_audit
from expedit.audiences import Audience, create_audience, publish_audience
from expedit.core import SECOND, Conflict, InvalidInput, NotFound, evolve
from expedit.decisions import decision_log, read_decisions
from expedit.decisions.listing_preview import compare
from expedit.decisions.panel_listings import change_balance, show_balance, show_listings
from expedit.experiments import PERSONALIZED, pin
from expedit.identity import identify
from expedit.merchandising import BALANCES, Balance, Pin, Rule, create_rule, live_balances, publish_rule
from expedit.web import Frame, Viewer, Visit, render
from tests.decisions.boots import fill, learn, live, product

EVA = Viewer("u1", "Eva", "eva@example.com", "merchandiser")


@pytest.fixture
def stocked(sqlite_shop):
    sqlite_shop.settings = evolve(sqlite_shop.settings, rule_off_share=0.0)
    fill(sqlite_shop)
    learn(sqlite_shop)
    pin(sqlite_shop, PERSONALIZED)
    return sqlite_shop


def visit(**more):
    return Visit(viewer=more.pop("viewer", EVA), language=more.pop("language", "en"), **more)


def page(reply):
    return str(render(reply, visit(), Frame()))


def post(shop, do, category="Skor", **form):
    return change_balance(shop, visit(query={"category": category}, form={"do": do, **form}))


def test_the_list_begins_with_the_whole_shop(stocked):
    whole = page(show_listings(stocked, visit()))
    assert "The whole shop" in whole
    assert "As delivered" in whole
    post(stocked, "save", margin="60", version="0")
    listed = show_listings(stocked, visit(language="sv"))
    assert [row.title for row in listed.values["rows"]] == ["Hela butiken", "Skor"]
    assert listed.values["rows"][1].products == 7
    assert "Draft" in page(listed)


def test_the_list_tells_by_name_who_changed_it_last(stocked):
    user = add_user(stocked, "ola@example.com", "Ola Berg", "merchandiser", "sv")
    ola = Viewer(user.id, user.name, user.email, "merchandiser")
    change_balance(
        stocked, visit(viewer=ola, query={"category": "Skor"}, form={"do": "save", "margin": "60"})
    )
    listed = show_listings(stocked, visit())
    assert [row.author for row in listed.values["rows"]] == ["", "Ola Berg"]
    assert "Ola Berg" in page(listed)
    assert user.id not in page(listed)


def test_an_unknown_category_is_told_at_its_field(stocked):
    shown = show_balance(stocked, visit(query={"category": "Skor > <Nowhere>"}))
    assert (shown.status, shown.template) == (404, "decisions/listings.html")
    told = page(shown)
    assert 'value="Skor &gt; &lt;Nowhere&gt;"' in told
    assert 'aria-invalid="true" aria-describedby="error-category"' in told
    assert 'id="error-category" role="alert">There is no such category</div>' in told
    with pytest.raises(NotFound):  # what is tried beside the sliders is no page
        show_balance(stocked, visit(query={"category": "Nowhere"}, partial=True))


def test_the_example_of_a_category_is_one_that_the_shop_has(stocked):
    listed = show_listings(stocked, visit())
    example = listed.values["example"]
    assert f'placeholder="As {escape(example)}"' in page(listed)
    assert "error-category" not in page(listed)
    found = show_balance(stocked, visit(query={"category": example}))
    assert (found.status, found.values["name"]) == (200, example)


def test_without_categories_there_is_no_example(sqlite_shop):
    assert page(show_listings(sqlite_shop, visit())).count("placeholder=") == 1  # of the panel's search


def test_before_and_after(stocked):
    found = compare(stocked, "Skor", Balance(popularity=0, newness=100, personal=0), "SE", "sv")
    assert found.before.placed[0].goods.id == "p4"
    assert [one.goods.id for one in found.after.placed] == ["p11", "p10", "p8", "p6", "p4", "p2", "p0"]
    four = next(one for one in found.after.placed if one.goods.id == "p4")
    assert (four.rank, four.moved) == (5, -4)
    assert [(part.code, part.begin) for part in found.after.placed[0].slices] == [("newness", 0.0)]
    assert found.after.placed[0].slices[0].width == 100.0
    assert found.after.figures.days == 94
    assert (found.before.figures.popularity, found.total) == (1.0, 7)
    decision_log(stocked).flush()
    assert list(read_decisions(stocked)) == []


def test_a_rule_and_a_person_show_in_the_comparison(stocked):
    made = create_rule(stocked, Rule("", "Care first", Pin(("p11",), 1)), "Eva")
    publish_rule(stocked, made.rule.id, 1, "Eva")
    live(stocked, "consent", None, consent={"personalization": True})
    live(stocked, "view_item", "p6")
    person = identify(stocked.secret, "anonymous_id", "dev-1").subject_id
    stocked.clock.advance(SECOND)
    found = compare(stocked, "Skor", Balance(personal=100), "SE", "en", "person", person)
    assert (found.stand.standing, found.rules) == ("personalized", ("Care first",))
    assert (found.after.placed[0].goods.id, found.after.placed[0].pinned) == ("p11", "Care first")
    six = next(one for one in found.after.placed if one.goods.id == "p6")
    assert "personal" in {part.code for part in six.slices}
    with pytest.raises(NotFound):
        compare(stocked, "Skor", Balance(), "SE", "en", "person", "nobody")
    for one in (person, "nobody"):
        show_balance(stocked, visit(query={"category": "Skor", "p_who": "person", "p_person": one}))
    looked_at = read_audit(stocked, Wanted(action="profiles.view"))
    assert [(one.actor, one.subject) for one in looked_at] == [("u1", person)]


def test_a_listing_is_tried_on_a_member_of_an_audience(stocked):
    create_audience(stocked, Audience("seekers", "Seekers", {"viewed": {"$exists": True}}), "u1")
    publish_audience(stocked, "seekers", 1, "u1")
    asked = {"category": "Skor", "p_who": "audience", "p_audience": "seekers"}
    nobody = page(show_balance(stocked, visit(query=asked)))
    assert "Nobody is in that audience at that moment." in nobody
    live(stocked, "view_item", "p6", consent={"personalization": True})
    stocked.clock.advance(2 * SECOND)
    person = identify(stocked.secret, "anonymous_id", "dev-1").subject_id
    shown = show_balance(stocked, visit(query=asked))
    assert shown.values["comparison"].stand.person_id == person
    assert "Answered as to the only one who fits." in page(shown)
    assert f'href="/panel/people/{person}"' in page(shown)
    looked_at = read_audit(stocked, Wanted(action="profiles.view"))
    assert [(one.actor, one.subject) for one in looked_at] == [("u1", person)]


def test_sliders_are_tried_saved_published_and_undone(stocked):
    sliders = {"popularity": "0", "margin": "0", "newness": "100", "stock": "0", "personal": "0"}
    tried = show_balance(stocked, visit(query={"category": "Skor", **sliders}, partial=True))
    assert tried.template == "decisions/_comparison.html"
    assert tried.values["tried"] == Balance(popularity=0, newness=100, personal=0)
    assert "nobody sees it yet" in page(tried)
    post(stocked, "save", version="0", **sliders)
    stocked.clock.advance(SECOND)
    assert live_balances(stocked).current().of(("Skor",)) == ("", Balance())
    shown = page(show_balance(stocked, visit(query={"category": "Skor"})))
    assert 'id="field-newness" name="newness" type="range" min="0" max="100" step="5" value="100"' in shown
    assert "Draft begun" in shown
    said = post(stocked, "publish", version="1", **sliders)
    assert "Shoes" in said.said or "Skor" in said.said
    stocked.clock.advance(SECOND)
    assert live_balances(stocked).current().of(("Skor",))[0] == "Skor"
    post(stocked, "publish", version="2", **{**sliders, "margin": "50"})  # changed since: saved first
    stocked.clock.advance(SECOND)
    assert live_balances(stocked).current().of(("Skor",))[1].margin == 50
    post(stocked, "undo", version="4")
    post(stocked, "restore", version="5", restore="1")
    post(stocked, "archive", version="6")
    stocked.clock.advance(SECOND)
    assert live_balances(stocked).current().of(("Skor",)) == ("", Balance())
    did = [entry.action for entry in read_audit(stocked)]
    assert did == [
        "listings.archived", "listings.restored", "listings.undone", "listings.published",
        "listings.published", "listings.created",
    ]  # fmt: skip


def test_what_is_in_force_is_not_published_again(stocked):
    sliders = {"popularity": "0", "margin": "40", "newness": "0", "stock": "0", "personal": "0"}
    post(stocked, "publish", version="0", **sliders)
    assert post(stocked, "publish", version="2", **sliders).said
    with stocked.database.reading() as tx:
        assert [one.change for one in BALANCES.history(tx, "Skor")] == ["published", "created"]
    assert [one.action for one in read_audit(stocked)] == ["listings.published"]


def test_a_first_draft_is_discarded_and_another_begun(stocked):
    post(stocked, "save", version="0", margin="60")
    assert 'name="do" value="discard"' in page(show_balance(stocked, visit(query={"category": "Skor"})))
    assert post(stocked, "discard", version="1").said == "The draft for Shoes is discarded"
    assert [row.name for row in show_listings(stocked, visit()).values["rows"]] == [""]
    shown = show_balance(stocked, visit(query={"category": "Skor"}))
    assert shown.values["tried"] == Balance()
    assert ">Draft<" not in page(shown)
    assert 'value="discard"' not in page(shown)
    with stocked.database.reading() as tx:
        history = BALANCES.history(tx, "Skor")
    assert [(one.change, one.state, one.live) for one in history] == [
        ("archived", "archived", 0), ("created", "draft", 0),
    ]  # fmt: skip
    post(stocked, "save", version="2", margin="30")
    row = show_listings(stocked, visit()).values["rows"][1]
    assert (row.newest.state, row.newest.version, row.balance.margin) == ("draft", 3, 30)
    post(stocked, "undo", version="3")
    post(stocked, "undo", version="4")
    with stocked.database.reading() as tx:
        assert BALANCES.newest(tx, "Skor").body.margin == 30
    assert [one.action for one in read_audit(stocked)][-2:] == ["listings.archived", "listings.created"]


def test_a_draft_beside_what_is_in_force_is_discarded_alone(stocked):
    post(stocked, "publish", version="0", margin="40")
    post(stocked, "save", version="2", margin="60")
    post(stocked, "save", version="3", margin="70")
    assert post(stocked, "discard", version="4").said == "The draft for Shoes is discarded"
    stocked.clock.advance(SECOND)
    assert live_balances(stocked).current().of(("Skor",))[1].margin == 40
    with stocked.database.reading() as tx:
        newest = BALANCES.newest(tx, "Skor")
    assert (newest.state, newest.change, newest.body.margin, newest.live) == ("published", "discarded", 40, 2)
    assert "Draft discarded" in page(show_balance(stocked, visit(query={"category": "Skor"})))
    late = post(stocked, "discard", version="4")
    assert late.status == 409


def test_the_shop_wide_balance_is_as_delivered_when_its_draft_is_discarded(stocked):
    post(stocked, "save", category="", version="0", margin="60")
    post(stocked, "discard", category="", version="1")
    whole = page(show_listings(stocked, visit()))
    assert "As delivered" in whole
    assert "Put away" not in whole


def test_what_cannot_be_is_refused(stocked):
    with pytest.raises(InvalidInput):
        post(stocked, "save", version="0", **dict.fromkeys(("popularity", "personal"), "0"))
    with pytest.raises(InvalidInput):
        post(stocked, "burn")
    with pytest.raises(NotFound):
        post(stocked, "save", "Nowhere")
    post(stocked, "save", version="0", margin="10")
    with pytest.raises(Conflict, match="no earlier version"):
        post(stocked, "undo", version="1")


def test_who_is_late_sees_both_and_the_sliders_stay(stocked):
    post(stocked, "save", version="0", margin="10")
    late = post(stocked, "publish", version="0", margin="20", popularity="0")
    assert late.status == 409
    shown = page(late)
    assert "has changed this meanwhile (version 1)" in shown
    assert "<td>20</td><td>10</td>" in shown
    assert 'name="margin" type="range" min="0" max="100" step="5" value="20"' in shown
    assert 'name="version" value="1"' in shown  # publishing again is a choice, then
    post(stocked, "save", version="1", margin="30")
    pressed = post(stocked, "archive", version="1")
    assert pressed.status == 409
    shown = page(pressed)
    assert "Your button did nothing" in shown
    assert "<td>10</td><td>30</td>" in shown
    with stocked.database.reading() as tx:
        assert BALANCES.newest(tx, "Skor").version == 2


def test_who_may_only_look_finds_no_buttons(stocked):
    shown = render(
        show_balance(stocked, visit(query={"category": ""})),
        visit(viewer=evolve(EVA, role="viewer")), Frame(),
    )  # fmt: skip
    assert "Publish" not in str(shown)
    assert "disabled" in str(shown)


def test_an_empty_category_is_told(stocked):
    fill(stocked, *(product(n, stocked.clock(), retired=1) for n in (10, 11)))
    found = compare(stocked, "Skor > Vård", Balance(), "SE", "en")
    assert (found.total, found.after.placed, found.after.figures.margin) == (0, (), None)
    assert "Nothing is sold here now" in page(show_balance(stocked, visit(query={"category": "Skor > Vård"})))
