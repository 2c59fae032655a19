"""Orders, and the facts they are made of: frozen values, no I/O."""

from __future__ import annotations

from typing import Literal

from expedit.core import Struct

OrderStatus = Literal["placed", "partly_refunded", "refunded", "cancelled", "credit"]
"""How an order stands; ``credit`` is a credit note whose order is not known."""

FactKind = Literal["purchase", "update", "refund", "cancel", "resume"]


class FactLine(Struct, frozen=True):
    """A product line as one event told it.

    Parameters
    ----------
    item, variant
        Ids as the source named them.
    quantity
        How many.
    price
        Price of one, in minor units.
    product
        Id of the catalog's product, if it was known.
    """

    item: str
    variant: str | None = None
    quantity: int = 1
    price: int | None = None
    product: str | None = None


class Fact(Struct, frozen=True):
    """What one event says of an order; an order is a pure function of its facts.

    Parameters
    ----------
    at, message_id, source
        The event; they put facts in one order, whatever order they came in.
    kind
        What the event does to the order.
    subjects
        Subject ids of who acted, the acting one first; empty without personal data.
    lines
        Product lines.
    goods, tax, shipping
        Amounts in minor units of `currency`; `goods` is without tax and shipping where the source tells both.
    store, register
        The store where it happened, and the till in it.
    """

    at: int
    message_id: str
    source: str
    kind: FactKind
    subjects: tuple[str, ...] = ()
    lines: tuple[FactLine, ...] = ()
    goods: int | None = None
    tax: int | None = None
    shipping: int | None = None
    currency: str | None = None
    market: str | None = None
    channel: str = "web"
    coupon: str | None = None
    store: str | None = None
    register: str | None = None


class OrderLine(Struct, frozen=True):
    """A product line of an order, everything told of it taken together.

    Parameters
    ----------
    quantity
        How many were ordered.
    returned
        How many went back; more than `quantity` only on a credit note.
    price
        Price of one, in minor units.
    """

    item: str
    variant: str | None
    product: str | None
    quantity: int
    returned: int
    price: int | None

    @property
    def net(self) -> int:
        """How many the customer kept."""
        return max(0, self.quantity - self.returned)


class Order(Struct, frozen=True):
    """An order as it stands.

    Parameters
    ----------
    id
        The shop's order id, the same from every source.
    at
        When it was placed.
    subjects
        Subject ids of who placed it, the acting one first; empty without a customer or after erasure.
    status
        How it stands.
    value, tax, shipping
        What was ordered, in minor units of `currency`.
    refunded
        What went back in all, in minor units.
    lines
        Product lines; those of a cancelled order stay, with everything returned.
    store, register
        The store where it was placed, and the till in it; None outside stores, or where nobody told.
    """

    id: str
    at: int
    status: OrderStatus
    subjects: tuple[str, ...]
    market: str | None
    channel: str
    currency: str | None
    value: int
    tax: int
    shipping: int
    refunded: int
    coupon: str | None
    lines: tuple[OrderLine, ...]
    store: str | None = None
    register: str | None = None

    @property
    def net(self) -> int:
        """What the shop kept for the goods, in minor units; negative for a credit note."""
        return self.value - self.refunded
