"""The newest events as they come in, one event by its place, and one person's events page by page.

Made for people who look: each answer reads the head of the log and as few sealed files as it can.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expedit.core import Corrupt, NotFound, Struct
from expedit.events.erasure import dates_of, is_hidden, pending_tombstones
from expedit.events.files import read_files
from expedit.events.model import Event, SealedFile, unpack_event
from expedit.events.rewriting import without
from expedit.events.store import HeadRow, Place, head_rows, newest_head_rows, read_mark, sealed_files
from expedit.storage import Home, Shop, Transaction

_HEAD_LOOKED_AT = 5_000
_FILES_LOOKED_AT = 6


class Wanted(Struct, frozen=True):
    """Which events to show; an empty field means any.

    Parameters
    ----------
    source, kind, channel
        As the event has them; `kind` also finds the sender's own name of a custom event.
    """

    source: str = ""
    kind: str = ""
    channel: str = ""

    def __call__(self, event: Event) -> bool:
        """Tell whether `event` is one of them."""
        return (
            self.source in {"", event.source}
            and self.channel in {"", event.channel}
            and self.kind in {"", event.kind, event.name}
        )


class Arrived(Struct, frozen=True):
    """An event and its place in the log.

    Parameters
    ----------
    seq
        Its number, which never changes.
    event
        The event.
    """

    seq: int
    event: Event


class Arrivals(Struct, frozen=True):
    """Events in the order of arrival, the newest first, and where to go on from.

    Parameters
    ----------
    rows
        The events.
    cursor
        What to hand back to see only what comes later.
    """

    rows: tuple[Arrived, ...]
    cursor: str


def newest_events(shop: Shop, limit: int = 50, wanted: Wanted | None = None) -> Arrivals:
    """Return the events that arrived last.

    A rare kind that is in none of the newest thousands is not looked for in the whole log.
    """
    test = wanted or Wanted()
    with shop.database.reading() as tx:
        mark = read_mark(tx)
        head = newest_head_rows(tx, mark, _HEAD_LOOKED_AT)
        tombstones = pending_tombstones(tx)
        files = sealed_files(tx, "events") if sum(map(test, (row.event for row in head))) < limit else []
        end = max([Place(row.xid, row.seq) for row in head], default=mark)
        rows = [row for row in head if test(row.event)]
        for file in sorted(files, key=lambda one: (one.xid_to, one.seq_to), reverse=True)[:_FILES_LOOKED_AT]:
            if len(rows) >= limit and (file.xid_to, file.seq_to) < (rows[limit - 1].xid, rows[limit - 1].seq):
                break
            rows += _newest_of(shop.home, file, limit, test, tombstones)
            rows.sort(key=lambda row: (row.xid, row.seq), reverse=True)
    shown = sorted(rows, key=lambda row: (row.xid, row.seq), reverse=True)[:limit]
    return Arrivals(tuple(Arrived(row.seq, row.event) for row in shown), f"{end.xid}.{end.seq}")


def events_after(shop: Shop, cursor: str, limit: int = 200, wanted: Wanted | None = None) -> Arrivals:
    """Return what arrived since `cursor`, the newest first; at most the newest `limit`.

    What was sealed meanwhile is found too.
    """
    test = wanted or Wanted()
    after = _place(cursor)
    with shop.database.reading() as tx:
        mark = read_mark(tx)
        rows = head_rows(tx, max(after, mark), _HEAD_LOOKED_AT)
        if after < mark:
            tombstones = pending_tombstones(tx)
            files = [
                one for one in sealed_files(tx, "events") if (one.xid_to, one.seq_to) > (after.xid, after.seq)
            ]
            for file in sorted(files, key=lambda one: (one.xid_to, one.seq_to))[-_FILES_LOOKED_AT:]:
                found = _newest_of(shop.home, file, limit, test, tombstones)
                rows += [row for row in found if Place(row.xid, row.seq) > after]
    end = max([Place(row.xid, row.seq) for row in rows], default=after)
    end = max(end, mark)
    kept = sorted((row for row in rows if test(row.event)), key=lambda row: (row.xid, row.seq), reverse=True)
    return Arrivals(tuple(Arrived(row.seq, row.event) for row in kept[:limit]), f"{end.xid}.{end.seq}")


def _place(cursor: str) -> Place:
    xid, _, seq = cursor.partition(".")
    if not (xid.isdecimal() and seq.isdecimal()) or len(cursor) > 40:
        return Place()
    return Place(int(xid), int(seq))


def _newest_of(
    home: Home, file: SealedFile, limit: int, test: Wanted, tombstones: dict[str, int]
) -> list[HeadRow]:
    """Return the newest events of a sealed file that pass."""
    columns = ["xid", "seq", "ts_us", "source", "kind", "name", "channel", "subjects"]
    table = _numbered(home, file, columns)
    for column, value in (("source", test.source), ("channel", test.channel)):
        if value:
            table = table.filter(pc.equal(table[column], value))
    if test.kind:
        called = pc.fill_null(pc.equal(table["name"], test.kind), False)
        table = table.filter(pc.or_(pc.equal(table["kind"], test.kind), called))
    table = without(table, tombstones).sort_by([("xid", "descending"), ("seq", "descending")])
    return _whole(home, file, table.slice(0, limit))


def _numbered(home: Home, file: SealedFile, columns: list[str]) -> pa.Table:
    """Return columns of a sealed file, and ``row``: where in the file each row stands."""
    table = read_files(home, [file], columns)
    return table.append_column("row", pa.array(np.arange(table.num_rows)))


def _whole(home: Home, file: SealedFile, rows: pa.Table) -> list[HeadRow]:
    """Return the events of `rows` (``xid``, ``seq``, ``row``), reading only the row groups they stand in.

    Bodies are most of a file, and a page wants a few of perhaps a million.
    """
    if not rows.num_rows:
        return []
    wanted = rows["row"].to_numpy()
    try:
        with pq.ParquetFile(home.log / file.path) as parquet:
            sizes = [parquet.metadata.row_group(n).num_rows for n in range(parquet.num_row_groups)]
            starts = np.concatenate([[0], np.cumsum(sizes)])
            groups = np.searchsorted(starts, wanted, side="right") - 1
            chosen = np.unique(groups)
            bodies = parquet.read_row_groups(chosen.tolist(), columns=["body"])["body"]
    except (OSError, pa.ArrowInvalid) as error:
        raise Corrupt(f"the sealed file {file.path} cannot be read: {error}") from error
    begins = np.concatenate([[0], np.cumsum(np.asarray(sizes)[chosen])])
    places = wanted - starts[groups] + begins[np.searchsorted(chosen, groups)]
    found = bodies.take(pa.array(places)).to_pylist()
    return [
        HeadRow(xid, seq, unpack_event(body), body)
        for xid, seq, body in zip(rows["xid"].to_pylist(), rows["seq"].to_pylist(), found, strict=True)
    ]


def event_at(shop: Shop, seq: int) -> Event:
    """Return the event with the number `seq`, sealed or not.

    Raises
    ------
    NotFound
        When there is none, or it was erased.
    """
    with shop.database.reading() as tx:
        row = tx.row("SELECT body FROM events WHERE seq = ?", (seq,))
        tombstones = pending_tombstones(tx)
        if row is not None:
            event = unpack_event(row[0])
            if not is_hidden(event, tombstones):
                return event
        files = [file for file in sealed_files(tx, "events") if file.seq_from <= seq <= file.seq_to]
        for file in files:
            table = _numbered(shop.home, file, ["xid", "seq", "ts_us", "subjects"])
            found = _whole(shop.home, file, without(table.filter(pc.equal(table["seq"], seq)), tombstones))
            if found:
                return found[0].event
    raise NotFound("there is no such event, or its person was erased")


def events_of(
    shop: Shop,
    subjects: Collection[str],
    before: tuple[int, int] | None = None,
    limit: int = 100,
    among: Callable[[Event], bool] | None = None,
) -> tuple[Arrived, ...]:
    """Return a page of the events that carry one of `subjects`, the latest first.

    Parameters
    ----------
    subjects
        Subject ids.
    before
        (`at`, `seq`) of the last event of the page before; None for the first page.
    limit
        Most events.
    among
        Which of them count; by default all.
    """
    wanted = frozenset(subjects)
    last = before or (2**62, 2**62)
    found: list[Arrived] = []
    with shop.database.reading() as tx:
        tombstones = pending_tombstones(tx)
        head = _head_of(tx, wanted)
        by_date: dict[str, list[SealedFile]] = {}
        for file in sealed_files(tx, "events"):
            if file.at_from <= last[0]:
                by_date.setdefault(file.date, []).append(file)
        for date in sorted(by_date.keys() & set(dates_of(tx, wanted)), reverse=True):
            if len(found) >= limit and found[limit - 1].event.at > max(one.at_to for one in by_date[date]):
                break
            found += _of_date(shop.home, by_date[date], wanted, tombstones, last, among)
            found.sort(key=_when, reverse=True)
    found += [one for one in head if _when(one) < last and (among is None or among(one.event))]
    return tuple(sorted(found, key=_when, reverse=True)[:limit])


def _when(one: Arrived) -> tuple[int, int]:
    return one.event.at, one.seq


def _head_of(tx: Transaction, wanted: frozenset[str]) -> list[Arrived]:
    """Return the events at the head that carry one of the subjects, acting or not."""
    found = []
    after = read_mark(tx)
    while rows := head_rows(tx, after, _HEAD_LOOKED_AT):
        found += [Arrived(row.seq, row.event) for row in rows if not wanted.isdisjoint(row.event.subjects)]
        after = Place(rows[-1].xid, rows[-1].seq)
    return found


def _of_date(
    home: Home,
    files: list[SealedFile],
    wanted: frozenset[str],
    tombstones: dict[str, int],
    last: tuple[int, int],
    among: Callable[[Event], bool] | None,
) -> list[Arrived]:
    found: list[Arrived] = []
    for file in files:
        table = _numbered(home, file, ["xid", "seq", "ts_us", "subjects"])
        lists = table["subjects"].combine_chunks()
        mine = pc.is_in(pc.list_flatten(lists), pa.array(sorted(wanted), pa.string()))
        rows = pc.unique(pc.list_parent_indices(lists).filter(mine))
        found += [
            Arrived(one.seq, one.event)
            for one in _whole(home, file, without(table.take(rows), tombstones))
            if (one.event.at, one.seq) < last and (among is None or among(one.event))
        ]
    return found


def reach(shop: Shop) -> int:
    """Return the moment up to which all that was received is in the sealed log, and so in every answer."""
    with shop.database.reading() as tx:
        waiting = head_rows(tx, read_mark(tx), 1)
    return waiting[0].event.received if waiting else shop.clock()
