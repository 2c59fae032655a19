"""Facets equal a plain count over the products, whatever is chosen; orders lose nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import from_json, to_json
from expedit.decisions.inputs import Inputs
from expedit.decisions.listing import put_in_order, score
from expedit.decisions.listing_rules import Joined
from expedit.decisions.model import Tastes
from expedit.decisions.shelf import Shelf
from expedit.decisions.wares import Wares
from expedit.decisions.wire import ListFilters
from expedit.merchandising import Balance

BRANDS, COLORS, SIZES, MATERIALS = ("A", "B", "C"), ("red", "blue"), ("S", "M", "L"), ("wool", "down", "")


def thing(n: int) -> Product:
    """Every attribute takes its values in a rhythm of its own."""
    offer = Offer("SE", (n * 37 % 20 + 1) * 5_000, "SEK", sale_price=1_000 if n % 5 == 0 else None, cost=500)
    return Product(
        f"t{n}", f"Thing {n}", brand=BRANDS[n % 3], category=("All", f"Sub {n % 2}"),
        attributes={"color": COLORS[n % 2], **({"material": MATERIALS[n % 3]} if MATERIALS[n % 3] else {})},
        variants=tuple(
            Variant(f"t{n}-{size}", size=size, offers=(offer,), stock={"web": (n * (at + 2)) % 4})
            for at, size in enumerate(SIZES)
        ),
        style=f"s{n // 2}" if n % 3 else "", created=n + 1,
    )  # fmt: skip


@pytest.fixture
def goods(sqlite_shop):
    with sqlite_shop.database.writing() as tx:
        upsert(tx, [thing(n) for n in range(90)], sqlite_shop.clock())
    live_catalog(sqlite_shop).poll()
    return live_catalog(sqlite_shop).current(), sqlite_shop.clock()


def some(values):
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "brand": some(BRANDS),
        "color": some(COLORS),
        "size": some(SIZES),
        "category": some(["Sub 0", "Sub 1"]),
        "on_sale": st.booleans(),
        "in_stock": st.booleans(),
        "attributes": st.fixed_dictionaries({}, optional={"material": some(["wool", "down"])}),
        "price": st.fixed_dictionaries({}, optional={"min": st.just(200), "max": st.just(700)}),
    },
)


def plain(n: int) -> dict[str, object]:
    """Return what a listing should know of a product, worked out from the product itself."""
    one = thing(n)
    offer = one.variants[0].offers[0]
    sizes = [variant.size for variant in one.variants if (variant.stock or {})["web"] > 0]
    return {
        "brand": [one.brand], "color": [one.attributes["color"]], "size": sizes,
        "category": [one.category[-1]], "material": [one.attributes.get("material", "")],
        "price": (offer.price if offer.sale_price is None else offer.sale_price) / 100,
        "on_sale": offer.sale_price is not None, "in_stock": bool(sizes), "style": one.style or one.id,
    }  # fmt: skip


def passes(fact: dict[str, object], filters: dict[str, object], without: str) -> bool:
    for name in ("brand", "color", "size", "category"):
        if name != without and filters.get(name) and not set(filters[name]) & set(fact[name]):
            return False
    materials = filters.get("attributes", {}).get("material")
    if without != "material" and materials is not None and not set(materials) & set(fact["material"]):
        return False
    price = filters.get("price")
    if (
        without != "price"
        and price is not None
        and not (price.get("min", 0) <= fact["price"] <= price.get("max", 10**9))
    ):
        return False
    if without != "on_sale" and filters.get("on_sale") and not fact["on_sale"]:
        return False
    return not (without != "in_stock" and filters.get("in_stock", True) and not fact["in_stock"])


def counts(facts, filters, name) -> dict[str, int]:
    found: dict[str, set[str]] = {}
    for fact in facts:
        if passes(fact, filters, name):
            for value in fact[name]:
                if value:
                    found.setdefault(value, set()).add(fact["style"])
    return {value: len(styles) for value, styles in found.items()}


def styles(facts) -> int:
    return len({fact["style"] for fact in facts})


@given(filters=FILTERS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_facets_equal_a_plain_count(goods, filters) -> None:
    snapshot, at = goods
    facts = [plain(n) for n in range(90)]
    names = {"on_sale": "onSale", "in_stock": "inStock"}
    sent = {names.get(name, name): value for name, value in filters.items()}
    asked = from_json(to_json(sent), ListFilters)
    inputs = Inputs("SE", "sv", filters=asked)
    shelf = Shelf(snapshot, np.arange(90, dtype=np.int32), inputs, Wares(), at)
    facets = shelf.facets()
    for name in ("brand", "color", "size", "category"):
        found = {one.value: one.count for one in getattr(facets, name)}
        assert found == counts(facts, filters, name), name
    expected = counts(facts, filters, "material")
    told = {one.value: one.count for one in facets.attributes.get("material", ())}
    assert told == expected or (not told and len(expected) < 2)
    for name, told_count in (("on_sale", facets.on_sale), ("in_stock", facets.in_stock)):
        assert told_count == styles(fact for fact in facts if fact[name] and passes(fact, filters, name))
    priced = [fact for fact in facts if passes(fact, filters, "price")]
    for step in facets.prices:
        low, high = float(step.min or 0), float(step.max or 10**9)
        assert step.count == styles(fact for fact in priced if low <= fact["price"] <= high)
    assert facets.price is None or float(facets.price.min) == min(fact["price"] for fact in priced)
    total = int(shelf.passing().sum())
    assert total == sum(passes(fact, filters, "") for fact in facts)


@given(
    sides=st.lists(st.integers(0, 100), min_size=5, max_size=5).filter(any),
    sort=st.sampled_from(["recommended", "newest", "price_asc", "price_desc"]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_order_holds_each_style_once_whatever_the_balance(goods, sides, sort, seed) -> None:
    snapshot, at = goods
    items = np.arange(90, dtype=np.int32)
    inputs = Inputs("SE", "sv", filters=ListFilters(in_stock=False))
    shelf = Shelf(snapshot, items, inputs, Wares(), at)
    popularity = np.random.default_rng(seed).random(90)
    scored = score(snapshot, shelf, Balance(*sides), popularity, Tastes(brand={1: 0.5}), "SE", at)
    first = put_in_order(snapshot, shelf, sort, scored, Joined(items), None, at)
    again = put_in_order(snapshot, shelf, sort, scored, Joined(items), None, at)
    assert first.items.tolist() == again.items.tolist()
    assert sorted(snapshot.group[first.items].tolist()) == sorted(set(snapshot.group.tolist()))


def test_each_side_alone_puts_its_best_first(goods) -> None:
    snapshot, at = goods
    inputs = Inputs("SE", "sv", filters=ListFilters(in_stock=False))
    shelf = Shelf(snapshot, np.arange(90, dtype=np.int32), inputs, Wares(), at)
    nothing = Tastes()

    sold = np.eye(1, 90, snapshot.index["t17"])[0]  # nobody bought anything but product 17

    def first(**sides: int) -> int:
        balance = Balance(**{"popularity": 0, "personal": 0, **sides})
        scored = score(snapshot, shelf, balance, sold, nothing, "SE", at)
        order = put_in_order(snapshot, shelf, "recommended", scored, Joined(shelf.items), None, at)
        return int(snapshot.ids[order.items[0]][1:])

    assert first(popularity=100) == 17
    assert first(newness=100) == 89
    dearest = max(range(90), key=lambda n: ((1 - 500 / (plain(n)["price"] * 100)), n))
    assert first(margin=100) == dearest
    pieces = [sum((one.stock or {})["web"] for one in thing(n).variants) for n in range(90)]
    assert pieces[first(stock=100)] == max(pieces)
