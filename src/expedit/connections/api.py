"""The webhook route: check, store, answer; what it means is found out afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from litestar import Request, post
from litestar.datastructures import State

from expedit.connections.inbox import receive
from expedit.connections.model import Hook
from expedit.connections.plugged import connections
from expedit.core import NotFound, Struct
from expedit.storage import Shop
from expedit.web import Route

BODY_LIMIT = 5 * 1024 * 1024
"""Largest body of a webhook: a product of Shopify has up to 2,000 variants, about 2 MB."""


class Received(Struct, frozen=True, omit_defaults=False):
    """What a webhook is answered; `duplicate` when the same delivery was here before."""

    duplicate: bool


def routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of connections."""

    @post("/v1/connections/{connection_id:str}/{kind:str}", status_code=200, request_max_body_size=BODY_LIMIT)
    async def webhook(request: Request[object, object, State], connection_id: str, kind: str) -> Received:
        """Take in a webhook of a connected system; its signature over the raw body is what lets it in."""
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        fresh = await asyncio.to_thread(take, shop, connection_id, kind, headers, body)
        return Received(duplicate=not fresh)

    return [webhook]


def take(shop: Shop, connection_id: str, kind: str, headers: dict[str, str], body: bytes) -> bool:
    """Put a webhook in the inbox of its connection; return False for a duplicate.

    Raises
    ------
    NotFound
        When no connection of that kind has the id.
    NotAllowed
        When the signature does not fit.
    """
    connection = connections(shop).find(connection_id)
    if connection is None or connection.kind != kind:
        raise NotFound(f"no {kind[:20]} connection is called {connection_id[:60]!r}")
    return receive(shop, connection, Hook(headers, body, shop.clock()))
