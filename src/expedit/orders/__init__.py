"""The order book: every order of every source once, net of what went back, with or without a customer.

Orders are a pure function of what events say of them (`order_of`), kept up to date behind a cursor on the log
(`keep_orders`), so that events may come late, twice and in any order.
"""

from expedit.orders.folding import fact_of, merged, order_of
from expedit.orders.keeping import (
    find_order,
    keep_orders,
    orders_between,
    orders_by_subject,
    orders_of,
    orders_of_person,
)
from expedit.orders.model import Fact, FactLine, Order, OrderLine, OrderStatus

__all__ = [
    "Fact",
    "FactLine",
    "Order",
    "OrderLine",
    "OrderStatus",
    "fact_of",
    "find_order",
    "keep_orders",
    "merged",
    "order_of",
    "orders_between",
    "orders_by_subject",
    "orders_of",
    "orders_of_person",
]
