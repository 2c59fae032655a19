"""Files with one order line a row: lines of one order become one purchase, what went back a refund."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from expedit.catalog import ItemFacts
from expedit.core import InvalidInput, check_currency, parse_money, to_minor
from expedit.events import EventItem
from expedit.tracking.calls import Call
from expedit.tracking.columns import FileMapping, Times
from expedit.tracking.items import MAX_ITEMS, MAX_QUANTITY, Describe

OPEN_ORDERS = 20_000
"""Orders kept open: lines of one order may lie this many orders apart in the file."""

_LONGEST_ID = 150
_DEVICE = ("anonymous_id", "user_id")
_PERSON = ("email", "phone", "loyalty_id", "payment_ref")
_TOLD = ("market", "coupon", "tax", "shipping", "country", "region", "postal_code")
_ABOUT_ORDER = (*_TOLD, "channel", "refund_of")
_NOTHING = ItemFacts("", "", "", "", "", "")


class Gathered:
    """An order under way, or what went back of one.

    Parameters
    ----------
    kind
        ``purchase`` or ``refund``.
    order_id, at, currency
        Of the order; the time in microseconds is its first line's.
    rest
        What its first line says of the person and the order.
    """

    __slots__ = ("at", "currency", "items", "kind", "line", "order_id", "rest")

    def __init__(
        self, kind: str, order_id: str, line: int, at: int, currency: str, rest: dict[str, str]
    ) -> None:
        self.kind = kind
        self.order_id = order_id
        self.line = line
        self.at = at
        self.currency = currency
        self.rest = rest
        self.items: list[EventItem] = []

    def call(self) -> Call:
        """Return the track call that this order amounts to, without its products."""
        rest = self.rest
        properties: dict[str, object] = {
            "order_id": rest.get("refund_of") or self.order_id,
            "currency": self.currency,
            **{name: rest[name] for name in _TOLD if name in rest},
        }
        return Call(
            type="track",
            event=self.kind,
            # Of the order, not of the file: reading it again, or a longer one, adds nothing.
            message_id=f"{self.kind}:{self.order_id}",
            anonymous_id=rest.get("anonymous_id"),
            user_id=rest.get("user_id"),
            timestamp=self.at,
            channel=rest.get("channel"),
            properties=properties,
            traits={name: rest[name] for name in _PERSON if name in rest} or None,
        )

    @property
    def known(self) -> bool:
        """Tell whether the file says who it was."""
        return any(name in self.rest for name in (*_DEVICE, *_PERSON))


class OrderLines:
    """Gathers the rows of a file into orders.

    Parameters
    ----------
    mapping
        How the file is to be read.
    header
        Its column names.
    describe
        What the catalog says of a product or variant id.
    markets
        Currency of each market: lines that name no currency are paid in their market's.
    """

    def __init__(
        self, mapping: FileMapping, header: Sequence[str], describe: Describe, markets: Mapping[str, str]
    ) -> None:
        self._places = places_of(mapping, header)
        self._fixed = mapping.fixed
        for needed in ("order_id", "item_id", "timestamp"):
            if needed not in self._places:
                raise InvalidInput("mapping", f"no column of the file is said to be the {needed}")
        self._credit_prefix = mapping.credit_prefix
        self._decimal = mapping.decimal
        self._times = Times(mapping)
        self._describe = describe
        self._markets = markets
        self._open: dict[tuple[str, str], Gathered] = {}
        self._closed: set[tuple[str, str]] = set()
        self._products: dict[tuple[str, str], EventItem] = {}
        self._amounts: dict[tuple[str, str], int] = {}

    def take(self, line: int, row: Sequence[str]) -> str:
        """Take in one row; return whether it is of a ``purchase`` or a ``refund``.

        Raises
        ------
        InvalidInput
            Naming the attribute at fault; the row then counts for nothing.
        """
        order_id = plain_id(self._text(row, "order_id"), "order_id")
        quantity = self._quantity(row)
        credit = quantity < 0 or (self._credit_prefix != "" and order_id.startswith(self._credit_prefix))
        kind = "refund" if credit else "purchase"
        gathered = self._open.get((kind, order_id))
        if gathered is None:
            gathered = self._begin(kind, order_id, line, row)
        item = self._item(row, abs(quantity), gathered.currency)
        if len(gathered.items) >= MAX_ITEMS:
            raise InvalidInput("order_id", f"{order_id} has more than {MAX_ITEMS} lines")
        gathered.items.append(item)
        self._open[kind, order_id] = gathered
        return kind

    def ready(self, everything: bool = False) -> Iterator[Gathered]:
        """Give the orders that are complete: the oldest when many are open, or all at the end of the file."""
        if not everything and len(self._open) < OPEN_ORDERS:
            return
        for key in list(self._open)[: None if everything else OPEN_ORDERS // 4]:
            self._closed.add(key)
            yield self._open.pop(key)

    def _text(self, row: Sequence[str], attribute: str) -> str:
        place = self._places.get(attribute)
        if place is None:
            return self._fixed.get(attribute, "")
        return row[place].strip() or self._fixed.get(attribute, "")

    def _begin(self, kind: str, order_id: str, line: int, row: Sequence[str]) -> Gathered:
        if (kind, order_id) in self._closed:
            raise InvalidInput(
                "order_id", f"lines of {order_id} lie too far apart; sort the file by its orders"
            )
        rest = {name: text for name in (*_DEVICE, *_PERSON, *_ABOUT_ORDER) if (text := self._text(row, name))}
        for name in ("user_id", "loyalty_id"):
            if name in rest:
                rest[name] = plain_id(rest[name], name)
        currency = self._text(row, "currency") or self._markets.get(rest.get("market", "").upper(), "")
        if not currency and len(set(self._markets.values())) == 1:
            currency = next(iter(self._markets.values()))
        if not currency:
            raise InvalidInput("currency", "is missing, and no market tells it")
        at = self._times.read(self._text(row, "timestamp"))
        return Gathered(kind, order_id, line, at, check_currency(currency), rest)

    def _quantity(self, row: Sequence[str]) -> int:
        text = self._text(row, "quantity") or "1"
        try:
            quantity = int(text)
        except ValueError:
            try:
                quantity = int(text.removesuffix(".0"))
            except ValueError:
                raise InvalidInput("quantity", f"{text[:30]!r} is no whole number") from None
        if not 1 <= abs(quantity) <= MAX_QUANTITY:
            raise InvalidInput("quantity", f"must be 1 to {MAX_QUANTITY}, or negative for what went back")
        return quantity

    def _item(self, row: Sequence[str], quantity: int, currency: str) -> EventItem:
        key = self._text(row, "item_id"), self._text(row, "variant")
        known = self._products.get(key)
        if known is None:
            known = self._products[key] = self._product(row, *key)
        return EventItem(
            known.id,
            known.variant,
            quantity,
            self._price(self._text(row, "price"), currency),
            None,
            known.product,
            known.category,
            known.brand,
            known.color,
            known.size,
            known.price_band,
        )

    def _product(self, row: Sequence[str], item_id: str, variant: str) -> EventItem:
        item_id = plain_id(item_id, "item_id")
        facts = (self._describe(variant) if variant else None) or self._describe(item_id) or _NOTHING
        return EventItem(
            item_id,
            variant or None,
            product=facts.product_id or None,
            category=facts.category or self._text(row, "category") or None,
            brand=facts.brand or self._text(row, "brand") or None,
            color=facts.color or self._text(row, "color") or None,
            size=facts.size or self._text(row, "size") or None,
            price_band=facts.price_band or None,
        )

    def _price(self, text: str, currency: str) -> int | None:
        if not text:
            return None
        minor = self._amounts.get((text, currency))
        if minor is None:
            minor = self._amounts[text, currency] = read_amount(text, currency, self._decimal)
        if minor < 0:
            raise InvalidInput("price", f"{text[:30]} is negative")
        return minor


def places_of(mapping: FileMapping, header: Sequence[str]) -> dict[str, int]:
    """Return the column number of each attribute; a column that is named as an attribute needs no mapping."""
    ours = {theirs.strip().casefold(): attribute for theirs, attribute in mapping.columns.items()}
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        attribute = ours.pop(name.strip().casefold(), None) or (name.strip() if not mapping.columns else None)
        if attribute:
            found[attribute] = place
    if ours:
        raise InvalidInput("mapping", f"the file has no column {', '.join(sorted(ours))}")
    return found


def plain_id(text: str, field: str) -> str:
    """Return an id; ``17850.0``, as spreadsheets and data frames write whole numbers, is 17850.

    Raises
    ------
    InvalidInput
        Naming `field`.
    """
    if text.endswith(".0") and text[:-2].isdecimal():
        text = text[:-2]
    if not text:
        raise InvalidInput(field, "is missing")
    if len(text) > _LONGEST_ID or not text.isprintable() or "\ufffd" in text:
        raise InvalidInput(field, f"{text[:30]!r} is too long, or holds what is no text")
    return text


def read_amount(text: str, currency: str, decimal: str) -> int:
    """Return minor units of an amount that is written with the decimal mark `decimal` (either when empty).

    Raises
    ------
    MoneyError
        When it is no amount.
    """
    if decimal == ",":
        text = text.replace(".", "").replace(",", ".")
    elif decimal == ".":
        text = text.replace(",", "")
    sign = -1 if text.startswith("-") else 1
    bare = text.lstrip("+-")
    if bare.replace(".", "", 1).isdecimal():
        return sign * to_minor(bare, currency)
    money = parse_money(bare, currency)
    if money.currency != currency:
        raise InvalidInput("price", f"is in {money.currency}, the order in {currency}")
    return sign * money.minor
