"""The tables of reconciliation: the shop's own orders, and its totals by day where it gives only those."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from expedit.connections.reconciliation.figures import ShopDay, ShopOrder
from expedit.core import from_json, to_json
from expedit.storage import Transaction, metadata

sa.Table(
    "shop_orders",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("placed", sa.BigInteger, nullable=False),
    sa.Column("counted", sa.Integer, nullable=False),
    sa.Column("test", sa.Integer, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("tax", sa.BigInteger, nullable=False),
    sa.Column("shipping", sa.BigInteger, nullable=False),
    sa.Column("refunded", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Index("ix_shop_orders_connection_placed", "connection", "placed"),
)

TABLES = ("shop_orders", "shop_days")

_ORDER = "order_id, placed, counted, currency, total, tax, shipping, refunded, version, test"


def note_shop_orders(tx: Transaction, connection: str, orders: Sequence[ShopOrder]) -> None:
    """Note orders as the shop has them; an older version changes nothing."""
    tx.run_many(
        f"INSERT INTO shop_orders (connection, {_ORDER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT (connection, order_id) DO UPDATE SET placed = excluded.placed,"
        " counted = excluded.counted, currency = excluded.currency, total = excluded.total,"
        " tax = excluded.tax, shipping = excluded.shipping, refunded = excluded.refunded,"
        " version = excluded.version, test = excluded.test"
        " WHERE shop_orders.version <= excluded.version",
        [
            (
                connection,
                one.order_id,
                one.placed,
                int(one.counted),
                one.currency,
                one.total,
                one.tax,
                one.shipping,
                one.refunded,
                one.version,
                int(one.test),
            )
            for one in orders
        ],
    )


def read_shop_orders(tx: Transaction, connection: str, since: int, until: int) -> list[ShopOrder]:
    """Return the shop's orders placed from `since` to before `until`, in the order of their placing."""
    return [
        ShopOrder(*(*row[:2], bool(row[2]), *row[3:9], bool(row[9])))
        for row in tx.rows(
            f"SELECT {_ORDER} FROM shop_orders WHERE connection = ? AND placed >= ? AND placed < ?"  # noqa: S608
            " ORDER BY placed, order_id",
            (connection, since, until),
        )
    ]


sa.Table(
    "shop_days",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)


def note_shop_days(tx: Transaction, connection: str, days: Sequence[ShopDay]) -> None:
    """Note totals by day; a day that comes again replaces what was there."""
    tx.run_many(
        "INSERT INTO shop_days (connection, day, currency, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (connection, day, currency) DO UPDATE SET body = excluded.body",
        [(connection, one.day, one.currency, to_json(one)) for one in days],
    )


def read_shop_days(tx: Transaction, connection: str, first: str, last: str) -> list[ShopDay]:
    """Return the totals of the days `first` to `last`, both included."""
    return [
        from_json(bytes(row[0]), ShopDay)
        for row in tx.rows(
            "SELECT body FROM shop_days WHERE connection = ? AND day >= ? AND day <= ?"
            " ORDER BY day, currency",
            (connection, first, last),
        )
    ]


def sources_of_figures(tx: Transaction) -> list[str]:
    """Return the connections of which there are figures."""
    rows = tx.rows("SELECT connection FROM shop_orders UNION SELECT connection FROM shop_days ORDER BY 1")
    return [str(row[0]) for row in rows]
