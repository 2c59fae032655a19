"""What the conditions of rules may speak of."""

from __future__ import annotations

from expedit.core import Field, Vocabulary

CHANNELS = ("web", "app", "mail", "receipt", "store")
"""The channels that every shop has."""

PRODUCT = Vocabulary(
    {
        "id": Field("text", "merchandising.field.id", "catalog.products"),
        "title": Field("text", "merchandising.field.title"),
        "brand": Field("text", "merchandising.field.brand", "catalog.brands"),
        "category": Field("texts", "merchandising.field.category", "catalog.categories"),
        "color": Field("text", "merchandising.field.color", "catalog.colors"),
        "style": Field("text", "merchandising.field.style"),
        "price": Field("money", "merchandising.field.price"),
        "list_price": Field("money", "merchandising.field.list_price"),
        "on_sale": Field("flag", "merchandising.field.on_sale"),
        "reduction": Field("number", "merchandising.field.reduction"),
        "margin": Field("number", "merchandising.field.margin"),
        "margin_amount": Field("money", "merchandising.field.margin_amount"),
        "stock": Field("number", "merchandising.field.stock"),
        "stock_days": Field("number", "merchandising.field.stock_days"),
        "created": Field("moment", "merchandising.field.created"),
        "attributes.*": Field("text", "merchandising.field.attributes", "catalog.attributes"),
    }
)
"""Of one product in one market: money in its minor units; ``reduction`` and ``margin`` as shares, 0.2 = 20 %;
``category`` holds the path and every path above it, as ``Jackor`` and ``Jackor > Skaljackor``."""

_OF_THE_PAGE = {
    f"page.product.{name}": Field(
        field.kind, f"merchandising.page_product.{name.removesuffix('.*')}", field.values
    )
    for name, field in PRODUCT.fields.items()
    if name != "id"
}
"""The first product of the page, as of a candidate; nothing where a page is about none."""

_LINE = Vocabulary(
    {
        "product": Field("text", "merchandising.field.line_product", "catalog.products"),
        "quantity": Field("number", "merchandising.field.line_quantity"),
        "at": Field("moment", "merchandising.field.line_at"),
    }
)

SITUATION = Vocabulary(
    {
        "placement": Field("text", "merchandising.field.placement", "placements"),
        "channel": Field("text", "merchandising.field.channel", "channels"),
        "market": Field("text", "merchandising.field.market", "markets"),
        "locale": Field("text", "merchandising.field.locale", "locales"),
        "page.category": Field("texts", "merchandising.field.page_category", "catalog.categories"),
        "page.products": Field("texts", "merchandising.field.page_products", "catalog.products"),
        **_OF_THE_PAGE,
        "page.query": Field("text", "merchandising.field.page_query"),
        "page.url": Field("text", "merchandising.field.page_url"),
        "arrival.kind": Field("text", "merchandising.field.arrival_kind", "arrivals"),
        "arrival.source": Field("text", "merchandising.field.arrival_source"),
        "arrival.campaign": Field("text", "merchandising.field.arrival_campaign"),
        "arrival.phrase": Field("text", "merchandising.field.arrival_phrase"),
        "cart.lines": Field("number", "merchandising.field.cart_lines"),
        "cart.total": Field("money", "merchandising.field.cart_total"),
        "cart.products": Field("texts", "merchandising.field.cart_products", "catalog.products"),
        "person.known": Field("flag", "merchandising.field.person_known"),
        "person.visits": Field("number", "merchandising.field.person_visits"),
        "person.intent": Field("text", "merchandising.field.person_intent", "intents"),
        "person.first_seen": Field("moment", "merchandising.field.person_first_seen"),
        "person.bought": Field("items", "merchandising.field.person_bought", items=_LINE),
        "person.seen": Field("items", "merchandising.field.person_seen", items=_LINE),
        "audience": Field("texts", "merchandising.field.audience", "audiences"),
        "person.traits.*": Field("scalar", "merchandising.field.person_traits", "traits"),
        "time.now": Field("moment", "merchandising.field.time_now"),
        "time.weekday": Field("number", "merchandising.field.time_weekday", "weekdays"),
        "time.hour": Field("number", "merchandising.field.time_hour"),
    }
)
"""Of the moment that asks: weekdays are 1 (Monday) … 7, hours 0 … 23, both in the shop's time zone."""
