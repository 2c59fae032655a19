"""Rules that ask for an audience: exact at the next request, asked lazily, and only of who may be known."""

from __future__ import annotations

import pytest

from expedit.audiences import Audience, LiveAudiences, create_audience, publish_audience
from expedit.core import DAY, SECOND, evolve
from expedit.experiments import HELD_OUT, PERSONALIZED, pin
from expedit.merchandising import Exclude, Rule, create_rule, publish_rule
from tests.decisions.boots import Client, fill, learn, live

LOOKERS = Audience(
    "boot-lookers", "Look at boots",
    {"viewed": {"$count": {"where": {"category": "Skor > Kängor", "at": {"$gte": {"$ago": "7d"}}}, "is": 2}}},
)  # fmt: skip


@pytest.fixture
def stocked(sqlite_shop, shop_clock):
    fill(sqlite_shop)
    learn(sqlite_shop)
    pin(sqlite_shop, PERSONALIZED)
    sqlite_shop.settings = evolve(sqlite_shop.settings, explore_share=0.0, rule_off_share=0.0)
    create_audience(sqlite_shop, LOOKERS, "Eva")
    publish_audience(sqlite_shop, "boot-lookers", 1, "Eva")
    rule = Rule("", "No care for lookers", Exclude({"category": "Skor > Vård"}), {"audience": "boot-lookers"})
    publish_rule(sqlite_shop, create_rule(sqlite_shop, rule, "Eva").rule.id, 1, "Eva")
    shop_clock.advance(2 * SECOND)
    return sqlite_shop


def shown(client, device="dev-1", consent=True):
    asked = client.decide("home-new", who={"anonymousId": device}, consent=consent)
    return {item["id"] for item in asked[-1]["items"]}


def test_a_rule_holds_from_the_request_after_the_act_until_time_has_passed(stocked, shop_clock):
    client = Client(stocked)
    live(stocked, "view_item", "p0")
    assert "p11" in shown(client)
    live(stocked, "view_item", "p2")
    assert not {"p10", "p11"} & shown(client)
    assert "p11" in shown(client, "dev-2")
    assert "p11" in shown(client, consent=False)
    shop_clock.advance(8 * DAY)
    assert "p11" in shown(client)


def test_audiences_are_looked_up_only_when_a_rule_asks_and_only_of_who_may_be_known(
    stocked, shop_clock, monkeypatch
):
    asked = []
    plain = LiveAudiences.of
    monkeypatch.setattr(
        LiveAudiences, "of",
        lambda self, profile, at, among=None: asked.append(sorted(among)) or plain(self, profile, at, among),
    )  # fmt: skip
    client = Client(stocked)
    live(stocked, "view_item", "p0")
    shown(client)
    assert asked == [["boot-lookers"]]
    shown(client, "nobody-yet")
    shown(client, consent=False)
    assert len(asked) == 1
    pin(stocked, HELD_OUT)
    shown(client)
    assert len(asked) == 1
