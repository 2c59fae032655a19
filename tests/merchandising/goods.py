"""A small catalog whose every product is different, for rules to choose from."""

from __future__ import annotations

from expedit.catalog import CatalogSnapshot, Offer, Product, Variant, live_catalog, upsert
from expedit.core import DAY
from expedit.storage import Shop

BRANDS = ("Fjord", "Gran", "Berg")
CATEGORIES = (("Jackor", "Skaljackor"), ("Jackor", "Dunjackor"), ("Skor", "Kängor"))


def product(n: int, now: int) -> Product:
    """Return product ``p00``, ``p01`` …, which cost 100, 200 … kr.

    Every third is reduced by a quarter, every other has a known cost.
    """
    price = (n + 1) * 10_000
    offer = Offer(
        "SE", price, "SEK",
        sale_price=price * 3 // 4 if n % 3 == 0 else None,
        cost=price // 2 if n % 2 == 0 else None,
    )  # fmt: skip
    return Product(
        f"p{n:02}",
        f"Vara {n}",
        brand=BRANDS[n % 3],
        category=CATEGORIES[n % len(CATEGORIES)],
        attributes={"material": "ull" if n % 2 else "bomull"},
        variants=(Variant(f"p{n:02}-a", offers=(offer,), stock={"web": n}, color="blå" if n % 2 else "röd"),),
        created=now - n * DAY,
    )


def goods(shop: Shop, count: int = 12) -> CatalogSnapshot:
    """Fill the shop's catalog and return it. Product 0 is sold out."""
    now = shop.clock()
    with shop.database.writing() as tx:
        upsert(tx, [product(n, now) for n in range(count)], now)
    live_catalog(shop).poll()
    return live_catalog(shop).current()
