"""Cursors: each reader of the log at its own pace, every event exactly once."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from expedit.events.erasure import pending_tombstones
from expedit.events.files import read_files
from expedit.events.model import Event, EventKind, SealedFile, unpack_event
from expedit.events.rewriting import without
from expedit.events.store import Place, head_end, head_rows, read_mark, seal_mark, sealed_files
from expedit.storage import Home, Shop, Transaction


def consume(
    shop: Shop, tx: Transaction, name: str, limit: int = 1000, kinds: Collection[EventKind] = ()
) -> list[Event]:
    """Return the next events of the reader called `name`, in the order they were appended.

    The cursor moves in the transaction `tx`: what the reader writes there and the moving happen both or not
    at all, so each event counts exactly once. A reader that starts late, or lags, gets the sealed events
    first. A short list may be followed by more; an empty one means that all is read.

    Parameters
    ----------
    tx
        The reader's own writing transaction, begun for this.
    name
        Name of the cursor; it starts at the beginning of the log.
    limit
        At most so many.
    kinds
        Only these kinds; empty for all.
    """
    mark = seal_mark(tx, "SHARE")  # sealing must not move rows from under the reader
    tx.run("INSERT INTO cursors (name, xid, seq) VALUES (?, 0, 0) ON CONFLICT DO NOTHING", (name,))
    found = tx.row(f"SELECT xid, seq FROM cursors WHERE name = ?{tx.for_update}", (name,))  # noqa: S608
    place = Place(*found) if found else Place()
    events, end = _following(shop.home, tx, place, mark, limit, kinds)
    if end > place:
        tx.run("UPDATE cursors SET xid = ?, seq = ? WHERE name = ?", (end.xid, end.seq, name))
    return events


def log_end(shop: Shop) -> Place:
    """Return the place in the log after which whatever is still to come will stand."""
    with shop.database.reading() as tx:
        return max(read_mark(tx), head_end(tx) or Place())


def follow(
    shop: Shop, place: Place, limit: int = 1000, kinds: Collection[EventKind] = ()
) -> tuple[list[Event], Place]:
    """Return the events after `place`, in the order they were appended, and the place to go on from.

    For readers that keep their place in memory and write nothing. A short list may be followed by more; when
    the place stays the same, all is read.

    Parameters
    ----------
    place
        From `log_end`, or from the call before.
    limit
        At most so many.
    kinds
        Only these kinds; empty for all.
    """
    with shop.database.reading() as tx:
        if tx.dialect == "postgresql":
            tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _following(shop.home, tx, place, read_mark(tx), limit, kinds)


def _following(
    home: Home, tx: Transaction, place: Place, mark: Place, limit: int, kinds: Collection[EventKind]
) -> tuple[list[Event], Place]:
    """Return the next events, and the place of the last that was looked at."""
    end = place
    events: list[Event] = []
    while end < mark and not events:
        events, end = _sealed_after(home, tx, end, mark, limit, kinds)
    # The end is fixed first: a row that settles between the two statements must not be passed.
    last = head_end(tx)
    if end >= mark and len(events) < limit and last is not None and last > end:
        left = limit - len(events)
        rows = head_rows(tx, end, left, kinds, until=last)
        events += [row.event for row in rows]
        end = Place(rows[-1].xid, rows[-1].seq) if len(rows) == left else last
    return events, end


def kept_place(tx: Transaction, name: str) -> Place | None:
    """Return the place that a reader which follows the log had kept under its name; None when it had none."""
    found = tx.row("SELECT xid, seq FROM cursors WHERE name = ?", (name,))
    return None if found is None else Place(*found)


def keep_place(tx: Transaction, name: str, place: Place) -> None:
    """Keep the place that a reader which follows the log has come to, for when it begins anew."""
    tx.run(
        "INSERT INTO cursors (name, xid, seq) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET xid = excluded.xid, seq = excluded.seq",
        (name, place.xid, place.seq),
    )


def rewind(tx: Transaction, name: str) -> None:
    """Forget the place of the cursor called `name`: it begins anew, as if it had never read."""
    tx.run("DELETE FROM cursors WHERE name = ?", (name,))


def _sealed_after(
    home: Home, tx: Transaction, after: Place, mark: Place, limit: int, kinds: Collection[str]
) -> tuple[list[Event], Place]:
    files = [
        file for file in sealed_files(tx, "events") if (file.xid_to, file.seq_to) > (after.xid, after.seq)
    ]
    if not files:
        return [], mark
    # Places first, bodies only of those that are next: a whole log does not fit in memory.
    places = _later(read_files(home, files, ["xid", "seq", "kind"]), after, kinds)
    following = places.sort_by([("xid", "ascending"), ("seq", "ascending")]).slice(0, limit)
    if not following.num_rows:
        return [], mark
    wanted = pc.unique(following["seq"])
    tombstones = pending_tombstones(tx)
    found: list[tuple[int, int, Event]] = []
    low, high = pc.min(wanted).as_py(), pc.max(wanted).as_py()
    for file in files:
        if file.seq_to >= low and file.seq_from <= high:
            found += _bodies(home, file, wanted, tombstones)
    found.sort(key=lambda row: row[:2])
    last = following.slice(following.num_rows - 1)
    end = Place(last["xid"][0].as_py(), last["seq"][0].as_py()) if following.num_rows == limit else mark
    return [event for _, _, event in found], end


def _later(table: pa.Table, after: Place, kinds: Collection[str]) -> pa.Table:
    later = pc.or_(
        pc.greater(table["xid"], after.xid),
        pc.and_(pc.equal(table["xid"], after.xid), pc.greater(table["seq"], after.seq)),
    )
    if kinds:
        later = pc.and_(later, pc.is_in(table["kind"], pa.array(sorted(kinds))))
    return table.filter(later)


def _bodies(
    home: Home, file: SealedFile, wanted: pa.Array, tombstones: dict[str, int]
) -> list[tuple[int, int, Event]]:
    table = read_files(home, [file], ["xid", "seq", "ts_us", "subjects", "body"])
    table = without(table.filter(pc.is_in(table["seq"], wanted)), tombstones)
    return [
        (xid, seq, unpack_event(body))
        for xid, seq, body in zip(
            table["xid"].to_pylist(), table["seq"].to_pylist(), table["body"].to_pylist(), strict=True
        )
    ]
