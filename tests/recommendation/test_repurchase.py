"""Repurchase intervals from orders, and what is due by them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import DAY, HOUR
from expedit.recommendation import Bought, BuildParams, Model, build_model, empty_model, load_model
from expedit.recommendation.repurchase import repurchase_days
from tests.recommendation.small_shop import NOW, SmallCatalog, ask, flat, make_catalog, make_training

WAX, SPRAY, POLISH, BOOT, SOCKS, LACES = range(6)
KINDS = np.array([0, 0, 0, 1, 2, -1], np.int32)


def learned(orders: list[tuple[int, int, int, int]]) -> list[float]:
    """Learn from orders of (buyer, day, item, quantity)."""
    ptr = np.arange(len(orders) + 1, dtype=np.int64)
    buyer, day, item, quantity = (np.array(column, np.int64) for column in zip(*orders, strict=True))
    found = repurchase_days(ptr, item.astype(np.int32), quantity, day * DAY + HOUR, buyer, KINDS)
    return found.tolist()


def again(item: int, buyers: range, days: list[int], quantity: int = 1) -> list[tuple[int, int, int, int]]:
    return [(buyer, day, item, quantity) for buyer in buyers for day in days]


def test_the_interval_is_the_median_time_to_the_next_purchase() -> None:
    orders = again(WAX, range(3), [0, 30, 60]) + again(WAX, range(3, 4), [0, 90])
    orders += again(BOOT, range(30), [0])
    assert learned(orders) == [30, 30, 30, 0, 0, 0]  # spray and polish take that of their category


def test_a_product_goes_before_its_category() -> None:
    orders = (
        again(WAX, range(5), [0, 30]) + again(SPRAY, range(5), [0, 100]) + again(POLISH, range(1), [0, 5])
    )
    assert learned(orders) == [30, 100, 30, 0, 0, 0]


def test_several_pieces_last_longer() -> None:
    assert learned(again(WAX, range(5), [0, 90], quantity=3))[WAX] == 30
    same_day = again(WAX, range(5), [0, 0, 0, 90])  # three orders of one day are one purchase of three
    assert learned(same_day)[WAX] == 30


@pytest.mark.parametrize(
    "orders",
    [
        again(BOOT, range(2), [0, 30, 60, 90]),  # two people are no rule
        again(BOOT, range(4), [0, 30]),  # four times are few
        again(BOOT, range(5), [0, 30]) + again(BOOT, range(5, 60), [0]),  # one in twelve came back
        again(BOOT, range(-1, 0), [0, 30, 60, 90, 120, 150]),  # nobody knows whose orders these are
    ],
)
def test_what_proves_nothing(orders: list[tuple[int, int, int, int]]) -> None:
    assert learned(orders) == [0] * 6


def test_another_product_of_the_category_is_no_repeat() -> None:
    """People who buy a boot and then another kind of boot do not want the first one again."""
    orders = [(buyer, day, item, 1) for buyer in range(9) for day, item in ((0, WAX), (30, SPRAY))]
    assert learned(orders) == [0] * 6


def test_without_a_category_only_the_product_itself_counts() -> None:
    assert learned(again(LACES, range(5), [0, 40]))[LACES] == 40


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-1, 4), st.integers(0, 60), st.integers(0, 5), st.integers(1, 3)),
        min_size=1, max_size=60,
    )
)  # fmt: skip
def test_an_interval_is_never_longer_than_what_was_seen(orders: list[tuple[int, int, int, int]]) -> None:
    for item, days in enumerate(learned(orders)):
        assert 0 <= days <= 60
        if days:
            kind = {one for one in range(6) if KINDS[one] == KINDS[item]} if KINDS[item] >= 0 else {item}
            assert len({buyer for buyer, _, bought, _ in orders if bought in kind and buyer >= 0}) >= 3


@pytest.fixture
def model(models_folder: Path, small_catalog: SmallCatalog) -> Model:
    """Wax p10 is bought every 30 days; p11 of the same category takes that."""
    training = make_training(small_catalog)
    orders = [(buyer, day) for buyer in range(5) for day in (0, 30, 60)]
    ptr, items = flat([[10]] * len(orders))
    training = replace(
        training, basket_ptr=ptr, basket_items=items, basket_quantity=np.ones(items.size, np.int32),
        basket_at=np.array([NOW - 100 * DAY + day * DAY for _, day in orders], np.int64),
        basket_market=np.zeros(items.size, np.int32),
        basket_buyer=np.array([buyer for buyer, _ in orders], np.int32),
    )  # fmt: skip
    build_model(training, models_folder, BuildParams(tune_seconds=0), now=NOW, version="r")
    return load_model(models_folder, "r")


def bought(*lines: tuple[int, int, int]) -> tuple[Bought, ...]:
    """Return purchases of (item, quantity, days ago), the newest first."""
    return tuple(
        Bought(item, quantity, NOW - ago * DAY)
        for item, quantity, ago in sorted(lines, key=lambda one: one[2])
    )


def test_what_is_most_nearly_due_comes_first(model: Model, small_catalog: SmallCatalog) -> None:
    purchases = bought((10, 1, 33), (11, 1, 60), (0, 1, 30))
    found = ask("buy_again", model, small_catalog, purchases=purchases)
    assert found.items.tolist() == [10, 11]  # a boot is bought once
    assert found.scores.tolist() == pytest.approx([30 / 33, 1 / 2])


@pytest.mark.parametrize(
    ("lines", "due"),
    [
        ([(10, 1, 23)], []),  # not yet
        ([(10, 1, 24)], [10]),
        ([(10, 1, 90)], [10]),
        ([(10, 1, 91)], []),  # they get it elsewhere by now
        ([(10, 1, 40), (10, 1, 5)], []),  # the newest purchase counts
        ([(10, 3, 40)], []),  # three last for ninety days
        ([(10, 3, 80)], [10]),
        ([(10, 1, 80), (10, 2, 80)], [10]),
    ],
)
def test_when_it_is_due(model: Model, small_catalog: SmallCatalog, lines: list, due: list[int]) -> None:
    assert ask("buy_again", model, small_catalog, purchases=bought(*lines)).items.tolist() == due


def test_options_say_when_and_replenishable_products_need_no_model(
    model: Model, small_catalog: SmallCatalog
) -> None:
    purchases = bought((10, 1, 15), (2, 1, 60))
    early = {"options": {"early": 0.5}}
    assert ask("buy_again", model, small_catalog, purchases=purchases, **early).items.tolist() == [10]
    small_catalog.refills = {2, 10}
    assert ask("buy_again", model, small_catalog, purchases=purchases).items.tolist() == [2]
    assert ask("buy_again", empty_model(), small_catalog, purchases=purchases).items.tolist() == [2]
    monthly = {"options": {"days": 15}}
    assert ask("buy_again", empty_model(), small_catalog, purchases=purchases, **monthly).items.tolist() == [
        10
    ]


def test_a_version_of_before_knows_no_intervals(models_folder: Path) -> None:
    catalog = make_catalog()
    build_model(make_training(catalog), models_folder, BuildParams(tune_seconds=0), now=NOW, version="o")
    assert load_model(models_folder, "o").repurchase.tolist() == [0] * 12
