"""From WooCommerce's orders, refunds and customers to calls of the way in. Pure.

Message ids are made of the shop's own ids, so an object that comes again by webhook, by pull or by both adds
nothing. What was already told of an order is an `OrderNote`; an order that changed afterwards is told as an
update, which replaces its lines and amounts in the order book.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from expedit.connections.woocommerce.model import (
    Address,
    Charge,
    Line,
    Meta,
    WooCustomer,
    WooOrder,
    WooRefund,
    listed,
    minor,
    moment,
    text_of,
    whole,
)
from expedit.core import InvalidInput, Struct, check_currency, evolve, format_minor, from_json, to_json
from expedit.tracking import Call

SOLD = ("processing", "completed", "on-hold", "refunded")
"""Statuses that WooCommerce's own reports count as a sale."""
UNDONE = frozenset({"cancelled", "failed", "trash"})
"""Statuses that take a sale back."""

_YES = frozenset({"1", "yes", "true", "on", "subscribed", "y", "granted"})
_NO = frozenset({"0", "no", "false", "off", "unsubscribed", "n", "denied"})
_IN_STORES = frozenset({"pos", "pos_rest_api", "woocommerce-pos", "wc_pos"})


class Terms(Struct, frozen=True):
    """How a shop wants its orders read.

    Parameters
    ----------
    sold
        Statuses that count as a sale.
    market
        Market of orders in its currency; empty = told by the currency alone.
    market_currency
        Currency of that market.
    accounts
        Whether customer numbers are the same ids that the pages send as ``userId``.
    newsletter
        Free field of customers and orders that says whether they want mail; empty = none does.
    """

    sold: frozenset[str] = frozenset(SOLD)
    market: str = ""
    market_currency: str = ""
    accounts: bool = True
    newsletter: str = ""


class OrderNote(Struct, frozen=True):
    """What was told of an order before.

    Parameters
    ----------
    placed, undone
        Whether it was told as a purchase, and as cancelled and not resumed since.
    content
        Fingerprint of its lines and amounts as last told.
    refunds
        Ids of the refunds that were told; 0 = that everything went back.
    number
        Its number in the shop: a deleted order comes without.
    until
        Modified date of the state with which it was undone: only a later one can resume it.
    turned
        Moment at which it was last told as cancelled or resumed, in microseconds.
    turns
        How often it was resumed.
    """

    placed: bool = False
    undone: bool = False
    content: str = ""
    refunds: tuple[int, ...] = ()
    number: str = ""
    until: str = ""
    turned: int = 0
    turns: int = 0


def note_of(text: str) -> OrderNote:
    """Return the note that `text`, as `note_text` wrote it, holds."""
    return from_json(text, OrderNote) if text else OrderNote()


def note_text(note: OrderNote) -> str:
    """Return a note as text."""
    return to_json(note).decode()


class Amounts(Struct, frozen=True):
    """An order in minor units: `goods` (and fees) without tax, `tax`, `shipping`; `total` is all of it."""

    goods: int
    tax: int
    shipping: int
    total: int


def amounts_of(order: WooOrder) -> Amounts:
    """Return what an order amounts to.

    Raises
    ------
    InvalidInput
        Naming the amount at fault.
    """
    currency = currency_of(order)
    shipping = minor(order.shipping_total, currency, "shipping_total")
    tax = minor(order.total_tax, currency, "total_tax")
    goods = sum(
        minor(line.total, currency, f"line_items[{place}].total")
        for place, line in enumerate(order.line_items or ())
    ) + _charged(order.fee_lines, currency, "fee_lines")
    return Amounts(max(0, goods), tax, shipping, minor(order.total, currency, "total"))


def currency_of(order: WooOrder) -> str:
    """Return the order's currency, or raise `MoneyError`."""
    return check_currency(order.currency or "", "currency")


def calls_of_order(
    order: WooOrder, refunds: Mapping[int, WooRefund], note: OrderNote, terms: Terms
) -> tuple[list[Call], OrderNote]:
    """Return what is to be told of an order as it stands, and the note for the next time.

    Parameters
    ----------
    refunds
        Its refunds with their lines, as far as they are known; of another only the sum is told.
    note
        What was told before.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    """
    calls: list[Call] = []
    status = (order.status or "").removeprefix("wc-")
    sums = amounts_of(order)
    content = _fingerprint(order, sums)
    if status in terms.sold and not note.placed:
        calls.append(_order_call(order, sums, "purchase", f"order:{order.id}", order.date_created_gmt, terms))
        note = evolve(note, placed=True, content=content, number=order_id_of(order))
    elif _resumes(order, status, note, terms):
        call, note = _turn(order, "Order Resumed", note, _order_told(order, sums), terms)
        calls.append(call)
        note = evolve(note, undone=False, content=content, turns=note.turns + 1)
    elif note.placed and content != note.content:
        version = order.date_modified_gmt or content
        calls.append(
            _order_call(
                order,
                sums,
                "Order Updated",
                f"order:{order.id}:updated:{version}",
                order.date_modified_gmt,
                terms,
            )
        )
        note = evolve(note, content=content)
    if not note.placed:
        return calls, note
    if status in UNDONE and not note.undone:
        call, note = _turn(order, "cancel", note, _bare(order), terms)
        calls.append(call)
        note = evolve(note, undone=True, until=order.date_modified_gmt or "")
    told = set(note.refunds)
    for refund in sorted(order.refunds or (), key=lambda one: one.id):
        if refund.id not in told:
            full = refunds.get(refund.id, WooRefund(refund.id, amount=text_of(refund.total).lstrip("-")))
            calls.append(_refund_call(order, sums, full, terms))
            told.add(refund.id)
    if status == "refunded" and not told:  # set by hand, without a refund: everything went back
        calls.append(
            _call(order, "refund", f"order:{order.id}:refund", order.date_modified_gmt, _bare(order), terms)
        )
        told.add(0)
    return calls, evolve(note, refunds=tuple(sorted(told)))


def cancel_id(order_id: int, note: OrderNote) -> str:
    """Return the message id of an order's next cancellation."""
    return f"order:{order_id}:cancel" + (f":{note.turns}" if note.turns else "")


def _resumes(order: WooOrder, status: str, note: OrderNote, terms: Terms) -> bool:
    """Tell whether a cancelled order counts again: its shop changed it later to a status that is sold."""
    if not note.undone or status not in terms.sold or status == "refunded":
        return False
    return (order.date_modified_gmt or "") > note.until


def _turn(
    order: WooOrder, event: str, note: OrderNote, told: dict[str, object], terms: Terms
) -> tuple[Call, OrderNote]:
    """Return a cancellation or resumption, which lies after the one before it, and the note of it."""
    modified = moment(order.date_modified_gmt, "date_modified_gmt") or 0
    at = max(modified, note.turned + 1) if note.turned else modified
    name = cancel_id(order.id, note) if event == "cancel" else f"order:{order.id}:resumed:{note.turns + 1}"
    call = _call(order, event, name, order.date_modified_gmt, told, terms)
    return evolve(call, timestamp=at or call.timestamp), evolve(note, turned=at)


def order_id_of(order: WooOrder) -> str:
    """Return the number by which the shop and its customers know the order."""
    return text_of(order.number) or str(order.id)


def calls_of_customer(customer: WooCustomer, terms: Terms) -> list[Call]:
    """Return what is to be told of a customer: who they are, and of consent only what the shop itself kept.

    Somebody who works in the shop is no customer.
    """
    if (customer.role or "customer") not in {"customer", "subscriber"}:
        return []
    billing = customer.billing if isinstance(customer.billing, Address) else Address()
    traits: dict[str, object] = {
        "email": customer.email or billing.email,
        "phone": billing.phone,
        "firstName": customer.first_name or billing.first_name,
        "lastName": customer.last_name or billing.last_name,
        "city": billing.city,
        "country": billing.country,
    }
    traits = {name: value for name, value in traits.items() if value}
    if "email" not in traits and not terms.accounts:
        return []
    consent = _newsletter(listed(customer.meta_data), terms)
    if consent is not None:
        traits["consent"] = {"email": consent}
    return [
        Call(
            type="identify",
            message_id=f"customer:{customer.id}:{customer.date_modified_gmt or customer.date_created_gmt}",
            user_id=str(customer.id) if terms.accounts else None,
            timestamp=_utc(customer.date_modified_gmt or customer.date_created_gmt),
            traits=traits,
        )
    ]


def people_in(order: WooOrder | WooCustomer, terms: Terms) -> dict[str, str]:
    """Return the identifiers that an order or customer names, by kind."""
    account = order.customer_id if isinstance(order, WooOrder) else order.id
    billing = order.billing if isinstance(order.billing, Address) else Address()
    email = (order.email if isinstance(order, WooCustomer) else "") or billing.email
    found = {
        "user_id": str(account) if account and terms.accounts else "",
        "email": email or "",
        "phone": billing.phone or "",
    }
    return {kind: value for kind, value in found.items() if value}


def _order_call(
    order: WooOrder, sums: Amounts, event: str, message_id: str, at: str | None, terms: Terms
) -> Call:
    return _call(order, event, message_id, at, _order_told(order, sums), terms)


def _order_told(order: WooOrder, sums: Amounts) -> dict[str, object]:
    currency = currency_of(order)
    coupons = [one.code for one in order.coupon_lines or () if one.code]
    properties: dict[str, object] = {
        "order_id": order_id_of(order),
        "currency": currency,
        "value": format_minor(sums.goods, currency),
        "tax": format_minor(max(0, sums.tax), currency),
        "shipping": format_minor(max(0, sums.shipping), currency),
        "products": _products(order.line_items or (), order, "line_items"),
    }
    if coupons:
        properties["coupon"] = coupons[0]
    return properties


def _sent_to(order: WooOrder) -> dict[str, object]:
    """Return what of the address is told: country, region and postal code, which tracking makes coarse."""
    for address in (order.shipping, order.billing):
        if isinstance(address, Address) and address.country:
            told = {"country": address.country, "state": address.state, "postal_code": address.postcode}
            return {"shipping_address": {name: said for name, said in told.items() if said}}
    return {}


def _refund_call(order: WooOrder, sums: Amounts, refund: WooRefund, terms: Terms) -> Call:
    """Return the refund; money that no line tells is shared out as the order's own amounts are.

    A refund that WooCommerce makes by itself, when the status becomes "refunded", has an amount and no lines.
    """
    currency = currency_of(order)
    lines = refund.line_items or []
    amount = abs(minor(refund.amount, currency, f"refunds[{refund.id}].amount"))
    where = f"refunds[{refund.id}]"
    goods = -sum(minor(one.total, currency, f"{where}.total") for one in lines)
    goods -= _charged(refund.fee_lines, currency, f"{where}.fee_lines")
    shipping = -_charged(refund.shipping_lines, currency, f"{where}.shipping_lines")
    charges = [*lines, *(refund.fee_lines or ()), *(refund.shipping_lines or ())]
    tax = -sum(minor(one.total_tax, currency, f"{where}.total_tax") for one in charges)
    rest = amount - goods - shipping - tax
    if rest > 0 and sums.total > 0:
        more_tax, more_shipping = (_share(rest, part, sums.total) for part in (sums.tax, sums.shipping))
        tax, shipping = tax + more_tax, shipping + more_shipping
        goods += rest - more_tax - more_shipping
    properties = _bare(order)
    products = _products(lines, order, f"{where}.line_items")
    if products or amount < sums.total:  # all of the money and no lines: everything went back
        properties["value"] = format_minor(max(0, goods), currency)
        properties["products"] = products
    properties["tax"] = format_minor(max(0, tax), currency)
    properties["shipping"] = format_minor(max(0, shipping), currency)
    at = refund.date_created_gmt or order.date_modified_gmt
    return _call(order, "refund", f"refund:{refund.id}", at, properties, terms)


def _bare(order: WooOrder) -> dict[str, object]:
    return {"order_id": order_id_of(order), "currency": currency_of(order)}


def _call(
    order: WooOrder, event: str, message_id: str, at: str | None, properties: dict[str, object], terms: Terms
) -> Call:
    people = people_in(order, terms)
    user = people.pop("user_id", None)
    traits: dict[str, object] = dict(people)
    consent = _newsletter(listed(order.meta_data), terms) if event == "purchase" else None
    if consent is not None:
        traits["consent"] = {"email": consent}
    if event == "purchase":
        properties |= _sent_to(order)
    if terms.market and currency_of(order) == terms.market_currency:
        properties["market"] = terms.market
    moment(at, "date_created_gmt")
    return Call(
        type="track",
        event=event,
        message_id=message_id,
        user_id=user,
        timestamp=_utc(at),
        channel="store" if (order.created_via or "").lower() in _IN_STORES else None,
        properties=properties,
        traits=traits or None,
    )


def _products(lines: Sequence[Line], order: WooOrder, where: str) -> list[dict[str, object]]:
    """Return product lines; a line without pieces (money back for nothing returned) is none."""
    currency = currency_of(order)
    found: list[dict[str, object]] = []
    for place, line in enumerate(lines):
        quantity = abs(whole(line.quantity, f"{where}[{place}].quantity"))
        if not quantity:
            continue
        product_id = str(line.product_id) if line.product_id else text_of(line.sku) or (line.name or "")[:100]
        if not product_id:
            raise InvalidInput(f"{where}[{place}].product_id", "is missing")
        paid = minor(line.total, currency, f"{where}[{place}].total")
        if order.prices_include_tax:  # so that it compares with the prices of the catalog
            paid += minor(line.total_tax, currency, f"{where}[{place}].total_tax")
        product: dict[str, object] = {
            "product_id": product_id,
            "quantity": quantity,
            "price": format_minor(_half_up(abs(paid), quantity), currency),
        }
        if line.product_id:
            product["variant_id"] = str(line.variation_id or line.product_id)
        found.append(product)
    return found


def _charged(charges: Sequence[Charge] | None, currency: str, where: str) -> int:
    return sum(
        minor(one.total, currency, f"{where}[{place}].total") for place, one in enumerate(charges or ())
    )


def _share(amount: int, part: int, whole_amount: int) -> int:
    return _half_up(amount * max(0, part), whole_amount)


def _half_up(amount: int, by: int) -> int:
    return (2 * amount + by) // (2 * by)


def _fingerprint(order: WooOrder, sums: Amounts) -> str:
    lines = [
        (line.product_id, line.variation_id, str(line.quantity), text_of(line.total))
        for line in order.line_items or ()
    ]
    return hashlib.sha256(to_json([lines, sums.goods, sums.tax, sums.shipping])).hexdigest()[:16]


def _newsletter(metas: Sequence[Meta], terms: Terms) -> bool | None:
    if not terms.newsletter:
        return None
    for meta in metas:
        if meta.key == terms.newsletter:
            answer = str(meta.value).strip().lower()
            return True if answer in _YES else False if answer in _NO else None
    return None


def _utc(text: str | None) -> str | None:
    return f"{text}Z" if text and not text.endswith(("Z", "+00:00")) else text
