"""Add-ons to a cart and reminders of what was left out of it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import DAY, HOUR
from expedit.recommendation import (
    Act,
    Bought,
    BuildParams,
    Model,
    build_model,
    empty_model,
    load_model,
)
from expedit.recommendation.copurchase import complementary, index_baskets, lifted
from tests.recommendation.small_shop import NOW, SmallCatalog, ask, flat, make_catalog, make_training

KNOWN = frozenset({"view_item", "add_to_cart", "add_to_wishlist", "purchase"})


def related(rows: list[list[int]], n: int) -> list[list[int]]:
    ptr, items = flat(rows)
    found = lifted(index_baskets(ptr, items, np.ones(items.size, np.int32), n))
    return [found.of(item)[0].tolist() for item in range(n)]


def test_lift_neither_follows_bestsellers_nor_coincidences() -> None:
    """0 is bought 100 times, 40 of them with 1, which is rarely bought otherwise; everybody buys 2; two odd
    orders of 0 held 3, and three of it 4, which nobody else ever bought."""
    baskets = [[0, 1, 2]] * 40 + [[0, 2]] * 55 + [[0, 3]] * 2 + [[0, 4]] * 3 + [[1]] * 10 + [[2]] * 800
    assert related(baskets, 5)[0] == [1, 4]  # 2 is bought with it no oftener than by chance, 3 too seldom


def test_complementary_ranks_by_lift_with_enough_support() -> None:
    """With 10,000 orders, 3 meetings of two rare things have the greatest lift of all, and prove little."""
    baskets = [[0, 1]] * 60 + [[0]] * 40 + [[1]] * 40 + [[0, 2]] * 3 + [[3]] * 9_000 + [[0, 3]] * 100
    ptr, items = flat(baskets)
    index = index_baskets(ptr, items, np.ones(items.size, np.int32), 4)
    found = complementary(index, np.array([1, 2, 3, 4], np.int32))
    assert found.of(0)[0].tolist() == [1, 2]
    lift_of_2 = 3 * len(baskets) / (203 * 3)
    lift_of_1 = 60 * len(baskets) / (203 * 100)
    assert lift_of_2 > lift_of_1
    counts = np.bincount(items)
    assert counts[3] > 50 * counts[1]  # the bestseller is bought with 0, but less than by chance


@pytest.fixture
def model(models_folder: Path) -> Model:
    """Boots p0 … p8 and jackets p1 … p9; p10 is bought with boots, p11 with jackets."""
    build_model(
        make_training(make_catalog()), models_folder, BuildParams(tune_seconds=0), now=NOW, version="c"
    )
    return load_model(models_folder, "c")


@pytest.fixture
def catalog() -> SmallCatalog:
    """A boot costs 1000; wax p10 100 and spray p11 60."""
    catalog = make_catalog()
    catalog.price[:10] = 100_000
    catalog.price[10:12] = [10_000, 6_000]
    return catalog


def test_an_addon_is_cheap_and_goes_with_the_cart(model: Model, catalog: SmallCatalog) -> None:
    found = ask("cart_addon", model, catalog, cart=(2,))
    assert found.items.tolist() == [10]
    assert found.because.tolist() == [2]
    assert found.notes == {}
    both = ask("cart_addon", model, catalog, cart=(2, 3))
    assert both.items.tolist() == [11, 10]  # what was put in last speaks first
    assert len(ask("cart_addon", model, catalog)) == 0
    assert ask("cart_addon", model, catalog, products=(2,)).items.tolist() == [10]  # a receipt
    assert ask("cart_addon", model, catalog, cart=(2, 10)).items.tolist() == []  # it is in the cart


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ({}, [10]),  # a quarter of 1000
        ({"options": {"cart_share": 0.1}}, [10]),
        ({"options": {"cart_share": 0.099}}, []),
        ({"options": {"max_price": 100}}, [10]),
        ({"options": {"max_price": "99.99"}}, []),
        ({"dearest_addon": 10_000}, [10]),
        ({"dearest_addon": 9_999}, []),
        ({"dearest_addon": 9_999, "options": {"max_price": 100}}, [10]),  # the step goes before the setting
        ({"cart_value": 39_999}, []),
        ({"cart_value": 40_000}, [10]),
        ({"cart_value": 1, "options": {"cart_share": 0}}, [10]),
    ],
)
def test_what_cheap_means(model: Model, catalog: SmallCatalog, moment: dict, shown: list[int]) -> None:
    assert ask("cart_addon", model, catalog, cart=(2,), **moment).items.tolist() == shown


def test_free_shipping_comes_first_and_only_what_reaches_it_says_so(
    model: Model, catalog: SmallCatalog
) -> None:
    """The cart lacks 80 to free shipping: p10 for 100 reaches it, p11 for 60 does not."""
    moment = {"cart": (2, 3), "cart_value": 200_000, "free_shipping": 208_000}
    found = ask("cart_addon", model, catalog, **moment)
    assert found.items.tolist() == [10, 11]
    assert found.notes == {10: "shipping"}
    plain = ask("cart_addon", model, catalog, **moment, options={"free_shipping": False})
    assert (plain.items.tolist(), plain.notes) == ([11, 10], {})
    reached = ask("cart_addon", model, catalog, **{**moment, "cart_value": 208_000})
    assert (reached.items.tolist(), reached.notes) == ([11, 10], {})


def test_a_gap_may_cost_more_than_the_share_but_not_much_more(model: Model, catalog: SmallCatalog) -> None:
    share = {"cart_share": 0.01}
    moment = {"cart": (2,), "cart_value": 100_000, "options": share}
    assert ask("cart_addon", model, catalog, **moment).items.tolist() == []
    assert ask("cart_addon", model, catalog, **moment, free_shipping=107_000).items.tolist() == [10]
    assert ask("cart_addon", model, catalog, **moment, free_shipping=106_000).items.tolist() == []
    assert ask("cart_addon", model, catalog, **moment, free_shipping=250_000).items.tolist() == []  # too far


@settings(max_examples=60, deadline=None)
@given(
    prices=st.lists(st.integers(0, 5_000), min_size=12, max_size=12),
    value=st.integers(0, 20_000),
    limit=st.integers(0, 20_000),
)
def test_no_addon_is_dearer_than_it_may_be(
    prices: list[int], value: int, limit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    catalog = make_catalog()
    catalog.price[:] = prices
    found = ask(
        "cart_addon", learned(tmp_path_factory), catalog, cart=(2,), cart_value=value, free_shipping=limit
    )
    gap = limit - value if 0 < limit - value <= value else 0
    for item in found.items.tolist():
        assert prices[item] <= max(value // 4, gap * 3 // 2)
        assert (found.notes.get(item) == "shipping") == (0 < gap <= prices[item])


_learned: list[Model] = []


def learned(paths: pytest.TempPathFactory) -> Model:
    if not _learned:
        folder = paths.mktemp("models")
        build_model(make_training(make_catalog()), folder, BuildParams(tune_seconds=0), now=NOW, version="c")
        _learned.append(load_model(folder, "c"))
    return _learned[0]


def test_what_was_taken_out_speaks_before_wishes_and_looks(
    small_model: Model, small_catalog: SmallCatalog
) -> None:
    acts = (
        Act(1, "view_item", NOW - HOUR),
        Act(2, "view_item", NOW - 2 * HOUR),
        Act(2, "add_to_cart", NOW - 3 * HOUR),
        Act(3, "add_to_wishlist", NOW - 3 * HOUR),
        Act(4, "add_to_cart", NOW - 4 * HOUR),  # still in the cart
        Act(5, "add_to_cart", NOW - 5 * HOUR),  # bought since
        Act(6, "view_item", NOW - 15 * DAY),  # too long ago
        Act(7, "purchase", NOW - HOUR),
        Act(8, "view_item", NOW - 2 * DAY),  # looked at again after it was bought
    )
    purchases = (Bought(5, 1, NOW - HOUR), Bought(8, 1, NOW - 3 * DAY))
    found = ask("cart_reminder", small_model, small_catalog, acts=acts, purchases=purchases, cart=(4,))
    assert found.items.tolist() == [2, 3, 1, 8]
    assert {item: found.notes.get(item, "") for item in found.items.tolist()} == {
        2: "removed", 3: "wished", 1: "", 8: "",
    }  # fmt: skip
    longer = ask(
        "cart_reminder", small_model, small_catalog, acts=acts, purchases=purchases, options={"days": 20}
    )
    assert set(longer.items.tolist()) == {2, 3, 1, 8, 4, 6}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(sorted(KNOWN)), st.integers(0, 30)), max_size=20),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 30)), max_size=8),
    st.sets(st.integers(0, 11), max_size=4),
)
def test_nothing_bought_since_or_in_the_cart_is_reminded_of(
    done: list[tuple[int, str, int]], bought: list[tuple[int, int]], cart: set[int]
) -> None:
    acts = tuple(Act(item, kind, NOW - ago * DAY) for item, kind, ago in done)
    purchases = tuple(
        Bought(item, 1, NOW - ago * DAY) for item, ago in sorted(bought, key=lambda one: one[1])
    )
    found = ask(
        "cart_reminder", empty_model(), make_catalog(), acts=acts, purchases=purchases, cart=tuple(cart)
    )
    latest = {item: min(ago for one, ago in bought if one == item) for item, _ in bought}
    for item in found.items.tolist():
        assert item not in cart
        mine = [ago for one, kind, ago in done if one == item and kind != "purchase" and ago <= 14]
        assert any(ago < latest.get(item, 99) for ago in mine)
