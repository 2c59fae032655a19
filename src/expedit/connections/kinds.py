"""The visible table of what can be connected."""

from __future__ import annotations

from expedit.connections.feeds import MERCHANT_FEED
from expedit.connections.model import Kind
from expedit.connections.shopify import SHOPIFY
from expedit.connections.tills import TILL_LINES
from expedit.connections.woocommerce import WOOCOMMERCE
from expedit.core import NotFound

_ALL: tuple[Kind, ...] = (SHOPIFY, WOOCOMMERCE, MERCHANT_FEED, TILL_LINES)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""Name → kind, in the order in which they are offered."""


def kind_called(name: str) -> Kind:
    """Return the kind of that name.

    Raises
    ------
    NotFound
        When nothing of that name can be connected.
    """
    if name not in KINDS:
        raise NotFound(f"nothing called {name!r} can be connected; choose from: {', '.join(KINDS)}")
    return KINDS[name]
