"""All that is known of one product, read from the database: what its page in the panel shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from expedit.catalog.ledger import Interval, PriorExplained, PriorPriceRule, explain_prior
from expedit.catalog.model import WEB, Offer, Product, Variant
from expedit.catalog.notes import Note, notes_of
from expedit.catalog.store import (
    OfferKey,
    Stock,
    read_ledger,
    read_stored,
    stock_of_products,
    variants_of,
)
from expedit.core import NotFound, Struct, evolve
from expedit.storage import Shop, Transaction


class PriceLine(Struct, frozen=True):
    """An offer that some variants share, and its ledger.

    Parameters
    ----------
    market, currency
        Where.
    variants
        The variants that have this very history.
    now
        The step in effect; None when the ledger knows none.
    steps
        Every step, the oldest first, scheduled ones included.
    prior
        What the reduction in effect (or the next one) has as prior price and why; None without a reduction.
    upcoming
        Whether `prior` is about a reduction that is still to begin.
    cost
        What the shop paid; None when unknown.
    """

    market: str
    currency: str
    variants: tuple[Variant, ...]
    now: Interval | None
    steps: tuple[Interval, ...]
    prior: PriorExplained | None = None
    upcoming: bool = False
    cost: int | None = None


class ProductSheet(Struct, frozen=True):
    """One product.

    Parameters
    ----------
    product
        With stock in its variants.
    locations
        Places that hold any of it, ``web`` first.
    lines
        Offers by market and history.
    notes
        The last changes, the newest first.
    """

    product: Product
    locations: tuple[str, ...]
    lines: tuple[PriceLine, ...]
    notes: tuple[Note, ...]


def read_whole(tx: Transaction, name: str) -> tuple[Product, Stock, dict[OfferKey, list[Interval]]]:
    """Return the product that `name`, its id or a variant's id or SKU, leads to, with its stock and ledger.

    Raises
    ------
    NotFound
        When there is none.
    """
    stored = read_stored(tx, [name])
    if not stored:
        found = variants_of(tx, [name])
        stored = read_stored(tx, [product_id for _, product_id in found.values()])
    if not stored:
        raise NotFound(f"no product or variant is called {name[:60]!r}")
    product = next(iter(stored.values())).product()
    return product, stock_of_products(tx, [product.id]), read_ledger(tx, [one.id for one in product.variants])


def product_sheet(shop: Shop, name: str) -> ProductSheet:
    """Return what is known of the product that `name`, its id or a variant's id or SKU, leads to.

    Raises
    ------
    NotFound
        When there is none.
    """
    with shop.database.reading() as tx:
        product, stock, ledger = read_whole(tx, name)
        notes = notes_of(tx, product.id)
    variants = tuple(evolve(variant, stock=stock.get(variant.id)) for variant in product.variants)
    product = evolve(product, variants=variants)
    places = {place for has in stock.values() for place in has}
    rule = PriorPriceRule(
        progressive=shop.settings.prior_price_progressive,
        new_products=shop.settings.prior_price_new_products,
    )
    return ProductSheet(
        product,
        tuple(sorted(places, key=lambda place: (place != WEB, place))),
        tuple(price_lines(product, ledger, shop.settings.markets, rule, shop.clock())),
        notes,
    )


def price_lines(
    product: Product,
    ledger: Mapping[OfferKey, Sequence[Interval]],
    markets: Mapping[str, str],
    rule: PriorPriceRule,
    now: int,
) -> list[PriceLine]:
    """Return the product's offers by market, those of one history together, in the order of the variants."""
    lines: list[PriceLine] = []
    for market, currency in markets.items():
        shared: dict[tuple[tuple[Interval, ...], int | None], list[Variant]] = {}
        for variant in product.variants:
            steps = tuple(ledger.get((variant.id, market), ()))
            offer = variant.offer(market)
            if steps or offer:
                shared.setdefault((steps, offer.cost if offer else None), []).append(variant)
        for (steps, cost), variants in shared.items():
            offer = variants[0].offer(market)
            lines.append(_line(product, market, currency, variants, offer, steps, cost, rule, now))
    return lines


def _line(
    product: Product,
    market: str,
    currency: str,
    variants: Sequence[Variant],
    offer: Offer | None,
    steps: tuple[Interval, ...],
    cost: int | None,
    rule: PriorPriceRule,
    now: int,
) -> PriceLine:
    current = next((step for step in steps if step.valid_from <= now < step.valid_until), None)
    since = product.created if product.created != product.first_seen else None
    prior = explain_prior(steps, now, rule, since)
    upcoming = False
    if prior is None:
        coming = next((step for step in steps if step.valid_from > now and step.sale_price is not None), None)
        if coming is not None:
            prior, upcoming = explain_prior(steps, coming.valid_from, rule, since), True
    money = offer.currency if offer else current.currency if current and current.currency else currency
    return PriceLine(market, money, tuple(variants), current, steps, prior, upcoming, cost)
