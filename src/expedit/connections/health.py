"""How each connection does: last message, lag, errors, and an alarm when it is silent for unusually long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from expedit.connections import store
from expedit.connections.changing import kind_of
from expedit.connections.model import Connection, Run
from expedit.connections.plugged import connections
from expedit.core import DAY, HOUR, MINUTE, Corrupt, SettingsError, Struct, day_of, evolve
from expedit.storage import Shop

MANY_ATTEMPTS = 3
"""So many failed fetches in a row are more than bad luck."""
RHYTHM_DAYS = 14
"""Days from which the usual rhythm is learned."""
FEWEST_DAYS = 3
"""Days with messages that it takes to know a rhythm."""
PATIENCE = 1.5
"""How many times the usual longest pause a silence has to be before it is an alarm."""
LATE = 10 * MINUTE
"""A message that waits longer than this is a warning."""

HealthState = Literal["ok", "warning", "failing", "paused", "waiting"]
"""Fine; look at it; broken; paused by somebody; nothing has come yet."""

Concern = Literal[
    "", "paused", "uninstalled", "key", "silent", "refused", "failed", "lag", "fetch", "waiting"
]
"""What the state is about; texts: ``connections.concern_…``."""


class ConnectionHealth(Struct, frozen=True):
    """How a connection does; moments and spans in microseconds.

    Parameters
    ----------
    state, concern
        The verdict and what it is about.
    last
        When the last message came; None = never.
    lag
        How long the oldest due message has waited; 0 when none waits.
    pending, failed
        Messages that wait, and that were given up and not replayed.
    errors
        Messages given up and requests refused in the last 24 hours.
    silence
        How long nothing may come before it is an alarm; None while the rhythm is unknown, or nothing is to
        come.
    refusal
        Why a request was refused last, when one was in the last 24 hours.
    run
        How its fetching stands, for a kind that fetches.
    detail
        The error's own words, where there are any.
    uninstalled
        When the other system took us away, if it has not taken us back since.
    """

    connection: Connection
    state: HealthState
    concern: Concern
    last: int | None = None
    lag: int = 0
    pending: int = 0
    failed: int = 0
    errors: int = 0
    messages: int = 0
    duplicates: int = 0
    silence: int | None = None
    refusal: str = ""
    run: Run | None = None
    detail: str = ""
    uninstalled: int | None = None


def health_of(shop: Shop, connection: Connection) -> ConnectionHealth:
    """Return how `connection` does now."""
    now = shop.clock()
    kind = kind_of(connection)
    with shop.database.reading() as tx:
        days = tx.rows(
            "SELECT messages, duplicates, refused, last, pause, refusal, day FROM connection_days"
            " WHERE connection = ? ORDER BY day DESC LIMIT ?",
            (connection.id, RHYTHM_DAYS + 1),
        )
        waiting = tx.row(
            "SELECT count(*), min(received) FROM inbox"
            " WHERE connection = ? AND state = 'pending' AND due <= ?",
            (connection.id, now),
        ) or (0, None)
        failed = tx.row(
            "SELECT count(*), count(CASE WHEN finished > ? THEN 1 END) FROM inbox"
            " WHERE connection = ? AND state = 'failed'",
            (now - DAY, connection.id),
        ) or (0, 0)
        run = store.read_run(tx, connection.id)
        gone = store.read_mark(tx, connection.id, store.UNINSTALLED)
    recent = [day for day in days if day[6] >= day_of(now - DAY)]
    last = max((day[3] for day in days if day[3]), default=None)
    floor = int(shop.settings.connection_silence_hours * HOUR)
    expected = kind.receive is not None and gone is None
    silence = usual_silence([day[4] for day in days if day[0]], floor) if expected else None
    health = ConnectionHealth(
        connection,
        "ok",
        "",
        last=last,
        lag=now - waiting[1] if waiting[1] is not None and connection.enabled else 0,
        pending=waiting[0],
        failed=failed[0],
        errors=failed[1] + sum(day[2] for day in recent),
        messages=sum(day[0] for day in recent),
        duplicates=sum(day[1] for day in recent),
        silence=silence,
        refusal=next((day[5] for day in recent if day[5]), ""),
        run=run,
        uninstalled=None if gone is None else int(gone),
    )
    return _judged(shop, health, now)


def every_health(shop: Shop) -> tuple[ConnectionHealth, ...]:
    """Return how each connection does, the oldest first."""
    return tuple(health_of(shop, connection) for connection in connections(shop).all())


def usual_silence(pauses: Sequence[int], floor: int) -> int | None:
    """Return how long nothing may come before it is an alarm, or None while the rhythm is unknown.

    Parameters
    ----------
    pauses
        The longest pause that ended on each day with messages, in microseconds.
    floor
        Never less than this.

    Notes
    -----
    The second longest of the daily longest pauses, times `PATIENCE`: it knows nights and weekends, and one
    outage does not make the next one seem usual.
    """
    if len(pauses) < FEWEST_DAYS:
        return None
    return max(floor, int(sorted(pauses)[-2] * PATIENCE))


def _judged(shop: Shop, health: ConnectionHealth, now: int) -> ConnectionHealth:
    """Return `health` with its verdict: the worst that is so, or what explains the rest."""
    one, run = health.connection, health.run
    silent = health.silence is not None and health.last is not None and now - health.last > health.silence
    broken = _broken_key(shop, one)
    fetch: HealthState = "failing" if run is not None and run.attempts >= MANY_ATTEMPTS else "warning"
    verdicts: tuple[tuple[object, HealthState, Concern, str], ...] = (
        (not one.enabled, "paused", "paused", ""),
        (health.uninstalled is not None, "failing", "uninstalled", ""),
        (broken, "failing", "key", broken),
        (run and run.error, fetch, "fetch", run.error if run else ""),
        (silent, "failing", "silent", ""),
        (health.refusal, "warning", "refused", health.refusal),
        (health.failed, "warning", "failed", ""),
        (health.lag > LATE, "warning", "lag", ""),
        (health.last is None and (run is None or run.succeeded is None), "waiting", "waiting", ""),
    )
    for so, state, concern, detail in verdicts:
        if so:
            return evolve(health, state=state, concern=concern, detail=detail)
    return health


def _broken_key(shop: Shop, connection: Connection) -> str:
    """Return why the secrets of a connection cannot be opened, empty when they can."""
    try:
        for field in kind_of(connection).fields:
            if field.kind == "secret":
                connections(shop).secrets(connection.id, field.name)
    except (SettingsError, Corrupt) as error:
        return str(error)
    return ""
