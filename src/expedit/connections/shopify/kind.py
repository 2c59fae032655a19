"""What is asked for when a Shopify shop is connected, and what it should send."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from expedit.connections.model import Field, Kind
from expedit.connections.shopify.goods import locations_of
from expedit.connections.shopify.hook import receive
from expedit.connections.shopify.taking import handle
from expedit.core import InvalidInput, check_currency

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")

TOPICS = (
    "products/create",
    "products/update",
    "products/delete",
    "inventory_levels/update",
    "inventory_levels/disconnect",
    "locations/delete",
    "inventory_items/update",
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/fulfilled",
    "orders/cancelled",
    "refunds/create",
    "customers/create",
    "customers/update",
    "carts/create",
    "carts/update",
    "checkouts/create",
    "checkouts/update",
    "app/uninstalled",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
)


def _shop(text: str) -> str:
    domain = (
        (urlsplit(text).hostname or "" if "://" in text else text.split("/", maxsplit=1)[0]).strip().lower()
    )
    if domain and "." not in domain:
        domain += ".myshopify.com"
    if not _DOMAIN.fullmatch(domain):
        raise InvalidInput("shop", "must be the shop's own domain, as my-shop.myshopify.com")
    return domain


def _storefront(text: str) -> str:
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or "." not in parts.hostname:
        raise InvalidInput("storefront", "must be an address, as https://www.my-shop.com")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _currency(text: str) -> str:
    return check_currency(text, "currency")


def _markets(text: str) -> str:
    codes = [part.strip().upper() for part in text.split(",") if part.strip()]
    if not all(code.isalnum() for code in codes):
        raise InvalidInput("markets", "must be codes of markets, as SE, NO")
    return ", ".join(codes)


def _locations(text: str) -> str:
    return ", ".join(f"{number}={name}" for number, name in locations_of(text).items())


SHOPIFY = Kind(
    "shopify",
    (
        Field("shop", check=_shop),
        Field("client_secret", "secret"),
        Field("currency", check=_currency),
        Field("storefront", "url", required=False, check=_storefront),
        Field("markets", required=False, check=_markets),
        Field("locations", required=False, check=_locations),
        Field("money", "choice", required=False, default="shop", choices=("shop", "presentment")),
        Field(
            "products", "choice", required=False, default="online_store", choices=("online_store", "active")
        ),
        Field("test_orders", "choice", required=False, default="ignore", choices=("ignore", "take")),
    ),
    receive=receive,
    handle=handle,
    webhook_secret="client_secret",  # noqa: S106  (the name of a field)
    topics=TOPICS,
)
