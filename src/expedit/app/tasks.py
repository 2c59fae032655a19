"""Work that the command line asks for: done in its own process, or handed over to the server that writes.

Two processes that write one SQLite file starve each other, so while a server runs, the command line tells it
what to do and shows its progress.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from expedit.app.features import all_jobs
from expedit.app.persons import erase_person, export_person
from expedit.audiences import export_audience
from expedit.catalog import export_catalog, import_catalog, import_prices
from expedit.connections import COMMANDS as CONNECTION_TASKS
from expedit.connections import import_till
from expedit.core import (
    Conflict,
    ExpeditError,
    InvalidInput,
    NotFound,
    PersonRef,
    Progress,
    SettingsError,
    Struct,
    Unavailable,
    field,
    from_json,
    to_builtins,
    to_json,
)
from expedit.decisions import recommend
from expedit.events import IDENTIFIER_KINDS, compact, export_events, rewrite_erased, seal
from expedit.jobs import run_now
from expedit.profiles import export_people, find_person, undo_merge, view_person
from expedit.storage import Home, Shop, migrate, open_shop
from expedit.tracking import import_events


class HandedOver(Struct, frozen=True):
    """A task and its arguments, as the command line hands them over."""

    task: str
    arguments: dict[str, Any] = field(default_factory=dict)


class Step(Struct, frozen=True):
    """One line of what the server tells back: progress, the result, or an error."""

    label: str = ""
    done: int = 0
    total: int | None = None
    result: Any = None
    error: str = ""
    kind: str = ""


class ServerFile(Struct, frozen=True):
    """How the command line finds the server that serves a home."""

    pid: int
    port: int
    token: str
    host: str = "127.0.0.1"


Task = Callable[[Shop, Progress, dict[str, Any]], object]

_START_SECONDS = 20.0
_KINDS: dict[str, type[ExpeditError]] = {
    kind.__name__: kind for kind in (Conflict, NotFound, SettingsError, Unavailable)
}
"""Errors that mean the same on this side of a handover; others keep their text."""


def _import_catalog(shop: Shop, progress: Progress, given: dict[str, Any]) -> object:
    return import_catalog(shop, Path(given.pop("path")), progress=progress, **given)


def _import_prices(shop: Shop, progress: Progress, given: dict[str, Any]) -> object:
    return import_prices(shop, Path(given.pop("path")), progress=progress, **given)


def _import_events(shop: Shop, progress: Progress, given: dict[str, Any]) -> object:
    return import_events(shop, Path(given.pop("path")), progress=progress, **given)


def _import_till(shop: Shop, progress: Progress, given: dict[str, Any]) -> object:
    return import_till(shop, Path(given.pop("path")), progress=progress, **given)


def _export(shop: Shop, progress: Progress, given: dict[str, Any]) -> object:
    path, format_ = Path(given["path"]), given["format"]
    if not path.parent.is_dir():
        raise NotFound(f"there is no folder {path.parent} to write in")
    if given["what"] == "audience":
        return {"rows": export_audience(shop, given["audience"], path, format_, progress)}
    export = {"events": export_events, "people": export_people, "catalog": export_catalog}[given["what"]]
    return {"rows": export(shop, path, format_, progress)}


def _seal(shop: Shop, progress: Progress, given: dict[str, Any]) -> object:
    sealed = seal(shop, progress)
    if not given.get("rewrite"):
        return {"sealed": sealed, "rewritten": 0}
    rewritten = rewrite_erased(shop, progress)
    run_now(shop, all_jobs(), "erase decisions", progress)
    return {"sealed": sealed, "rewritten": rewritten}


def _compact(shop: Shop, progress: Progress, _: dict[str, Any]) -> object:
    return {"files": compact(shop, progress)}


def _person(shop: Shop, given: dict[str, Any]) -> PersonRef:
    if given["kind"] not in IDENTIFIER_KINDS:
        raise InvalidInput("kind", f"must be one of {', '.join(IDENTIFIER_KINDS)}")
    return find_person(shop, given["kind"], given["value"])


def _export_person(shop: Shop, _: Progress, given: dict[str, Any]) -> object:
    return export_person(shop, _person(shop, given))


def _erase_person(shop: Shop, _: Progress, given: dict[str, Any]) -> object:
    return erase_person(shop, _person(shop, given))


def _show_person(shop: Shop, _: Progress, given: dict[str, Any]) -> object:
    return view_person(shop, given["kind"], given["value"])


def _recommend(shop: Shop, _: Progress, given: dict[str, Any]) -> object:
    return recommend(shop, given["request"])


def _undo_merge(shop: Shop, _: Progress, given: dict[str, Any]) -> object:
    undo_merge(shop, given["merge"])
    return {"undone": given["merge"]}


TASKS: dict[str, Task] = {
    **CONNECTION_TASKS,
    "import_catalog": _import_catalog,
    "import_prices": _import_prices,
    "import_events": _import_events,
    "import_till": _import_till,
    "export": _export,
    "seal": _seal,
    "compact": _compact,
    "show_person": _show_person,
    "export_person": _export_person,
    "recommend": _recommend,
    "erase_person": _erase_person,
    "undo_merge": _undo_merge,
}


def perform_here(shop: Shop, task: str, arguments: dict[str, Any], progress: Progress) -> Any:
    """Do a task in this process; return its result as plain values.

    Raises
    ------
    NotFound
        When there is no such task.
    """
    if task not in TASKS:
        raise NotFound(f"no task is called {task!r}")
    return to_builtins(TASKS[task](shop, progress, dict(arguments)))


def perform(root: Path, task: str, arguments: dict[str, Any], progress: Progress) -> Any:
    """Do a task on the home `root`: here, or in the server that is running on it.

    Raises
    ------
    Unavailable
        When another process holds the home but does not answer.
    """
    shop = open_shop(root)
    try:
        if shop.database.dialect == "sqlite":
            lock = shop.home.try_lock()
            if lock is None:
                return _hand_over(shop.home, HandedOver(task, arguments), progress)
        else:
            lock = None
        try:
            migrate(shop.database)
            return perform_here(shop, task, arguments, progress)
        finally:
            if lock is not None:
                lock.close()
    finally:
        shop.close()


def write_server_file(home: Home, server: ServerFile) -> Path:
    """Leave word of a running server in its home, readable by the owner only."""
    path = home.run / "server.json"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(to_json(server))
    return path


def _hand_over(home: Home, work: HandedOver, progress: Progress) -> Any:
    try:
        server = from_json((home.run / "server.json").read_bytes(), ServerFile)
    except FileNotFoundError:
        raise Unavailable(
            f"another expedit command is writing in {home.root}; wait until it is done"
        ) from None
    connection = http.client.HTTPConnection(server.host, server.port)
    try:
        _reach(connection)
        connection.request(
            "POST",
            "/v1/handover",
            to_json(work),
            {"Content-Type": "application/json", "X-Expedit-Token": server.token},
        )
        answer = connection.getresponse()
        if answer.status != 200:
            raise Unavailable(
                f"the running server refused the work: {json.loads(answer.read()).get('detail')}"
            )
        step = Step(error="the server stopped before the work was done", kind=Unavailable.__name__)
        for line in answer:
            step = from_json(line, Step)
            if step.label:
                progress(step.label, step.done, step.total)
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(
            f"the server of {home.root} does not answer on port {server.port}: {error}"
        ) from error
    finally:
        connection.close()
    if step.error:
        raise _KINDS.get(step.kind, ExpeditError)(step.error)
    return step.result


def _reach(connection: http.client.HTTPConnection) -> None:
    """Connect; a server that has just been started is given time to listen."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            connection.connect()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
