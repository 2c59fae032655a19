"""How a till's file is to be read: which column means what, how it writes times and amounts. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from expedit.core import InvalidInput, Struct, field, from_datetime, to_minor

NAMES: dict[str, list[str]] = {
    "receipt": (
        "receipt receiptid receiptno receiptnumber receiptnr kvitto kvittonr kvittonummer kvitteringsnr"
        " kvittering kvitteringsnummer bong bongnr bilag bilagsnr transaction transactionid transaktion"
        " transaktionsnr order orderid ordernumber"
    ).split(),
    "returned_receipt": (
        "returnedreceipt originalreceipt refundof ursprungligtkvitto opprinneligkvittering"
    ).split(),
    "store": "store storeid storecode storeno location butik butiksnr butikk butikknr filial".split(),
    "register": "register registerid till tillid pos posid terminal kassa kassanr kasse kassenr".split(),
    "timestamp": "timestamp datetime soldat tidpunkt tidspunkt datumtid datotid".split(),
    "date": "date day salesdate datum dato forsaljningsdatum".split(),
    "time": "time salestime tid klockslag klokkeslett kl".split(),
    "gtin": "gtin gtin13 gtin14 ean ean13 ean8 upc barcode streckkod strekkode".split(),
    "sku": (
        "sku article articlenumber artikel artikelnr artikelnummer artnr artikkelnr varenr item itemid plu"
    ).split(),
    "title": (
        "title name productname description benamning artikelnamn varenavn varetekst vare product vara"
    ).split(),
    "quantity": "quantity qty antal antall pieces st".split(),
    "price": "price unitprice pris apris enhetspris styckpris stykpris".split(),
    "amount": "amount total linetotal lineamount belopp summa radsumma belop linjesum sum".split(),
    "tax": "tax vat taxamount vatamount moms momsbelopp mva mvabelop".split(),
    "loyalty_id": (
        "loyaltyid loyalty loyaltycard member memberid membernumber medlem medlemsnr medlemsnummer medlemskap"
        " kundnr kundnummer kundenr kundenummer customerid customernumber"
    ).split(),
    "payment_ref": "paymentref paymentreference cardref cardtoken kortref kortreferens betalningsreferens"
    " betalingsreferanse".split(),
    "type": "type kind linetype transactiontype transaktionstyp transaksjonstype typ".split(),
    "currency": "currency currencycode valuta".split(),
    "market": "market country marknad marked land".split(),
}
"""Our attribute → what tills call it, without case, spaces and marks."""

_OURS = {name: attribute for attribute, names in NAMES.items() for name in names}
_FOLD = str.maketrans("åäöæøéü", "aaoaoeu")
_BACK = frozenset(
    "return returned retur returnerad refund aterkop kredit credit r kreditering tilbakelevering".split()
)
_ZONES = {
    "SE": "Europe/Stockholm",
    "NO": "Europe/Oslo",
    "DK": "Europe/Copenhagen",
    "FI": "Europe/Helsinki",
    "IS": "Atlantic/Reykjavik",
    "DE": "Europe/Berlin",
    "NL": "Europe/Amsterdam",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "PL": "Europe/Warsaw",
    "US": "America/New_York",
}
_DAYS_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


class TillFormat(Struct, frozen=True):
    """How a till's files are written.

    Parameters
    ----------
    columns
        Their column → our attribute, where its name does not say it.
    timezone
        Zone of times that name none; empty = that of the market's capital.
    decimal
        Decimal mark of amounts, ``.`` or ``,``; empty = whichever stands last in an amount.
    market
        Market of stores that `markets` does not name; empty = the shop's first.
    markets
        Store → market.
    with_tax
        Whether amounts include the tax that the file states beside them.
    """

    columns: dict[str, str] = field(default_factory=dict)
    timezone: str = ""
    decimal: str = ""
    market: str = ""
    markets: dict[str, str] = field(default_factory=dict)
    with_tax: bool = True

    def market_of(self, store: str, shop_markets: Mapping[str, str]) -> str:
        """Return the market of a store.

        Raises
        ------
        InvalidInput
            When the shop has no such market.
        """
        market = self.markets.get(store) or self.market or next(iter(shop_markets))
        if market not in shop_markets:
            raise InvalidInput("market", f"the shop has no market called {market!r}")
        return market

    def zone_of(self, market: str) -> ZoneInfo:
        """Return the zone of times in `market`.

        Raises
        ------
        InvalidInput
            When no zone has that name.
        """
        try:
            return ZoneInfo(self.timezone or _ZONES.get(market, "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            raise InvalidInput("timezone", f"no zone is called {self.timezone!r}") from None


def columns_of(header: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Return the place of each attribute in a header.

    Parameters
    ----------
    chosen
        Their column → our attribute; what it names need not be recognized by its name.

    Raises
    ------
    InvalidInput
        When a chosen column is not there, or what a receipt needs is missing.
    """
    wanted = {plain_name(theirs): ours for theirs, ours in chosen.items()}
    for ours in wanted.values():
        if ours not in NAMES:
            raise InvalidInput("columns", f"{ours!r} is none of {', '.join(NAMES)}")
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        attribute = wanted.pop(plain_name(name), None) or _OURS.get(plain_name(name))
        if attribute is not None:
            found.setdefault(attribute, place)
    if wanted:
        raise InvalidInput("columns", f"the file has no column {', '.join(sorted(wanted))}")
    names = ", ".join(header)[:300]
    if "receipt" not in found:
        raise InvalidInput("file", f"no column means the receipt; its columns are: {names}")
    if "timestamp" not in found and "date" not in found:
        raise InvalidInput("file", f"no column means the time; its columns are: {names}")
    if "gtin" not in found and "sku" not in found:
        raise InvalidInput("file", f"no column means the article (GTIN or number); its columns are: {names}")
    if "price" not in found and "amount" not in found:
        raise InvalidInput("file", f"no column means the price; its columns are: {names}")
    return found


def plain_name(name: str) -> str:
    """Return a column's name without case, spaces, marks and the letters' own marks."""
    return re.sub(r"[^a-z0-9]", "", name.strip().lower().replace("á", "a").translate(_FOLD))


def read_moment(timestamp: str, day: str, clock: str, zone: ZoneInfo) -> int:
    """Return when a line was sold, in microseconds.

    Parameters
    ----------
    timestamp
        One text for both, or empty; then `day` and `clock` say it.

    Raises
    ------
    InvalidInput
        When it is no time.
    """
    text = timestamp.strip() or f"{day.strip()} {clock.strip()}".strip()
    first, _, rest = text.replace("T", " ").partition(" ")
    found = _DAYS_FIRST.fullmatch(first) or _COMPACT.fullmatch(first)
    try:
        if found is not None and _COMPACT.fullmatch(first) is None:
            first = date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        elif found is not None:
            first = date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        rest = rest.strip().replace(".", ":") if rest.count(".") >= 1 and ":" not in rest else rest.strip()
        moment = datetime.fromisoformat(f"{first} {rest}".strip())
    except ValueError:
        raise InvalidInput("timestamp", f"{text[:40]!r} is no date and time") from None
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def read_number(text: str, decimal: str, name: str) -> Decimal:
    """Return a number written with a decimal point or comma, spaces or marks between thousands.

    Raises
    ------
    InvalidInput
        Naming `name`.
    """
    bare = re.sub(r"[\s\u00a0\u202f']|kr\.?$|:-$", "", text.strip().lower())
    bare = bare.replace("\u2212", "-")
    negative = bare.startswith("-") or bare.endswith("-") or (bare.startswith("(") and bare.endswith(")"))
    bare = bare.strip("-+()")
    mark = decimal or ("," if bare.rfind(",") > bare.rfind(".") else ".")
    bare = bare.replace("." if mark == "," else ",", "").replace(mark, ".")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        raise InvalidInput(name, f"{text[:30]!r} is not a number") from None
    if not number.is_finite() or abs(number) > Decimal(10) ** 12:
        raise InvalidInput(name, f"{text[:30]!r} is not a number")
    return -number if negative else number


def read_minor(text: str, decimal: str, currency: str, name: str) -> int:
    """Return an amount in minor units, which may be negative."""
    return to_minor(read_number(text, decimal, name), currency, name)


def is_return(text: str) -> bool:
    """Tell whether a line's type says that it went back."""
    return plain_name(text) in _BACK
