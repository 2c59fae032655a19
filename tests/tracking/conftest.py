"""A shop with its sources, and a caller that speaks ASGI to its routes."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from expedit.access import Source, keys
from expedit.storage import Shop
from expedit.tracking.api import routes
from expedit.web import RawRoutes

BROWSER_KEY, SERVER_KEY, TILL_KEY = "wk_web", "wk_server", "wk_till"


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any


class Client:
    """Sends requests to the tracking routes of a shop, each in an event loop of its own."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.app = RawRoutes(routes(shop), _nowhere, ("https://shop.se",))

    def post(self, path: str, body: Any, key: str | None = SERVER_KEY, **headers: str) -> Reply:
        return asyncio.run(self.send("POST", path, body, key, **headers))

    async def send(
        self, method: str, path: str, body: Any = b"", key: str | None = SERVER_KEY, **headers: str
    ) -> Reply:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given["authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": data, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(dict(message))

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        await self.app(scope, receive, send)
        start, content = sent
        answered = {name.decode(): value.decode() for name, value in start["headers"]}
        text = content["body"]
        return Reply(start["status"], answered, json.loads(text) if text else None)


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError(f"no raw route serves {scope['path']}")


def add_sources(shop: Shop) -> None:
    known = keys(shop)
    known.add_source(Source("web", "browser", BROWSER_KEY, {}, "consent"))
    known.add_source(
        Source("server", "server", SERVER_KEY, {"analytics": True, "personalization": True}, "consent")
    )
    known.add_source(Source("till", "till", TILL_KEY, {}, "contract"))


@pytest.fixture
def client(shop: Shop) -> Client:
    add_sources(shop)
    return Client(shop)


@pytest.fixture
def sqlite_client(sqlite_shop: Shop) -> Client:
    add_sources(sqlite_shop)
    return Client(sqlite_shop)


@pytest.fixture
def stored() -> Callable[[Shop], list[Any]]:
    """Give a function that returns the events at the head of the log."""
    from expedit.events import unpack_event

    def read(shop: Shop) -> list[Any]:
        rows = shop.database.read_rows("SELECT body FROM events ORDER BY seq")
        return [unpack_event(bytes(body)) for (body,) in rows]

    return read
