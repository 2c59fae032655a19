"""From Shopify's orders, refunds, carts and checkouts to calls in Segment's envelope. Pure.

An order is told by three kinds of events that the order book puts together in any order of arrival: the
purchase (from ``orders/create``), its later states (``Order Updated``, which name no person), and what went
back. Each has an id of its own content, so telling it twice adds nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from expedit.connections.reconciliation import ShopOrder
from expedit.connections.shopify.amounts import (
    Amounts,
    Money,
    amounts_of,
    goods_of,
    money_of,
    paid_for,
    refunded_of,
)
from expedit.connections.shopify.bodies import Cart, LineItem, Order, Refund, Which, id_of, moment_of
from expedit.connections.shopify.hook import visitor_in
from expedit.core import Struct, format_minor, format_time, to_json
from expedit.tracking import Call, call_of

POINT_OF_SALE = "pos"
"""``source_name`` of what was sold in a store."""


class Terms(Struct, frozen=True):
    """What orders are read against.

    Parameters
    ----------
    markets
        Currency of each market of the shop.
    which
        Which money counts.
    test_orders
        Whether orders that Shopify marks as tests count.
    locations
        Name of each of Shopify's locations that was given one.
    """

    markets: Mapping[str, str]
    which: Which = "shop"
    test_orders: bool = False
    locations: Mapping[str, str] = {}


def purchase_of(order: Order, terms: Terms) -> Call:
    """Return the purchase that `order` is."""
    money = money_of(order, terms.which)
    order_id = id_of(order.id)
    placed = moment_of(order.processed_at or order.created_at, "created_at")
    told = {**_told(order, money, terms), **_sent_to(order)}
    return _call("Order Completed", f"order:{order_id}", placed, told, who_of(order))


def update_of(order: Order, terms: Terms, version: str) -> Call:
    """Return the state of `order` at its ``updated_at``; it names no person, the purchase does."""
    money = money_of(order, terms.which)
    at = moment_of(order.updated_at, "updated_at")
    return _call("Order Updated", f"order:{id_of(order.id)}:{version}", at, _told(order, money, terms), {})


def cancellation_of(order: Order, terms: Terms) -> Call:
    """Return the cancellation of `order`, which must have one."""
    at = moment_of(order.cancelled_at, "cancelled_at")
    told: dict[str, Any] = {"order_id": id_of(order.id), "currency": money_of(order, terms.which).currency}
    return _call("Order Cancelled", f"order:{id_of(order.id)}:cancelled", at, told, who_of(order))


def refund_of(
    refund: Refund, money: Money, of: Amounts, who: Mapping[str, str], fallback: Order | None = None
) -> Call:
    """Return what went back.

    Parameters
    ----------
    money
        In which money the order was told: a refund does not say.
    of
        What the order comes to.
    who
        Who bought, as `who_of` gives it.
    fallback
        The order, for lines that the refund names by id only.

    Notes
    -----
    The value is that of the goods, without tax and shipping: lines at what was paid for them, and of sums
    that belong to no line (``refund_discrepancy``) the goods' share. Refunded shipping is no part of it.
    """
    named = refund.order_id if refund.order_id is not None or fallback is None else fallback.id
    order_id = id_of(named, "order_id")
    known = {str(line.id): line for line in (fallback.line_items or ())} if fallback else {}
    products: list[dict[str, Any]] = []
    for place, one in enumerate(refund.refund_line_items or ()):
        line = one.line_item or known.get(str(one.line_item_id))
        where = f"refund_line_items[{place}].line_item"
        product = None if line is None else _product(line, money, where, one.quantity or 0)
        if product is not None:
            products.append(product)
    told: dict[str, Any] = {
        "order_id": order_id,
        "value": format_minor(goods_of(refund, money, of, known), money.currency),
        "currency": money.currency,
    }
    if products:
        told["products"] = products
    at = moment_of(refund.processed_at or refund.created_at, "created_at")
    return _call("Order Refunded", f"refund:{id_of(refund.id)}", at, told, who)


def figures_of(order: Order, money: Money, version: str) -> ShopOrder:
    """Return the order as Shopify's own reports have it, for the reconciliation."""
    amounts = amounts_of(order, money)
    return ShopOrder(
        order_id=id_of(order.id),
        placed=moment_of(order.processed_at or order.created_at, "created_at"),
        counted=not order.cancelled_at,
        currency=money.currency,
        total=amounts.total,
        tax=amounts.tax,
        shipping=amounts.shipping + amounts.extra,
        refunded=refunded_of(order, money),
        version=version,
        test=bool(order.test),
    )


def checkout_of(checkout: Order, terms: Terms, topic: str) -> Call | None:
    """Return what a checkout says: it began, or it has come as far as shipping; None once it is an order."""
    who = who_of(checkout)
    if checkout.completed_at or not who:
        return None
    money = money_of(checkout, terms.which)
    token = checkout.token or id_of(checkout.id)
    products = _products(checkout.line_items or (), money)
    told: dict[str, Any] = {"currency": money.currency, "checkout_id": token, "products": products}
    if market := _market(checkout, terms):
        told["market"] = market
    if topic == "checkouts/create":
        at = moment_of(checkout.created_at, "created_at")
        return _call("begin_checkout", f"checkout:{token}", at, told, who)
    version = checkout_version(checkout)
    step = "add_shipping_info" if checkout.shipping_lines else "begin_checkout"
    at = moment_of(checkout.updated_at, "updated_at")
    return _call(step, f"checkout:{token}:{version}", at, told, who)


def cart_of(cart: Cart, sent: int | None = None) -> Call | None:
    """Return the cart as it is shown, an emptied one too; None when a theme passes no visitor id on.

    Parameters
    ----------
    sent
        When the message was triggered (microseconds), as far as it says: the cart's own moments are whole
        seconds, so of two states of one second the later sent one counts.
    """
    visitor = visitor_in(cart.note_attributes) or visitor_in(cart.attributes)
    token = cart.token or id_of(cart.id, "token")
    products: list[dict[str, Any]] = []
    for line in cart.line_items or ():
        product = _named(line)
        if product is not None and (line.quantity or 0) > 0:
            products.append({**product, "quantity": line.quantity})
    if not visitor or cart.line_items is None:
        return None
    at = moment_of(cart.updated_at or cart.created_at, "updated_at")
    digest = hashlib.sha256(to_json(products)).hexdigest()[:16]
    version = f"{at:020d}:{sent or 0:020d}:{digest}"
    return _call(
        "Cart Viewed", f"cart:{token}:{version}", at, {"products": products}, {"anonymousId": visitor}
    )


def who_of(order: Order) -> dict[str, str]:
    """Return who bought, by name of the identifier: a guest has an e-mail address only."""
    customer = order.customer
    found = {
        "anonymousId": visitor_in(order.note_attributes),
        "userId": str(customer.id) if customer and customer.id is not None else "",
        "email": order.email or order.contact_email or (customer.email if customer else "") or "",
        "phone": order.phone or (customer.phone if customer else "") or "",
    }
    return {name: value for name, value in found.items() if value}


def order_version(order: Order, topic: str) -> str:
    """Return a text that sorts the states of an order: by time, a later topic before the creation.

    Two states of one second are put in the order of their content: arbitrary, but the same everywhere.
    """
    at = moment_of(order.updated_at or order.created_at, "updated_at")
    return f"{at:020d}:{int(topic != 'orders/create')}:{order_digest(order)}"


def order_digest(order: Order) -> str:
    """Return a short name of what the order book is told of an order."""
    told = (
        order.line_items,
        order.shipping_lines,
        order.subtotal_price_set,
        amounts_of(order, money_of(order, "shop")),
        order.discount_codes,
        order.currency,
        order.presentment_currency,
        order.taxes_included,
    )
    return hashlib.sha256(to_json(told)).hexdigest()[:16]


def checkout_version(checkout: Order) -> str:
    """Return a text that tells the states of a checkout apart."""
    at = moment_of(checkout.updated_at or checkout.created_at, "updated_at")
    told = (checkout.line_items, checkout.shipping_lines, who_of(checkout))
    return f"{at:020d}:{hashlib.sha256(to_json(told)).hexdigest()[:16]}"


def _call(event: str, message_id: str, at: int, told: dict[str, Any], who: Mapping[str, str]) -> Call:
    channel = told.pop("channel", None)
    ids = {name: who[name] for name in ("anonymousId", "userId") if name in who}
    named = {name: who[name] for name in ("email", "phone") if name in who}
    return call_of(
        {
            "type": "track",
            "event": event,
            "messageId": message_id,
            "timestamp": format_time(at),
            **ids,
            "properties": {**told, **named},
            **({"channel": channel} if channel else {}),
        }
    )


def _told(order: Order, money: Money, terms: Terms) -> dict[str, Any]:
    amounts = amounts_of(order, money)
    told: dict[str, Any] = {
        "order_id": id_of(order.id),
        "revenue": format_minor(amounts.goods, money.currency),
        "tax": format_minor(amounts.tax, money.currency),
        "shipping": format_minor(amounts.shipping, money.currency),
        "currency": money.currency,
        "products": _products(order.line_items or (), money),
    }
    if order.name:
        told["order_name"] = order.name[:50]
    if codes := [code.code for code in order.discount_codes or () if code.code]:
        told["coupon"] = ",".join(codes)[:200]
    if market := _market(order, terms):
        told["market"] = market
    if order.source_name == POINT_OF_SALE:
        told["channel"] = "store"
        if order.location_id is not None:
            told["store"] = terms.locations.get(str(order.location_id), str(order.location_id))
    return told


def _sent_to(order: Order) -> dict[str, Any]:
    """Return what of the address is told: country, region and postal code, which tracking makes coarse."""
    address = order.shipping_address or order.billing_address
    if address is None or not address.country_code:
        return {}
    told = {
        "country_code": address.country_code,
        "region_code": address.province_code,
        "postal_code": address.zip,
    }
    return {"shipping_address": {name: said for name, said in told.items() if said}}


def _market(order: Order, terms: Terms) -> str | None:
    """Return the market of the country that it is sent to, if the shop has that market."""
    for address in (order.shipping_address, order.billing_address):
        country = (address.country_code or "").upper() if address else ""
        if country in terms.markets:
            return country
    return None


def _products(lines: Sequence[LineItem], money: Money) -> list[dict[str, Any]]:
    found = (
        _product(line, money, f"line_items[{place}]", line.quantity or 0) for place, line in enumerate(lines)
    )
    return [product for product in found if product is not None]


def _product(line: LineItem, money: Money, where: str, quantity: int) -> dict[str, Any] | None:
    """Return a line as an event has it; None for one of no product, as a tip, or with nothing left."""
    named = _named(line)
    if named is None or quantity < 1:
        return None
    each = paid_for(line, money, where) // max(1, line.quantity or 1)
    return {**named, "quantity": quantity, "price": format_minor(max(0, each), money.currency)}


def _named(line: LineItem) -> dict[str, Any] | None:
    product_id = line.product_id if line.product_id is not None else line.variant_id
    if product_id is None and not line.sku:
        return None
    named: dict[str, Any] = {"product_id": str(product_id if product_id is not None else line.sku)}
    if line.variant_id is not None:
        named["variant_id"] = str(line.variant_id)
    if line.vendor:
        named["brand"] = line.vendor[:100]
    return named
