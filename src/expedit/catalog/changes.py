"""Small changes between two feeds: pieces in stock and prices, a list at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from expedit.catalog.merchant import parse_offer
from expedit.catalog.model import WEB, ImportReport, Offer, Product, RefusedRow, Variant
from expedit.catalog.notes import STOCK
from expedit.catalog.store import (
    mark_changed,
    next_change,
    note_changes,
    put_stock,
    read_stock,
    read_stored,
    variants_of,
)
from expedit.catalog.values import read_id, read_quantity
from expedit.catalog.writing import upsert
from expedit.core import InvalidInput, evolve
from expedit.storage import Shop

Row = dict[str, Any]


def set_stock(shop: Shop, rows: Sequence[Row], *, source: str = "") -> ImportReport:
    """Set pieces in stock.

    Parameters
    ----------
    rows
        ``{"id": variant id or SKU, "location": "web", "quantity": 3}``; the location is ``web`` unless given;
        a quantity of null means that stock is no longer tracked there.
    source
        Where they come from, as `Note.source` has it.

    Returns
    -------
    How many rows changed something, and the refused ones by their position (1 = the first).
    """
    refused: list[RefusedRow] = []
    wanted: dict[tuple[str, str], tuple[int, int | None]] = {}
    for position, row in enumerate(rows, 1):
        try:
            name = read_id(str(row.get("id") or ""), "id")
            location = read_id(str(row.get("location") or WEB), "location")
            if "quantity" not in row:
                raise InvalidInput("quantity", "missing")
            given = row["quantity"]
            wanted[name, location] = (position, None if given is None else read_quantity(given, "quantity"))
        except InvalidInput as error:
            refused.append(RefusedRow(position, error.field, error.reason))
    changed = 0
    with shop.database.writing() as tx:
        change = next_change(tx)
        known = variants_of(tx, sorted({name for name, _ in wanted}))
        stock = read_stock(tx, [variant_id for variant_id, _ in known.values()])
        writes: list[tuple[str, str, int | None]] = []
        touched: set[str] = set()
        for (name, location), (position, quantity) in wanted.items():
            if name not in known:
                refused.append(RefusedRow(position, "id", f"no variant is called {name!r}"))
                continue
            variant_id, product_id = known[name]
            if stock.get(variant_id, {}).get(location) != quantity:
                writes.append((variant_id, location, quantity))
                touched.add(product_id)
                changed += 1
        put_stock(tx, writes)
        mark_changed(tx, sorted(touched), change)
        note_changes(tx, change, shop.clock(), source, dict.fromkeys(touched, STOCK))
    return _report(rows, changed, refused)


def set_prices(shop: Shop, rows: Sequence[Row], *, source: str = "") -> ImportReport:
    """Set offers; every change goes into the ledger.

    Parameters
    ----------
    rows
        ``{"id": variant id or SKU, "market": "SE", "price": "1499.00", "sale_price": …,
        "sale_price_effective_date": …, "cost": …}``, the whole offer; a price of null withdraws it. The
        market may be left out when the shop has one.
    source
        Where they come from, as `Note.source` has it.

    Returns
    -------
    How many rows changed something, and the refused ones by their position (1 = the first).
    """
    refused: list[RefusedRow] = []
    wanted: dict[tuple[str, str], tuple[int, Offer | None]] = {}
    for position, row in enumerate(rows, 1):
        try:
            name = read_id(str(row.get("id") or ""), "id")
            market = _market(row, shop)
            offer = (
                None
                if "price" in row and row["price"] is None
                else parse_offer(row, market, shop.settings.markets[market])
            )
            wanted[name, market] = (position, offer)
        except InvalidInput as error:
            refused.append(RefusedRow(position, error.field, error.reason))
    changed = 0
    with shop.database.writing() as tx:
        next_change(tx)
        known = variants_of(tx, sorted({name for name, _ in wanted}))
        stored = read_stored(tx, sorted({product_id for _, product_id in known.values()}))
        products = {product_id: row.product() for product_id, row in stored.items()}
        for (name, market), (position, offer) in wanted.items():
            variant = _variant(products, *known[name]) if name in known else None
            if variant is None:
                refused.append(RefusedRow(position, "id", f"no variant is called {name!r}"))
                continue
            if variant.offer(market) == offer:
                continue
            product = products[known[name][1]]
            products[product.id] = _with_offer(product, variant, market, offer)
            changed += 1
        upsert(tx, list(products.values()), shop.clock(), stored, source=source)
    return _report(rows, changed, refused)


def _report(rows: Sequence[Row], changed: int, refused: list[RefusedRow]) -> ImportReport:
    refused.sort(key=lambda row: row.line)
    return ImportReport(
        read=len(rows),
        changed=changed,
        unchanged=len(rows) - changed - len(refused),
        refused=tuple(refused),
    )


def _market(row: Row, shop: Shop) -> str:
    markets = shop.settings.markets
    given = row.get("market") or (next(iter(markets)) if len(markets) == 1 else None)
    if given is None:
        raise InvalidInput("market", "missing")
    if given not in markets:
        raise InvalidInput("market", f"{str(given)[:20]!r} is none of {', '.join(markets)}")
    return str(given)


def _variant(products: dict[str, Product], variant_id: str, product_id: str) -> Variant | None:
    product = products.get(product_id)
    variants = product.variants if product else ()
    return next((variant for variant in variants if variant.id == variant_id), None)


def _with_offer(product: Product, variant: Variant, market: str, offer: Offer | None) -> Product:
    others = [one for one in variant.offers if one.market != market]
    offers = sorted([*others, offer] if offer else others, key=lambda one: one.market)
    changed = evolve(variant, offers=tuple(offers))
    return evolve(
        product,
        variants=tuple(changed if one.id == variant.id else one for one in product.variants),
    )
