"""What is reduced now, honestly."""

import pytest

from expedit.core import DAY, HOUR
from expedit.recommendation import Act, Model
from tests.recommendation.small_shop import NOW, SmallCatalog, ask


@pytest.fixture
def reduced(small_catalog: SmallCatalog) -> SmallCatalog:
    """Prices are 100, 200, … 1200."""
    small_catalog.sales = {0: 5_000, 2: 15_000, 4: 30_000, 6: 69_000, 8: 60_000}
    small_catalog.priors = {0: 6_000, 2: 30_000, 4: 25_000, 6: 70_000}
    return small_catalog


def test_the_greatest_honest_reduction_comes_first(small_model: Model, reduced: SmallCatalog) -> None:
    """p2 −50 % of its prior price; p0 −17 % (not the −50 % of its list price); p8 −33 % by its list price
    alone, which counts half; p4 is dearer than before its "sale", p6 hardly reduced."""
    found = ask("on_sale", small_model, reduced)
    assert found.items.tolist() == [2, 0, 8]
    assert found.scores.tolist() == pytest.approx([1 / 2, 1 / 6, 1 / 6])
    assert (found.because == -1).all()
    more = ask("on_sale", small_model, reduced, options={"min_reduction": 0.0})
    assert more.items.tolist() == [2, 0, 8, 6]


def test_on_sale_in_a_category(small_model: Model, reduced: SmallCatalog) -> None:
    reduced.sales[1] = 100
    assert ask("on_sale", small_model, reduced, category="Jackets").items.tolist() == [1]
    assert ask("on_sale", small_model, reduced).items[0] == 2  # which is proven
    reduced.sales.clear()
    assert len(ask("on_sale", small_model, reduced)) == 0


def test_cheaper_than_when_it_was_looked_at(small_model: Model, small_catalog: SmallCatalog) -> None:
    """p3 fell from 800 to 400 after it was seen, p5 before; p7 rose; p9 was never seen."""
    cut = NOW - DAY
    small_catalog.then = {3: [(cut, 80_000)], 5: [(cut, 90_000)], 7: [(cut, 1_000)], 9: [(cut, 900_000)]}
    acts = (
        Act(7, "view_item", cut - HOUR),
        Act(5, "view_item", cut + HOUR),
        Act(3, "view_item", cut + HOUR),
        Act(3, "add_to_cart", cut - HOUR),
        Act(1, "purchase", cut - HOUR),
    )
    seen = {"options": {"seen": True}, "acts": acts}
    found = ask("on_sale", small_model, small_catalog, **seen)
    assert found.items.tolist() == [3]
    assert found.scores.tolist() == pytest.approx([0.5])
    assert found.notes == {3: "seen"}
    assert len(ask("on_sale", small_model, small_catalog, options={"seen": True})) == 0


def test_a_drop_is_no_sale_but_counts_and_a_small_one_does_not(
    small_model: Model, small_catalog: SmallCatalog
) -> None:
    small_catalog.then = {2: [(NOW - HOUR, 31_000)], 4: [(NOW - HOUR, 52_632)]}
    acts = (Act(2, "view_item", NOW - DAY), Act(4, "add_to_wishlist", NOW - DAY))
    found = ask("on_sale", small_model, small_catalog, options={"seen": True}, acts=acts)
    assert found.items.tolist() == [4]  # 5 %; p2 fell by 3.2 %
