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
from expedit.connections.shopify.bodies import (
    Adjustment,
    Cart,
    LineItem,
    Order,
    Refund,
    RefundLine,
    Which,
    id_of,
    minor_of,
    moment_of,
)
from expedit.connections.shopify.hook import visitor_in
from expedit.core import InvalidInput, Struct, check_currency, evolve, format_minor, format_time, to_json
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
    """

    markets: Mapping[str, str]
    which: Which = "shop"
    test_orders: bool = False


class Money(Struct, frozen=True):
    """In which money an order is told, and whether its prices hold the tax."""

    which: Which
    currency: str
    taxes_included: bool


class Amounts(Struct, frozen=True):
    """What an order comes to, in minor units; `goods` without tax and shipping, after discounts."""

    goods: int
    tax: int
    shipping: int


def money_of(order: Order, terms: Terms) -> Money:
    """Return in which money `order` is told.

    Raises
    ------
    InvalidInput
        When it names no currency.
    """
    own = check_currency(order.currency or "", "currency")
    paid = order.presentment_currency or own
    total = order.total_price_set
    if terms.which == "presentment" and paid != own and total is not None and total.presentment_money:
        return Money("presentment", check_currency(paid, "presentment_currency"), bool(order.taxes_included))
    return Money("shop", own, bool(order.taxes_included))


def amounts_of(order: Order, money: Money) -> Amounts:
    """Return what `order` comes to.

    Notes
    -----
    Shopify's ``subtotal_price`` is after discounts and before shipping; where ``taxes_included``, it and the
    shipping price hold their taxes, which are taken out here.
    """

    def amount(plain: Any, sums: Any, field: str) -> int | None:
        return minor_of(plain, sums, money.which, money.currency, field)

    shipping = shipping_tax = 0
    for place, line in enumerate(order.shipping_lines or ()):
        where = f"shipping_lines[{place}]"
        reduced = amount(line.discounted_price, line.discounted_price_set, f"{where}.discounted_price")
        full = amount(line.price, line.price_set, f"{where}.price")
        shipping += (full or 0) if reduced is None else reduced
        for tax_line in line.tax_lines or ():
            shipping_tax += amount(tax_line.price, tax_line.price_set, f"{where}.tax_lines.price") or 0
    goods = amount(order.subtotal_price, order.subtotal_price_set, "subtotal_price")
    lines = [(line, f"line_items[{place}]") for place, line in enumerate(order.line_items or ())]
    if goods is None:
        goods = sum(_paid(line, money, where) for line, where in lines)
    tax = amount(order.total_tax, order.total_tax_set, "total_tax")
    if tax is None:
        tax = shipping_tax + sum(
            amount(one.price, one.price_set, f"{where}.tax_lines.price") or 0
            for line, where in lines
            for one in line.tax_lines or ()
        )
    if money.taxes_included:
        goods -= tax - shipping_tax
        shipping -= shipping_tax
    return Amounts(max(0, goods), tax, max(0, shipping))


def purchase_of(order: Order, terms: Terms) -> Call:
    """Return the purchase that `order` is."""
    money = money_of(order, terms)
    order_id = id_of(order.id)
    placed = moment_of(order.processed_at or order.created_at, "created_at")
    told = {**_told(order, money, terms), **_sent_to(order)}
    return _call("Order Completed", f"order:{order_id}", placed, told, who_of(order))


def update_of(order: Order, terms: Terms, version: str) -> Call:
    """Return the state of `order` at its ``updated_at``; it names no person, the purchase does."""
    money = money_of(order, terms)
    at = moment_of(order.updated_at, "updated_at")
    return _call("Order Updated", f"order:{id_of(order.id)}:{version}", at, _told(order, money, terms), {})


def cancellation_of(order: Order, terms: Terms) -> Call:
    """Return the cancellation of `order`, which must have one."""
    at = moment_of(order.cancelled_at, "cancelled_at")
    told: dict[str, Any] = {"order_id": id_of(order.id), "currency": money_of(order, terms).currency}
    return _call("Order Cancelled", f"order:{id_of(order.id)}:cancelled", at, told, who_of(order))


def refund_of(refund: Refund, money: Money, who: Mapping[str, str], fallback: Order | None = None) -> Call:
    """Return what went back.

    Parameters
    ----------
    money
        In which money the order was told: a refund does not say.
    who
        Who bought, as `who_of` gives it.
    fallback
        The order, for lines that the refund names by id only.

    Notes
    -----
    The value is that of the goods, without tax and shipping: lines at what was paid for them, and sums that
    belong to no line (``refund_discrepancy``). Refunded shipping is no part of it.
    """
    named = refund.order_id if refund.order_id is not None or fallback is None else fallback.id
    order_id = id_of(named, "order_id")
    known = {str(line.id): line for line in (fallback.line_items or ())} if fallback else {}
    value = 0
    products: list[dict[str, Any]] = []
    for place, one in enumerate(refund.refund_line_items or ()):
        where = f"refund_line_items[{place}]"
        line = one.line_item or known.get(str(one.line_item_id))
        quantity = one.quantity or 0
        value += _refunded(one, line, money, where)
        product = None if line is None else _product(line, money, f"{where}.line_item", quantity)
        if product is not None:
            products.append(product)
    for place, adjustment in enumerate(refund.order_adjustments or ()):
        value += _adjusted(adjustment, money, f"order_adjustments[{place}]")
    told: dict[str, Any] = {
        "order_id": order_id,
        "value": format_minor(max(0, value), money.currency),
        "currency": money.currency,
    }
    if products:
        told["products"] = products
    at = moment_of(refund.processed_at or refund.created_at, "created_at")
    return _call("Order Refunded", f"refund:{id_of(refund.id)}", at, told, who)


def figures_of(order: Order, money: Money, version: str) -> ShopOrder:
    """Return the order as Shopify's own reports have it, for the reconciliation."""
    amounts = amounts_of(order, money)
    told = minor_of(order.total_price, order.total_price_set, money.which, money.currency, "total_price")
    refunded = 0
    for refund in order.refunds or ():
        for place, one in enumerate(refund.refund_line_items or ()):
            where = f"refunds.refund_line_items[{place}]"
            line = one.line_item
            with_tax = evolve(money, taxes_included=False)
            refunded += _refunded(one, line, with_tax, where) if one.subtotal is not None or line else 0
            tax = minor_of(
                one.total_tax, one.total_tax_set, money.which, money.currency, f"{where}.total_tax"
            )
            refunded += 0 if money.taxes_included else tax or 0
        for place, given in enumerate(refund.order_adjustments or ()):
            where = f"refunds.order_adjustments[{place}]"
            back = minor_of(given.amount, given.amount_set, money.which, money.currency, f"{where}.amount")
            tax = minor_of(given.tax_amount, None, money.which, money.currency, f"{where}.tax_amount")
            refunded -= (back or 0) + (tax or 0)
    return ShopOrder(
        order_id=id_of(order.id),
        placed=moment_of(order.processed_at or order.created_at, "created_at"),
        counted=not order.cancelled_at,
        currency=money.currency,
        total=amounts.goods + amounts.tax + amounts.shipping if told is None else told,
        tax=amounts.tax,
        shipping=amounts.shipping,
        refunded=max(0, refunded),
        version=version,
        test=bool(order.test),
    )


def checkout_of(checkout: Order, terms: Terms, topic: str) -> Call | None:
    """Return what a checkout says: it began, or it has come as far as shipping; None once it is an order."""
    who = who_of(checkout)
    if checkout.completed_at or not who:
        return None
    money = money_of(checkout, terms)
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
        order.subtotal_price,
        order.subtotal_price_set,
        order.total_tax,
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
    each = _paid(line, money, where) // max(1, line.quantity or 1)
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


def _paid(line: LineItem, money: Money, where: str) -> int:
    """Return what was paid for a whole line, in the form (with tax or without) of its price."""
    each = minor_of(line.price, line.price_set, money.which, money.currency, f"{where}.price") or 0
    if line.discount_allocations is not None:
        off = sum(
            minor_of(one.amount, one.amount_set, money.which, money.currency, f"{where}.discount") or 0
            for one in line.discount_allocations
        )
    else:
        off = (
            minor_of(
                line.total_discount,
                line.total_discount_set,
                money.which,
                money.currency,
                f"{where}.total_discount",
            )
            or 0
        )
    return each * (line.quantity or 0) - off


def _refunded(one: RefundLine, line: LineItem | None, money: Money, where: str) -> int:
    """Return the goods' value of a refunded line, without tax."""
    quantity = one.quantity or 0
    paid = minor_of(one.subtotal, one.subtotal_set, money.which, money.currency, f"{where}.subtotal")
    tax = minor_of(one.total_tax, one.total_tax_set, money.which, money.currency, f"{where}.total_tax")
    if paid is None:
        if line is None:
            raise InvalidInput(f"{where}.line_item", "is missing")
        bought = max(1, line.quantity or 1)
        paid = _paid(line, money, f"{where}.line_item") * quantity // bought
        tax = sum(
            minor_of(part.price, part.price_set, money.which, money.currency, f"{where}.tax_lines.price") or 0
            for part in line.tax_lines or ()
        )
        tax = tax * quantity // bought
    return paid - (tax or 0) if money.taxes_included else paid


def _adjusted(one: Adjustment, money: Money, where: str) -> int:
    """Return what an adjustment gives back for goods: Shopify writes it as a negative amount."""
    if one.kind == "shipping_refund":
        return 0
    return -(minor_of(one.amount, one.amount_set, money.which, money.currency, f"{where}.amount") or 0)
