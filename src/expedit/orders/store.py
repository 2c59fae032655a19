"""The tables of orders and the statements on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

from expedit.core import PackDecoder, from_pack, to_pack
from expedit.orders.model import Fact, Order
from expedit.storage import Database, Transaction, metadata

sa.Table(
    "orders",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("market", sa.Text),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("currency", sa.Text),
    sa.Column("value", sa.BigInteger, nullable=False),
    sa.Column("tax", sa.BigInteger, nullable=False),
    sa.Column("shipping", sa.BigInteger, nullable=False),
    sa.Column("refunded", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("facts", sa.LargeBinary, nullable=False),
)
sa.Table(
    "order_lines",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("item", sa.Text, nullable=False, index=True),
    sa.Column("variant", sa.Text),
    sa.Column("product", sa.Text, index=True),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("returned", sa.BigInteger, nullable=False),
    sa.Column("price", sa.BigInteger),
)
sa.Table(
    "order_subjects",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Index(None, "order_id"),
)

_facts = PackDecoder(tuple[Fact, ...])


def read_facts(tx: Transaction, order_ids: Collection[str]) -> dict[str, tuple[Fact, ...]]:
    """Return the facts of those of `order_ids` that are known, locked until the transaction ends."""
    found = tx.rows_for(
        f"SELECT order_id, facts FROM orders WHERE order_id IN (:keys) ORDER BY order_id{tx.for_update}",  # noqa: S608
        sorted(order_ids),
    )
    return {order_id: _facts.decode(facts) for order_id, facts in found}


def write_orders(tx: Transaction, orders: Sequence[tuple[Order, tuple[Fact, ...]]]) -> None:
    """Write orders as they stand now, with their facts."""
    tx.run_many(
        "INSERT INTO orders"
        " (order_id, at, status, market, channel, currency, value, tax, shipping, refunded, body, facts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET"
        " at = excluded.at, status = excluded.status, market = excluded.market, channel = excluded.channel,"
        " currency = excluded.currency, value = excluded.value, tax = excluded.tax,"
        " shipping = excluded.shipping, refunded = excluded.refunded, body = excluded.body,"
        " facts = excluded.facts",
        [
            (
                order.id,
                order.at,
                order.status,
                order.market,
                order.channel,
                order.currency,
                order.value,
                order.tax,
                order.shipping,
                order.refunded,
                to_pack(order),
                to_pack(facts),
            )
            for order, facts in orders
        ],
    )
    ids = [(order.id,) for order, _ in orders]
    tx.run_many("DELETE FROM order_lines WHERE order_id = ?", ids)
    tx.run_many(
        "INSERT INTO order_lines (order_id, line, item, variant, product, quantity, returned, price)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                order.id,
                number,
                line.item,
                line.variant,
                line.product,
                line.quantity,
                line.returned,
                line.price,
            )
            for order, _ in orders
            for number, line in enumerate(order.lines)
        ],
    )
    tx.run_many("DELETE FROM order_subjects WHERE order_id = ?", ids)
    tx.run_many(
        "INSERT INTO order_subjects (subject, order_id) VALUES (?, ?)",
        [(subject, order.id) for order, _ in orders for subject in order.subjects],
    )


def read_order(tx: Transaction, order_id: str) -> Order | None:
    """Return one order."""
    found = tx.row("SELECT body FROM orders WHERE order_id = ?", (order_id,))
    return None if found is None else from_pack(found[0], Order)


def read_orders(tx: Transaction, subjects: Iterable[str]) -> list[Order]:
    """Return the orders that name any of `subjects`, the newest first."""
    found = tx.rows_for(
        "SELECT DISTINCT o.order_id, o.body FROM order_subjects AS s"
        " INNER JOIN orders AS o ON o.order_id = s.order_id WHERE s.subject IN (:keys)",
        sorted(set(subjects)),
    )
    orders: Mapping[str, Order] = {order_id: from_pack(body, Order) for order_id, body in found}
    return sorted(orders.values(), key=lambda order: (-order.at, order.id))


def read_orders_by_subject(tx: Transaction, subjects: Iterable[str]) -> list[tuple[str, Order]]:
    """Return the orders that name any of `subjects`, each beside the subject that it names."""
    found = tx.rows_for(
        "SELECT s.subject, o.body FROM order_subjects AS s"
        " INNER JOIN orders AS o ON o.order_id = s.order_id WHERE s.subject IN (:keys)",
        sorted(set(subjects)),
    )
    return [(subject, from_pack(body, Order)) for subject, body in found]


def read_orders_of_person(database: Database, person_id: str) -> list[Order]:
    """Return the orders of the subjects that are a person's now, on a held connection."""
    found = database.read_rows(
        "SELECT DISTINCT o.order_id, o.body FROM subjects AS p"
        " INNER JOIN order_subjects AS s ON s.subject = p.subject_id"
        " INNER JOIN orders AS o ON o.order_id = s.order_id WHERE p.person_id = ?",
        (person_id,),
    )
    return [from_pack(row[1], Order) for row in found]


def read_orders_between(tx: Transaction, since: int, until: int) -> list[Order]:
    """Return the orders placed from `since` to before `until`, in the order of their placing."""
    found = tx.rows("SELECT body FROM orders WHERE at >= ? AND at < ? ORDER BY at, order_id", (since, until))
    return [from_pack(row[0], Order) for row in found]


def order_ids_of(tx: Transaction, subjects: Iterable[str]) -> list[str]:
    """Return the ids of the orders that name any of `subjects`."""
    found = tx.rows_for(
        "SELECT DISTINCT order_id FROM order_subjects WHERE subject IN (:keys)", sorted(set(subjects))
    )
    return sorted({order_id for (order_id,) in found})


def totals(tx: Transaction) -> list[tuple[str, str, int, int, int]]:
    """Return currency, status, number, ordered and refunded minor units of all orders."""
    found = tx.rows(
        "SELECT coalesce(currency, ''), status, count(*), sum(value), sum(refunded) FROM orders"
        " GROUP BY coalesce(currency, ''), status ORDER BY 1, 2"
    )
    return [(currency, status, int(n), int(value), int(back)) for currency, status, n, value, back in found]
