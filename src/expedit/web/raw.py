"""Raw ASGI routes for the hottest paths: no framework between the bytes and the answer."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import parse_qs

import structlog

from expedit.core import InvalidInput, Struct, TooLarge
from expedit.web.problems import PROBLEM_TYPE, RETRY_AFTER_SECONDS, encode_problem, problem_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = structlog.get_logger("web")
_JSON = b"application/json"


class RawRequest:
    """What a raw route is told of a request.

    Parameters
    ----------
    scope
        The ASGI connection scope.
    body
        The whole body, unpacked if it came gzipped.
    """

    __slots__ = ("body", "method", "path", "scope")

    def __init__(self, scope: Scope, body: bytes) -> None:
        self.scope = scope
        self.body = body
        self.method: str = scope["method"]
        self.path: str = scope["path"]

    def header(self, name: bytes) -> str:
        """Return the header `name` (lower-case), or an empty string."""
        for key, value in self.scope["headers"]:
            if key == name:
                return str(value, "latin-1")
        return ""

    def cookie(self, name: str) -> str:
        """Return the cookie `name`, or an empty string."""
        for pair in self.header(b"cookie").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value
        return ""

    def query(self, name: str) -> str:
        """Return the query parameter `name`, or an empty string."""
        found = self.scope["query_string"]
        return parse_qs(found.decode("latin-1")).get(name, [""])[0] if found else ""


class Answer(Struct, frozen=True):
    """What a raw route answers."""

    body: bytes
    status: int = 200
    content_type: bytes = _JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handle = Callable[[RawRequest], Awaitable[Answer]]


class RawRoute(Struct, frozen=True):
    """One exact path served without the framework.

    Parameters
    ----------
    path
        The whole path, as ``/v1/batch``.
    handle
        Awaited with the request; errors that it raises become problem documents.
    methods
        Other methods are answered with 405, OPTIONS by the route itself.
    body_limit
        Largest body in bytes, before and after gunzip.
    accepts, answers
        Types of body and answer, for the OpenAPI document.
    summary
        One line for the OpenAPI document.
    cors
        Whether pages on other hosts may call it (public routes).
    """

    path: str
    handle: Handle
    methods: tuple[str, ...] = ("POST",)
    body_limit: int = 512_000
    accepts: Any = None
    answers: Any = None
    summary: str = ""
    cors: bool = True


class RawRoutes:
    """Serves raw routes by exact path and hands everything else to `fallback`.

    Parameters
    ----------
    routes
        The routes; two of the same path are a mistake.
    fallback
        The application for all other paths.
    allowed_origins
        Origins on other hosts that may send cookies; others are answered without credentials.
    """

    def __init__(self, routes: Sequence[RawRoute], fallback: Asgi, allowed_origins: Sequence[str]) -> None:
        self._routes: Mapping[str, RawRoute] = {route.path: route for route in routes}
        if len(self._routes) != len(routes):
            raise ValueError("two raw routes share a path")
        self._fallback = fallback
        self._origins = frozenset(origin.encode() for origin in allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await self._fallback(scope, receive, send)
            return
        headers = self._cors(scope) if route.cors else ()
        method = scope["method"]
        if method in route.methods:
            try:
                answer = await route.handle(
                    RawRequest(scope, await read_body(scope, receive, route.body_limit))
                )
            except (
                Exception
            ) as error:  # the edge: everything becomes an answer, the unforeseen a log line too
                answer = _failed(error, route.path)
        elif method == "OPTIONS":
            answer = Answer(b"", 204, headers=_preflight(scope, route))
        else:
            answer = Answer(b"", 405, headers=((b"allow", ", ".join(route.methods).encode()),))
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (b"content-type", answer.content_type),
                    (b"content-length", str(len(answer.body)).encode()),
                    *headers,
                    *answer.headers,
                ],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    def _cors(self, scope: Scope) -> tuple[tuple[bytes, bytes], ...]:
        for key, value in scope["headers"]:
            if key == b"origin":
                if value in self._origins:
                    return (
                        (b"access-control-allow-origin", value),
                        (b"access-control-allow-credentials", b"true"),
                        (b"vary", b"origin"),
                    )
                return ((b"access-control-allow-origin", b"*"),)
        return ()


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the whole body, unpacked when it came gzipped, of at most `limit` bytes.

    Raises
    ------
    TooLarge
        When it is longer, packed or unpacked.
    InvalidInput
        When the gzip data is broken.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts = [body]
        size = len(body)
        while message.get("more_body"):
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise TooLarge("", f"the body is larger than {limit} bytes")
        body = b"".join(parts)
    if len(body) > limit:
        raise TooLarge("", f"the body is larger than {limit} bytes")
    if body[:2] == b"\x1f\x8b" and (b"content-encoding", b"gzip") in scope["headers"]:
        body = _gunzip(body, limit)
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise InvalidInput("", f"the body is not valid gzip: {error}") from None
    if len(unpacked) > limit:
        raise TooLarge("", f"the body unpacks to more than {limit} bytes")
    if not unpacker.eof:
        raise InvalidInput("", "the gzip body ends too early")
    return unpacked


def _failed(error: Exception, path: str) -> Answer:
    problem = problem_of(error)
    if problem.status >= 500 and problem.status != 503:
        _log.error("request failed", path=path, exc_info=error)
    retry = ((b"retry-after", str(RETRY_AFTER_SECONDS).encode()),) if problem.status == 503 else ()
    return Answer(encode_problem(problem), problem.status, PROBLEM_TYPE.encode(), retry)


def _preflight(scope: Scope, route: RawRoute) -> tuple[tuple[bytes, bytes], ...]:
    asked = next((value for key, value in scope["headers"] if key == b"access-control-request-headers"), b"")
    return (
        (b"access-control-allow-methods", ", ".join((*route.methods, "OPTIONS")).encode()),
        (b"access-control-allow-headers", asked or b"content-type, authorization"),
        (b"access-control-max-age", b"86400"),
    )
