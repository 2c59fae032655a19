"""Going to get: what a kind fetches by itself, each connection at its own rhythm, with backoff."""

from __future__ import annotations

import structlog

from expedit.connections import store
from expedit.connections.changing import kind_of
from expedit.connections.inbox import wait_after
from expedit.connections.model import Connection, More, Run
from expedit.connections.plugged import connections
from expedit.core import SECOND, ExpeditError, NotFound, Progress, evolve, no_progress
from expedit.storage import Shop

_log = structlog.get_logger("connections")


def fetch_due(shop: Shop, progress: Progress = no_progress) -> int:
    """Fetch for every connection that is due; return how many that were."""
    done = 0
    for connection in connections(shop).all():
        if not connection.enabled or kind_of(connection).fetch is None:
            continue
        with shop.database.reading() as tx:
            run = store.read_run(tx, connection.id)
        if run is None or run.due <= shop.clock():
            fetch_now(shop, connection, progress)
            done += 1
    return done


def ask_to_fetch(shop: Shop, connection_id: str) -> None:
    """Have a connection fetched at the worker's next look."""
    with shop.database.writing() as tx:
        run = store.read_run(tx, connection_id) or Run(0)
        store.put_run(tx, connection_id, evolve(run, due=shop.clock()))


def fetch_now(shop: Shop, connection: Connection, progress: Progress = no_progress) -> Run:
    """Fetch for one connection, whatever its rhythm; return how that went.

    Raises
    ------
    NotFound
        When there is nothing to fetch for its kind.
    """
    kind = kind_of(connection)
    if kind.fetch is None or kind.every is None:
        raise NotFound(f"{connection.kind} fetches nothing")
    with shop.database.writing() as tx:
        run = evolve(store.read_run(tx, connection.id) or Run(0), started=shop.clock())
        # A crash on the way leaves it due after one ordinary wait.
        run = evolve(run, due=shop.clock() + wait_after(run.attempts + 1))
        store.put_run(tx, connection.id, run)
    try:
        note = kind.fetch(shop, connection, progress)
    except Exception as error:  # the edge: one source's failure is told in its health, the others go on
        if not isinstance(error, ExpeditError):
            _log.error("fetch failed", connection=connection.id, exc_info=error)
        attempts = run.attempts + 1
        reason = str(error) if isinstance(error, ExpeditError) else f"{type(error).__name__}: {error}"
        asked = getattr(error, "retry_after", None)  # what the sender asked for counts, if it is longer
        wait = max(wait_after(attempts), int((asked or 0) * SECOND))
        run = evolve(run, attempts=attempts, error=reason, due=shop.clock() + wait)
    else:
        now = shop.clock()
        if isinstance(note, More):
            run = evolve(run, attempts=0, error="", note=note.note, due=now)
        else:
            due = now + int(kind.every(connection) * SECOND)
            run = evolve(run, attempts=0, error="", note=note, succeeded=now, due=due)
    with shop.database.writing() as tx:
        store.put_run(tx, connection.id, run)
    return run
