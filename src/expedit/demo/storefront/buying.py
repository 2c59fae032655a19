"""The pages where people buy: cart, checkout, thanks; and what they do to a visit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expedit.core import InvalidInput, new_id
from expedit.demo.storefront.goods import Good, Size
from expedit.demo.storefront.rendering import Pages, Place
from expedit.demo.storefront.views import Views
from expedit.demo.storefront.visits import DataLayerEvent, Order, Visit, Visits

_MOST_OF_ONE = 20
_FIELDS = ("email", "name", "street", "postal", "city")


def cart(pages: Pages, views: Views, place: Place) -> str:
    """Return the cart."""
    items = _layer_items(pages, views)
    return pages.page(
        "cart.html",
        views,
        place,
        views.words["cart"],
        lines=views.lines(),
        totals=views.totals(),
        events=[("view_cart", views.ecommerce(items))],
    )


def add(
    pages: Pages, visits: Visits, views: Views, key: str, variant: str
) -> tuple[Visit, Good, dict[str, Any]]:
    """Put one variant into the cart; return the visit, the product and what the data layer hears.

    Raises
    ------
    InvalidInput
        When the shop has no such variant, or none left.
    """
    good, size = find(pages, variant)
    if size.stock.get("web", 0) <= 0:
        raise InvalidInput("variant", f"{variant} is sold out")
    held = views.visit.cart.get(variant, 0)
    visit = visits.change(key, cart={**views.visit.cart, variant: min(held + 1, _MOST_OF_ONE)})
    return visit, good, views.ecommerce([views.layer_item(good, variant)])


def change(pages: Pages, visits: Visits, views: Views, key: str, variant: str, quantity: int) -> Visit:
    """Set how many of a variant are in the cart; 0 takes it out. The next page tells the data layer."""
    good, _ = find(pages, variant)
    wanted = max(0, min(quantity, _MOST_OF_ONE))
    before = views.visit.cart.get(variant, 0)
    cart = {**views.visit.cart, variant: wanted}
    if not wanted:
        cart.pop(variant)
    events: list[DataLayerEvent] = []
    if wanted != before:
        item = views.layer_item(good, variant, abs(wanted - before))
        events.append(("add_to_cart" if wanted > before else "remove_from_cart", views.ecommerce([item])))
    return visits.change(key, cart=cart, events=(*views.visit.events, *events))


def find(pages: Pages, variant: str) -> tuple[Good, Size]:
    """Return the product and size of a variant, or complain."""
    if variant not in pages.goods.variants:
        raise InvalidInput("variant", f"{variant[:40]!r} is not sold here")
    return pages.goods.variants[variant]


def checkout(
    pages: Pages, views: Views, place: Place, given: Mapping[str, str], errors: Mapping[str, str]
) -> str:
    """Return the checkout, filled with what is known."""
    user = views.visit.user
    known = {"email": user.email, "name": user.name} if user else {}
    return pages.page(
        "checkout.html",
        views,
        place,
        views.words["checkout_title"],
        lines=views.lines(),
        totals=views.totals(),
        given={name: given.get(name) or known.get(name, "") for name in _FIELDS},
        errors={name: errors.get(name, "") for name in _FIELDS},
        events=[] if errors else [("begin_checkout", views.ecommerce(_layer_items(pages, views)))],
    )


def check(views: Views, given: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with a checkout form, by field."""
    errors = {name: views.words["required"] for name in _FIELDS if not given.get(name, "").strip()}
    email = given.get("email", "").strip()
    if email and ("@" not in email[1:] or "." not in email.rpartition("@")[2]):
        errors["email"] = views.words["email_wrong"]
    return errors


def place_order(pages: Pages, visits: Visits, views: Views, key: str) -> Order:
    """Turn the cart into an order; the next page tells the data layer."""
    totals = views.totals()
    number = f"FF{int(new_id(views.now)[-8:], 16) % 10_000_000:07d}"
    goods = tuple(pages.goods.variants[variant][0].id for variant in views.visit.cart)
    order = Order(number, views.now, goods, totals["due_minor"], views.market.currency)
    purchase = views.ecommerce(
        _layer_items(pages, views), transaction_id=number, shipping=totals["freight_minor"] / 100
    )
    visits.change(
        key,
        cart={},
        orders=(*views.visit.orders, order),
        events=(*views.visit.events, ("purchase", purchase)),
    )
    return order


def thanks(pages: Pages, views: Views, place: Place, number: str) -> str | None:
    """Return the page after an order; None when this visit has no such order."""
    order = next((one for one in views.visit.orders if one.id == number), None)
    if order is None:
        return None
    return pages.page("thanks.html", views, place, views.words["thanks"], order=order)


def _layer_items(pages: Pages, views: Views) -> list[dict[str, Any]]:
    return [
        views.layer_item(pages.goods.variants[variant][0], variant, quantity)
        for variant, quantity in views.visit.cart.items()
    ]
