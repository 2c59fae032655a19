# ruff: noqa: E501 - rows as the export writes them
"""The files that Shopify's admin exports: products with variants and pictures, orders with lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from expedit.access import Source, keys
from expedit.catalog import Offer, Rating, live_catalog, rating_of
from expedit.connections.shopify import import_shopify_orders, import_shopify_products
from expedit.connections.shopify.order_file import read_moment
from expedit.core import InvalidInput, parse_time
from expedit.orders import find_order, keep_orders
from expedit.storage import Shop
from tests.connections.shopify_catalog import catalog
from tests.connections.shopify_messages import connect, deliver, order, product, variant

PRODUCTS = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,Variant Image,Cost per item,Status
fjallkanga,Fjällkänga,<p>Varm &amp; tät</p>,Lundhags,Skor > Kängor,"vandring, skor",true,Färg,Grön,Storlek,42,,,SKU-1100,shopify,5,deny,1999.00,2499.00,'7310865004703,https://cdn.example.com/b.jpg,2,,800.00,active
fjallkanga,,,,,,,,Grön,,43,,,SKU-1101,shopify,-1,continue,1999.00,,,https://cdn.example.com/a.jpg,1,,,
fjallkanga,,,,,,,,,,,,,,,,,,,,https://cdn.example.com/c.jpg,3,,,
mossa,Mössa,,Fjäll,Mössor,,true,Title,Default Title,,,,,,,,deny,199.00,,,,,,,active
utkast,Utkast,,Fjäll,Mössor,,true,Title,Default Title,,,,,DRAFT-1,,,deny,199.00,,,,,,,draft
dyr,Dyr,,Fjäll,Mössor,,true,Title,Default Title,,,,,BAD-1,,,deny,mycket,,,,,,,active
,Namnlös,,,,,,,,,,,,,,,,1.00,,,,,,,
"""

HEAD = "Name,Id,Email,Financial Status,Paid at,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem discount,Cancelled at,Refunded Amount,Phone,Source,Note Attributes"
ORDERS = f"""\
{HEAD}
#1001,9001,anna@lind.se,paid,2026-09-01 10:00:05 +0200,,SEK,2198.00,0.00,439.60,2198.00,HÖST,2026-09-01 10:00:00 +0200,1,Fjällkänga - Grön / 42,1999.00,SKU-1100,0.00,,0.00,,web,"expedit_id: visitor-0001"
#1001,,anna@lind.se,,,,,,,,,,2026-09-01 10:00:00 +0200,1,Mössa,199.00,mossa-sku,0.00,,,,,
#1002,9002,ola@berg.no,refunded,2026-09-02 10:00:05 +0200,,SEK,100.00,50.00,37.50,187.50,,2026-09-02 10:00:00 +0200,2,Mössa,50.00,SKU-1101,0.00,,187.50,,pos,
#1003,9003,,voided,,,SEK,100.00,0.00,0.00,100.00,,2026-09-03 10:00:00 +0200,1,Mössa,100.00,SKU-1101,0.00,2026-09-04 10:00:00 +0200,0.00,,web,
#1004,9004,,paid,,,kronor,100.00,0.00,0.00,100.00,,2026-09-03 10:00:00 +0200,1,Mössa,100.00,SKU-1101,0.00,,0.00,,web,
"""


@pytest.fixture
def products(tmp_path: Path) -> Path:
    path = tmp_path / "products_export.csv"
    path.write_text(PRODUCTS)
    return path


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders_export.csv"
    path.write_text(ORDERS)
    return path


def test_rows_of_a_handle_are_one_product(shop: Shop, products: Path) -> None:
    report = import_shopify_products(shop, products, storefront="https://www.fjall.se")
    assert (report.rows, report.added, report.refused_rows) == (7, 3, 2)
    assert [(row.line, row.field) for row in report.refused] == [(7, "line 7.price"), (8, "Handle")]
    found = {one.id: one for one in catalog(shop)}
    boot = found["fjallkanga"]
    assert (boot.title, boot.brand, boot.category) == ("Fjällkänga", "Lundhags", ("Skor", "Kängor"))
    assert (boot.description, boot.url) == ("Varm & tät", "https://www.fjall.se/products/fjallkanga")
    assert (boot.image_url, len(boot.images)) == ("https://cdn.example.com/a.jpg", 2)
    first, second = boot.variants
    assert (first.id, first.color, first.size, first.gtin) == ("SKU-1100", "Grön", "42", "07310865004703")
    assert first.offers == (Offer("SE", 249900, "SEK", 199900, cost=80000),)
    assert (first.stock, second.stock, second.availability) == ({"web": 5}, {"web": 0}, "backorder")
    assert [one.id for one in found["mossa"].variants] == ["mossa"]
    assert (found["utkast"].retired is None, boot.retired) == (False, None)
    again = import_shopify_products(shop, products, storefront="https://www.fjall.se")
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)


def test_the_columns_of_reviews_tell_ratings_in_any_language(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "products_export.csv"
    rating = '"{""value"":""4.6"",""scale_max"":""5.0""}"'
    path.write_text(
        "Handle,Title,Variant Price,Betyg (product.metafields.reviews.rating),"
        "Antal (product.metafields.reviews.rating_count)\n"
        f"kanga,Känga,100.00,{rating},132\nmossa,Mössa,50.00,,\n"
    )
    import_shopify_products(shop, path)
    boot, hat = catalog(shop)
    assert rating_of(boot.attributes) == Rating("4.6", 5, 132)
    assert hat.attributes == {}


def test_a_rating_of_the_file_outlives_webhooks_that_do_not_tell_it(shop: Shop, tmp_path: Path) -> None:
    one, path = connect(shop), tmp_path / "products_export.csv"

    def bring(rating: str) -> None:
        path.write_text(
            "Handle,Title,Variant Price,Rating (product.metafields.reviews.rating),"
            "Count (product.metafields.reviews.rating_count)\n"
            f"fjallkanga,Känga,100.00,{rating},132\n"
        )
        import_shopify_products(shop, path, connection=one)

    def told() -> Rating | None:
        return rating_of({each.id: each for each in catalog(shop)}["11"].attributes)

    bring("4.6")
    for day in (1, 2):
        deliver(shop, one, "products/update", product(updated_at=f"2026-09-0{day}T10:00:00Z"))
        assert told() == Rating("4.6", 5, 132)
    shop.clock.advance(1)
    bring("4.2")
    assert told() == Rating("4.2", 5, 132)


def test_the_file_and_the_webhooks_speak_of_the_same_product(shop: Shop, products: Path) -> None:
    one = connect(shop)
    import_shopify_products(shop, products, connection=one)
    deliver(shop, one, "products/update", product(variants=[variant(1100, option1="Grön", option2="42")]))
    found = {each.id: each for each in catalog(shop)}
    assert found["fjallkanga"].retired is not None
    assert (found["11"].retired, found["11"].variants[0].offers[0].cost) == (None, 80000)
    again = import_shopify_products(shop, products, connection=one)
    assert (again.known, again.added) == (1, 0)
    assert {each.id for each in catalog(shop) if each.retired is None} == {"11", "mossa"}


def add_server(shop: Shop) -> None:
    keys(shop).add_source(Source("server", "server", "wk_server", {"analytics": True}, "contract"))


def test_orders_come_with_lines_refunds_and_cancellations(shop: Shop, products: Path, orders: Path) -> None:
    add_server(shop)
    import_shopify_products(shop, products)
    live_catalog(shop).poll()
    report = import_shopify_orders(shop, orders)
    assert (report.rows, report.orders, report.unmatched_lines, report.refused_rows) == (5, 4, 1, 1)
    assert [(row.line, row.field) for row in report.refused] == [(6, "Currency")]
    keep_orders(shop)
    first, second, third = (find_order(shop, number) for number in ("9001", "9002", "9003"))
    assert first is not None
    assert second is not None
    assert third is not None
    # 2198 holds 439.60 of tax, since subtotal and shipping alone make the total.
    assert (first.value, first.tax, first.coupon) == (175840, 43960, "HÖST")
    assert [(line.product, line.quantity, line.price) for line in first.lines] == [
        ("fjallkanga", 1, 199900),
        (None, 1, 19900),
    ]
    assert (second.value, second.refunded, second.status, second.channel) == (
        10000,
        10000,
        "refunded",
        "store",
    )
    assert third.status == "cancelled"
    assert import_shopify_orders(shop, orders).stored == 0


def test_a_webhook_does_not_tell_again_what_the_file_told(shop: Shop, orders: Path) -> None:
    one = connect(shop)
    import_shopify_orders(shop, orders, connection=one)
    refund = {
        "id": 1,
        "order_id": 9002,
        "created_at": "2026-09-03T10:00:00+02:00",
        "refund_line_items": [],
        "order_adjustments": [{"kind": "refund_discrepancy", "amount": "-100.00"}],
    }
    body = order(9002, subtotal_price="100.00", refunds=[refund], updated_at="2026-09-20T10:00:00+02:00")
    deliver(shop, one, "orders/updated", body)
    keep_orders(shop)
    found = find_order(shop, "9002")
    assert found is not None
    assert (found.value, found.refunded) == (10000, 10000)


def test_moments_are_read_as_the_export_writes_them() -> None:
    assert read_moment("2026-09-01 10:00:00 +0200", "x") == parse_time("2026-09-01T08:00:00Z")
    assert read_moment("2026-09-01 10:00:00 UTC", "x") == parse_time("2026-09-01T10:00:00Z")
    with pytest.raises(InvalidInput):
        read_moment("", "Created at")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", '"unclosed'])
def test_what_is_no_export_is_refused(sqlite_shop: Shop, tmp_path: Path, text: str) -> None:
    add_server(sqlite_shop)
    path = tmp_path / "some.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput):
        import_shopify_products(sqlite_shop, path)
    with pytest.raises(InvalidInput):
        import_shopify_orders(sqlite_shop, path)
