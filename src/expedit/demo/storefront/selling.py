"""Addresses for the cart, the checkout and the account."""

from __future__ import annotations

import asyncio

from litestar import get, post
from litestar.handlers import BaseRouteHandler

from expedit.core import InvalidInput, NotFound, evolve
from expedit.demo.storefront import accounts, buying
from expedit.demo.storefront.desk import AnyRequest, Desk, Page, form_of, threaded, wants_json
from expedit.demo.storefront.visits import new_key


def buying_routes(desk: Desk) -> list[BaseRouteHandler]:
    """Return the addresses for buying."""
    pages, visits = desk.pages, desk.visits

    @get("/{locale:str}/cart")
    @threaded
    def cart(request: AnyRequest, locale: str) -> Page:
        views, place = desk.open(request, locale)
        return desk.show(place, buying.cart(pages, views, place))

    @post("/{locale:str}/cart/add", status_code=200)
    async def add(request: AnyRequest, locale: str) -> Page:
        form = await form_of(request)
        views, place = desk.open(request, locale)
        visit, good, layer = buying.add(pages, visits, views, place.key, form.get("variant", ""))
        if not wants_json(request):
            visits.change(place.key, events=(*visit.events, ("add_to_cart", layer)))
            return desk.go(place, f"/{locale}/cart")
        card = views.card(good)
        return desk.tell(
            place,
            {
                "count": sum(visit.cart.values()),
                "ecommerce": layer,
                "title": card["title"],
                "image": card["image"],
            },
        )

    @post("/{locale:str}/cart/change", status_code=200)
    async def change(request: AnyRequest, locale: str) -> Page:
        form = await form_of(request)
        views, place = desk.open(request, locale)
        quantity = form.get("quantity", "")
        if not quantity.lstrip("-").isdecimal():
            raise InvalidInput("quantity", f"{quantity[:20]!r} is no number")
        buying.change(pages, visits, views, place.key, form.get("variant", ""), int(quantity))
        return desk.go(place, f"/{locale}/cart")

    return [cart, add, change]


def checkout_routes(desk: Desk) -> list[BaseRouteHandler]:
    """Return the addresses for paying."""
    pages, visits = desk.pages, desk.visits

    @get("/{locale:str}/checkout")
    @threaded
    def checkout(request: AnyRequest, locale: str) -> Page:
        views, place = desk.open(request, locale)
        if not views.visit.cart:
            return desk.go(place, f"/{locale}/cart")
        return desk.show(place, buying.checkout(pages, views, place, {}, {}))

    @post("/{locale:str}/checkout", status_code=200)
    async def buy(request: AnyRequest, locale: str) -> Page:
        form = await form_of(request)
        views, place = desk.open(request, locale)
        if not views.visit.cart:
            return desk.go(place, f"/{locale}/cart")
        errors = buying.check(views, form)
        if errors:
            return desk.show(place, buying.checkout(pages, views, place, form, errors), 400)
        order = buying.place_order(pages, visits, views, place.key)
        return desk.go(place, f"/{locale}/thanks/{order.id}")

    @get("/{locale:str}/thanks/{number:str}")
    @threaded
    def thanks(request: AnyRequest, locale: str, number: str) -> Page:
        views, place = desk.open(request, locale)
        content = buying.thanks(pages, views, place, number)
        if content is None:
            raise NotFound(number)
        return desk.show(place, content)

    return [checkout, buy, thanks]


def account_routes(desk: Desk) -> list[BaseRouteHandler]:
    """Return the addresses for logging in."""
    pages, visits = desk.pages, desk.visits

    @get("/{locale:str}/login")
    @threaded
    def login(request: AnyRequest, locale: str) -> Page:
        views, place = desk.open(request, locale)
        return desk.show(place, accounts.login_page(pages, views, place, desk.people))

    @post("/{locale:str}/login", status_code=200)
    async def log_in(request: AnyRequest, locale: str) -> Page:
        form = await form_of(request)
        views, place = desk.open(request, locale)
        user = accounts.user_of(form.get("email", ""), desk.people)
        if user is None:
            error = views.words["email_wrong"]
            return desk.show(place, accounts.login_page(pages, views, place, desk.people, error), 400)
        # It asks expedit, which this very event loop may be serving.
        await asyncio.to_thread(accounts.log_in, pages, visits, place.key, views.visit, user)
        return desk.go(place, f"/{locale}/account")

    @post("/{locale:str}/logout", status_code=200)
    async def log_out(request: AnyRequest, locale: str) -> Page:
        views, place = desk.open(request, locale)
        # A new cookie: what the next person on this device does is theirs alone.
        fresh = evolve(place, key=new_key())
        visits.change(fresh.key, consent=views.visit.consent, events=(("logout", {}),))
        return desk.go(fresh, f"/{locale}/")

    @get("/{locale:str}/account")
    @threaded
    def account(request: AnyRequest, locale: str) -> Page:
        views, place = desk.open(request, locale)
        if views.visit.user is None:
            return desk.go(place, f"/{locale}/login")
        return desk.show(place, accounts.account(pages, views, place, views.visit.user))

    return [login, log_in, log_out, account]
