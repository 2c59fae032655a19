"""Weights of acts that a shop sets: what is mixed changes in proportion; the usual weights change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import DAY, HOUR, InvalidInput, Settings, evolve
from expedit.events import Event, EventItem, append, seal
from expedit.profiles import EVENT_WEIGHTS
from expedit.recommendation import (
    Act,
    BuildParams,
    Query,
    SessionFeed,
    build_model,
    candidates,
    empty_model,
    factors_of,
    live_model,
)
from expedit.recommendation.build import TrainingData
from expedit.recommendation.model_folder import open_version
from expedit.recommendation.training import read_training
from tests.recommendation.small_shop import NOW, make_catalog, make_training


def factors(**own):
    return factors_of(Settings(event_weights={kind: str(weight) for kind, weight in own.items()}))


def test_only_what_differs_from_the_usual_counts_otherwise_and_relative_to_a_view():
    assert factors() == factors(**EVENT_WEIGHTS) == {}
    assert factors(purchase=16, click=3) == {"purchase": 2.0, "click": 3.0}
    assert factors(add_to_cart=0) == {"add_to_cart": 0.0}
    assert factors(view_item=0) == {"view_item": 0.0}
    doubled = {kind: 2 * weight for kind, weight in EVENT_WEIGHTS.items()}
    assert factors(**doubled, select_item=2, click=2, remove_from_cart=2) == {}
    assert factors(view_item=2)["purchase"] == 0.5
    with pytest.raises(InvalidInput, match=r"event_weights\.love"):
        factors(love=1)


@pytest.fixture
def visited(shop):
    """Everybody looks at a, puts b in the cart, clicks c, and one buys a."""
    products = [
        Product(name, name, variants=(Variant(f"{name}-1", offers=(Offer("SE", 100, "SEK"),)),))
        for name in "abc"
    ]
    with shop.database.writing() as tx:
        upsert(tx, products, shop.clock())
    live_catalog(shop).poll()
    now = shop.clock()
    met = [("view_item", "a"), ("add_to_cart", "b"), ("click", "c"), ("view_item", "a")]
    events = [
        Event(f"m{who}-{at}", "web", kind, moment, moment, f"s{who}", items=(EventItem(name, product=name),))
        for who in range(6)
        for at, (kind, name) in enumerate(met)
        for moment in [now - DAY + who * HOUR + at * 1_000_000 * 60]
    ]
    with shop.database.writing() as tx:
        append(tx, events)
    seal(shop)
    return shop


def popular(shop, tmp_path, name, **own):
    shop.settings = evolve(shop.settings, event_weights={kind: str(weight) for kind, weight in own.items()})
    inputs = read_training(shop)
    build_model(inputs, tmp_path, BuildParams(tune_seconds=0), now=shop.clock(), version=name)
    arrays = open_version(tmp_path, name).arrays
    place = {product: at for at, product in enumerate(inputs.item_ids)}
    return {product: float(arrays["popular"][place[product]]) for product in "abc"}, arrays


def test_the_usual_weights_give_the_very_same_model(visited, tmp_path):
    plain, before = popular(visited, tmp_path, "v1")
    _, after = popular(visited, tmp_path, "v2", **EVENT_WEIGHTS, click=1, select_item=1)
    assert plain["a"] == 1.0 and plain["b"] == plain["c"] > 0
    assert before.keys() == after.keys()
    for name, array in before.items():
        assert array.dtype == after[name].dtype and array.tobytes() == after[name].tobytes(), name


def test_a_weight_of_the_shops_own_changes_what_is_popular_and_what_counts_nothing_never_happened(
    visited, tmp_path
):
    own, _ = popular(visited, tmp_path, "v1", add_to_cart=16, click=2)
    assert own["b"] == 1.0
    assert own["c"] / own["b"] == pytest.approx(0.5, abs=1e-6)
    none, arrays = popular(visited, tmp_path, "v2", add_to_cart=0)
    assert none["b"] == 0.0
    inputs = read_training(visited)
    assert inputs.item_ids.index("b") not in set(arrays["session_items"].tolist())


def test_what_a_purchase_counts_moves_bestsellers_between_sales_and_views(tmp_path):
    """p10 sells most and nobody looks at it; p0 is looked at."""
    inputs: TrainingData = make_training(make_catalog())
    found = {}
    for worth in (0.0, 1.0, 4.0):
        version = f"v{worth:.0f}"
        build_model(
            replace(inputs, purchase_weight=worth),
            tmp_path,
            BuildParams(tune_seconds=0),
            now=NOW,
            version=version,
        )
        found[worth] = open_version(tmp_path, version).arrays["popular"]
    assert found[0.0][10] == 0.0 and found[1.0][10] > 0.5
    assert found[4.0][0] < found[1.0][0]
    plain = tmp_path / "plain"
    build_model(inputs, plain, BuildParams(tune_seconds=0), now=NOW, version="v")
    assert np.array_equal(open_version(plain, "v").arrays["popular"], found[1.0])


def test_sessions_since_the_build_leave_out_what_counts_nothing(visited):
    visited.settings = evolve(visited.settings, event_weights={"add_to_cart": "0"})
    feed = SessionFeed(visited, live_model(visited))
    assert feed.poll() == 18  # of 24


def test_a_reminder_counts_acts_as_the_shop_does():
    acts = (Act(0, "add_to_cart", NOW), Act(1, "view_item", NOW), Act(2, "add_to_wishlist", NOW))
    query = Query(acts=acts, market="SE", now=NOW)
    assert candidates("cart_reminder", empty_model(), make_catalog(), query).items.tolist() == [0, 2, 1]
    own = replace(query, factors=factors(add_to_wishlist=9, add_to_cart=0))
    assert candidates("cart_reminder", empty_model(), make_catalog(), own).items.tolist() == [2, 1]
