"""WooCommerce's webhooks: is it the shop, what is it about, and what follows.

References
----------
WooCommerce developer documentation, "Working with webhooks": the signature is the base64 of the HMAC-SHA-256
of the raw body; the delivery id is spelled ``X-WC-Webhook-Delivery-ID`` or ``X-WC-Delivery-ID``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

from expedit.connections.fetching import rules_of
from expedit.connections.model import Connection, Hook, Incoming, Later, Message
from expedit.connections.plugged import connections
from expedit.connections.woocommerce.client import WooClient
from expedit.connections.woocommerce.model import Deleted, WooCustomer, WooOrder, read
from expedit.connections.woocommerce.orders import Terms, people_in
from expedit.connections.woocommerce.pulling import refunds_of
from expedit.connections.woocommerce.taking import (
    product_value,
    retire_product,
    take_customer,
    take_order,
    take_products,
    undo_order,
)
from expedit.core import InvalidInput, NotAllowed
from expedit.events import IdentifierKind
from expedit.storage import Shop

_PING = re.compile(rb"webhook_id=\d{1,20}")
_TOPIC = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,80}")
_EVERYBODY = Terms()


def receive(connection: Connection, hook: Hook, secrets: Sequence[str]) -> Incoming | None:  # noqa: ARG001
    """Check a webhook's signature and name it; None for the ping that WooCommerce sends when it saves one.

    The ping is an unsigned form of nothing but the webhook's number: it says nothing, whoever sends it.

    Raises
    ------
    NotAllowed
        When no secret fits.
    InvalidInput
        When a header is missing.
    """
    headers = hook.headers
    given = headers.get("x-wc-webhook-signature", "")
    if not given and _PING.fullmatch(hook.body):
        return None
    if not any(hmac.compare_digest(signature_of(hook.body, secret), given) for secret in secrets):
        raise NotAllowed("X-WC-Webhook-Signature does not fit the body under the webhook's secret")
    topic = headers.get("x-wc-webhook-topic", "")
    if not _TOPIC.fullmatch(topic):
        raise InvalidInput("X-WC-Webhook-Topic", f"{topic[:60]!r} is no topic")
    delivery = headers.get("x-wc-webhook-delivery-id") or headers.get("x-wc-delivery-id") or ""
    if not delivery:  # a proxy may drop it: then the same body is the same delivery
        delivery = f"sha256:{hashlib.sha256(topic.encode() + hook.body).hexdigest()}"
    return Incoming(topic, delivery[:200], {}, _people(topic, hook.body))


def signature_of(body: bytes, secret: str) -> str:
    """Return the signature of a raw body: base64 of its HMAC-SHA-256."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def handle(shop: Shop, connection: Connection, message: Message) -> Later | None:
    """Turn a webhook into changes.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    """
    thing, _, event = message.topic.partition(".")
    if event == "deleted":
        _delete(shop, connection, thing, message)
    elif thing == "product":
        _product(shop, connection, message)
    elif thing == "order":
        order = read(message.body, WooOrder)
        client = client_of(shop, connection) if order.refunds else None
        try:
            take_order(
                shop, connection, order, None if client is None else lambda one: refunds_of(client, one)
            )
        finally:
            if client is not None:
                client.close()
    elif thing == "customer":
        take_customer(shop, connection, read(message.body, WooCustomer))
    return None  # coupons and actions of plugins say nothing that is used


def client_of(shop: Shop, connection: Connection) -> WooClient | None:
    """Return the shop's REST interface, or None when the connection has no keys."""
    plugged = connections(shop)
    key = plugged.secret(connection.id, "consumer_key")
    secret = plugged.secret(connection.id, "consumer_secret")
    if not (key and secret):
        return None
    return WooClient(connection.text("url"), key, secret, rules_of(shop.settings), shop.clock)


def _delete(shop: Shop, connection: Connection, thing: str, message: Message) -> None:
    gone = read(message.body, Deleted)
    if not gone.id:
        raise InvalidInput("id", "is missing")
    if thing == "product":
        retire_product(shop, connection, gone.id)
    elif thing == "order":
        undo_order(shop, connection, gone.id, message.received)


def _product(shop: Shop, connection: Connection, message: Message) -> None:
    one, kept = product_value(_value(message.body))
    found = [(one, kept)]
    if (one.type or "").startswith("variable"):
        client = client_of(shop, connection)
        if client is not None:
            try:
                found += [
                    product_value(value, one.id) for value in client.all(f"products/{one.id}/variations")
                ]
            finally:
                client.close()
    for complaint in take_products(shop, connection, found):
        raise InvalidInput(complaint.field, complaint.reason)


def _value(body: bytes) -> dict[str, object]:
    return read(body, dict[str, object])


def _people(topic: str, body: bytes) -> tuple[tuple[IdentifierKind, str], ...]:
    """Return whom the body names, so that erasure finds it; what cannot be read is found out by `handle`."""
    thing = topic.partition(".")[0]
    try:
        if thing == "order":
            return tuple(people_in(read(body, WooOrder), _EVERYBODY).items())  # type: ignore[arg-type]
        if thing == "customer":
            return tuple(people_in(read(body, WooCustomer), _EVERYBODY).items())  # type: ignore[arg-type]
    except InvalidInput:
        return ()
    return ()
