"""What the shop itself counts, and what is here: frozen values, no I/O."""

from __future__ import annotations

from expedit.core import Struct


class ShopOrder(Struct, frozen=True):
    """An order as the shop's own figures have it.

    Parameters
    ----------
    order_id
        The number that is here its id, too.
    placed
        When it was placed, in microseconds.
    counted
        Whether the shop counts it as a sale.
    currency
        ISO 4217.
    total, tax, shipping
        Minor units; `total` is what the customer was to pay, tax and shipping included, before refunds.
    refunded
        What was paid back of it, tax included.
    version
        Grows with each change, compared as text.
    test
        Whether the shop marks it as a test.
    """

    order_id: str
    placed: int
    counted: bool
    currency: str
    total: int
    tax: int = 0
    shipping: int = 0
    refunded: int = 0
    version: str = ""
    test: bool = False
