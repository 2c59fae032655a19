"""What connecting WooCommerce asks for, and what it can do."""

from __future__ import annotations

import time

from expedit.connections.addresses import check_url
from expedit.connections.model import Connection, Field, Kind, More
from expedit.connections.woocommerce.hooks import client_of, handle, receive
from expedit.connections.woocommerce.pulling import Pull
from expedit.core import InvalidInput, Progress
from expedit.storage import Shop

RUN_SECONDS = 20.0
"""A run of pulling ends after the page at which this is over: other work waits for it."""

TOPICS = (
    "product.created",
    "product.updated",
    "product.deleted",
    "product.restored",
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
    "customer.created",
    "customer.updated",
)


def _address(text: str) -> str:
    return str(check_url(text, "url").copy_with(query=None, fragment=None)).rstrip("/")


def _positive(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 100_000:
        raise InvalidInput("", f"{text[:20]!r} is not a number above 0")
    return text.strip()


def fetch(shop: Shop, connection: Connection, progress: Progress) -> str | More:
    """Pull what the shop has new; the first time, everything."""
    client = client_of(shop, connection)
    if client is None:
        return "no keys: only webhooks"
    end = time.monotonic() + RUN_SECONDS
    try:
        note, finished = Pull(shop, connection, client, progress, lambda: time.monotonic() > end).run()
    finally:
        client.close()
    return note if finished else More(note)


def every(connection: Connection) -> float:
    """Return the seconds between two pulls."""
    return float(connection.text("minutes") or 15) * 60


WOOCOMMERCE = Kind(
    name="woocommerce",
    fields=(
        Field("url", "url", check=_address),
        Field("webhook_secret", "secret", required=False),
        Field("consumer_key", "secret", required=False),
        Field("consumer_secret", "secret", required=False),
        Field("market", required=False),
        Field("minutes", "number", required=False, default="15", check=_positive),
        Field("full_hours", "number", required=False, default="24", check=_positive),
        Field("history_days", "number", required=False, default="730", check=_positive),
        Field("statuses", required=False, default="processing, completed, on-hold, refunded"),
        Field("accounts", "choice", required=False, default="yes", choices=("yes", "no")),
        Field("customers", "choice", required=False, default="yes", choices=("yes", "no")),
        Field("newsletter", required=False),
    ),
    receive=receive,
    handle=handle,
    fetch=fetch,
    every=every,
    webhook_secret="webhook_secret",  # noqa: S106 - the name of a field
    topics=TOPICS,
)
"""The kind, as `expedit.connections.kinds` lists it."""
