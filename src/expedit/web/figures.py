"""Numbers, shares, money and moments as a language writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from expedit.core import SECOND, Money, decimals_of
from expedit.web.texts import locale_of

_LETTER_BEFORE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")  # SEK1,499 reads better as SEK 1,499

NONE = "–"
"""Shown where there is no figure."""

Number = int | float | Decimal


def number(language: str, value: Number | None, digits: int | None = None) -> str:
    """Return a number with `digits` decimals (by default as many as it has, at most three)."""
    if value is None:
        return NONE
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=locale_of(language)))


def percent(language: str, share: Number | None, digits: int = 1, signed: bool = False) -> str:
    """Return a share (0.118) as percent (11.8 %)."""
    if share is None:
        return NONE
    pattern = (
        locale_of(language)
        .percent_formats[None]
        .pattern.replace("#,##0", "#,##0" + ("." + "0" * digits if digits else ""))
    )
    written = str(format_percent(share, format=pattern, locale=locale_of(language)))
    return "+" + written if signed and share > 0 else written


def money(language: str, amount: Money | int | str | None, currency: str = "", whole: bool = False) -> str:
    """Return money; `amount` is a `Money`, minor units of `currency`, or its decimal text in major units.

    Parameters
    ----------
    whole
        Leave the decimals out, as large sums are read.
    """
    if amount is None:
        return NONE
    if isinstance(amount, str):
        major = Decimal(amount)
    else:
        value = amount if isinstance(amount, Money) else Money(amount, currency)
        major, currency = Decimal(value.minor).scaleb(-decimals_of(value.currency)), value.currency
    locale = locale_of(language)
    pattern = locale.currency_formats["standard"].pattern.replace("0.00", "0") if whole else None
    written = str(format_currency(major, currency, format=pattern, locale=locale, currency_digits=not whole))
    return _LETTER_BEFORE_DIGIT.sub("\u00a0", written)


def moment(language: str, at: int) -> str:
    """Return a moment (microseconds) as UTC date and time; the browser makes it local."""
    return str(format_datetime(_when(at), "medium", locale=locale_of(language))) + " UTC"


def day(language: str, at: int) -> str:
    """Return the UTC day of a moment (microseconds)."""
    return str(format_date(_when(at).date(), "medium", locale=locale_of(language)))


def machine(at: int) -> str:
    """Return a moment for a ``datetime`` attribute."""
    return _when(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _when(at: int) -> datetime:
    return datetime.fromtimestamp(at / SECOND, UTC)
