"""Logging in, and what follows the customer from device to device."""

from __future__ import annotations

from babel.dates import format_date

from expedit.core import to_datetime
from expedit.demo.storefront.goods import FORMATS
from expedit.demo.storefront.rendering import Pages, Place
from expedit.demo.storefront.views import Views
from expedit.demo.storefront.visits import User, Visit, Visits
from expedit.demo.world import Known


def login_page(pages: Pages, views: Views, place: Place, people: tuple[Known, ...], error: str = "") -> str:
    """Return the login page."""
    shown = [{"email": one.email, "name": one.name, "about": one.about[views.locale]} for one in people]
    return pages.page("login.html", views, place, views.words["login"], people=shown, error=error)


def user_of(email: str, people: tuple[Known, ...]) -> User | None:
    """Return who logs in with an address; None when it is none."""
    address = email.strip().lower()
    for one in people:
        if one.email == address:
            return User(one.user_id, one.email, one.name)
    name, at, host = address.partition("@")
    if not (name and at and "." in host):
        return None
    return User(f"customer:{address}", address, name.split(".")[0].capitalize())


def log_in(pages: Pages, visits: Visits, key: str, visit: Visit, user: User) -> Visit:
    """Log in, and bring along the cart that expedit knows from the person's other devices."""
    cart = dict(visit.cart)
    person = pages.engine.person("user_id", user.id) or {}
    for line in (person.get("profile") or {}).get("cart") or []:
        variant = line.get("variant")
        if variant in pages.goods.variants and variant not in cart:
            cart[variant] = line["quantity"]
    event = ("login", {"method": "email"})
    return visits.change(key, user=user, cart=cart, events=(*visit.events, event))


def account(pages: Pages, views: Views, place: Place, user: User) -> str:
    """Return the account page, with the orders placed in this browser."""
    orders = [
        {
            "id": order.id,
            "date": format_date(to_datetime(order.at).date(), format="medium", locale=FORMATS[views.locale]),
            "items": order.quantity,
            "sum": views.money(order.total),
        }
        for order in reversed(views.visit.orders)
        if order.currency == views.market.currency
    ]
    return pages.page("account.html", views, place, views.words["account"], user=user, orders=orders)
