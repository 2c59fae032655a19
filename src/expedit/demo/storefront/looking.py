"""Addresses for looking around, and for what the shop and expedit know of the visitor."""

from __future__ import annotations

import asyncio

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler

from expedit.core import InvalidInput, NotFound, to_json
from expedit.demo.storefront import browsing, drawer, landing, listing
from expedit.demo.storefront.desk import AnyRequest, Desk, Page, begins_here, form_of, threaded
from expedit.demo.storefront.goods import LOCALES
from expedit.demo.storefront.visits import Consent


def browsing_routes(desk: Desk) -> list[BaseRouteHandler]:
    """Return the addresses for looking around."""
    pages = desk.pages

    @get("/", sync_to_thread=False)
    def front(request: AnyRequest) -> Page:
        asked = request.headers.get("accept-language", "sv").lower()
        wanted = [part.split(";")[0].strip()[:2] for part in asked.split(",")]
        locale = next((code if code != "no" else "nb" for code in wanted if code in {*LOCALES, "no"}), "en")
        return Response(b"", status_code=302, headers={"Location": f"/{locale}/"})

    @get("/{locale:str}/")
    @threaded
    def home(request: AnyRequest, locale: str) -> Page:
        views, place = desk.open(request, locale)
        landed = landing.landing(pages, views, place) if begins_here(request) else None
        return desk.show(place, landed or browsing.home(pages, views, place))

    @get("/{locale:str}/l/{slug:str}")
    @threaded
    def landing_page(request: AnyRequest, locale: str, slug: str) -> Page:
        views, place = desk.open(request, locale)
        content = landing.landing(pages, views, place, slug)
        return desk.go(place, f"/{locale}/") if content is None else desk.show(place, content)

    @get(["/{locale:str}/c", "/{locale:str}/c/{rest:path}"])
    @threaded
    def category(request: AnyRequest, locale: str, rest: str = "") -> Page:
        views, place = desk.open(request, locale)
        chosen = listing.read_chosen(request.query_params.multi_items())
        slugs = tuple(part for part in str(rest).split("/") if part)
        content = listing.category(pages, views, place, slugs, chosen)
        if content is None:
            raise NotFound("/".join(slugs))
        return desk.show(place, content)

    @get("/{locale:str}/p/{product_id:str}")
    @threaded
    def product(request: AnyRequest, locale: str, product_id: str) -> Page:
        views, place = desk.open(request, locale)
        good = pages.goods.by_id.get(product_id)
        if good is None or good.price(views.market.code) is None:
            raise NotFound(product_id)
        return desk.show(place, browsing.product(pages, views, place, good))

    @get("/p/{product_id:str}", sync_to_thread=False)
    def product_in_some_language(product_id: str) -> Page:
        return Response(b"", status_code=302, headers={"Location": f"/sv/p/{product_id}"})

    @get("/{locale:str}/search")
    @threaded
    def search(request: AnyRequest, locale: str, q: str = "") -> Page:
        views, place = desk.open(request, locale)
        return desk.show(place, browsing.search(pages, views, place, q.strip()[:100]))

    @get("/{locale:str}/likes")
    @threaded
    def likes(request: AnyRequest, locale: str) -> Page:
        views, place = desk.open(request, locale)
        return desk.show(place, browsing.likes(pages, views, place))

    @get("/{locale:str}/facts.json", sync_to_thread=False)
    def facts(request: AnyRequest, locale: str) -> Page:
        views, _ = desk.open(request, locale)
        content = {
            good.id: [views.sub(good), [one.hex for one in pages.goods.styles[good.style]][:6]]
            for good in pages.goods.by_id.values()
        }
        return Response(
            to_json(content), media_type="application/json", headers={"Cache-Control": "max-age=600"}
        )

    return [front, home, landing_page, category, product, product_in_some_language, search, likes, facts]


def knowing_routes(desk: Desk) -> list[BaseRouteHandler]:
    """Return the addresses about what is known: consent, favorites, the drawer, a person's rights."""
    pages, visits = desk.pages, desk.visits

    @post("/{locale:str}/consent", status_code=200)
    async def consent(request: AnyRequest, locale: str) -> Page:
        form = await form_of(request)
        _, place = desk.open(request, locale)
        given = Consent(form.get("analytics") == "1", form.get("personalization") == "1")
        visits.change(place.key, consent=given)
        return desk.tell(place, given)

    @post("/{locale:str}/like", status_code=200)
    async def like(request: AnyRequest, locale: str) -> Page:
        form = await form_of(request)
        views, place = desk.open(request, locale)
        good = pages.goods.by_id.get(form.get("product", ""))
        if good is None:
            raise InvalidInput("product", "is not sold here")
        liked = good.id not in views.visit.likes
        rest = tuple(one for one in views.visit.likes if one != good.id)
        visit = visits.change(place.key, likes=(*rest, good.id) if liked else rest)
        return desk.tell(place, {"liked": liked, "likes": visit.likes, "item": views.layer_item(good)})

    @get("/{locale:str}/drawer")
    @threaded
    def show_drawer(request: AnyRequest, locale: str, decision: str = "", item: str = "") -> Page:
        views, place = desk.open(request, locale)
        content = drawer.contents(pages, views, place, decision, item)
        return Response(content.encode(), media_type="text/html", headers={"Cache-Control": "no-store"})

    @get("/{locale:str}/download")
    @threaded
    def download(request: AnyRequest, locale: str) -> Page:
        _, place = desk.open(request, locale)
        return Response(
            to_json(drawer.export(pages, place)),
            media_type="application/json",
            headers={
                "Content-Disposition": 'attachment; filename="expedit.json"',
                "Cache-Control": "no-store",
            },
        )

    @post("/{locale:str}/forget", status_code=200)
    async def forget(request: AnyRequest, locale: str) -> Page:
        views, place = desk.open(request, locale)
        erased = await asyncio.to_thread(drawer.forget, pages, place)
        visits.change(place.key, consent=Consent(False, False), likes=(), user=None, orders=())
        answer = desk.tell(place, {"erased": erased, "locale": views.locale})
        answer.delete_cookie(desk.visitor_cookie)
        return answer

    return [consent, like, show_drawer, download, forget]
