"""Putting products into the catalog: content, variants, ledger, stock and change feed, all or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from expedit.catalog.ledger import Interval, revise, schedule
from expedit.catalog.model import Offer, Product, Variant
from expedit.catalog.notes import ADDED, STOCK, kinds_of
from expedit.catalog.store import (
    OfferKey,
    Stored,
    add_intervals,
    drop_intervals,
    drop_stock,
    mark_changed,
    next_change,
    note_changes,
    owners,
    put_products,
    put_stock,
    put_variants,
    read_ledger,
    read_stock,
    read_stored,
    stored_form,
)
from expedit.core import evolve
from expedit.storage import Transaction

Status = Literal["added", "changed", "unchanged"]


def upsert(
    tx: Transaction,
    products: Sequence[Product],
    at: int,
    stored: Mapping[str, Stored] | None = None,
    *,
    source: str = "",
    markets: Mapping[str, Collection[str]] | None = None,
    unstocked: Sequence[tuple[str, str]] = (),
) -> dict[str, Status]:
    """Write products as given: their variants and offers replace what was there; stock given is set.

    A variant that moved from another product is taken from it. Writing the same again changes nothing: no row
    of the ledger, no change number of a product.

    Parameters
    ----------
    at
        The moment from which new prices are in effect, in microseconds.
    stored
        The rows of these products, when the caller has just read them in the same transaction.
    source
        Where they come from, as `Note.source` has it.
    markets
        The markets that a product, by id, is told of: its offers of others stay, with the variants that are
        sold in others only. One that is not named is told of in all.
    unstocked
        (variant id, location) of places that hold nothing of these variants any more.

    Returns
    -------
    What happened to each product, by id.
    """
    change = next_change(tx)  # first of all: it keeps other writers of the catalog out until the commit
    if stored is None:
        stored = read_stored(tx, [product.id for product in products])
    if markets is not None:
        products = [
            _beside(product, stored.get(product.id), markets[product.id])
            if product.id in markets
            else product
            for product in products
        ]
    claims = {variant.id: product.id for product in products for variant in product.variants}
    known = owners(tx, list(claims))
    robbed = {owner for variant, owner in known.items() if owner != claims[variant]} - {
        product.id for product in products
    }
    if robbed:
        losers = read_stored(tx, sorted(robbed))
        stored = {**stored, **losers}
        robbed_products = [_without(row.product(), claims, at) for row in losers.values()]
        known |= {variant.id: product.id for product in robbed_products for variant in product.variants}
        products = [*products, *robbed_products]
    work = _Work(at, claims, known)
    statuses = {product.id: work.compare(product, stored.get(product.id)) for product in products}
    work.clear(unstocked)
    touched = work.write(tx)
    mark_changed(tx, sorted(touched), change)
    note_changes(tx, change, at, source, {product_id: work.kinds[product_id] for product_id in touched})
    for product_id in touched:
        if statuses[product_id] == "unchanged":
            statuses[product_id] = "changed"
    return {product_id: status for product_id, status in statuses.items() if product_id not in robbed}


def _beside(product: Product, old: Stored | None, markets: Collection[str]) -> Product:
    """Return `product` with what is sold in other markets than `markets`; there it is not retired either."""
    if old is None or old.retired is not None:
        return product
    others = {
        variant.id: (variant, tuple(offer for offer in variant.offers if offer.market not in markets))
        for variant in old.content().variants
    }
    if not any(offers for _, offers in others.values()):
        return product
    variants = []
    for variant in product.variants:
        _, kept = others.pop(variant.id, (variant, ()))
        own = variant.offers if product.retired is None else ()
        offers = sorted((*own, *kept), key=lambda offer: offer.market)
        variants.append(evolve(variant, offers=tuple(offers)))
    variants += [evolve(variant, offers=kept) for variant, kept in others.values() if kept]
    return evolve(product, variants=tuple(sorted(variants, key=lambda variant: variant.id)), retired=None)


def foretell(
    tx: Transaction, products: Sequence[Product], at: int, stored: Mapping[str, Stored]
) -> dict[str, Status]:
    """Return what `upsert` would say of each product, without writing anything."""
    claims = {variant.id: product.id for product in products for variant in product.variants}
    work = _Work(at, claims, owners(tx, list(claims)))
    statuses = {product.id: work.compare(product, stored.get(product.id)) for product in products}
    for product_id in work.restocked(tx):
        if statuses[product_id] == "unchanged":
            statuses[product_id] = "changed"
    return statuses


def _without(product: Product, claims: Mapping[str, str], at: int) -> Product:
    """Return `product` without the variants that others claim; one that has none left is retired."""
    left = tuple(variant for variant in product.variants if claims.get(variant.id, product.id) == product.id)
    return evolve(product, variants=left, retired=product.retired if left or product.retired else at)


class _Work:
    """What one transaction has to write."""

    def __init__(self, at: int, claims: Mapping[str, str], known: Mapping[str, str]) -> None:
        self._at = at
        self._claims = claims
        self._known = known
        self._rows: list[Stored] = []
        self._variants: list[tuple[str, Variant]] = []
        self._new_offers: list[tuple[OfferKey, Offer]] = []
        self._revised: dict[OfferKey, Offer | None] = {}
        self._stock: dict[str, tuple[str, Mapping[str, int]]] = {}
        self._gone: list[str] = []
        self._cleared: dict[str, set[str]] = defaultdict(set)
        self.kinds: dict[str, int] = {}
        """What each product's change is, as `kinds_of` tells it."""

    def compare(self, product: Product, old: Stored | None) -> Status:
        """Take up what is different about `product`."""
        for variant in product.variants:
            if variant.stock:
                self._stock[variant.id] = (product.id, variant.stock)
        created = product.created or (old.created if old else self._at)
        first_seen = old.first_seen if old else self._at
        row = stored_form(product, created, first_seen)
        if row == old:
            return "unchanged"
        self._rows.append(row)
        before = old.product() if old else None
        revised = len(self._revised) + len(self._new_offers)
        self._compare_variants(product, before)
        repriced = len(self._revised) + len(self._new_offers) > revised
        self.kinds[product.id] = kinds_of(before, product, repriced)
        return "changed" if old else "added"

    def _compare_variants(self, product: Product, before: Product | None) -> None:
        old_variants = {variant.id: variant for variant in before.variants} if before else {}
        was_sold = before is not None and before.retired is None
        for variant in product.variants:
            old = old_variants.pop(variant.id, None)
            if (
                old is None
                or (old.sku, old.gtin) != (variant.sku, variant.gtin)
                or self._known.get(variant.id) != product.id
            ):
                self._variants.append((product.id, variant))
            offers = variant.offers if product.retired is None else ()
            if variant.id not in self._known:
                self._new_offers += [((variant.id, offer.market), offer) for offer in offers]
                continue
            old_offers = old.offers if old and was_sold else ()
            self._compare_offers(variant.id, offers, old_offers, fresh=old is None)
        for gone in old_variants.values():
            if self._claims.get(gone.id, product.id) == product.id:
                self._gone.append(gone.id)
                self._revised.update({(gone.id, offer.market): None for offer in gone.offers})

    def _compare_offers(
        self, variant_id: str, offers: Sequence[Offer], old_offers: Sequence[Offer], fresh: bool
    ) -> None:
        if offers == old_offers and not fresh:
            return
        before = {offer.market: offer for offer in old_offers}
        for offer in offers:
            if before.pop(offer.market, None) != offer:
                self._revised[variant_id, offer.market] = offer
        self._revised.update({(variant_id, market): None for market in before})

    def clear(self, places: Sequence[tuple[str, str]]) -> None:
        """Take up that variants do not lie at (variant, location) any more."""
        for variant_id, location in places:
            if variant_id in self._claims:
                self._cleared[variant_id].add(location)

    def write(self, tx: Transaction) -> set[str]:
        """Write it; return the ids of the products that are different now."""
        touched = {row.id for row in self._rows}
        put_products(tx, self._rows)
        put_variants(tx, self._variants)
        add_intervals(
            tx, ((key, step) for key, offer in self._new_offers for step in schedule(offer, self._at))
        )
        revise_ledger(tx, self._revised, self._at)
        drop_stock(tx, self._gone)
        return touched | self._write_stock(tx)

    def restocked(self, tx: Transaction) -> set[str]:
        """Return the ids of the products whose stock is different."""
        return self._stock_rows(tx)[1]

    def _write_stock(self, tx: Transaction) -> set[str]:
        rows, touched = self._stock_rows(tx)
        put_stock(tx, rows)
        for product_id in touched:
            known = self.kinds.get(product_id, 0)
            if known != ADDED:  # what is new comes with its stock
                self.kinds[product_id] = known | STOCK
        return touched

    def _stock_rows(self, tx: Transaction) -> tuple[list[tuple[str, str, int | None]], set[str]]:
        told = {*self._stock, *self._cleared}
        have = read_stock(tx, sorted(variant_id for variant_id in told if variant_id in self._known))
        rows: list[tuple[str, str, int | None]] = []
        touched = set()
        for variant_id, (product_id, wanted) in self._stock.items():
            has = have.get(variant_id, {})
            different = [
                (variant_id, place, wanted[place]) for place in wanted if has.get(place) != wanted[place]
            ]
            if different:
                rows += different
                touched.add(product_id)
        for variant_id, places in self._cleared.items():
            left = sorted(places & have.get(variant_id, {}).keys())
            if left:
                rows += [(variant_id, place, None) for place in left]
                touched.add(self._claims[variant_id])
        return rows, touched


def revise_ledger(tx: Transaction, offers: Mapping[OfferKey, Offer | None], at: int) -> None:
    """Replace what the ledger foretells from `at` on (None = no longer sold); the past stays."""
    if not offers:
        return
    tails = read_ledger(tx, sorted({variant_id for variant_id, _ in offers}), since=at - 1)
    drop: list[tuple[OfferKey, Interval]] = []
    add: list[tuple[OfferKey, Interval]] = []
    for key, offer in offers.items():
        tail = tails.get(key, [])
        if offer is None and not tail:
            continue
        steps = revise(tail, offer, at)
        drop += [(key, step) for step in tail if step not in steps]
        add += [(key, step) for step in steps if step not in tail]
    drop_intervals(tx, drop)
    add_intervals(tx, add)
