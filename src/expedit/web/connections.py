"""Connections that nobody can hold for ever: heads, bodies, answers and their number are limited.

uvicorn's own protocol limits none of these. One look a second at every connection replaces a timer for each
request, so the hot path pays for nothing but a few timestamps.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from expedit.web.limits import Limits
from expedit.web.refusing import BUSY, closing_answer, retry_seconds

_log = structlog.get_logger("web")

_GUARD = "expedit.guard"
_LOOK_SECONDS = 1.0
_LEAVE_SECONDS = 1.0
"""How long a connection that was turned away may go on sending before it is cut: closed at once, its answer
would be lost with what it had sent."""
_IDLE_SECONDS = 15.0

_HEAD, _BODY, _WORK, _IDLE, _LEAVING = range(5)


class Guard:
    """Looks after the connections of one server process.

    Parameters
    ----------
    limits
        What is allowed.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.connections: set[Connection] = set()
        self.refused = 0
        self.cut = 0
        self._looking = False

    def enter(self, state: MutableMapping[str, Any]) -> None:
        """Stand in the state of a server, where its connections find it."""
        state[_GUARD] = self

    def look_after(self, connection: Connection) -> None:
        """Take in a connection."""
        self.connections.add(connection)
        if not self._looking:
            self._looking = True
            connection.loop.call_later(_LOOK_SECONDS, self._look, connection.loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        for connection in list(self.connections):
            connection.look(now)
        self._looking = bool(self.connections)
        if self._looking:
            loop.call_later(_LOOK_SECONDS, self._look, loop)


class Connection(HttpToolsProtocol):
    """One connection of a client, within limits; give it to uvicorn as ``http``."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        guard = self.app_state.get(_GUARD)
        self._guard: Guard = guard if guard is not None else Guard(Limits())
        self._limits = self._guard.limits
        self._phase = _HEAD
        self._now = self._since = time.monotonic()
        self._head_bytes = self._chunk = 0
        self._stalled: float | None = None

    # ── what the transport tells ────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a new client in, or tell it kindly that there are too many."""
        super().connection_made(transport)
        self._guard.look_after(self)
        present = len(self._guard.connections)
        if present > self._limits.connections:
            self._guard.refused += 1
            if present > 2 * self._limits.connections:
                transport.abort()
            else:
                self._turn_away(503, "Service Unavailable", BUSY, retry=retry_seconds())

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._guard.connections.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, while the head stays within its limit."""
        if self._phase == _LEAVING:
            return
        self._now = time.monotonic()
        if self._phase == _IDLE:
            self._enter(_HEAD)
            self._head_bytes = 0
        self._head_bytes += len(data)
        self._chunk = len(data)
        super().data_received(data)
        if self._phase == _HEAD and self._head_bytes > self._limits.header_bytes + self._limits.url_bytes:
            self._refuse_head()

    def pause_writing(self) -> None:
        """Remember since when the client has not read."""
        self._stalled = time.monotonic()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that the client reads again."""
        self._stalled = None
        super().resume_writing()

    # ── what the parser tells ───────────────────────────────────────────────────────────────────────────

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._enter(_HEAD)
        self._head_bytes = self._chunk  # at most: what came before it may be among them
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Hand the request on, unless its head is too large."""
        if self._phase == _LEAVING:
            return
        limits = self._limits
        if len(self.url) > limits.url_bytes or (
            self._head_bytes > limits.header_bytes  # a part of the body may be among them
            and sum(len(name) + len(value) + 4 for name, value in self.headers) > limits.header_bytes
        ):
            self._refuse_head()
            return
        self._enter(_BODY)
        self.scope["arrived"] = self._now  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self._phase != _LEAVING:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the whole request is here."""
        if self._phase == _LEAVING:
            return
        answered = self.cycle is not None and self.cycle.response_complete
        self._enter(_IDLE if answered else _WORK)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Note that the request is answered, though its body may still be coming."""
        if self._phase == _WORK:
            self._now = time.monotonic()
            self._enter(_WORK if self.pipeline else _IDLE)
            self._head_bytes = 0
        super().on_response_complete()

    # ── limits ──────────────────────────────────────────────────────────────────────────────────────────

    def look(self, now: float) -> None:
        """End what takes too long."""
        spent = now - self._since
        limits = self._limits
        if self._stalled is not None and now - self._stalled > limits.write_seconds:
            self._guard.cut += 1
            self.transport.abort()
        elif self._phase == _HEAD and spent > limits.header_seconds:
            self._guard.cut += 1
            if self._head_bytes:
                self._turn_away(408, "Request Timeout", "the head of the request did not come in time")
            else:
                self.transport.close()
        elif self._phase == _BODY and spent > limits.body_seconds:
            self._guard.cut += 1
            self._turn_away(408, "Request Timeout", "the body of the request did not come in time")
        elif self._phase == _WORK and spent > limits.request_seconds and not self.cycle.response_started:
            self._guard.cut += 1
            _log.warning("a request took too long", path=self.cycle.scope["path"], seconds=round(spent))
            self._turn_away(
                503, "Service Unavailable", "the answer took too long; try again", retry=retry_seconds()
            )
        elif self._phase == _IDLE and spent > max(_IDLE_SECONDS, 2 * self.timeout_keep_alive):
            self.transport.close()
        elif self._phase == _LEAVING and spent > _LEAVE_SECONDS:
            self.transport.abort()

    def _enter(self, phase: int) -> None:
        self._phase = phase
        self._since = self._now

    def _refuse_head(self) -> None:
        limits = self._limits
        if len(getattr(self, "url", b"")) > limits.url_bytes:
            self._turn_away(414, "URI Too Long", f"the address is longer than {limits.url_bytes} bytes")
        else:
            self._turn_away(
                431,
                "Request Header Fields Too Large",
                f"the head of the request is longer than {limits.header_bytes} bytes",
            )

    def _turn_away(self, status: int, title: str, detail: str, retry: int = 0) -> None:
        """Answer in place of the application, take no more, and let the client read the answer."""
        cycle = self.cycle
        started = cycle is not None and cycle.response_started and not cycle.response_complete
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.pipeline.clear()
        self._now = time.monotonic()
        self._enter(_LEAVING)
        if started:
            self.transport.abort()
            return
        self.flow.resume_reading()
        self.transport.write(closing_answer(status, title, detail, retry))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()
