"""Shoppers by the thousand: raw HTTP over kept connections, every answer remembered."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import statistics
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from expedit.core import format_time, system_clock

CONSENT = {"analytics": True, "personalization": True}
PRODUCTS = 24


@dataclass
class Request:
    """What is sent, and what its acknowledgement would mean."""

    kind: str
    body: bytes
    messages: tuple[str, ...] = ()


@dataclass
class Reply:
    """What came back; status 0 when the connection broke."""

    request: Request
    status: int
    seconds: float
    retry_after: int | None
    at: float
    decision: str = ""


def head(path: str, key: str, length: int) -> bytes:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Basic {basic}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


class Writer:
    """Writes the requests of one crowd; every message id is its own."""

    def __init__(self, key: str, crowd: str, people: int = 2000) -> None:
        self.key = key
        self.crowd = crowd
        self.people = people
        self._number = itertools.count()

    def call(self) -> dict[str, object]:
        number = next(self._number)
        return {
            "type": "track", "event": ("Product Viewed", "Product Added")[number % 5 == 0],
            "messageId": f"{self.crowd}-{number}",
            "anonymousId": f"{self.crowd}-visitor-{number % self.people}",
            "timestamp": format_time(system_clock()), "context": {"consent": CONSENT, "market": "SE"},
            "properties": {
                "product_id": f"p{number % PRODUCTS}", "quantity": 1, "price": 100.0, "currency": "SEK"
            },
        }  # fmt: skip

    def single(self) -> Request:
        call = self.call()
        body = json.dumps(call).encode()
        return Request("event", head("/v1/track", self.key, len(body)) + body, (str(call["messageId"]),))

    def batch(self, size: int) -> Request:
        calls = [self.call() for _ in range(size)]
        body = json.dumps({"batch": calls}).encode()
        names = tuple(str(call["messageId"]) for call in calls)
        return Request(f"batch of {size}", head("/v1/batch", self.key, len(body)) + body, names)

    def decide(self) -> Request:
        who = f"{self.crowd}-visitor-{next(self._number) % self.people}"
        body = json.dumps(
            {"writeKey": self.key, "placement": "home-for-you", "anonymousId": who,
             "consent": {"personalization": True}}
        ).encode()  # fmt: skip
        return Request("decide", head("/v1/recommend", self.key, len(body)) + body)


class _Line(asyncio.Protocol):
    """One connection; asks one thing at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._got = b""
        self._answer: asyncio.Future[tuple[int, int | None, str]] | None = None

    def connection_made(self, transport) -> None:
        self.transport = transport

    def ask(self, body: bytes) -> asyncio.Future[tuple[int, int | None, str]]:
        self._answer = asyncio.get_running_loop().create_future()
        self._got = b""
        assert self.transport is not None
        self.transport.write(body)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0 or self._answer is None or self._answer.done():
            return
        lines = self._got[:end].lower().split(b"\r\n")
        named = dict(line.split(b": ", 1) for line in lines[1:])
        if len(self._got) < end + 4 + int(named[b"content-length"]):
            return
        retry = int(named[b"retry-after"]) if b"retry-after" in named else None
        mark = self._got.find(b'"decisionId":"', end)
        decision = self._got[mark + 14 : mark + 46].decode() if mark > 0 else ""
        self._answer.set_result((int(lines[0].split()[1]), retry, decision))
        if named.get(b"connection") == b"close":
            assert self.transport is not None
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((0, None, ""))

    @property
    def open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()


@dataclass
class Crowd:
    """Connections that send requests until told to stop.

    Parameters
    ----------
    port
        Where to.
    make
        Gives the next request.
    lines
        How many connections.
    rate
        Requests a second that the whole crowd means to send; None for as fast as answers come.
    """

    port: int
    make: Callable[[], Request]
    lines: int = 8
    rate: float | None = None
    replies: deque[Reply] = field(default_factory=deque)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> Crowd:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> Crowd:
        self._stop.set()
        assert self._thread is not None
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if not self._stop.is_set():
            self.stop()

    def send_for(self, seconds: float) -> Crowd:
        with self:
            time.sleep(seconds)
        return self

    async def _run(self) -> None:
        await asyncio.gather(*(self._shop(number) for number in range(self.lines)))

    async def _shop(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        line: _Line | None = None
        every = None if self.rate is None else self.lines / self.rate
        due = time.monotonic() + (every or 0) * number / self.lines
        while not self._stop.is_set():
            if every is not None:
                wait = due - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(min(wait, 0.5))
                    if wait > 0.5:
                        continue
                due += every
            if line is None or not line.open:
                try:
                    _, line = await loop.create_connection(_Line, "127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.05)
                    continue
            request = self.make()
            began = time.monotonic()
            try:
                status, retry, decision = await asyncio.wait_for(line.ask(request.body), 30)
            except TimeoutError:
                status, retry, decision = -1, None, ""
                assert line.transport is not None
                line.transport.abort()
            now = time.monotonic()
            self.replies.append(Reply(request, status, now - began, retry, now, decision))
        if line is not None and line.transport is not None:
            line.transport.close()

    # ── what came of it ─────────────────────────────────────────────────────────────────────────────────

    def answered(self, status: int = 200) -> list[Reply]:
        return [reply for reply in list(self.replies) if reply.status == status]

    @property
    def acknowledged(self) -> list[str]:
        return [name for reply in self.answered() for name in reply.request.messages]

    @property
    def statuses(self) -> dict[int, int]:
        return dict(sorted(Counter(reply.status for reply in list(self.replies)).items()))

    def since(self, moment: float) -> list[Reply]:
        return [reply for reply in list(self.replies) if reply.at >= moment]


def p99(replies: Sequence[Reply]) -> float:
    """Milliseconds within which 99 of 100 were answered."""
    if len(replies) < 2:
        return max((reply.seconds * 1000 for reply in replies), default=0.0)
    return statistics.quantiles([reply.seconds * 1000 for reply in replies], n=100, method="inclusive")[98]


def in_turn(*makers: Callable[[], Request]) -> Callable[[], Request]:
    """Send one of each kind after the other."""
    around: Iterator[Callable[[], Request]] = itertools.cycle(makers)

    def make() -> Request:
        return next(around)()

    return make


def memory(pid: int) -> int:
    """Bytes of memory that a process and its children hold (resident)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
