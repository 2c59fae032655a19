"""Single values of a feed mean one thing or are refused."""

from __future__ import annotations

import pytest

from expedit.catalog.merchant import parse_row
from expedit.catalog.model import Offer
from expedit.catalog.values import (
    read_amount,
    read_availability,
    read_gtin,
    read_path,
    read_period,
    read_quantity,
    read_url,
)
from expedit.core import InvalidInput

MARKETS = {"SE": "SEK", "NO": "NOK", "EU": "EUR"}


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("199.00 SEK", 19900),
        ("SEK 199", 19900),
        ("1 499,00", 149900),
        ("1\u00a0499,00 SEK", 149900),
        ("1.499,00 SEK", 149900),
        ("1,499.00", 149900),
        ("499:-", 49900),
        ("499 kr", 49900),
        ("0.499", 50),
        ("0", 0),
    ],
)
def test_amounts_as_shops_write_them(text: str, minor: int) -> None:
    assert read_amount(text, "SEK", "price") == (minor, "SEK")


@pytest.mark.parametrize("text", ["gratis", "-5 SEK", "1.499", "1,499", "", "SEK", "5 SEK EUR", "1e5", "NaN"])
def test_what_is_no_clear_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_amount(text, "SEK", "price")


def test_three_decimals_are_fine_where_the_currency_has_them() -> None:
    assert read_amount("1.250 BHD", None, "price") == (1250, "BHD")


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("4006381333931", "04006381333931"),  # EAN-13
        ("036000291452", "00036000291452"),  # UPC-A
        ("96385074", "00000096385074"),  # GTIN-8
        ("10614141000415", "10614141000415"),  # GTIN-14
        ("400-6381 333931", "04006381333931"),
    ],
)
def test_gtins_are_stored_as_gtin_14(text: str, stored: str) -> None:
    assert read_gtin(text) == stored


@pytest.mark.parametrize("text", ["4006381333932", "123", "40063813339311234", "4006381333a31", "٤٠٠٦٣٨١٣"])
def test_a_wrong_gtin_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_gtin(text)


def test_availability_by_any_of_its_names() -> None:
    names = ["in stock", "in_stock", "InStock", "https://schema.org/InStock", "out of stock", "PreOrder"]
    assert [read_availability(name) for name in names] == ["in_stock"] * 4 + ["out_of_stock", "preorder"]
    with pytest.raises(InvalidInput, match="availability"):
        read_availability("maybe")


def test_periods() -> None:
    assert read_period("2026-11-01T00:00+0100/2026-11-02", "p") == (1793487600000000, 1793577600000000)
    assert read_period("/2026-11-02", "p") == (None, 1793577600000000)
    for text in ("2026-11-02/2026-11-01", "2026-11-02", "x/y"):
        with pytest.raises(InvalidInput):
            read_period(text, "p")


def test_links_never_hide_a_script() -> None:
    assert read_url(" https://shop.example/a?b=1 ", "link") == "https://shop.example/a?b=1"
    assert read_url("/p/1", "link") == "/p/1"
    for text in ("javascript:alert(1)", "//evil.example/x", "data:text/html,x", "ftp://x", "https://a\nb"):
        with pytest.raises(InvalidInput):
            read_url(text, "link")


def test_paths_and_quantities() -> None:
    assert read_path("Jackor > Skaljackor >  Dam ") == ("Jackor", "Skaljackor", "Dam")
    assert read_path("2271") == ()
    assert [read_quantity(value, "q") for value in ("12", "12.0", 3, -1)] == [12, 12, 3, -1]
    for value in ("1.5", "many", True, None, "1e12"):
        with pytest.raises(InvalidInput):
            read_quantity(value, "q")


def test_a_row_with_everything() -> None:
    row = {
        "id": "s-1",
        "item_group_id": "g-1",
        "style_id": "style-7",
        "title": "Skaljacka",
        "titles": {"nb": "Skalljakke"},
        "categories": {"nb": "Jakker > Skalljakker"},
        "product_type": "Jackor > Skaljackor",
        "prices": {
            "SE": {"price": "1499.00 SEK", "sale_price": 999, "cost": "400"},
            "NO": {"price": 1599.5},
            "EU": None,
        },
        "stock": {"web": 12, "are": "3", "gone": None},
        "material": "nylon",
        "waterproof": True,
        "tags": ["a", "b"],
        "attributes": {"fit": "wide"},
        "created": "2026-01-01",
    }

    parsed = parse_row(row, MARKETS)

    product, variant = parsed.product, parsed.product.variants[0]
    assert parsed.all_offers
    assert variant.offers == (
        Offer("NO", 159950, "NOK"),
        Offer("SE", 149900, "SEK", 99900, cost=40000),
    )
    assert variant.stock == {"are": 3, "web": 12}
    assert product.attributes == {"fit": "wide", "material": "nylon", "tags": "a, b", "waterproof": "yes"}
    assert product.categories == {"nb": ("Jakker", "Skalljakker")}
    assert (product.id, product.style, product.created) == ("g-1", "style-7", 1767225600000000)


def test_flat_columns_mean_the_same() -> None:
    row = {
        "id": "s-1",
        "title": "Skaljacka",
        "title[nb]": "Skalljakke",
        "price": "1499.00 SEK",
        "price[NO]": "1599",
        "sale_price[NO]": "1299",
        "price[EU]": "",
        "stock[are]": "3",
        "quantity": "5",
        "fit[x]": "kept as it is",
    }

    parsed = parse_row(row, MARKETS)

    assert not parsed.all_offers
    assert parsed.product.variants[0].offers == (
        Offer("NO", 159900, "NOK", 129900),
        Offer("SE", 149900, "SEK"),
    )
    assert parsed.product.variants[0].stock == {"are": 3, "web": 5}
    assert parsed.product.titles == {"nb": "Skalljakke"}
    assert parsed.product.attributes == {"fit[x]": "kept as it is"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "x" * 51}, "id"),
        ({"id": ["a"]}, "id"),
        ({"title": " "}, "title"),
        ({"price": "10 USD"}, "price"),
        ({"price": None}, "price"),
        ({"price": [1]}, "price"),
        ({"sale_price": "20 SEK"}, "sale_price"),
        ({"sale_price": "5 EUR"}, "sale_price"),
        ({"sale_price_effective_date": "soon"}, "sale_price_effective_date"),
        ({"prices": {"DK": {"price": 1}}}, "prices.DK"),
        ({"prices": {"NO": {"price": "x"}}}, "prices.NO.price"),
        ({"prices": 5}, "prices"),
        ({"stock": {"web": "many"}}, "stock.web"),
        ({"gtin": "4006381333932"}, "gtin"),
        ({"link": "javascript:x"}, "link"),
        ({"availability": "perhaps"}, "availability"),
        ({"created": "yesterday"}, "created"),
        ({"nested": {"a": 1}}, "nested"),
        ({"titles": {"nb": 5}}, "titles.nb"),
    ],
)
def test_a_bad_value_names_its_field(change: dict[str, object], field: str) -> None:
    row = {"id": "a", "title": "A", "price": "10 SEK", **change}

    with pytest.raises(InvalidInput) as refused:
        parse_row(row, MARKETS)
    assert refused.value.field == field


def test_a_sale_price_equal_to_the_price_is_no_sale() -> None:
    row = {"id": "a", "title": "A", "price": "10 SEK", "sale_price": "10 SEK"}

    assert parse_row(row, MARKETS).product.variants[0].offers == (Offer("SE", 1000, "SEK"),)
