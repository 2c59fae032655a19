"""The table of WooCommerce's products and variations as they were last heard of.

A webhook of a variation does not say what its product is called, and one of a product does not say what its
variations cost: the catalog's product is made of both, whichever came last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from expedit.storage import Transaction, metadata

sa.Table(
    "woocommerce_products",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("parent", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("seen", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_woocommerce_products_connection_parent", "connection", "parent"),
)

TABLES = ("woocommerce_products",)

GONE = b""
"""Body of a product that the shop deleted: a late message must not bring it back."""


def put_product(
    tx: Transaction, connection: str, product: tuple[int, int, str, bytes], seen: str = ""
) -> bool:
    """Note a product or variation as (id, parent or 0, version, body); tell whether it is news.

    An older version is no news, and neither is the same again. Two changes within one second have the same
    version: the one that comes last counts.

    Parameters
    ----------
    seen
        Name of the full pull under way, so that its end knows what was not in it; empty = none.
    """
    product_id, parent, version, body = product
    known = tx.row(
        f"SELECT version, body FROM woocommerce_products WHERE connection = ? AND id = ?{tx.for_update}",  # noqa: S608
        (connection, product_id),
    )
    if known is not None and seen:
        tx.run(
            "UPDATE woocommerce_products SET seen = ? WHERE connection = ? AND id = ?",
            (seen, connection, product_id),
        )
    if known is not None:
        same = bytes(known[1]) in {body, GONE}  # what was deleted comes back only by a later change
        if known[0] > version or (known[0] == version and same):
            return False
    tx.run(
        "INSERT INTO woocommerce_products (connection, id, parent, version, seen, body)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (connection, id) DO UPDATE SET parent = excluded.parent, version = excluded.version,"
        " body = excluded.body",
        (connection, product_id, parent, version, seen, body),
    )
    return True


def read_families(
    tx: Transaction, connection: str, parents: Iterable[int]
) -> dict[int, tuple[bytes, list[bytes]]]:
    """Return each of `parents` that is known, with its variations' bodies; deleted ones are left out."""
    ids = sorted(set(parents))
    found: dict[int, tuple[bytes, list[bytes]]] = {}
    for product_id, body in tx.rows_for(
        "SELECT id, body FROM woocommerce_products WHERE id IN (:keys) AND connection = ? ORDER BY id",
        ids,
        (connection,),
    ):
        found[product_id] = (bytes(body), [])
    for parent, body in tx.rows_for(
        "SELECT parent, body FROM woocommerce_products WHERE parent IN (:keys) AND connection = ?"
        " ORDER BY id",
        ids,
        (connection,),
    ):
        if parent in found and bytes(body) != GONE:
            found[parent][1].append(bytes(body))
    return found


def parent_of(tx: Transaction, connection: str, product_id: int) -> int | None:
    """Return the parent of a product (0 = it has none), or None when it is not known."""
    row = tx.row(
        "SELECT parent FROM woocommerce_products WHERE connection = ? AND id = ?", (connection, product_id)
    )
    return None if row is None else int(row[0])


def drop_variations(tx: Transaction, connection: str, parent: int, kept: Sequence[int]) -> int:
    """Forget the variations of `parent` that are not among `kept`; return how many."""
    known = tx.rows(
        "SELECT id FROM woocommerce_products WHERE connection = ? AND parent = ?", (connection, parent)
    )
    gone = sorted({int(row[0]) for row in known} - set(kept))
    tx.run_many(
        "DELETE FROM woocommerce_products WHERE connection = ? AND id = ?",
        [(connection, one) for one in gone],
    )
    return len(gone)


def unseen_products(tx: Transaction, connection: str, seen: str) -> tuple[list[int], int]:
    """Return the products that a full pull did not see, and how many products there are; no variations."""
    rows = tx.rows(
        "SELECT id, seen FROM woocommerce_products WHERE connection = ? AND parent = 0 AND length(body) > 0"
        " ORDER BY id",
        (connection,),
    )
    return [int(row[0]) for row in rows if row[1] != seen], len(rows)


def forget_product(tx: Transaction, connection: str, product_id: int, parent: int) -> None:
    """Note that a product is gone, and its variations with it."""
    tx.run("DELETE FROM woocommerce_products WHERE connection = ? AND parent = ?", (connection, product_id))
    tx.run(
        "INSERT INTO woocommerce_products (connection, id, parent, version, seen, body)"
        " VALUES (?, ?, ?, '', '', ?)"
        " ON CONFLICT (connection, id) DO UPDATE SET body = excluded.body",
        (connection, product_id, parent, GONE),
    )
