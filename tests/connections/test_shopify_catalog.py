"""Products, levels and costs of Shopify: what they become in the catalog."""

from __future__ import annotations

from typing import Any

import pytest

from expedit.catalog import Offer, live_catalog
from expedit.connections import process, receive
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
    return product_of(read(to_json(body), Body), more.pop("shelf", SHELF), {}, levels or {}, VERSION, None)


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
