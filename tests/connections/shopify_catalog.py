"""What the catalog has, for comparing: its products as an export gives them, read back."""

from __future__ import annotations

from expedit.catalog import Product
from expedit.catalog.store import every_stored, stock_of_products
from expedit.core import evolve
from expedit.storage import Shop


def catalog(shop: Shop) -> list[Product]:
    """Return every product with its stock, in order of id."""
    found = []
    for row in every_stored(shop.database):
        product = row.product()
        with shop.database.reading() as tx:
            stock = stock_of_products(tx, [product.id])
        variants = tuple(evolve(one, stock=stock.get(one.id)) for one in product.variants)
        found.append(evolve(product, variants=variants))
    return found
