"""A WooCommerce shop of our own: a small real server that pages, throttles, fails and goes on selling."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from expedit.access import Source, keys
from expedit.connections import store
from expedit.connections.fetching import FetchRules
from expedit.connections.model import Connection
from expedit.connections.plugged import connections
from expedit.connections.woocommerce.client import WooClient
from expedit.connections.woocommerce.pulling import Pull
from expedit.core import no_progress, to_json
from expedit.storage import Shop
from tests.support.small_server import Asked, Reply, SmallServer, small_server

RULES = FetchRules(allowed=("127.0.0.1",))


def product(product_id: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": product_id,
        "name": f"Product {product_id}",
        "type": "simple",
        "status": "publish",
        "catalog_visibility": "visible",
        "permalink": f"https://shop.example/p/{product_id}",
        "description": "<p>Warm &amp; dry</p><script>x()</script><ul><li>One</li><li>Two</li></ul>",
        "sku": f"SKU-{product_id}",
        "regular_price": "199.00",
        "price": "199.00",
        "sale_price": "",
        "date_created_gmt": "2026-01-01T10:00:00",
        "date_modified_gmt": "2026-01-02T10:00:00",
        "manage_stock": True,
        "stock_quantity": 5,
        "stock_status": "instock",
        "parent_id": 0,
        "categories": [{"id": 2, "name": "Jackets", "slug": "jackets"}],
        "images": [{"id": 1, "src": f"https://shop.example/i/{product_id}.jpg"}],
        "attributes": [],
        "variations": [],
        "meta_data": [],
        **changes,
    }


def order(order_id: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": order_id,
        "number": str(order_id),
        "status": "processing",
        "currency": "SEK",
        "date_created_gmt": "2026-03-01T10:00:00",
        "date_modified_gmt": "2026-03-01T10:00:05",
        "shipping_total": "39.20",
        "total": "298.00",
        "total_tax": "59.60",
        "prices_include_tax": True,
        "customer_id": 7,
        "created_via": "checkout",
        "billing": {"email": "anna@shop.example", "phone": "0701234567", "country": "SE"},
        "line_items": [
            {
                "id": 1,
                "product_id": 10,
                "variation_id": 0,
                "quantity": 1,
                "total": "199.20",
                "total_tax": "49.80",
                "sku": "SKU-10",
            }
        ],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "meta_data": [],
        **changes,
    }


class FakeWoo:
    """The shop's data, and how it behaves.

    Parameters
    ----------
    before
        Called with each request; an answer instead of the ordinary one, or None.
    """

    def __init__(self) -> None:
        self.data: dict[str, list[dict[str, Any]]] = {
            "products": [],
            "orders": [],
            "customers": [],
            "products/categories": [
                {"id": 1, "name": "Clothes", "slug": "clothes", "parent": 0},
                {"id": 2, "name": "Jackets", "slug": "jackets", "parent": 1},
            ],
        }
        self.before: Callable[[Asked], Reply | None] = lambda _: None
        self.keys = ("ck_1", "cs_1")
        self.date = "Sun, 01 Mar 2026 12:00:00 GMT"

    def answer(self, asked: Asked) -> Reply:
        instead = self.before(asked)
        if instead is not None:
            return instead
        if asked.path == "/wp-json/":
            return self.reply({"name": "Shop", "timezone_string": "Europe/Stockholm", "gmt_offset": 1})
        expected = "Basic " + base64.b64encode(":".join(self.keys).encode()).decode()
        if asked.headers.get("authorization") != expected:
            return self.reply({"code": "woocommerce_rest_cannot_view", "message": "Sorry"}, 401)
        items = self.data.get(asked.path.removeprefix("/wp-json/wc/v3/"))
        if items is None:
            return self.reply({"code": "rest_no_route", "message": "No route"}, 404)
        found = sorted(items, key=lambda item: item["id"])
        since = asked.query.get("modified_after")
        if since:
            found = [item for item in found if item.get("date_modified_gmt", "") > since]
        size, number = int(asked.query["per_page"]), int(asked.query["page"])
        pages = -(-len(found) // size)
        page = found[(number - 1) * size : number * size]
        return self.reply(page, 200, ("X-WP-Total", str(len(found))), ("X-WP-TotalPages", str(pages)))

    def reply(self, value: object, status: int = 200, *headers: tuple[str, str]) -> Reply:
        return Reply(json.dumps(value).encode(), status, (("Content-Type", "application/json"), *headers))


@pytest.fixture
def woo() -> FakeWoo:
    return FakeWoo()


@pytest.fixture
def woo_server(woo: FakeWoo) -> Iterator[SmallServer]:
    with small_server(woo.answer) as server:
        yield server


def connect(
    shop: Shop,
    url: str = "https://shop.example",
    consent: Mapping[str, bool] | None = None,
    **settings: str,
) -> Connection:
    """Plug the shop in, with its secrets."""
    assumed = dict({"analytics": True} if consent is None else consent)
    keys(shop).add_source(Source("woo", "server", "wk_woo", assumed, "contract"))
    one = Connection("woo", "woocommerce", "Woo", "woo", {"url": url, **settings}, True, shop.clock())
    plugged = connections(shop)
    with shop.database.writing() as tx:
        store.put_connection(tx, one)
        for name, secret in (
            ("webhook_secret", "hush"),
            ("consumer_key", "ck_1"),
            ("consumer_secret", "cs_1"),
        ):
            sealed = plugged.vault.seal(secret, f"connection woo: {name}")
            store.put_secret(tx, "woo", name, sealed, shop.clock(), shop.clock())
    plugged.forget()
    return one


def pull(shop: Shop, connection: Connection, url: str, pages: int = 10_000) -> tuple[str, bool]:
    """Pull at most so many pages, without waiting."""
    client = WooClient(url, "ck_1", "cs_1", RULES, shop.clock, lambda _: None)
    left = [pages]

    def enough() -> bool:
        left[0] -= 1
        return left[0] <= 0

    try:
        return Pull(shop, connection, client, no_progress, enough).run()
    finally:
        client.close()


def body_of(value: object) -> bytes:
    return to_json(value)
