"""What is known of products stays known from one state of the catalog to the next, and is asked ahead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import DAY, HOUR, SECOND, read_condition
from expedit.merchandising import PRODUCT, Exclude, Include, Rule, RuleBook, create_rule, live_rules
from expedit.merchandising import predicates as asking
from expedit.storage import Shop
from tests.merchandising.goods import goods, product

JACKETS = {"category": "Jackor"}
SEVENS = {"title": {"$contains": "7"}}
REDUCED = {"on_sale": True}
YOUNG = {"created": {"$gte": {"$ago": "2d"}}}

Asked = list[list[int]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Give the products that conditions were asked of, pass by pass."""
    passes: Asked = []
    columns: Callable[..., object] = asking.ProductColumns

    def noted(snapshot, names, items, market, now):
        passes.append(items.tolist())
        return columns(snapshot, names, items, market, now)

    monkeypatch.setattr(asking, "ProductColumns", noted)
    return passes


def including(*which: dict[str, object]) -> RuleBook:
    return RuleBook([Rule(f"r{n}", f"Rule {n}", Include(one)) for n, one in enumerate(which)])


def everywhere(rules: RuleBook, snapshot, which: dict[str, object], at: int) -> list[str]:
    number = rules.number_of(read_condition(which, PRODUCT))
    found = rules.fitting(snapshot, "SE", at).everywhere(number, at)
    return [snapshot.ids[item] for item in found.tolist()]


def test_all_that_is_put_in_is_looked_for_in_one_pass(sqlite_shop: Shop, asked: Asked) -> None:
    snapshot, at = goods(sqlite_shop), sqlite_shop.clock()
    rules = including(JACKETS, SEVENS, REDUCED)
    assert everywhere(rules, snapshot, SEVENS, at) == ["p07"]
    assert everywhere(rules, snapshot, REDUCED, at) == ["p00", "p03", "p06", "p09"]
    assert len(everywhere(rules, snapshot, JACKETS, at)) == 8
    assert asked == [list(range(12))]


def test_only_what_has_changed_is_asked_again(sqlite_shop: Shop, asked: Asked) -> None:
    snapshot, at = goods(sqlite_shop), sqlite_shop.clock()
    rules = including(SEVENS, REDUCED)
    everywhere(rules, snapshot, SEVENS, at)
    rules.fitting(snapshot, "SE", at).of(np.array([1, 4], np.int32), at)
    asked.clear()
    later = at + 30 * DAY
    assert everywhere(rules, snapshot, SEVENS, later) == ["p07"]
    assert asked == []  # of nothing here does it matter when it is asked
    sale = Offer("SE", 20_000, "SEK", sale_price=10_000, sale_from=at + HOUR, sale_until=at + 2 * HOUR)
    with sqlite_shop.database.writing() as tx:
        upsert(tx, [Product("p01", "Vara 17", variants=(Variant("p01-a", offers=(sale,)),), created=at)], at)
    live_catalog(sqlite_shop).poll()
    now = live_catalog(sqlite_shop).current()
    assert everywhere(rules, now, SEVENS, at) == ["p01", "p07"]
    assert asked == [[1]]
    for moment, reduced in ((at + HOUR, True), (at + 2 * HOUR, False)):
        asked.clear()
        assert ("p01" in everywhere(rules, now, REDUCED, moment)) is reduced
        assert asked == [[1]]
        rules.fitting(now, "SE", moment).of(np.array([1, 4], np.int32), moment)
        assert asked == [[1], [1]]  # of the other it is known


def test_what_asks_for_age_is_asked_anew_every_hour(sqlite_shop: Shop, asked: Asked) -> None:
    snapshot, at = goods(sqlite_shop), sqlite_shop.clock()
    rules = including(YOUNG)
    assert everywhere(rules, snapshot, YOUNG, at) == ["p00", "p01", "p02"]
    assert everywhere(rules, snapshot, YOUNG, at + 1) == ["p00", "p01", "p02"]
    assert len(asked) == 1
    assert everywhere(rules, snapshot, YOUNG, at + 25 * HOUR) == ["p00"]
    assert len(asked) == 2


def test_an_hour_is_prepared_before_it_begins(sqlite_shop: Shop, asked: Asked) -> None:
    snapshot, at = goods(sqlite_shop), sqlite_shop.clock()
    rules, hour = including(YOUNG), at + HOUR - at % HOUR
    rules.prepare(snapshot, hour - 2 * SECOND)
    asked.clear()
    rules.prepare(snapshot, hour - SECOND)
    assert everywhere(rules, snapshot, YOUNG, hour - 1) == everywhere(rules, snapshot, YOUNG, hour)
    assert asked == []


def test_who_looks_back_disturbs_nobody(sqlite_shop: Shop, asked: Asked) -> None:
    snapshot, at = goods(sqlite_shop), sqlite_shop.clock()
    rules = including(YOUNG)
    later = at + 25 * HOUR
    assert everywhere(rules, snapshot, YOUNG, later) == ["p00"]
    assert everywhere(rules, snapshot, YOUNG, at) == ["p00", "p01", "p02"]
    asked.clear()
    assert everywhere(rules, snapshot, YOUNG, later) == ["p00"]
    assert asked == []


def test_who_still_holds_the_catalog_before_is_answered_from_it(sqlite_shop: Shop, asked: Asked) -> None:
    before, at = goods(sqlite_shop), sqlite_shop.clock()
    now = goods(sqlite_shop, 20)
    rules, fresh = including(SEVENS), including(SEVENS)
    assert everywhere(rules, now, SEVENS, at) == ["p07", "p17"]
    rules.fitting(now, "SE", at).of(np.array([17], np.int32), at)
    assert everywhere(rules, before, SEVENS, at) == everywhere(fresh, before, SEVENS, at) == ["p07"]
    asked.clear()
    assert everywhere(rules, now, SEVENS, at) == ["p07", "p17"]
    assert asked == []


def test_a_margin_that_changes_when_a_sale_ends_is_asked_again(sqlite_shop: Shop) -> None:
    """Of two variants that cost the same, the dearer to buy is the cheapest once the other's sale is over."""
    at = sqlite_shop.clock()

    def variant(name: str, until: int, cost: int) -> Variant:
        sale = Offer("SE", 5_000, "SEK", sale_price=4_500, sale_from=at - HOUR, sale_until=until, cost=cost)
        return Variant(name, offers=(sale,), stock={"web": 3})

    twins = variant("a", at + HOUR, 1_000), variant("b", at + 9 * HOUR, 4_400)
    with sqlite_shop.database.writing() as tx:
        upsert(tx, [Product("x", "X", variants=twins, created=at - HOUR)], at)
    live_catalog(sqlite_shop).poll()
    snapshot = live_catalog(sqlite_shop).current()
    thin = {"margin": {"$lt": 0.3}}
    kept = including(thin)
    for moment, found in ((at, []), (at + 2 * HOUR, ["x"])):
        assert everywhere(kept, snapshot, thin, moment) == found
        assert everywhere(including(thin), snapshot, thin, moment) == found


def test_rules_are_prepared_before_they_hold(sqlite_shop: Shop, asked: Asked) -> None:
    goods(sqlite_shop)
    at, live = sqlite_shop.clock(), live_rules(sqlite_shop)
    live.start()
    try:
        create_rule(sqlite_shop, Rule("", "Sevens", Include(SEVENS)), "Eva", publish=True)
        rules = live.newest()
        assert asked == [list(range(12))]
        with sqlite_shop.database.writing() as tx:
            upsert(tx, [product(12, at)], at)
        live_catalog(sqlite_shop).poll()
        live.prepare()
        asked.clear()
        assert everywhere(rules, live_catalog(sqlite_shop).current(), SEVENS, at) == ["p07"]
        assert asked == []
    finally:
        live.close()


def test_where_nothing_is_decided_nothing_is_prepared(sqlite_shop: Shop, asked: Asked) -> None:
    goods(sqlite_shop)
    create_rule(sqlite_shop, Rule("", "No sevens", Exclude(SEVENS)), "Eva", publish=True)
    create_rule(sqlite_shop, Rule("", "Sevens", Include(SEVENS)), "Eva", publish=True)
    assert live_rules(sqlite_shop).newest()
    assert asked == []
