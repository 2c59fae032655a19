"""Segment's envelopes, as a shop would send them from its site, its app, its mails and its tills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from expedit.core import format_time
from expedit.demo.world.model import MARKET_LOCALES, DemoProduct, DemoVariant
from expedit.demo.world.people import Person

Line = tuple[DemoProduct, DemoVariant, int]
Envelope = dict[str, object]
SITE = "https://fjallfjord.example"
_COUNTRY = {"SE": "SE", "NO": "NO", "EU": "GB"}
_GA4 = {
    "Product Viewed": "view_item",
    "Product List Viewed": "view_item_list",
    "Product Added": "add_to_cart",
    "Product Removed": "remove_from_cart",
    "Cart Viewed": "view_cart",
    "Checkout Started": "begin_checkout",
    "Order Completed": "purchase",
    "Product Added to Wishlist": "add_to_wishlist",
}
FREE_SHIPPING = {"SEK": 89900, "NOK": 89900, "EUR": 9000}
SHIPPING = {"SEK": 4900, "NOK": 5900, "EUR": 695}


class Writer:
    """Collects envelopes in the order that they are made; ids tell the seed and the running number.

    The app speaks GA4's names and the site Segment's, so that both are seen.
    """

    def __init__(self, seed: int) -> None:
        self.envelopes: list[tuple[int, Envelope]] = []
        self._seed = seed
        self._contexts: dict[tuple[int, str, str], dict[str, object]] = {}

    def call(
        self,
        person: Person,
        at: int,
        device: str | None,
        channel: str,
        event: str | None,
        properties: Envelope | None = None,
        *,
        kind: str = "track",
        page: str | None = None,
        traits: Envelope | None = None,
    ) -> None:
        """Add one call."""
        context = self._context(person, channel)
        envelope: Envelope = {
            "type": kind,
            "messageId": f"demo-{self._seed}-{len(self.envelopes):06d}",
            "timestamp": format_time(at),
            "context": {**context, "page": {"url": f"{SITE}{page}"}} if page else context,
        }
        if device is not None:
            envelope["anonymousId"] = device
        if (
            person.user_id is not None
            and (device is None or device in person.logged_in)
            and channel != "store"
        ):
            envelope["userId"] = person.user_id
        if event is not None:
            envelope["event"] = _GA4.get(event, event) if channel == "app" else event
        if properties is not None:
            envelope["properties"] = properties
        if traits is not None:
            envelope["traits"] = traits
        self.envelopes.append((at, envelope))

    def _context(self, person: Person, channel: str) -> dict[str, object]:
        key = (person.number, channel, person.market)
        if key not in self._contexts:
            locale = MARKET_LOCALES[person.market]
            self._contexts[key] = {
                "market": person.market,
                "channel": channel,
                "locale": f"{locale}-{_COUNTRY[person.market]}",
                "consent": person.consent,
            }
        return self._contexts[key]

    def product(self, person: Person, at: int, device: str, channel: str, event: str, line: Line) -> None:
        """Add an event about one product."""
        product, variant, quantity = line
        offer = product.offers[person.market]
        price = offer.selling(at) / 100
        properties: Envelope
        if channel == "app":
            item = {"item_id": product.id, "price": price, "quantity": quantity}
            if event == "Product Added":
                item["item_variant"] = variant.id
            properties = {"currency": offer.currency, "value": price * quantity, "items": [item]}
        else:
            properties = {"product_id": product.id, "price": price, "currency": offer.currency}
            if event != "Product Viewed":
                properties |= {"sku": variant.sku, "quantity": quantity}
        self.call(person, at, device, channel, event, properties, page=f"/p/{product.id}")

    def listing(
        self, person: Person, at: int, device: str, channel: str, name: str, products: Sequence[DemoProduct]
    ) -> None:
        """Add a view of a category's list."""
        properties: Envelope = {"list_id": name, "category": name}
        if channel == "app":
            properties["items"] = [{"item_id": product.id, "index": k} for k, product in enumerate(products)]
        else:
            properties["products"] = [
                {"product_id": product.id, "position": k + 1} for k, product in enumerate(products)
            ]
        self.call(person, at, device, channel, "Product List Viewed", properties, page=f"/c/{name}")

    def order(
        self,
        person: Person,
        at: int,
        device: str | None,
        channel: str,
        order_id: str,
        lines: Iterable[Line],
        store: str | None,
    ) -> int:
        """Add a purchase; return its total in minor units."""
        total, products = 0, []
        currency = ""
        for product, variant, quantity in lines:
            offer = product.offers[person.market]
            currency = offer.currency
            price = offer.selling(at)
            total += price * quantity
            products.append(
                {
                    "item_id": product.id,
                    "item_variant": variant.id,
                    "price": price / 100,
                    "quantity": quantity,
                }
                if channel == "app"
                else {
                    "product_id": product.id,
                    "sku": variant.sku,
                    "price": price / 100,
                    "quantity": quantity,
                }
            )
        shipping = 0 if store or total >= FREE_SHIPPING[currency] else SHIPPING[currency]
        properties: Envelope = {
            "transaction_id" if channel == "app" else "order_id": order_id,
            "currency": currency,
            "value" if channel == "app" else "revenue": total / 100,
            "shipping": shipping / 100,
            "items" if channel == "app" else "products": products,
        }
        if store:
            properties["store"] = store
            if person.loyalty_id:
                properties["loyalty_id"] = person.loyalty_id
        elif person.email:
            properties["email"] = person.email
        self.call(person, at, device, channel, "Order Completed", properties)
        return total
