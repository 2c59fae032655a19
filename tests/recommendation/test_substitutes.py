"""Up-selling and better margin: who must come first and why, and who must never appear."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import InvalidInput
from expedit.recommendation import Model, check_options, empty_model
from tests.recommendation.small_shop import SmallCatalog, ask, make_catalog


def test_a_step_up_is_dearer_of_the_same_need_and_within_the_band(
    small_model: Model, small_catalog: SmallCatalog
) -> None:
    """Boots cost 100, 300, 500, 700 and 900: from 500 only 700 lies within 1.1 … 1.6."""
    found = ask("upsell", small_model, small_catalog, products=(4,))
    assert found.items.tolist() == [6]
    assert found.because.tolist() == [4]
    wide = ask("upsell", small_model, small_catalog, products=(4,), options={"max_ratio": 2.0})
    assert wide.items.tolist() == [6, 8]  # the same brand and nearer in price first
    assert len(ask("upsell", small_model, small_catalog, products=(8,))) == 0


def test_the_band_holds_at_its_very_ends(small_model: Model, small_catalog: SmallCatalog) -> None:
    small_catalog.price[[0, 2, 4, 6, 8]] = [10_000, 10_999, 11_000, 16_000, 16_001]
    assert set(ask("upsell", small_model, small_catalog, products=(0,)).items.tolist()) == {4, 6}


def test_the_price_in_effect_counts(small_model: Model, small_catalog: SmallCatalog) -> None:
    small_catalog.sales[6] = 50_000  # as dear as p4 now: no step up any more
    assert len(ask("upsell", small_model, small_catalog, products=(4,))) == 0
    small_catalog.sales = {4: 40_000, 8: 60_000}
    assert ask("upsell", small_model, small_catalog, products=(4,)).items.tolist() == [8]


def test_other_colors_and_other_needs_are_no_step_up(small_model: Model, small_catalog: SmallCatalog) -> None:
    small_catalog.price[:] = [100, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120]
    small_catalog.group[2] = small_catalog.group[0] = 1 << 30
    assert set(ask("upsell", small_model, small_catalog, products=(0,)).items.tolist()) == {4, 6, 8}


def test_a_substitute_for_each_product_of_the_cart(small_model: Model, small_catalog: SmallCatalog) -> None:
    found = ask("upsell", small_model, small_catalog, cart=(4, 5))
    assert dict(zip(found.items.tolist(), found.because.tolist(), strict=True)) == {6: 4, 7: 5}


def test_a_sibling_category_needs_both_words_and_eyes(
    small_model: Model, small_catalog: SmallCatalog
) -> None:
    """p2, p6 and p10 now stand in a category beside the boots; nobody looks at p10 together with boots."""
    small_catalog.category_paths.append(("Shoes", "Clogs"))
    small_catalog.category_parent = np.append(small_catalog.category_parent, np.int32(1))
    small_catalog.category[[2, 6, 10]] = 6
    small_catalog.price[:] = 120
    small_catalog.price[0] = 100
    found = ask("upsell", small_model, small_catalog, products=(0,))
    assert set(found.items.tolist()) == {2, 4, 6, 8}
    assert set(ask("upsell", empty_model(), small_catalog, products=(0,)).items.tolist()) == {4, 8}


@settings(max_examples=60, deadline=None)
@given(
    prices=st.lists(st.integers(1, 100_000), min_size=12, max_size=12),
    low=st.integers(1000, 2000),
    width=st.integers(0, 2000),
)
def test_nothing_is_ever_dearer_or_cheaper_than_the_band(prices: list[int], low: int, width: int) -> None:
    catalog = make_catalog()
    catalog.price[:] = prices
    options = {"min_ratio": low / 1000, "max_ratio": (low + width) / 1000}
    found = ask("upsell", empty_model(), catalog, products=(0,), options=options)
    fits = {
        item
        for item in (2, 4, 6, 8)
        if prices[item] > prices[0] and low * prices[0] <= 1000 * prices[item] <= (low + width) * prices[0]
    }
    assert set(found.items.tolist()) == fits


def test_better_margin_weighs_nearness_and_gain(small_model: Model, small_catalog: SmallCatalog) -> None:
    small_catalog.price[[0, 2, 4, 6, 8]] = 10_000
    small_catalog.costs = {0: 6_000, 2: 5_000, 4: 2_000, 6: 5_900, 8: 7_000}
    found = ask("better_margin", small_model, small_catalog, products=(0,))
    assert found.items.tolist() == [4, 2]  # p4 leaves four times more than p2; p6 too little more, p8 less
    assert (found.because == 0).all()


def test_about_the_same_price(small_model: Model, small_catalog: SmallCatalog) -> None:
    small_catalog.price[[0, 2, 4, 6, 8]] = [10_000, 11_000, 11_001, 9_000, 8_999]
    small_catalog.costs = dict.fromkeys(range(12), 1_000) | {0: 9_000}
    assert set(ask("better_margin", small_model, small_catalog, products=(0,)).items.tolist()) == {2, 6}
    narrow = {"options": {"tolerance": 0.0}}
    assert len(ask("better_margin", small_model, small_catalog, products=(0,), **narrow)) == 0


@pytest.mark.parametrize("unknown", [{0}, {2, 4, 6, 8}])
def test_nothing_where_a_cost_is_unknown(
    small_model: Model, small_catalog: SmallCatalog, unknown: set[int]
) -> None:
    small_catalog.price[:] = 10_000
    small_catalog.costs = {item: 9_000 - 1_000 * item for item in range(9) if item not in unknown}
    assert len(ask("better_margin", small_model, small_catalog, products=(0,))) == 0


@settings(max_examples=60, deadline=None)
@given(
    prices=st.lists(st.integers(1, 1000), min_size=12, max_size=12),
    costs=st.dictionaries(st.integers(0, 11), st.integers(0, 1000)),
)
def test_better_margin_never_costs_the_shop(prices: list[int], costs: dict[int, int]) -> None:
    catalog = make_catalog()
    catalog.price[:] = prices
    catalog.costs = costs
    for item in ask("better_margin", empty_model(), catalog, products=(0,)).items.tolist():
        assert item in costs
        assert 0 in costs
        assert prices[item] - costs[item] > prices[0] - costs[0]
        assert abs(prices[item] - prices[0]) * 10 <= prices[0]


def test_what_is_not_sold_has_no_substitute(small_model: Model, small_catalog: SmallCatalog) -> None:
    small_catalog.price[4] = -1
    assert len(ask("upsell", small_model, small_catalog, products=(4,))) == 0
    assert (
        4 not in ask("upsell", small_model, small_catalog, products=(2,), options={"max_ratio": 10.0}).items
    )
    small_catalog.markets = {}
    assert len(ask("upsell", small_model, small_catalog, products=(2,))) == 0
    assert len(ask("better_margin", small_model, small_catalog, products=(2,))) == 0


def test_hundreds_of_candidates_stay_within_the_limit() -> None:
    catalog = make_catalog(2_000)
    catalog.price[:] = 10_000 + np.arange(2_000)
    found = ask("upsell", empty_model(), catalog, products=(0,), options={"min_ratio": 1.0})
    assert found.items.size == 500


@pytest.mark.parametrize(
    ("strategy", "options", "complaint"),
    [
        ("upsell", {"max_ratio": "2"}, r"ladder\[0\].max_ratio: must be a number"),
        ("upsell", {"max_ratio": True}, "max_ratio: must be text or a number"),
        ("upsell", {"max_ratio": 11}, "max_ratio: must be 1 … 10"),
        ("upsell", {"min_ratio": 1.7}, "min_ratio: is above max_ratio"),
        ("upsell", {"ratio": 2}, "ratio: is no option of upsell: it has scope, min_ratio, max_ratio"),
        ("popular", {"scope": "shelf"}, "scope: 'shelf' is none of category"),
        ("on_sale", {"seen": 1}, "seen: must be true or false"),
        ("cart_reminder", {"days": 1.5}, "days: must be a whole number"),
        ("cart_addon", {"max_price": 199.5}, "max_price: must be a whole number or text"),
        ("cart_addon", {"max_price": "much"}, "max_price: 'much' is not an amount"),
    ],
)
def test_an_option_that_does_not_fit_is_named(
    strategy: str, options: dict[str, str | int | float | bool], complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        check_options(strategy, options, "ladder[0]")
