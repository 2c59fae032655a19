"""The state row: what a profile remembers between two events, as it is stored."""

from __future__ import annotations

from expedit.core import PackDecoder, PackEncoder, Struct
from expedit.profiles.model import CartLine, Purchased, RecentProduct


class SessionState(Struct, frozen=True, array_like=True, gc=False):
    """The last session, with what intent is read from.

    Parameters
    ----------
    started, last
        Its first and newest event.
    events
        How many it has.
    products
        Products met, oldest first, none twice in a row.
    views
        Products looked at.
    focus
        How often each category was looked at.
    again
        How many looks were at a product already looked at lately.
    carted
        What was put in the cart or on a list of wishes and not bought yet.
    checkout
        How far the checkout has come since the last purchase: 0 … 3.
    query
        Text searched for last.
    """

    started: int
    last: int
    events: int
    products: list[str]
    views: int
    focus: dict[str, int]
    again: int
    carted: int
    checkout: int
    query: str | None


class State(Struct, frozen=True, array_like=True, gc=False):
    """What a profile remembers of the events in its window.

    Parameters
    ----------
    events
        How many events are in the window.
    oldest_at
        The first of them.
    truncated
        Whether the window was shortened because there were too many.
    half_life
        Half-life of the affinities in hours.
    landmark
        Number of the half-life in which the newest event lies.
    affinities
        Fixed-point weights, one dict for each of `expedit.profiles.affinity.DIMENSIONS`.
    recent
        Products by kind, the oldest first.
    cart, purchased
        Lines, the oldest first.
    visits
        When the last sessions started, the oldest first.
    market
        Market of the newest event that named one.
    session
        The last session.
    channels, places
        When each channel was last used, and an order last went to each place.
    weights
        Mark of the weights of acts, see `expedit.profiles.affinity.Tasting`.
    """

    events: int
    oldest_at: int
    truncated: bool
    half_life: int
    landmark: int
    affinities: tuple[dict[str, int], dict[str, int], dict[str, int], dict[str, int], dict[str, int]]
    recent: list[RecentProduct]
    cart: list[CartLine]
    purchased: list[Purchased]
    visits: list[int]
    market: str | None
    session: SessionState
    channels: dict[str, int] = {}
    places: dict[str, int] = {}
    weights: int = 0


encode_state = PackEncoder().encode
decode_state = PackDecoder(State | None).decode
