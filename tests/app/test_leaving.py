"""A server takes in many new clients in each round of its event loop."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

from expedit.app.leaving import Server


async def _application(scope, receive, send) -> None:
    while scope["type"] == "lifespan":
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


def test_it_listens_sixteen_times_on_one_socket_and_lets_go_of_all() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    server = Server(uvicorn.Config(_application, log_config=None))

    async def run() -> tuple[int, set[object], int]:
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup([listener])
        sockets = [one for each in server.servers for one in each.sockets]
        addresses = {one.getsockname() for one in sockets}
        server.should_exit = True
        await server.shutdown([listener])
        return len(sockets), addresses, sum(one.fileno() >= 0 for one in server._twins)

    assert asyncio.run(run()) == (16, {address}, 0)
    assert listener.fileno() == -1
