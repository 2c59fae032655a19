"""The inbox: what a webhook brings is stored at once, and turned into changes however often that takes.

A message is stored before it is understood, so its sender has an answer within milliseconds and nothing is
lost. Handlers may see a message twice and messages in any order. One that cannot be understood is kept with
the field and the reason until somebody mends the cause and replays it.
"""

from __future__ import annotations

import structlog

from expedit.connections import store
from expedit.connections.changing import kind_of
from expedit.connections.model import Connection, Hook, Later, Message
from expedit.connections.plugged import connections
from expedit.core import (
    DAY,
    HOUR,
    SECOND,
    ExpeditError,
    InvalidInput,
    NotAllowed,
    NotFound,
    Progress,
    Unavailable,
    day_of,
    no_progress,
)
from expedit.identity import identify
from expedit.storage import Shop

MOST_ATTEMPTS = 10
"""How often a message is tried whose handling breaks for a reason that nobody foresaw."""
FIRST_WAIT = 10 * SECOND
LONGEST_WAIT = HOUR

_AT_ONCE = 100
_log = structlog.get_logger("connections")


def receive(shop: Shop, connection: Connection, hook: Hook) -> bool:
    """Check a webhook's signature and put it in the inbox; return False for one that is there already.

    Raises
    ------
    NotAllowed
        When the signature does not fit, or the message is for another shop.
    NotFound
        When this kind of connection gets no webhooks.
    """
    kind = kind_of(connection)
    if kind.receive is None:
        raise NotFound(f"{connection.kind} gets no webhooks")
    secrets = connections(shop).secrets(connection.id, kind.webhook_secret)
    day = day_of(hook.received)
    try:
        incoming = kind.receive(connection, hook, secrets)
    except (NotAllowed, InvalidInput) as error:
        with shop.database.writing() as tx:
            store.count_day(tx, connection.id, day, hook.received, refused=1, refusal=str(error))
        raise
    if incoming is None:
        return True
    with shop.database.writing() as tx:
        stored = store.put_message(
            tx,
            connection.id,
            incoming.topic,
            incoming.delivery,
            hook.body,
            hook.received,
            incoming.headers,
            subjects_of(shop, incoming.people),
        )
        fresh = stored is not None
        store.count_day(tx, connection.id, day, hook.received, messages=int(fresh), duplicates=int(not fresh))
    return fresh


def subjects_of(shop: Shop, people: object) -> set[str]:
    """Return the subject ids of identifiers, leaving out those that are nobody's."""
    found = set()
    for kind, raw in people:  # type: ignore[attr-defined]
        try:
            found.add(identify(shop.secret, kind, raw).subject_id)
        except InvalidInput:
            continue  # a placeholder names nobody, so there is nobody to erase
    return found


def process(shop: Shop, progress: Progress = no_progress) -> int:
    """Handle every message that is due; return how many were handled."""
    handled = 0
    seen: set[int] = set()
    while True:
        running = {one.id: one for one in connections(shop).all() if one.enabled}
        if not running:
            return handled
        with shop.database.reading() as tx:
            messages = store.due_messages(tx, sorted(running), shop.clock(), _AT_ONCE, seen)
        if not messages:
            return handled
        for message in messages:
            seen.add(message.id)
            handle(shop, running[message.connection], message)
            handled += 1
            progress("messages", handled, None)


def handle(shop: Shop, connection: Connection, message: Message) -> None:
    """Turn one message into changes, and note what became of it."""
    attempts = message.attempts + 1
    try:
        kind = kind_of(connection)
        if kind.handle is None:
            raise NotFound(f"{connection.kind} handles no messages")
        later = kind.handle(shop, connection, message)
    except Unavailable as error:
        _settle(shop, message, Later(shop.clock() + wait_after(attempts), str(error)))
    except InvalidInput as error:
        _fail(shop, message, error.field, error.reason)
    except ExpeditError as error:
        _fail(shop, message, "", str(error))
    except Exception as error:  # the edge: nothing that one message does may stop the others
        _log.error(
            "message failed",
            connection=connection.id,
            topic=message.topic,
            message=message.id,
            exc_info=error,
        )
        reason = f"{type(error).__name__}: {error}"
        if attempts >= MOST_ATTEMPTS:
            _fail(shop, message, "", reason)
        else:
            _settle(shop, message, Later(shop.clock() + wait_after(attempts), reason))
    else:
        _settle(shop, message, later)


def wait_after(attempts: int) -> int:
    """Return how long to wait after so many attempts: doubling from ten seconds to an hour."""
    return int(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 20)))


def replay(shop: Shop, connection_id: str, message_id: int | None = None) -> int:
    """Have one message, or all failed ones of a connection, handled again; return how many."""
    with shop.database.writing() as tx:
        count = store.reopen_messages(tx, connection_id, shop.clock(), message_id)
    if message_id is not None and not count:
        raise NotFound(f"there is no message {message_id} of {connection_id}")
    return count


def prune(shop: Shop) -> int:
    """Delete what was kept long enough; return how many messages that was."""
    now = shop.clock()
    days = shop.settings.connection_inbox_days
    with shop.database.writing(shred=True) as tx:
        store.drop_ended_secrets(tx, now)
        return store.prune_inbox(tx, now - days * DAY, now - max(days, FAILED_DAYS) * DAY)


FAILED_DAYS = 30
"""Failed messages are kept at least so long, for somebody to mend and replay."""


def _settle(shop: Shop, message: Message, later: Later | None) -> None:
    now = shop.clock()
    with shop.database.writing() as tx:
        if later is None:
            store.settle_message(tx, message.id, "done", now)
        else:
            store.settle_message(tx, message.id, "pending", now, later.due, "", later.reason)


def _fail(shop: Shop, message: Message, at_fault: str, reason: str) -> None:
    with shop.database.writing() as tx:
        store.settle_message(tx, message.id, "failed", shop.clock(), 0, at_fault, reason)
