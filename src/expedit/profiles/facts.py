"""What an event means to a profile: the compact fact that is kept of it, filed under who it surely was."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from expedit.core import PackDecoder, PackEncoder, Struct
from expedit.events import ORDER_RESUMED, Event, EventItem, EventKind, Whereabouts
from expedit.identity import RANK, STRONG, Key

MOST_ITEMS: Final = 50
"""Most product lines that a profile takes from one event; the log has all."""

SHOWN_KINDS: Final[frozenset[EventKind]] = frozenset({"view_item_list", "view_promotion", "select_promotion"})
"""Kinds whose products were shown, not chosen: they count as events, their products say nothing."""

NO_BEHAVIOR: Final[frozenset[EventKind]] = frozenset(
    {
        "impression",
        "mail_delivered",
        "mail_opened",
        "mail_bounced",
        "mail_complained",
        "mail_unsubscribed",
        "consent",
        "identify",
        "alias",
        "group",
    }
)
"""Kinds that are no act of shopping: what was done to the person, or said about them."""

_CARTS: Final[frozenset[EventKind]] = frozenset({"add_to_cart", "view_cart"})

MAIL_REFUSED: Final[frozenset[EventKind]] = frozenset({"mail_unsubscribed", "mail_complained"})
"""Kinds that deny consent to e-mail, whatever else they say."""


class FactItem(Struct, frozen=True, array_like=True, gc=False):
    """One product line, as a profile needs it; fields as in `EventItem`."""

    product: str
    variant: str | None = None
    quantity: int = 1
    price: int | None = None
    category: str | None = None
    brand: str | None = None
    price_band: str | None = None
    color: str | None = None
    size: str | None = None


class Fact(Struct, frozen=True, array_like=True, gc=False):
    """One act of shopping: kind, product lines, market, order, search text.

    Parameters
    ----------
    device
        Subject id of the device whose cart it is about, where the act is filed under a stronger identifier.
    empty
        Whether there are no lines since the cart is empty, not since none were named.
    channel
        Where: ``web``, ``app``, ``store``, …
    place
        Where an order went: a country, as ``NO``, or a region of it, as ``NO-03``.
    """

    kind: EventKind
    items: tuple[FactItem, ...] = ()
    market: str | None = None
    order_id: str | None = None
    query: str | None = None
    device: str = ""
    empty: bool = False
    channel: str = "web"
    place: str | None = None


class LastingFact(Struct, frozen=True, array_like=True):
    """What outlives every window: consents given or denied, and traits."""

    consent: dict[str, bool] | None = None
    traits: dict[str, Any] | None = None


class Filed(NamedTuple):
    """A fact in its place: the subject it is filed under, and its key."""

    key: Key
    subject_id: str
    device: str
    fact: Fact


_WEAKEST_STRONG = 1 + max(RANK[kind] for kind in STRONG)

_encode = PackEncoder().encode
_decode_fact = PackDecoder(Fact).decode
_decode_lasting = PackDecoder(LastingFact).decode


def subject_for(event: Event) -> tuple[str, bool]:
    """Return the subject under which the facts of `event` are filed, and whether it is a strong identifier.

    A strong identifier on the event itself says for certain whose act it was, even on a shared or quarantined
    device; otherwise it is what acted (`Event.subject`), and its owner at that time is looked up.
    """
    best, rank = "", len(RANK)
    for kind, subject in event.ids:
        if RANK[kind] < rank or (RANK[kind] == rank and subject == event.subject):
            best, rank = subject, RANK[kind]
    return best, rank < _WEAKEST_STRONG


def fact_of(event: Event) -> Fact | None:
    """Return the act of shopping in `event`, or None."""
    if event.kind in NO_BEHAVIOR:
        return None
    items = () if event.kind in SHOWN_KINDS else tuple(map(_item, event.items[:MOST_ITEMS]))
    resumed = event.kind == "custom" and (event.name or "").lower() == ORDER_RESUMED
    # What was cancelled and counts again is bought again.
    kind: EventKind = "purchase" if resumed else event.kind
    device = ""
    if kind in _CARTS and len(event.ids) > 1:
        device = next((subject for known, subject in event.ids if known == "anonymous_id"), "")
    return Fact(
        kind, items, event.market, event.order_id, event.query, device, event.empty, event.channel,
        _place(event.whereabouts),
    )  # fmt: skip


def _place(whereabouts: Whereabouts | None) -> str | None:
    if whereabouts is None:
        return None
    return f"{whereabouts.country}-{whereabouts.region}" if whereabouts.region else whereabouts.country


def _item(item: EventItem) -> FactItem:
    product = item.product or item.id
    variant = item.variant or (item.id if item.id != product else None)
    return FactItem(
        product,
        variant,
        item.quantity,
        item.price,
        item.category,
        item.brand,
        item.price_band,
        item.color,
        item.size,
    )


def lasting_of(event: Event) -> LastingFact | None:
    """Return the consents and traits in `event`, or None."""
    consent = event.consent
    if event.kind in MAIL_REFUSED:
        consent = {**(consent or {}), "email": False}
    if consent or event.traits:
        return LastingFact(consent or None, event.traits or None)
    return None


def encode(value: Fact | LastingFact) -> bytes:
    """Return the stored form of a fact."""
    return _encode(value)


def decode_fact(body: bytes) -> Fact:
    """Read a stored act of shopping."""
    return _decode_fact(body)


def decode_lasting(body: bytes) -> LastingFact:
    """Read stored consents and traits."""
    return _decode_lasting(body)
