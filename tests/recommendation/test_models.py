"""The item-item, co-purchase, popularity and content models: known answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import DAY, HOUR
from expedit.recommendation.content import ProductFacts, similar_products, weigh_words, words_of
from expedit.recommendation.copurchase import bought_together, complementary, index_baskets, net_baskets
from expedit.recommendation.item_item import Related, RelateParams, add_up, co_view_params, relate
from expedit.recommendation.popularity import Happenings, faded_counts, popular_scores, trending_scores
from expedit.recommendation.session_model import build_index
from tests.recommendation.small_shop import NOW, flat

COUNT = RelateParams((0.0, 1.0), (0.0, 1.0), own=0, other=0)


def rows_of(related: Related) -> list[dict[int, float]]:
    return [
        dict(zip(*(part.tolist() for part in related.of(item)), strict=True))
        for item in range(related.ptr.size - 1)
    ]


def counted_slowly(sessions: list[list[int]], n: int, window: int) -> list[dict[int, int]]:
    pairs: list[dict[int, int]] = [{} for _ in range(n)]
    for clicks in sessions:
        for a, first in enumerate(clicks):
            for b, second in enumerate(clicks):
                if a != b and abs(a - b) <= window:
                    pairs[first][second] = pairs[first].get(second, 0) + 1
    return pairs


@settings(max_examples=60, deadline=None)
@given(
    sessions=st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=6), min_size=1, max_size=12),
    window=st.integers(1, 4),
)
def test_pairs_are_counted_as_a_plain_loop_counts_them(sessions: list[list[int]], window: int) -> None:
    weights = (0.0, *([1.0] * window))
    params = RelateParams(weights, weights, own=0, other=0, itself=True)
    got = rows_of(relate(build_index(*flat(sessions), 6), params))
    expected = counted_slowly(sessions, 6, window)
    best = max((count for row in expected for count in row.values()), default=1)
    assert got == [{item: pytest.approx(count / best) for item, count in row.items()} for row in expected]


def test_the_diagonal_is_kept_where_it_is_asked_for() -> None:
    index = build_index(*flat([[0, 1, 0], [1, 2]]), 3)
    assert 0 in rows_of(relate(index, co_view_params()))[0]
    assert 0 not in rows_of(relate(index, COUNT))[0]


def test_ahead_counts_more_than_back() -> None:
    rows = rows_of(relate(build_index(*flat([[0, 1]] * 5), 2), co_view_params(back=0.5)))
    assert rows[0][1] == pytest.approx(2 * rows[1][0])


def test_families_and_kinds_are_kept_apart() -> None:
    index = build_index(*flat([[0, 1, 2, 3]] * 3), 4)
    family = np.array([7, 7, -1, -1], np.int32)
    kind = np.array([1, 2, 1, -1], np.int32)
    wide = RelateParams((0, 1, 1, 1), (0, 1, 1, 1), own=0, other=0)
    assert [set(row) for row in rows_of(relate(index, wide, family=family))] == [
        {2, 3}, {2, 3}, {0, 1, 3}, {0, 1, 2},
    ]  # fmt: skip
    across = RelateParams((0, 1, 1, 1), (0, 1, 1, 1), own=0, other=0, across=True)
    assert [set(row) for row in rows_of(relate(index, across, kind=kind))] == [{1}, {0, 2}, {1}, set()]


def test_refunds_are_netted_within_a_basket() -> None:
    ptr, items = flat([[3, 1, 3], [2, 2], [0, 1]])
    quantities = np.array([1, 2, -1, 1, 1, 1, -1], np.int32)
    net_ptr, net_items = net_baskets(ptr, items, quantities)
    assert net_ptr.tolist() == [0, 1, 2, 3]
    assert net_items.tolist() == [1, 2, 0]
    nothing = np.empty(0, np.int32)
    assert net_baskets(np.zeros(3, np.int64), nothing, nothing)[0].tolist() == [0, 0, 0]


def test_what_was_returned_is_not_bought_together() -> None:
    ptr, items = flat([[0, 1, 1]] * 4)
    returned = index_baskets(ptr, items, np.tile(np.array([1, 1, -1], np.int32), 4), 2)
    assert rows_of(bought_together(returned)) == [{}, {}]
    kept = index_baskets(ptr, items, np.ones(12, np.int32), 2)
    assert rows_of(bought_together(kept)) == [{1: 1.0}, {0: 1.0}]


def test_bought_together_is_a_cosine_with_a_floor() -> None:
    baskets = [[0, 1]] * 4 + [[0, 2]] * 4 + [[2]] * 12 + [[0, 3]]
    ptr, items = flat(baskets)
    row = rows_of(bought_together(index_baskets(ptr, items, np.ones(items.size, np.int32), 4)))[0]
    assert set(row) == {1, 2}
    assert row[1] / row[2] == pytest.approx((4 / np.sqrt(9 * 4)) / (4 / np.sqrt(9 * 16)))


def test_complementary_prefers_lift_to_bestsellers() -> None:
    """Everybody buys item 2, with 0 no oftener than by chance; only buyers of 0 buy item 1."""
    baskets = [[0, 1, 2]] * 10 + [[0, 2]] * 10 + [[2]] * 60
    ptr, items = flat(baskets)
    index = index_baskets(ptr, items, np.ones(items.size, np.int32), 3)
    row = rows_of(complementary(index, np.array([1, 2, 3], np.int32)))[0]
    assert list(row) == [1]
    assert list(rows_of(bought_together(index))[0]) == [1, 2]


def test_shares_are_added_up_and_the_largest_is_the_reason() -> None:
    found = add_up(
        np.array([5, 3, 5, 9], np.int32), np.array([0.2, 0.4, 0.3, 0.4]), np.array([1, 2, 3, 4], np.int32)
    )
    assert found.items.tolist() == [5, 3, 9]
    assert found.scores.tolist() == pytest.approx([0.5, 0.4, 0.4])
    assert found.because.tolist() == [3, 2, 4]


def happenings(items: list[int], at: list[int], market: list[int] | None = None) -> Happenings:
    return Happenings(
        np.array(items, np.int32),
        np.array(at, np.int64),
        np.array(market or [0] * len(items), np.int32),
        np.ones(len(items)),
    )


def test_counts_fade_by_half() -> None:
    views = happenings([0, 0, 1, 2], [NOW, NOW - 14 * DAY, NOW - 28 * DAY, NOW + DAY], [0, 1, 0, 0])
    assert faded_counts(views, 4, NOW, 14 * DAY).tolist() == [1.5, 0.25, 1.0, 0.0]
    assert faded_counts(views, 4, NOW, 14 * DAY, market=1).tolist() == [0.5, 0.0, 0.0, 0.0]


def test_a_sale_outweighs_the_views_that_sales_take() -> None:
    views = happenings([0] * 30 + [1] * 10, [NOW] * 40)
    purchases = happenings([1] * 4, [NOW] * 4)
    scores = popular_scores(views, purchases, 3, NOW)
    # A view is worth 4/40 = .1 purchases: item 1 has 4 + 1, item 0 has 3.
    assert scores.tolist() == pytest.approx([0.6, 1.0, 0.0])
    assert popular_scores(views, happenings([], []), 3, NOW).tolist() == pytest.approx([1.0, 1 / 3, 0.0])


def test_what_is_returned_more_than_sold_is_no_debt() -> None:
    back = Happenings(
        np.zeros(1, np.int32), np.array([NOW], np.int64), np.zeros(1, np.int32), np.array([-3.0])
    )
    assert popular_scores(happenings([], []), back, 2, NOW).tolist() == [0.0, 0.0]


def test_trending_is_a_change_of_rate() -> None:
    hours = [NOW - hour * HOUR for hour in range(24 * 40)]
    steady = [0] * len(hours)
    rising = [NOW - hour * HOUR // 4 for hour in range(96)]
    views = happenings(steady + [1] * 96 + [2], hours + rising + [NOW])
    scores = trending_scores(views, 4, NOW)
    assert scores[1] == 1.0
    assert scores[0] < 0.05  # as ever, though it has ten times the views
    assert scores[2] < 0.1  # one view proves nothing
    assert scores[3] == 0.0
    assert trending_scores(happenings([], []), 2, NOW).tolist() == [0.0, 0.0]


def facts(titles: list[str], **columns: list[int]) -> ProductFacts:
    n = len(titles)
    unknown = [-1] * n
    codes = {
        name: np.array(columns.get(name, unknown), np.int32)
        for name in ("category", "parent", "brand", "color", "group")
    }
    price = np.array(columns.get("price", unknown), np.int64)
    return ProductFacts(titles, [""] * n, **codes, price=price, created=np.zeros(n, np.int64))


def _alike(of: ProductFacts) -> Related:
    return similar_products(of, weigh_words(of.titles, of.descriptions))


def test_long_words_also_give_their_ends() -> None:
    assert words_of("Skaljacka", "") == {"skaljacka": 3, "skalj-": 3, "-jacka": 3}
    assert words_of("röd 42", "röd") == {"röd": 4, "42": 3}


def test_word_rows_have_length_one_and_drop_single_words() -> None:
    matrix = weigh_words(["red boot", "red shoe boot", "unique"], ["", "", ""]).matrix
    dense = matrix.toarray()
    assert np.sqrt((dense**2).sum(axis=1)).tolist() == pytest.approx([1.0, 1.0, 0.0])
    assert matrix.shape[0] == 3


def test_shared_words_make_products_alike() -> None:
    rows = rows_of(_alike(facts(["wool sock red", "wool sock blue", "steel knife", "steel pan"])))
    assert [set(row) for row in rows] == [{1}, {0}, {3}, {2}]


def test_attributes_alone_make_products_alike() -> None:
    rows = rows_of(
        _alike(
            facts(
                ["a1", "b2", "c3", "d4"],
                category=[5, 5, 5, 6],
                brand=[1, 1, 2, 1],
                price=[100, 110, 900, 100],
            )
        )
    )
    assert list(rows[0]) == [1, 2]
    assert rows[3] == {}


def test_models_of_nothing_are_empty() -> None:
    assert _alike(facts([])).ptr.tolist() == [0]
    index = build_index(np.zeros(1, np.int64), np.empty(0, np.int32), 3)
    assert relate(index, co_view_params()).ptr.tolist() == [0, 0, 0, 0]
