"""From Shopify's products to the catalog's. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from expedit.catalog import WEB, Offer
from expedit.catalog import Product as CatalogProduct
from expedit.catalog import Variant as CatalogVariant
from expedit.connections.barcodes import gtin_in
from expedit.connections.markup import plain_line, plain_text
from expedit.connections.shopify.bodies import Amount, Option, Product, Variant, id_of, moment_of
from expedit.connections.shopify.ratings import rated
from expedit.connections.shopify.store import Level
from expedit.core import InvalidInput, Struct, to_minor

_COLOR = frozenset({"color", "colour", "färg", "farg", "farge", "farve", "väri"})
_SIZE = frozenset({"size", "storlek", "størrelse", "storrelse", "koko", "größe", "taille"})
NAMES = {
    **dict.fromkeys(_COLOR, "color"),
    **dict.fromkeys(_SIZE, "size"),
    **dict.fromkeys(("material", "materiale"), "material"),
    **dict.fromkeys(("pattern", "mönster", "mønster"), "pattern"),
    **dict.fromkeys(("gender", "kön", "kjønn"), "gender"),
}
NO_OPTION = frozenset({"title", "titel", "tittel"})
"""Name of the option that Shopify gives to a product without any; its one value is "Default Title"."""
_DEFAULT = "default title"
_MOST_IMAGES = 50
_LONGEST_TAGS = 500
_UNTRACKED = frozenset({"", "null", "none"})


class Shelf(Struct, frozen=True):
    """What products are read against.

    Parameters
    ----------
    storefront
        Address of the shop that customers see, without a slash at the end.
    currency
        The shop's own currency, in which webhooks state prices.
    markets
        Currency of each market of the shop.
    sold_in
        Markets where Shopify's price in their currency holds.
    locations
        Name of each of Shopify's locations that was given one.
    any_channel
        Whether a product that is active but not published in Shopify's online store is sold all the same.
    """

    storefront: str
    currency: str
    markets: Mapping[str, str]
    sold_in: tuple[str, ...]
    locations: Mapping[str, str]
    any_channel: bool = False


def product_of(
    body: Product,
    shelf: Shelf,
    costs: Mapping[str, str],
    levels: Mapping[str, Sequence[Level]],
    version: str,
    gone: int | None,
    rating: Mapping[str, str],
) -> CatalogProduct:
    """Return the product that a Shopify product is.

    Parameters
    ----------
    costs, levels
        What is known of its variants' inventory items, by item.
    version
        Version of `body`: pieces that it states count until a level is newer.
    gone
        When it was deleted; None = it was not.
    rating
        What was last told of how buyers rate it, for a `body` without metafields, which says nothing of that.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    """
    title = plain_line(body.title or "")
    if not title:
        raise InvalidInput("title", "is missing")
    names = _option_names(body.options or ())
    images = _images(body)
    url = f"{shelf.storefront}/products/{body.handle}" if body.handle else ""
    by_id = {str(image.id): image.src or "" for image in body.images or () if image.id is not None}
    variants = []
    for place, variant in enumerate(body.variants or ()):
        item = item_of(variant)
        variants.append(
            _variant(
                variant,
                f"variants[{place}]",
                names,
                shelf,
                costs.get(item) or costs.get(sku_key(variant.sku or ""), ""),
                _stock(variant, levels.get(item, ()), shelf.locations, version),
                url,
                by_id.get(str(variant.image_id), ""),
            )
        )
    return CatalogProduct(
        id=id_of(body.id),
        title=title,
        description=plain_text(body.body_html or ""),
        url=url,
        image_url=images[0] if images else "",
        images=images[1:_MOST_IMAGES],
        brand=plain_line(body.vendor or ""),
        category=_category(body),
        attributes={**_tags(body), **(rating if body.metafields is None else rated(body.metafields))},
        variants=tuple(sorted(variants, key=lambda one: one.id)),
        created=moment_of(body.created_at, "created_at") if body.created_at else 0,
        retired=_retired(body, gone, shelf.any_channel),
    )


def item_of(variant: Variant) -> str:
    """Return the inventory item of a variant; before there were items (API 2018-04), its own id."""
    return id_of(variant.inventory_item_id if variant.inventory_item_id is not None else variant.id)


def sku_key(sku: str) -> str:
    """Return the key under which a cost is kept that is known by SKU only, as from a product file."""
    return f"sku:{sku.strip()}"


def _variant(
    one: Variant,
    where: str,
    names: Sequence[str],
    shelf: Shelf,
    cost: str,
    stock: dict[str, int] | None,
    url: str,
    image: str,
) -> CatalogVariant:
    variant_id = id_of(one.id, f"{where}.id")
    facts: dict[str, str] = {}
    for name, value in zip(names, (one.option1, one.option2, one.option3), strict=False):
        text = plain_line(value or "")
        if text and name not in NO_OPTION and text.casefold() != _DEFAULT:
            facts[NAMES.get(name, name)] = text
    color, size = facts.pop("color", ""), facts.pop("size", "")
    sku = (one.sku or "").strip()
    return CatalogVariant(
        id=variant_id,
        sku=sku if len(sku) <= 50 else "",
        gtin=gtin_in(one.barcode or ""),
        color=color,
        size=size,
        offers=_offers(one, shelf, cost, where),
        stock=stock,
        availability="backorder" if one.inventory_policy == "continue" else "in_stock",
        url=f"{url}?variant={variant_id}" if url else "",
        image_url=image,
        attributes=facts,
    )


def offer_of(
    market: str, currency: str, price: Amount, compare_at: Amount, cost: Amount, where: str
) -> Offer | None:
    """Return an offer, or None when there is no price.

    Shopify's ``compare_at_price`` is the list price of what is reduced; one that is not above the price says
    nothing.
    """
    if price is None or price == "":
        return None
    selling = to_minor(price, currency, f"{where}.price")
    listed = (
        to_minor(compare_at, currency, f"{where}.compare_at_price") if compare_at not in {None, ""} else 0
    )
    paid = to_minor(cost, currency, f"{where}.cost") if cost not in {None, ""} else None
    if selling < 0:
        raise InvalidInput(f"{where}.price", "is negative")
    if listed > selling:
        return Offer(market, listed, currency, selling, cost=paid)
    return Offer(market, selling, currency, cost=paid)


def markets_of(body: Product, shelf: Shelf) -> frozenset[str]:
    """Return the markets that a product's message speaks for: others only where it states prices of them."""
    told = any(variant.presentment_prices is not None for variant in body.variants or ())
    return frozenset(market for market in shelf.sold_in if told or shelf.markets[market] == shelf.currency)


def _offers(one: Variant, shelf: Shelf, cost: str, where: str) -> tuple[Offer, ...]:
    found = []
    for market in shelf.sold_in:
        currency = shelf.markets[market]
        if currency == shelf.currency:
            offer = offer_of(market, currency, one.price, one.compare_at_price, cost, where)
        else:
            offer = _presentment(one, market, currency, where)
        if offer is not None:
            found.append(offer)
    return tuple(sorted(found, key=lambda offer: offer.market))


def _presentment(one: Variant, market: str, currency: str, where: str) -> Offer | None:
    """Return the offer in another currency, where the message states its price."""
    for place, given in enumerate(one.presentment_prices or ()):
        if given.price is not None and given.price.currency_code == currency:
            compare = given.compare_at_price.amount if given.compare_at_price else None
            return offer_of(
                market, currency, given.price.amount, compare, None, f"{where}.presentment_prices[{place}]"
            )
    return None


def _stock(
    one: Variant, levels: Sequence[Level], locations: Mapping[str, str], version: str
) -> dict[str, int] | None:
    """Return pieces by location, or None when Shopify does not track them.

    Notes
    -----
    Where locations have names, their levels add up under these; one that does not stock the variant any more
    is none of them, except that the web then has no pieces. The rest: a product states its pieces over
    all locations (``inventory_quantity``), which is what the web can sell; a single location's level takes
    its place when it is newer, several cannot be told from the sum until they have names.
    """
    if (one.inventory_management or "").lower() in _UNTRACKED:
        return None
    stock: dict[str, int] = {}
    for level in levels:
        name = locations.get(level.location)
        if name is not None and (level.available is not None or name == WEB):
            stock[name] = stock.get(name, 0) + max(0, level.available or 0)
    if WEB not in stock:
        live = [level for level in levels if level.available is not None] or levels[:1]
        newest = max((level.version for level in levels), default="")
        if len(live) == 1 and live[0].location not in locations and newest > version:
            stock[WEB] = max(0, live[0].available or 0)
        elif one.inventory_quantity is not None:
            stock[WEB] = max(0, one.inventory_quantity)
    return stock or None


def _option_names(options: Sequence[Option]) -> list[str]:
    ordered = sorted(enumerate(options, 1), key=lambda pair: pair[1].position or pair[0])
    return [plain_line(option.name or "").casefold()[:50] for _, option in ordered]


def _images(body: Product) -> tuple[str, ...]:
    listed = sorted(enumerate(body.images or (), 1), key=lambda pair: pair[1].position or pair[0])
    first = [body.image.src or ""] if body.image else []
    found = [*first, *((image.src or "") for _, image in listed)]
    return tuple(dict.fromkeys(one for one in found if one.startswith(("http://", "https://"))))


def _category(body: Product) -> tuple[str, ...]:
    own = body.product_type or ""
    if not own and body.category is not None:
        own = body.category if isinstance(body.category, str) else body.category.full_name or ""
    return tuple(part for part in (plain_line(part) for part in own.split(">")) if part)


def _tags(body: Product) -> dict[str, str]:
    given: Any = body.tags
    parts = given.split(",") if isinstance(given, str) else given or []
    tags = ", ".join(sorted({plain_line(part) for part in parts if part.strip()}))
    return {"tags": tags[:_LONGEST_TAGS]} if tags else {}


def _retired(body: Product, gone: int | None, any_channel: bool) -> int | None:
    if gone is not None:
        return gone
    active = (body.status or "active") == "active"
    if active and (body.published_at is not None or any_channel):
        return None
    return moment_of(body.updated_at or body.created_at, "updated_at")
