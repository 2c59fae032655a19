"""Which kind of event a name means: Segment's and GA4's names, and our own (golden: `spec/events.json`)."""

from __future__ import annotations

from expedit.events import EVENT_KINDS, EventKind

_SEGMENT: dict[str, EventKind] = {
    "products searched": "search",
    "product list viewed": "view_item_list",
    "product list filtered": "view_item_list",
    "promotion viewed": "view_promotion",
    "promotion clicked": "select_promotion",
    "product clicked": "select_item",
    "product viewed": "view_item",
    "product added": "add_to_cart",
    "product removed": "remove_from_cart",
    "product shared": "share",
    "product reviewed": "review",
    "cart viewed": "view_cart",
    "cart shared": "share",
    "checkout started": "begin_checkout",
    "payment info entered": "add_payment_info",
    "order completed": "purchase",
    "order refunded": "refund",
    "order cancelled": "cancel",
    "coupon entered": "coupon",
    "coupon applied": "coupon",
    "coupon denied": "coupon",
    "coupon removed": "coupon",
    "product added to wishlist": "add_to_wishlist",
    "product removed from wishlist": "remove_from_wishlist",
    "wishlist product added to cart": "add_to_cart",
    "signed up": "sign_up",
    "signed in": "login",
    "signed out": "logout",
    "email delivered": "mail_delivered",
    "email opened": "mail_opened",
    "email link clicked": "mail_clicked",
    "email bounced": "mail_bounced",
    "email marked as spam": "mail_complained",
    "unsubscribed": "mail_unsubscribed",
    "segment consent preference updated": "consent",
}

# Calls of their own; a track by such a name is no such call.
_NOT_TRACKED = {"identify", "alias", "group", "custom"}

KINDS_BY_NAME: dict[str, EventKind] = {
    **{kind: kind for kind in EVENT_KINDS if kind not in _NOT_TRACKED},
    "view_search_results": "search",
    "screen_view": "page_view",
    **_SEGMENT,
}
"""Lower-case name of a track event → its kind."""

KINDS_BY_CALL: dict[str, EventKind] = {
    "identify": "identify",
    "alias": "alias",
    "group": "group",
    "page": "page_view",
    "screen": "page_view",
}
"""Type of every other call → its kind."""


def kind_of(name: str) -> EventKind:
    """Return the kind that the name of a track event means, in any case; ``custom`` when it means none."""
    return KINDS_BY_NAME.get(name.lower(), "custom")
