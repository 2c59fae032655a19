"""From a till's lines to receipts, and from receipts to purchases and refunds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from expedit.catalog import ItemFacts
from expedit.connections.barcodes import read_barcode
from expedit.connections.tills.columns import (
    TillFormat,
    columns_of,
    is_return,
    read_minor,
    read_moment,
    read_number,
)
from expedit.core import InvalidInput, check_currency, format_minor, to_datetime
from expedit.tracking import Call

Describe = Callable[[str], ItemFacts | None]

_LONGEST = 100
OPEN_RECEIPTS = 5_000
"""Receipts kept open: lines of one may lie this many receipts apart in a file."""


class Line(NamedTuple):
    """A line of a receipt.

    Parameters
    ----------
    code
        What the article is known by here: its GTIN with 14 digits, else the shop's own number.
    quantity
        Pieces, at least 1; goods sold by weight are one piece.
    amount, tax
        Minor units, not negative; `amount` is what was paid for the line.
    known
        Whether the catalog has it.
    why
        Why it is not known: ``gtin`` (not in the catalog), ``own`` (a number of the shop's own, not in the
        catalog), ``check`` (a barcode whose check digit is wrong); empty when it is known.
    """

    code: str
    title: str
    quantity: int
    amount: int
    tax: int
    known: bool
    why: str


class Receipt:
    """A receipt under way."""

    __slots__ = (
        *("at", "back", "currency", "line", "loyalty", "market", "number"),
        *("order_id", "payment", "register", "returned", "sold", "store"),
    )

    def __init__(self, order_id: str, number: str, store: str, register: str, at: int, line: int) -> None:
        self.order_id = order_id
        self.number = number
        self.store = store
        self.register = register
        self.at = at
        self.line = line
        self.currency = ""
        self.market = ""
        self.loyalty = ""
        self.payment = ""
        self.returned = ""
        self.sold: list[Line] = []
        self.back: list[Line] = []


class Reader:
    """Gathers the lines of one file into receipts.

    Parameters
    ----------
    format
        How the file is written.
    header
        Its column names.
    markets
        Currency of each market of the shop.
    describe
        What the catalog says of a GTIN or number.
    """

    def __init__(
        self, form: TillFormat, header: Sequence[str], markets: Mapping[str, str], describe: Describe
    ) -> None:
        self._form = form
        self._places = columns_of(header, form.columns)
        self._markets = markets
        self._describe = describe
        self._open: dict[tuple[str, str, str, str], Receipt] = {}

    def take(self, number: int, row: Sequence[str]) -> None:
        """Take in one line.

        Raises
        ------
        InvalidInput
            Naming the attribute at fault; the line then counts for nothing.
        """
        store, register = self._text(row, "store"), self._text(row, "register")
        receipt_number = self._text(row, "receipt").removesuffix(".0")
        if not receipt_number:
            raise InvalidInput("receipt", "is missing")
        market = self._text(row, "market").upper() or self._form.market_of(store, self._markets)
        if market not in self._markets:
            raise InvalidInput("market", f"the shop has no market called {market[:20]!r}")
        zone = self._form.zone_of(market)
        at = read_moment(self._text(row, "timestamp"), self._text(row, "date"), self._text(row, "time"), zone)
        currency = check_currency(self._text(row, "currency") or self._markets[market])
        day = to_datetime(at).astimezone(zone).date().isoformat()
        line, back = self._line(row, currency)
        key = (store, register, day, receipt_number)
        receipt = self._open.get(key)
        if receipt is None:
            order_id = "-".join(part for part in key if part)
            receipt = self._open[key] = Receipt(order_id, receipt_number, store, register, at, number)
            receipt.market, receipt.currency = market, currency
        if receipt.currency != currency:
            raise InvalidInput("currency", f"is {currency}, but the receipt began in {receipt.currency}")
        receipt.at = min(receipt.at, at)
        receipt.loyalty = receipt.loyalty or self._text(row, "loyalty_id").removesuffix(".0")
        receipt.payment = receipt.payment or self._text(row, "payment_ref")
        receipt.returned = receipt.returned or self._text(row, "returned_receipt").removesuffix(".0")
        (receipt.back if back else receipt.sold).append(line)

    def ready(self, everything: bool = False) -> Iterator[Receipt]:
        """Give receipts that are complete: the oldest when many are open, or all at the end of the file."""
        if not everything and len(self._open) < OPEN_RECEIPTS:
            return
        for key in list(self._open)[: None if everything else OPEN_RECEIPTS // 4]:
            yield self._open.pop(key)

    def _text(self, row: Sequence[str], attribute: str) -> str:
        place = self._places.get(attribute)
        text = "" if place is None or place >= len(row) else row[place].strip()
        if len(text) > 2_000 or "\0" in text:
            raise InvalidInput(attribute, "is no text of a till")
        return text[:_LONGEST]

    def _line(self, row: Sequence[str], currency: str) -> tuple[Line, bool]:
        decimal = self._form.decimal
        quantity = read_number(self._text(row, "quantity") or "1", decimal, "quantity")
        price, amount = self._text(row, "price"), self._text(row, "amount")
        if amount:
            paid = read_minor(amount, decimal, currency, "amount")
        elif price:
            paid = int((read_minor(price, decimal, currency, "price") * quantity).to_integral_value())
        else:
            raise InvalidInput("price", "is missing")
        tax = self._text(row, "tax")
        taxed = abs(read_minor(tax, decimal, currency, "tax")) if tax else 0
        if quantity == 0:
            raise InvalidInput("quantity", "is zero")
        back = quantity < 0 or paid < 0 or is_return(self._text(row, "type"))
        whole = abs(quantity) == abs(quantity).to_integral_value() and abs(quantity) <= 10_000
        code, known, why = self._article(row)
        if not self._form.with_tax:
            paid += taxed if paid >= 0 else -taxed
        pieces = int(abs(quantity)) if whole else 1
        return Line(
            code, self._text(row, "title"), pieces, abs(paid), min(taxed, abs(paid)), known, why
        ), back

    def _article(self, row: Sequence[str]) -> tuple[str, bool, str]:
        """Return what the line's article is known by, whether the catalog has it, and why not."""
        scanned = self._text(row, "gtin").removesuffix(".0")
        own = self._text(row, "sku").removesuffix(".0")
        why = "own"
        if scanned:
            try:
                barcode = read_barcode(scanned)
            except InvalidInput as error:
                why = "check" if "check digit" in error.reason else "own"
            else:
                if not barcode.in_store:
                    known = self._describe(barcode.number) is not None
                    if known or not own or self._describe(own) is None:
                        return barcode.number, known, "" if known else "gtin"
        for name in (own, scanned):
            if name and self._describe(name) is not None:
                return name, True, ""
        code = own or scanned or self._text(row, "title")
        if not code:
            raise InvalidInput("gtin", "is missing, and so are the article's number and name")
        return code, False, why


def calls_of(receipt: Receipt, returned_order: str | None) -> list[Call]:
    """Return the purchase and the refund that a receipt amounts to.

    Parameters
    ----------
    returned_order
        Order that its returns belong to, where that is known; else they are a credit note of their own.
    """
    calls = []
    if receipt.sold:
        calls.append(_call(receipt, "purchase", receipt.order_id, receipt.sold))
    if receipt.back:
        order = returned_order or f"{receipt.order_id}-return"
        calls.append(_call(receipt, "refund", order, receipt.back))
    return calls


def _call(receipt: Receipt, event: str, order_id: str, lines: Sequence[Line]) -> Call:
    currency = receipt.currency
    tax = sum(line.tax for line in lines)
    goods = sum(line.amount for line in lines) - tax
    properties: dict[str, object] = {
        "order_id": order_id,
        "currency": currency,
        "market": receipt.market,
        "value": format_minor(goods, currency),
        "tax": format_minor(tax, currency),
        "products": [
            {
                "product_id": line.code,
                "quantity": line.quantity,
                "price": format_minor((2 * line.amount + line.quantity) // (2 * line.quantity), currency),
            }
            for line in lines
        ],
    }
    places = {"store": receipt.store, "register": receipt.register, "receipt": receipt.number}
    properties |= {name: text for name, text in places.items() if text}
    traits = {"loyalty_id": receipt.loyalty, "payment_ref": receipt.payment}
    return Call(
        type="track",
        event=event,
        message_id=f"{event}:{receipt.order_id}",
        timestamp=receipt.at,
        channel="store",
        properties=properties,
        traits={name: text for name, text in traits.items() if text} or None,
    )
