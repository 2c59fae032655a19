"""Shopify's order export (CSV): a row for each product line, the first of an order with everything else.

Lines are matched to the catalog by SKU, since the export names no product ids: import products first.

References
----------
Shopify Help Center, "Exporting orders", column names of 2024 and before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from expedit.access import Source, keys
from expedit.catalog import ItemFacts, live_catalog
from expedit.connections.model import Connection
from expedit.connections.shopify.files import Refusals, RefusedRow, Row, read_rows
from expedit.connections.shopify.hook import VISITOR_NAMES
from expedit.connections.shopify.taking import REFUNDED
from expedit.connections.store import put_version, read_version
from expedit.core import (
    InvalidInput,
    Progress,
    Struct,
    check_currency,
    format_minor,
    format_time,
    no_progress,
    parse_time,
    to_minor,
)
from expedit.storage import Shop
from expedit.tracking import Call, call_of, ingest

_AT_ONCE = 250
_ZONE = re.compile(r"\s+([+-]\d{2}:?\d{2}|UTC|Z)$")

Describe = Callable[[str], ItemFacts | None]


class OrderReport(Struct, frozen=True, omit_defaults=False):
    """What an import of orders did: `rows` of the file, `orders` in it, the rest events.

    Parameters
    ----------
    unmatched_lines
        Lines whose SKU no product of the catalog has; their money counts all the same.
    """

    rows: int = 0
    orders: int = 0
    stored: int = 0
    anonymous: int = 0
    duplicates: int = 0
    declined: int = 0
    unmatched_lines: int = 0
    refused_rows: int = 0
    refused: tuple[RefusedRow, ...] = ()


def import_shopify_orders(
    shop: Shop,
    path: Path,
    *,
    connection: Connection | None = None,
    source: str = "server",
    progress: Progress = no_progress,
) -> OrderReport:
    """Read an order export into the log; doing it again adds nothing.

    Parameters
    ----------
    connection
        The shop's connection: its source and its knowledge of which orders have come are used.
    source
        Id of the source, where there is no connection.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used; a single bad order is only reported.
    """
    chosen = keys(shop).source(connection.source if connection else source)
    describe = live_catalog(shop).current().describe
    run = _Run(shop, connection, chosen)
    refusals = Refusals()

    def counted() -> Iterator[Row]:
        for row in read_rows(path, "Lineitem name", progress, refusals):
            run.counts["rows"] += 1
            yield row

    for name, group in groupby(counted(), key=lambda row: row.get("Name")):
        rows = list(group)
        run.counts["orders"] += 1
        try:
            order = order_of_rows(name, rows, describe)
        except InvalidInput as error:
            refusals.add(rows[0].line, error)
        else:
            run.take(order, refusals)
    run.write(refusals)
    return OrderReport(
        run.counts["rows"],
        run.counts["orders"],
        run.counts["stored"],
        run.counts["anonymous"],
        run.counts["duplicate"],
        run.counts["declined"],
        run.counts["unmatched"],
        refusals.count,
        tuple(refusals.rows),
    )


class FiledOrder(Struct, frozen=True):
    """An order of the file: its line, its calls, and whether one of them is a refund."""

    line: int
    order_id: str
    calls: tuple[Call, ...]
    refund: Call | None
    unmatched: int


def order_of_rows(name: str, rows: Sequence[Row], describe: Describe) -> FiledOrder:
    """Return the order that its rows are.

    Raises
    ------
    InvalidInput
        Naming the column at fault.

    Notes
    -----
    The export does not say whether prices hold the tax: they do when the subtotal and the shipping alone make
    the total. The tax of the shipping, which it does not name either, is taken in proportion.
    """
    head = rows[0]
    if not name:
        raise InvalidInput("Name", "is missing")
    order_id = head.get("Id") or name
    currency = check_currency(head.get("Currency"), "Currency")
    at = read_moment(head.get("Created at"), "Created at")

    def minor(column: str) -> int:
        return to_minor(head.get(column) or "0", currency, column)

    subtotal, shipping, tax, total = (minor(column) for column in ("Subtotal", "Shipping", "Taxes", "Total"))
    if tax and total and abs(subtotal + shipping - total) < abs(subtotal + shipping + tax - total):
        off = tax * subtotal // max(1, subtotal + shipping)
        goods, shipping = subtotal - off, shipping - (tax - off)
    else:
        goods = subtotal
    products, unmatched = _products(rows, currency, describe)
    who = _who(head)
    told: dict[str, Any] = {
        "order_id": order_id,
        "revenue": format_minor(max(0, goods), currency),
        "tax": format_minor(tax, currency),
        "shipping": format_minor(max(0, shipping), currency),
        "currency": currency,
        "products": products,
        "order_name": name[:50],
    }
    if head.get("Discount Code"):
        told["coupon"] = head.get("Discount Code")[:200]
    channel = "store" if head.get("Source").casefold() == "pos" else ""
    calls = [_call("Order Completed", f"order:{order_id}", at, told, who, channel)]
    cancelled = head.get("Cancelled at")
    if cancelled:
        when = read_moment(cancelled, "Cancelled at")
        bare = {"order_id": order_id, "currency": currency}
        calls.append(_call("Order Cancelled", f"order:{order_id}:cancelled", when, bare, who, channel))
    refunded = minor("Refunded Amount")
    refund = None
    if refunded > 0 and not cancelled:
        # The day is not told: at the earliest when the order was handed over, or paid.
        when = read_moment(head.get("Fulfilled at", "Paid at", "Created at"), "Fulfilled at")
        back = {"order_id": order_id, "currency": currency}
        if refunded < total:
            back["value"] = format_minor(refunded * max(0, goods) // max(1, total), currency)
        refund = _call("Order Refunded", f"order:{order_id}:refunded", when, back, who, channel)
    return FiledOrder(head.line, order_id, tuple(calls), refund, unmatched)


def read_moment(text: str, column: str) -> int:
    """Read ``2026-01-31 14:05:09 +0100``, as the export writes moments."""
    if not text:
        raise InvalidInput(column, "is missing")
    zoned = _ZONE.sub(lambda found: "+00:00" if found[1] in {"UTC", "Z"} else found[1], text)
    return parse_time(zoned, column)


class _Run:
    """One import under way."""

    def __init__(self, shop: Shop, connection: Connection | None, source: Source) -> None:
        self._shop = shop
        self._connection = connection
        self._source = source
        self._waiting: list[FiledOrder] = []
        self.counts: Counter[str] = Counter()

    def take(self, order: FiledOrder, refusals: Refusals) -> None:
        """Take an order; write when enough of them wait."""
        self.counts["unmatched"] += order.unmatched
        self._waiting.append(order)
        if len(self._waiting) >= _AT_ONCE:
            self.write(refusals)

    def write(self, refusals: Refusals) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        told = self._told()
        calls: list[tuple[int, Call]] = []
        for order in self._waiting:
            # What webhooks have told of an order, they tell of its refunds too, with products.
            refund = None if order.order_id in told else order.refund
            calls += [(order.line, call) for call in (*order.calls, *([refund] if refund else []))]
        outcomes = ingest(self._shop, [call for _, call in calls], self._source, self._shop.clock())
        for (line, _), outcome in zip(calls, outcomes, strict=True):
            if outcome.refusal is not None:
                refusals.add(line, InvalidInput(outcome.refusal.field, outcome.refusal.reason))
            else:
                self.counts[outcome.fate] += 1
        self._note(told)
        self._waiting.clear()

    def _told(self) -> set[str]:
        if self._connection is None:
            return set()
        with self._shop.database.reading() as tx:
            return {
                order.order_id
                for order in self._waiting
                if read_version(tx, self._connection.id, "order", order.order_id) is not None
            }

    def _note(self, told: set[str]) -> None:
        """Note what was told of orders, so that a webhook to come does not tell it a second time."""
        if self._connection is None:
            return
        now = self._shop.clock()
        with self._shop.database.writing() as tx:
            for order in self._waiting:
                put_version(tx, self._connection.id, "purchase", order.order_id, "1")
                if order.refund is not None and order.order_id not in told:
                    put_version(tx, self._connection.id, REFUNDED, order.order_id, f"{now:020d}", str(now))


def _products(rows: Sequence[Row], currency: str, describe: Describe) -> tuple[list[dict[str, Any]], int]:
    """Return the product lines, and how many are of no known product."""
    found: list[dict[str, Any]] = []
    unmatched = 0
    for row in rows:
        quantity = row.get("Lineitem quantity")
        if not quantity:
            continue
        if not quantity.isdecimal():
            raise InvalidInput("Lineitem quantity", f"{quantity[:20]!r} is no whole number")
        sku = row.get("Lineitem sku").lstrip("'")
        facts = describe(sku) if sku else None
        unmatched += facts is None
        if not sku or not int(quantity):
            continue
        off = to_minor(row.get("Lineitem discount") or "0", currency, "Lineitem discount")
        each = to_minor(row.get("Lineitem price") or "0", currency, "Lineitem price")
        price = max(0, each - off // int(quantity))
        product = {"product_id": facts.product_id if facts else sku, "quantity": int(quantity)}
        if facts is not None and facts.product_id != sku:
            product["variant_id"] = sku
        found.append({**product, "price": format_minor(price, currency)})
    return found, unmatched


def _who(head: Row) -> dict[str, str]:
    found = {
        "email": head.get("Email"),
        "phone": head.get("Phone", "Shipping Phone", "Billing Phone").lstrip("'"),
        "anonymousId": "",
    }
    for line in head.get("Note Attributes").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in VISITOR_NAMES:
            found["anonymousId"] = value.strip()
    return {name: value for name, value in found.items() if value}


def _call(
    event: str, message_id: str, at: int, told: Mapping[str, Any], who: Mapping[str, str], channel: str
) -> Call:
    ids = {"anonymousId": who["anonymousId"]} if "anonymousId" in who else {}
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
