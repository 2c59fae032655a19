"""Every strategy on the small shop, warm and cold."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from expedit.core import DAY, InvalidInput
from expedit.recommendation import (
    STRATEGIES,
    BuildParams,
    Model,
    Query,
    TrainingData,
    build_model,
    candidates,
    empty_model,
    load_model,
)
from tests.recommendation.small_shop import NOW, SmallCatalog, ask, make_catalog, make_training


def test_the_names_are_api() -> None:
    assert list(STRATEGIES) == [
        "popular", "trending", "new", "personal", "similar",
        "viewed_together", "bought_together", "complementary", "recently_viewed",
        "upsell", "better_margin", "on_sale", "cart_addon", "cart_reminder", "buy_again",
        "visually_similar",
    ]  # fmt: skip


def test_popular_ranks_by_sales_then_views(small_model: Model, small_catalog: SmallCatalog) -> None:
    found = ask("popular", small_model, small_catalog)
    assert found.items[:2].tolist() == [11, 10]  # 16 and 15 sold
    assert found.items.size == 12
    assert (found.because == -1).all()


def test_popular_in_a_category_and_another_market(small_model: Model, small_catalog: SmallCatalog) -> None:
    boots = ask("popular", small_model, small_catalog, category="Shoes")
    assert set(boots.items.tolist()) == {0, 2, 4, 6, 8}
    assert boots.items[0] == 0  # bought once more than the other boots
    norway = candidates("popular", small_model, small_catalog, Query(market="NO"))
    assert norway.items.tolist() == ask("popular", small_model, small_catalog).items.tolist()


def test_retired_products_are_left_out_everywhere(small_model: Model, small_catalog: SmallCatalog) -> None:
    small_catalog.active[[2, 10]] = False
    for strategy in STRATEGIES:
        found = ask(strategy, small_model, small_catalog, session=(2, 0), products=(0,), recents=(2, 10, 4))
        assert not {2, 10} & set(found.items.tolist()), strategy


def test_new_since_the_last_visit(small_model: Model, small_catalog: SmallCatalog) -> None:
    since = {"options": {"since_last_visit": True}}
    found = ask("new", small_model, small_catalog, since=NOW - 3 * DAY, **since)
    assert found.items.tolist() == [11, 10, 9]  # what came after it began
    assert len(ask("new", small_model, small_catalog, **since)) == 0  # of whose visits nothing is known


def test_new_is_the_order_of_arrival(small_model: Model, small_catalog: SmallCatalog) -> None:
    assert ask("new", small_model, small_catalog).items.tolist() == list(range(11, -1, -1))
    assert ask("new", small_model, small_catalog, category="Jackets").items.tolist() == [9, 7, 5, 3, 1]
    assert ask("new", small_model, small_catalog, limit=2).items.tolist() == [11, 10]


def test_personal_stays_in_the_department(small_model: Model, small_catalog: SmallCatalog) -> None:
    found = ask("personal", small_model, small_catalog, session=(3, 5))
    assert set(found.items.tolist()) == {1, 3, 5, 7, 9}
    assert set(found.because.tolist()) <= {3, 5}
    assert ask("personal", small_model, small_catalog).items.size == 0


def test_personal_of_a_returning_visitor_uses_the_history(
    small_model: Model, small_catalog: SmallCatalog
) -> None:
    found = ask("personal", small_model, small_catalog, recents=(4, 2))
    assert set(found.items.tolist()) == {0, 2, 4, 6, 8}


def test_viewed_together_never_crosses(small_model: Model, small_catalog: SmallCatalog) -> None:
    found = ask("viewed_together", small_model, small_catalog, products=(4,))
    assert set(found.items.tolist()) == {0, 2, 6, 8}
    assert (found.because == 4).all()


def test_bought_together_has_a_floor(small_model: Model, small_catalog: SmallCatalog) -> None:
    found = ask("bought_together", small_model, small_catalog, products=(0,))
    assert found.items.tolist() == [10]  # 11 was bought with it only once
    assert ask("bought_together", small_model, small_catalog, cart=(0, 3)).items.tolist() == [11, 10]


def test_complementary_is_of_other_categories(small_model: Model, small_catalog: SmallCatalog) -> None:
    assert ask("complementary", small_model, small_catalog, products=(2,)).items.tolist() == [10]
    wax = ask("complementary", small_model, small_catalog, products=(10,))
    assert set(wax.items.tolist()) == {0, 2, 4, 6, 8}


@pytest.mark.parametrize("strategy", ["complementary", "bought_together"])
def test_care_is_what_is_used_up(small_model: Model, small_catalog: SmallCatalog, strategy: str) -> None:
    """Boots are bought with the wax p10: care only once the catalog says so, or people came back for it."""
    asked = {"products": (0,), "options": {"used_up": True}}
    assert 10 in ask(strategy, small_model, small_catalog, products=(0,)).items
    assert ask(strategy, small_model, small_catalog, **asked).items.tolist() == []
    days = np.zeros(12, np.float32)
    days[10] = 60.0
    learned = replace(small_model, repurchase=days)
    assert ask(strategy, learned, small_catalog, **asked).items.tolist() == [10]
    small_catalog.refills.add(10)
    assert ask(strategy, small_model, small_catalog, **asked).items.tolist() == [10]


def test_similar_is_of_the_kind_and_not_itself(small_model: Model, small_catalog: SmallCatalog) -> None:
    found = ask("similar", small_model, small_catalog, products=(4,))
    assert set(found.items.tolist()) == {0, 2, 6, 8}
    assert found.items[0] == 6  # the same brand and nearest in price
    assert (found.because == 4).all()


def test_variants_of_a_group_are_not_similar(models_folder: Path) -> None:
    catalog = make_catalog()
    catalog.group[6] = catalog.group[4] = 1 << 30
    build_model(make_training(catalog), models_folder, BuildParams(tune_seconds=0), now=NOW, version="g")
    found = ask("similar", load_model(models_folder, "g"), catalog, products=(4,))
    assert set(found.items.tolist()) == {0, 2, 8}


def test_recently_viewed_is_newest_first(small_model: Model, small_catalog: SmallCatalog) -> None:
    found = ask(
        "recently_viewed", small_model, small_catalog, session=(1, 2), recents=(2, 7, 1), products=(2,)
    )
    assert found.items.tolist() == [1, 7]
    assert found.because.tolist() == [1, 7]


def test_trending_needs_a_change(small_model: Model, small_catalog: SmallCatalog) -> None:
    found = ask("trending", small_model, small_catalog)
    assert set(found.items.tolist()) <= set(range(10))


def test_an_unknown_strategy_is_named(small_model: Model, small_catalog: SmallCatalog) -> None:
    with pytest.raises(InvalidInput, match="strategy: 'best' is none of popular, trending"):
        candidates("best", small_model, small_catalog, Query())


def test_without_a_model_the_catalog_answers(small_catalog: SmallCatalog) -> None:
    model = empty_model()
    assert ask("popular", model, small_catalog, category="Shoes").items.tolist() == [8, 6, 4, 2, 0]
    assert (ask("popular", model, small_catalog).scores == 0).all()
    assert ask("new", model, small_catalog).items[0] == 11
    assert ask("recently_viewed", model, small_catalog, recents=(5, 1)).items.tolist() == [5, 1]
    alike = ask("similar", model, small_catalog, products=(4,))
    assert alike.items[0] == 6
    assert set(alike.items.tolist()) == {0, 2, 6, 8}
    guessed = ask("personal", model, small_catalog, session=(4,))
    assert guessed.notes == dict.fromkeys([0, 2, 6, 8], "alike")
    assert set(guessed.items.tolist()) == {0, 2, 6, 8}
    assert ask("upsell", model, small_catalog, products=(4,)).items.tolist() == [6]
    nothing = (
        "trending", "viewed_together", "bought_together", "complementary", "better_margin", "on_sale",
        "cart_addon", "cart_reminder", "buy_again",
    )  # fmt: skip
    for strategy in nothing:
        assert len(ask(strategy, model, small_catalog, products=(4,), session=(4,))) == 0


def test_without_a_catalog_nothing_breaks(small_model: Model) -> None:
    empty = make_catalog(12)
    for name in ("category", "brand", "color", "created", "active", "price", "group"):
        setattr(empty, name, getattr(empty, name)[:0])
    empty.ids = []
    for strategy in STRATEGIES:
        assert len(candidates(strategy, small_model, empty, Query(market="SE"))) == 0


def test_a_product_newer_than_the_model(small_model: Model) -> None:
    """It is new and alike, and the products the model knows keep their answers."""
    small = make_catalog()
    before = ask("viewed_together", small_model, small, products=(4,))
    grown = make_catalog(13)
    grown.version, grown.category[12], grown.brand[12], grown.price[12] = 2, 2, 2, 50_000
    assert ask("viewed_together", small_model, grown, products=(4,)).items.tolist() == before.items.tolist()
    assert ask("new", small_model, grown).items[0] == 12
    assert ask("similar", small_model, grown, products=(12,)).items[:2].tolist() == [6, 4]
    assert len(ask("viewed_together", small_model, grown, products=(12,))) == 0


def test_a_product_newer_than_the_model_stands_among_the_similar_ones(small_model: Model) -> None:
    """Of boot 4's brand and price it is nearer than boots that share but their words; of another category, or
    another color of the same, it is not there."""
    small, grown = make_catalog(), make_catalog(15)
    before = ask("similar", small_model, small, products=(4,)).items.tolist()
    grown.category[12:], grown.brand[12:], grown.price[12:] = (
        grown.category[4],
        grown.brand[4],
        grown.price[4],
    )
    grown.category[13] = grown.category[5]
    grown.group[14] = grown.group[4]
    found = ask("similar", small_model, grown, products=(4,))
    assert [item for item in found.items.tolist() if item != 12] == before
    assert 12 in found.items.tolist()
    assert found.because.tolist() == [4] * len(found)
    assert 12 not in ask("similar", small_model, grown, products=(5,)).items
    grown.active[12] = False
    assert ask("similar", small_model, grown, products=(4,)).items.tolist() == before


def test_in_a_shop_without_any_event_words_and_attributes_say_what_is_alike(
    tmp_path: Path, small_catalog: SmallCatalog
) -> None:
    """On the day it opens; every product is new, has neighbors, and is one."""
    facts = make_training(small_catalog).facts
    titles = list(facts.titles)
    titles[4] = titles[8] = "Vattentät vandringskänga"
    silent = TrainingData(list(small_catalog.ids), replace(facts, titles=titles))
    build_model(silent, tmp_path, BuildParams(tune_seconds=0), now=NOW, version="silent")
    model = load_model(tmp_path, "silent")
    found = {n: ask("similar", model, small_catalog, products=(n,)).items.tolist() for n in range(12)}
    assert (found[4][0], found[8][0]) == (8, 4)
    assert all(found.values())
    assert set().union(*found.values()) == set(range(12))
    for boot in (0, 2, 4, 6, 8):
        assert set(found[boot][:4]) == {0, 2, 4, 6, 8} - {boot}


def test_a_catalog_in_another_order(small_model: Model) -> None:
    """After a restart products may have other indices: they are matched by id."""
    catalog = make_catalog()
    order = np.array([11, 10, *range(10)])
    for name in ("category", "brand", "color", "created", "active", "price", "group"):
        setattr(catalog, name, getattr(catalog, name)[order])
    catalog.ids = [f"p{number}" for number in order]
    catalog.group = np.arange(12, dtype=np.int32)
    found = ask("viewed_together", small_model, catalog, products=(6,))  # p4
    assert {catalog.ids[item] for item in found.items} == {"p0", "p2", "p6", "p8"}
