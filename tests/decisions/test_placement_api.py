"""Placements over HTTP: drafts, publishing, history, who may, and errors at their fields."""

import pytest

from expedit.access import read_audit
from expedit.app import FEATURES
from expedit.core import SECOND
from expedit.decisions import live_placements
from expedit.decisions.placement_api import placement_routes
from expedit.features import install
from tests.asking import Asking

MINE = {
    "name": "step-up",
    "titles": {"en": "A step up"},
    "ladder": [{"strategy": "upsell", "share": 0.5, "options": {"max_ratio": 2.0}}, {"strategy": "similar"}],
    "template": "big",
}


@pytest.fixture
def ask(shop):
    install(shop, FEATURES)
    return Asking(shop, placement_routes(shop))


def test_from_draft_to_force_with_history(shop, ask):
    status, made = ask("PUT", "/v1/placements", {"placement": MINE})
    assert (status, made["id"], made["state"], made["version"]) == (200, "step-up", "draft", 1)
    assert "step-up" not in ask("GET", "/v1/placements")[1]["in_force"]
    status, published = ask("POST", "/v1/placements/step-up/publish", {"version": 1})
    assert (status, published["state"], published["live"]) == (200, "published", 2)
    shop.clock.advance(SECOND)
    assert live_placements(shop).current()["step-up"].template == "big"
    found = ask("GET", "/v1/placements")[1]
    assert found["in_force"]["step-up"]["ladder"] == [
        {"strategy": "upsell", "share": 0.5, "options": {"max_ratio": 2.0}}, {"strategy": "similar"},
    ]  # fmt: skip
    assert "step-up" not in found["of_file"]
    # What is answered can be sent back as it is.
    again = ask("PUT", "/v1/placements", {"placement": found["in_force"]["step-up"], "version": 2})
    assert (again[0], again[1]["version"]) == (200, 3)
    assert ask("POST", "/v1/placements/step-up/archive", {"version": 2})[0] == 409
    assert ask("POST", "/v1/placements/step-up/undo", {"version": 3})[1]["change"] == "undone"
    history = ask("GET", "/v1/placements/step-up")[1]["editions"]
    assert [one["change"] for one in history] == ["undone", "changed", "published", "created"]
    assert ask("GET", "/v1/placements/home-new") == (200, {"editions": []})
    assert ask("GET", "/v1/placements/nowhere")[0] == 404
    done = [one.action for one in read_audit(shop) if one.action.startswith("placements.")]
    assert done == ["placements.undone", "placements.changed", "placements.published", "placements.created"]


def test_one_of_the_file_is_given_back(shop, ask):
    body = ask("GET", "/v1/placements")[1]["of_file"]["home-new"] | {"size": 3}
    ask("PUT", "/v1/placements", {"placement": body})
    ask("POST", "/v1/placements/home-new/publish", {"version": 1})
    shop.clock.advance(SECOND)
    assert live_placements(shop).current()["home-new"].size == 3
    assert ask("POST", "/v1/placements/home-new/give_back", {"version": 2})[0] == 200
    shop.clock.advance(SECOND)
    assert live_placements(shop).current()["home-new"].size == 8
    assert next(iter(read_audit(shop))).action == "placements.given_back"


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/v1/placements", {"placement": MINE | {"name": "Big One"}}, "placement.name"),
        ("PUT", "/v1/placements", {"placement": MINE | {"size": 0}}, "placement.size"),
        ("PUT", "/v1/placements", {"placement": MINE | {"sise": 3}}, "placement"),
        ("PUT", "/v1/placements", {"placement": MINE | {"ladder": [{"strategy": "magic"}]}},
         "placement.ladder[0].strategy"),
        ("PUT", "/v1/placements", {"placement": MINE | {"ladder": [{"strategy": "new", "scope": "x"}]}},
         "placement.ladder[0]"),
        ("POST", "/v1/placements/step-up/burn", {"version": 1}, "step"),
    ],
)  # fmt: skip
def test_a_bad_request_names_its_field(ask, method, path, body, field):
    status, answer = ask(method, path, body)
    assert (status, answer["errors"][0]["field"]) == (400, field)


def test_the_key_needs_the_scope(ask):
    for method, path, body in (
        ("GET", "/v1/placements", None),
        ("GET", "/v1/placements/home-new", None),
        ("PUT", "/v1/placements", {"placement": MINE}),
        ("POST", "/v1/placements/home-new/publish", {"version": 1}),
    ):
        assert ask(method, path, body, may=False)[0] == 403
