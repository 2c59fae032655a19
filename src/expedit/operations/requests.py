"""Around every request: an id that its log lines carry, a meter, a line in the access log, a trace."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from time import perf_counter
from typing import Any

import structlog

from expedit.operations.meters import Meters
from expedit.operations.tracing import Tracer
from expedit.web import Asgi, Receive, Scope, Send

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request being answered; empty outside of one."""

_LONGEST_ID = 64
_TOLD_EVERY_SECONDS = 0.1
_OTHER = "other"
_log = structlog.get_logger("access")


class Watched:
    """An application whose requests are counted, timed and named.

    Parameters
    ----------
    application
        What answers.
    meters
        What counts.
    routes
        Exact paths that are a route of their own; other requests are counted by the template that the
        framework found, and those of no route together, so that nobody can invent labels.
    access_log
        Whether each request leaves a line: its route (never the path, in which an id may stand), status,
        milliseconds.
    tracer
        Makes a span of each request, if there is one.
    enter
        Called with the state of the server at its start.
    """

    def __init__(
        self,
        application: Asgi,
        meters: Meters,
        routes: frozenset[str],
        *,
        access_log: bool = False,
        tracer: Tracer | None = None,
        enter: Callable[[MutableMapping[str, Any]], None] | None = None,
    ) -> None:
        self._application = application
        self._meters = meters
        self._routes = routes
        self._access_log = access_log
        self._tracer = tracer
        self._enter = enter
        self._prefix = os.urandom(6).hex()
        self._number = itertools.count(1)
        self._inside = 0
        self._told = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            if self._enter is not None and scope["type"] == "lifespan" and "state" in scope:
                self._enter(scope["state"])
            await self._application(scope, receive, send)
            return
        if self._tracer is None:
            await self._answer(scope, receive, send, None)
            return
        with self._tracer.request(scope) as told:
            await self._answer(scope, receive, send, told)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, told: Callable[[str, int], None] | None
    ) -> None:
        name = _given_id(scope) or f"{self._prefix}-{next(self._number):x}"
        request_id.set(name)
        header = (b"x-request-id", name.encode())
        status = 500
        began = perf_counter()
        self._inside += 1
        if began - self._told > _TOLD_EVERY_SECONDS:
            self._told = began
            self._meters.in_flight.set(self._inside)

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        try:
            await self._application(scope, receive, sending)
        finally:
            seconds = perf_counter() - began
            self._inside -= 1
            if not self._inside:
                self._meters.in_flight.set(0)
            path = scope["path"]
            route = path if path in self._routes else scope.get("path_template") or _OTHER
            self._meters.answered(route, _method(scope), status, seconds)
            if told is not None:
                told(route, status)
            if self._access_log:
                _log.info(
                    "request",
                    method=_method(scope),
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 2),
                )


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else _OTHER


def _given_id(scope: Scope) -> str:
    """Return the id that a proxy gave the request, if it is one that can be trusted in a log."""
    for key, value in scope["headers"]:
        if key == b"x-request-id":
            text: str = value.decode("latin-1")
            plain = text.replace("-", "").replace("_", "")
            return text if len(text) <= _LONGEST_ID and plain.isascii() and plain.isalnum() else ""
    return ""
