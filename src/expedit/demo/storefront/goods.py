"""What the shop sells, as its own pages need it: read from the same feed that expedit imports."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel.numbers import format_currency

from expedit.core import JsonDecoder, Struct, decimals_of, field, parse_money, parse_time

LOCALES = {"sv": "SE", "nb": "NO", "en": "EU"}
FORMATS = {"sv": "sv_SE", "nb": "nb_NO", "en": "en_IE"}
STORES = {
    "SE": {"are": "Åre", "ostersund": "Östersund"},
    "NO": {"bergen": "Bergen", "oslo": "Oslo"},
    "EU": {},
}
_DECODER = JsonDecoder(dict[str, Any])


class Price(Struct, frozen=True):
    """Price of a variant in a market, in minor units; `sale` while `sale_from` ≤ now < `sale_until`."""

    amount: int
    currency: str
    sale: int | None = None
    sale_from: int = 0
    sale_until: int = 2**62

    def now(self, at: int) -> tuple[int, bool]:
        """Return what it costs at a moment, and whether that is reduced."""
        if self.sale is not None and self.sale_from <= at < self.sale_until:
            return self.sale, True
        return self.amount, False


class Size(Struct, frozen=True):
    """One sellable variant of a product."""

    variant: str
    name: str
    stock: dict[str, int]
    prices: dict[str, Price]


class Good(Struct, frozen=True):
    """A style in a color."""

    id: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    brand: str
    color: str
    colors: dict[str, str]
    hex: str
    materials: dict[str, str]
    categories: dict[str, tuple[str, ...]]
    created: int
    sizes: tuple[Size, ...]
    style: str

    def price(self, market: str) -> Price | None:
        """Return the lowest-priced variant's price in a market."""
        prices = [size.prices[market] for size in self.sizes if market in size.prices]
        return min(prices, key=lambda price: price.amount) if prices else None

    def words(self, locale: str) -> str:
        """Return all that a search may find the product by."""
        parts = (self.titles[locale], self.brand, self.colors[locale], self.materials[locale])
        return " ".join([*parts, *self.categories[locale]])

    def stock(self, location: str = "web") -> int:
        """Return how many there are at a location."""
        return sum(size.stock.get(location, 0) for size in self.sizes)


class Category(Struct, frozen=True):
    """A place in the shop's tree; `path` holds titles, `slugs` what stands in the address."""

    path: tuple[str, ...]
    slugs: tuple[str, ...]


class Goods(Struct, frozen=True):
    """Everything the shop sells."""

    by_id: dict[str, Good]
    variants: dict[str, tuple[Good, Size]]
    styles: dict[str, tuple[Good, ...]]
    categories: dict[str, dict[tuple[str, ...], Category]] = field(default_factory=dict)

    def children(self, locale: str, slugs: tuple[str, ...]) -> list[Category]:
        """Return the categories right below one."""
        tree = self.categories[locale]
        return [
            found for key, found in tree.items() if len(key) == len(slugs) + 1 and key[: len(slugs)] == slugs
        ]

    def search(self, locale: str, query: str) -> list[Good]:
        """Return the goods that hold every word of the query in title, color, brand or category.

        Letters count as written (``mössa`` is no ``mossa``), unless nothing is found that way.
        """
        for spelled in (str.lower, _plain):
            wanted = [spelled(word) for word in query.split()]
            found = [
                good
                for good in self.by_id.values()
                if wanted and all(word in spelled(good.words(locale)) for word in wanted)
            ]
            if found:
                return found
        return []


def read_goods(feed: Path) -> Goods:
    """Read the shop's feed (JSONL, one variant a line)."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with feed.open("rb") as lines:
        for line in lines:
            row = _DECODER.decode(line)
            rows[row["item_group_id"]].append(row)
    goods = {key: _good(key, variants) for key, variants in rows.items()}
    styles: dict[str, list[Good]] = defaultdict(list)
    trees: dict[str, dict[tuple[str, ...], Category]] = {locale: {} for locale in LOCALES}
    for good in goods.values():
        styles[good.style].append(good)
        for locale, path in good.categories.items():
            for depth in range(1, len(path) + 1):
                slugs = tuple(slug(part) for part in path[:depth])
                trees[locale].setdefault(slugs, Category(path[:depth], slugs))
    return Goods(
        goods,
        {size.variant: (good, size) for good in goods.values() for size in good.sizes},
        {style: tuple(members) for style, members in styles.items()},
        trees,
    )


def _good(key: str, variants: list[dict[str, Any]]) -> Good:
    first = variants[0]
    paths = {
        locale: tuple(part.strip() for part in text.split(">"))
        for locale, text in first["categories"].items()
    }
    return Good(
        id=key,
        titles=first["titles"],
        descriptions=first["descriptions"],
        brand=first["brand"],
        color=first["color"],
        colors={"sv": first["color"], "nb": first["color_nb"], "en": first["color_en"]},
        hex=first["color_hex"],
        materials={"sv": first["material"], "nb": first["material_nb"], "en": first["material_en"]},
        categories=paths,
        created=parse_time(first["created"]),
        sizes=tuple(_size(row) for row in variants),
        style=first["style_id"],
    )


def _size(row: dict[str, Any]) -> Size:
    return Size(
        variant=row["id"],
        name=row.get("size", ""),
        stock=row.get("stock", {}),
        prices={market: _price(offer) for market, offer in row["prices"].items()},
    )


def _price(offer: dict[str, str]) -> Price:
    money = parse_money(offer["price"])
    if "sale_price" not in offer:
        return Price(money.minor, money.currency)
    start, _, end = offer.get("sale_price_effective_date", "").partition("/")
    return Price(
        money.minor,
        money.currency,
        parse_money(offer["sale_price"]).minor,
        parse_time(start) if start else 0,
        parse_time(end) if end else 2**62,
    )


def slug(text: str) -> str:
    """Return `text` as it stands in an address: plain letters and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", _plain(text)).strip("-")


def _plain(text: str) -> str:
    lowered = text.lower().replace("ø", "o").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))


def show_money(minor: int, currency: str, locale: str) -> str:
    """Return an amount as people of the locale write it, without empty decimals."""
    places = decimals_of(currency)
    number = "#,##0" if minor % 10**places == 0 else "#,##0.00"
    pattern = f"¤{number}" if locale == "en" else f"{number} ¤"
    shown = format_currency(
        Decimal(minor).scaleb(-places), currency, pattern, locale=FORMATS[locale], currency_digits=False
    )
    return shown.replace("SEK", "kr").replace("NOK", "kr")
