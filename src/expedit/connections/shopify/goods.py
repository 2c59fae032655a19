"""Taking in Shopify's products, items and levels: a product is made of all of them, whichever came last."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from expedit.catalog import WEB, upsert
from expedit.catalog import Product as CatalogProduct
from expedit.connections.model import Connection, Message
from expedit.connections.shopify import store
from expedit.connections.shopify.bodies import Item, Level, Location, Product, id_of, moment_of, read
from expedit.connections.shopify.hook import sent_at
from expedit.connections.shopify.products import Shelf, item_of, markets_of, product_of, sku_key
from expedit.connections.shopify.ratings import rated
from expedit.connections.store import put_version, read_version
from expedit.connections.telling import tell_products
from expedit.core import InvalidInput, check_currency, from_json, to_json
from expedit.storage import Shop, Transaction

HANDLE = "handle"
"""Versions of this kind say which products a product file brought in under their handles."""

RATING = "rating"
"""Versions of this kind note how buyers rate the product under a handle, which most webhooks do not tell."""

GONE = "location"
"""Versions of this kind say which locations were deleted, and when."""


def shelf_of(shop: Shop, connection: Connection) -> Shelf:
    """Return what the products of a connection are read against.

    Raises
    ------
    InvalidInput
        When no market of the shop has Shopify's currency.
    """
    markets = shop.settings.markets
    currency = check_currency(connection.text("currency"), "currency")
    chosen = tuple(part.strip() for part in connection.text("markets").split(",") if part.strip())
    sold_in = tuple(market for market in markets if not chosen or market in chosen)
    if not any(markets[market] == currency for market in sold_in):
        raise InvalidInput("currency", f"no market of this shop has {currency}: see the setting markets")
    storefront = connection.text("storefront") or f"https://{connection.text('shop')}"
    return Shelf(
        storefront.rstrip("/"),
        currency,
        markets,
        sold_in,
        locations_of(connection.text("locations")),
        connection.text("products") == "active",
    )


def locations_of(text: str) -> dict[str, str]:
    """Read ``905684977=web, 4412=are``: the name of each of Shopify's locations.

    Raises
    ------
    InvalidInput
        Naming ``locations``.
    """
    found: dict[str, str] = {}
    for part in text.replace("\n", ",").split(","):
        if not part.strip():
            continue
        number, mark, name = part.partition("=")
        if not mark or not number.strip().isdecimal() or not name.strip():
            raise InvalidInput("locations", f"{part.strip()[:40]!r} is not of the form 905684977=web")
        found[number.strip()] = name.strip()
    return found


def take_product(shop: Shop, connection: Connection, message: Message) -> None:
    """Take a state of a product in."""
    put_product(shop, connection, message.body)


def put_product(shop: Shop, connection: Connection, raw: bytes) -> None:
    """Take a state of a product in, as JSON."""
    body = read(raw, Product)
    product_id = id_of(body.id)
    at = moment_of(body.updated_at or body.created_at, "updated_at")
    # Two states of one second are put in the order of their content: arbitrary, but the same everywhere.
    version = f"{at:020d}:{hashlib.sha256(raw).hexdigest()[:16]}"
    items = [(item_of(variant), id_of(variant.id)) for variant in body.variants or ()]
    shelf = shelf_of(shop, connection)
    with shop.database.writing() as tx:
        if store.put_product(tx, connection.id, product_id, version, body.handle or "", raw):
            store.put_items(tx, connection.id, product_id, items)
        if body.metafields is not None:
            put_rating(tx, connection, body.handle or product_id, at, rated(body.metafields))
        rebuild(shop, tx, connection, product_id, shelf)


def put_rating(
    tx: Transaction, connection: Connection, handle: str, at: int, rating: Mapping[str, str]
) -> None:
    """Note how buyers rated a product at the moment `at`, as attributes."""
    put_version(tx, connection.id, RATING, handle, f"{at:020d}", to_json(rating).decode())


def drop_product(shop: Shop, connection: Connection, message: Message) -> None:
    """Take a product out of the range, for good."""
    product_id = id_of(read(message.body, Product).id)
    shelf = shelf_of(shop, connection)
    with shop.database.writing() as tx:
        store.put_gone(tx, connection.id, product_id, sent_at(message))
        rebuild(shop, tx, connection, product_id, shelf)


def take_level(shop: Shop, connection: Connection, message: Message) -> None:
    """Take in how many pieces of an item lie at a location."""
    level = read(message.body, Level)
    put_level(shop, connection, level, moment_of(level.updated_at, "updated_at"))


def drop_level(shop: Shop, connection: Connection, message: Message) -> None:
    """Take in that an item lies at a location no more; the message names the two and no moment."""
    level = read(message.body, Level)
    at = sent_at(message) if level.updated_at is None else moment_of(level.updated_at, "updated_at")
    put_level(shop, connection, Level(level.inventory_item_id, level.location_id), at)


def put_level(shop: Shop, connection: Connection, level: Level, at: int) -> None:
    """Note a level as of the moment `at`; without a number of pieces, the item is not stocked there."""
    item = id_of(level.inventory_item_id, "inventory_item_id")
    location = id_of(level.location_id, "location_id")
    available = level.available
    version = f"{at:020d}:{-1 if available is None else available:+012d}"
    shelf = shelf_of(shop, connection)
    with shop.database.writing() as tx:
        ended = read_version(tx, connection.id, GONE, location)
        if ended is not None and version < ended[0]:
            available = None
        store.put_level(tx, connection.id, item, location, version, available)
        product_id = store.product_of_item(tx, connection.id, item)
        if product_id is not None:
            rebuild(shop, tx, connection, product_id, shelf)


def drop_location(shop: Shop, connection: Connection, message: Message) -> None:
    """Take in that a location is no more: nothing lies there."""
    location = id_of(read(message.body, Location).id)
    version = f"{sent_at(message):020d}:-1"
    shelf = shelf_of(shop, connection)
    with shop.database.writing() as tx:
        put_version(tx, connection.id, GONE, location, version)
        store.empty_location(tx, connection.id, location, version)
        products = store.products_at(tx, connection.id, location)
    for product_id in products:
        with shop.database.writing() as tx:
            rebuild(shop, tx, connection, product_id, shelf)


def take_item(shop: Shop, connection: Connection, message: Message) -> None:
    """Take in what an item cost."""
    put_item(shop, connection, read(message.body, Item))


def put_item(shop: Shop, connection: Connection, given: Item) -> None:
    """Note what an item cost."""
    item = id_of(given.id)
    at = moment_of(given.updated_at, "updated_at")
    cost = "" if given.cost is None else str(given.cost)
    shelf = shelf_of(shop, connection)
    with shop.database.writing() as tx:
        store.put_cost(tx, connection.id, item, f"{at:020d}:{cost}", cost)
        product_id = store.product_of_item(tx, connection.id, item)
        if product_id is not None:
            rebuild(shop, tx, connection, product_id, shelf)


def rebuild(shop: Shop, tx: Transaction, connection: Connection, product_id: str, shelf: Shelf) -> None:
    """Write the catalog's product anew from everything that is known of it."""
    known = store.read_product(tx, connection.id, product_id)
    if known is None or not known.body:
        return
    body = read(known.body, Product)
    variants = body.variants or ()
    items = [item_of(variant) for variant in variants]
    named = [sku_key(variant.sku) for variant in variants if variant.sku]
    levels = store.read_levels(tx, connection.id, items)
    rating = read_version(tx, connection.id, RATING, body.handle or product_id)
    product = product_of(
        body,
        shelf,
        store.read_costs(tx, connection.id, [*items, *named]),
        levels,
        known.version,
        known.gone,
        from_json(rating[1], dict[str, str]) if rating is not None else {},
    )
    lay = {
        id_of(variant.id): frozenset(
            shelf.locations.get(level.location, WEB) for level in levels.get(item_of(variant), ())
        )
        for variant in variants
    }
    tell_products(
        tx, connection.id, [product], markets_of(body, shelf), shop.clock(), elsewhere={product.id: lay}
    )
    # What a product file brought in before is the same product, under its handle.
    if body.handle and read_version(tx, connection.id, HANDLE, body.handle) is not None:
        former = CatalogProduct(
            id=body.handle, title=product.title, url=product.url, retired=product.created or 1
        )
        upsert(tx, [former], shop.clock())
