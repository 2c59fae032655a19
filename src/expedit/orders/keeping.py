"""Keeping the order book: it follows the event log behind a cursor of its own."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable

from expedit.core import PersonRef, Progress, evolve, no_progress, to_builtins
from expedit.events import Event, EventKind, consume
from expedit.orders import store
from expedit.orders.folding import fact_of, merged, order_of
from expedit.orders.model import Fact, Order
from expedit.storage import Shop, Transaction

CURSOR = "orders"
KINDS: tuple[EventKind, ...] = ("purchase", "refund", "cancel", "custom")
_AT_ONCE = 250
_PAUSE = 0.001
"""Seconds between two transactions, for whoever waits for the database: a lock is not given in turn."""


def keep_orders(shop: Shop, progress: Progress = no_progress) -> int:
    """Take in what the log has new of orders; return how many events that was."""
    taken = 0
    while True:
        with shop.database.writing() as tx:
            events = consume(shop, tx, CURSOR, _AT_ONCE, KINDS)
            note(tx, events)
        if not events:
            return taken
        taken += len(events)
        progress("orders", taken, None)
        time.sleep(_PAUSE)


def note(tx: Transaction, events: Iterable[Event]) -> None:
    """Note what `events` say of orders; what says nothing of one is passed over."""
    told: dict[str, list[Fact]] = defaultdict(list)
    for event in events:
        fact = fact_of(event)
        if fact is not None and event.order_id is not None:
            told[event.order_id].append(fact)
    if not told:
        return
    known = store.read_facts(tx, told)
    changed: list[tuple[Order, tuple[Fact, ...]]] = []
    for order_id in sorted(told):
        before = known.get(order_id, ())
        facts = merged(before, told[order_id])
        if facts != before:
            changed.append((order_of(order_id, facts), facts))
    store.write_orders(tx, changed)


def find_order(shop: Shop, order_id: str) -> Order | None:
    """Return the order of that id, or None."""
    with shop.database.reading() as tx:
        return store.read_order(tx, order_id)


def orders_between(shop: Shop, since: int, until: int) -> tuple[Order, ...]:
    """Return the orders placed from `since` to before `until` (microseconds), the oldest first."""
    with shop.database.reading() as tx:
        return tuple(store.read_orders_between(tx, since, until))


def orders_of(shop: Shop, subject_ids: Iterable[str]) -> tuple[Order, ...]:
    """Return the orders of a person's subjects, the newest first."""
    with shop.database.reading() as tx:
        return tuple(store.read_orders(tx, subject_ids))


def orders_of_person(shop: Shop, person_id: str) -> tuple[Order, ...]:
    """Return the orders of the subjects that are a person's now; one query, made for decisions."""
    return tuple(store.read_orders_of_person(shop.database, person_id))


def orders_by_subject(tx: Transaction, subject_ids: Iterable[str]) -> list[tuple[str, Order]]:
    """Return the orders of many subjects, each beside the subject that it names."""
    return store.read_orders_by_subject(tx, subject_ids)


def export_person(shop: Shop, person: PersonRef) -> dict[str, object]:
    """Return the orders of a person as JSON-able values (GDPR art. 15 and 20)."""
    return {"orders": [to_builtins(order) for order in orders_of(shop, person.subject_ids)]}


def erase_person(shop: Shop, tx: Transaction, person: PersonRef) -> None:
    """Take the person out of their orders; the accounting stays (GDPR art. 17(3)(b))."""
    while events := consume(shop, tx, CURSOR, _AT_ONCE, KINDS):  # what the log still holds of them counts too
        note(tx, events)
    subjects = frozenset(person.subject_ids)
    facts = store.read_facts(tx, store.order_ids_of(tx, subjects))
    changed = []
    for order_id, known in facts.items():
        bare = tuple(
            evolve(fact, subjects=tuple(one for one in fact.subjects if one not in subjects))
            for fact in known
        )
        changed.append((order_of(order_id, bare), bare))
    store.write_orders(tx, changed)
