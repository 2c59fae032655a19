"""What a shop sells: products (styles), their variants (SKUs) and the variants' offers in each market."""

from __future__ import annotations

from typing import Literal

from expedit.core import Struct, field

Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder"]

WEB = "web"
"""The stock location of the online shop; every other location is a store or warehouse by its own name."""


class Offer(Struct, frozen=True, gc=False):
    """The price of a variant in one market.

    Parameters
    ----------
    market, currency
        The market's code in the settings, and its ISO 4217 currency.
    price, sale_price, cost
        Minor units. `sale_price` is lower than `price` and holds from `sale_from` to `sale_until`
        (microseconds; None = no bound); `cost` is what the shop paid.
    """

    market: str
    price: int
    currency: str
    sale_price: int | None = None
    sale_from: int | None = None
    sale_until: int | None = None
    cost: int | None = None

    def on_sale(self, now: int) -> bool:
        """Tell whether the sale price holds at `now`."""
        return (
            self.sale_price is not None
            and (self.sale_from is None or self.sale_from <= now)
            and (self.sale_until is None or now < self.sale_until)
        )

    def selling(self, now: int) -> int:
        """Return the price in effect at `now`, in minor units."""
        return self.sale_price if self.sale_price is not None and self.on_sale(now) else self.price


class Variant(Struct, frozen=True, gc=False):
    """One sellable SKU of a product.

    Parameters
    ----------
    gtin
        GTIN-14, left-padded with zeros, or empty.
    stock
        Pieces by location; None = not tracked, then `availability` decides.
    attributes
        What differs from the product's own attributes.
    """

    id: str
    sku: str = ""
    gtin: str = ""
    color: str = ""
    size: str = ""
    title: str = ""
    offers: tuple[Offer, ...] = ()
    stock: dict[str, int] | None = None
    availability: Availability = "in_stock"
    url: str = ""
    image_url: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    def available(self, location: str = WEB) -> bool:
        """Tell whether it can be had at `location`.

        A tracked quantity decides. Without one the stated availability does; a preorder or backorder can
        be bought on the web whatever the quantity is.
        """
        stock = self.stock or {}
        if not stock:
            return self.availability != "out_of_stock"
        if location == WEB and (WEB not in stock or self.availability in {"preorder", "backorder"}):
            return self.availability != "out_of_stock"
        return stock.get(location, 0) > 0

    def offer(self, market: str) -> Offer | None:
        """Return its offer in `market`, or None when it is not sold there."""
        for offer in self.offers:
            if offer.market == market:
                return offer
        return None


class Product(Struct, frozen=True, gc=False):
    """A recommendable style with its variants.

    Parameters
    ----------
    titles, descriptions, categories
        By locale; `title`, `description` and `category` are the ones to fall back on.
    category
        Path from the widest to the narrowest.
    attributes
        Material, gender, age_group, pattern, … and any free attribute of the shop.
    style
        Id shared by the products that are one style in several colors; empty = none.
    created
        When it went on the market (microseconds), as the shop states it; else when it was first seen.
    first_seen
        When it first reached expedit.
    retired
        When it left the range; None = it is sold.
    """

    id: str
    title: str
    titles: dict[str, str] = field(default_factory=dict)
    description: str = ""
    descriptions: dict[str, str] = field(default_factory=dict)
    url: str = ""
    image_url: str = ""
    images: tuple[str, ...] = ()
    brand: str = ""
    category: tuple[str, ...] = ()
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    style: str = ""
    created: int = 0
    first_seen: int = 0
    retired: int | None = None


class RefusedRow(Struct, frozen=True):
    """A row that was left out, and why.

    Parameters
    ----------
    line
        Line of the file (1 = the first), or position in a list.
    """

    line: int
    field: str
    reason: str


class ImportReport(Struct, frozen=True, omit_defaults=False):
    """What an import did: `read` counts rows, the rest counts products (for prices: intervals)."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    refused: tuple[RefusedRow, ...] = ()


class ItemFacts(Struct, frozen=True):
    """What an event keeps about the product it names, so that it never changes afterwards."""

    product_id: str
    category: str
    brand: str
    color: str
    size: str
    price_band: str


class Swatch(Struct, frozen=True):
    """Another color of the same style."""

    id: str
    color: str
    image_url: str


class Card(Struct, frozen=True):
    """What a page needs to show a product; prices are decimal text in major units.

    Parameters
    ----------
    price
        The list price.
    sale_price
        The reduced price, while a sale is on.
    prior_price
        The lowest price of the 30 days before the reduction; None when there is none or it is unknown.
    badge
        ``sale``, ``new`` or None.
    sizes
        Sizes in stock, in the shop's order.
    """

    id: str
    title: str
    url: str
    image_url: str
    brand: str
    category: str
    color: str
    price: str
    currency: str
    sale_price: str | None = None
    prior_price: str | None = None
    badge: str | None = None
    sizes: tuple[str, ...] = ()
    swatches: tuple[Swatch, ...] = ()
