"""What Shopify's orders and refunds come to, in minor units, with the tax in the prices or without. Pure.

Prices, discounts and subtotals of an order are all in one form: with the tax where ``taxes_included``,
without it elsewhere. What counts here is always without it.

References
----------
Shopify REST Admin API: Order, Refund; GraphQL Admin API: ShippingLine. Before API version 2024-07 a shipping
line's discounted price left out what was taken off the whole cart, as by a code for free shipping.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expedit.connections.shopify.bodies import (
    Adjustment,
    Allocation,
    LineItem,
    Order,
    Refund,
    RefundLine,
    ShippingLine,
    Sums,
    TaxLine,
    Which,
    minor_of,
)
from expedit.core import InvalidInput, Struct, check_currency


class Money(Struct, frozen=True):
    """In which money an order is told, and whether its prices hold the tax."""

    which: Which
    currency: str
    taxes_included: bool


class Amounts(Struct, frozen=True):
    """What an order comes to, in minor units.

    Parameters
    ----------
    goods
        Without tax and shipping, after discounts and before returns.
    tax
        All of it, that of the shipping too.
    shipping
        Without tax, after discounts.
    goods_tax
        The part of the tax that is not of the shipping.
    extra
        Duties and additional fees.
    total
        What the customer was to pay for all of that; tips are no part of it.
    """

    goods: int
    tax: int
    shipping: int
    goods_tax: int = 0
    extra: int = 0
    total: int = 0


def money_of(order: Order, which: Which) -> Money:
    """Return in which money `order` is told.

    Raises
    ------
    InvalidInput
        When it names no currency.
    """
    own = check_currency(order.currency or "", "currency")
    paid = order.presentment_currency or own
    total = order.total_price_set
    if which == "presentment" and paid != own and total is not None and total.presentment_money:
        return Money("presentment", check_currency(paid, "presentment_currency"), bool(order.taxes_included))
    return Money("shop", own, bool(order.taxes_included))


def amounts_of(order: Order, money: Money) -> Amounts:
    """Return what `order` comes to.

    Notes
    -----
    Three accounts of the goods should agree: ``subtotal_price``; ``current_subtotal_price`` with what went
    back of it; and the lines after their discounts. The first one counts, unless the other two agree against
    it, as for an order that was edited.
    """
    lines = [(line, f"line_items[{place}]") for place, line in enumerate(order.line_items or ())]
    by_lines = sum(paid_for(line, money, where) for line, where in lines if line.tip is None)
    stated = _amount(order.subtotal_price, order.subtotal_price_set, money, "subtotal_price")
    left, left_tax = _left(order, money)
    edited = left is not None and left == by_lines and left != stated
    goods = left if edited else by_lines if stated is None else stated
    assert goods is not None
    shipping, shipping_tax = _shipping(order, money)
    line_tax = _taxes([tax for line, _ in lines for tax in line.tax_lines or ()], money)
    tax = _amount(order.total_tax, order.total_tax_set, money, "total_tax")
    if edited and left_tax is not None:
        tax = left_tax
    if tax is None:
        tax = line_tax + (shipping_tax or 0)
    if shipping_tax is None:  # what no line was taxed with is the shipping's
        told = any(line.tax_lines for line, _ in lines)
        shipping_tax = max(0, tax - line_tax) if told and shipping else 0
    goods_tax = max(0, tax - shipping_tax)
    if money.taxes_included:
        goods -= goods_tax
        shipping -= min(shipping, shipping_tax)
    goods, shipping = max(0, goods), max(0, shipping)
    extra = _extra(order, money)
    total = _amount(order.total_price, order.total_price_set, money, "total_price")
    tip = minor_of(order.total_tip_received, None, "shop", money.currency, "total_tip_received") or 0
    if total is None or edited or (tip and money.which == "presentment"):  # a tip is told in the shop's money
        total, tip = goods + tax + shipping + extra, 0
    return Amounts(goods, tax, shipping, goods_tax, extra, total - tip)


def paid_for(line: LineItem, money: Money, where: str) -> int:
    """Return what was paid for a whole line after discounts, with tax or without as its price is."""
    each = _amount(line.price, line.price_set, money, f"{where}.price") or 0
    if line.discount_allocations is not None:
        off = _off(line.discount_allocations, money, where)
    else:
        off = _amount(line.total_discount, line.total_discount_set, money, f"{where}.total_discount") or 0
    return each * (line.quantity or 0) - off


def goods_of(refund: Refund, money: Money, order: Amounts, lines: Mapping[str, LineItem]) -> int:
    """Return the value of the goods that went back with a refund, without tax and shipping.

    Parameters
    ----------
    order
        What its order comes to: money that belongs to no line is shared out to goods and tax as there.
    lines
        The order's lines by id, for those that the refund only names.
    """
    value = 0
    for place, one in enumerate(refund.refund_line_items or ()):
        line = one.line_item or lines.get(str(one.line_item_id))
        value += _line_back(one, line, money, f"refund_line_items[{place}]")[0]
    for place, adjustment in enumerate(refund.order_adjustments or ()):
        if adjustment.kind != "shipping_refund":
            back, tax = _adjusted(adjustment, money, f"order_adjustments[{place}]")
            whole = order.goods + order.goods_tax
            value += back if tax or not whole else _half_up(back * order.goods, whole)
    return max(0, value)


def refunded_of(order: Order, money: Money) -> int:
    """Return what was paid back of `order`, tax and shipping included."""
    back = 0
    for refund in order.refunds or ():
        for place, one in enumerate(refund.refund_line_items or ()):
            where = f"refunds.refund_line_items[{place}]"
            if one.subtotal is not None or one.subtotal_set is not None or one.line_item is not None:
                back += sum(_line_back(one, one.line_item, money, where))
        for place, given in enumerate(refund.order_adjustments or ()):
            back += sum(_adjusted(given, money, f"refunds.order_adjustments[{place}]"))
    return max(0, back)


def _amount(plain: Any, sums: Sums | None, money: Money, field: str) -> int | None:
    return minor_of(plain, sums, money.which, money.currency, field)


def _off(allocations: list[Allocation], money: Money, where: str) -> int:
    return sum(_amount(one.amount, one.amount_set, money, f"{where}.discount") or 0 for one in allocations)


def _taxes(lines: list[TaxLine], money: Money) -> int:
    return sum(_amount(one.price, one.price_set, money, "tax_lines.price") or 0 for one in lines)


def _shipping(order: Order, money: Money) -> tuple[int, int | None]:
    """Return what the shipping costs after discounts, and its tax as far as it is told."""
    live = [line for line in order.shipping_lines or () if not line.is_removed]
    cost = sum(_sent_for(line, money, f"shipping_lines[{place}]") for place, line in enumerate(live))
    told = [line.tax_lines for line in live if line.tax_lines is not None]
    return cost, _taxes([one for lines in told for one in lines], money) if told else None


def _sent_for(line: ShippingLine, money: Money, where: str) -> int:
    full = _amount(line.price, line.price_set, money, f"{where}.price")
    reduced = _amount(line.discounted_price, line.discounted_price_set, money, f"{where}.discounted_price")
    if full is None:
        return max(0, reduced or 0)
    off = _off(line.discount_allocations or [], money, where)
    return max(0, min(full - off, full if reduced is None else reduced))


def _left(order: Order, money: Money) -> tuple[int | None, int | None]:
    """Return the goods and the tax of them as what is left of them with what went back, as far as told."""
    goods = _amount(
        order.current_subtotal_price, order.current_subtotal_price_set, money, "current_subtotal_price"
    )
    tax = _amount(order.current_total_tax, order.current_total_tax_set, money, "current_total_tax")
    for refund in order.refunds or ():
        for place, one in enumerate(refund.refund_line_items or ()):
            where = f"refunds.refund_line_items[{place}]"
            paid = _amount(one.subtotal, one.subtotal_set, money, f"{where}.subtotal")
            back = _amount(one.total_tax, one.total_tax_set, money, f"{where}.total_tax")
            goods = None if goods is None or paid is None else goods + paid
            tax = None if tax is None else tax + (back or 0)
        for place, given in enumerate(refund.order_adjustments or ()):
            _, back = _adjusted(given, money, f"refunds.order_adjustments[{place}]")
            tax = None if tax is None else tax + back
    return goods, tax


def _extra(order: Order, money: Money) -> int:
    duties = order.current_total_duties_set or order.original_total_duties_set
    fees = order.current_total_additional_fees_set or order.original_total_additional_fees_set
    return sum(_amount(None, sums, money, "total_duties_set") or 0 for sums in (duties, fees))


def _line_back(one: RefundLine, line: LineItem | None, money: Money, where: str) -> tuple[int, int]:
    """Return what went back of a line: its goods without tax, and their tax.

    Where prices hold the tax, a refund's subtotal mostly does too, but not always: when only with its tax it
    makes what was paid for so many pieces, it is without.
    """
    quantity = one.quantity or 0
    bought = max(1, line.quantity or 1) if line is not None else 1
    was = None if line is None else paid_for(line, money, f"{where}.line_item") * quantity // bought
    paid = _amount(one.subtotal, one.subtotal_set, money, f"{where}.subtotal")
    tax = _amount(one.total_tax, one.total_tax_set, money, f"{where}.total_tax")
    if paid is None:
        if line is None or was is None:
            raise InvalidInput(f"{where}.line_item", "is missing")
        paid = was
        tax = _taxes(list(line.tax_lines or ()), money) * quantity // bought
    tax = tax or 0
    with_tax, without = (abs(paid - was), abs(paid + tax - was)) if was is not None else (0, 0)
    if (without < with_tax and without <= max(1, quantity)) or not money.taxes_included:
        return paid, tax
    return paid - tax, tax


def _adjusted(one: Adjustment, money: Money, where: str) -> tuple[int, int]:
    """Return the money and the tax that an adjustment gives back: Shopify writes them as negative amounts."""
    back = _amount(one.amount, one.amount_set, money, f"{where}.amount")
    tax = _amount(one.tax_amount, one.tax_amount_set, money, f"{where}.tax_amount")
    return -(back or 0), -(tax or 0)


def _half_up(amount: int, by: int) -> int:
    return (2 * amount + by) // (2 * by)
