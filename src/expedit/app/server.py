"""The server: every feature's routes in one ASGI application, and the worker beside them."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import structlog
import uvicorn
from litestar import Litestar

from expedit.app.api import routes as house_routes
from expedit.app.features import FEATURES, all_jobs
from expedit.app.panel import panel_routes
from expedit.app.tasks import ServerFile, write_server_file
from expedit.core import Conflict, SettingsError
from expedit.features import install
from expedit.jobs import Worker
from expedit.storage import Shop, migrate, open_shop
from expedit.web import Asgi, Connection, Gate, Guard, Limits, admission, build_application

_log = structlog.get_logger("server")

_SWITCH_SECONDS = 0.001

Wrap = Callable[[Asgi], Asgi]
Prepare = Callable[[Shop], None]

_OTHERS_WAIT_SECONDS = 1.0
"""How long a request that no shopper waits for may have to wait before it is turned away."""

_GRACEFUL_SECONDS = 5
"""How long requests under way are waited for when the server is asked to stop."""


def create_application(shop: Shop, token: str = "", *, work: bool = True) -> Asgi:
    """Return the ASGI application of a shop.

    Parameters
    ----------
    shop
        The opened shop; closed when the application shuts down.
    token
        What the command line shows to hand work over; empty accepts none.
    work
        Whether this process does periodic work too.
    """
    routes = [*house_routes(shop, token or secrets.token_urlsafe())]
    for feature in FEATURES:
        if feature.routes is not None:
            routes += feature.routes(shop)
    install(shop, FEATURES)
    routes += panel_routes(shop, FEATURES)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        for feature in FEATURES:
            if feature.start is not None:
                await asyncio.to_thread(feature.start, shop)
        worker = Worker(shop, all_jobs())
        if work:
            worker.start()
        _log.info("ready")
        try:
            yield
        finally:
            await asyncio.to_thread(worker.close)
            await asyncio.to_thread(shop.close)
            gc.unfreeze()  # what a feature set aside for speed can be taken apart again

    guard = shop.part(Guard, lambda: Guard(Limits.of(shop.settings)))
    others = Gate("other", shop.settings.request_concurrent, _OTHERS_WAIT_SECONDS)
    return build_application(
        routes,
        version=version("expedit"),
        allowed_origins=shop.settings.allowed_origins,
        lifespan=[lifespan],
        gate=admission(shop).gate(others),
        guard=guard,
    )


def application_from_environment() -> Asgi:
    """Return the application of the home in ``EXPEDIT_HOME``; what each of several processes calls."""
    return create_application(open_shop(Path(os.environ["EXPEDIT_HOME"])), os.environ["EXPEDIT_SERVER_TOKEN"])


def serve(
    root: Path,
    port: int,
    *,
    host: str = "127.0.0.1",
    workers: int = 1,
    wrap: Wrap | None = None,
    prepare: Prepare | None = None,
    announce: Callable[[], None] | None = None,
) -> None:
    """Serve the home `root` until interrupted.

    Parameters
    ----------
    root
        The home.
    port
        Port to listen on.
    host
        Address to listen on.
    workers
        Server processes; more than one needs PostgreSQL.
    prepare
        Called with the shop before it is served (one process only).
    wrap
        Puts something around the application, as the demo does with its storefront (one process only).
    announce
        Called once nothing stands in the way of serving.

    Raises
    ------
    Conflict
        When another process serves this home, or the port is taken.
    SettingsError
        When several processes are asked for on SQLite.
    """
    # The commit thread works while requests are answered: hand the interpreter over quickly.
    sys.setswitchinterval(_SWITCH_SECONDS)
    with ExitStack() as leaving:
        shop = open_shop(root)
        leaving.callback(shop.close)
        if workers > 1 and shop.database.dialect == "sqlite":
            raise SettingsError(
                f"--workers {workers} needs PostgreSQL (set database_url): processes that write one SQLite "
                "file starve each other"
            )
        lock = shop.home.try_lock()
        if lock is not None:
            leaving.callback(lock.close)
        elif shop.database.dialect == "sqlite":
            raise Conflict(f"another process is serving {root} or writing in it")
        _check_port(host, port)
        migrate(shop.database)
        token = secrets.token_urlsafe(24)
        word = write_server_file(shop.home, ServerFile(os.getpid(), port, token, _reachable(host)))
        leaving.callback(word.unlink, missing_ok=True)
        if announce is not None:
            announce()
        if workers > 1:
            shop.close()  # each process opens its own
            os.environ |= {"EXPEDIT_HOME": str(root), "EXPEDIT_SERVER_TOKEN": token}
            _run("expedit.app:application_from_environment", host, port, factory=True, workers=workers)
            return
        if prepare is not None:
            prepare(shop)
        application = create_application(shop, token)
        _run(wrap(application) if wrap else application, host, port)


def _run(application: Asgi | str, host: str, port: int, *, factory: bool = False, workers: int = 1) -> None:
    uvicorn.run(
        application,
        host=host,
        port=port,
        factory=factory,
        workers=workers,
        http=Connection,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
        timeout_worker_healthcheck=60,  # loading a large model is no death
    )


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                f"port {port} cannot be used: {error.strerror}; choose another with --port"
            ) from None
