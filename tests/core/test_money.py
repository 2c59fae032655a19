"""Money is exact in every currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.core import Money, MoneyError, check_currency, format_minor, parse_money, to_minor

CURRENCIES = st.sampled_from(["SEK", "NOK", "EUR", "JPY", "ISK", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [
        ("199.00 SEK", None, Money(19900, "SEK")),
        ("SEK 199", None, Money(19900, "SEK")),
        ("1 499,50 sek", None, Money(149950, "SEK")),
        ("1\u00a0499", "SEK", Money(149900, "SEK")),
        ("1,499.50 EUR", None, Money(149950, "EUR")),
        ("1.499,50 EUR", None, Money(149950, "EUR")),
        ("12'345.60 CHF", None, Money(1234560, "CHF")),
        ("19,99", "EUR", Money(1999, "EUR")),
        ("1500 JPY", None, Money(1500, "JPY")),
        ("1.2345 KWD", None, Money(1235, "KWD")),
        ("-5.005", "EUR", Money(-501, "EUR")),
    ],
)
def test_reads_what_feeds_write(text: str, currency: str | None, expected: Money) -> None:
    assert parse_money(text, currency) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "gratis",
        "12",
        "SEK 12 NOK",
        "1,2,3 SEK",
        "1.2.3 SEK",
        "NaN SEK",
        "Infinity EUR",
        "1e30 SEK",
        "12 SE1",
    ],
)
def test_refuses_what_is_no_money(text: str) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_money(text, field="sale_price")
    assert caught.value.field == "sale_price"


def test_refuses_what_is_no_currency() -> None:
    assert check_currency(" sek ") == "SEK"
    with pytest.raises(MoneyError):
        check_currency("kr")


@given(st.integers(-(10**15), 10**15), CURRENCIES)
def test_text_and_minor_units_are_inverse(minor: int, currency: str) -> None:
    text = format_minor(minor, currency)
    assert to_minor(text, currency) == minor
    assert parse_money(f"{text} {currency}") == Money(minor, currency)


@given(st.decimals(min_value=-10000, max_value=10000, places=2))
def test_a_json_number_means_its_shortest_text(amount: Decimal) -> None:
    assert to_minor(float(amount), "EUR") == int(amount * 100)
