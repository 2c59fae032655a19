"""The demo's rules are in force, harm nothing, and say what they do."""

from __future__ import annotations

from expedit.demo.ruling import DRAFT, PUBLISHED, set_rules
from expedit.merchandising import check_rule, lint_rules, live_rules
from expedit.merchandising.store import read_rules
from tests.merchandising.goods import goods


def test_three_rules_are_in_force_and_one_waits(shop) -> None:
    goods(shop)
    set_rules(shop)
    assert [rule.name for rule in live_rules(shop).current().rules] == [rule.name for rule in PUBLISHED]
    with shop.database.reading() as tx:
        kept = read_rules(tx)
    assert [one.state for one in kept] == ["published"] * 3 + ["draft"]
    assert {one.author for one in kept} == {"expedit"}


def test_nothing_is_wrong_with_them(sqlite_shop) -> None:
    snapshot = goods(sqlite_shop, 40)
    rules = [check_rule(rule) for rule in (*PUBLISHED, DRAFT)]
    found = lint_rules(
        rules, snapshot, "SE", sqlite_shop.clock(), ("home-for-you", "home-bestsellers", "list")
    )
    assert [one.complaint for one in found if one.serious] == []
