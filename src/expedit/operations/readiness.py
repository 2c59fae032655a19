"""Whether this process can do its work, found out all the time instead of when somebody asks.

A thread writes the process's pulse into the database every two seconds. So ``/readyz`` answers in
microseconds, and still from a write that really was durable a moment ago: a database that is away, locked,
full or read-only is told of at the next pulse, and one that hangs as soon as a pulse is overdue.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from importlib.metadata import version
from typing import Literal

import structlog

from expedit.core import ExpeditError, evolve, new_id
from expedit.operations.model import Reason
from expedit.operations.revisions import newest_revision
from expedit.operations.store import ServerProcess, end_pulse, schema_of, write_pulse
from expedit.recommendation import live_model
from expedit.storage import Shop

PULSE_SECONDS = 2.0
OVERDUE_SECONDS = 8.0
"""A pulse that takes longer tells of a database that hangs."""

FULL_BYTES = 64 << 20
"""With less room than this on the disk nothing is taken in any more."""

State = Literal["starting", "ready", "stopping"]

_log = structlog.get_logger("server")


class Readiness:
    """The state of one server process; see `readiness`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        now = shop.clock()
        self._me = ServerProcess(
            new_id(now), socket.gethostname(), os.getpid(), version("expedit"), "starting", now, now
        )
        self._fault: Reason | None = Reason("start", "the database was not asked yet")
        self._beat_at = time.monotonic()
        self._stop = threading.Event()
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> State:
        """Whether the process is starting, ready or stopping."""
        return self._me.state  # type: ignore[return-value]

    @property
    def process(self) -> ServerProcess:
        """This process, as others see it."""
        return self._me

    def become(self, state: State) -> None:
        """Enter the next state of the process's life."""
        self._me = evolve(self._me, state=state)
        self._asked.set()  # others should see it at once

    def start(self) -> None:
        """Write a first pulse, then one every two seconds in a thread."""
        self.beat()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="expedit-pulse", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the thread and take this process off the list."""
        self._stop.set()
        self._asked.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            try:
                with self._shop.database.writing() as tx:
                    end_pulse(tx, self._me.id)
            except ExpeditError as error:  # the others see for themselves that no pulse comes any more
                _log.info("left without a word", reason=str(error))

    def beat(self) -> None:
        """Write the pulse now; what goes wrong is what `reasons` tells until it goes well again."""
        fault: Reason | None = None
        try:
            self._me = evolve(self._me, seen=self._shop.clock())
            with self._shop.database.writing() as tx:
                write_pulse(tx, self._me)
                present = schema_of(tx)
            if present < newest_revision():
                fault = Reason(
                    "schema", f"the tables are at revision {present}, this needs {newest_revision()}"
                )
        except ExpeditError as error:
            fault = Reason("database", str(error))
        if fault is not None and (self._fault is None or fault.part != self._fault.part):
            _log.warning("not ready", part=fault.part, says=fault.says)
        elif fault is None and self._fault is not None and self.state == "ready":
            _log.info("ready again", part=self._fault.part)
        self._fault = fault
        self._beat_at = time.monotonic()

    def reasons(self) -> tuple[Reason, ...]:
        """Return why requests should go elsewhere; nothing when all is well."""
        found = []
        if self.state == "starting":
            found.append(Reason("start", "the server is still starting"))
        elif self.state == "stopping":
            found.append(Reason("stop", "the server is stopping"))
        silent = time.monotonic() - self._beat_at
        if self._fault is not None:
            found.append(self._fault)
        elif silent > OVERDUE_SECONDS:
            found.append(Reason("database", f"the database has not taken a write for {silent:.0f} s"))
        free = shutil.disk_usage(self._shop.home.root).free
        if free < FULL_BYTES:
            found.append(Reason("disk", f"{free >> 20} MB are left where the home is"))
        model = live_model(self._shop)
        if model.error is not None and not model.current().version:
            found.append(Reason("model", f"no model can be read: {model.error}"))
        return tuple(found)

    def weaknesses(self) -> tuple[Reason, ...]:
        """Return what is wrong without keeping the server from its work."""
        model = live_model(self._shop)
        if model.error is not None and model.current().version:
            return (Reason("model", f"the newest model cannot be read, an older one serves: {model.error}"),)
        return ()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._asked.wait(PULSE_SECONDS)
            self._asked.clear()
            if not self._stop.is_set():
                self.beat()


def readiness(shop: Shop) -> Readiness:
    """Return the one readiness of this process."""
    return shop.part(Readiness, lambda: Readiness(shop))
