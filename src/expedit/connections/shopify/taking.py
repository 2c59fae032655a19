"""Taking Shopify's messages in: each topic's changes, in any order and however often a message comes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from expedit.access import audit_in, keys
from expedit.connections.model import Connection, Later, Message
from expedit.connections.privacy import RequestKind, note_request
from expedit.connections.reconciliation import note_shop_orders
from expedit.connections.shopify.amounts import Amounts, Money, amounts_of, money_of
from expedit.connections.shopify.bodies import (
    Cart,
    Customer,
    Order,
    PrivacyCall,
    Refund,
    Which,
    id_of,
    moment_of,
    needed,
    read,
)
from expedit.connections.shopify.customers import calls_of
from expedit.connections.shopify.goods import (
    drop_level,
    drop_location,
    drop_product,
    locations_of,
    take_item,
    take_level,
    take_product,
)
from expedit.connections.shopify.hook import sent_at, triggered_at
from expedit.connections.shopify.orders import (
    Terms,
    cancellation_of,
    cart_of,
    checkout_of,
    figures_of,
    order_digest,
    order_version,
    purchase_of,
    refund_of,
    update_of,
    who_of,
)
from expedit.connections.store import (
    UNINSTALLED,
    drop_mark,
    headers_since,
    put_mark,
    put_version,
    read_mark,
    read_version,
)
from expedit.core import MINUTE, InvalidInput, Struct, check_currency, from_json, to_json
from expedit.identity import identify
from expedit.storage import Shop
from expedit.tracking import Call, ingest

PATIENCE = 10 * MINUTE
"""How long a later state of an order waits for the order itself, before it stands in for it."""

REFUNDED = "refunded"
"""Versions of this kind say of which orders an order file told what was refunded, and up to when."""

FAREWELLS = frozenset({"app/uninstalled", "customers/data_request", "customers/redact", "shop/redact"})
"""Topics that come though, or since, the app was taken away: they do not say that it is there."""


class OrderNote(Struct, frozen=True):
    """What is remembered of the newest state of an order; it names nobody."""

    digest: str
    which: Which
    currency: str
    taxes_included: bool
    goods: int = 0
    goods_tax: int = 0


def handle(shop: Shop, connection: Connection, message: Message) -> Later | None:
    """Turn one message into changes.

    Raises
    ------
    InvalidInput
        When the topic is not one of those that are understood, or a field does not fit.
    """
    take = _TAKERS.get(message.topic)
    if take is None:
        raise InvalidInput("X-Shopify-Topic", f"{message.topic!r} is none of {', '.join(_TAKERS)}")
    if message.headers.get("test", "").lower() == "true":
        return None  # sent by hand from Shopify's settings: that it came is all that it says
    later = take(shop, connection, message)
    if message.topic not in FAREWELLS:
        _heard(shop, connection, message)
    return later


def terms_of(shop: Shop, connection: Connection) -> Terms:
    """Return what the orders of a connection are read against."""
    which: Which = "presentment" if connection.text("money") == "presentment" else "shop"
    locations = locations_of(connection.text("locations"))
    return Terms(shop.settings.markets, which, connection.text("test_orders") == "take", locations)


def send(shop: Shop, connection: Connection, calls: Sequence[Call], received: int) -> None:
    """Take calls in; the first that is refused fails the message.

    Raises
    ------
    InvalidInput
        With the field of the call.
    """
    if not calls:
        return
    source = keys(shop).source(connection.source)
    for outcome in ingest(shop, calls, source, received):
        if outcome.refusal is not None:
            raise InvalidInput(outcome.refusal.field, outcome.refusal.reason)


# ── orders ───────────────────────────────────────────────────────────────────────────────────────────────


def _take_order(shop: Shop, connection: Connection, message: Message) -> Later | None:
    order = read(message.body, Order)
    terms = terms_of(shop, connection)
    if order.test and not terms.test_orders:
        return None
    return take_order(shop, connection, order, message.topic, message.received, terms)


def take_order(
    shop: Shop, connection: Connection, order: Order, topic: str, received: int, terms: Terms
) -> Later | None:
    """Tell the log a state of an order, and what of it has gone back.

    The creation gives the purchase. Another state gives only that state; when its creation has not come after
    `PATIENCE`, it stands in for it.
    """
    order_id = id_of(order.id)
    version = order_version(order, topic)
    money = money_of(order, terms.which)
    comes_to = amounts_of(order, money)
    note = OrderNote(
        order_digest(order),
        money.which,
        money.currency,
        money.taxes_included,
        comes_to.goods,
        comes_to.goods_tax,
    )
    with shop.database.reading() as tx:
        known = read_version(tx, connection.id, "order", order_id)
        told = read_version(tx, connection.id, "purchase", order_id) is not None
        filed = read_version(tx, connection.id, REFUNDED, order_id)
    first = topic == "orders/create" or (not told and shop.clock() - received >= PATIENCE)
    calls = [purchase_of(order, terms)] if first and not told else []
    newer = known is None or known[0] < version
    same = known is not None and from_json(known[1], OrderNote).digest == note.digest
    if newer and not same and not (known is None and topic == "orders/create"):
        calls.append(update_of(order, terms, version))
    if order.cancelled_at:
        calls.append(cancellation_of(order, terms))
    refunds = order.refunds or []
    if filed is not None:  # an order file has told what was refunded before it was read
        refunds = [one for one in refunds if moment_of(one.created_at, "refunds.created_at") > int(filed[1])]
    calls += [refund_of(refund, money, comes_to, who_of(order), order) for refund in refunds]
    send(shop, connection, calls, received)
    with shop.database.writing() as tx:
        if first:
            put_version(tx, connection.id, "purchase", order_id, "1")
        put_version(tx, connection.id, "order", order_id, version, to_json(note).decode())
        note_shop_orders(tx, connection.id, [figures_of(order, money, version)])
        for refund in refunds:
            put_version(tx, connection.id, "refund", id_of(refund.id), "1")
    return None if first or told else Later(received + PATIENCE, "orders/create has not come yet")


def _take_refund(shop: Shop, connection: Connection, message: Message) -> Later | None:
    """Tell the log a refund; the order's own message says who bought, so that one is waited for."""
    refund = read(message.body, Refund)
    order_id, refund_id = id_of(refund.order_id, "order_id"), id_of(refund.id)
    with shop.database.reading() as tx:
        if read_version(tx, connection.id, "refund", refund_id) is not None:
            return None
        known = read_version(tx, connection.id, "order", order_id)
    if shop.clock() - message.received < PATIENCE:
        return Later(message.received + PATIENCE, "the order that it belongs to has not told it yet")
    if known is not None:
        note = from_json(known[1], OrderNote)
        money = Money(note.which, note.currency, note.taxes_included)
        comes_to = Amounts(note.goods, note.goods_tax, 0, note.goods_tax)
    else:
        money = Money("shop", check_currency(connection.text("currency"), "currency"), False)
        comes_to = Amounts(0, 0, 0)
    send(shop, connection, [refund_of(refund, money, comes_to, {})], message.received)
    with shop.database.writing() as tx:
        put_version(tx, connection.id, "refund", refund_id, "1")
    return None


def _take_cart(shop: Shop, connection: Connection, message: Message) -> None:
    sent = sent_at(message)
    # A message without that header came when it came: sent again, it would be another state.
    call = cart_of(read(message.body, Cart), None if sent == message.received else sent)
    send(shop, connection, [call] if call else [], message.received)


def _take_checkout(shop: Shop, connection: Connection, message: Message) -> None:
    call = checkout_of(read(message.body, Order), terms_of(shop, connection), message.topic)
    send(shop, connection, [call] if call else [], message.received)


# ── customers ────────────────────────────────────────────────────────────────────────────────────────────


def _take_customer(shop: Shop, connection: Connection, message: Message) -> None:
    send(shop, connection, calls_of(read(message.body, Customer)), message.received)


# ── the shop itself, and the law ─────────────────────────────────────────────────────────────────────────


def _uninstalled(shop: Shop, connection: Connection, message: Message) -> None:
    """Note that the shop took the app away, unless something that it sent later says that it is back."""
    at = sent_at(message)
    with shop.database.writing() as tx:
        if any(
            topic not in FAREWELLS and triggered_at(headers, received) > at
            for topic, received, headers in headers_since(tx, connection.id, at)
        ):
            return
        known = read_mark(tx, connection.id, UNINSTALLED)
        put_mark(tx, connection.id, UNINSTALLED, str(max(at, int(known or 0))))
        audit_in(tx, shop, f"shopify:{connection.id}", "connections.uninstalled", connection.id)


def _heard(shop: Shop, connection: Connection, message: Message) -> None:
    """Forget that the app was taken away, when the shop has sent something since."""
    with shop.database.reading() as tx:
        since = read_mark(tx, connection.id, UNINSTALLED)
    if since is not None and int(since) < sent_at(message):
        with shop.database.writing() as tx:
            drop_mark(tx, connection.id, UNINSTALLED)


def _privacy(kind: RequestKind) -> Callable[[Shop, Connection, Message], None]:
    def take(shop: Shop, connection: Connection, message: Message) -> None:
        call = read(message.body, PrivacyCall)
        subjects = set()
        for name, raw in _identifiers(call.customer).items():
            try:
                subjects.add(identify(shop.secret, name, raw).subject_id)  # type: ignore[arg-type]
            except InvalidInput:
                continue  # a placeholder names nobody
        if kind != "shop_erasure" and not subjects:
            raise InvalidInput("customer", "names nobody")
        reference = (
            str(call.data_request.id)
            if call.data_request is not None and call.data_request.id is not None
            else hashlib.sha256(message.body).hexdigest()[:24]
        )
        with shop.database.writing() as tx:
            note_request(tx, connection.id, kind, reference, sent_at(message), tuple(sorted(subjects)))
            audit_in(
                tx,
                shop,
                f"shopify:{connection.id}",
                f"connections.asked_{kind}",
                connection.id,
                {"reference": reference},
            )

    return take


def _identifiers(customer: Customer | None) -> Mapping[str, str]:
    who = needed(customer, "customer") if customer is not None else Customer()
    found = {
        "user_id": "" if who.id is None else str(who.id),
        "email": who.email or "",
        "phone": who.phone or "",
    }
    return {name: raw for name, raw in found.items() if raw}


_TAKERS: dict[str, Callable[[Shop, Connection, Message], Later | None]] = {
    "products/create": take_product,
    "products/update": take_product,
    "products/delete": drop_product,
    "inventory_levels/update": take_level,
    "inventory_levels/connect": take_level,
    "inventory_levels/disconnect": drop_level,
    "locations/delete": drop_location,
    "inventory_items/create": take_item,
    "inventory_items/update": take_item,
    "orders/create": _take_order,
    "orders/updated": _take_order,
    "orders/edited": lambda *_: None,  # says what was edited; orders/updated, which follows, says the result
    "orders/paid": _take_order,
    "orders/fulfilled": _take_order,
    "orders/partially_fulfilled": _take_order,
    "orders/cancelled": _take_order,
    "refunds/create": _take_refund,
    "customers/create": _take_customer,
    "customers/update": _take_customer,
    "customers/enable": _take_customer,
    "customers/disable": _take_customer,
    "carts/create": _take_cart,
    "carts/update": _take_cart,
    "checkouts/create": _take_checkout,
    "checkouts/update": _take_checkout,
    "app/uninstalled": _uninstalled,
    "customers/data_request": _privacy("access"),
    "customers/redact": _privacy("erasure"),
    "shop/redact": _privacy("shop_erasure"),
}
