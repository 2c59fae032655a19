"""What every address of the storefront needs: who asks, and how to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

import structlog
from litestar import Request, Response
from litestar.datastructures import Cookie, State

from expedit.core import Clock, NotFound, evolve, to_json
from expedit.demo.storefront.goods import LOCALES
from expedit.demo.storefront.rendering import Pages, Place
from expedit.demo.storefront.views import Views
from expedit.demo.storefront.visits import COOKIE, Visits, new_key
from expedit.demo.world import Known

P = ParamSpec("P")
_log = structlog.get_logger("storefront")

AnyRequest = Request[Any, Any, State]
Page = Response[bytes]


class Desk:
    """What every handler needs: who asks, and how to answer."""

    def __init__(
        self,
        pages: Pages,
        visits: Visits,
        people: tuple[Known, ...],
        visitor_cookie: str,
        clock: Clock,
    ) -> None:
        self.pages = pages
        self.visits = visits
        self.people = people
        self.visitor_cookie = visitor_cookie
        self._clock = clock

    def open(self, request: AnyRequest, locale: str) -> tuple[Views, Place]:
        """Return the views and place of a request, or raise `NotFound` for an unknown language."""
        if locale not in LOCALES:
            raise NotFound(locale)
        key = request.cookies.get(COOKIE) or new_key()
        place = Place(key, request.cookies.get(self.visitor_cookie, ""), request.url.path)
        came_from = request.headers.get("referer", "")
        if begins_here(request):
            visit = self.visits.get(key)
            promised = any(name.startswith("utm_") for name in request.query_params)
            if came_from or promised or not visit.arrived[0]:
                self.visits.put(key, evolve(visit, arrived=(str(request.url), came_from)))
        return self.pages.views(locale, self.visits.get(key), self._clock()), place

    def show(self, place: Place, content: str, status: int = 200) -> Page:
        """Answer with a page; what it had to tell the data layer is told."""
        visit = self.visits.get(place.key)
        if visit.events and status == 200:
            self.visits.put(place.key, evolve(visit, events=()))
        return Response(
            content.encode(),
            status_code=status,
            media_type="text/html",
            cookies=[self._cookie(place.key)],
            headers={"Cache-Control": "no-store"},
        )

    def go(self, place: Place, url: str) -> Page:
        """Answer with another address, by GET."""
        return Response(b"", status_code=303, headers={"Location": url}, cookies=[self._cookie(place.key)])

    def tell(self, place: Place, value: object) -> Page:
        """Answer a script with JSON."""
        return Response(to_json(value), media_type="application/json", cookies=[self._cookie(place.key)])

    def missing(self, request: AnyRequest, _: Exception) -> Page:
        """Answer that there is no such page, in the visitor's language."""
        locale = request.url.path.split("/")[1]
        views, place = self.open(request, locale if locale in LOCALES else "sv")
        return self.show(place, self.pages.page("missing.html", views, place, views.words["not_found"]), 404)

    def failed(self, request: AnyRequest, error: Exception) -> Page:
        """Answer a page that failed, and leave word in the log."""
        _log.error("page failed", path=request.url.path, exc_info=error)
        return Response(b"", status_code=500, media_type="text/plain")

    def refused(self, _: AnyRequest, error: Exception) -> Page:
        """Answer a form that cannot be taken."""
        return Response(to_json({"error": str(error)}), status_code=400, media_type="application/json")

    def _cookie(self, key: str) -> Cookie:
        # The cart's own cookie: strictly necessary for what the visitor asked for, so it needs no consent.
        return Cookie(COOKIE, value=key, httponly=True, samesite="lax", max_age=90 * 86400)


def begins_here(request: AnyRequest) -> bool:
    """Tell whether no page of the shop led to this one."""
    came_from = urlsplit(request.headers.get("referer", "")).netloc
    return request.method == "GET" and came_from != request.url.netloc


async def form_of(request: AnyRequest) -> Mapping[str, str]:
    """Return the text fields of a posted form."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def wants_json(request: AnyRequest) -> bool:
    """Tell whether a script asks, not a form."""
    return "application/json" in request.headers.get("accept", "")


def threaded(handler: Callable[P, Page]) -> Callable[P, Awaitable[Page]]:
    """Run a handler in a thread, since it waits for expedit, which may be served by this very event loop."""

    @wraps(handler)
    async def run(*args: P.args, **kwargs: P.kwargs) -> Page:
        return await asyncio.to_thread(handler, *args, **kwargs)

    return run
