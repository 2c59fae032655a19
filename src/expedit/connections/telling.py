"""Telling the catalog of products: a connection replaces what it told before, and nothing that others told.

What a connection told of a product is remembered beside it: the markets that it gave a price for, and where
it said that pieces lie. So it takes back its own offer in a market that it no longer sells in, or the pieces
at a location that is gone, while the offers of other markets and the pieces in other places stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from expedit.catalog import Product, upsert
from expedit.connections.store import put_note, read_versions
from expedit.core import Struct, from_json, to_json
from expedit.storage import Transaction

TOLD = "told"
"""Notes of this kind say what was told of a product."""


class Told(Struct, frozen=True):
    """What a connection told of a product: markets with an offer, and locations with pieces by variant."""

    markets: tuple[str, ...] = ()
    stock: dict[str, tuple[str, ...]] = {}


def tell_products(
    tx: Transaction,
    connection_id: str,
    products: Sequence[Product],
    markets: frozenset[str],
    at: int,
    elsewhere: Mapping[str, Mapping[str, frozenset[str]]] | None = None,
) -> None:
    """Write products as a connection knows them.

    Parameters
    ----------
    markets
        Those that the connection prices: it speaks for them even where it gives no offer.
    at
        The present moment, in microseconds.
    elsewhere
        Locations that pieces of a variant once lay at, by product and variant, where that is known though it
        was not remembered as told.
    """
    known = {
        product_id: from_json(note, Told)
        for product_id, note in read_versions(tx, connection_id, TOLD, [one.id for one in products]).items()
    }
    own: dict[str, frozenset[str]] = {}
    gone: list[tuple[str, str]] = []
    news: list[tuple[str, Told]] = []
    for product in products:
        before = known.get(product.id, Told())
        offered = {offer.market for variant in product.variants for offer in variant.offers}
        stocked = {one.id: tuple(sorted(one.stock)) for one in product.variants if one.stock}
        own[product.id] = markets | offered | set(before.markets)
        lay = (elsewhere or {}).get(product.id, {})
        for variant in product.variants:
            places = {*before.stock.get(variant.id, ()), *lay.get(variant.id, ())}
            gone += [(variant.id, place) for place in sorted(places - set(variant.stock or ()))]
        told = Told(tuple(sorted(offered)), stocked)
        if told != before:
            news.append((product.id, told))
    upsert(tx, products, at, markets=own, unstocked=gone)
    for product_id, told in news:
        put_note(tx, connection_id, TOLD, product_id, to_json(told).decode())
