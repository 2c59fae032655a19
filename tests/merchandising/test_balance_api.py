"""Balances over HTTP: drafts, publishing, who may, and which category is meant."""

from __future__ import annotations

import pytest

from expedit.access import read_audit
from expedit.core import SECOND
from expedit.merchandising import Balance, live_balances
from expedit.merchandising.balance_api import balance_routes
from tests.asking import Asking
from tests.merchandising.goods import goods


@pytest.fixture
def ask(shop):
    goods(shop)
    return Asking(shop, balance_routes(shop))


def test_from_draft_to_force(shop, ask):
    status, made = ask("PUT", "/v1/balances", {"category": "jackor", "weights": {"margin": 40}})
    assert (status, made["id"], made["state"], made["version"]) == (200, "Jackor", "draft", 1)
    assert ask("GET", "/v1/balances")[1]["in_force"] == {}
    status, published = ask("POST", "/v1/balances/publish", {"category": "Jackor", "version": 1})
    assert (status, published["state"], published["live"]) == (200, "published", 2)
    shop.clock.advance(SECOND)
    assert live_balances(shop).current().of(("Jackor", "Skaljackor")) == ("Jackor", Balance(margin=40))
    found = ask("GET", "/v1/balances")[1]
    assert found["in_force"]["Jackor"]["margin"] == 40
    assert [one["id"] for one in found["balances"]] == ["Jackor"]
    assert ask("POST", "/v1/balances/publish", {"category": "Jackor", "version": 2})[0] == 409
    assert ask("POST", "/v1/balances/archive", {"category": "Jackor", "version": 1})[0] == 409
    for beyond in (2**63 - 1, -(2**63), 2**64 - 1):
        assert ask("POST", "/v1/balances/archive", {"category": "Jackor", "version": beyond})[0] == 409
    done = [(one.action, one.subject, one.details["margin"]) for one in read_audit(shop)]
    assert done == [("listings.published", "Jackor", 40), ("listings.created", "Jackor", 40)]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/v1/balances", {"category": "Nowhere", "weights": {}}, "category"),
        ("PUT", "/v1/balances", {"weights": {"margin": 101}}, "margin"),
        ("POST", "/v1/balances/burn", {"version": 1}, "step"),
    ],
)
def test_a_bad_request_names_its_field(ask, method, path, body, field):
    status, answer = ask(method, path, body)
    assert (status, answer["errors"][0]["field"]) == (400, field)


def test_the_key_needs_the_scope(ask):
    for method, path in (("GET", "/v1/balances"), ("PUT", "/v1/balances"), ("POST", "/v1/balances/undo")):
        assert ask(method, path, {"weights": {}} if method == "PUT" else {"version": 1}, may=False)[0] == 403
