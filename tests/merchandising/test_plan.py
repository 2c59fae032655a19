"""What rules do to candidates: each action by itself, all of them together, and why."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from expedit.catalog import (
    CatalogSnapshot,
    Offer,
    Product,
    Sales,
    Variant,
    live_catalog,
    upsert,
)
from expedit.core import DAY, HOUR, evolve
from expedit.merchandising import (
    Action,
    Boost,
    BrandConflict,
    Bury,
    Diversity,
    Exclude,
    Include,
    Moment,
    NeverWith,
    NewFirst,
    Offering,
    Only,
    Pin,
    Plan,
    PriceBand,
    Rule,
    RuleBook,
    product_facts,
)
from expedit.merchandising.offering import Chosen, Indices, Offered
from expedit.storage import Shop, write_whole
from tests.merchandising.goods import BRANDS, goods, product


@pytest.fixture
def snapshot(sqlite_shop: Shop) -> CatalogSnapshot:
    return goods(sqlite_shop)


def book(*actions: Action) -> RuleBook:
    return RuleBook([Rule(f"r{n}", f"Rule {n}", action, priority=n) for n, action in enumerate(actions)])


def plan_of(rules: RuleBook, at: int) -> Plan:
    plan = rules.holding("home", "web", "SE", {}, at)
    assert plan is not None
    return plan


def ruled(snapshot: CatalogSnapshot, at: int, *actions: Action, **moment: tuple[int, ...]) -> list[int]:
    """Return products 0 … 11, best first as they are numbered, as the rules leave them."""
    rules = book(*actions)
    items = np.arange(len(snapshot), dtype=np.int32)
    scores = 1.0 - items / 100
    told = Moment("SE", at, **moment)
    done = plan_of(rules, at).apply(items, scores, snapshot, rules.fitting(snapshot, "SE", at), told)
    assert done.keep.sum() == done.order.size
    return items[done.order].tolist()


def test_excluding_and_keeping_only(snapshot: CatalogSnapshot, shop_clock) -> None:
    at = shop_clock.now
    assert ruled(snapshot, at, Exclude({"brand": "Fjord"})) == [1, 2, 4, 5, 7, 8, 10, 11]
    assert ruled(snapshot, at, Only({"on_sale": True})) == [0, 3, 6, 9]
    assert ruled(snapshot, at, Only({"margin": {"$gte": 0.4}})) == [
        2,
        4,
        8,
        10,
    ]  # the others: cost unknown, or 1/3
    assert ruled(snapshot, at, Only({"stock": {"$gte": 9}})) == [9, 10, 11]
    assert ruled(snapshot, at, Only({"category": "Jackor"}), Exclude({"attributes.material": "ull"})) == [
        0, 4, 6, 10,
    ]  # fmt: skip
    assert ruled(snapshot, at, Exclude({"price": {"$gte": 50_000}}), Only({"category": "Skor > Kängor"})) == [
        2
    ]
    assert ruled(snapshot, at, Exclude({"created": {"$lt": {"$ago": "3d"}}})) == [0, 1, 2, 3]


def test_boosting_and_burying_add_shares_of_the_best_score(snapshot: CatalogSnapshot, shop_clock) -> None:
    at = shop_clock.now
    assert ruled(snapshot, at, Boost({"color": "röd"}, 0.5))[:7] == [0, 2, 4, 6, 8, 10, 1]
    assert ruled(snapshot, at, Bury({"id": {"$in": ["p00", "p01"]}}, 1.0))[-2:] == [0, 1]
    both = ruled(snapshot, at, Boost({"id": "p05"}, 0.5), Bury({"brand": BRANDS[5 % 3]}, 0.5))
    assert both.index(5) == 5 - 1  # back where it was, but for p2 of its brand, which is buried
    assert ruled(snapshot, at, NewFirst(2), Boost({"id": "p11"}, 1.0)) == [0, 1, 2, 11, *range(3, 11)]


def test_what_never_stands_beside_what(snapshot: CatalogSnapshot, shop_clock) -> None:
    at = shop_clock.now
    conflict = BrandConflict(("Fjord",), ("Gran",))
    assert ruled(snapshot, at, conflict) == list(range(12))
    assert ruled(snapshot, at, conflict, subjects=(0,)) == [n for n in range(12) if n % 3 != 1]
    assert ruled(snapshot, at, conflict, subjects=(1,)) == [n for n in range(12) if n % 3 != 0]
    assert ruled(snapshot, at, conflict, subjects=(2,)) == list(range(12))
    never = NeverWith({"category": "Skor"}, {"category": "Jackor > Dunjackor"})
    assert ruled(snapshot, at, never, cart=(2,)) == [n for n in range(12) if n % 3 != 1]
    assert ruled(snapshot, at, never) == list(range(12))
    # Dunjackor are 1, 4, 7, 10 and Skor 2, 5, 8, 11: whoever comes first stays.
    assert together(snapshot, at, [2, 0, 1, 5, 4], never) == [2, 0, 5]
    assert together(snapshot, at, [1, 0, 2, 5, 4], never) == [1, 0, 4]
    alone = NeverWith({"brand": "Fjord"}, {"brand": "Fjord"})
    assert together(snapshot, at, [3, 1, 0, 6, 2], alone) == [3, 1, 2]


def test_a_price_band_around_the_product_of_the_page(snapshot: CatalogSnapshot, shop_clock) -> None:
    at = shop_clock.now
    # p4 costs 500; p6, p9 are reduced to 525 and 750.
    assert ruled(snapshot, at, PriceBand(0.8, 1.2), subjects=(4,)) == [4, 5, 6]
    assert ruled(snapshot, at, PriceBand(high=0.5), subjects=(4,)) == [0, 1]
    assert ruled(snapshot, at, PriceBand(low=2.0), subjects=(4,)) == [10, 11]
    assert ruled(snapshot, at, PriceBand(low=2.0)) == list(range(12))


def test_a_price_band_is_exact(sqlite_shop: Shop, shop_clock) -> None:
    """1.1 × 70 is 77.00000000000001 in floats: what costs 77 is in the band of 110 % all the same."""
    prices = {"base": 70, "same": 77, "dearer": 78, "less": 69, "huge": 9_007_199_254_740}
    with sqlite_shop.database.writing() as tx:
        offered = [
            Product(name, name, variants=(Variant(f"{name}-a", offers=(Offer("SE", price, "SEK"),)),))
            for name, price in prices.items()
        ]
        upsert(tx, offered, shop_clock.now)
    live_catalog(sqlite_shop).poll()
    now = live_catalog(sqlite_shop).current()
    base = now.index["base"]
    left = ruled(now, shop_clock.now, PriceBand(1.1, 1.1), subjects=(base,))
    assert [now.ids[item] for item in left] == ["same"]
    left = ruled(now, shop_clock.now, PriceBand(high=1.0), subjects=(now.index["huge"],))
    assert len(left) == len(prices)


def test_stock_that_is_not_counted_is_not_low(sqlite_shop: Shop, shop_clock) -> None:
    offer = (Offer("SE", 100, "SEK"),)
    variants = {
        "counted": (Variant("a", offers=offer, stock={"web": 2}), Variant("b", offers=offer, stock={"x": 1})),
        "half": (Variant("c", offers=offer, stock={"web": 2}), Variant("d", offers=offer)),
        "gone": (
            Variant("e", offers=offer, stock={"web": 2}),
            Variant("f", offers=offer, availability="out_of_stock"),
        ),
        "uncounted": (Variant("g", offers=offer),),
    }
    with sqlite_shop.database.writing() as tx:
        upsert(tx, [Product(name, name, variants=one) for name, one in variants.items()], shop_clock.now)
    live_catalog(sqlite_shop).poll()
    now = live_catalog(sqlite_shop).current()
    assert {name: now.pieces(now.index[name]) for name in variants} == {
        "counted": 3, "half": -1, "gone": 2, "uncounted": -1,
    }  # fmt: skip
    left = ruled(now, shop_clock.now, Exclude({"stock": {"$lt": 10}}))
    assert {now.ids[item] for item in left} == {"half", "uncounted"}


def test_rules_follow_how_long_the_stock_lasts(
    sqlite_shop: Shop, snapshot: CatalogSnapshot, shop_clock
) -> None:
    at = shop_clock.now
    short, long, none = ({"stock_days": test} for test in ({"$lt": 7}, {"$gt": 120}, {"$exists": False}))
    rules = book(Bury(short), Boost(long), Boost(none, 0.25))

    def told(now: CatalogSnapshot, when: int = at) -> list[float]:
        rows = np.arange(5, 9, dtype=np.int32)
        fitting = rules.fitting(now, "SE", when)
        return plan_of(rules, when).apply(rows, np.ones(4), now, fitting, Moment("SE", when)).added.tolist()

    assert told(snapshot) == [0.25] * 4  # nobody has counted
    # Stock is 5, 6, 7 and 8 pieces; p07 is a week old, the others' windows are as short.
    sold = {"p05": 5, "p06": 1, "p07": 7}
    write_whole(sqlite_shop.home.sales_path, Sales(at, 28, sold))
    live_catalog(sqlite_shop).poll()
    now = live_catalog(sqlite_shop).current()
    assert told(now) == [-0.5, 0.0, 0.0, 0.25]  # 5, 36 and 7 days
    assert rules.asks_sales and not book(Bury({"stock": 1})).asks_sales
    facts = [product_facts(now, item, "SE", at)["stock_days"] for item in range(5, 9)]
    assert facts == [5.0, 36.0, 7.0, None]
    write_whole(sqlite_shop.home.sales_path, Sales(at, 28, {"p06": 100, "p08": 1}))
    live_catalog(sqlite_shop).poll()
    assert told(live_catalog(sqlite_shop).current()) == [0.25, -0.5, 0.25, 0.0]
    assert told(live_catalog(sqlite_shop).current(), at + 3 * DAY) == [0.25] * 4  # too long ago


def test_few_of_each(snapshot: CatalogSnapshot, shop_clock) -> None:
    at = shop_clock.now
    everything = list(range(12))
    assert together(snapshot, at, everything, Diversity("brand", 1)) == [0, 1, 2]
    assert together(snapshot, at, everything, Diversity("category", 2)) == [0, 1, 2, 3, 4, 5]
    assert together(snapshot, at, everything, Diversity("brand", 2), Diversity("color", 3)) == [
        0,
        1,
        2,
        3,
        4,
        5,
    ]
    assert together(snapshot, at, [11, *everything], Diversity("brand", 1)) == [11, 0, 1]
    assert ruled(snapshot, at, Diversity("brand", 1)) == everything  # of a single product nothing is said


def test_few_of_what_is_chosen(snapshot: CatalogSnapshot, shop_clock) -> None:
    at, everything = shop_clock.now, list(range(12))
    jackets = {"category": "Jackor"}  # 0, 1, 3, 4, 6, 7 … in two categories; shoes are 2, 5, 8, 11
    assert together(snapshot, at, everything, Diversity("all", 2, jackets)) == [0, 1, 2, 5, 8, 11]
    assert together(snapshot, at, everything, Diversity("category", 2, jackets)) == [0, 1, 2, 3, 4, 5, 8, 11]
    assert together(snapshot, at, everything, Diversity("all", 5)) == [0, 1, 2, 3, 4]
    two = [Diversity("all", 1, jackets), Diversity("all", 2, {"category": "Skor"})]
    assert together(snapshot, at, everything, *two) == [0, 2, 5]


def test_a_listing_spreads_what_is_chosen(snapshot: CatalogSnapshot, shop_clock) -> None:
    at, rules = shop_clock.now, book(Diversity("all", 1, {"category": "Jackor"}))
    items = np.array([0, 1, 3, 2, 4, 5], np.int32)
    fitting, moment = rules.fitting(snapshot, "SE", at), Moment("SE", at)
    done = plan_of(rules, at).apply(items, np.linspace(1, 0, 6), snapshot, fitting, moment, spread=True)
    assert items[done.order].tolist() == [0, 2, 5, 1, 3, 4]


def test_a_listing_loses_nothing_to_diversity(snapshot: CatalogSnapshot, shop_clock) -> None:
    at = shop_clock.now
    rules = book(Diversity("color", 2))
    items = np.array([0, 2, 4, 6, 1, 3], np.int32)
    fitting = rules.fitting(snapshot, "SE", at)
    done = plan_of(rules, at).apply(
        items, np.linspace(1, 0, 6), snapshot, fitting, Moment("SE", at), spread=True
    )
    assert items[done.order].tolist() == [0, 2, 1, 3, 4, 6]


def together(snapshot: CatalogSnapshot, at: int, items: list[int], *actions: Action) -> list[int]:
    """Return which of `items` join one answer, asked in their order."""
    rules = book(*actions)
    company = plan_of(rules, at).company(snapshot, rules.fitting(snapshot, "SE", at), Moment("SE", at))
    assert company is not None
    joined = []
    for item, mark in zip(items, company.marks(np.array(items, np.int32)), strict=True):
        if not company.refusing(mark):
            company.join(mark)
            joined.append(item)
    return joined


def test_where_everything_may_stand_together_nothing_is_asked(snapshot: CatalogSnapshot, shop_clock) -> None:
    rules = book(Exclude({"brand": "Fjord"}))
    at = shop_clock.now
    fitting = rules.fitting(snapshot, "SE", at)
    assert plan_of(rules, at).company(snapshot, fitting, Moment("SE", at)) is None


def everything(items: np.ndarray) -> np.ndarray:
    return np.ones(items.size, np.bool_)


@pytest.mark.parametrize(
    ("most", "expected"), [(1, [2]), (2, [2, 5]), (4, [2, 5, 8, 11]), (9, [2, 5, 8, 11])]
)
def test_what_may_not_be_shown_takes_no_place_of_what_is_put_in(
    snapshot: CatalogSnapshot, shop_clock, most: int, expected: list[int]
) -> None:
    rules, at = book(Include({"created": {"$lt": {"$ago": "1h"}}}, most=most)), shop_clock.now
    plan, fitting = plan_of(rules, at), rules.fitting(snapshot, "SE", at)
    ((items, _),) = plan.offering(
        snapshot, fitting, Moment("SE", at), "web", lambda items: (items % 3 == 2) & (items > 0)
    ).included()
    assert items.tolist() == expected


@pytest.mark.parametrize(
    ("since", "expected"), [(0, [0, 1, 2]), (4_998, [4_998, 4_999]), (30_000, []), (16_383, [16_383])]
)
def test_it_looks_far_for_what_may_be_shown_and_then_gives_up(since: int, expected: list[int]) -> None:
    products = np.arange(5_000 if since < 5_000 else 40_000, dtype=np.int32)
    chosen = Chosen(products, lambda items: items >= 0)
    heads = [chosen.first(6)]
    offered = Offered({}, [chosen], heads, heads[0])
    asked: list[int] = []

    def passing(items: Indices) -> NDArray[np.bool_]:
        asked.append(items.size)
        return items >= since

    ((items, _),) = Offering(offered, [Include({}, most=3)], passing).included()
    assert items.tolist() == expected
    assert max(asked) <= 16_384


def test_the_colors_of_one_product_do_not_take_the_places_of_others() -> None:
    products = np.arange(100, dtype=np.int32)
    chosen = Chosen(products, lambda items: items >= 0)
    heads = [chosen.first(6)]
    offered, actions = Offered({}, [chosen], heads, heads[0]), [Include({}, most=3)]

    def passing(items: Indices) -> NDArray[np.bool_]:
        return items != 7

    ((every, _),) = Offering(offered, actions, passing).included()
    assert every.tolist() == [0, 1, 2]
    colors = products // 7
    ((one, _),) = Offering(offered, actions, passing, colors).included()
    assert one.tolist() == [0, 8, 14]
    ((few, _),) = Offering(offered, actions, passing, products // 50).included()
    assert few.tolist() == [0, 50]


def test_including_and_pinning_are_told_to_the_decision(snapshot: CatalogSnapshot, shop_clock) -> None:
    at = shop_clock.now
    rules = book(Include({"brand": "Berg"}, level=0.3, most=2), Pin(("p07", "p03"), 2))
    plan = plan_of(rules, at)
    offering = plan.offering(
        snapshot, rules.fitting(snapshot, "SE", at), Moment("SE", at), "web", lambda items: items != 3
    )
    ((items, level),) = offering.included()
    assert (items.tolist(), level) == ([2, 5], 0.3)  # the newest of the brand
    assert [(name, pin.products, pin.position) for name, pin in plan.pins] == [("r1", ("p07", "p03"), 2)]
    assert offering.pinned == {"p07": 7}  # the other may not be shown


def test_a_rule_holds_in_its_place_time_and_condition_only(snapshot: CatalogSnapshot, shop_clock) -> None:
    at = shop_clock.now
    cut = Exclude({"brand": "Fjord"})
    rules = RuleBook([
        Rule("place", "p", cut, placements=("home",), channels=("web",), markets=("SE",)),
        Rule("time", "t", cut, starts=at + 10, ends=at + 20),
        Rule("when", "w", cut, when={"cart.total": {"$gte": 50_000}}),
    ])  # fmt: skip

    def holding(placement: str, channel: str, market: str, when: int, **facts: object) -> list[str]:
        plan = rules.holding(placement, channel, market, facts, when)
        return [] if plan is None else [rule.id for rule in plan.rules]

    assert holding("home", "web", "SE", at) == ["place"]
    assert holding("list", "web", "SE", at) == []
    assert holding("home", "mail", "SE", at) == []
    assert holding("home", "web", "NO", at) == []
    assert holding("list", "web", "SE", at + 10) == ["time"]
    assert holding("list", "web", "SE", at + 20) == []
    assert holding("list", "web", "SE", at, cart={"total": 50_000}) == ["when"]
    assert holding("list", "web", "SE", at, cart={"total": 49_999}) == []
    assert [r.id for r in rules.holding("home", "web", "SE", {}, at + 10, without="place").rules] == ["time"]


_WHICH = st.sampled_from([
    {}, {"brand": "Fjord"}, {"brand": {"$ne": "Gran"}}, {"category": "Jackor"}, {"on_sale": True},
    {"margin": {"$gte": 0.4}}, {"stock": {"$lt": 6}}, {"price": {"$gt": 40_000}}, {"color": "röd"},
    {"attributes.material": "ull"}, {"title": "Vara 7"}, {"reduction": {"$exists": True}}, {"style": None},
])  # fmt: skip
_ASKED: list[dict[str, object]] = [
    {"brand": "Fjord"}, {"category": "Jackor"}, {"category": "Jackor > Dunjackor"}, {"on_sale": True},
    {"margin": {"$gte": 0.4}}, {"margin_amount": {"$gte": 20_000}}, {"stock": {"$lt": 6}}, {"stock": 0},
    {"price": {"$gt": 40_000}}, {"list_price": {"$gt": 40_000}}, {"color": "röd"}, {"title": "Vara 7"},
    {"attributes.material": "ull"}, {"reduction": {"$gte": 0.2}}, {"created": {"$gte": {"$ago": "5d"}}},
]  # fmt: skip
_SHARE = st.sampled_from([0.1, 0.25, 0.5, 1.0])
_ACTION = st.one_of(
    st.builds(Exclude, _WHICH),
    st.builds(Only, _WHICH),
    st.builds(Boost, _WHICH, _SHARE),
    st.builds(Bury, _WHICH, _SHARE),
    st.builds(NeverWith, _WHICH, _WHICH),
    st.builds(BrandConflict, st.just(("Fjord",)), st.just(("Berg",))),
    st.builds(PriceBand, st.sampled_from([0.0, 0.5]), st.sampled_from([1.0, 2.0])),
    st.builds(NewFirst, st.integers(1, 12)),
    st.builds(Diversity, st.sampled_from(["category", "brand", "color"]), st.integers(1, 3)),
)


@pytest.mark.parametrize("number", range(12))
def test_of_the_page_the_same_may_be_asked_as_of_a_candidate(
    snapshot: CatalogSnapshot, shop_clock, number: int
) -> None:
    at, rows = shop_clock.now, np.array([number], np.int32)
    facts = {"page": {"product": product_facts(snapshot, number, "SE", at)}}
    for which in _ASKED:
        asked = book(Boost(which, 1.0))
        plan = plan_of(asked, at)
        moved = plan.apply(
            rows, np.ones(1), snapshot, asked.fitting(snapshot, "SE", at), Moment("SE", at)
        ).added
        when = {f"page.product.{name}": test for name, test in which.items()}
        rules = RuleBook([Rule("r", "r", Boost({}), when=when)])
        assert (rules.holding("home", "web", "SE", facts, at) is not None) == (moved[0] > 0), which
        assert rules.holding("home", "web", "SE", {"page": {"product": None}}, at) is None or not when


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actions=st.lists(_ACTION, min_size=1, max_size=6),
    items=st.lists(st.integers(0, 11), min_size=1, max_size=12, unique=True),
    subjects=st.lists(st.integers(0, 11), max_size=2),
    cart=st.lists(st.integers(0, 11), max_size=2),
)
def test_together_they_do_what_they_do_one_by_one(
    sqlite_shop: Shop,
    actions: list[Action],
    items: list[int],
    subjects: list[int],
    cart: list[int],
) -> None:
    snapshot, at = goods(sqlite_shop), sqlite_shop.clock()
    rows = np.array(items, np.int32)
    scores = np.linspace(1, 0.5, rows.size)
    moment = Moment("SE", at, tuple(subjects), tuple(cart))
    whole = book(*actions)
    plan, fitting = plan_of(whole, at), whole.fitting(snapshot, "SE", at)
    done = plan.apply(rows, scores, snapshot, fitting, moment)
    left = np.ones(rows.size, bool)
    added = np.zeros(rows.size)
    for action in actions:
        alone = book(action)
        one = plan_of(alone, at).apply(rows, scores, snapshot, alone.fitting(snapshot, "SE", at), moment)
        added += one.added
        left &= one.keep
    assert (done.keep == left).all()
    assert np.allclose(done.added[left], added[left])
    if not any(isinstance(action, NewFirst) for action in actions):
        assert (np.diff((scores + added)[done.order]) <= 1e-6).all()
    told = plan.trace(rows, snapshot, fitting, moment)
    assert set(told.removed) == set(np.flatnonzero(~done.keep).tolist())
    assert np.allclose(sum(told.added.values(), np.zeros(rows.size))[left], added[left])


def test_what_is_put_in_follows_the_catalog(sqlite_shop: Shop, snapshot: CatalogSnapshot, shop_clock) -> None:
    at = shop_clock.now
    rules = book(Include({"brand": "Berg"}, most=12))
    before = put_in(sqlite_shop, rules, at)
    assert before == put_in(sqlite_shop, rules, at) == ["p02", "p05", "p08", "p11"]
    changed = [
        evolve(product(2, at), brand="Fjord"),
        evolve(product(3, at), brand="Berg"),
        evolve(product(50, at), brand="Berg"),
    ]
    with sqlite_shop.database.writing() as tx:
        upsert(tx, changed, at)
    assert put_in(sqlite_shop, rules, at) == ["p03", "p05", "p08", "p11", "p50"]
    assert put_in(sqlite_shop, rules, at + 2 * HOUR) == ["p03", "p05", "p08", "p11", "p50"]


def put_in(shop: Shop, rules: RuleBook, at: int) -> list[str]:
    live_catalog(shop).poll()
    now = live_catalog(shop).current()
    ((items, _),) = (
        plan_of(rules, at)
        .offering(now, rules.fitting(now, "SE", at), Moment("SE", at), "web", everything)
        .included()
    )
    return [now.ids[item] for item in items.tolist()]
