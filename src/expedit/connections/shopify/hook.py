"""Shopify's webhooks: whose they are, what they are about, whether they were here before.

References
----------
Shopify developer documentation, "Verify webhooks" and "Webhook headers": ``X-Shopify-Hmac-SHA256`` is the
base64 HMAC-SHA-256 of the raw body under the app's client secret. Header names are case-insensitive, and a
newer preview leaves the ``X-`` out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from expedit.connections.model import Connection, Hook, Incoming, Message
from expedit.core import InvalidInput, NotAllowed, from_json, parse_time
from expedit.events import IdentifierKind

KEPT_HEADERS = ("triggered-at", "api-version", "test", "event-id", "webhook-id")

VISITOR_NAMES = frozenset({"expedit_id", "_expedit_id"})
"""Cart attributes under which a theme passes the visitor id on; Shopify hides those that begin with ``_``."""

_LONGEST_ID = 200


def receive(connection: Connection, hook: Hook, secrets: Sequence[str]) -> Incoming:
    """Check a webhook and name it.

    Raises
    ------
    NotAllowed
        When the signature fits none of the secrets, or the message is of another shop.
    InvalidInput
        When it names no topic.
    """
    headers = dict(_shopify_headers(hook.headers))
    if not signed(hook.body, headers.get("hmac-sha256", ""), secrets):
        raise NotAllowed("the signature (X-Shopify-Hmac-SHA256) does not fit the client secret")
    domain = headers.get("shop-domain", "").strip().lower()
    if domain != connection.text("shop"):
        raise NotAllowed(f"the message is of {domain[:100] or 'no shop'}, not of {connection.text('shop')}")
    topic = headers.get("topic", "").strip().lower()
    if not topic or len(topic) > _LONGEST_ID:
        raise InvalidInput("X-Shopify-Topic", "is missing")
    kept = {name: headers[name][:_LONGEST_ID] for name in KEPT_HEADERS if headers.get(name)}
    return Incoming(topic, _delivery(topic, headers, hook.body), kept, tuple(people_in(hook.body)))


def signed(body: bytes, given: str, secrets: Sequence[str]) -> bool:
    """Tell whether `given` is the signature of `body` under one of `secrets`, in constant time for each."""
    fits = False
    for secret in secrets:
        # Every secret is tried, so that the time tells nothing of which one fits.
        fits |= hmac.compare_digest(signature_of(body, secret).encode(), given.strip().encode())
    return fits


def signature_of(body: bytes, secret: str) -> str:
    """Return the signature that Shopify sends with `body`."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def sent_at(message: Message) -> int:
    """Return when a message was triggered, as its header says, else when it came."""
    return triggered_at(message.headers, message.received)


def triggered_at(headers: Mapping[str, str], received: int) -> int:
    """Return when a message with these headers was triggered, else when it was received."""
    said = headers.get("triggered-at", "")
    try:
        return parse_time(said) if said else received
    except InvalidInput:  # a header that is no time says nothing
        return received


def _shopify_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give the name, without what every one begins with, and value of Shopify's headers."""
    for name, value in headers.items():
        bare = name.lower().removeprefix("x-")
        if bare.startswith("shopify-"):
            yield bare.removeprefix("shopify-"), value


def _delivery(topic: str, headers: Mapping[str, str], body: bytes) -> str:
    """Return what is the same for a message that is sent again.

    One event may be sent for several objects and topics, so the body's digest stands beside its id.
    """
    named = headers.get("event-id") or headers.get("webhook-id") or ""
    return f"{topic} {named[:_LONGEST_ID]} {hashlib.sha256(body).hexdigest()[:24]}"


def people_in(body: bytes) -> Iterator[tuple[IdentifierKind, str]]:
    """Give the identifiers that a message names; nothing when it cannot be read."""
    try:
        value = from_json(body, dict[str, Any])
    except InvalidInput:  # kept all the same, and told where it is handled
        return
    customer = value.get("customer")
    whole = value if "email" in value and "customer" not in value and "line_items" not in value else {}
    for holder in (customer if isinstance(customer, dict) else {}, whole):
        if holder.get("id") is not None:
            yield "user_id", str(holder["id"])
    for holder in (value, customer if isinstance(customer, dict) else {}):
        for name in ("email", "contact_email"):
            if isinstance(holder.get(name), str) and holder[name]:
                yield "email", holder[name]
        if isinstance(holder.get("phone"), str) and holder["phone"]:
            yield "phone", holder["phone"]
    visitor = visitor_in(value.get("note_attributes")) or visitor_in(value.get("attributes"))
    if visitor:
        yield "anonymous_id", visitor


def visitor_in(attributes: object) -> str:
    """Return the visitor id that a theme has put into cart attributes (a list of pairs or an object)."""
    pairs: list[tuple[object, object]] = []
    if isinstance(attributes, dict):
        pairs = list(attributes.items())
    elif isinstance(attributes, list):
        pairs = [
            (one.get("name", one.get("key")), one.get("value")) for one in attributes if isinstance(one, dict)
        ]
    named = ((name, value) for name, value in pairs if isinstance(name, str))
    return next((str(value).strip() for name, value in named if name in VISITOR_NAMES and value), "")
