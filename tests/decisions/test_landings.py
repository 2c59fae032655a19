"""Landing pages: which one fits, what it shows, what was promised first, both sides of the measurement."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.access import Wanted, read_audit
from expedit.audiences import Audience, create_audience, publish_audience
from expedit.core import SECOND, evolve
from expedit.decisions import read_decisions
from expedit.decisions.landings import LandingDesk
from expedit.decisions.panel import show_decision
from expedit.decisions.panel_landing import try_landing
from expedit.experiments import PERSONALIZED, pin
from expedit.identity import identify
from expedit.merchandising import (
    LANDINGS,
    Boost,
    Exclude,
    LandingWords,
    Pin,
    Rule,
    create_rule,
    publish_rule,
)
from expedit.web import Frame, Viewer, Visit, render
from tests.decisions.boots import Client, fill, ids, learn, live, product
from tests.decisions.landings import PAGE, land, measure_nothing, put_up

BOOTS = {"p0", "p2", "p4", "p6", "p8"}


@pytest.fixture
def stocked(shop):
    fill(shop)
    learn(shop)
    pin(shop, PERSONALIZED)
    measure_nothing(shop)
    return shop


@pytest.fixture
def client(stocked):
    return Client(stocked)


def test_an_arrival_from_end_to_end(client, stocked):
    put_up(stocked, generic_url="/sv/c/skor")
    answer = land(client)
    assert {name: value for name, value in answer.items() if name not in {"items", "decisionId"}} == {
        "generic": False, "why": "page", "page": "autumn-boots", "edition": 2, "experiment": None,
        "url": "/l/autumn-boots", "genericUrl": "/sv/c/skor", "locale": "sv", "title": "Höstens kängor",
        "intro": "Torra fötter.\n\nHela hösten.",
        "picture": {"url": "/i/boots.webp", "text": "Kängor i lera"},
        "promise": {"phrase": "boots", "matched": 5, "whole": 5},
        "arrival": {"kind": "link", "source": "", "campaign": "boots", "phrase": ""},
        "total": 5, "model": "m1",
    }  # fmt: skip
    assert set(ids(answer)) == BOOTS
    assert answer["items"][0]["reason"] == {"code": "promised", "text": "Passar det du letade efter"}
    (logged,) = read_decisions(stocked)
    assert (logged.id, logged.placement) == (answer["decisionId"], "landing:autumn-boots")
    assert [item.product for item in logged.items] == ids(answer)
    assert (logged.inputs.query, logged.inputs.arrival.campaign) == ("boots", "boots")
    assert (logged.experiment, logged.arm) == ("", "")


def test_who_came_for_nothing_that_is_set_up_gets_the_ordinary_page(client, stocked):
    put_up(stocked)
    answer = land(client, arrived="https://shop.example/sv/?utm_campaign=tents")
    assert (answer["generic"], answer["why"], answer["page"], answer["decisionId"]) == (
        True,
        "no_page",
        None,
        None,
    )
    assert (answer["items"], answer["title"], answer["arrival"]["campaign"]) == ([], None, "tents")
    assert not list(read_decisions(stocked))


def test_the_first_of_those_that_fit_is_taken(client, stocked):
    put_up(stocked, "later", priority=20)
    put_up(stocked, "sooner", priority=10)
    put_up(stocked, "other", priority=1, when={"arrival.kind": "mail"})
    put_up(stocked, "only-by-its-address", priority=0, when={})
    assert land(client)["page"] == "sooner"
    assert land(client, arrived="https://shop.example/?utm_medium=email")["page"] == "other"
    assert land(client, slug="only-by-its-address", arrived="")["page"] == "only-by-its-address"


def test_no_more_pages_are_made_than_are_tried(client, stocked, monkeypatch):
    """A page without products is not made at all, and of those whose products are gone three."""
    made = []
    show = LandingDesk.show
    monkeypatch.setattr(
        LandingDesk, "show",
        lambda self, landing, *rest, **more: made.append(landing.slug) or show(self, landing, *rest, **more),
    )  # fmt: skip
    for number in range(4):
        put_up(stocked, f"none-{number}", priority=number, which={"brand": "Nobody"})
    put_up(stocked, "full", priority=8)
    put_up(stocked, "later", priority=9)
    assert (land(client)["page"], made) == ("full", ["full"])
    made.clear()
    sold_out = [
        evolve(one, variants=tuple(evolve(two, stock={"web": 0}) for two in one.variants))
        for one in (product(number, stocked.clock()) for number in range(0, 10, 2))
    ]
    fill(stocked, *sold_out)
    for number in range(4):
        put_up(stocked, f"gone-{number}", priority=number)
    put_up(stocked, "other", priority=9, which={"id": "p1"})
    assert land(client)["why"] == "no_page"
    assert made == ["gone-0", "gone-1", "gone-2"]


@pytest.mark.parametrize(
    ("arrival", "when"),
    [
        ({"arrived": "https://shop.example/?gclid=1&utm_term=k%C3%A4ngor"}, {"arrival.kind": "ad"}),
        ({"arrived": "https://shop.example/x/y"}, {"arrival.kind": "bookmark"}),
        ({"arrived": "https://shop.example/"}, {"arrival.kind": "direct"}),
        ({"arrived": "https://shop.example/?fbclid=1"}, {"arrival.source": "facebook"}),
        ({"arrived": "", "arrival": {"kind": "search", "phrase": "Kängor"}}, {"arrival.phrase": "kängor"}),
        ({"arrived": "", "context": {"market": "NO"}}, {"market": "NO"}),
        ({"arrived": "", "context": {"url": "https://shop.example/?utm_source=newsletter&utm_medium=email"}},
         {"arrival.kind": "mail"}),
    ],
)  # fmt: skip
def test_every_arrival_can_have_its_page(client, stocked, arrival, when):
    put_up(stocked, when=when)
    assert land(client, **arrival)["page"] == "autumn-boots"


def test_what_was_searched_for_comes_first_and_the_rest_stays(client, stocked):
    rare = product(8, stocked.clock(), titles={"sv": "Vinterstövel i läder"})
    fill(stocked, evolve(rare, title="Vinterstövel i läder"))
    put_up(stocked, when={"arrival.kind": "search"}, pins=())
    answer = land(client, arrived="", arrival={"kind": "search", "phrase": "vinterstövlar läder"})
    assert ids(answer)[0] == "p8"
    assert answer["promise"] == {"phrase": "vinterstövlar läder", "matched": 1, "whole": 0}
    assert set(ids(answer)) == BOOTS
    assert [item["reason"]["code"] for item in answer["items"]].count("promised") == 1


def test_nothing_found_is_said_and_the_page_shows_its_own(client, stocked):
    put_up(stocked, when={"arrival.kind": "search"})
    answer = land(client, arrived="", arrival={"kind": "search", "phrase": "hängmatta"})
    assert answer["promise"] == {"phrase": "hängmatta", "matched": 0, "whole": 0}
    assert set(ids(answer)) == BOOTS
    assert "promised" not in {item["reason"]["code"] for item in answer["items"]}
    put_up(stocked, when={"arrival.kind": "search"}, promise=False, seen=2)
    assert land(client, arrived="", arrival={"kind": "search", "phrase": "kängor"})["promise"] is None


def test_pins_stand_first_and_bring_in_what_the_page_does_not_choose(client, stocked):
    put_up(stocked, pins=("p3", "p0", "nowhere"), size=4)
    answer = land(client)
    assert ids(answer)[:2] == ["p3", "p0"]
    assert (len(answer["items"]), answer["total"]) == (4, 6)
    assert answer["items"][0]["reason"]["code"] == "picked"


def test_rules_hold_and_go_before_the_page(client, stocked):
    def rule(action, **more):
        made = create_rule(stocked, Rule("", "R", action, **more), "Eva")
        publish_rule(stocked, made.rule.id, 1, "Eva")
        stocked.clock.advance(SECOND)

    put_up(stocked, pins=("p0", "p6"))
    rule(Exclude({"brand": "Blå"}))
    assert set(ids(land(client))) == {"p2", "p6"}
    rule(Boost({"id": "p2"}, 5.0), placements=("list",))
    assert ids(land(client)) == ["p6", "p2"]
    rule(Pin(("p2",), 1), placements=("list",))
    assert ids(land(client)) == ["p2", "p6"]


def test_only_what_can_be_bought_is_shown_and_an_empty_page_gives_way(client, stocked):
    put_up(stocked, "first", priority=1, which={"brand": "Nobody"})
    put_up(stocked, "second", priority=2)
    gone = product(4, stocked.clock())
    fill(stocked, evolve(gone, variants=tuple(evolve(one, stock={"web": 0}) for one in gone.variants)))
    answer = land(client)
    assert (answer["page"], set(ids(answer))) == ("second", BOOTS - {"p4"})
    asked = land(client, slug="first")
    assert (asked["generic"], asked["why"], asked["page"]) == (True, "nothing_to_show", "first")


@pytest.mark.parametrize(
    ("ranking", "first"), [("popular", "p4"), ("new", "p8"), ("listing", "p4"), ("margin", "p4")]
)
def test_rankings(client, stocked, ranking, first):
    put_up(stocked, ranking=ranking, when={}, promise=False)
    assert ids(land(client, slug="autumn-boots"))[0] == first


def test_the_person_counts_with_consent_and_never_without(client, stocked):
    put_up(stocked, when={"person.known": True}, ranking="personal", promise=False, which={})
    for _ in range(4):
        live(stocked, "view_item", "p6")
        stocked.clock.advance(SECOND)
    known = land(client)
    assert known["page"] == "autumn-boots"
    assert any(item["reason"]["code"].startswith("listed_taste") for item in known["items"])
    unknown = land(client, consent={"personalization": False})
    assert unknown["why"] == "no_page"
    asked = land(client, slug="autumn-boots", consent={"personalization": False})
    assert not any("taste" in item["reason"]["code"] for item in asked["items"])


def test_both_sides_are_told_and_logged_and_nobody_changes_sides(client, stocked):
    stocked.settings = evolve(stocked.settings, landing_generic_share=0.5)
    put_up(stocked)
    sides = {}
    for n in range(40):
        answers = [land(client, anonymousId=f"dev-{n}"), land(client, anonymousId=f"dev-{n}")]
        (side,) = {one["experiment"]["arm"] for one in answers}
        assert answers[0]["experiment"]["name"] == "landing:autumn-boots"
        assert all(one["generic"] == (side == "generic") for one in answers)
        assert all((one["title"] is None) == (side == "generic") for one in answers)
        assert all(bool(one["items"]) == (side == "page") for one in answers)
        sides.setdefault(side, []).append(answers[0]["decisionId"])
    assert min(map(len, sides.values())) >= 10
    logged = {one.id: one for one in read_decisions(stocked)}
    assert len(logged) == 80
    for side, found in sides.items():
        for one in found:
            assert (logged[one].experiment, logged[one].arm) == ("landing:autumn-boots", side)
            assert bool(logged[one].items) == (side == "page")
            assert logged[one].measured == ""


def test_the_share_is_the_pages_own_and_nobody_is_compared_without_consent(client, stocked):
    stocked.settings = evolve(stocked.settings, landing_generic_share=0.9)
    put_up(stocked, generic_share=0.0)
    assert land(client)["experiment"] is None
    put_up(stocked, generic_share=None, seen=2)
    answer = land(client, consent={"personalization": False})
    assert (answer["generic"], answer["experiment"]) == (False, None)
    (*_, last) = read_decisions(stocked)
    assert (last.subject, last.experiment, last.arm) == ("", "", "")


def test_words_in_the_language_asked_for_or_the_shops_own(client, stocked):
    put_up(stocked)
    assert land(client, context={"locale": "en"})["title"] == "Boots for autumn"
    danish = land(client, context={"locale": "da"})
    assert (danish["locale"], danish["title"]) == (stocked.settings.locale, "Höstens kängor") or danish[
        "title"
    ]


def test_get_asks_the_same_and_knows_the_visitor_by_cookie_only(client, stocked):
    put_up(stocked)
    address = quote("https://shop.example/sv/?utm_campaign=boots", safe="")
    reply = client.ask(
        f"/v1/landing?writeKey=wk_test&url={address}&market=SE&locale=sv&limit=2&anonymousId=dev-1",
        method="GET",
    )
    assert (reply.status, reply.body["page"], len(reply.body["items"])) == (200, "autumn-boots", 2)
    assert reply.headers["cache-control"] == "no-store"
    (logged,) = read_decisions(stocked)
    assert logged.subject == ""
    told = client.ask("/v1/landing?writeKey=wk_test&kind=search&phrase=x&slug=autumn-boots", method="GET")
    assert told.body["arrival"] == {"kind": "search", "source": "", "campaign": "", "phrase": "x"}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"limit": 0}, 400, "limit"),
        ({"arrival": {"kind": "rumor"}}, 400, "arrival.kind"),
        ({"arrival": {"knd": "ad"}}, 400, "arrival"),
        ({"context": {"market": "XX"}}, 400, "context.market"),
        ({"slug": 7}, 400, "slug"),
    ],
)
def test_a_bad_request_is_told_its_field(client, stocked, body, status, field):
    put_up(stocked)
    answer = land(client, status=status, **body)
    assert answer["errors"][0]["field"] == field


def test_an_unknown_slug_and_a_draft_are_not_found(client, stocked):
    assert "no landing page" in land(client, status=404, slug="nowhere")["detail"]
    with stocked.database.writing() as tx:
        LANDINGS.save_in(tx, "draft", PAGE, 0, "Eva", stocked.clock())
    stocked.clock.advance(SECOND)
    land(client, status=404, slug="draft")


def test_what_names_a_person_is_not_kept_of_a_phrase(client, stocked):
    put_up(stocked, when={}, words={"sv": LandingWords("Hej")})
    land(client, slug="autumn-boots", arrival={"kind": "search", "phrase": "kari@example.com kängor"})
    (logged,) = read_decisions(stocked)
    assert (logged.inputs.query, logged.inputs.arrival.phrase) == ("", "")


def test_why_is_told_to_those_who_may_ask(client, stocked):
    put_up(stocked, pins=("p3",))
    body = {
        "context": {"market": "SE", "locale": "sv", "arrivedAt": "https://shop.example/?utm_campaign=boots"}
    }
    answer = client.ask("/v1/landing?explain=1", body, key=client.secret).body
    parts = {part["code"] for part in answer["items"][1]["trace"]["parts"]}
    assert "promise" in parts
    assert answer["explain"]["rules"] == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(phrase=st.text(max_size=90), limit=st.integers(1, 30), pins=st.permutations(["p0", "p3", "p6", "p11"]))
def test_whatever_is_searched_for_nothing_shows_twice_and_pins_stand(client_once, phrase, limit, pins):
    client, stocked, seen = client_once
    made = put_up(stocked, pins=tuple(pins), when={}, seen=seen[0])
    seen[0] = made.version
    answer = land(client, slug="autumn-boots", arrival={"kind": "search", "phrase": phrase}, limit=limit)
    shown = ids(answer)
    assert len(shown) == len(set(shown)) == min(limit, 7)
    assert shown[:4] == pins[:limit]
    assert set(shown) <= BOOTS | {"p3", "p11"}


@pytest.fixture
def client_once(sqlite_shop):
    fill(sqlite_shop)
    learn(sqlite_shop)
    pin(sqlite_shop, PERSONALIZED)
    measure_nothing(sqlite_shop)
    return Client(sqlite_shop), sqlite_shop, [0]


def test_the_preview_shows_the_form_and_logs_nothing(stocked):
    form = {
        "name": "Boots", "title_sv": "Kängor", "when": "{}", "which": '{"category": "Skor > Kängor"}',
        "ranking": "new", "size": "3", "priority": "1", "promise": "yes", "pins": "p3", "p_phrase": "jackor",
    }  # fmt: skip
    eva = Viewer("u1", "Eva", "eva@example.com", "viewer")

    def tried(**more):
        visit = Visit(viewer=eva, language="sv", at=stocked.clock(), form=form | more)
        reply = try_landing(stocked, visit)
        return reply.values, str(render(reply, visit, Frame()))

    values, page = tried()
    assert [goods.id for goods, _ in values["it"].goods] == ["p3", "p8", "p6"]
    assert (values["it"].total, values["it"].promise.matched) == (6, 1)
    assert "1 av dem passar ”jackor”" in page
    assert "inte färdig än" in tried(title_sv="")[1]
    assert tried(p_who="person", p_person="nobody")[0]["trouble"] == "Ingen har det person-id:t."
    live(stocked, "consent", None, consent={"personalization": True})
    person = identify(stocked.secret, "anonymous_id", "dev-1").subject_id
    assert tried(p_who="person", p_person=person)[0]["it"].stand.standing == "personalized"
    live(stocked, "view_item", "p6")
    create_audience(stocked, Audience("all", "All", {"viewed": {"$exists": True}}), "u1")
    publish_audience(stocked, "all", 1, "u1")
    stocked.clock.advance(2 * SECOND)
    values, page = tried(p_who="audience", p_audience="all")
    assert (values["it"].stand.person_id, values["it"].stand.example.among) == (person, 1)
    assert f'href="/panel/people/{person}"' in page
    looked_at = read_audit(stocked, Wanted(action="profiles.view"))
    assert [(one.actor, one.subject) for one in looked_at] == [("u1", person)]
    assert "Det finns inget att visa" in tried(which='{"brand": "Nobody"}', pins="")[1]
    assert not list(read_decisions(stocked))


def test_a_decision_about_a_page_leads_to_it_in_the_panel(client, stocked):
    put_up(stocked)
    decision = land(client)["decisionId"]
    visit = Visit(
        viewer=Viewer("u1", "Eva", "eva@example.com", "viewer"),
        at=stocked.clock(),
        path={"decision": decision},
    )
    page = str(render(show_decision(stocked, visit), visit, Frame()))
    assert "Landing page Autumn boots" in page
    assert 'href="/panel/landing-pages/autumn-boots"' in page
    assert "/panel/placements/landing" not in page
