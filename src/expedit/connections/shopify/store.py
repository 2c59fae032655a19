"""The tables of Shopify's products, items, costs and levels as they were last heard of.

A webhook of a level does not say which product it is of, one of a product does not say what it cost or where
it lies: the catalog's product is made of all of them, whichever came last.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from expedit.core import Struct
from expedit.storage import Transaction, metadata

sa.Table(
    "shopify_products",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("product", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("handle", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("gone", sa.BigInteger),
    sa.Index("ix_shopify_products_connection_handle", "connection", "handle"),
)
sa.Table(
    "shopify_items",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("variant", sa.Text, nullable=False),
    sa.Column("product", sa.Text, nullable=False),
)
sa.Table(
    "shopify_costs",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("cost", sa.Text, nullable=False),
)
sa.Table(
    "shopify_levels",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("location", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("available", sa.BigInteger),
)

TABLES = ("shopify_products", "shopify_items", "shopify_costs", "shopify_levels")


class Level(Struct, frozen=True):
    """Pieces at a location, as of a version; None = not stocked there."""

    location: str
    version: str
    available: int | None


class Known(Struct, frozen=True):
    """A product as it was last heard of; `gone` is when it was deleted."""

    version: str
    body: bytes
    gone: int | None


def put_product(
    tx: Transaction, connection: str, product: str, version: str, handle: str, body: bytes
) -> bool:
    """Note the state of a product; tell whether it is newer than what was known."""
    return bool(
        tx.run(
            "INSERT INTO shopify_products (connection, product, version, handle, body)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (connection, product) DO UPDATE"
            " SET version = excluded.version, handle = excluded.handle, body = excluded.body"
            " WHERE shopify_products.version < excluded.version",
            (connection, product, version, handle, body),
        )
    )


def put_gone(tx: Transaction, connection: str, product: str, at: int) -> None:
    """Note that a product was deleted; an id is never used again, so no later state brings it back."""
    tx.run(
        "INSERT INTO shopify_products (connection, product, version, handle, body, gone)"
        " VALUES (?, ?, '', '', ?, ?)"
        " ON CONFLICT (connection, product) DO UPDATE SET gone ="
        " CASE WHEN shopify_products.gone < excluded.gone THEN shopify_products.gone ELSE excluded.gone END",
        (connection, product, b"", at),
    )


def read_product(tx: Transaction, connection: str, product: str) -> Known | None:
    """Return what is known of a product, locked until the transaction ends."""
    row = tx.row(
        "SELECT version, body, gone FROM shopify_products"  # noqa: S608
        f" WHERE connection = ? AND product = ?{tx.for_update}",
        (connection, product),
    )
    return None if row is None else Known(row[0], bytes(row[1]), row[2])


def products_by_handle(tx: Transaction, connection: str, handles: Sequence[str]) -> dict[str, str]:
    """Return handle → product of the products that are known."""
    rows = tx.rows_for(
        "SELECT handle, product FROM shopify_products WHERE handle IN (:keys) AND connection = ?"
        " ORDER BY product",
        handles,
        (connection,),
    )
    return dict(rows)


def put_items(tx: Transaction, connection: str, product: str, items: Sequence[tuple[str, str]]) -> None:
    """Note (item, variant) of a product."""
    tx.run_many(
        "INSERT INTO shopify_items (connection, item, variant, product) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (connection, item)"
        " DO UPDATE SET variant = excluded.variant, product = excluded.product",
        [(connection, item, variant, product) for item, variant in items],
    )


def product_of_item(tx: Transaction, connection: str, item: str) -> str | None:
    """Return the product that an inventory item is of, or None while it is unknown."""
    row = tx.row("SELECT product FROM shopify_items WHERE connection = ? AND item = ?", (connection, item))
    return None if row is None else str(row[0])


def put_cost(tx: Transaction, connection: str, item: str, version: str, cost: str) -> bool:
    """Note what an item cost (empty = unknown); tell whether that is newer than what was known."""
    return bool(
        tx.run(
            "INSERT INTO shopify_costs (connection, item, version, cost) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (connection, item) DO UPDATE SET version = excluded.version, cost = excluded.cost"
            " WHERE shopify_costs.version < excluded.version",
            (connection, item, version, cost),
        )
    )


def read_costs(tx: Transaction, connection: str, items: Sequence[str]) -> dict[str, str]:
    """Return what items cost, as text, by item."""
    rows = tx.rows_for(
        "SELECT item, cost FROM shopify_costs WHERE item IN (:keys) AND connection = ?", items, (connection,)
    )
    return {item: cost for item, cost in rows if cost}


def put_level(
    tx: Transaction, connection: str, item: str, location: str, version: str, available: int | None
) -> bool:
    """Note how many pieces there are at a location; tell whether that is newer than what was known."""
    return bool(
        tx.run(
            "INSERT INTO shopify_levels (connection, item, location, version, available)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (connection, item, location)"
            " DO UPDATE SET version = excluded.version, available = excluded.available"
            " WHERE shopify_levels.version < excluded.version",
            (connection, item, location, version, available),
        )
    )


def read_levels(tx: Transaction, connection: str, items: Sequence[str]) -> dict[str, list[Level]]:
    """Return what lies where, by item."""
    found: dict[str, list[Level]] = {}
    for item, location, version, available in tx.rows_for(
        "SELECT item, location, version, available FROM shopify_levels WHERE item IN (:keys)"
        " AND connection = ? ORDER BY item, location",
        items,
        (connection,),
    ):
        found.setdefault(item, []).append(Level(location, version, available))
    return found


def empty_location(tx: Transaction, connection: str, location: str, version: str) -> None:
    """Note that nothing lies at a location as of a version."""
    tx.run(
        "UPDATE shopify_levels SET available = NULL, version = ?"
        " WHERE connection = ? AND location = ? AND version < ?",
        (version, connection, location, version),
    )


def products_at(tx: Transaction, connection: str, location: str) -> list[str]:
    """Return the products of which a level at a location was ever told."""
    return [
        str(row[0])
        for row in tx.rows(
            "SELECT DISTINCT i.product FROM shopify_levels AS l"
            " JOIN shopify_items AS i ON i.connection = l.connection AND i.item = l.item"
            " WHERE l.connection = ? AND l.location = ? ORDER BY i.product",
            (connection, location),
        )
    ]


def locations(tx: Transaction, connection: str) -> list[str]:
    """Return every location that a level was told of."""
    return [
        row[0]
        for row in tx.rows(
            "SELECT DISTINCT location FROM shopify_levels WHERE connection = ? ORDER BY location",
            (connection,),
        )
    ]
