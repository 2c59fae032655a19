"""Rules that know how a visit began: as the shop kept it, or as the page's own address tells."""

import pytest

from expedit.core import SECOND, evolve
from expedit.decisions import read_decisions
from expedit.merchandising import Arrival, Only, Rule, create_rule, publish_rule
from tests.decisions.boots import Client, fill, ids, learn

GREY = {"p2", "p6", "p10", "p11"}


@pytest.fixture
def promised(shop):
    """Give a shop where visitors of an autumn advertisement see nothing but brand Grå."""
    shop.settings = evolve(shop.settings, rule_off_share=0.0, explore_share=0.0)
    fill(shop)
    learn(shop)
    when = {"arrival.kind": "ad", "arrival.campaign": "autumn"}
    made = create_rule(shop, Rule("", "As promised", Only({"brand": "Grå"}), when), "Eva")
    publish_rule(shop, made.rule.id, 1, "Eva")
    shop.clock.advance(SECOND)
    return shop


@pytest.mark.parametrize(
    ("context", "holds"),
    [
        ({"arrivedAt": "https://s.example/?gclid=1&utm_campaign=Autumn", "arrivedFrom": ""}, True),
        ({"url": "https://s.example/c?utm_medium=cpc&utm_campaign=autumn"}, True),
        ({"arrivedAt": "https://s.example/?gclid=1&utm_campaign=spring"}, False),
        ({"arrivedAt": "https://s.example/?utm_medium=email&utm_campaign=autumn"}, False),
        ({"url": "https://s.example/"}, False),
        ({}, False),
    ],
)
def test_a_rule_holds_for_those_who_came_that_way(promised, context, holds):
    client = Client(promised)
    asked = {"writeKey": "wk_test", "category": "Skor", "context": {"market": "SE", **context}}
    listed = client.ask("/v1/list", asked)
    assert listed.status == 200
    assert (set(ids(listed.body)) == GREY) is holds
    (decision,) = client.decide("home-bestsellers", consent=None, **context)
    assert (set(ids(decision)) <= GREY | {"p1", "p3", "p5", "p7", "p9"} - {"p0", "p4", "p8"}) or not holds


def test_the_log_keeps_how_they_came_and_no_address(promised):
    client = Client(promised)
    address = "https://s.example/p/1?utm_medium=email&utm_source=Brev&token=secret"
    client.decide("home-bestsellers", consent=None, arrivedAt=address)
    client.decide("home-bestsellers", consent=None, url="https://s.example/p/1")
    first, second = read_decisions(promised)
    assert first.inputs.arrival == Arrival("mail", "brev")
    assert second.inputs.arrival == Arrival()
