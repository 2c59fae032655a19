"""Answers that turn somebody away, made beforehand: refusing has to be cheap when too much is asked."""

from __future__ import annotations

import asyncio
import time
from itertools import cycle

from expedit.web.problems import PROBLEM_TYPE, Problem, encode_problem

RETRY_SECONDS = (1, 2, 3)
"""What refused clients are told to wait, in turn, so that they do not all come back at once."""

BUSY = "more is asked than this server can answer now; nothing was stored, try again"

_A_SECOND = 400
"""Refusals that a process means to hand out in a second; more of them wait for their turn."""
_AT_ONCE = 0.02
_LONGEST = 1.0

_next_wait = cycle(RETRY_SECONDS)
_turn = 0.0


def retry_seconds() -> int:
    """Return what the next refused client is told to wait."""
    return next(_next_wait)


def problem_bytes(status: int, title: str, detail: str) -> bytes:
    """Return a problem document."""
    return encode_problem(Problem("about:blank", title, status, detail))


def closing_answer(status: int, title: str, detail: str, retry: int = 0) -> bytes:
    """Return a whole HTTP/1.1 answer, after which the connection ends."""
    body = problem_bytes(status, title, detail)
    wait = f"retry-after: {retry}\r\n" if retry else ""
    head = (
        f"HTTP/1.1 {status} {title}\r\ncontent-type: {PROBLEM_TYPE}\r\ncontent-length: {len(body)}\r\n"
        f"{wait}connection: close\r\n\r\n"
    )
    return head.encode() + body


async def pace_refusal() -> None:
    """Wait for a turn, a second at most: refusals are handed out one after the other."""
    global _turn  # noqa: PLW0603  (one event loop a process; what it counts is what that loop has to do)
    now = time.monotonic()
    wait = min(max(_turn - now, 0.0), _LONGEST)
    _turn = now + wait + 1 / _A_SECOND
    if wait > _AT_ONCE:
        await asyncio.sleep(wait)
