"""Products, levels and costs of Shopify: what they become in the catalog."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from expedit.catalog import Offer, live_catalog, set_prices, set_stock
from expedit.connections import process, receive, remove_connection
from expedit.connections.shopify.bodies import Product as Body
from expedit.connections.shopify.bodies import read
from expedit.connections.shopify.products import Shelf, product_of
from expedit.connections.shopify.store import Level
from expedit.core import InvalidInput, parse_time, to_json
from expedit.storage import Shop
from tests.connections.shopify_catalog import catalog
from tests.connections.shopify_messages import connect, deliver, hook, product, variant

SHELF = Shelf(
    "https://www.fjallbutiken.se",
    "SEK",
    {"SE": "SEK", "NO": "NOK"},
    ("SE", "NO"),
    {"901": "web", "902": "are"},
)
VERSION = "00001788249600000000:x"


def made(body: dict[str, Any], levels: dict[str, list[Level]] | None = None, **more: Any) -> Any:
    return product_of(
        read(to_json(body), Body), more.pop("shelf", SHELF), {}, levels or {}, VERSION, None, {}
    )


def test_a_product_is_a_product_with_variants(shop: Shop) -> None:
    one = connect(shop, storefront="https://www.fjallbutiken.se")
    body = product(
        body_html="<p>Vattentät &amp; varm.</p><script>x()</script><ul><li>Läder</li></ul>",
        tags="vandring, kängor",
        variants=[
            variant(1100, option1="Grön", option2="42", barcode="7310865004703", compare_at_price="2499.00"),
            variant(1101, option1="Grön", option2="43", inventory_policy="continue", inventory_quantity=-2),
        ],
    )
    deliver(shop, one, "products/create", body)
    (found,) = catalog(shop)
    assert (found.id, found.title, found.brand) == ("11", "Fjällkänga", "Lundhags")
    assert found.category == ("Skor", "Kängor")
    assert found.description == "Vattentät & varm.\nLäder"
    assert found.url == "https://www.fjallbutiken.se/products/fjallkanga"
    assert found.image_url == "https://cdn.example.com/kanga.jpg"
    assert found.attributes == {"tags": "kängor, vandring"}
    assert found.created == parse_time("2026-08-01T08:00:00Z")
    assert found.retired is None
    first, second = found.variants
    assert (first.id, first.sku, first.gtin) == ("1100", "SKU-1100", "07310865004703")
    assert (first.color, first.size, first.stock) == ("Grön", "42", {"web": 5})
    assert first.offers == (Offer("SE", 249900, "SEK", 199900),)
    assert (second.availability, second.stock, second.gtin) == ("backorder", {"web": 0}, "")
    snapshot = live_catalog(shop).current()
    assert snapshot.ids == ["11"]


RATED = '{"value": "4.96", "scale_min": "1.0", "scale_max": "5.0"}'


@pytest.mark.parametrize(
    ("rating", "count", "told"),
    [
        (RATED, "212", {"rating": "4.96", "rating_count": "212", "rating_best": "5"}),
        ({"value": "9", "scale_max": "10.0"}, 3, {"rating": "9", "rating_count": "3", "rating_best": "10"}),
        ("4.5", "7", {"rating": "4.5", "rating_count": "7"}),
        (RATED, "0", {}),
        (RATED, None, {}),
        (RATED, "many", {}),
        (None, "3", {}),
        (True, "3", {}),
        ("{broken", "3", {}),
        ("[1]", "3", {"rating": "[1]", "rating_count": "3"}),  # which is no rating to whoever reads it
        ({}, "3", {}),
    ],
)
def test_standard_metafields_tell_what_buyers_think(rating: Any, count: Any, told: dict[str, str]) -> None:
    metafields = [
        {"namespace": "reviews", "key": "rating", "value": rating, "type": "rating"},
        {"namespace": "reviews", "key": "rating_count", "value": count, "type": "number_integer"},
        {"namespace": "custom", "key": "rating", "value": "1"},
    ]
    assert made(product(tags="", metafields=metafields)).attributes == told
    assert made(product(tags="", metafields=None)).attributes == {}


RATINGS = [
    {"namespace": "reviews", "key": "rating", "value": RATED},
    {"namespace": "reviews", "key": "rating_count", "value": "212"},
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_message_without_metafields_says_nothing_of_ratings(shop: Shop, order: tuple[int, ...]) -> None:
    one = connect(shop)
    told = [{"metafields": []}, {"metafields": RATINGS}, {}]
    for place in order:
        body = product(tags="", updated_at=f"2026-09-0{place + 1}T10:00:00Z", title=f"{place}", **told[place])
        deliver(shop, one, "products/update", body)
    (found,) = catalog(shop)
    assert found.title == "2"
    assert found.attributes == {"rating": "4.96", "rating_count": "212", "rating_best": "5"}


def test_metafields_without_a_rating_take_it_back(shop: Shop) -> None:
    one = connect(shop)
    for day, metafields in ((1, RATINGS), (2, [])):
        at = f"2026-09-0{day}T10:00:00Z"
        deliver(shop, one, "products/update", product(tags="", updated_at=at, metafields=metafields))
    (found,) = catalog(shop)
    assert found.attributes == {}


def test_the_only_option_of_a_product_without_options_says_nothing() -> None:
    body = product(options=[{"name": "Title"}], variants=[variant(1, option1="Default Title")])
    (one,) = made(body).variants
    assert (one.color, one.size, one.attributes) == ("", "", {})


def test_options_of_other_names_are_attributes() -> None:
    body = product(
        options=[{"name": "Volym", "position": 2}, {"name": "COLOUR", "position": 1}],
        variants=[variant(1, option1="Blue", option2="30 l")],
    )
    (one,) = made(body).variants
    assert (one.color, one.attributes) == ("Blue", {"volym": "30 l"})


def test_prices_of_other_currencies_are_offers_of_their_markets() -> None:
    prices = [
        {
            "price": {"amount": "2099.00", "currency_code": "NOK"},
            "compare_at_price": {"amount": "2599.00", "currency_code": "NOK"},
        },
        {"price": {"amount": "199.00", "currency_code": "EUR"}, "compare_at_price": None},
    ]
    (one,) = made(product(variants=[variant(1, presentment_prices=prices)])).variants
    assert one.offers == (Offer("NO", 259900, "NOK", 209900), Offer("SE", 199900, "SEK"))


@pytest.mark.parametrize(
    ("levels", "more", "stock"),
    [
        ([], {}, {"web": 5}),
        ([], {"inventory_management": None}, None),
        # Named locations add up under their names.
        ([Level("901", VERSION, 3), Level("902", VERSION, 4)], {}, {"web": 3, "are": 4}),
        ([Level("902", VERSION, 4)], {}, {"web": 5, "are": 4}),
        ([Level("901", VERSION, -3)], {}, {"web": 0}),
        ([Level("901", VERSION, None)], {}, {"web": 0}),
        # What is not stocked at a location is not there with no pieces: it is not there.
        ([Level("901", VERSION, 3), Level("902", VERSION, None)], {}, {"web": 3}),
        # The one location that is left is the whole shop, from the moment at which the other went.
        ([Level("7", "0" * 20, 9), Level("8", "1" * 20, None)], {}, {"web": 9}),
        ([Level("7", "1" * 20, None)], {}, {"web": 0}),
        # A single location without a name is the whole shop, if it is newer.
        ([Level("7", "1" * 20, 9)], {}, {"web": 9}),
        ([Level("7", "0" * 20, 9)], {}, {"web": 5}),
        # Several cannot be told from the sum that the product states.
        ([Level("7", "1" * 20, 9), Level("8", "1" * 20, 2)], {}, {"web": 5}),
    ],
)
def test_pieces_are_where_the_names_of_locations_say(
    levels: list[Level], more: dict[str, Any], stock: dict[str, int] | None
) -> None:
    (one,) = made(product(variants=[variant(1, **more)]), {"2": levels}).variants
    assert one.stock == stock


@pytest.mark.parametrize(
    ("more", "sold", "sold_headless"),
    [
        ({}, True, True),
        ({"status": "draft"}, False, False),
        ({"status": "archived"}, False, False),
        ({"published_at": None}, False, True),
        ({"status": None}, True, True),
    ],
)
def test_what_is_not_in_the_shop_is_retired(more: dict[str, Any], sold: bool, sold_headless: bool) -> None:
    assert (made(product(**more)).retired is None) == sold
    headless = Shelf("", "SEK", {"SE": "SEK"}, ("SE",), {}, True)
    assert (made(product(**more), shelf=headless).retired is None) == sold_headless


def test_a_level_and_a_cost_may_come_before_their_product(shop: Shop) -> None:
    one = connect(shop, locations="901=web")
    level = {"inventory_item_id": 1101, "location_id": 901, "available": 7}
    deliver(shop, one, "inventory_levels/update", {**level, "updated_at": "2026-09-02T10:00:00+02:00"})
    cost = {"id": 1101, "cost": "800.00", "updated_at": "2026-09-02T10:00:00+02:00"}
    deliver(shop, one, "inventory_items/update", cost)
    assert catalog(shop) == []
    deliver(shop, one, "products/create", product())
    ((found,),) = (product.variants for product in catalog(shop))
    assert (found.stock, found.offers) == ({"web": 7}, (Offer("SE", 199900, "SEK", cost=80000),))
    deliver(
        shop,
        one,
        "inventory_levels/update",
        {**level, "available": 1, "updated_at": "2026-09-01T10:00:00+02:00"},
    )
    assert catalog(shop)[0].variants[0].stock == {"web": 7}


def level(location: int, available: int | None, at: str = "") -> dict[str, Any]:
    known = {"inventory_item_id": 1101, "location_id": location}
    return {**known, "available": available, "updated_at": at} if at else known


STOCKED = [
    ("products/create", product(), ""),
    ("inventory_levels/update", level(901, 3, "2026-09-02T10:00:00+02:00"), ""),
    ("inventory_levels/connect", level(902, 4, "2026-09-02T10:00:00+02:00"), ""),
]
LEFT = ("inventory_levels/disconnect", level(902, None), "2026-09-03T10:00:00.5+02:00")
DELETED = ("locations/delete", {"id": 902}, "2026-09-03T10:00:00.5+02:00")
BACK = ("inventory_levels/connect", level(902, 8, "2026-09-04T10:00:00+02:00"), "")


@pytest.mark.parametrize(
    ("end", "stock"),
    [([LEFT], {"web": 3}), ([DELETED], {"web": 3}), ([LEFT, BACK], {"web": 3, "are": 8})],
)
def test_pieces_at_a_location_that_was_disconnected_or_deleted_are_gone_in_any_order(
    sqlite_shop: Shop, end: list[tuple[str, dict[str, Any], str]], stock: dict[str, int]
) -> None:
    for number, order in enumerate(itertools.permutations([*STOCKED, *end])):
        one = connect(sqlite_shop, locations="901=web, 902=are")
        for place, (topic, body, sent) in enumerate(order):
            headers = {"triggered_at": sent} if sent else {}
            deliver(sqlite_shop, one, topic, body, event_id=f"{number}-{place}", **headers)
        assert catalog(sqlite_shop)[0].variants[0].stock == stock
        remove_connection(sqlite_shop, one.id)
        with sqlite_shop.database.writing() as tx:
            for table in ("products", "variants", "stock", "prices"):
                tx.run(f"DELETE FROM {table}")


def test_a_level_that_went_leaves_the_pieces_that_others_told_of(shop: Shop) -> None:
    one = connect(shop, locations="901=web, 902=are")
    for topic, body, _ in STOCKED:
        deliver(shop, one, topic, body)
    set_stock(shop, [{"id": "1100", "location": "oslo", "quantity": 6}])
    deliver(shop, one, LEFT[0], LEFT[1], triggered_at=LEFT[2])
    assert catalog(shop)[0].variants[0].stock == {"web": 3, "oslo": 6}


def test_a_variant_that_is_tracked_no_more_can_be_had_again(shop: Shop) -> None:
    one = connect(shop)
    deliver(shop, one, "products/create", product(variants=[variant(1100, inventory_quantity=0)]))
    assert catalog(shop)[0].variants[0].stock == {"web": 0}
    untracked = product(
        updated_at="2026-09-05T10:00:00+02:00", variants=[variant(1100, inventory_management=None)]
    )
    deliver(shop, one, "products/update", untracked)
    assert catalog(shop)[0].variants[0].stock is None


NOK = [{"price": {"amount": "2099.00", "currency_code": "NOK"}, "compare_at_price": None}]


def offers(shop: Shop) -> dict[str, tuple[Offer, ...]]:
    return {one.id: one.offers for found in catalog(shop) for one in found.variants if found.retired is None}


def test_a_message_replaces_only_the_offers_of_its_own_markets(shop: Shop) -> None:
    one = connect(shop)
    norway = Offer("NO", 219900, "NOK")
    deliver(shop, one, "products/create", product())
    set_prices(shop, [{"id": "1100", "market": "NO", "price": "2199.00"}])
    later = {"updated_at": "2026-09-05T10:00:00+02:00"}
    deliver(shop, one, "products/update", product(**later, variants=[variant(1100, price="1499.00")]))
    assert offers(shop) == {"1100": (norway, Offer("SE", 149900, "SEK"))}
    later = {"updated_at": "2026-09-06T10:00:00+02:00"}
    deliver(shop, one, "products/update", product(**later, variants=[variant(1101)]))
    assert offers(shop) == {"1100": (norway,), "1101": (Offer("SE", 199900, "SEK"),)}
    deliver(shop, one, "products/delete", {"id": 11}, triggered_at="2026-09-07T10:00:00Z")
    assert offers(shop) == {"1100": (norway,), "1101": ()}
    set_prices(shop, [{"id": "1100", "market": "NO", "price": None}])
    again = product(updated_at="2026-09-08T10:00:00+02:00")
    deliver(shop, one, "products/update", again)
    assert offers(shop) == {}


def test_what_a_message_told_of_another_market_it_takes_back_itself(shop: Shop) -> None:
    one = connect(shop)
    deliver(shop, one, "products/create", product(variants=[variant(1100, presentment_prices=NOK)]))
    swedish = Offer("SE", 199900, "SEK")
    assert offers(shop) == {"1100": (Offer("NO", 209900, "NOK"), swedish)}
    later = {"updated_at": "2026-09-05T10:00:00+02:00"}
    deliver(shop, one, "products/update", product(**later, variants=[variant(1100, presentment_prices=[])]))
    assert offers(shop) == {"1100": (swedish,)}
    set_prices(shop, [{"id": "1100", "market": "NO", "price": "2199.00"}])
    later = {"updated_at": "2026-09-06T10:00:00+02:00"}
    deliver(shop, one, "products/update", product(**later))
    assert offers(shop) == {"1100": (Offer("NO", 219900, "NOK"), swedish)}


def test_an_older_state_never_overwrites_a_newer_one(shop: Shop) -> None:
    one = connect(shop)
    deliver(shop, one, "products/update", product(title="Ny", updated_at="2026-09-05T10:00:00+02:00"))
    deliver(shop, one, "products/update", product(title="Gammal"))
    assert [found.title for found in catalog(shop)] == ["Ny"]


@pytest.mark.parametrize("deleted_first", [True, False])
def test_a_deleted_product_is_retired_and_stays_so(shop: Shop, deleted_first: bool) -> None:
    one = connect(shop)
    messages: list[tuple[str, dict[str, Any]]] = [
        ("products/update", product()),
        ("products/delete", {"id": 11}),
    ]
    for topic, body in reversed(messages) if deleted_first else messages:
        deliver(shop, one, topic, body, triggered_at="2026-09-06T10:00:00Z")
    assert [found.retired for found in catalog(shop)] == [parse_time("2026-09-06T10:00:00Z")]


def test_a_deleted_product_that_was_never_known_leaves_no_trace(shop: Shop) -> None:
    deliver(shop, connect(shop), "products/delete", {"id": 11})
    assert catalog(shop) == []


def test_a_currency_without_a_market_is_told(sqlite_shop: Shop) -> None:
    one = connect(sqlite_shop, currency="USD")
    receive(sqlite_shop, one, hook("products/update", product()))
    process(sqlite_shop)
    from expedit.connections.store import list_messages

    with sqlite_shop.database.reading() as tx:
        (failed,) = list_messages(tx, one.id, "failed", None, 10)
    assert (failed.at_fault, failed.reason) == (
        "currency",
        "no market of this shop has USD: see the setting markets",
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"variants": [variant(1, price="cheap")]}, "variants[0].price"),
        ({"variants": [variant(1, price="-1")]}, "variants[0].price"),
        ({"variants": [{**variant(1), "id": None}]}, "variants[0].id"),
    ],
)
def test_what_cannot_be_sold_names_its_field(more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        made(product(**more))
    assert caught.value.field == field
