"""What a page shows of a product, in one market and language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expedit.catalog.facts import web_available
from expedit.catalog.model import Card, Product, Swatch
from expedit.core import DAY, MINUTE, Struct, format_minor

if TYPE_CHECKING:
    from expedit.catalog.snapshot import CatalogSnapshot

NEW_DAYS = 30
_MOST_SWATCHES = 12
_MOST_KEPT = 50_000
_LONGEST_KEPT = 10 * MINUTE


class _Kept(Struct, frozen=True):
    """A card and what it was made of; it holds while those are the same objects, from `since` to `until`."""

    card: Card
    made_of: tuple[object, ...]
    since: int
    until: int

    def holds(self, made_of: tuple[object, ...], now: int) -> bool:
        """Tell whether the card, made of `made_of` now, would be the same."""
        same = all(one is other for one, other in zip(self.made_of, made_of, strict=True))
        return same and self.since <= now < self.until


class CardShelf:
    """Cards that were asked for lately, shared by the snapshots of a process.

    A change of the product, its stock or its prices makes a new card at once; a swatch may show the old
    picture of another product for ten minutes.
    """

    def __init__(self, shop_url: str) -> None:
        self._shop_url = shop_url
        self._kept: dict[tuple[int, str, str], _Kept] = {}

    def card(self, snapshot: CatalogSnapshot, i: int, market: str, locale: str, now: int) -> Card:
        """Return the card of product `i` at `now`."""
        key = (i, market, locale)
        made_of = snapshot.ingredients(i)
        kept = self._kept.get(key)
        if kept is not None and kept.holds(made_of, now):
            return kept.card
        card = make_card(snapshot, i, market, locale, now, self._shop_url)
        moments = (*snapshot.sale_moments(i, market), int(snapshot.created[i]) + NEW_DAYS * DAY)
        until = min((at for at in moments if at > now), default=now + _LONGEST_KEPT)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = _Kept(card, made_of, now, min(until, now + _LONGEST_KEPT))
        return card


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
