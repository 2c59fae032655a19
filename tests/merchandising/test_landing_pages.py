"""Landing pages kept: drafts beside what is in force, over HTTP, and every complaint at its field."""

from __future__ import annotations

import pytest

from expedit.access import read_audit
from expedit.core import SECOND, InvalidInput, evolve
from expedit.merchandising import LandingPage, LandingWords, check_landing, live_landings, read_landing
from expedit.merchandising.landing_api import landing_routes
from tests.asking import Asking
from tests.merchandising.goods import goods

PAGE = {
    "name": "Autumn",
    "words": {"sv": {"title": "Höst", "intro": "Varmt och torrt"}},
    "when": {"arrival.campaign": "autumn"},
    "which": {"category": "Jackor"},
    "pins": ["p1"],
}
AT = "/v1/landing-pages/autumn"


@pytest.fixture
def ask(shop):
    goods(shop)
    return Asking(shop, landing_routes(shop))


def in_force(shop):
    shop.clock.advance(SECOND)
    return live_landings(shop).current().by_slug


def test_from_draft_to_force_and_back(shop, ask):
    status, made = ask("PUT", AT, {"page": PAGE})
    assert (status, made["id"], made["state"], made["version"]) == (200, "autumn", "draft", 1)
    assert in_force(shop) == {}
    assert ask("POST", f"{AT}/publish", {"version": 1})[0] == 200
    assert in_force(shop)["autumn"].page.name == "Autumn"
    assert ask("PUT", AT, {"page": PAGE | {"name": "Draft"}, "version": 2})[0] == 200
    assert in_force(shop)["autumn"].page.name == "Autumn"
    assert ask("POST", f"{AT}/publish", {"version": 3})[0] == 200
    assert in_force(shop)["autumn"].edition == 4
    assert ask("POST", f"{AT}/undo", {"version": 4})[0] == 200
    assert in_force(shop)["autumn"].page.name == "Autumn"
    status, restored = ask("POST", f"{AT}/restore", {"version": 5, "restore": 3})
    assert (restored["state"], restored["body"]["name"]) == ("draft", "Draft")
    assert ask("POST", f"{AT}/archive", {"version": 6})[0] == 200
    assert in_force(shop) == {}
    assert [one["version"] for one in ask("GET", AT)[1]["pages"]] == [7, 6, 5, 4, 3, 2, 1]
    assert [one["state"] for one in ask("GET", "/v1/landing-pages")[1]["pages"]] == ["archived"]
    assert [one.action.removeprefix("landings.") for one in reversed(read_audit(shop))] == [
        "created", "published", "changed", "published", "undone", "restored", "archived",
    ]  # fmt: skip


def test_who_is_late_is_told(shop, ask):
    ask("PUT", AT, {"page": PAGE})
    status, answer = ask("PUT", AT, {"page": PAGE})
    assert (status, "has changed this meanwhile" in answer["detail"]) == (409, True)
    assert ask("POST", f"{AT}/publish", {"version": 7})[0] == 409
    assert ask("POST", "/v1/landing-pages/none/publish", {"version": 1})[0] == 404
    assert ask("GET", "/v1/landing-pages/none")[0] == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "page.name"),
        ({"words": {}}, "page.words"),
        ({"words": {"sv": {"title": ""}}}, "page.words.sv.title"),
        ({"words": {"swe": {"title": "x"}}}, "page.words.swe"),
        ({"words": {"sv": {"title": "x", "picture": "javascript:alert(1)"}}}, "page.words.sv.picture"),
        ({"words": {"sv": {"title": "x", "picture": "//evil.example/x"}}}, "page.words.sv.picture"),
        ({"when": {"arrival.sauce": "x"}}, "page.when.arrival.sauce"),
        ({"when": {"audience": "nobody-made"}}, "when.audience"),
        ({"which": {"brnd": "x"}}, "page.which.brnd"),
        ({"pins": ["a", "a"]}, "page.pins"),
        ({"pins": [str(n) for n in range(25)]}, "page.pins"),
        ({"ranking": "best"}, "page.ranking"),
        ({"size": 0}, "page.size"),
        ({"priority": -1}, "page.priority"),
        ({"generic_share": 0.95}, "page.generic_share"),
        ({"generic_url": "sv/c/skor"}, "page.generic_url"),
        ({"sise": 3}, "page"),
    ],
)
def test_a_page_that_does_not_fit_is_told_its_field(ask, changed, field):
    status, answer = ask("PUT", AT, {"page": PAGE | changed})
    assert (status, answer["errors"][0]["field"]) == (400, field)


def test_slugs_and_steps(ask):
    for slug in ("Autumn", "a_b", "-a", "a--b", "å", "x" * 61):
        status, answer = ask("PUT", f"/v1/landing-pages/{slug}", {"page": PAGE})
        assert (status, answer["errors"][0]["field"]) == (400, "slug")
    status, answer = ask("POST", f"{AT}/burn", {"version": 1})
    assert (status, answer["errors"][0]["field"]) == (400, "step")


def test_the_key_needs_the_scope(ask):
    for method, path, body in (
        ("GET", "/v1/landing-pages", {}), ("GET", AT, {}), ("PUT", AT, {"page": PAGE}),
        ("POST", f"{AT}/publish", {"version": 1}),
    ):  # fmt: skip
        assert ask(method, path, body, may=False)[0] == 403


def test_a_page_survives_being_written_and_read():
    page = read_landing(PAGE)
    assert page.said("sv", "en") == ("sv", LandingWords("Höst", "Varmt och torrt"))
    assert page.said("nb", "en") == ("sv", page.words["sv"])
    with pytest.raises(InvalidInput):
        check_landing(evolve(page, size=101))
    assert LandingPage("x", page.words).when == {}
