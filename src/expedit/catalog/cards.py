"""What a page shows of a product, in one market and language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expedit.catalog.facts import web_available
from expedit.catalog.model import Card, Product, Swatch
from expedit.core import DAY, format_minor

if TYPE_CHECKING:
    from expedit.catalog.snapshot import CatalogSnapshot

NEW_DAYS = 30
_MOST_SWATCHES = 12


def make_card(snapshot: CatalogSnapshot, i: int, market: str, locale: str, now: int, shop_url: str) -> Card:
    """Return the card of product `i`.

    Parameters
    ----------
    shop_url
        Put before an address that is only a path.
    """
    product = snapshot.product(i)
    prices, lists, priors = snapshot.selling([i], market, now)
    price, listed, prior = int(prices[0]), int(lists[0]), int(priors[0])
    currency = snapshot.markets[market]
    reduced = price < listed
    badge = "sale" if reduced else "new" if now - product.created < NEW_DAYS * DAY else None
    return Card(
        id=product.id,
        title=product.titles.get(locale) or product.title,
        url=absolute(product.url, shop_url),
        image_url=absolute(product.image_url, shop_url),
        brand=product.brand,
        category=snapshot.category_label(int(snapshot.category[i]), locale),
        color=snapshot.colors[snapshot.color[i]],
        price=format_minor(listed, currency) if listed >= 0 else "",
        currency=currency,
        sale_price=format_minor(price, currency) if reduced else None,
        prior_price=format_minor(prior, currency) if reduced and prior >= 0 else None,
        badge=badge,
        sizes=_sizes(product, snapshot.stock(i)),
        swatches=_swatches(snapshot, product, i, shop_url),
    )


def absolute(url: str, shop_url: str) -> str:
    """Return `url` with the shop's address before it when it is a path."""
    return shop_url.rstrip("/") + url if url.startswith("/") else url


def _sizes(product: Product, stock: dict[str, dict[str, int]]) -> tuple[str, ...]:
    sizes: dict[str, None] = {}
    for variant in product.variants:
        has = stock.get(variant.id)
        if variant.size and (web_available(variant, has) if has else variant.available()):
            sizes[variant.size] = None
    return tuple(sizes)


def _swatches(snapshot: CatalogSnapshot, product: Product, i: int, shop_url: str) -> tuple[Swatch, ...]:
    family = snapshot.family(i)
    if len(family) > 1:
        return tuple(
            Swatch(
                snapshot.ids[other],
                snapshot.colors[snapshot.color[other]],
                absolute(snapshot.product(other).image_url, shop_url),
            )
            for other in family[:_MOST_SWATCHES]
            if snapshot.active[other]
        )
    colors: dict[str, Swatch] = {}
    for variant in product.variants:
        if variant.color and variant.color not in colors:
            image = variant.image_url or product.image_url
            colors[variant.color] = Swatch(variant.id, variant.color, absolute(image, shop_url))
    return tuple(colors.values())[:_MOST_SWATCHES] if len(colors) > 1 else ()
