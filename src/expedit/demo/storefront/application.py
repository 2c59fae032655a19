"""The storefront as an ASGI application, beside expedit's."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from pathlib import Path

from litestar import Litestar, Response, get
from litestar.handlers import BaseRouteHandler

from expedit.core import Clock, InvalidInput, NotFound
from expedit.demo.storefront.desk import Desk, Page, threaded
from expedit.demo.storefront.looking import browsing_routes, knowing_routes
from expedit.demo.storefront.rendering import Pages
from expedit.demo.storefront.selling import account_routes, buying_routes, checkout_routes
from expedit.demo.storefront.visits import Visits
from expedit.demo.world import Known
from expedit.web import Asgi, Receive, Scope, Send

Picture = Callable[[str], bytes]

_STATIC = Path(__file__).parent / "static"
_ENGINE_PATHS = (
    "/v1/",
    "/panel",
    "/l/",
    "/expedit.js",
    "/expedit-consent.js",
    "/expedit-pick.js",
    "/sourceConfig",
    "/healthz",
    "/readyz",
    "/metrics",
)


def create_storefront(
    pages: Pages, picture: Picture, people: tuple[Known, ...], visitor_cookie: str, clock: Clock
) -> Asgi:
    """Return the storefront as an application of its own.

    Parameters
    ----------
    pages
        Renders pages.
    picture
        Gives a picture's WebP bytes by file name; raises `NotFound`.
    people
        Pretend customers for the login page.
    visitor_cookie
        Name of expedit's first-party cookie.
    clock
        The present moment.
    """
    desk = Desk(pages, Visits(), people, visitor_cookie, clock)
    return Litestar(  # type: ignore[return-value]
        route_handlers=[
            *browsing_routes(desk),
            *knowing_routes(desk),
            *buying_routes(desk),
            *checkout_routes(desk),
            *account_routes(desk),
            *_files(picture),
        ],
        exception_handlers={
            Exception: desk.failed,
            NotFound: desk.missing,
            404: desk.missing,
            InvalidInput: desk.refused,
        },
        openapi_config=None,
        logging_config=None,
    )


def beside(storefront: Asgi, engine: Asgi) -> Asgi:
    """Return one application: expedit under its own paths, the storefront everywhere else."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        shop = scope["type"] == "http" and not scope["path"].startswith(_ENGINE_PATHS)
        await (storefront if shop else engine)(scope, receive, send)

    return application


def _files(picture: Picture) -> list[BaseRouteHandler]:
    @get("/static/{name:path}")
    @threaded
    def static(name: str) -> Page:
        path = (_STATIC / str(name).lstrip("/")).resolve()
        if _STATIC not in path.parents or not path.is_file():
            raise NotFound(str(name))
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Response(path.read_bytes(), media_type=kind, headers={"Cache-Control": "max-age=300"})

    @get("/pictures/{name:str}")
    @threaded
    def show_picture(name: str) -> Page:
        kind = "image/svg+xml" if name.endswith(".svg") else "image/webp"
        return Response(picture(name), media_type=kind, headers={"Cache-Control": "max-age=86400, immutable"})

    return [static, show_picture]
