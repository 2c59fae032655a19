"""Logging in, and what follows the customer from device to device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from babel.dates import format_date

from expedit.core import parse_time, to_datetime, to_minor
from expedit.demo.storefront.goods import FORMATS, show_money
from expedit.demo.storefront.rendering import Pages, Place
from expedit.demo.storefront.views import Views
from expedit.demo.storefront.visits import Order, User, Visit, Visits
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
    """Return the account page, with the orders of every channel that expedit knows of the customer.

    One placed a moment ago, or while expedit is away, is told by the browser's own visit.
    """
    known = pages.engine.orders("user_id", user.id) or []
    ids = {order["orderId"] for order in known}
    fresh = [order for order in reversed(views.visit.orders) if order.id not in ids]
    return pages.page(
        "account.html",
        views,
        place,
        views.words["account"],
        user=user,
        orders=[*(_fresh(views, order) for order in fresh), *(_known(views, order) for order in known)],
    )


def _fresh(views: Views, order: Order) -> dict[str, object]:
    return _told(views, order.id, order.at, "web", order.goods, order.total, order.currency)


def _known(views: Views, order: dict[str, Any]) -> dict[str, object]:
    currency = order["currency"]
    paid = sum(to_minor(order[part], currency, part) for part in ("value", "shipping"))
    goods = [line["productId"] for line in order["lines"]]
    at = parse_time(order["at"])
    return _told(views, order["orderId"], at, order["channel"], goods, paid, currency, order["status"])


def _told(
    views: Views,
    number: str,
    at: int,
    channel: str,
    goods: Sequence[str],
    paid: int,
    currency: str,
    status: str = "placed",
) -> dict[str, object]:
    return {
        "id": number,
        "date": format_date(to_datetime(at).date(), format="medium", locale=FORMATS[views.locale]),
        "place": views.words.get(f"channel_{channel}", channel),
        "goods": [views.card(views.goods.by_id[one]) for one in goods if one in views.goods.by_id],
        "sum": show_money(paid, currency, views.locale),
        "status": views.words.get(f"order_{status}", ""),
    }
