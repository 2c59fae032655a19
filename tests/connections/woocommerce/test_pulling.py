"""Pulling everything once, then what changed, from a real server that pages, throttles and breaks off."""

from __future__ import annotations

from typing import Any

import pytest

from expedit.catalog import live_catalog
from expedit.connections import store
from expedit.connections.addresses import FetchFailed, FetchRefused
from expedit.connections.fetching import FetchRules
from expedit.connections.woocommerce.client import WooClient
from expedit.core import Conflict, NotAllowed
from expedit.orders import find_order, keep_orders
from expedit.storage import Shop
from tests.conftest import ShopMaker, StandingClock
from tests.support.small_server import Asked, Reply, SmallServer

from .conftest import RULES, FakeWoo, connect, order, product, pull


def sold(shop: Shop) -> set[str]:
    live = live_catalog(shop)
    live.poll()
    snapshot = live.current()
    return {product_id for product_id in snapshot.ids if snapshot.active[snapshot.index[product_id]]}


def paths(server: SmallServer) -> list[str]:
    return [f"{one.path.removeprefix('/wp-json/wc/v3/')}?{one.query.get('page', '')}" for one in server.asked]


def test_a_first_pull_takes_products_orders_and_customers(
    shop: Shop, woo: FakeWoo, woo_server: SmallServer, shop_clock: StandingClock
) -> None:
    woo.data["products"] = [product(number) for number in range(10, 260)]
    woo.data["orders"] = [order(1000 + number) for number in range(120)]
    woo.data["customers"] = [{"id": 7, "email": "anna@shop.example", "role": "customer"}]
    connection = connect(shop)
    note, finished = pull(shop, connection, woo_server.url)
    assert (note, finished) == ("250 products, 120 orders, 1 customers", True)
    assert len(sold(shop)) == 250
    keep_orders(shop)
    found = find_order(shop, "1000")
    assert found is not None
    assert (found.value, found.tax, found.shipping, found.currency) == (19920, 5960, 3920, "SEK")
    assert [(line.item, line.product, line.quantity, line.price) for line in found.lines] == [
        ("10", "10", 1, 24900)
    ]
    with shop.database.reading() as tx:
        assert store.read_mark(tx, "woo", "timezone") == "Europe/Stockholm"
        assert tx.row("SELECT count(*), sum(total) FROM shop_orders") == (120, 120 * 29800)


def test_an_increment_asks_by_the_clock_of_the_shop_and_adds_nothing_twice(
    shop: Shop, woo: FakeWoo, woo_server: SmallServer
) -> None:
    woo.data["products"] = [product(10)]
    woo.data["orders"] = [order(1000)]
    connection = connect(shop)
    pull(shop, connection, woo_server.url)
    woo.data["orders"].append(order(1001, date_modified_gmt="2090-03-01T13:00:00"))
    woo.data["products"].append(product(11, date_modified_gmt="2090-03-01T13:00:00"))
    woo_server.asked.clear()
    note, _ = pull(shop, connection, woo_server.url)
    assert note == "1 products, 1 orders"
    since = {
        one.query.get("modified_after")
        for one in woo_server.asked
        if one.path.endswith(("/orders", "/products"))
    }
    assert (
        None not in since
    )  # it comes from the Date header of the shop's answers, which is not our clock's time
    pull(shop, connection, woo_server.url)
    keep_orders(shop)
    with shop.database.reading() as tx:
        assert tx.row("SELECT count(*) FROM events WHERE kind = 'purchase'") == (2,)
        assert tx.row("SELECT count(*) FROM orders") == (2,)


def test_a_pull_that_was_stopped_goes_on_at_the_same_page(
    shop: Shop, woo: FakeWoo, woo_server: SmallServer
) -> None:
    woo.data["products"] = [product(number) for number in range(1, 351)]
    connection = connect(shop)
    note, finished = pull(shop, connection, woo_server.url, pages=2)
    assert (note, finished) == ("products: 200 so far", False)
    assert len(sold(shop)) == 200
    woo_server.asked.clear()
    note, finished = pull(shop, connection, woo_server.url)
    assert finished
    assert [path for path in paths(woo_server) if path.startswith("products?")] == [
        "products?3",
        "products?4",
    ]
    assert len(sold(shop)) == 350


def test_a_pull_that_dies_between_a_page_and_its_mark_repeats_the_page_without_harm(
    shop: Shop, woo: FakeWoo, woo_server: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    woo.data["orders"] = [order(1000 + number) for number in range(150)]
    connection = connect(shop)
    real = store.put_mark

    def dies(tx: Any, connection_id: str, name: str, value: str) -> None:
        if name == "pull orders":
            raise KeyboardInterrupt
        real(tx, connection_id, name, value)

    monkeypatch.setattr(store, "put_mark", dies)
    with pytest.raises(KeyboardInterrupt):
        pull(shop, connection, woo_server.url)
    monkeypatch.setattr(store, "put_mark", real)
    pull(shop, connection, woo_server.url)
    with shop.database.reading() as tx:
        assert tx.row("SELECT count(*) FROM events WHERE kind = 'purchase'") == (150,)


def test_products_deleted_during_the_pull_make_it_miss_nothing(
    sqlite_shop: Shop, woo: FakeWoo, woo_server: SmallServer
) -> None:
    woo.data["products"] = [product(number) for number in range(1, 301)]
    connection = connect(sqlite_shop)
    asked = 0

    def before(request: Asked) -> Reply | None:
        nonlocal asked
        if request.path.endswith("/products"):
            asked += 1
            if asked == 2:  # three of the first page go while the second is asked for
                woo.data["products"] = woo.data["products"][3:]
        return None

    woo.before = before
    pull(sqlite_shop, connection, woo_server.url)
    assert {str(number) for number in range(4, 301)} <= sold(sqlite_shop)


def test_a_throttled_shop_is_waited_for_as_long_as_it_asks(woo: FakeWoo, woo_server: SmallServer) -> None:
    answers = [Reply(b"{}", 429, (("Retry-After", "7"),)), Reply(b"busy", 503), None]
    woo.before = lambda _: answers.pop(0) if answers else None
    waits: list[float] = []
    client = WooClient(woo_server.url, *woo.keys, RULES, lambda: 0, waits.append)
    assert client.page("products", 1).items == []
    client.close()
    assert waits == [7.0, 2.0]


def test_patience_ends(woo: FakeWoo, woo_server: SmallServer) -> None:
    woo.before = lambda _: Reply(b'{"message": "maintenance"}', 503)
    waits: list[float] = []
    client = WooClient(woo_server.url, *woo.keys, RULES, lambda: 0, waits.append)
    with pytest.raises(FetchFailed, match="503 maintenance") as told:
        client.page("products", 1)
    assert (told.value.status, waits) == (503, [1.0, 2.0, 4.0, 8.0])
    woo.before = lambda _: Reply(b"{}", 429, (("Retry-After", "3600"),))
    with pytest.raises(FetchFailed) as later:
        client.page("products", 1)
    client.close()
    assert later.value.retry_after == 3600.0
    assert len(waits) == 4  # an hour is not waited for here: the next run comes then


def test_a_connection_cut_off_in_the_middle_of_a_page_is_tried_again(
    woo: FakeWoo, woo_server: SmallServer
) -> None:
    woo.data["products"] = [product(1)]
    cuts = [Reply(b"[{" + b" " * 5000, cut=100)]
    woo.before = lambda _: cuts.pop() if cuts else None
    client = WooClient(woo_server.url, *woo.keys, RULES, lambda: 0, lambda _: None)
    assert [item["id"] for item in client.page("products", 1).items] == [1]
    client.close()


def test_keys_that_do_not_fit_are_told_at_once(woo: FakeWoo, woo_server: SmallServer) -> None:
    client = WooClient(woo_server.url, "ck_wrong", "cs_1", RULES, lambda: 0, lambda _: None)
    with pytest.raises(NotAllowed, match="does not take the keys for products: 401 Sorry"):
        client.page("products", 1)
    client.close()


def test_a_page_that_is_no_rest_interface_says_so(woo: FakeWoo, woo_server: SmallServer) -> None:
    woo.before = lambda _: Reply(b"<!doctype html><title>Coming soon</title>")
    client = WooClient(woo_server.url, *woo.keys, RULES, lambda: 0, lambda _: None)
    with pytest.raises(FetchFailed, match="is no REST interface of WooCommerce"):
        client.page("products", 1)
    client.close()


def test_keys_are_not_sent_over_the_open_net_unencrypted() -> None:
    with pytest.raises(FetchRefused, match="must be https"):
        WooClient("http://shop.example", "ck", "cs", FetchRules(), lambda: 0)


def test_what_cannot_be_read_waits_in_the_inbox_and_the_rest_is_taken(
    shop: Shop, woo: FakeWoo, woo_server: SmallServer
) -> None:
    woo.data["products"] = [product(1), product(2, regular_price="twelve"), product(3)]
    woo.data["orders"] = [order(9), order(8, total="??"), {"id": 7}]
    note, _ = pull(shop, connect(shop), woo_server.url)
    assert note == "2 products, 1 orders"
    assert sold(shop) == {"1", "3"}
    with shop.database.reading() as tx:
        waiting = tx.rows("SELECT topic, delivery, subjects <> '' FROM inbox ORDER BY id")
    assert [row[:2] for row in waiting] == [
        ("product.updated", "pulled:product:2:2026-01-02T10:00:00"),
        ("order.updated", "pulled:order:7:None"),
        ("order.updated", "pulled:order:8:2026-03-01T10:00:05"),
    ]
    assert [bool(row[2]) for row in waiting] == [False, False, True]  # erasure finds whom it names


def test_a_full_pull_retires_what_is_gone_but_not_half_of_the_range(
    make_shop: ShopMaker, woo: FakeWoo, woo_server: SmallServer, shop_clock: StandingClock
) -> None:
    shop = make_shop("sqlite")
    woo.data["products"] = [product(number) for number in range(1, 41)]
    connection = connect(shop)
    pull(shop, connection, woo_server.url)
    woo.data["products"] = woo.data["products"][2:]
    shop_clock.advance(25 * 3_600_000_000)
    note, _ = pull(shop, connection, woo_server.url)
    assert note == "2 products retired, 38 products"
    assert len(sold(shop)) == 38
    woo.data["products"] = woo.data["products"][:10]
    shop_clock.advance(25 * 3_600_000_000)
    with pytest.raises(Conflict, match="did not show 28 of 38 products"):
        pull(shop, connection, woo_server.url)
    assert len(sold(shop)) == 38


def test_refunds_are_fetched_with_their_lines(shop: Shop, woo: FakeWoo, woo_server: SmallServer) -> None:
    woo.data["products"] = [product(10)]
    woo.data["orders"] = [order(1000, refunds=[{"id": 55, "reason": "", "total": "-249.00"}])]
    woo.data["orders/1000/refunds"] = [
        {
            "id": 55,
            "date_created_gmt": "2026-03-05T10:00:00",
            "amount": "249.00",
            "line_items": [
                {"id": 9, "product_id": 10, "quantity": -1, "total": "-199.20", "total_tax": "-49.80"}
            ],
        }
    ]
    pull(shop, connect(shop), woo_server.url)
    keep_orders(shop)
    found = find_order(shop, "1000")
    assert found is not None
    assert (found.status, found.value, found.refunded) == ("refunded", 19920, 19920)
    assert [(line.quantity, line.returned) for line in found.lines] == [(1, 1)]


def test_variations_are_pulled_with_their_product(shop: Shop, woo: FakeWoo, woo_server: SmallServer) -> None:
    woo.data["products"] = [
        product(
            20, type="variable", regular_price="", price="199.00", variations=[21, 22], manage_stock=False
        )
    ]
    woo.data["products/20/variations"] = [
        {
            "id": number,
            "status": "publish",
            "regular_price": price,
            "price": price,
            "sku": f"V-{number}",
            "manage_stock": False,
            "stock_status": "instock",
            "date_modified_gmt": "2026-01-02T10:00:00",
            "attributes": [{"id": 1, "name": "Storlek", "option": size}],
        }
        for number, size, price in ((21, "S", "199.00"), (22, "M", "209.00"))
    ]
    pull(shop, connect(shop), woo_server.url)
    live = live_catalog(shop)
    live.poll()
    facts = live.current().describe("22")
    assert facts is not None
    assert (facts.product_id, facts.size, facts.category) == ("20", "M", "Clothes > Jackets")
