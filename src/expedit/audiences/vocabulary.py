"""What the conditions of audiences may speak of: one person."""

from __future__ import annotations

from expedit.access import PURPOSES
from expedit.core import Field, Vocabulary

SPANS = {"last_30_days": 30, "last_90_days": 90, "last_365_days": 365, "ever": 0}
"""Days of each span over which is summed what somebody spent; 0 = all time."""

_PRODUCT = {
    "product": Field("text", "audiences.field.product", "catalog.products"),
    "category": Field("texts", "audiences.field.category", "catalog.categories"),
    "brand": Field("text", "audiences.field.brand", "catalog.brands"),
    "color": Field("text", "audiences.field.color", "catalog.colors"),
    "attributes.*": Field("text", "audiences.field.attributes", "catalog.attributes"),
    "at": Field("moment", "audiences.field.at"),
}
_SEEN = Vocabulary(_PRODUCT)
_BOUGHT = Vocabulary(
    {
        **_PRODUCT,
        "quantity": Field("number", "audiences.field.quantity"),
        "size": Field("text", "audiences.field.size"),
    }
)
_IN_CART = Vocabulary(
    {
        **_PRODUCT,
        "quantity": Field("number", "audiences.field.quantity"),
        "price": Field("money", "audiences.field.price"),
    }
)
_ORDER = Vocabulary(
    {
        "at": Field("moment", "audiences.field.at"),
        "value": Field("money", "audiences.field.value"),
        "currency": Field("text", "audiences.field.currency"),
        "pieces": Field("number", "audiences.field.pieces"),
        "product": Field("texts", "audiences.field.product", "catalog.products"),
        "category": Field("texts", "audiences.field.category", "catalog.categories"),
        "brand": Field("texts", "audiences.field.brand", "catalog.brands"),
        "market": Field("text", "audiences.field.market", "markets"),
        "channel": Field("text", "audiences.field.channel", "channels"),
        "store": Field("text", "audiences.field.store"),
        "coupon": Field("text", "audiences.field.coupon"),
    }
)
_VISIT = Vocabulary({"at": Field("moment", "audiences.field.at")})
_CHANNEL = Vocabulary(
    {
        "name": Field("text", "audiences.field.channel", "channels"),
        "at": Field("moment", "audiences.field.at"),
    }
)
_PLACE = Vocabulary(
    {
        "country": Field("text", "audiences.field.country"),
        "region": Field("text", "audiences.field.region"),
        "at": Field("moment", "audiences.field.at"),
    }
)

PERSON = Vocabulary(
    {
        "bought": Field("items", "audiences.field.bought", items=_BOUGHT),
        "orders": Field("items", "audiences.field.orders", items=_ORDER),
        **{f"spent.{span}": Field("money", f"audiences.field.spent_{span}") for span in SPANS},
        "viewed": Field("items", "audiences.field.viewed", items=_SEEN),
        "carted": Field("items", "audiences.field.carted", items=_SEEN),
        "wished": Field("items", "audiences.field.wished", items=_SEEN),
        "cart": Field("items", "audiences.field.cart", items=_IN_CART),
        "visits": Field("items", "audiences.field.visits", items=_VISIT),
        "channels": Field("items", "audiences.field.channels", items=_CHANNEL),
        "places": Field("items", "audiences.field.places", items=_PLACE),
        "first_seen": Field("moment", "audiences.field.first_seen"),
        "last_seen": Field("moment", "audiences.field.last_seen"),
        "market": Field("text", "audiences.field.person_market", "markets"),
        "intent": Field("text", "audiences.field.intent", "intents"),
        "likes.category": Field("texts", "audiences.field.likes_category", "catalog.categories"),
        "likes.brand": Field("texts", "audiences.field.likes_brand", "catalog.brands"),
        "likes.color": Field("texts", "audiences.field.likes_color", "catalog.colors"),
        "likes.price_band": Field("texts", "audiences.field.likes_price_band"),
        "likes.size": Field("texts", "audiences.field.likes_size"),
        "traits.*": Field("scalar", "audiences.field.traits", "traits"),
        "known_by": Field("texts", "audiences.field.known_by", "identifiers"),
        **{f"consents.{one}": Field("flag", f"audiences.field.consents_{one}") for one in PURPOSES},
    }
)
"""Of one person. What a product is (category with every path above it, brand, color, attributes) is what the
catalog says of it now."""
