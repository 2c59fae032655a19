"""The typed rows of the demo's catalog."""

from __future__ import annotations

from expedit.core import Struct, format_minor
from expedit.demo.pictures import Picture
from expedit.demo.world.assortment import Style, Words

MARKETS: dict[str, str] = {"SE": "SEK", "NO": "NOK", "EU": "EUR"}
MARKET_LOCALES: dict[str, str] = {"SE": "sv", "NO": "nb", "EU": "en"}
LOCATIONS: tuple[str, ...] = ("web", "are", "ostersund", "stockholm", "oslo", "bergen")
STORES: dict[str, tuple[str, ...]] = {
    "SE": ("are", "ostersund", "stockholm"),
    "NO": ("oslo", "bergen"),
    "EU": (),
}
"""Stores of each market; ``web`` is the warehouse that every market is sent from."""


class DemoOffer(Struct, frozen=True):
    """What a product costs in one market: minor units, moments in microseconds."""

    currency: str
    price: int
    cost: int
    sale_price: int | None = None
    sale_from: int | None = None
    sale_until: int | None = None

    def selling(self, at: int) -> int:
        """The price to pay at a moment."""
        if self.sale_price is None or self.sale_from is None or self.sale_until is None:
            return self.price
        return self.sale_price if self.sale_from <= at < self.sale_until else self.price

    def amount(self, minor: int) -> str:
        """An amount as feeds write it: ``1499.00 SEK``."""
        return f"{format_minor(minor, self.currency)} {self.currency}"


class DemoVariant(Struct, frozen=True):
    """One size of a product."""

    id: str
    sku: str
    gtin: str
    size: str
    stock: dict[str, int]


class DemoProduct(Struct, frozen=True):
    """A style in a color, sold in sizes."""

    id: str
    style_id: str
    style: Style
    color: str
    main_category: str
    category: str
    season: str
    titles: Words
    descriptions: Words
    categories: Words
    material: Words
    picture: Picture
    offers: dict[str, DemoOffer]
    variants: tuple[DemoVariant, ...]
    created: int
    tags: tuple[str, ...] = ()

    @property
    def sold_out(self) -> bool:
        """Whether no size is left anywhere."""
        return not any(any(variant.stock.values()) for variant in self.variants)
