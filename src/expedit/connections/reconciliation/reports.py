"""Reading the shop's own report from a file: a line a day, or a line an order. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from expedit.connections.reconciliation.figures import ShopDay, ShopOrder
from expedit.connections.tills.columns import plain_name, read_minor, read_moment, read_number
from expedit.core import InvalidInput, Struct, check_currency, to_datetime

_NAMES = {
    "order": "order orderid ordernumber orderno ordernr ordrenr ordrenummer ordernummer name number".split(),
    "day": "day date datum dato created createdat placed orderdate orderdatum ordredato".split(),
    "orders": "orders ordercount numberoforders antalordrar antalordre antallordrer antallordre".split(),
    "revenue": (
        "revenue total totalsales grosssales sales turnover omsattning omsetning forsaljning salg summa sum"
        " ordertotal totalt belopp belop"
    ).split(),
    "tax": "tax taxes vat totaltax moms mva".split(),
    "shipping": "shipping shippingtotal freight frakt".split(),
    "refunds": "refunds refunded returns refundtotal aterbetalt aterbetalningar refundert refusjoner".split(),
    "currency": "currency valuta".split(),
    "status": "status orderstatus financialstatus state".split(),
    "test": "test testorder istest".split(),
}
_YES = frozenset("1 yes true ja y test".split())
_UNDONE = frozenset(
    "cancelled canceled failed pending voided draft trash avbruten avbrutt kansellert".split()
)


class Meaning(Struct, frozen=True):
    """What the amounts of a report hold.

    Parameters
    ----------
    with_tax, with_shipping, after_refunds
        Of its revenue.
    currency
        Of amounts that name none.
    zone
        Zone of its times.
    """

    currency: str
    zone: str = "UTC"
    with_tax: bool = True
    with_shipping: bool = True
    after_refunds: bool = False


class Report(Struct, frozen=True):
    """What a file told: days or orders, and the lines that were refused as (line, field, reason)."""

    days: tuple[ShopDay, ...] = ()
    orders: tuple[ShopOrder, ...] = ()
    refused: tuple[tuple[int, str, str], ...] = ()


def read_report(body: bytes, meaning: Meaning) -> Report:
    """Read a CSV file with a header.

    It is a list of orders when it has a column for the order's number and one for its total or revenue but no
    count of orders; otherwise a list of days.

    Raises
    ------
    InvalidInput
        When a needed column is missing.
    """
    text = _decoded(body)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise InvalidInput("file", "is empty")
    delimiter = max(",;\t|", key=first.count)
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    header = next(row for row in rows if any(row))
    places = _places(header)
    by_order = "order" in places and "orders" not in places
    needed = ("order", "day", "revenue") if by_order else ("day", "orders", "revenue")
    for name in needed:
        if name not in places:
            raise InvalidInput(
                "file", f"no column means the {name}; its columns are: {', '.join(header)[:300]}"
            )
    days: list[ShopDay] = []
    orders: list[ShopOrder] = []
    refused: list[tuple[int, str, str]] = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        values = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        try:
            if by_order:
                orders.append(_order(values, meaning))
            else:
                days.append(_day(values, meaning))
        except InvalidInput as error:
            refused.append((rows.line_num, error.field, error.reason))
    return Report(tuple(days), tuple(orders), tuple(refused))


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("file", "is neither UTF-8 nor Windows-1252 text")


def _places(header: Sequence[str]) -> dict[str, int]:
    ours: dict[str, str] = {}
    for attribute, names in _NAMES.items():
        for name in names:
            ours.setdefault(name, attribute)
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        known = ours.get(plain_name(name))
        if known is not None:
            found.setdefault(known, place)
    return found


def _day(values: Mapping[str, str], meaning: Meaning) -> ShopDay:
    currency = check_currency(values.get("currency") or meaning.currency)
    zone = ZoneInfo(meaning.zone)
    at = read_moment(values["day"].partition("T")[0], "", "", zone)
    count = read_number(values["orders"], "", "orders")
    if count != count.to_integral_value() or count < 0:
        raise InvalidInput("orders", f"{values['orders'][:20]!r} is no number of orders")
    optional = {
        name: abs(read_minor(values[name], "", currency, name)) if values.get(name) else None
        for name in ("tax", "shipping", "refunds")
    }
    return ShopDay(
        to_datetime(at).astimezone(zone).date().isoformat(),
        currency,
        int(count),
        read_minor(values["revenue"], "", currency, "revenue"),
        optional["tax"],
        optional["shipping"],
        optional["refunds"],
        meaning.with_tax,
        meaning.with_shipping,
        meaning.after_refunds,
    )


def _order(values: Mapping[str, str], meaning: Meaning) -> ShopOrder:
    number = values["order"].lstrip("#").removesuffix(".0")
    if not number:
        raise InvalidInput("order", "is missing")
    currency = check_currency(values.get("currency") or meaning.currency)
    amounts = {
        name: abs(read_minor(values[name], "", currency, name)) if values.get(name) else 0
        for name in ("revenue", "tax", "shipping", "refunds")
    }
    total = amounts["revenue"]
    total += 0 if meaning.with_tax else amounts["tax"]
    total += 0 if meaning.with_shipping else amounts["shipping"]
    total += amounts["refunds"] if meaning.after_refunds else 0
    at = read_moment(re.sub(r" ([+-]\d{4})$", r"\1", values["day"]), "", "", ZoneInfo(meaning.zone))
    return ShopOrder(
        number,
        at,
        plain_name(values.get("status", "")) not in _UNDONE,
        currency,
        total,
        amounts["tax"],
        amounts["shipping"],
        amounts["refunds"],
        "",
        values.get("test", "").casefold() in _YES,
    )
