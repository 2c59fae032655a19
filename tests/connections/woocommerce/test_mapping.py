"""What WooCommerce's objects mean: prices, sales, stock and attributes; orders, refunds and customers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.catalog import Offer
from expedit.connections.barcodes import check_digit, gtin_in, read_barcode
from expedit.connections.markup import plain_text
from expedit.connections.woocommerce.model import (
    Term,
    WooCustomer,
    WooOrder,
    WooProduct,
    WooRefund,
    read_value,
)
from expedit.connections.woocommerce.orders import (
    OrderNote,
    Terms,
    amounts_of,
    calls_of_customer,
    calls_of_order,
    note_of,
    note_text,
)
from expedit.connections.woocommerce.products import Shelf, path_of, product_of
from expedit.core import InvalidInput, parse_time

from .conftest import order, product

SHELF = Shelf("SE", "SEK", {1: Term(1, "Clothes", "clothes"), 2: Term(2, "Jackets", "jackets", 1)}, 1_000)


def read_product(**changes: Any) -> WooProduct:
    return read_value(product(10, **changes), WooProduct)


def read_order(**changes: Any) -> WooOrder:
    return read_value(order(1000, **changes), WooOrder)


def samples(data_folder: Path, name: str) -> list[dict[str, Any]]:
    """Return every object among the documentation's sample bodies, which come alone, listed or batched."""
    path = data_folder / "payloads" / "woocommerce_rest_v3" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no sample bodies at {path}")
    found: list[dict[str, Any]] = []
    for value in json.loads(path.read_text()):
        for one in value if isinstance(value, list) else [value]:
            inner = [part for key in ("create", "update") for part in one.get(key, [])] or [one]
            found += [part for part in inner if "id" in part]
    return found


def test_every_sample_product_of_the_documentation_is_read(data_folder: Path) -> None:
    bodies = samples(data_folder, "products")
    products = [product_of(read_value(body, WooProduct), [], SHELF) for body in bodies]
    assert len(products) >= 8
    first = next(one for one in products if one.id == "794")
    assert (first.title, first.category, first.brand) == ("Premium Quality", ("Clothing",), "")
    assert first.variants[0].offers == (Offer("SE", 2199, "SEK"),)
    assert first.images[0].endswith("T_2_back-2.jpg")
    assert "<" not in first.description
    variable = next(one for one in products if one.id == "799")
    assert variable.variants == ()


def test_every_sample_variation_becomes_a_variant(data_folder: Path) -> None:
    bodies = samples(data_folder, "product-variations")
    parent = read_product(type="variable")
    made = product_of(parent, [read_value(body, WooProduct) for body in bodies], SHELF)
    assert all(variant.color for variant in made.variants)
    assert {variant.id for variant in made.variants} == {str(body["id"]) for body in bodies}
    assert next(one for one in made.variants if one.id == "732").offers == (Offer("SE", 900, "SEK"),)
    assert next(one for one in made.variants if one.id == "732").image_url.endswith("T_4_front-12.jpg")


def test_every_sample_order_is_told_once_and_adds_up(data_folder: Path) -> None:
    bodies = samples(data_folder, "orders")
    assert len(bodies) >= 6
    for body in bodies:
        read = read_value(body, WooOrder)
        sums = amounts_of(read)
        assert sums.goods + sums.tax + sums.shipping == sums.total
        calls, note = calls_of_order(read, {}, OrderNote(), Terms())
        events = [call.event for call in calls]
        assert events == (
            [] if body["status"] == "pending" else ["purchase"] + ["refund"] * len(body["refunds"])
        )
        assert calls_of_order(read, {}, note_of(note_text(note)), Terms()) == ([], note)


def test_every_sample_refund_names_what_went_back(data_folder: Path) -> None:
    refunds = {body["id"]: read_value(body, WooRefund) for body in samples(data_folder, "order-refunds")}
    body = next(one for one in samples(data_folder, "orders") if one["id"] == 723)
    calls, _ = calls_of_order(read_value(body, WooOrder), refunds, OrderNote(), Terms())
    back = next(call for call in calls if call.message_id == "refund:724")
    assert back.properties is not None
    assert back.properties == {
        "order_id": "723",
        "currency": "USD",
        "value": "9.00",
        "tax": "0.00",
        "shipping": "0.00",
        "products": [{"product_id": "87", "variant_id": "87", "quantity": 1, "price": "9.00"}],
    }
    assert back.timestamp == "2017-03-21T19:55:37Z"


def test_every_sample_customer_is_somebody(data_folder: Path) -> None:
    found = [
        call
        for body in samples(data_folder, "customers")
        for call in calls_of_customer(read_value(body, WooCustomer), Terms())
    ]
    assert {(call.user_id, call.traits["email"]) for call in found if isinstance(call.traits, dict)} >= {
        ("25", "john.doe@example.com"),
        ("26", "joao.silva@example.com"),
    }
    assert all("consent" not in call.traits for call in found if isinstance(call.traits, dict))


def test_a_sale_has_its_dates() -> None:
    made = product_of(
        read_product(
            sale_price="149.90",
            date_on_sale_from_gmt="2026-11-20T23:00:00",
            date_on_sale_to_gmt="2026-11-30T22:59:59",
        ),
        [],
        SHELF,
    )
    assert made.variants[0].offers == (
        Offer(
            "SE", 19900, "SEK", 14990, parse_time("2026-11-20T23:00:00"), parse_time("2026-11-30T22:59:59")
        ),
    )


@pytest.mark.parametrize("sale", ["199.00", "250", ""])
def test_a_sale_price_that_is_no_reduction_is_none(sale: str) -> None:
    assert product_of(read_product(sale_price=sale), [], SHELF).variants[0].offers == (
        Offer("SE", 19900, "SEK"),
    )


@given(st.integers(0, 10**9))
def test_prices_are_exact_from_their_text(amount: int) -> None:
    text = f"{amount // 100}.{amount % 100:02}"
    made = product_of(read_product(regular_price=text), [], SHELF)
    assert made.variants[0].offers[0].price == amount


@pytest.mark.parametrize(
    ("changes", "stock", "availability"),
    [
        ({"manage_stock": True, "stock_quantity": 5}, {"web": 5}, "in_stock"),
        (
            {"manage_stock": True, "stock_quantity": 0, "stock_status": "outofstock"},
            {"web": 0},
            "out_of_stock",
        ),
        ({"manage_stock": True, "stock_quantity": -2, "backorders_allowed": True}, {"web": -2}, "backorder"),
        ({"manage_stock": False, "stock_quantity": None, "stock_status": "onbackorder"}, None, "backorder"),
        ({"manage_stock": False, "stock_quantity": 3, "stock_status": "instock"}, None, "in_stock"),
        ({"manage_stock": True, "stock_quantity": 2.0}, {"web": 2}, "in_stock"),
    ],
)
def test_stock_is_tracked_where_the_shop_tracks_it(
    changes: dict[str, Any], stock: dict[str, int] | None, availability: str
) -> None:
    variant = product_of(read_product(**changes), [], SHELF).variants[0]
    assert (variant.stock, variant.availability) == (stock, availability)


def test_a_variation_may_share_the_stock_of_its_parent() -> None:
    parent = read_product(type="variable", manage_stock=True, stock_quantity=4)
    one = read_value(
        {"id": 11, "regular_price": "10", "manage_stock": "parent", "stock_quantity": 4}, WooProduct
    )
    assert product_of(parent, [one], SHELF).variants[0].stock == {"web": 4}


@pytest.mark.parametrize(
    "changes", [{"status": "draft"}, {"status": "trash"}, {"catalog_visibility": "hidden"}]
)
def test_what_the_shop_does_not_show_is_retired(changes: dict[str, Any]) -> None:
    assert product_of(read_product(**changes), [], SHELF).retired == 1_000
    assert product_of(read_product(), [], SHELF).retired is None


def test_attributes_keep_what_holds_for_the_whole_product() -> None:
    made = product_of(
        read_product(
            attributes=[
                {"id": 1, "name": "Färg", "options": ["Blå"], "variation": False},
                {"id": 2, "name": "Storlek", "options": ["S", "M"], "variation": True},
                {"id": 3, "name": "Materiale", "options": {"0": "Ull", "2": "Silke"}, "variation": False},
                {"id": 4, "name": "Varumärke", "options": ["Fjäll"], "variation": False},
            ]
        ),
        [],
        SHELF,
    )
    assert (made.variants[0].color, made.variants[0].size, made.brand) == ("Blå", "", "Fjäll")
    assert made.attributes == {"material": "Ull, Silke"}


@pytest.mark.parametrize(
    ("average", "count", "told"),
    [
        ("4.50", 12, {"rating": "4.50", "rating_count": "12"}),
        ("0.00", 0, {}),
        ("", 3, {}),
        ("4.50", None, {}),
    ],
)
def test_ratings_come_along_once_somebody_has_rated(average, count, told) -> None:
    made = product_of(read_product(average_rating=average, rating_count=count), [], SHELF)
    assert made.attributes == told


def test_the_deepest_category_gives_the_path_and_a_circle_ends() -> None:
    tree = {
        1: Term(1, "A", "a", 3),
        2: Term(2, "B", "b", 1),
        3: Term(3, "C", "c", 2),
        9: Term(9, "Up &amp; Down", "x"),
    }
    assert path_of([Term(9, "", "x"), Term(2, "B", "b")], {9: tree[9], 2: Term(2, "B", "b", 9)}) == (
        "Up & Down",
        "B",
    )
    assert set(path_of([Term(2, "B", "b")], tree)) == {"A", "B", "C"}
    assert path_of([Term(15, "Uncategorized", "uncategorized")], {}) == ()


def test_descriptions_are_text() -> None:
    assert plain_text("<p>Warm &amp; dry</p><script>alert(1)</script><ul><li>One</li><li>Two</li></ul>") == (
        "Warm & dry\nOne\nTwo"
    )


@pytest.mark.parametrize(
    ("changes", "gtin"),
    [
        ({"global_unique_id": "7310865004703"}, "07310865004703"),
        ({"meta_data": [{"key": "_ean", "value": "7310865004703"}]}, "07310865004703"),
        ({"meta_data": [{"key": "_ean", "value": "7310865004704"}]}, ""),
        ({"meta_data": [{"key": "_ean", "value": "2012345678903"}]}, ""),
        ({"meta_data": {"5": {"key": "barcode", "value": 96385074}}}, "00000096385074"),
        ({"global_unique_id": None, "meta_data": [{"key": "_ean", "value": ["x"]}]}, ""),
    ],
)
def test_the_number_under_the_barcode_is_found_where_plugins_keep_it(
    changes: dict[str, Any], gtin: str
) -> None:
    assert product_of(read_product(**changes), [], SHELF).variants[0].gtin == gtin


@given(st.integers(0, 10**12 - 1))
def test_a_number_with_one_digit_changed_is_no_barcode(number: int) -> None:
    digits = f"{number:012}"
    whole = digits + str(check_digit(digits))
    assert read_barcode(whole).number == whole.rjust(14, "0")
    assert read_barcode(whole).in_store == (whole[:2] in {"02", "04", *map(str, range(20, 30))})
    wrong = whole[:-1] + str((int(whole[-1]) + 1) % 10)
    assert gtin_in(wrong) == ""
    with pytest.raises(InvalidInput, match="check digit"):
        read_barcode(wrong)


def test_an_order_counts_from_the_status_that_the_shop_counts() -> None:
    note = OrderNote()
    for status in ("checkout-draft", "pending", "failed", "pending"):
        calls, note = calls_of_order(read_order(status=status), {}, note, Terms())
        assert calls == []
    calls, note = calls_of_order(
        read_order(status="processing"), {}, note, Terms(market="SE", market_currency="SEK")
    )
    assert [(call.event, call.message_id, call.user_id, call.timestamp) for call in calls] == [
        ("purchase", "order:1000", "7", "2026-03-01T10:00:00Z")
    ]
    assert calls[0].traits == {"email": "anna@shop.example", "phone": "0701234567"}
    assert calls[0].properties == {
        "order_id": "1000",
        "currency": "SEK",
        "value": "199.20",
        "tax": "59.60",
        "shipping": "39.20",
        "market": "SE",
        "shipping_address": {"country": "SE"},
        "products": [{"product_id": "10", "variant_id": "10", "quantity": 1, "price": "249.00"}],
    }
    calls, note = calls_of_order(read_order(status="completed"), {}, note, Terms())
    assert calls == []
    calls, note = calls_of_order(read_order(status="cancelled"), {}, note, Terms())
    assert [call.event for call in calls] == ["cancel"]
    assert calls_of_order(read_order(status="cancelled"), {}, note, Terms())[0] == []


def test_a_status_of_the_shops_own_counts_when_it_is_named() -> None:
    shipped = read_order(status="wc-shipped")
    assert calls_of_order(shipped, {}, OrderNote(), Terms())[0] == []
    assert len(calls_of_order(shipped, {}, OrderNote(), Terms(sold=frozenset({"shipped"})))[0]) == 1


def test_an_order_that_was_changed_is_told_anew() -> None:
    _, note = calls_of_order(read_order(), {}, OrderNote(), Terms())
    lines = [{"id": 1, "product_id": 10, "quantity": 2, "total": "398.40", "total_tax": "99.60"}]
    changed = read_order(
        line_items=lines, total="547.00", total_tax="109.40", date_modified_gmt="2026-03-02T08:00:00"
    )
    calls, after = calls_of_order(changed, {}, note, Terms())
    assert [(call.event, call.message_id, call.timestamp) for call in calls] == [
        ("Order Updated", "order:1000:updated:2026-03-02T08:00:00", "2026-03-02T08:00:00Z")
    ]
    assert calls_of_order(changed, {}, after, Terms())[0] == []


def test_a_refund_without_lines_is_shared_out_as_the_order_is() -> None:
    partly = read_order(refunds=[{"id": 5, "total": "-29.80"}])
    calls, _ = calls_of_order(partly, {}, OrderNote(placed=True), Terms())
    back = next(call for call in calls if call.event == "refund")
    assert isinstance(back.properties, dict)
    assert (back.properties["value"], back.properties["tax"], back.properties["shipping"]) == (
        "19.92",
        "5.96",
        "3.92",
    )
    assert back.properties["products"] == []


def test_a_full_refund_without_lines_takes_everything_back() -> None:
    whole = read_order(status="refunded", refunds=[{"id": 5, "total": "-298.00"}])
    calls, note = calls_of_order(whole, {}, OrderNote(), Terms())
    assert [call.event for call in calls] == ["purchase", "refund"]
    assert isinstance(calls[1].properties, dict)
    assert "value" not in calls[1].properties
    assert "products" not in calls[1].properties
    assert note.refunds == (5,)
    by_hand, _ = calls_of_order(read_order(status="refunded"), {}, OrderNote(), Terms())
    assert [call.message_id for call in by_hand] == ["order:1000", "order:1000:refund"]


@given(st.integers(1, 29_800))
def test_a_refund_is_the_same_amount_however_it_is_shared_out(amount: int) -> None:
    text = f"-{amount // 100}.{amount % 100:02}"
    calls, _ = calls_of_order(
        read_order(refunds=[{"id": 5, "total": text}]), {}, OrderNote(placed=True), Terms()
    )
    told = next(call.properties for call in calls if call.event == "refund")
    assert isinstance(told, dict)
    if amount < 29_800:
        parts = [round(float(str(told[name])) * 100) for name in ("value", "tax", "shipping")]
        assert sum(parts) == amount
        assert min(parts) >= 0


def test_consent_is_only_what_the_shop_itself_keeps() -> None:
    metas = [{"key": "_newsletter", "value": "yes"}]
    person = {
        "id": 7,
        "email": "anna@shop.example",
        "date_modified_gmt": "2026-03-01T10:00:00",
        "meta_data": metas,
    }
    read = read_value(person, WooCustomer)
    plain = calls_of_customer(read, Terms())[0]
    asked = calls_of_customer(read, Terms(newsletter="_newsletter"))[0]
    assert isinstance(plain.traits, dict)
    assert isinstance(asked.traits, dict)
    assert "consent" not in plain.traits
    assert asked.traits["consent"] == {"email": True}
    assert calls_of_customer(read_value({**person, "role": "administrator"}, WooCustomer), Terms()) == []


def test_accounts_of_their_own_are_left_out_where_the_pages_send_other_ids() -> None:
    calls, _ = calls_of_order(read_order(), {}, OrderNote(), Terms(accounts=False))
    assert calls[0].user_id is None
    guest, _ = calls_of_order(read_order(customer_id=0), {}, OrderNote(), Terms())
    assert guest[0].user_id is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total": "??"}, "total"),
        ({"currency": "kronor"}, "currency"),
        ({"line_items": [{"product_id": 1, "quantity": 1.5, "total": "1"}]}, "line_items[0].quantity"),
        ({"line_items": [{"product_id": 0, "quantity": 1, "total": "1"}]}, "line_items[0].product_id"),
        ({"date_created_gmt": "yesterday"}, "date_created_gmt"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as told:
        calls_of_order(read_order(**changes), {}, OrderNote(), Terms())
    assert told.value.field == field
