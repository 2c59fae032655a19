"""What the command line asks of connections, here or of the running server: plain values in and out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from expedit.access import PURPOSES, audit
from expedit.connections.changing import (
    add_connection,
    kind_of,
    remove_connection,
    rotate_secret,
    webhook_path,
)
from expedit.connections.health import every_health
from expedit.connections.inbox import replay
from expedit.connections.plugged import connections
from expedit.connections.shopify import import_shopify_orders, import_shopify_products
from expedit.connections.wording import concern_text
from expedit.core import HOUR, InvalidInput, Progress, format_time
from expedit.storage import Shop

Command = Callable[[Shop, Progress, dict[str, Any]], object]


def _connect(shop: Shop, _: Progress, given: dict[str, Any]) -> object:
    allowed = given["consent"]
    if unknown := set(allowed) - set(PURPOSES):
        raise InvalidInput("consent", f"no purpose is called {', '.join(sorted(unknown))}")
    one = add_connection(
        shop,
        given["kind"],
        given["name"],
        given["values"],
        consent=dict.fromkeys(allowed, True) if allowed else None,
        legal_basis=given["legal_basis"],
    )
    audit(shop, None, "connections.add", one.id, {"kind": one.kind})
    path = webhook_path(one)
    return {
        "id": one.id,
        "kind": one.kind,
        "webhook": f"{shop.settings.public_url.rstrip('/')}{path}" if path else "",
        "topics": list(kind_of(one).topics),
    }


def _list(shop: Shop, _: Progress, given: dict[str, Any]) -> object:  # noqa: ARG001  (a command's shape)
    return [
        {
            "id": health.connection.id,
            "kind": health.connection.kind,
            "name": health.connection.name,
            "state": health.state,
            "says": concern_text("en", health),
            "last": None if health.last is None else format_time(health.last),
            "pending": health.pending,
            "failed": health.failed,
            "webhook": webhook_path(health.connection),
        }
        for health in every_health(shop)
    ]


def _replay(shop: Shop, _: Progress, given: dict[str, Any]) -> object:
    one = connections(shop).get(given["connection"])
    count = replay(shop, one.id)
    audit(shop, None, "connections.replay", one.id, {"messages": count})
    return {"replayed": count}


def _rotate(shop: Shop, _: Progress, given: dict[str, Any]) -> object:
    one = connections(shop).get(given["connection"])
    rotate_secret(shop, one.id, given["name"], given["value"], given["hours"] * HOUR)
    audit(shop, None, "connections.rotate", one.id, {"secret": given["name"]})
    return {"rotated": given["name"]}


def _remove(shop: Shop, _: Progress, given: dict[str, Any]) -> object:
    remove_connection(shop, given["connection"])
    audit(shop, None, "connections.remove", given["connection"])
    return {"removed": given["connection"]}


def _reseal(shop: Shop, _: Progress, given: dict[str, Any]) -> object:  # noqa: ARG001  (a command's shape)
    return {"resealed": connections(shop).reseal(), "key": connections(shop).vault.key_name}


def _import_products(shop: Shop, progress: Progress, given: dict[str, Any]) -> object:
    named = given.get("connection")
    return import_shopify_products(
        shop,
        Path(given["path"]),
        connection=connections(shop).get(named) if named else None,
        market=given.get("market"),
        progress=progress,
    )


def _import_orders(shop: Shop, progress: Progress, given: dict[str, Any]) -> object:
    named = given.get("connection")
    return import_shopify_orders(
        shop,
        Path(given["path"]),
        connection=connections(shop).get(named) if named else None,
        source=given.get("source") or "server",
        progress=progress,
    )


COMMANDS: dict[str, Command] = {
    "connect": _connect,
    "connections": _list,
    "connection_replay": _replay,
    "connection_rotate": _rotate,
    "connection_remove": _remove,
    "connection_reseal": _reseal,
    "import_shopify_products": _import_products,
    "import_shopify_orders": _import_orders,
}
"""Name → what the command line may ask."""
