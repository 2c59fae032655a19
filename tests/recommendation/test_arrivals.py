"""Products that came after the model: what is like them, and what they are like, in words and in looks."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.catalog import Offer, Product, Variant, live_catalog, put_looks, upsert
from expedit.events import seal
from expedit.recommendation import Query, arriving, build, candidates, live_model
from expedit.recommendation.arrivals import Comparing, Newcomer, look_alike_rows
from expedit.recommendation.arriving import ArrivalsFeed
from expedit.recommendation.catalog_side import bind
from expedit.recommendation.content import ProductFacts, similar_products, weigh_words
from expedit.recommendation.looks import Space, look_alikes
from expedit.recommendation.words import open_words, pack_words
from tests.recommendation.small_shop import make_catalog

TITLES = {
    "boot": "Leather boot for winter", "shoe": "Canvas shoe", "rain": "Leather boot for rain",
    "vase": "Blue glass vase", "bowl": "Green glass bowl", "plate": "Canvas plate cover",
}  # fmt: skip


def product(name, title, category=("Things",)):
    offers = (Offer("SE", 10_000, "SEK"),)
    return Product(
        name, title, category=category, categories={"sv": category},
        variants=(Variant(f"{name}-1", offers=offers, stock={"web": 5}),),
    )  # fmt: skip


def put(shop, *products, looks=None):
    with shop.database.writing() as tx:
        upsert(tx, list(products), shop.clock())
        if looks:
            put_looks(tx, {name: unit(vector) for name, vector in looks.items()})
    live_catalog(shop).poll()


def unit(vector):
    found = np.array(vector, np.float32)
    return found / np.linalg.norm(found)


def learned(shop):
    seal(shop)
    build(shop, tune_seconds=0)
    live_model(shop).poll()


@pytest.fixture
def built(shop):
    """A shop whose model knows six products and four looks."""
    looks = {"boot": (1, 0), "rain": (1, 0.1), "vase": (0, 1), "bowl": (0.1, 1)}
    put(shop, *(product(name, title) for name, title in TITLES.items()), looks=looks)
    learned(shop)
    return shop


def asked(shop, strategy, name):
    model, snapshot = live_model(shop).current(), live_catalog(shop).current()
    query = Query(products=(snapshot.index[name],), market="SE")
    return [snapshot.ids[item] for item in candidates(strategy, model, snapshot, query).items]


def test_a_newcomer_is_like_what_its_words_say_and_older_products_are_like_it(built):
    feed = ArrivalsFeed(built)
    assert feed.poll() == 0
    put(built, product("snow", "Leather boot for snow"), product("lamp", "Blue glass lamp"))
    assert feed.poll() == 2
    assert set(asked(built, "similar", "snow")[:2]) == {"boot", "rain"}
    assert set(asked(built, "similar", "lamp")[:2]) == {"vase", "bowl"}  # who share a word that is no other's
    assert "snow" in asked(built, "similar", "boot")[:2]
    assert set(asked(built, "similar", "vase")[:2]) == {"lamp", "bowl"}
    assert feed.poll() == 0


def test_the_words_of_a_category_that_is_another_one_do_not_hide_a_newcomer(built):
    """What is alike in words is found in whatever category it stands."""
    feed = ArrivalsFeed(built)
    put(built, product("snow", "Leather boot for winter", ("Elsewhere",)))
    assert asked(built, "similar", "snow") == []
    feed.poll()
    assert asked(built, "similar", "snow")[0] == "boot"
    assert "snow" in asked(built, "similar", "boot")


def test_newcomers_are_compared_with_each_other(built):
    feed = ArrivalsFeed(built)
    put(built, product("one", "Canvas cover in glass leather", ("Elsewhere",)))
    feed.poll()
    put(built, product("two", "Canvas cover in glass leather", ("Other",)))
    feed.poll()
    assert asked(built, "similar", "one")[0] == "two"
    assert asked(built, "similar", "two")[0] == "one"


def test_a_changed_newcomer_is_compared_anew(built, monkeypatch):
    feed = ArrivalsFeed(built)
    put(built, product("odd", "Leather boot", ("Elsewhere",)))
    feed.poll()
    assert "odd" in asked(built, "similar", "boot")
    put(built, product("odd", "Glass bowl", ("Elsewhere",)))
    assert feed.poll() == 0
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)
    assert feed.poll() == 1
    assert "odd" not in asked(built, "similar", "boot")
    assert asked(built, "similar", "odd")[0] == "bowl"


def test_a_newcomer_looks_like_what_its_vector_says_and_is_found_by_it(built, monkeypatch):
    feed = ArrivalsFeed(built)
    put(built, product("snow", "Anything", ("Elsewhere",)))
    feed.poll()
    assert asked(built, "visually_similar", "snow") == []
    with built.database.writing() as tx:
        put_looks(tx, {"snow": unit((1, 0.02))})
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)  # it is looked again every few seconds
    feed.poll()
    assert asked(built, "visually_similar", "snow")[:2] == ["boot", "rain"]
    assert asked(built, "visually_similar", "boot")[0] == "snow"
    assert "snow" not in asked(built, "visually_similar", "vase")
    with built.database.writing() as tx:
        put_looks(tx, {"snow": unit((1, 0, 0))})
        put_looks(tx, {"other": unit((1, 0))}, {"other": "https://shop.example/p.png"})
    put(built, product("other", "Anything", ("Elsewhere",)))
    monkeypatch.setattr(time, "monotonic", lambda: 2e9)
    feed.poll()
    assert "other" not in asked(built, "visually_similar", "boot")  # a picture's vector is of another space


def test_the_next_model_knows_them_and_nothing_is_kept(built):
    feed = ArrivalsFeed(built)
    put(built, product("snow", "Leather boot for snow"))
    feed.poll()
    assert live_model(built).current().arrivals.current.compared
    learned(built)
    assert feed.poll() == 0
    assert not live_model(built).current().arrivals.current.compared
    assert "snow" in asked(built, "similar", "boot")


def test_of_too_many_newcomers_the_latest_are_compared_and_attributes_tell_of_the_others(built, monkeypatch):
    monkeypatch.setattr(arriving, "MOST", 1)
    feed = ArrivalsFeed(built)
    put(built, product("early", "Leather boot"), product("late", "Leather boot"))
    assert feed.poll() == 1
    shelf = live_model(built).current().arrivals
    snapshot = live_catalog(built).current()
    assert shelf.current.compared == {snapshot.index["late"]}
    binding = live_model(built).current().binding(snapshot)
    assert shelf.others(binding).tolist() == [snapshot.index["early"]]
    assert {"early", "late"} <= set(asked(built, "similar", "boot"))


def test_before_the_first_model_there_is_nothing_to_compare_with(shop):
    put(shop, product("boot", "Leather boot"))
    assert ArrivalsFeed(shop).poll() == 0


WORDS = ["leather", "winter", "boot", "glass", "vase", "blue", "waterproof", "shell"]


@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), min_size=6, max_size=12))
def test_a_newcomer_is_measured_as_the_build_measures(texts):
    """A late twin of a product gets the scores that the build gave the product."""
    titles = [" ".join(words) for words in texts]
    n = len(titles)
    catalog = make_catalog(n)
    parents = catalog.category_parent[catalog.category]
    above = np.where(parents > 0, parents, -1).astype(np.int32)
    facts = ProductFacts(
        titles, [""] * n, catalog.category, above, catalog.brand, catalog.color, catalog.group,
        catalog.price, catalog.created,
    )  # fmt: skip
    weighed = weigh_words(titles, [""] * n)
    index = open_words(pack_words(weighed))
    assert index is not None
    twin = make_catalog(n + 1)
    for name in ("category", "brand", "color", "price"):
        getattr(twin, name)[n] = getattr(catalog, name)[0]
    relation = similar_products(facts, weighed)
    comparing = Comparing(index, relation.unit, bind(catalog.ids, catalog.index, twin))
    comparing.take(twin, Newcomer(n, titles[0], ""), twin.price)
    items, scores = comparing.rows()[n]
    found = dict(zip(items.tolist(), scores.tolist(), strict=True))
    built_items, built_scores = relation.of(0)
    for item, score in zip(built_items.tolist(), built_scores.tolist(), strict=True):
        assert found[item] == pytest.approx(score, abs=1e-5)


def test_late_look_alikes_are_those_of_a_build():
    vectors = np.stack([unit(one) for one in np.random.default_rng(3).normal(size=(12, 6))])
    ids = [f"p{number}" for number in range(12)]
    catalog = make_catalog(12)
    group = catalog.group
    whole = look_alikes([Space(vectors, np.arange(12, dtype=np.int32))], group, 12)
    early = [Space(vectors[:8], np.arange(8, dtype=np.int32))]
    late = [Space(vectors[8:], np.arange(8, 12, dtype=np.int32))]
    binding = bind(ids[:8], {name: at for at, name in enumerate(ids[:8])}, catalog)
    rows = look_alike_rows(early, late, binding, group)
    for item in range(8, 12):
        items, scores = rows[item]
        assert items.tolist() == whole.of(item)[0].tolist()
        assert scores == pytest.approx(whole.of(item)[1], abs=1e-5)
        for other in items[items < 8].tolist():
            assert item in rows[other][0]
