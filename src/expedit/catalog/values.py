"""Reading single values of a feed: amounts, moments, GTINs, availability, addresses, category paths."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import cast

from expedit.catalog.model import Availability
from expedit.core import InvalidInput, MoneyError, check_currency, decimals_of, parse_time, to_minor

ID_LENGTH = 50
TEXT_LENGTH = 500
LONG_TEXT_LENGTH = 50_000
URL_LENGTH = 2_000

_AVAILABILITY: dict[str, str] = {
    "instock": "in_stock",
    "outofstock": "out_of_stock",
    "soldout": "out_of_stock",
    "discontinued": "out_of_stock",
    "preorder": "preorder",
    "presale": "preorder",
    "backorder": "backorder",
    "limitedavailability": "in_stock",
    "onlineonly": "in_stock",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_AMOUNT = re.compile(
    r"\s*(?P<before>[A-Za-z]{3})?\s*(?P<number>[-+]?\d[\d\s.,]*?)(?::-|,-|\s*kr\.?)?\s*(?P<after>[A-Za-z]{3})?\s*"
)
_THOUSANDS_OR_DECIMALS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def read_id(text: str, field: str) -> str:
    """Return an identifier of at most 50 characters (Merchant Center's limit).

    Raises
    ------
    InvalidInput
        When it is empty, too long or holds control characters.
    """
    value = text.strip()
    if not value:
        raise InvalidInput(field, "missing")
    if len(value) > ID_LENGTH:
        raise InvalidInput(field, f"longer than {ID_LENGTH} characters")
    if not value.isprintable():
        raise InvalidInput(field, "holds control characters")
    return value


def read_text(text: str, field: str, limit: int = TEXT_LENGTH) -> str:
    """Return text without surrounding space.

    Raises
    ------
    InvalidInput
        When it is longer than `limit` characters.
    """
    value = text.strip()
    if len(value) > limit:
        raise InvalidInput(field, f"longer than {limit} characters")
    return value


def read_url(text: str, field: str) -> str:
    """Return an absolute http(s) address or a path within the shop.

    Raises
    ------
    InvalidInput
        For any other scheme, so that no feed can put a script behind a link.
    """
    value = text.strip()
    if len(value) > URL_LENGTH:
        raise InvalidInput(field, f"longer than {URL_LENGTH} characters")
    if _CONTROL.search(value):
        raise InvalidInput(field, "holds control characters")
    head = value[:8].lower()
    if head.startswith(("http://", "https://")) or (value.startswith("/") and not value.startswith("//")):
        return value
    raise InvalidInput(field, f"{value[:40]!r} is neither an http(s) address nor a path that starts with /")


@lru_cache(maxsize=65_536)
def read_amount(text: str, currency: str | None, field: str) -> tuple[int, str]:
    """Return ``199.00 SEK`` as (minor units, currency).

    Parameters
    ----------
    currency
        The one to assume when the text names none.

    Raises
    ------
    MoneyError
        When it is no amount, is negative, or could mean two amounts (``1.499``).
    """
    found = _AMOUNT.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        raise MoneyError(field, f"{text[:30]!r} is not an amount")
    code = found["before"] or found["after"]
    currency = check_currency(code, field) if code else currency
    if currency is None:
        raise MoneyError(field, f"{text[:30]!r} names no currency")
    number = re.sub(r"\s", "", found["number"])
    if decimals_of(currency) < 3 and _THOUSANDS_OR_DECIMALS.fullmatch(number):
        raise MoneyError(field, f"{text[:30]!r} is ambiguous: three digits after its only mark")
    if number.rfind(",") > number.rfind("."):  # the last mark is the decimal one: 1.499,00
        number = number.replace(".", "").replace(",", ".")
    minor = to_minor(number.replace(",", ""), currency, field)
    if minor < 0:
        raise MoneyError(field, "is negative")
    return minor, currency


def read_number_amount(value: float, currency: str, field: str) -> int:
    """Return a bare JSON number, in major units, as minor units."""
    minor = to_minor(value, currency, field)
    if minor < 0:
        raise MoneyError(field, "is negative")
    return minor


@lru_cache(maxsize=4_096)
def read_period(text: str, field: str) -> tuple[int | None, int | None]:
    """Return ``from/until`` as microseconds; a side may be left out (``/2026-12-01``).

    Raises
    ------
    InvalidInput
        When a side is no ISO 8601 time or the end is not after the start.
    """
    start_text, separator, end_text = text.partition("/")
    if not separator:
        raise InvalidInput(field, f"{text[:40]!r} is not a period (from/until)")
    start = parse_time(start_text, field) if start_text.strip() else None
    end = parse_time(end_text, field) if end_text.strip() else None
    if start is not None and end is not None and end <= start:
        raise InvalidInput(field, "ends before it starts")
    return start, end


@lru_cache(maxsize=256)
def read_availability(text: str, field: str = "availability") -> Availability:
    """Return Merchant Center's or schema.org's availability (``in stock``, ``https://schema.org/InStock``).

    Raises
    ------
    InvalidInput
        When it is none of them.
    """
    key = re.sub(r"[^a-z]", "", text.rsplit("/", 1)[-1].lower())
    if key not in _AVAILABILITY:
        raise InvalidInput(field, f"{text[:30]!r} is none of in_stock, out_of_stock, preorder, backorder")
    return cast("Availability", _AVAILABILITY[key])


def read_gtin(text: str, field: str = "gtin") -> str:
    """Return a GTIN-8, UPC, EAN-13 or GTIN-14 as GTIN-14, left-padded with zeros.

    The check digit makes the sum of all digits, weighted 3, 1, 3, … from the left of the padded form, a
    multiple of ten.

    Raises
    ------
    InvalidInput
        When the length or the check digit is wrong.

    References
    ----------
    GS1 General Specifications, section 7.9 "Check digit calculations".
    """
    digits = text.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) not in {8, 12, 13, 14}:
        raise InvalidInput(field, f"{text[:20]!r} has not 8, 12, 13 or 14 digits")
    padded = digits.rjust(14, "0")
    if (3 * sum(map(int, padded[0::2])) + sum(map(int, padded[1::2]))) % 10:
        raise InvalidInput(field, f"the check digit of {digits} is wrong")
    return padded


@lru_cache(maxsize=65_536)
def read_path(text: str) -> tuple[str, ...]:
    """Return ``A > B > C`` as its parts; a number (an id of Google's taxonomy) is no path."""
    if text.strip().isdecimal():
        return ()
    return tuple(part.strip() for part in text.split(">") if part.strip())


def read_quantity(value: object, field: str) -> int:
    """Return pieces in stock as a whole number (negative when oversold).

    Raises
    ------
    InvalidInput
        When it is no whole number within ± 10⁹.
    """
    if type(value) is str and value.isdecimal() and value.isascii() and len(value) < 10:
        return int(value)
    try:
        number = Decimal(str(value).strip())
        whole = int(number)
    except (ArithmeticError, ValueError):
        raise InvalidInput(field, f"{str(value)[:20]!r} is not a number of pieces") from None
    if whole != number or abs(whole) > 10**9 or isinstance(value, bool):
        raise InvalidInput(field, f"{str(value)[:20]!r} is not a number of pieces")
    return whole
