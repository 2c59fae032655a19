"""A rule is tried in every placement before it goes live: what would stand empty is told."""

from __future__ import annotations

import pytest

from expedit.catalog import Offer, Variant
from expedit.core import DAY, evolve
from expedit.decisions.rehearsing import emptied_by
from expedit.merchandising import Boost, BrandConflict, Exclude, NeverWith, Only, PriceBand, Rule
from tests.decisions.boots import fill, learn, product


@pytest.fixture
def shop_with_sale(shop):
    """Of twelve products two are reduced: the placement of sales has two things to show."""
    shop.settings = evolve(shop.settings, explore_share=0.0)
    reduced = []
    for n in (2, 4):
        offer = Offer("SE", (n + 1) * 10_000, "SEK", sale_price=(n + 1) * 5_000)
        variant = Variant(f"p{n}-x", size="42", offers=(offer,), stock={"web": 5})
        reduced.append(product(n, shop.clock(), variants=(variant,)))
    fill(shop, *reduced)
    learn(shop)
    return shop


def told(shop, action, others=(), **more):
    rule = Rule("r", "R", action, priority=500, **more)
    return [(one.complaint, one.detail, one.serious) for one in emptied_by(shop, rule, others)]


def test_a_slot_whose_kind_of_product_is_cut_is_told(shop_with_sale):
    assert told(shop_with_sale, Exclude({"on_sale": True})) == [("empties", "home-on-sale", True)]
    assert told(shop_with_sale, Only({"on_sale": False})) == [("empties", "home-on-sale", True)]


def test_a_rule_that_is_not_kept_yet_is_tried_as_well(shop_with_sale):
    (found,) = emptied_by(shop_with_sale, Rule("", "R", Exclude({"on_sale": True})), ())
    assert (found.rule, found.detail) == ("", "home-on-sale")


def test_what_leaves_something_everywhere_is_passed_in_silence(shop_with_sale):
    assert told(shop_with_sale, Exclude({"id": "p2"})) == []
    assert told(shop_with_sale, Boost({"on_sale": False})) == []


def test_only_what_the_rule_itself_takes_away_is_told(shop_with_sale):
    before = [Rule("a", "A", Exclude({"id": "p2"}))]
    assert told(shop_with_sale, Exclude({"id": "p4"})) == []
    assert told(shop_with_sale, Exclude({"id": "p4"}), before) == [("empties", "home-on-sale", True)]
    before = [Rule("a", "A", Exclude({"on_sale": True}))]
    assert told(shop_with_sale, Exclude({"id": "p4"}), before) == []


def test_its_condition_and_its_beginning_are_waited_for(shop_with_sale):
    sale = Exclude({"on_sale": True})
    later = shop_with_sale.clock() + DAY
    expected = [("empties", "home-on-sale", True)]
    assert told(shop_with_sale, sale, when={"person.known": True}, starts=later) == expected
    # On that day another rule, not yet in force, has taken one of the two away.
    before = [Rule("a", "A", Exclude({"id": "p2"}), starts=later)]
    assert told(shop_with_sale, Exclude({"id": "p4"}), before, starts=later) == expected


def test_where_the_rule_does_not_hold_nothing_is_looked_for(shop_with_sale):
    sale = Exclude({"on_sale": True})
    assert told(shop_with_sale, sale, placements=("home-bestsellers",)) == []
    assert told(shop_with_sale, sale, channels=("mail",)) == []
    assert told(shop_with_sale, sale, markets=("NO",)) == []


def test_a_slot_that_needs_a_product_is_tried_on_pages_of_products(shop_with_sale):
    dear = Exclude({"price": {"$gt": 200}})  # then hardly anything is dearer than another
    expected = [("empties_page", "product-upsell", True)]
    assert told(shop_with_sale, dear, placements=("product-upsell",)) == expected


def test_pages_of_products_are_tried_where_the_rule_goes_by_the_page(shop_with_sale):
    found = told(shop_with_sale, PriceBand(low=50.0))
    assert found and all(one[0] == "empties_page" for one in found)
    beside = told(shop_with_sale, NeverWith({}, {}), placements=("home-for-you",))
    assert beside == [("empties_page", "home-for-you", True)]
    assert told(shop_with_sale, PriceBand(low=0.01)) == []
    brands = BrandConflict(("Blå",), ("Grå",))
    assert "product-similar" not in {detail for _, detail, _ in told(shop_with_sale, brands)}
