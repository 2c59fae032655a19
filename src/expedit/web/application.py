"""The ASGI application: raw routes in front, typed Litestar handlers behind, one OpenAPI document of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import structlog
from litestar import Litestar, Request, Response, route
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from expedit.core import ExpeditError, InvalidInput
from expedit.web.admission import Gate
from expedit.web.connections import Guard
from expedit.web.problems import (
    PROBLEM_TYPE,
    FieldError,
    Problem,
    encode_problem,
    problem_of,
    retry_after,
)
from expedit.web.raw import Asgi, RawRoute, RawRoutes

Route = RawRoute | BaseRouteHandler
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

_log = structlog.get_logger("web")


class _Asked(Request[Any, Any, Any]):
    """A request whose body is refused as bad input when it is nested too deeply to be read."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except RecursionError:
            raise InvalidInput("", "the body is nested too deeply") from None


def build_application(
    routes: Sequence[Route],
    *,
    version: str,
    allowed_origins: Sequence[str] = (),
    lifespan: Sequence[Lifespan] = (),
    gate: Gate | None = None,
    guard: Guard | None = None,
) -> Asgi:
    """Return one ASGI application of all `routes`.

    Raw routes are matched first, by exact path; each also stands in the OpenAPI document
    (``/v1/schema/openapi.json``) by the types that it declares.

    Parameters
    ----------
    gate
        Lets requests for the typed handlers in; raw routes name their own.
    guard
        Looks after the connections of this process.
    """
    raw = [item for item in routes if isinstance(item, RawRoute)]
    typed = [item for item in routes if not isinstance(item, RawRoute)]
    litestar = Litestar(
        route_handlers=[
            *typed,
            *(one for item in raw if item.answers is not None for one in _documented(item)),
        ],
        request_class=_Asked,
        exception_handlers={Exception: _answer_error},
        openapi_config=OpenAPIConfig(
            title="expedit",
            version=version,
            path="/v1/schema",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        lifespan=list(lifespan),
        logging_config=None,
    )
    return RawRoutes(raw, cast("Asgi", litestar), allowed_origins, gate=gate, guard=guard)


def _documented(item: RawRoute) -> list[BaseRouteHandler]:
    """Return typed handlers of the same shape, one a method; none is reached: the raw route stands before."""
    return [_documented_method(item, method) for method in item.methods]


def _documented_method(item: RawRoute, method: str) -> BaseRouteHandler:

    async def handler(data: Any) -> Any:  # noqa: ARG001  (a name that Litestar reads)
        raise AssertionError(f"the raw route {item.path} did not answer")

    async def bodiless() -> Any:
        raise AssertionError(f"the raw route {item.path} did not answer")

    has_body = item.accepts is not None and method != "GET"
    chosen = handler if has_body else bodiless
    name = item.path.strip("/").replace("/", "_").replace("-", "_").replace(".", "_")
    chosen.__name__ = name if method == item.methods[-1] else f"{method.lower()}_{name}"
    chosen.__annotations__ = {"return": item.answers}
    if has_body:
        chosen.__annotations__["data"] = item.accepts
    return route(item.path, http_method=[method], summary=item.summary, status_code=200)(chosen)  # type: ignore[list-item]


def _answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    if isinstance(error, HTTPException) and not isinstance(error, ExpeditError):
        problem = _problem_of_framework(error)
    else:
        problem = problem_of(error)
    if problem.status == 500:
        _log.error("request failed", path=request.url.path, exc_info=error)
    seconds = retry_after(error)
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return Response(
        encode_problem(problem), status_code=problem.status, media_type=PROBLEM_TYPE, headers=headers
    )


def _problem_of_framework(error: HTTPException) -> Problem:
    """Return the document of what the framework found; its detail is the first reason, where there is one."""
    fields = _fields_at_fault(error)
    detail = str(InvalidInput(fields[0].field, fields[0].reason)) if fields else error.detail
    return Problem("about:blank", error.__class__.__name__, error.status_code, detail, fields)


def _fields_at_fault(error: HTTPException) -> tuple[FieldError, ...]:
    """Return the fields that the framework found at fault, as `Problem` tells them."""
    found = error.extra if isinstance(error.extra, list) else []
    return tuple(
        FieldError(str(one.get("key", "")).removeprefix("data").removeprefix("."), str(one["message"]))
        for one in found
        if isinstance(one, dict) and "message" in one
    )
