"""Writing the catalog to a file that `import_catalog` reads back without a change."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from expedit.catalog.model import Offer, Product, Variant
from expedit.catalog.store import Stock, every_stored, stock_of_products
from expedit.core import InvalidInput, Progress, format_minor, no_progress, to_datetime, to_json
from expedit.storage import Shop

_CHUNK = 2_000
EXPORT_FORMATS = ("jsonl", "parquet")
_TEXT_COLUMNS = (
    "id item_group_id sku gtin title brand link image_link availability color size style_id product_type"
    " description created"
).split()
_JSON_COLUMNS = "prices stock attributes titles descriptions categories additional_image_link".split()


def export_catalog(
    shop: Shop,
    path: Path | str,
    format: str = "jsonl",  # noqa: A002 - the word of the command line and the docs
    progress: Progress = no_progress,
) -> int:
    """Write every product that is not retired, one row a variant; return the number of rows.

    Parameters
    ----------
    format
        ``jsonl``, which `import_catalog` reads back as unchanged, or ``parquet`` for analysis: the same rows,
        with nested values as JSON text.

    Raises
    ------
    InvalidInput
        When the format is unknown or the file cannot be written.
    """
    if format not in EXPORT_FORMATS:
        raise InvalidInput("format", f"{format!r} is none of {', '.join(EXPORT_FORMATS)}")
    target = Path(path)
    partial = target.with_name(f"{target.name}.partial")
    rows = _rows(shop, progress)
    try:
        count = _write_jsonl(partial, rows) if format == "jsonl" else _write_parquet(partial, rows)
        partial.replace(target)
    except OSError as error:
        raise InvalidInput("file", f"{target} cannot be written: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)
    return count


def catalog_rows(product: Product, stock: Stock) -> Iterator[dict[str, Any]]:
    """Return the rows of one product, first the one that is like the product as a whole."""
    alone = len(product.variants) == 1 and product.variants[0].id == product.id
    for variant in sorted(product.variants, key=_differs):
        row: dict[str, Any] = {"id": variant.id}
        if not alone:
            row["item_group_id"] = product.id
        row |= {
            "title": variant.title or product.title,
            "titles": product.titles,
            "description": product.description,
            "descriptions": product.descriptions,
            "link": variant.url or product.url,
            "image_link": variant.image_url or product.image_url,
            "additional_image_link": list(product.images),
            "brand": product.brand,
            "product_type": " > ".join(product.category),
            "categories": {locale: " > ".join(path) for locale, path in product.categories.items()},
            "attributes": {**product.attributes, **variant.attributes},
            "style_id": product.style,
            "sku": variant.sku,
            "gtin": variant.gtin,
            "color": variant.color,
            "size": variant.size,
            "availability": variant.availability,
            "stock": stock.get(variant.id, {}),
        }
        if product.created != product.first_seen:
            row["created"] = to_datetime(product.created).isoformat()
        if _differs(variant):
            row |= {
                "item_group_title": product.title,
                "item_group_link": product.url,
                "item_group_image_link": product.image_url,
            }
        kept = {name: value for name, value in row.items() if value}
        yield kept | {"prices": {offer.market: _terms(offer) for offer in variant.offers}}


def _differs(variant: Variant) -> bool:
    return bool(variant.title or variant.url or variant.image_url or variant.attributes)


def _terms(offer: Offer) -> dict[str, str]:
    terms = {"price": _amount(offer.price, offer)}
    if offer.sale_price is not None:
        terms["sale_price"] = _amount(offer.sale_price, offer)
        if offer.sale_from is not None or offer.sale_until is not None:
            sides = (
                "" if at is None else to_datetime(at).isoformat()
                for at in (offer.sale_from, offer.sale_until)
            )
            terms["sale_price_effective_date"] = "/".join(sides)
    if offer.cost is not None:
        terms["cost"] = _amount(offer.cost, offer)
    return terms


def _amount(minor: int, offer: Offer) -> str:
    return f"{format_minor(minor, offer.currency)} {offer.currency}"


def _rows(shop: Shop, progress: Progress) -> Iterator[dict[str, Any]]:
    stored = every_stored(shop.database, active_only=True)
    done = 0
    while page := list(islice(stored, _CHUNK)):
        with shop.database.reading() as tx:
            stock = stock_of_products(tx, [row.id for row in page])
        for row in page:
            yield from catalog_rows(row.product(), stock)
        done += len(page)
        progress("exporting", done, None)


def _write_jsonl(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    with path.open("wb") as file:
        for row in rows:
            file.write(to_json(row) + b"\n")
            count += 1
    return count


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([pa.field(name, pa.string()) for name in (*_TEXT_COLUMNS, *_JSON_COLUMNS)])
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while page := list(islice(rows, 10_000)):
            columns = {name: [row.get(name) for row in page] for name in _TEXT_COLUMNS}
            for name in _JSON_COLUMNS:
                columns[name] = [to_json(row[name]).decode() if name in row else None for row in page]
            writer.write_table(pa.table(columns, schema=schema))
            count += len(page)
    return count
