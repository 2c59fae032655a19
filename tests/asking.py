"""Asking routes as a machine of the shop does: in this process, with a secret key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx

from expedit.access import keys
from expedit.storage import Shop
from expedit.web import Route, build_application


class Asking:
    """Sends requests to routes with a key that may, or one that may not."""

    def __init__(self, shop: Shop, routes: Sequence[Route], scope: str = "rules:write") -> None:
        self._app = build_application(list(routes), version="test")
        self._key = keys(shop).add_api_key("test", (scope,))  # type: ignore[arg-type]
        self._weak = keys(shop).add_api_key("weak", ("decide",))

    def __call__(self, method: str, path: str, body: object = None, *, may: bool = True) -> tuple[int, Any]:
        """Return the status and the body of the answer."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                headers = {"authorization": f"Bearer {self._key if may else self._weak}"}
                return await client.request(method, path, content=json.dumps(body or {}), headers=headers)

        answer = asyncio.run(send())
        return answer.status_code, answer.json()
