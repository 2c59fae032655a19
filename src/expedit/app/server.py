"""The server: every feature's routes in one ASGI application, and the worker beside them."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import structlog
import uvicorn
from litestar import Litestar

from expedit.app.api import routes as house_routes
from expedit.app.features import FEATURES, all_jobs
from expedit.app.leaving import Departure, Server, run_several
from expedit.app.listening import LEAVE, Succession, listen, notify, on_signals, predecessor
from expedit.app.panel import panel_routes
from expedit.app.tasks import ServerFile
from expedit.app.tenancy import Tenancy
from expedit.core import SettingsError
from expedit.features import install
from expedit.jobs import Worker
from expedit.operations import (
    Watched,
    configure_logs,
    is_up_to_date,
    meters,
    open_tracer,
    readiness,
    stoppable,
)
from expedit.storage import Shop, open_shop
from expedit.web import Asgi, Connection, Gate, Guard, Limits, RawRoute, admission, build_application

_log = structlog.get_logger("server")

_SWITCH_SECONDS = 0.0005

Wrap = Callable[[Asgi], Asgi]
Prepare = Callable[[Shop], None]

_OTHERS_WAIT_SECONDS = 1.0
"""How long a request that no shopper waits for may have to wait before it is turned away."""

_GRACEFUL_SECONDS = 5
"""How long requests under way are waited for when the server is asked to stop."""

_SHARED_METERS = "PROMETHEUS_MULTIPROC_DIR"


def create_application(
    shop: Shop, token: str = "", *, work: bool = True, move_in: Callable[[], None] | None = None
) -> Asgi:
    """Return the ASGI application of a shop.

    Parameters
    ----------
    shop
        The opened shop; closed when the application shuts down.
    token
        What the command line shows to hand work over; empty accepts none.
    work
        Whether this process does periodic work too.
    move_in
        Called once everything is in memory, before anything is written: takes the home over from the server
        before.
    """
    routes = [*house_routes(shop, token or secrets.token_urlsafe())]
    for feature in FEATURES:
        if feature.routes is not None:
            routes += feature.routes(shop)
    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own keeps what the largest sealing ever took
    install(shop, FEATURES)
    routes += panel_routes(shop, FEATURES)
    tracer = open_tracer()
    jobs = stoppable(shop, meters(shop).metered(all_jobs()))
    worker = Worker(shop, tracer.traced(jobs) if tracer else jobs)
    state = readiness(shop)

    def enter() -> None:
        for feature in FEATURES:
            if feature.start is not None:
                feature.start(shop)
        if move_in is not None:
            move_in()
        state.start()
        if work:
            worker.start()
        state.become("ready")

    def leave() -> None:
        worker.close()
        shop.close()
        if tracer is not None:
            tracer.close()

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await asyncio.to_thread(enter)
        _log.info("ready")
        notify("READY=1", *([f"MAINPID={os.getpid()}"] if move_in is not None else []))
        try:
            yield
        finally:
            state.become("stopping")
            await asyncio.to_thread(leave)
            gc.unfreeze()  # what a feature set aside for speed can be taken apart again

    guard = shop.part(Guard, lambda: Guard(Limits.of(shop.settings)))
    others = Gate("other", shop.settings.request_concurrent, _OTHERS_WAIT_SECONDS)
    application = build_application(
        routes,
        version=version("expedit"),
        allowed_origins=shop.settings.allowed_origins,
        lifespan=[lifespan],
        gate=admission(shop).gate(others),
        guard=guard,
    )
    return Watched(
        application,
        meters(shop),
        frozenset(route.path for route in routes if isinstance(route, RawRoute)),
        access_log=shop.settings.access_log,
        tracer=tracer,
        enter=Departure(lambda: state.become("stopping"), shop.settings.drain_seconds).enter,
    )


def application_from_environment() -> Asgi:
    """Return the application of the home in ``EXPEDIT_HOME``; what each of several processes calls."""
    shop = open_shop(Path(os.environ["EXPEDIT_HOME"]))
    configure_logs(shop.settings)
    return create_application(shop, os.environ["EXPEDIT_SERVER_TOKEN"])


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

    On SIGHUP a successor is started by the same command. It loads everything while this process serves on,
    takes the home and the socket over, and this process ends: requests wait for a moment, and none fails.

    Parameters
    ----------
    root
        The home.
    port
        Port to listen on; not looked at where systemd gives a socket.
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
        before = predecessor()
        token = secrets.token_urlsafe(24)
        tenancy = Tenancy(shop, ServerFile(os.getpid(), port, token, _reachable(host)), before)
        leaving.callback(tenancy.end)
        if before is None:
            tenancy.hold()
        listener = listen(host, port)
        leaving.callback(listener.close)
        if before is None or not is_up_to_date(shop.database):
            tenancy.begin()  # with tables to change there is no serving beside the server before
        if announce is not None and before is None:
            announce()
        configure_logs(shop.settings)
        if workers > 1:
            _share_meters(shop)
            shop.close()  # each process opens its own
            os.environ |= {"EXPEDIT_HOME": str(root), "EXPEDIT_SERVER_TOKEN": token}
            factory = "expedit.app:application_from_environment"
            run_several(_configured(factory, factory=True, workers=workers), listener)
            return
        if prepare is not None:
            prepare(shop)
        application = create_application(shop, token, move_in=tenancy.begin)
        server = Server(_configured(wrap(application) if wrap else application))
        succession = Succession(listener)
        leaving.callback(on_signals({signal.SIGHUP: succession.begin, LEAVE: server.hand_over}))
        _run(server, listener)


def _run(server: Server, listener: object) -> None:
    try:
        server.run(sockets=[listener])  # type: ignore[list-item]
    except KeyboardInterrupt:
        return  # Ctrl-C, told once more after everything has ended in order


def _share_meters(shop: Shop) -> None:
    """Make the folder in which several processes count together."""
    folder = shop.home.run / "meters"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[_SHARED_METERS] = str(folder)


def _configured(application: Asgi | str, *, factory: bool = False, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        factory=factory,
        workers=workers,
        http=Connection,
        access_log=False,
        log_level="warning",
        log_config=None,
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
        timeout_worker_healthcheck=60,  # loading a large model is no death
    )


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104
