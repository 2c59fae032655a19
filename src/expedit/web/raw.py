"""Raw ASGI routes for the hottest paths: no framework between the bytes and the answer."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import parse_qs

import structlog

from expedit.core import InvalidInput, Struct, TooLarge
from expedit.web.admission import Gate
from expedit.web.connections import Guard
from expedit.web.problems import PROBLEM_TYPE, encode_problem, problem_of, retry_after
from expedit.web.refusing import BUSY, RETRY_SECONDS, pace_refusal, problem_bytes, retry_seconds

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = structlog.get_logger("web")
_JSON = b"application/json"
_BUSY = problem_bytes(503, "Unavailable", BUSY)
_BUSY_HEAD = {
    seconds: (
        (b"content-type", PROBLEM_TYPE.encode()),
        (b"content-length", str(len(_BUSY)).encode()),
        (b"retry-after", str(seconds).encode()),
    )
    for seconds in RETRY_SECONDS
}
_ALWAYS = ("/healthz", "/readyz", "/metrics")
"""Paths behind the raw routes that are answered however much is asked: they tell how much that is."""


class ClientGone(Exception):
    """The client went away before the whole body was here; nobody waits for an answer."""


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
    gate
        Lets requests in, or turns them away before their body is read.
    """

    path: str
    handle: Handle
    methods: tuple[str, ...] = ("POST",)
    body_limit: int = 512_000
    accepts: Any = None
    answers: Any = None
    summary: str = ""
    cors: bool = True
    gate: Gate | None = None


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
    gate
        Lets requests for all other paths in.
    guard
        Looks after the connections of this process.
    """

    def __init__(
        self,
        routes: Sequence[RawRoute],
        fallback: Asgi,
        allowed_origins: Sequence[str],
        *,
        gate: Gate | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._gate = gate
        self._guard = guard
        self._routes: Mapping[str, RawRoute] = {route.path: route for route in routes}
        if len(self._routes) != len(routes):
            raise ValueError("two raw routes share a path")
        self._fallback = fallback
        self._origins = frozenset(origin.encode() for origin in allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await self._fall_back(scope, receive, send)
            return
        headers = self._cors(scope) if route.cors else ()
        method = scope["method"]
        if method in route.methods:
            gate = route.gate
            if gate is None:
                answer = await _answered(route, scope, receive)
            elif await gate.admits_in_turn(scope.get("arrived")):
                gate.enter()
                try:
                    answer = await _answered(route, scope, receive)
                finally:
                    gate.leave()
            else:
                await _refuse(send, headers)
                return
            if answer is None:
                return
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

    async def _fall_back(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a connection to the application behind, while it has room."""
        if scope["type"] == "lifespan" and self._guard is not None and "state" in scope:
            self._guard.enter(scope["state"])
        gate = self._gate
        if gate is None or scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._fallback(scope, receive, send)
        elif gate.admits(scope.get("arrived")):
            await _pass_through(gate, self._fallback, scope, receive, send)
        else:
            await _refuse(send, ())

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


async def _answered(route: RawRoute, scope: Scope, receive: Receive) -> Answer | None:
    """Return the answer to one request; None when nobody waits for it."""
    try:
        return await route.handle(RawRequest(scope, await read_body(scope, receive, route.body_limit)))
    except ClientGone:
        return None
    except Exception as error:  # the edge: everything becomes an answer, the unforeseen a log line too
        return _failed(error, route.path)


async def _refuse(send: Send, headers: tuple[tuple[bytes, bytes], ...]) -> None:
    """Turn one request away, for as little as that can cost, and slowly when there are many.

    A client that asks again at once would otherwise keep the server busy with refusing it.
    """
    await pace_refusal()
    head = [*_BUSY_HEAD[retry_seconds()], *headers]
    await send({"type": "http.response.start", "status": 503, "headers": head})
    await send({"type": "http.response.body", "body": _BUSY})


async def _pass_through(gate: Gate, application: Asgi, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request that takes up room until its answer begins: a stream may then go on for long."""
    inside = True

    def leave() -> None:
        nonlocal inside
        if inside:
            inside = False
            gate.leave()

    async def send_on(message: Message) -> None:
        leave()
        await send(message)

    gate.enter()
    try:
        await application(scope, receive, send_on)
    finally:
        leave()


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the whole body, unpacked when it came gzipped, of at most `limit` bytes.

    Raises
    ------
    TooLarge
        When it is longer, packed or unpacked.
    InvalidInput
        When the gzip data is broken.
    ClientGone
        When the client went away in the middle.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts = [body]
        size = len(body)
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
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
    seconds = retry_after(error)
    retry = () if seconds is None else ((b"retry-after", str(seconds).encode()),)
    return Answer(encode_problem(problem), problem.status, PROBLEM_TYPE.encode(), retry)


def _preflight(scope: Scope, route: RawRoute) -> tuple[tuple[bytes, bytes], ...]:
    asked = next((value for key, value in scope["headers"] if key == b"access-control-request-headers"), b"")
    return (
        (b"access-control-allow-methods", ", ".join((*route.methods, "OPTIONS")).encode()),
        (b"access-control-allow-headers", asked or b"content-type, authorization"),
        (b"access-control-max-age", b"86400"),
    )
