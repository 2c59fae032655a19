"""What an event is: an immutable fact about who did what, when, where and with which products."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

from expedit.core import Struct, from_pack, to_pack
from expedit.events.whereabouts import Whereabouts

EventKind = Literal[
    "view_item",
    "view_item_list",
    "select_item",
    "add_to_cart",
    "remove_from_cart",
    "view_cart",
    "add_to_wishlist",
    "remove_from_wishlist",
    "begin_checkout",
    "add_shipping_info",
    "add_payment_info",
    "purchase",
    "refund",
    "cancel",
    "search",
    "page_view",
    "sign_up",
    "login",
    "logout",
    "share",
    "review",
    "coupon",
    "view_promotion",
    "select_promotion",
    "generate_lead",
    "impression",
    "click",
    "consent",
    "identify",
    "alias",
    "group",
    "mail_delivered",
    "mail_opened",
    "mail_clicked",
    "mail_bounced",
    "mail_complained",
    "mail_unsubscribed",
    "custom",
]
"""The closed family of events; whatever does not map to one of them is ``custom`` and keeps its name."""

IdentifierKind = Literal["anonymous_id", "user_id", "email", "phone", "loyalty_id", "payment_ref"]
"""How a person may be known."""

EVENT_KINDS: Final[tuple[EventKind, ...]] = get_args(EventKind)
IDENTIFIER_KINDS: Final[tuple[IdentifierKind, ...]] = get_args(IdentifierKind)

ORDER_UPDATED: Final = "order updated"
"""Lower-case name of the custom event by which a source replaces what it told of an order."""

ORDER_RESUMED: Final = "order resumed"
"""Lower-case name of the custom event by which a source says that an order it cancelled counts again."""

_BOOKS: Final[frozenset[EventKind]] = frozenset({"purchase", "refund", "cancel"})

VIEW_KINDS: Final[frozenset[EventKind]] = frozenset({"view_item", "select_item", "click", "add_to_cart"})
"""Kinds that show interest in the one product they carry."""


class EventItem(Struct, frozen=True, gc=False):
    """One product line of an event.

    Parameters
    ----------
    id
        Product, variant, SKU or GTIN, as the source named it.
    variant
        Variant as the source named it, when it gave one beside the product.
    quantity
        How many; may be negative only as the source of a refund wrote it.
    price
        Price of one, in minor units of the event's currency.
    position
        Place in the list it was shown in, from 1.
    product
        Id of the catalog's product, when `id` was found there.
    category, brand, color, size, price_band
        What the catalog said of it at the time of the event; the category as a path, ``Jackor > Skaljackor``.
    """

    id: str
    variant: str | None = None
    quantity: int = 1
    price: int | None = None
    position: int | None = None
    product: str | None = None
    category: str | None = None
    brand: str | None = None
    color: str | None = None
    size: str | None = None
    price_band: str | None = None


class Event(Struct, frozen=True, gc=False):
    """An immutable fact.

    Parameters
    ----------
    message_id
        Id that the sender gave; unique within `source`.
    source
        Id of the source that sent it.
    kind
        One of the closed family.
    at, received
        When it happened, corrected for the sender's clock, and when it came in; microseconds since the epoch.
    subject
        Subject id of what acted, the device first; empty when there is no consent to personalization.
    session
        Session key that rotates daily, set instead of a subject.
    ids
        Every identifier the event carried, as (kind, subject id); empty when not personal.
    channel, market
        Where: ``web``, ``app``, ``store``, …; the market's code.
    items
        Product lines.
    order_id
        Order of a purchase, refund or cancel.
    value, tax, shipping
        Amounts in minor units of `currency`.
    currency
        ISO 4217 code of every amount in the event.
    coupon, query, url, referrer, campaign
        Coupon code, search text, page, where the page was come from, and the campaign's ``source``,
        ``medium``, ``name``, ``term``, ``content``.
    decision_id, placement
        The decision that an impression, click or later event came of.
    consent
        Consent given or denied with this event, by purpose.
    traits
        What an identify said of the person; never an identifier.
    name
        The sender's own name of a ``custom`` event, or of the page.
    properties
        The rest of what was sent.
    personal
        Whether it may shape a profile.
    empty
        Whether it says outright that there are no products, as the view of an emptied cart does; without it
        and without items, its source named none.
    whereabouts
        Roughly where an order went, as its source told.
    store, register
        The store where it happened, and the till in it, if it was in one and its source told which.
    """

    message_id: str
    source: str
    kind: EventKind
    at: int
    received: int
    subject: str = ""
    session: str | None = None
    ids: tuple[tuple[IdentifierKind, str], ...] = ()
    channel: str = "web"
    market: str | None = None
    items: tuple[EventItem, ...] = ()
    order_id: str | None = None
    value: int | None = None
    tax: int | None = None
    shipping: int | None = None
    currency: str | None = None
    coupon: str | None = None
    query: str | None = None
    url: str | None = None
    referrer: str | None = None
    campaign: dict[str, str] | None = None
    decision_id: str | None = None
    placement: str | None = None
    consent: dict[str, bool] | None = None
    traits: dict[str, Any] | None = None
    name: str | None = None
    properties: dict[str, Any] | None = None
    personal: bool = True
    empty: bool = False
    whereabouts: Whereabouts | None = None
    store: str | None = None
    register: str | None = None

    @property
    def about_order(self) -> bool:
        """Whether it says something of an order, for the shop's books."""
        return self.kind in _BOOKS or (self.kind == "custom" and tells_of_order(self.name))

    @property
    def subjects(self) -> tuple[str, ...]:
        """Every subject id the event carries, the acting one first, each once."""
        if not self.ids:
            return (self.subject,) if self.subject else ()
        return tuple(
            dict.fromkeys(id_ for id_ in (self.subject, *(subject for _, subject in self.ids)) if id_)
        )


def tells_of_order(name: str | None) -> bool:
    """Tell whether a custom event of that name says something of an order."""
    return name is not None and name.lower() in {ORDER_UPDATED, ORDER_RESUMED}


class DeadLetter(Struct, frozen=True):
    """An event that was refused and kept, so that somebody can mend and replay it.

    Parameters
    ----------
    id
        Number of the letter.
    at
        When it was refused.
    source
        Source that sent it.
    body
        What was sent, as JSON text.
    field, reason
        The field at fault and what is wrong with it.
    replayed
        When it was replayed, if it was.
    """

    id: int
    at: int
    source: str
    body: str
    field: str
    reason: str
    replayed: int | None = None


class Complaint(Struct, frozen=True):
    """What is wrong with some letters of a source.

    Parameters
    ----------
    source
        Source that sent them.
    field, reason
        The field at fault and what is wrong with it, without the values in them.
    letters
        How many wait.
    last_at, last_id
        When the newest was refused, and its number.
    """

    source: str
    field: str
    reason: str
    letters: int
    last_at: int
    last_id: int


class SealedFile(Struct, frozen=True):
    """One Parquet file of the sealed log, as the manifest lists it.

    Parameters
    ----------
    path
        Path under the log folder, as ``events/date=2026-11-22/00000001-00004096.parquet``.
    dataset
        ``events`` or ``items``.
    date
        UTC date of every event in it.
    rows, bytes
        How many rows, and how large the file.
    seq_from, seq_to, xid_to
        Range of sequence numbers, and highest transaction number, that the file's events had at the head.
    at_from, at_to
        Earliest and latest event.
    """

    path: str
    dataset: Literal["events", "items"]
    date: str
    rows: int
    bytes: int
    seq_from: int
    seq_to: int
    xid_to: int
    at_from: int
    at_to: int


def pack_event(event: Event) -> bytes:
    """Return the stored form of `event`: a MessagePack map of the fields that differ from their default.

    Fields are stored by name, so a body written before a field existed, or after one was added, still reads.
    """
    return to_pack(event)


def unpack_event(body: bytes | memoryview) -> Event:
    """Read what `pack_event` wrote.

    Raises
    ------
    Corrupt
        When the bytes are not an event.
    """
    return from_pack(body, Event)
