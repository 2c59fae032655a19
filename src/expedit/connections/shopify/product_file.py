"""Shopify's product export (CSV): a row for each variant and picture of a product, the first with the rest.

The export has no ids. A product comes in under its handle and its SKUs; once a webhook has told its id, that
product takes its place. Of products that webhooks have told already, the file adds the cost and the rating.

References
----------
Shopify Help Center, "Using CSV files to import and export products", column names of 2024 and before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from expedit.catalog import RATED, WEB, upsert
from expedit.catalog import Product as CatalogProduct
from expedit.catalog import Variant as CatalogVariant
from expedit.connections.barcodes import gtin_in
from expedit.connections.markup import plain_line, plain_text
from expedit.connections.model import Connection
from expedit.connections.shopify import store
from expedit.connections.shopify.files import Refusals, RefusedRow, Row, read_rows
from expedit.connections.shopify.goods import HANDLE, put_rating, rebuild, shelf_of
from expedit.connections.shopify.products import NAMES, NO_OPTION, offer_of, sku_key
from expedit.connections.shopify.ratings import COUNT, NAMESPACE, RATING, rating_of_values
from expedit.connections.store import put_version
from expedit.core import InvalidInput, Progress, Struct, no_progress
from expedit.storage import Shop, Transaction

_AT_ONCE = 500
_FIRST = "0"
"""The only version of a note that a file leaves."""
_YES = frozenset({"true", "yes", "1"})
_STATED = {
    "Material": "material",
    "Google Shopping / Gender": "gender",
    "Google Shopping / Age Group": "age_group",
}


class ProductReport(Struct, frozen=True, omit_defaults=False):
    """What an import of products did: `rows` of the file, the rest products; `costs` were added by SKU."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    known: int = 0
    costs: int = 0
    refused_rows: int = 0
    refused: tuple[RefusedRow, ...] = ()


class FileTerms(Struct, frozen=True):
    """What the file is read against: prices are of one market; `storefront` may be empty."""

    market: str
    currency: str
    storefront: str


def import_shopify_products(
    shop: Shop,
    path: Path,
    *,
    connection: Connection | None = None,
    market: str | None = None,
    storefront: str = "",
    progress: Progress = no_progress,
) -> ProductReport:
    """Read a product export into the catalog; doing it again changes nothing.

    Parameters
    ----------
    connection
        The shop's connection, so that its webhooks and the file speak of the same products.
    market
        Market of the file's prices; the connection's, else the shop's first.
    storefront
        Address of the shop, before ``/products/…``; the connection's, else the setting ``shop_url``.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used; a single bad product is only reported.
    """
    terms = _terms(shop, connection, market, storefront)
    refusals, counts = Refusals(), Counter[str]()
    rows = read_rows(path, "Handle", progress, refusals)
    waiting: list[CatalogProduct] = []
    costs: dict[str, str] = {}

    def counted() -> Iterator[Row]:
        for row in rows:
            counts["rows"] += 1
            yield row

    for handle, group in groupby(counted(), key=lambda row: row.get("Handle")):
        members = list(group)
        try:
            product, paid = product_of_rows(handle, members, terms)
        except InvalidInput as error:
            refusals.add(members[0].line, error)
            continue
        waiting.append(product)
        costs |= paid
        if len(waiting) >= _AT_ONCE:
            _write(shop, connection, waiting, costs, counts, terms.market)
            waiting, costs = [], {}
    _write(shop, connection, waiting, costs, counts, terms.market)
    return ProductReport(
        counts["rows"],
        counts["added"],
        counts["changed"],
        counts["unchanged"],
        counts["known"],
        counts["costs"],
        refusals.count,
        tuple(refusals.rows),
    )


def product_of_rows(
    handle: str, rows: Sequence[Row], terms: FileTerms
) -> tuple[CatalogProduct, dict[str, str]]:
    """Return the product that the rows of one handle are, and what its variants cost by SKU.

    Raises
    ------
    InvalidInput
        Naming the column at fault.
    """
    if not handle:
        raise InvalidInput("Handle", "is missing")
    head = next((row for row in rows if row.get("Title")), None)
    if head is None:
        raise InvalidInput("Title", "is missing")
    names = [plain_line(head.get(f"Option{number} Name")).casefold() for number in (1, 2, 3)]
    url = f"{terms.storefront}/products/{handle}" if terms.storefront else ""
    variants: dict[str, CatalogVariant] = {}
    costs: dict[str, str] = {}
    for row in rows:
        if not row.get("Variant Price") and not row.get("Option1 Value"):
            continue  # a row that only brings another picture
        variant = _variant(handle, row, names, terms)
        if variant.id in variants:
            raise InvalidInput("Variant SKU", f"{variant.id!r} stands there twice")
        variants[variant.id] = variant
        if variant.sku and row.get("Cost per item"):
            costs[variant.sku] = row.get("Cost per item")
    if not variants:
        raise InvalidInput("Variant Price", "is missing")
    pictures = [row for row in rows if row.get("Image Src")]
    pictures.sort(
        key=lambda row: int(row.get("Image Position")) if row.get("Image Position").isdecimal() else 0
    )
    images = tuple(dict.fromkeys(row.get("Image Src") for row in pictures))
    active = head.get("Status").casefold() in {"", "active"}
    published = head.get("Published").casefold() in {"", *_YES}
    category = head.get("Type", "Custom Product Type") or head.get(
        "Product Category", "Standard Product Type"
    )
    attributes = {name: plain_line(head.get(column)) for column, name in _STATED.items() if head.get(column)}
    attributes |= rating_of_values(_reviewed(head, RATING), _reviewed(head, COUNT))
    tags = sorted({plain_line(part) for part in head.get("Tags").split(",") if part.strip()})
    if tags:
        attributes["tags"] = ", ".join(tags)[:500]
    return (
        CatalogProduct(
            id=handle,
            title=plain_line(head.get("Title")),
            description=plain_text(head.get("Body (HTML)", "Body HTML", "Description")),
            url=url,
            image_url=images[0] if images else "",
            images=images[1:50],
            brand=plain_line(head.get("Vendor")),
            category=tuple(part for part in (plain_line(part) for part in category.split(">")) if part),
            attributes=attributes,
            variants=tuple(sorted(variants.values(), key=lambda one: one.id)),
            retired=None if active and published else 1,
        ),
        costs,
    )


def _terms(shop: Shop, connection: Connection | None, market: str | None, storefront: str) -> FileTerms:
    markets = shop.settings.markets
    if connection is not None:
        shelf = shelf_of(shop, connection)
        own = next(one for one in shelf.sold_in if markets[one] == shelf.currency)
        market, storefront = market or own, storefront or shelf.storefront
    chosen = market or next(iter(markets))
    if chosen not in markets:
        raise InvalidInput("market", f"{chosen!r} is none of {', '.join(markets)}")
    return FileTerms(chosen, markets[chosen], (storefront or shop.settings.shop_url).rstrip("/"))


def _variant(handle: str, row: Row, names: Sequence[str], terms: FileTerms) -> CatalogVariant:
    values = [plain_line(row.get(f"Option{number} Value")) for number in (1, 2, 3)]
    facts = {
        NAMES.get(name, name): value
        for name, value in zip(names, values, strict=True)
        if name and value and name not in NO_OPTION
    }
    color = facts.pop("color", "") or plain_line(row.get("Color (product.metafields.shopify.color-pattern)"))
    size = facts.pop("size", "")
    # A leading quote keeps spreadsheets from reading a number.
    sku = row.get("Variant SKU").lstrip("'")
    offer = offer_of(
        terms.market,
        terms.currency,
        row.get("Variant Price"),
        row.get("Variant Compare At Price"),
        row.get("Cost per item"),
        f"line {row.line}",
    )
    quantity = row.get("Variant Inventory Qty")
    policy = row.get("Variant Inventory Policy").casefold()
    tracked = row.get("Variant Inventory Tracker").casefold() == "shopify" and _whole(quantity)
    return CatalogVariant(
        id=sku or "-".join(part for part in (handle, *values) if part and part != "Default Title"),
        sku=sku,
        gtin=gtin_in(row.get("Variant Barcode").lstrip("'")),
        color=color,
        size=size,
        offers=() if offer is None else (offer,),
        stock={WEB: max(0, int(quantity))} if tracked else None,
        availability="backorder" if policy == "continue" else "in_stock",
        image_url=row.get("Variant Image"),
        attributes=facts,
    )


def _reviewed(row: Row, key: str) -> str:
    """Return the cell of a metafield of reviews, whatever its column is called in the shop's language."""
    ending = f"(product.metafields.{NAMESPACE}.{key})"
    return next((cell for name, cell in row.cells.items() if name.endswith(ending)), "")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _write(
    shop: Shop,
    connection: Connection | None,
    products: Sequence[CatalogProduct],
    costs: dict[str, str],
    counts: Counter[str],
    market: str,
) -> None:
    if not products:
        return
    with shop.database.writing() as tx:
        known = _note(shop, tx, connection, products, costs) if connection is not None else {}
        fresh = [product for product in products if product.id not in known]
        own = {product.id: (market,) for product in fresh}
        counts.update(upsert(tx, fresh, shop.clock(), markets=own).values())
        counts["known"] += len(known)
        counts["costs"] += len(costs) if connection is not None else 0


def _note(
    shop: Shop,
    tx: Transaction,
    connection: Connection,
    products: Sequence[CatalogProduct],
    costs: dict[str, str],
) -> dict[str, str]:
    """Note costs, ratings and handles for webhooks to come; return the products that webhooks have told."""
    for sku, cost in costs.items():
        store.put_cost(tx, connection.id, sku_key(sku), f"{shop.clock():020d}", cost)
    known = store.products_by_handle(tx, connection.id, [product.id for product in products])
    shelf = shelf_of(shop, connection)
    for product in products:
        if rating := {name: text for name, text in product.attributes.items() if name in RATED}:
            put_rating(tx, connection, product.id, shop.clock(), rating)
        if product.id in known:
            rebuild(shop, tx, connection, known[product.id], shelf)
        else:
            put_version(tx, connection.id, HANDLE, product.id, _FIRST)
    return known
