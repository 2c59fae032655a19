"""Shopify's messages for tests: small bodies as its webhooks write them, signed and put into an inbox."""

from __future__ import annotations

import json
from typing import Any

from expedit.connections import Connection, Hook, add_connection, process, receive
from expedit.connections.shopify.hook import signature_of
from expedit.storage import Shop

SECRET = "shpss_0123456789abcdef"
DOMAIN = "fjallbutiken.myshopify.com"


def connect(to: Shop, /, **given: str) -> Connection:
    """Connect a Shopify shop whose customers are known by contract."""
    values = {"shop": DOMAIN, "client_secret": SECRET, "currency": "SEK", **given}
    consent = {"analytics": True, "personalization": True}
    return add_connection(to, "shopify", "Shopify", values, consent=consent)


def hook(topic: str, body: Any, event: str = "", at: int = 1_790_000_000_000_000, **headers: str) -> Hook:
    """Return a webhook as Shopify sends it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": DOMAIN,
        "x-shopify-hmac-sha256": signature_of(raw, SECRET),
        "x-shopify-event-id": event,
        **{f"x-shopify-{name.replace('_', '-')}": value for name, value in headers.items()},
    }
    return Hook({name: value for name, value in named.items() if value}, raw, at)


def deliver(shop: Shop, connection: Connection, topic: str, body: Any, **headers: str) -> None:
    """Have a webhook received and handled."""
    receive(shop, connection, hook(topic, body, at=shop.clock(), **headers))
    process(shop)


def line(product: int, quantity: int = 1, price: str = "199.00", **more: Any) -> dict[str, Any]:
    return {
        "id": product * 10,
        "product_id": product,
        "variant_id": product * 100,
        "quantity": quantity,
        "price": price,
        **more,
    }


def order(number: int = 5001, **more: Any) -> dict[str, Any]:
    lines = more.pop("line_items", [line(11)])
    subtotal = sum(float(one["price"]) * one["quantity"] for one in lines)
    return {
        "id": number,
        "name": f"#{number}",
        "created_at": "2026-09-01T10:00:00+02:00",
        "updated_at": "2026-09-01T10:00:00+02:00",
        "currency": "SEK",
        "email": "anna@lind.se",
        "customer": {"id": 77, "email": "anna@lind.se"},
        "subtotal_price": f"{subtotal:.2f}",
        "total_tax": "0.00",
        "taxes_included": False,
        "line_items": lines,
        "refunds": [],
        **more,
    }


def product(number: int = 11, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": "Fjällkänga",
        "handle": "fjallkanga",
        "vendor": "Lundhags",
        "product_type": "Skor > Kängor",
        "status": "active",
        "created_at": "2026-08-01T10:00:00+02:00",
        "updated_at": "2026-09-01T10:00:00+02:00",
        "published_at": "2026-08-02T10:00:00+02:00",
        "options": [{"name": "Färg", "position": 1}, {"name": "Storlek", "position": 2}],
        "variants": [variant(number * 100, option1="Grön", option2="42")],
        "images": [{"id": 1, "src": "https://cdn.example.com/kanga.jpg", "position": 1}],
        **more,
    }


def variant(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "sku": f"SKU-{number}",
        "price": "1999.00",
        "compare_at_price": None,
        "inventory_item_id": number + 1,
        "inventory_management": "shopify",
        "inventory_policy": "deny",
        "inventory_quantity": 5,
        **more,
    }
