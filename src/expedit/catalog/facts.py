"""What the columns hold of one product. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from expedit.catalog.ledger import FOREVER, Interval, PriorPriceRule, prior_price
from expedit.catalog.model import WEB, Offer, Product, Variant
from expedit.catalog.store import OfferKey
from expedit.core import from_pack, to_pack

NEVER = -FOREVER
UNKNOWN = -1


class Terms(NamedTuple):
    """An offer in numbers only; −1 stands for none, moments are always given."""

    price: int = UNKNOWN
    sale: int = UNKNOWN
    sale_from: int = NEVER
    sale_until: int = FOREVER
    prior: int = UNKNOWN
    cost: int = UNKNOWN

    def selling(self, now: int) -> tuple[int, int, int]:
        """Return (price in effect, list price, prior price while reduced)."""
        if self.sale >= 0 and self.sale_from <= now < self.sale_until:
            return self.sale, self.price, self.prior
        return self.price, self.price, UNKNOWN


NOT_SOLD = Terms()


class Places(NamedTuple):
    """Where a product can be had now."""

    web: bool
    elsewhere: frozenset[str]
    untracked: bool


def terms_in(
    product: Product,
    market: str,
    ledger: Mapping[OfferKey, Sequence[Interval]],
    rule: PriorPriceRule,
    now: int,
) -> list[Terms]:
    """Return the different terms of the variants in `market`, the lowest list price first."""
    if product.retired is not None:
        return []
    found = [
        _terms(offer, ledger.get((variant.id, market), ()), product, rule, now)
        for variant in product.variants
        for offer in variant.offers
        if offer.market == market
    ]
    return sorted(set(found)) if len(found) > 1 else found


def _terms(
    offer: Offer, history: Sequence[Interval], product: Product, rule: PriorPriceRule, now: int
) -> Terms:
    cost = UNKNOWN if offer.cost is None else offer.cost
    if offer.sale_price is None:
        return Terms(offer.price, cost=cost)
    start = NEVER if offer.sale_from is None else offer.sale_from
    # Its step in the ledger, and not the clock, says when it holds: another server's clock may be ahead.
    begins = next(
        (
            step.valid_from
            for step in history
            if step.valid_until > now and (step.price, step.sale_price) == (offer.price, offer.sale_price)
        ),
        now,
    )
    # A shop that states when a product came on the market, states it apart from when we saw it.
    since = product.created if product.created != product.first_seen else None
    prior = prior_price(history, max(now, begins), rule, since)
    return Terms(
        offer.price,
        offer.sale_price,
        start,
        FOREVER if offer.sale_until is None else offer.sale_until,
        UNKNOWN if prior is None else prior,
        cost,
    )


def on_sale_variants(product: Product, now: int) -> list[str]:
    """Return the ids of variants whose reduction, running or to come, needs a prior price."""
    if product.retired is not None:
        return []
    return [
        variant.id
        for variant in product.variants
        if any(
            offer.sale_price is not None and (offer.sale_until is None or offer.sale_until > now)
            for offer in variant.offers
        )
    ]


def places_of(product: Product, stock: Mapping[str, Mapping[str, int]]) -> Places:
    """Return where any variant can be had, by its tracked `stock` or its stated availability."""
    web = untracked = False
    elsewhere: set[str] = set()
    for variant in product.variants:
        has = stock.get(variant.id)
        if not has:
            untracked = untracked or variant.availability != "out_of_stock"
        else:
            web = web or web_available(variant, has)
            elsewhere.update(place for place, pieces in has.items() if pieces > 0 and place != WEB)
    return Places(web or untracked, frozenset(elsewhere), untracked)


def web_available(variant: Variant, has: Mapping[str, int]) -> bool:
    """Tell whether a variant with tracked stock can be bought on the web."""
    if WEB not in has or variant.availability in {"preorder", "backorder"}:
        return variant.availability != "out_of_stock"
    return has[WEB] > 0


_NO_STOCK = b""


def pack_stock(stock: Mapping[str, Mapping[str, int]]) -> bytes:
    """Return stock in few bytes."""
    return to_pack(stock) if stock else _NO_STOCK


def unpack_stock(data: bytes) -> dict[str, dict[str, int]]:
    """Return what `pack_stock` packed."""
    return from_pack(data, dict[str, dict[str, int]]) if data else {}
