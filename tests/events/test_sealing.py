"""The head moves to Parquet exactly once, whatever happens meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.core import DAY, HOUR, Conflict, Corrupt, day_of, evolve
from expedit.events import (
    Event,
    EventItem,
    append,
    compact,
    consume,
    count_events,
    log_files,
    read_events,
    seal,
    sealing,
)
from expedit.events.store import Place, move_mark, seal_mark
from expedit.storage import Shop, open_database

AT = 1_790_000_000_000_000


def event(number: int, at: int | None = None, **fields: object) -> Event:
    moment = AT + number if at is None else at
    return Event(f"m{number:05d}", "web", "view_item", moment, moment + 5, subject=f"s{number % 3}", **fields)  # type: ignore[arg-type]


def put(shop: Shop, *events: Event) -> None:
    with shop.database.writing() as tx:
        append(tx, events)


def head(shop: Shop) -> int:
    with shop.database.reading() as tx:
        return tx.rows("SELECT count(*) FROM events")[0][0]  # type: ignore[no-any-return]


def parquet_files(shop: Shop) -> list[Path]:
    return sorted(file for file in shop.home.log.glob("*/date=*/*"))


def test_sealed_events_are_the_events(shop: Shop) -> None:
    item = EventItem("sku", quantity=2, price=100, product="p")
    events = [event(n, items=(item,) * (n % 3), session="k", market="SE", query="ö") for n in range(10)]
    put(shop, *events)
    assert seal(shop) == 10
    assert head(shop) == 0
    assert list(read_events(shop)) == events
    assert seal(shop) == 0
    put(shop, event(11))
    assert list(read_events(shop)) == [*events, event(11)]


def test_each_date_has_its_folder_and_a_late_event_joins_its_own(shop: Shop) -> None:
    put(shop, event(1), event(2, AT + DAY), event(3, AT + 2 * DAY))
    seal(shop)
    put(shop, event(4, AT + 5))
    seal(shop)
    days = Counter(file.parent.name for file in parquet_files(shop))
    assert days == {f"date={day_of(AT)}": 2, f"date={day_of(AT + DAY)}": 1, f"date={day_of(AT + 2 * DAY)}": 1}
    assert [e.message_id for e in read_events(shop)] == ["m00001", "m00004", "m00002", "m00003"]


def test_columns_say_what_the_event_says(sqlite_shop: Shop) -> None:
    bought = Event(
        "m1",
        "till",
        "purchase",
        AT,
        AT + 9,
        subject="dev",
        ids=(("anonymous_id", "dev"), ("user_id", "usr")),
        channel="store",
        market="SE",
        items=(EventItem("sku1", variant="v1", quantity=2, price=5000, product="p1", color="blå"),),
        order_id="o1",
        value=10000,
        currency="SEK",
        campaign={"source": "mail"},
    )
    quiet = Event("m2", "web", "page_view", AT + 1, AT + 1, session="day-key", personal=False)
    put(sqlite_shop, bought, quiet)
    seal(sqlite_shop)
    events = pq.ParquetFile(log_files(sqlite_shop)[0]).read()
    assert events.column("ts").cast("int64").to_pylist() == events.column("ts_us").to_pylist() == [AT, AT + 1]
    wanted = {
        "message_id": ["m1", "m2"],
        "subject_id": ["dev", None],
        "subjects": [["dev", "usr"], []],
        "session_key": [None, "day-key"],
        "personal": [True, False],
        "order_id": ["o1", None],
        "value_minor": [10000, None],
        "campaign_source": ["mail", None],
        "lines": [1, 0],
    }
    assert events.select(list(wanted)).to_pydict() == wanted
    items = pq.ParquetFile(log_files(sqlite_shop, "items")[0]).read()
    wanted = {
        "item_id": ["sku1"],
        "variant_id": ["v1"],
        "product": ["p1"],
        "color": ["blå"],
        "quantity": [2],
        "price_minor": [5000],
        "line": [0],
        "kind": ["purchase"],
        "ts_us": [AT],
        "subject_id": ["dev"],
        "order_id": ["o1"],
    }
    assert items.select(list(wanted)).to_pydict() == wanted


class PowerCut(Exception):
    pass


@pytest.mark.parametrize(
    "step", ["write_file", "seal_mark", "add_files", "add_subject_days", "move_mark", "delete_head"]
)
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_at_any_step_loses_and_doubles_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str, before: bool
) -> None:
    events = [event(n, AT + n * DAY // 2, items=(EventItem("a"),)) for n in range(6)]
    put(shop, *events)
    real = getattr(sealing, step)

    def crash(*args: object) -> None:
        if step == "delete_head" and not log_files(shop):  # nothing is sealed yet
            return real(*args)  # type: ignore[no-any-return]
        if not before:
            real(*args)
        raise PowerCut

    monkeypatch.setattr(sealing, step, crash)
    with pytest.raises(PowerCut):
        seal(shop)
    sealed = step == "delete_head"
    assert bool(log_files(shop)) == sealed
    assert list(read_events(shop)) == events
    assert count_events(shop) == 6
    with shop.database.writing() as tx:
        assert consume(shop, tx, "reader") == events
    monkeypatch.setattr(sealing, step, real)
    assert seal(shop) == (0 if sealed else 6)
    assert head(shop) == 0
    assert list(read_events(shop)) == events
    assert parquet_files(shop) == sorted([*log_files(shop), *log_files(shop, "items")])


def test_a_half_written_file_is_swept(shop: Shop) -> None:
    put(shop, event(1))
    seal(shop)
    leftover = parquet_files(shop)[0].with_name("00.tmp")
    leftover.write_bytes(b"half")
    seal(shop)
    assert not leftover.exists()
    assert len(parquet_files(shop)) == 1


def test_many_steps_seal_everything(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "STEP", 4)
    events = [event(n) for n in range(10)]
    put(shop, *events)
    assert seal(shop) == 10
    assert len(log_files(shop)) == 3
    assert list(read_events(shop)) == events


def test_numbers_are_not_given_out_again_after_sealing(shop: Shop) -> None:
    put(shop, event(1), event(2))
    seal(shop)
    put(shop, event(3))
    with shop.database.reading() as tx:
        assert tx.rows("SELECT seq FROM events") == [(3,)]
    seal(shop)
    assert [e.message_id for e in read_events(shop)] == ["m00001", "m00002", "m00003"]


def test_appending_goes_on_while_sealing(shop: Shop) -> None:
    done = threading.Event()

    def write() -> None:
        for batch in range(30):
            put(shop, *(event(batch * 10 + n) for n in range(10)))
        done.set()

    writers = [threading.Thread(target=write)]
    for writer in writers:
        writer.start()
    sealed = 0
    while not done.is_set():
        sealed += seal(shop)
    for writer in writers:
        writer.join()
    sealed += seal(shop)
    assert sealed == 300
    assert list(read_events(shop)) == [event(n) for n in range(300)]


def test_two_hosts_that_seal_at_once_do_not_double(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    put(shop, event(1), event(2))
    real = sealing.write_file

    def meanwhile(*args: object) -> object:
        with shop.database.writing() as tx:
            seal_mark(tx, "UPDATE")
            move_mark(tx, Place(0, 1), AT)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sealing, "write_file", meanwhile)
    with pytest.raises(Conflict):
        seal(shop)
    assert log_files(shop) == []
    assert head(shop) == 2


def test_on_postgresql_a_lower_number_that_commits_later_is_not_passed(
    make_shop: object, postgres_url: str
) -> None:
    shop: Shop = make_shop("postgresql")  # type: ignore[operator]
    slow = open_database(postgres_url)
    try:
        with slow.writing() as tx:
            append(tx, [event(1)])  # takes the lower number, commits last
            put(shop, event(2))
            assert seal(shop) == 0  # beside a transaction that still writes, nothing later is settled
            assert [e.message_id for e in read_events(shop)] == ["m00002"]
        assert seal(shop) == 2
    finally:
        slow.close()
    assert [e.message_id for e in read_events(shop)] == ["m00001", "m00002"]


def test_small_files_of_past_dates_are_merged(shop: Shop, shop_clock: object) -> None:
    events = [event(n, AT - DAY + n, items=(EventItem("a"), EventItem("b"))) for n in range(12)]
    for start in range(0, 12, 4):
        put(shop, *events[start : start + 4])
        seal(shop)
    before = parquet_files(shop)
    assert len(before) == 6
    assert compact(shop) == 6
    assert len(log_files(shop)) == len(log_files(shop, "items")) == 1
    assert list(read_events(shop)) == events
    assert set(before) < set(parquet_files(shop)), "those who are reading the old files can finish"
    shop_clock.advance(HOUR)  # type: ignore[attr-defined]
    seal(shop)
    assert parquet_files(shop) == sorted([*log_files(shop), *log_files(shop, "items")])
    assert compact(shop) == 0
    items = pq.ParquetFile(log_files(shop, "items")[0]).read(["message_id", "line"]).to_pylist()
    assert items == [{"message_id": f"m{n:05d}", "line": line} for n in range(12) for line in (0, 1)]


def test_today_is_merged_only_when_it_has_many_files(shop: Shop) -> None:
    for number in range(11):
        put(shop, event(number, shop.clock() + number))
        seal(shop)
    assert compact(shop) == 0
    put(shop, event(11, shop.clock() + 11))
    seal(shop)
    assert compact(shop) == 12


def test_a_crash_while_merging_loses_and_doubles_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [event(n, AT - DAY + n) for n in range(4)]
    for one in events:
        put(shop, one)
        seal(shop)
    real = sealing.add_files

    def crash(*_: object) -> None:
        raise PowerCut

    monkeypatch.setattr(sealing, "add_files", crash)
    with pytest.raises(PowerCut):
        compact(shop)
    assert list(read_events(shop)) == events
    monkeypatch.setattr(sealing, "add_files", real)
    assert compact(shop) == 4
    assert list(read_events(shop)) == events


def test_a_lost_file_is_said_by_name(sqlite_shop: Shop) -> None:
    put(sqlite_shop, event(1))
    seal(sqlite_shop)
    file = log_files(sqlite_shop)[0]
    file.write_bytes(b"PAR1 garbage")
    with pytest.raises(Corrupt, match=file.name):
        list(read_events(sqlite_shop))
    file.unlink()
    with pytest.raises(Corrupt, match=file.name):
        list(read_events(sqlite_shop))


def test_a_read_stands_still_while_the_log_moves(shop: Shop) -> None:
    events = [event(n) for n in range(6)]
    put(shop, *events[:3])
    seal(shop)
    put(shop, *events[3:])
    reading = read_events(shop)
    first = next(reading)
    put(shop, event(7))
    seal(shop)
    assert [first, *reading] == events
    assert list(read_events(shop)) == [*events, event(7)]


def test_reading_from_to_and_of_subjects(shop: Shop) -> None:
    events = [event(n, AT + n * DAY) for n in range(6)]
    put(shop, *events[:4])
    seal(shop)
    put(shop, *events[4:])
    assert list(read_events(shop, since=AT + DAY, until=AT + 5 * DAY)) == events[1:5]
    assert list(read_events(shop, subjects=["s1", "nobody"])) == [events[1], events[4]]
    both = evolve(event(9, AT + 9 * DAY), ids=(("email", "s1"),))
    put(shop, both)
    assert list(read_events(shop, subjects={"s1"})) == [events[1], events[4], both]
    assert list(read_events(shop, subjects=())) == []


STEPS = ("write_file", "add_files", "move_mark", "delete_head", "retire_files")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    work=st.lists(
        st.tuples(st.sampled_from(["put", "seal", "compact"]), st.sampled_from([None, *STEPS])), max_size=12
    )
)
def test_any_work_with_any_crashes_leaves_the_log_whole(
    sqlite_shop: Shop, work: list[tuple[str, str | None]]
) -> None:
    known = list(read_events(sqlite_shop))
    for action, crash in work:
        if action == "put":
            fresh = [
                event(len(known) + n, AT + (len(known) + n) % 3 * DAY + len(known) + n) for n in range(2)
            ]
            put(sqlite_shop, *fresh)
            known += fresh
            continue
        with pytest.MonkeyPatch.context() as patch:
            if crash is not None:
                patch.setattr(sealing, crash, _cut)
            with suppress(PowerCut):
                (seal if action == "seal" else compact)(sqlite_shop)
        assert list(read_events(sqlite_shop)) == sorted(known, key=lambda e: (e.at, e.message_id))
    seal(sqlite_shop)
    assert list(read_events(sqlite_shop)) == sorted(known, key=lambda e: (e.at, e.message_id))


def _cut(*_: object) -> None:
    raise PowerCut
