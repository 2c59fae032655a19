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


class ShopDay(Struct, frozen=True):
    """A day as the shop's own report has it.

    Parameters
    ----------
    day
        The shop's own date, as ``2026-11-22``.
    orders, revenue
        How many, and minor units.
    tax, shipping, refunds
        Minor units; None = the report does not say.
    with_tax, with_shipping, after_refunds
        What `revenue` holds.
    """

    day: str
    currency: str
    orders: int
    revenue: int
    tax: int | None = None
    shipping: int | None = None
    refunds: int | None = None
    with_tax: bool = True
    with_shipping: bool = True
    after_refunds: bool = False
