"""Lint tells what would go wrong before a rule goes live, and is silent about what is right."""

from __future__ import annotations

import numpy as np
import pytest

from expedit.catalog import CatalogSnapshot
from expedit.features import Feature, install
from expedit.merchandising import (
    Boost,
    BrandConflict,
    Bury,
    Exclude,
    Include,
    Only,
    Pin,
    Rule,
    create_rule,
    lint_places,
    lint_rules,
)
from expedit.merchandising.looking import look_through
from expedit.merchandising.standing import read_kept
from expedit.storage import Shop
from tests.merchandising.goods import goods


@pytest.fixture
def snapshot(sqlite_shop: Shop) -> CatalogSnapshot:
    return goods(sqlite_shop)


def told(snapshot: CatalogSnapshot, at: int, *rules: Rule) -> list[tuple[str, str, str, str]]:
    found = lint_rules(rules, snapshot, "SE", at, ("home", "list"))
    return [(one.rule, one.complaint, one.other, one.field) for one in found]


def test_good_rules_are_passed_in_silence(snapshot: CatalogSnapshot, shop_clock) -> None:
    rules = [
        Rule("a", "a", Exclude({"brand": "Fjord"}), placements=("home",), priority=1),
        Rule("b", "b", Boost({"brand": "Gran"}), when={"person.known": True}, priority=2),
        Rule("c", "c", Pin(("p01",)), priority=3),
    ]
    left = [one for one in told(snapshot, shop_clock.now, *rules) if one[1] != "leaves_few"]
    assert left == []


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([Rule("a", "a", Exclude({"brand": "Moss"}))], ("a", "fits_nothing", "", "action.which")),
        ([Rule("a", "a", Boost({"price": {"$gt": 0}}))], ("a", "fits_everything", "", "action.which")),
        ([Rule("a", "a", Exclude({}), ends=1)], ("a", "over", "", "ends")),
        (
            [Rule("a", "a", Bury({"color": "blå"}), when={"cart.lines": {"$gt": 3, "$lt": 2}})],
            ("a", "never_holds", "", "when"),
        ),
        ([Rule("a", "a", Pin(("p01", "p99")))], ("a", "unknown_product", "", "action.products[1]")),
        (
            [Rule("a", "a", BrandConflict(("Fjord",), ("Moss",)))],
            ("a", "unknown_brand", "", "action.against"),
        ),
        (
            [Rule("a", "a", Pin(("p01", "p02"))), Rule("b", "b", Pin(("p03",), 2), priority=200)],
            ("b", "same_pin", "a", "action.position"),
        ),
        (
            [Rule("a", "a", Exclude({"brand": "Gran"})), Rule("b", "b", Pin(("p01",)))],
            ("b", "pin_excluded", "a", "action.products"),
        ),
        (
            [Rule("a", "a", Boost({"color": "blå"})), Rule("b", "b", Bury({"color": "blå"}))],
            ("b", "boost_and_bury", "a", "action.which"),
        ),
        (
            [Rule("a", "a", Include({"color": "blå"})), Rule("b", "b", Exclude({"color": "blå"}))],
            ("a", "boost_excluded", "b", "action.which"),
        ),
        (
            [Rule("a", "a", Only({"brand": "Fjord"})), Rule("b", "b", Only({"brand": "Gran"}), priority=200)],
            ("b", "empties", "", "placements"),
        ),
        (
            [
                Rule("a", "a", Exclude({"brand": "Gran"})),
                Rule("b", "b", Boost({"brand": "Gran", "price": {"$gt": 0}})),
            ],
            ("b", "boost_excluded", "a", "action.which"),
        ),
        (
            [Rule("a", "a", Only({"brand": "Fjord"})), Rule("b", "b", Include({"brand": "Gran"}))],
            ("b", "boost_excluded", "a", "action.which"),
        ),
        (
            [Rule("a", "a", Only({"brand": "Fjord"})), Rule("b", "b", Pin(("p01",)))],
            ("b", "pin_excluded", "a", "action.products"),
        ),
        (
            [
                Rule("a", "a", Only({"brand": "Fjord"}), when={"person.known": True}),
                Rule("b", "b", Only({"brand": "Gran"}), when={"person.known": True}, priority=200),
            ],
            ("b", "empties", "", "placements"),
        ),
        ([Rule("a", "a", Exclude({"price": {"$gt": 0}}), starts=2**52)], ("a", "empties", "", "placements")),
    ],
)
def test_what_is_wrong_is_told(
    snapshot: CatalogSnapshot, shop_clock, rules: list[Rule], expected: tuple[str, str, str, str]
) -> None:
    assert expected in told(snapshot, shop_clock.now, *rules)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"placements": ("hme",)}, [("unknown_placement", "placements", "hme", True)]),
        ({"channels": ("web", "nope")}, [("unknown_channel", "channels", "nope", False)]),
        ({"channels": ("nope",)}, [("unknown_channel", "channels", "nope", True)]),
        ({"markets": ("nope", "none")}, [
            ("unknown_market", "markets", "nope", True), ("unknown_market", "markets", "none", True),
        ]),
        ({"markets": ("SE",), "channels": ("web",), "placements": ("home",)}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_places_that_the_shop_does_not_have_are_named(
    where: dict[str, tuple[str, ...]], expected: list[tuple[str, str, str, bool]]
) -> None:
    known = {"placements": ("home", "list"), "channels": ("web",), "markets": ("SE", "NO")}
    found = lint_places([Rule("a", "a", Exclude({}), **where)], known)  # type: ignore[arg-type]
    assert [(one.complaint, one.field, one.detail, one.serious) for one in found] == expected


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (Rule("a", "a", Exclude({"category": "Jackor"})), "Jackor"),
        (Rule("a", "a", Exclude({"category": "Jackor > Dunjackor"})), "Jackor > Dunjackor"),
        (Rule("a", "a", Only({"category": "Skor"}), when={"page.category": "Jackor"}), "Jackor"),
        (Rule("a", "a", Only({"category": "Skor"}), when={"page.category": "Skor"}), ""),
        (Rule("a", "a", Exclude({"category": "Jackor"}), when={"page.category": "Skor"}), ""),
        (Rule("a", "a", Exclude({"category": "Jackor"}), placements=("home",)), ""),
        (Rule("a", "a", Exclude({"category": "Jackor"}), when={"person.known": True}), ""),
        (Rule("a", "a", Exclude({"id": "p01"})), ""),
        (Rule("a", "a", Exclude({"price": {"$gt": 0}})), ""),  # nothing at all is left: told otherwise
    ],
)
def test_a_category_whose_page_would_stand_empty_is_named(
    snapshot: CatalogSnapshot, shop_clock, rule: Rule, named: str
) -> None:
    found = lint_rules([rule], snapshot, "SE", shop_clock.now, ("home", "list"))
    assert [one.detail for one in found if one.complaint == "shuts_category"] == ([named] if named else [])
    assert not any(one.serious for one in found if one.complaint == "shuts_category")


def test_what_only_overlaps_is_meant_so(snapshot: CatalogSnapshot, shop_clock) -> None:
    """To lift a brand, and to lower or leave out some of it, is how people work."""
    rules = [
        Rule("a", "a", Boost({"price": {"$gt": 0}, "brand": {"$in": ["Fjord", "Gran"]}})),
        Rule("b", "b", Bury({"brand": "Gran"})),
        Rule("c", "c", Exclude({"brand": "Fjord"})),
    ]
    assert not {"boost_and_bury", "boost_excluded"} & {
        one[1] for one in told(snapshot, shop_clock.now, *rules)
    }


def test_what_cannot_be_sold_is_not_counted_for_everything(sqlite_shop: Shop, shop_clock) -> None:
    snapshot = goods(sqlite_shop)
    sold = snapshot.sellable(np.arange(len(snapshot)), "SE", "web", shop_clock.now)
    assert not sold.all(), "one of them is sold out"
    found = told(snapshot, shop_clock.now, Rule("a", "a", Bury({"stock": {"$gt": 0}})))
    assert ("a", "fits_everything", "", "action.which") in found


def test_rules_of_different_hours_empty_nothing(snapshot: CatalogSnapshot, shop_clock) -> None:
    now = shop_clock.now
    rules = [
        Rule("a", "a", Only({"brand": "Fjord"}), starts=now + 5, ends=now + 10),
        Rule("b", "b", Only({"brand": "Gran"}), starts=now + 10, priority=200),
    ]
    assert "empties" not in [complaint for _, complaint, *_ in told(snapshot, now, *rules)]


def test_rules_that_never_meet_are_not_at_odds(snapshot: CatalogSnapshot, shop_clock) -> None:
    pin = Pin(("p01",))
    for one, two in [
        ({"placements": ("home",)}, {"placements": ("list",)}),
        ({"ends": shop_clock.now + 5}, {"starts": shop_clock.now + 5}),
        ({"when": {"person.known": True}}, {"when": {"person.known": False}}),
    ]:
        rules = Rule("a", "a", pin, **one), Rule("b", "b", pin, priority=200, **two)  # type: ignore[arg-type]
        assert "same_pin" not in [complaint for _, complaint, *_ in told(snapshot, shop_clock.now, *rules)]


def test_the_last_look_is_forgotten_when_a_placement_comes(
    sqlite_shop: Shop, snapshot: CatalogSnapshot
) -> None:
    named = {"home": "Home"}
    install(sqlite_shop, [Feature(name="spots", lists={"placement": lambda shop, language: dict(named)})])
    create_rule(sqlite_shop, Rule("", "Summer", Boost({"color": "blå"}), placements=("summer",)), "Eva")

    def complaints() -> set[str]:
        with sqlite_shop.database.reading() as tx:
            return {one.complaint for one in look_through(sqlite_shop, read_kept(tx)).drafts}

    assert "unknown_placement" in complaints()
    named["summer"] = "Summer"
    assert "unknown_placement" not in complaints()
