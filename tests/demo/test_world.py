"""The make-believe world: its catalog is sound, its history repeats, and its tastes can be found out."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from expedit.core import DAY, HOUR, Settings, parse_money, parse_time
from expedit.demo.pictures import COLORS, KINDS
from expedit.demo.world import (
    BRANDS,
    CATEGORIES,
    LOCATIONS,
    MAIN_CATEGORIES,
    MARKETS,
    TASTES,
    DemoCatalog,
    build_catalog,
    known_people,
    simulate,
    write_shoppers,
)

NOW = 1_790_000_000_000_000
CONSENTING = ("analytics", "personalization")


@cache
def catalog() -> DemoCatalog:
    return build_catalog(NOW)


@cache
def history() -> list[dict[str, Any]]:
    return simulate(catalog(), NOW)


def product_ids(envelope: dict[str, Any]) -> list[str]:
    properties = envelope.get("properties") or {}
    lines = (
        properties.get("products")
        or properties.get("items")
        or ([properties] if "product_id" in properties else [])
    )
    return [line.get("product_id") or line["item_id"] for line in lines]


def named(*names: str) -> list[dict[str, Any]]:
    return [envelope for envelope in history() if envelope.get("event") in names]


def baskets() -> list[set[str]]:
    by_id = catalog().by_id
    return [{by_id[one].style.sort for one in product_ids(e)} for e in named("Order Completed", "purchase")]


# ---- catalog


def test_there_are_enough_products_brands_and_categories() -> None:
    products = catalog().products
    assert len(products) == 664
    assert len(catalog().by_id) == len(products)
    assert len(BRANDS) == 10
    assert {product.main_category for product in products} == set(MAIN_CATEGORIES)
    assert {product.category for product in products} == set(CATEGORIES)
    assert len({product.picture.kind for product in products}) == len(KINDS)
    assert len(set(catalog().pictures.values())) > 640


def test_gtins_are_valid_unique_and_in_the_range_of_stores() -> None:
    gtins = [variant.gtin for product in catalog().products for variant in product.variants]
    assert len(gtins) == len(set(gtins)) > 3000
    for gtin in gtins:
        assert len(gtin) == 13
        assert 200 <= int(gtin[:3]) <= 299
        assert sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(gtin)) % 10 == 0


def test_prices_are_price_points_of_each_market_and_reductions_reduce() -> None:
    endings: dict[str, Counter[int]] = defaultdict(Counter)
    reduced = 0
    for product in catalog().products:
        assert list(product.offers) == list(MARKETS)
        for market, offer in product.offers.items():
            assert offer.currency == MARKETS[market]
            assert 0 < offer.cost < offer.price
            endings[market][offer.price % 1000] += 1
            if offer.sale_price is not None:
                assert offer.cost < offer.price
                assert offer.sale_price < offer.price
                assert offer.sale_from is not None and offer.sale_until is not None
                assert offer.sale_from < offer.sale_until
                assert offer.selling(offer.sale_from) == offer.sale_price
                assert offer.selling(offer.sale_until) == offer.price
        reduced += product.offers["SE"].selling(NOW) < product.offers["SE"].price
    assert set(endings["SE"]) == set(endings["NO"]) == {900}
    assert set(endings["EU"]) == {495, 995, 900}
    assert 50 < reduced < 120


def test_some_products_are_new_and_some_sold_out_but_not_many() -> None:
    products = catalog().products
    assert 20 < sum(NOW - product.created < 14 * DAY for product in products) < 120
    assert 10 < sum(product.sold_out for product in products) < 60
    assert all(product.created <= NOW for product in products)
    assert all(set(variant.stock) == set(LOCATIONS) for product in products for variant in product.variants)


def test_the_catalog_repeats_and_follows_only_the_day() -> None:
    assert build_catalog(NOW).products == catalog().products
    tomorrow = build_catalog(NOW + DAY)
    assert [product.id for product in tomorrow.products] == list(catalog().by_id)
    assert all(
        a.created + DAY == b.created for a, b in zip(catalog().products, tomorrow.products, strict=True)
    )


def test_rows_are_merchant_rows_in_three_markets_and_languages(tmp_path: Path) -> None:
    path = tmp_path / "catalog.jsonl"
    count = catalog().to_jsonl(path, link="/shop/{id}")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(rows) == count == sum(len(product.variants) for product in catalog().products)
    assert len({row["id"] for row in rows}) == len({row["sku"] for row in rows}) == count
    row = rows[0]
    assert row["id"] == "sylen-skaljacka-petrol-xs"
    assert row["item_group_id"] == "sylen-skaljacka-petrol"
    assert row["style_id"] == "sylen-skaljacka"
    assert row["link"] == "/shop/sylen-skaljacka-petrol"
    assert row["price"] == row["prices"]["SE"]["price"] == "3299.00 SEK"
    assert row["titles"] == {"sv": "Sylen skaljacka", "nb": "Sylen skalljakke", "en": "Sylen shell jacket"}
    assert row["categories"]["nb"] == "Jakker > Skalljakker"
    assert row["color"] == COLORS["petrol"].sv
    assert parse_money(row["prices"]["NO"]["price"]).currency == "NOK"
    for row in rows:
        for terms in row["prices"].values():
            if "sale_price" in terms:
                since, until = terms["sale_price_effective_date"].split("/")
                assert parse_time(since, "sale") < parse_time(until, "sale")


# ---- shoppers


def test_the_history_is_large_ordered_and_ends_now() -> None:
    events = history()
    assert 60_000 < len(events) < 90_000
    assert len({e["messageId"] for e in events}) == len(events)
    times = [parse_time(e["timestamp"], "timestamp") for e in events]
    assert times == sorted(times)
    assert times[-1] <= NOW
    assert times[0] > NOW - 76 * DAY
    assert NOW - times[0] > 60 * DAY
    assert 2_500 < len({e.get("userId") or e.get("anonymousId") for e in events} - {None}) < 6_000


def test_whoever_the_login_page_offers_has_bought_on_any_day() -> None:
    known = known_people()
    for day in range(21):
        events = simulate(catalog(), NOW + day * DAY + day * HOUR, people=len(known))
        bought = [e for e in events if e.get("event") in {"Order Completed", "purchase"}]
        for one in known:
            own = {e.get("anonymousId") for e in events if e.get("userId") == one.user_id} - {None}
            card = {
                (e.get("traits") or {}).get("loyalty_id") for e in events if e.get("userId") == one.user_id
            }
            orders = [
                e
                for e in bought
                if e.get("userId") == one.user_id
                or e.get("anonymousId") in own
                or (e["properties"].get("loyalty_id") or "-") in card
            ]
            assert len(orders) >= 2, (day, one.name)


def test_the_same_seed_gives_the_same_history_and_another_seed_another(tmp_path: Path) -> None:
    small = simulate(catalog(), NOW, people=60)
    assert simulate(catalog(), NOW, people=60) == small
    assert simulate(catalog(), NOW, people=60, seed=2) != small
    plain, packed = tmp_path / "history.jsonl", tmp_path / "again.jsonl.gz"
    assert write_shoppers(catalog(), plain, NOW) == write_shoppers(catalog(), packed, NOW) == len(history())
    assert json.loads(plain.read_text().splitlines()[0]) == history()[0]


def test_nobody_sees_what_is_not_there_and_all_pay_the_price_of_their_market() -> None:
    by_id = catalog().by_id
    checked = 0
    for envelope in named("Product Viewed", "Product Added", "Order Completed"):
        at = parse_time(envelope["timestamp"], "timestamp")
        market = envelope["context"]["market"]
        properties = envelope["properties"]
        assert properties["currency"] == MARKETS[market]
        for line in properties.get("products") or [properties]:
            product = by_id[line["product_id"]]
            assert product.created <= at
            offer = product.offers[market]
            # A cart keeps its price for minutes, so a sale may end between the look and the line.
            assert round(line["price"] * 100) in {offer.price, offer.sale_price}
            checked += 1
    assert checked > 20_000


def test_funnels_narrow_and_every_channel_sells() -> None:
    seen = Counter(e.get("event") or e["type"] for e in history())
    views = seen["Product Viewed"] + seen["view_item"]
    added = seen["Product Added"] + seen["add_to_cart"]
    begun = seen["Checkout Started"] + seen["begin_checkout"]
    orders = named("Order Completed", "purchase")
    assert views > 4 * added > 4 * begun
    assert 1_500 < len(orders) < 4_000
    assert 0.02 < seen["Order Refunded"] / len(orders) < 0.12
    channels = Counter(e["context"]["channel"] for e in orders)
    assert set(channels) == {"web", "app", "store"}
    assert channels["web"] > channels["store"] > 50
    ids = [e["properties"].get("order_id") or e["properties"]["transaction_id"] for e in orders]
    assert len(set(ids)) == len(ids)
    paying = [e for e in orders if e["context"]["channel"] == "store"]
    assert any("loyalty_id" in e["properties"] for e in paying)
    assert not any("anonymousId" in e or "userId" in e for e in paying)


@pytest.mark.parametrize(
    ("sort", "partner", "least"),
    [
        ("kanga", "strumpa", 3.0),
        ("tunnel", "sovsack", 5.0),
        ("kupol", "underlag", 5.0),
        ("skal", "merino", 3.0),
        ("parka", "vax", 5.0),
        ("stickad", "tvatt", 2.5),
    ],
)
def test_baskets_go_together(sort: str, partner: str, least: float) -> None:
    sold = baskets()
    have, go = sum(sort in basket for basket in sold), sum(partner in basket for basket in sold)
    both = sum({sort, partner} <= basket for basket in sold)
    assert both >= 10
    assert both * len(sold) / (have * go) > least


def test_tastes_show_in_what_people_look_at() -> None:
    by_id = catalog().by_id
    tastes = {taste.key: taste for taste in TASTES}
    for person in known_people():
        taste = tastes[person.taste]
        viewed = [
            by_id[one] for e in history() if e.get("userId") == person.user_id for one in product_ids(e)[:1]
        ]
        assert len(viewed) >= 15
        likes = sum(product.style.sort in taste.sorts for product in viewed) / len(viewed)
        chance = sum(product.style.sort in taste.sorts for product in by_id.values()) / len(by_id)
        assert likes > max(0.55, 1.8 * chance)


def test_bargain_hunters_look_at_reduced_products_far_more_than_others() -> None:
    by_id = catalog().by_id
    hunter = next(person for person in known_people() if person.taste == "bargain")
    looked: dict[bool, list[int]] = {True: [0, 0], False: [0, 0]}
    for envelope in named("Product Viewed"):
        product = by_id[product_ids(envelope)[0]]
        offer = product.offers[envelope["context"]["market"]]
        counts = looked[envelope.get("userId") == hunter.user_id]
        counts[0] += offer.selling(parse_time(envelope["timestamp"], "timestamp")) < offer.price
        counts[1] += 1
    assert looked[True][0] / looked[True][1] > 2 * looked[False][0] / looked[False][1]


def test_first_snow_turns_people_to_down_and_beanies() -> None:
    by_id = catalog().by_id
    share: dict[bool, list[int]] = {True: [0, 0], False: [0, 0]}
    for envelope in named("Product Viewed"):
        late = NOW - parse_time(envelope["timestamp"], "timestamp") < 11 * DAY
        share[late][0] += by_id[product_ids(envelope)[0]].style.sort in {"dun", "mossa", "vinterkanga"}
        share[late][1] += 1
    assert share[True][0] / share[True][1] > 1.4 * share[False][0] / share[False][1]


def test_consent_is_said_in_every_envelope_and_some_refuse() -> None:
    answers = Counter(tuple(e["context"]["consent"][purpose] for purpose in CONSENTING) for e in history())
    assert set(answers) == {(True, True), (True, False), (False, False)}
    assert answers[True, True] > 0.7 * len(history())
    assert all(e["context"]["consent"]["email"] for e in named("Email Delivered"))


def test_known_customers_can_log_in_and_have_two_devices() -> None:
    people = known_people()
    assert len({person.taste for person in people}) == len(people) == 7
    for person in people:
        devices = {e.get("anonymousId") for e in history() if e.get("userId") == person.user_id}
        assert len(devices - {None}) >= 2
        assert set(person.about) == {"sv", "nb", "en"}


def test_the_real_way_in_takes_all_of_it(make_shop: Any, shop_clock: Any, tmp_path: Path) -> None:
    from expedit.access import Source, keys
    from expedit.catalog import import_catalog
    from expedit.tracking import import_events

    shop = make_shop("sqlite", Settings(markets=MARKETS))
    assert shop_clock() == NOW
    keys(shop).add_source(
        Source(id="server", kind="server", write_key="k" * 32, consent={}, legal_basis="consent")
    )
    feed, log = tmp_path / "catalog.jsonl", tmp_path / "history.jsonl"
    rows = catalog().to_jsonl(feed)
    goods = import_catalog(shop, feed)
    assert goods.refused == ()
    assert goods.read == rows
    events = simulate(catalog(), NOW, people=150)
    log.write_text("\n".join(json.dumps(e) for e in events))
    report = import_events(shop, log)
    assert report.refused == ()
    assert report.read == len(events)
