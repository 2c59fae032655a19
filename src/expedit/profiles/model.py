"""What is known of a person, as other rooms read it: frozen values, no I/O."""

from __future__ import annotations

from typing import Any, Literal

from expedit.core import Struct
from expedit.events import EventKind

Step = Literal["browsing", "comparing", "deciding", "buying"]
"""How near a visit is to a purchase."""


class RecentProduct(Struct, frozen=True, array_like=True, gc=False):
    """A product that the person did something with lately.

    Parameters
    ----------
    product
        Product id.
    kind
        What they did, the event's kind.
    at
        When they last did it, in microseconds.
    """

    product: str
    kind: EventKind
    at: int


class CartLine(Struct, frozen=True, array_like=True, gc=False):
    """A product in the cart.

    Parameters
    ----------
    product, variant
        Product id, and the variant when it was named.
    quantity
        How many, at least 1.
    price
        Price of one in minor units, as last seen, or None.
    at
        When the line last changed.
    device
        Subject id of the device that put it there; empty when only the person is known.
    """

    product: str
    variant: str | None
    quantity: int
    price: int | None
    at: int
    device: str = ""


class Purchased(Struct, frozen=True, array_like=True, gc=False):
    """A product that the person bought and kept.

    Parameters
    ----------
    product
        Product id.
    quantity
        How many are left after refunds and cancellations.
    at
        When.
    variant
        The variant, when it was named.
    order_id
        The order, when it was named.
    size
        Size bought, when it was known.
    """

    product: str
    quantity: int
    at: int
    variant: str | None = None
    order_id: str | None = None
    size: str | None = None


class Affinities(Struct, frozen=True):
    """How much the person is drawn to each value: decayed weights at the time of their newest event.

    One view just now is 1.0, one half-life ago 0.5. Comparable within a profile and between profiles.
    """

    category: dict[str, float] = {}
    brand: dict[str, float] = {}
    price_band: dict[str, float] = {}
    color: dict[str, float] = {}
    size: dict[str, float] = {}


class SessionFacts(Struct, frozen=True):
    """The person's last session: events with no gap of 30 minutes or more.

    Parameters
    ----------
    started, last
        Its first and newest event. It is over once 30 minutes have passed since `last`.
    events
        How many events it has.
    products
        Products met, oldest first, none twice in a row.
    query
        Text searched for last.
    """

    started: int
    last: int
    events: int
    products: tuple[str, ...] = ()
    query: str | None = None


class Intent(Struct, frozen=True):
    """What the last session looks to be for.

    Parameters
    ----------
    step
        ``browsing``, ``comparing``, ``deciding`` or ``buying``.
    confidence
        0 … 1, a documented score, no probability.
    """

    step: Step
    confidence: float


class Profile(Struct, frozen=True):
    """What is known of a person.

    Parameters
    ----------
    person_id
        Id of the person.
    bucket_key
        What randomization hashes: the person's earliest subject.
    first_at, last_at
        First event ever and newest event, in microseconds.
    events
        How many events the state remembers.
    recent
        Products with kind and time, the newest first.
    cart
        Lines in the order in which they were put in.
    purchased
        What was bought and kept, the oldest first.
    affinities
        Decayed preferences.
    session
        The last session, None before any behavior.
    intent
        What that session looks to be for.
    consents
        Consent given (True) or denied (False) by purpose; what was never asked is absent.
    traits
        What the shop told of the person.
    market
        Market of the newest event that named one.
    visits
        When the last sessions started, the oldest first, at most a dozen.
    channels, places
        When each channel was last used, and when an order last went to each country (``NO``) or region of it
        (``NO-03``), the oldest first, at most a dozen.
    """

    person_id: str
    bucket_key: str
    first_at: int
    last_at: int
    events: int = 0
    recent: tuple[RecentProduct, ...] = ()
    cart: tuple[CartLine, ...] = ()
    purchased: tuple[Purchased, ...] = ()
    affinities: Affinities = Affinities()
    session: SessionFacts | None = None
    intent: Intent = Intent("browsing", 0.0)
    consents: dict[str, bool] = {}
    traits: dict[str, Any] = {}
    market: str | None = None
    visits: tuple[int, ...] = ()
    channels: dict[str, int] = {}
    places: dict[str, int] = {}
