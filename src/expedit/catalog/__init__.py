"""What the shop sells: products, variants, offers per market, stock per location, and every price there was.

Files come in by `import_catalog`, values by `upsert`; a server asks `live_catalog` for the snapshot that
decisions are made on.
"""

from expedit.catalog.addresses import product_address, product_at
from expedit.catalog.cards import absolute
from expedit.catalog.changes import set_prices, set_stock
from expedit.catalog.exporting import export_catalog
from expedit.catalog.history import import_prices, price_history
from expedit.catalog.importing import import_catalog
from expedit.catalog.ledger import Interval, PriorPriceRule, prior_price
from expedit.catalog.live import LiveCatalog, live_catalog
from expedit.catalog.looks import GIVEN, Vector, looked_at, looks_among, put_looks, read_looks
from expedit.catalog.model import (
    WEB,
    Card,
    ImportReport,
    ItemFacts,
    Offer,
    Product,
    RefusedRow,
    Swatch,
    Variant,
)
from expedit.catalog.phrases import LivePhrases, Promised, live_phrases
from expedit.catalog.ratings import RATED, Rating, rating_of
from expedit.catalog.sales import Sales, SalesFile
from expedit.catalog.snapshot import CatalogSnapshot
from expedit.catalog.suggesting import attribute_keys, named_products, suggest_values, value_names
from expedit.catalog.writing import upsert

__all__ = [
    "GIVEN",
    "RATED",
    "WEB",
    "Card",
    "CatalogSnapshot",
    "ImportReport",
    "Interval",
    "ItemFacts",
    "LiveCatalog",
    "LivePhrases",
    "Offer",
    "PriorPriceRule",
    "Product",
    "Promised",
    "Rating",
    "RefusedRow",
    "Sales",
    "SalesFile",
    "Swatch",
    "Variant",
    "Vector",
    "absolute",
    "attribute_keys",
    "export_catalog",
    "import_catalog",
    "import_prices",
    "live_catalog",
    "live_phrases",
    "looked_at",
    "looks_among",
    "named_products",
    "price_history",
    "prior_price",
    "product_address",
    "product_at",
    "put_looks",
    "rating_of",
    "read_looks",
    "set_prices",
    "set_stock",
    "suggest_values",
    "upsert",
    "value_names",
]
