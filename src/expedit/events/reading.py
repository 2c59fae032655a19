"""Reading the log as one: the sealed files and the head, from one snapshot, without what is erased."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa

from expedit.events.columns import EVENTS, ITEMS
from expedit.events.erasure import dates_of, pending_tombstones
from expedit.events.files import read_files
from expedit.events.model import Event, SealedFile, unpack_event
from expedit.events.rewriting import without
from expedit.events.store import Place, read_mark, sealed_files
from expedit.storage import Home, Shop, Transaction
from expedit.warehouse import Dataset, Source, View

_EVER = 2**62
_VISIBLE = (
    "SELECT * FROM {table} sealed WHERE NOT EXISTS (SELECT 1 FROM erased"
    " WHERE list_contains(sealed.subjects, erased.subject) AND sealed.ts_us <= erased.until_us)"
)


def read_events(
    shop: Shop,
    since: int | None = None,
    until: int | None = None,
    subjects: Collection[str] | None = None,
) -> Generator[Event, None, None]:
    """Give the events of the whole log in order of (`at`, `message_id`, `source`).

    The log stands still while it is read: what is appended, sealed or erased meanwhile is not noticed. Memory
    is that of one date.

    Parameters
    ----------
    since, until
        Only events from the one moment on, before the other.
    subjects
        Only events that carry one of these subject ids.
    """
    first, last = -_EVER if since is None else since, _EVER if until is None else until
    wanted = None if subjects is None else frozenset(subjects)
    with shop.database.reading() as tx:
        if tx.dialect == "postgresql":
            tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        tombstones = pending_tombstones(tx)
        files = [f for f in sealed_files(tx, "events") if f.at_to >= first and f.at_from < last]
        if wanted is not None:
            dates = set(dates_of(tx, wanted))
            files = [file for file in files if file.date in dates]
        sealed = _sealed_events(shop.home, files, tombstones)
        with closing(_head_events(tx, read_mark(tx), first, last)) as head:
            for event in heapq.merge(sealed, head, key=lambda e: (e.at, e.message_id, e.source)):
                if first <= event.at < last and (wanted is None or not wanted.isdisjoint(event.subjects)):
                    yield event


def _sealed_events(home: Home, files: list[SealedFile], tombstones: dict[str, int]) -> Iterator[Event]:
    for _, group in groupby(files, key=lambda file: file.date):
        day = without(
            read_files(home, list(group), ["ts_us", "message_id", "source", "subjects", "body"]), tombstones
        )
        order = [("ts_us", "ascending"), ("message_id", "ascending"), ("source", "ascending")]
        for body in day.sort_by(order)["body"]:
            yield unpack_event(body.as_buffer())


def _head_events(tx: Transaction, mark: Place, first: int, last: int) -> Generator[Event, None, None]:
    text = (
        "SELECT body FROM events WHERE (xid, seq) > ({0}, {0}) AND at >= {0} AND at < {0}"
        " ORDER BY at, message_id{1}, source{1}"
    )
    params = (mark.xid, mark.seq, first, last)
    if tx.dialect == "sqlite":
        cursor: Any = tx.driver.execute(text.format("?", ""), params)
    else:
        cursor = tx.driver.cursor(name="log_head")  # kept by the server, fetched in portions
        cursor.execute(text.format("%s", ' COLLATE "C"'), params)
    with closing(cursor):
        for (body,) in cursor:
            yield unpack_event(body)


def log_files(shop: Shop, dataset: str = "events", since: int | None = None) -> list[Path]:
    """Return the files that make up the sealed log now, by date.

    A file in the list stays readable for an hour after it is replaced. Erased events may still be in them:
    use `log_tables` for questions.

    Parameters
    ----------
    dataset
        ``events`` or ``items``.
    since
        Leave out files whose events are all older than this moment.
    """
    with shop.database.reading() as tx:
        return _paths(shop, tx, dataset, since)


def _paths(shop: Shop, tx: Transaction, dataset: str, since: int | None) -> list[Path]:
    return [
        shop.home.log / file.path
        for file in sealed_files(tx, dataset)
        if since is None or file.at_to >= since
    ]


def log_tables(shop: Shop, since: int | None = None) -> dict[str, Source]:
    """Return the sealed log as the tables ``events`` and ``items`` of a question.

    Erased events are hidden. What was appended since the last sealing is not there yet: call `seal` first
    where that matters.

    Parameters
    ----------
    since
        Leave out files whose events are all older than this moment; the question still has to ask for it.
    """
    with shop.database.reading() as tx:
        tombstones = pending_tombstones(tx)
        events = Dataset(EVENTS, tuple(_paths(shop, tx, "events", since)))
        items = Dataset(ITEMS, tuple(_paths(shop, tx, "items", since)))
    if not tombstones:
        return {"events": events, "items": items}
    erased = pa.table(
        {
            "subject": pa.array(list(tombstones), pa.string()),
            "until_us": pa.array(list(tombstones.values()), pa.int64()),
        }
    )
    return {
        "sealed_events": events,
        "sealed_items": items,
        "erased": erased,
        "events": View(_VISIBLE.format(table="sealed_events")),
        "items": View(_VISIBLE.format(table="sealed_items")),
    }


def log_start(shop: Shop) -> int | None:
    """Return the moment of the earliest event of the sealed log; None while it is empty."""
    with shop.database.reading() as tx:
        return min((file.at_from for file in sealed_files(tx, "events")), default=None)


def count_events(shop: Shop) -> int:
    """Return how many events the log holds, those included that are hidden and not yet rewritten."""
    with shop.database.reading() as tx:
        mark = read_mark(tx)
        head = tx.row("SELECT count(*) FROM events WHERE (xid, seq) > (?, ?)", (mark.xid, mark.seq))
        return sum(file.rows for file in sealed_files(tx, "events")) + (head[0] if head else 0)
