"""The catalog over HTTP, for the holder of a secret key."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from expedit.access import keys
from expedit.catalog import live_catalog
from expedit.catalog.api import routes
from expedit.core import DAY
from expedit.storage import Shop
from expedit.web import build_application

ROWS = (
    b'{"id": "j-m", "item_group_id": "j", "title": "Jacka", "price": "100 SEK", "size": "M"}\n'
    b'{"id": "bad", "title": "X", "price": "much"}\n'
    b'{"id": "a/b", "title": "Keps", "prices": {"NO": {"price": "50 NOK"}}, "stock": {"web": 2}}\n'
)


class Client:
    """Calls the application without a network."""

    def __init__(self, shop: Shop, *scopes: Any) -> None:
        self._secret = keys(shop).add_api_key("test", scopes)
        self._transport = httpx.ASGITransport(build_application(routes(shop), version="0"))

    async def call(self, method: str, path: str, secret: str | None = None, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {secret or self._secret}"}
        async with httpx.AsyncClient(transport=self._transport, base_url="http://shop.example") as client:
            return await client.request(method, path, headers=headers, **options)


def run(coroutine: Any) -> httpx.Response:
    import asyncio

    return asyncio.run(coroutine)  # type: ignore[no-any-return]


def test_rows_come_in_and_the_bad_one_is_named(shop: Shop) -> None:
    client = Client(shop, "catalog:write")

    answer = run(client.call("POST", "/v1/catalog/products", content=ROWS))

    assert answer.status_code == 200
    assert answer.json() == {
        "read": 3,
        "added": 2,
        "changed": 0,
        "unchanged": 0,
        "retired": 0,
        "refused": [{"line": 2, "field": "price", "reason": "'much' is not an amount"}],
    }
    again = run(client.call("POST", "/v1/catalog/products", json=[{"id": "x", "title": "X", "price": 5}]))
    assert again.json()["added"] == 1


def test_stock_and_prices_change_and_show(shop: Shop, shop_clock) -> None:
    client = Client(shop, "catalog:write")
    run(client.call("POST", "/v1/catalog/products", content=ROWS))
    live = live_catalog(shop)
    shop_clock.advance(40 * DAY)

    stock = run(client.call("PATCH", "/v1/catalog/stock", json=[{"id": "a/b", "quantity": 0}, {"id": "?"}]))
    change = {"id": "j-m", "market": "SE", "price": "100", "sale_price": "80"}
    prices = run(client.call("PATCH", "/v1/catalog/prices", json=[change]))

    assert stock.json()["changed"] == 1
    assert stock.json()["refused"] == [{"line": 2, "field": "quantity", "reason": "missing"}]
    assert prices.json()["changed"] == 1
    live.poll()
    assert live.current().sellable([0], "NO").tolist() == [False]
    shown = run(client.call("GET", "/v1/catalog/products/j-m")).json()
    assert (shown["id"], shown["retired"]) == ("j", None)
    assert shown["rows"][0]["prices"] == {"SE": {"price": "100.00 SEK", "sale_price": "80.00 SEK"}}
    assert shown["prices"] == [
        {
            "id": "j-m",
            "market": "SE",
            "prior_price": "100.00",
            "history": [
                {
                    "from": "2026-09-21T14:13:20.000Z",
                    "until": "2026-10-31T14:13:20.000Z",
                    "price": "100.00",
                    "sale_price": None,
                    "currency": "SEK",
                    "imported": False,
                },
                {
                    "from": "2026-10-31T14:13:20.000Z",
                    "until": None,
                    "price": "100.00",
                    "sale_price": "80.00",
                    "currency": "SEK",
                    "imported": False,
                },
            ],
        }
    ]
    assert run(client.call("GET", "/v1/catalog/products/a/b")).json()["rows"][0]["stock"] == {"web": 0}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/catalog/products"),
        ("PATCH", "/v1/catalog/stock"),
        ("PATCH", "/v1/catalog/prices"),
        ("GET", "/v1/catalog/products/j"),
    ],
)
def test_nobody_without_the_scope(sqlite_shop: Shop, method: str, path: str) -> None:
    client = Client(sqlite_shop, "people:read")
    assert run(client.call(method, path, content=b"[]")).status_code == 403
    assert run(client.call(method, path, secret="sk_wrong", content=b"[]")).status_code == 401


def test_what_is_wrong_is_said(sqlite_shop: Shop) -> None:
    client = Client(sqlite_shop, "catalog:write")
    assert run(client.call("GET", "/v1/catalog/products/none")).status_code == 404
    answer = run(client.call("PATCH", "/v1/catalog/stock", content=b'[{"id": "a"}, 5]'))
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "[1]", "reason": "Expected `object`, got `int`"}]
