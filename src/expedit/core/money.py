"""Money as integer minor units and an ISO 4217 currency; never a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from expedit.core.codec import Struct
from expedit.core.errors import MoneyError

# ISO 4217 (list one): currencies whose minor unit is not two decimals.
_DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"(?:([A-Za-z]{3})\s*)?([-+]?\d[\d .,']*)\s*([A-Za-z]{3})?")
_LARGEST = 10**15


class Money(Struct, frozen=True):
    """An amount of money.

    Parameters
    ----------
    minor
        The amount in minor units (öre, cent), may be negative.
    currency
        ISO 4217 code, as ``SEK``.
    """

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{format_minor(self.minor, self.currency)} {self.currency}"


def decimals_of(currency: str) -> int:
    """Return how many decimals the minor unit of `currency` has (ISO 4217)."""
    return _DECIMALS.get(currency, 2)


def check_currency(code: str, field: str = "currency") -> str:
    """Return `code` in upper case, or raise `MoneyError` naming `field` when it has not the form of one."""
    upper = code.strip().upper()
    if not _CURRENCY.fullmatch(upper):
        raise MoneyError(field, f"{code[:12]!r} is not an ISO 4217 currency")
    return upper


def to_minor(amount: Decimal | int | float | str, currency: str, field: str = "price") -> int:
    """Return `amount`, in major units, as minor units of `currency`, halves rounded away from zero.

    A float (JSON has no other numbers) is read by its shortest decimal form, so ``19.99`` means 19.99.

    Raises
    ------
    MoneyError
        When it is no finite number or larger than 10¹⁵ minor units.
    """
    try:
        value = Decimal(str(amount).strip()).scaleb(decimals_of(currency))
        minor = int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        raise MoneyError(field, f"{str(amount)[:30]!r} is not an amount") from None
    if abs(minor) > _LARGEST:
        raise MoneyError(field, f"{str(amount)[:30]} is too large an amount")
    return minor


def parse_money(text: str, currency: str | None = None, field: str = "price") -> Money:
    """Read ``199.00 SEK``, ``SEK 199``, ``1 499,00`` or a number with a given `currency`.

    Parameters
    ----------
    text
        The amount with or without its currency. The decimal mark may be a point or a comma; when both stand
        there, the last one is it. Thousands may also be set apart by spaces or apostrophes.
    currency
        Used when the text names none.
    """
    cleaned = text.replace("\u00a0", " ").replace("\u202f", " ").strip()
    found = _AMOUNT.fullmatch(cleaned)
    if found is None:
        raise MoneyError(field, f"{text[:30]!r} is not an amount")
    before, number, after = found.groups()
    if before and after:
        raise MoneyError(field, f"{text[:30]!r} names two currencies")
    code = check_currency(before or after, field) if before or after else currency
    if code is None:
        raise MoneyError(field, f"{text[:30]!r} names no currency")
    number = number.replace(" ", "").replace("'", "")
    if "," in number and "." in number:  # the mark that comes last is the decimal one
        thousands = "," if number.rindex(".") > number.rindex(",") else "."
        number = number.replace(thousands, "")
    return Money(to_minor(number.replace(",", "."), code, field), code)


def format_minor(minor: int, currency: str) -> str:
    """Return `minor` as a plain decimal string in major units, as ``1499.00``."""
    places = decimals_of(currency)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits
