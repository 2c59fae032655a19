"""From WooCommerce's products and variations to the catalog's. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from expedit.catalog import WEB, Offer, Product, Variant
from expedit.connections.barcodes import gtin_in
from expedit.connections.markup import LONGEST_LINE, plain_line, plain_text
from expedit.connections.woocommerce.model import (
    Attribute,
    Image,
    Meta,
    Term,
    WooProduct,
    listed,
    minor,
    moment,
    text_of,
    whole,
)
from expedit.core import InvalidInput, Struct

_SOLD = frozenset({"publish", "True"})
_COLOR = frozenset({"color", "colour", "farg", "färg", "farge"})
_SIZE = frozenset({"size", "storlek", "storrelse", "størrelse"})
_NAMES = {
    **dict.fromkeys(_COLOR, "color"),
    **dict.fromkeys(_SIZE, "size"),
    **dict.fromkeys(("brand", "marke", "märke", "varumarke", "varumärke", "merke", "varemerke"), "brand"),
    **dict.fromkeys(("material", "materiale"), "material"),
    **dict.fromkeys(("gender", "kon", "kön", "kjonn", "kjønn"), "gender"),
    **dict.fromkeys(("pattern", "monster", "mönster", "mønster"), "pattern"),
}
"""What shops of the region call the attributes that Merchant Center names."""
_GTIN_KEYS = frozenset(
    "gtin ean ean13 barcode _gtin _ean _barcode _ts_gtin _wpm_gtin_code _alg_ean hwp_product_gtin"
    " hwp_var_gtin _rank_math_gtin_code _wc_gla_gtin _global_unique_id wpseo_global_identifier_gtin13".split()
)
"""Free fields in which plugins keep the number, from before WooCommerce had a field of its own (9.2)."""
_MOST_IMAGES = 50


class Shelf(Struct, frozen=True):
    """What products are read against.

    Parameters
    ----------
    market, currency
        Where the prices hold; a product of WooCommerce names no currency.
    categories
        Every category by id, for its path; a webhook names only the leaves.
    now
        When a product that is not sold was seen to be so.
    """

    market: str
    currency: str
    categories: Mapping[int, Term]
    now: int


def product_of(parent: WooProduct, variations: Sequence[WooProduct], shelf: Shelf) -> Product:
    """Return the product that a WooCommerce product and its variations are.

    Parameters
    ----------
    variations
        Those of a variable product; one that has none known is not for sale yet.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    """
    facts = _facts(listed(parent.attributes), variation=False)
    color, size = facts.pop("color", ""), facts.pop("size", "")
    brand = facts.pop("brand", "")
    brands = [term.name for term in parent.brands or () if term.name]
    images = _images(parent.images or ())
    variable = (parent.type or "").startswith("variable") or bool(variations)
    variants = (
        tuple(_variation(one, parent, images, shelf) for one in variations if _is_sold(one))
        if variable
        else (_simple(parent, color, size, shelf),)
    )
    sold = _is_sold(parent) and parent.catalog_visibility != "hidden"
    return Product(
        id=str(parent.id),
        title=plain_line(text_of(parent.name)) or f"#{parent.id}",
        description=plain_text(parent.description or parent.short_description or ""),
        url=_address(parent.permalink),
        image_url=images[0] if images else "",
        images=images[1:_MOST_IMAGES],
        brand=plain_line(text_of(brands[0])) if brands else brand,
        category=path_of(parent.categories or (), shelf.categories),
        attributes={**facts, **_rated(parent)},
        variants=tuple(sorted(variants, key=lambda variant: variant.id)),
        created=moment(parent.date_created_gmt, "date_created_gmt") or 0,
        retired=None if sold else shelf.now,
    )


def path_of(named: Sequence[Term], known: Mapping[int, Term]) -> tuple[str, ...]:
    """Return the path of the deepest category that a product names; of several, the first named.

    WordPress' own "uncategorized" says nothing and is left out.
    """
    paths = [_path(term, known) for term in named if (term.slug or "") != "uncategorized"]
    return max(paths, key=len, default=())


def _path(term: Term, known: Mapping[int, Term]) -> tuple[str, ...]:
    names: list[str] = []
    seen: set[int] = set()
    at: Term | None = known.get(term.id, term)
    while at is not None and at.id not in seen:
        seen.add(at.id)
        names.append(plain_line(text_of(at.name)))
        at = known.get(at.parent)
    return tuple(name for name in reversed(names) if name)


def _is_sold(one: WooProduct) -> bool:
    return str(one.status) in _SOLD


def _simple(one: WooProduct, color: str, size: str, shelf: Shelf) -> Variant:
    return Variant(
        id=str(one.id),
        sku=_sku(one),
        gtin=_gtin(one),
        color=color,
        size=size,
        offers=_offers(one, shelf),
        stock=_stock(one, None),
        availability=_availability(one),
    )


def _variation(one: WooProduct, parent: WooProduct, images: tuple[str, ...], shelf: Shelf) -> Variant:
    facts = _facts(listed(one.attributes), variation=True)
    color, size = facts.pop("color", ""), facts.pop("size", "")
    facts.pop("brand", None)
    image = one.image if isinstance(one.image, Image) else None
    picture = _address(image.src if image else "")
    return Variant(
        id=str(one.id),
        sku=_sku(one) if _sku(one) != _sku(parent) else "",
        gtin=_gtin(one),
        color=color,
        size=size,
        offers=_offers(one, shelf),
        stock=_stock(one, parent),
        availability=_availability(one),
        url=_address(one.permalink),
        image_url=picture if picture not in images[:1] else "",
        attributes=facts,
    )


def _offers(one: WooProduct, shelf: Shelf) -> tuple[Offer, ...]:
    currency = shelf.currency
    regular, sale, price = text_of(one.regular_price), text_of(one.sale_price), text_of(one.price)
    if not (regular or price):
        return ()
    listed_price = minor(regular or price, currency, "regular_price")
    sale_price = minor(sale, currency, "sale_price") if sale else None
    if listed_price < 0 or (sale_price is not None and sale_price < 0):
        raise InvalidInput("regular_price", "is negative")
    if sale_price is None or sale_price >= listed_price:
        return (Offer(shelf.market, listed_price, currency),)
    start = moment(one.date_on_sale_from_gmt, "date_on_sale_from_gmt")
    end = moment(one.date_on_sale_to_gmt, "date_on_sale_to_gmt")
    if start is not None and end is not None and end <= start:
        raise InvalidInput("date_on_sale_to_gmt", "is not after date_on_sale_from_gmt")
    return (Offer(shelf.market, listed_price, currency, sale_price, start, end),)


def _stock(one: WooProduct, parent: WooProduct | None) -> dict[str, int] | None:
    """Return the pieces on the web; a variation may share its parent's (``"parent"``)."""
    owner = parent if one.manage_stock == "parent" and parent is not None else one
    if not owner.manage_stock or owner.stock_quantity is None:
        return None
    return {WEB: whole(owner.stock_quantity, "stock_quantity")}


def _availability(one: WooProduct) -> Literal["in_stock", "out_of_stock", "backorder"]:
    status = one.stock_status or "instock"
    if status == "onbackorder" or one.backorders_allowed:
        return "backorder"
    return "out_of_stock" if status == "outofstock" else "in_stock"


def _sku(one: WooProduct) -> str:
    sku = text_of(one.sku)
    return sku if len(sku) <= 50 else ""


def _gtin(one: WooProduct) -> str:
    own = gtin_in(text_of(one.global_unique_id))
    if own:
        return own
    metas: list[Meta] = listed(one.meta_data)
    named = sorted(
        (meta for meta in metas if meta.key in _GTIN_KEYS and isinstance(meta.value, str | int)),
        key=lambda meta: meta.key or "",
    )
    return next((gtin for meta in named if (gtin := gtin_in(str(meta.value)))), "")


def _facts(attributes: Sequence[Attribute], *, variation: bool) -> dict[str, str]:
    """Return attributes by our names; a product's own leave out those that its variations differ in."""
    found: dict[str, str] = {}
    for one in attributes:
        raw = plain_line(text_of(one.name))
        name = raw.casefold().removeprefix("pa_")
        name = _NAMES.get(name, name)
        if variation:
            text = plain_line(text_of(one.option))
        elif one.variation:
            continue
        else:
            text = ", ".join(
                part for part in (plain_line(text_of(value)) for value in listed(one.options)) if part
            )
        if name and text and len(name) <= 50:
            found.setdefault(name, text[:LONGEST_LINE])
    return found


def _rated(one: WooProduct) -> dict[str, str]:
    """Return what buyers think; WooCommerce says 0 of 0 of what nobody rated."""
    count = str(one.rating_count or 0).strip()
    average = str(one.average_rating or "").strip()
    return {"rating": average, "rating_count": count} if count not in {"", "0"} and average else {}


def _images(images: Sequence[Image]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for one in images if (address := _address(one.src))))


def _address(text: object) -> str:
    value = text_of(text)
    return value if value.startswith(("http://", "https://")) and len(value) <= 2_000 else ""
