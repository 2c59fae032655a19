"""How a server process ends: nobody who was let in is sent away.

First ``/readyz`` says no, so that a balancer sends nobody more; then no connection is accepted, and every
answer closes its connection, so that a client that keeps one open comes back to whoever serves next instead
of writing into a socket that is just being closed; then the rest ends.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, MutableMapping
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.supervisors import multiprocess

_STATE = "expedit.departure"
_LINGER_SECONDS = 0.4
"""How long open connections are waited for to be closed by their next answer."""

_STEP_SECONDS = 0.02
_CLIENTS_A_ROUND = 16


class Departure:
    """What the application wants done when its process ends.

    Parameters
    ----------
    begin
        Called first of all: from now on the process says that it is not ready.
    seconds
        How long it goes on taking requests then.
    """

    def __init__(self, begin: Callable[[], None], seconds: float) -> None:
        self.begin = begin
        self.seconds = seconds

    def enter(self, state: MutableMapping[str, Any]) -> None:
        """Stand in the state of a server, where the server finds it."""
        state[_STATE] = self


class Server(uvicorn.Server):
    """One server process; SIGTERM is how it is ended in order, so it then ends with code 0."""

    _handed_over = False
    _hurried = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on every socket several times over.

        libuv takes in one new client of a listening socket in each round of the event loop, so under a flood
        the last of two hundred would wait for two hundred rounds.
        """
        given = sockets or []
        self._twins = [one.dup() for one in given for _ in range(_CLIENTS_A_ROUND - 1)]
        await super().startup([*given, *self._twins])

    def hand_over(self, *_: object) -> None:
        """End at once in favor of a successor on the same socket; a signal handler."""
        self._handed_over = True
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take SIGTERM, or Ctrl-C, which has no patience."""
        if sig == signal.SIGTERM and not self.should_exit:
            self.should_exit = True
            return
        self._hurried = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take leave, then end."""
        departure: Departure | None = self.lifespan.state.get(_STATE)
        if departure is not None:
            departure.begin()
            if not self._handed_over:
                await self._wait(departure.seconds, lambda: self._hurried)
        for server in self.servers:
            server.close()
        state = self.server_state
        state.default_headers = [*state.default_headers, (b"connection", b"close")]
        await self._wait(_LINGER_SECONDS, lambda: self.force_exit or not state.connections)
        await super().shutdown([*(sockets or []), *self._twins])

    async def _wait(self, seconds: float, over: Callable[[], bool]) -> None:
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while clock() < until and not over():
            await asyncio.sleep(_STEP_SECONDS)


class _Process(multiprocess.Process):
    """One of several processes."""

    @property
    def server(self) -> uvicorn.Server:
        """The server that takes leave as `Server` does."""
        if self._server is None:
            self._server = Server(config=self.config)
        return self._server


def run_several(config: uvicorn.Config, listener: socket.socket) -> None:
    """Serve with several processes; SIGHUP replaces them one after the other."""
    # The supervisor makes its processes by this name, and has no other way to be given a kind of server.
    multiprocess.Process = _Process  # type: ignore[misc]
    multiprocess.Multiprocess(config, sockets=[listener]).run()
