"""What a visit is for, read from the session so far by rules that can be told to anybody."""

from __future__ import annotations

from typing import Final

from expedit.core import DAY
from expedit.profiles.model import Intent
from expedit.profiles.state import State

CHECKOUT_CONFIDENCE: Final = (0.0, 0.8, 0.9, 0.95)
"""Confidence of ``buying`` by how far the checkout has come: begun, address given, payment given."""

COMPARING_VIEWS: Final = 3
"""Looks at products of one category that make a comparison."""

RECENT_DAYS: Final = 7
"""Days in which earlier visits make a person more decided; a visit a year ago says nothing."""


def intent_of(state: State) -> Intent:
    """Return the intent of the last session in `state`.

    Notes
    -----
    ``buying``: the checkout was begun and nothing bought since. ``deciding``: something was put in the cart
    or on a list of wishes (confidence 0.6, 0.1 more for each further one and each earlier visit this week,
    at most 0.9), or products looked at before were looked at again (0.5, likewise). ``comparing``: at least
    three looks in one category; the confidence is that category's share of all looks. ``browsing``: anything
    else, the less certain the more the looks gather in one category.
    """
    session = state.session
    if session.checkout:
        return Intent("buying", CHECKOUT_CONFIDENCE[session.checkout])
    since = session.started - RECENT_DAYS * DAY
    visits = sum(1 for started in state.visits[:-1] if started >= since)
    if session.carted:
        return Intent("deciding", _capped(60 + 10 * (session.carted - 1 + visits), 90))
    if session.again >= 2 or (session.again and visits):
        return Intent("deciding", _capped(50 + 10 * (session.again - 1 + visits), 90))
    looked = max(session.focus.values(), default=0)
    share = 100 * looked // session.views if session.views else 0
    if looked >= COMPARING_VIEWS:
        return Intent("comparing", _capped(share, 90))
    return Intent("browsing", _capped(90 - share // 2, 90))


def _capped(percent: int, most: int) -> float:
    return min(percent, most) / 100
