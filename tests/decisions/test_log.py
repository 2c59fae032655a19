"""The decision log: frames, torn tails, rotation, the background writer, finding, sealing and erasing."""

import time

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import DAY, HOUR, MINUTE, SECOND, NotFound, PersonRef, new_id, time_of_id
from expedit.decisions import sealed
from expedit.decisions.erasure import erase_decisions, erase_person, export_person
from expedit.decisions.log import DecisionLog, decision_log, find_decision, read_decisions
from expedit.decisions.record import LoggedDecision, LoggedInputs, LoggedItem
from expedit.decisions.sealed import SCHEMA, read_sealed, sealed_files, table_of, write_sealed
from expedit.decisions.sealing import seal_decisions
from expedit.decisions.segments import SegmentWriter, intact_bytes, pack_frame, read_segment

T0 = 1_790_000_000_000_000 // HOUR * HOUR


def made(at: int, subject: str = "s1", items: int = 2, **changes) -> LoggedDecision:
    shown = tuple(LoggedItem(f"p{i}", "similar", "similar_because", "p9", 0.5, 0.25) for i in range(items))
    return LoggedDecision(
        new_id(at), at, "home-new", subject, "holdout", "personalized", items=shown, **changes
    )


def test_a_decision_survives_its_frame_whole(tmp_path):
    decision = LoggedDecision(
        new_id(T0), T0, "spot", "s", "holdout", "holdout", True, True,
        "SE", "web", "sv", "browser", "m1", 7, 4, 90,
        (LoggedItem("a", "popular", "popular", "", 1.25, 0.5),),
        LoggedInputs(("b",), ("c",), ("d", "e"), "X > Y", "q"),
        (LoggedItem("f", "new", "new"),), (("g", "in_cart"),), True,
    )  # fmt: skip
    writer = SegmentWriter(tmp_path)
    writer.write([decision])
    writer.rotate()
    (path,) = tmp_path.iterdir()
    assert list(read_segment(path)) == [decision]


def test_a_torn_tail_ends_the_segment_at_every_byte(tmp_path):
    first, second = [made(T0), made(T0 + 1)], [made(T0 + 2)]
    whole = pack_frame(first)
    both = whole + pack_frame(second)
    path = tmp_path / "2026-01-01T00-1-a.log"
    for length in range(0, len(both) + 1, 7):
        path.write_bytes(both[:length])
        expected = 3 if length == len(both) else 2 if length >= len(whole) else 0
        assert len(list(read_segment(path))) == expected
    path.write_bytes(both)
    assert intact_bytes(path) == len(both)
    path.write_bytes(both[:-1])
    assert intact_bytes(path) == len(whole)


@settings(deadline=None)
@given(st.data())
def test_a_flipped_bit_is_never_read_as_a_decision(data):
    import tempfile
    from pathlib import Path

    frame = bytearray(pack_frame([LoggedDecision("0" * 32, T0, "home-new")]))
    place = data.draw(st.integers(0, len(frame) * 8 - 1))
    frame[place // 8] ^= 1 << place % 8
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.log"
        path.write_bytes(bytes(frame))
        assert list(read_segment(path)) == []


def test_a_new_segment_begins_each_hour_and_when_one_grows_large(tmp_path):
    writer = SegmentWriter(tmp_path, largest=10)
    writer.write([made(T0), made(T0 + 1), made(T0 + HOUR)])
    writer.write([made(T0 + HOUR + 1)])
    writer.rotate()
    found = sorted(tmp_path.iterdir())
    assert [len(list(read_segment(path))) for path in found] == [2, 1, 1]
    assert [path.name[:13] for path in found] == ["2026-09-21T14", "2026-09-21T15", "2026-09-21T15"]


def test_the_background_writer_writes_within_a_second(tmp_path):
    log = DecisionLog(tmp_path, lambda: T0)
    log.start()
    log.write(made(T0))
    deadline = time.monotonic() + 5
    while not list(log.segments.glob("*.log")) and time.monotonic() < deadline:
        time.sleep(0.02)
    (path,) = log.segments.glob("*.log")
    assert len(list(read_segment(path))) == 1
    log.write(made(T0 + 1))
    log.close()
    assert len(list(read_segment(path))) == 2


def test_what_could_not_be_written_is_tried_again(tmp_path):
    log = DecisionLog(tmp_path / "log", lambda: T0)
    (tmp_path / "log").write_text("a file where the folder should be")
    log.write(made(T0))
    with pytest.raises(OSError):
        log.flush()
    (tmp_path / "log").unlink()
    log.flush()
    (path,) = log.segments.glob("*.log")
    assert len(list(read_segment(path))) == 1


def test_found_by_id_before_and_after_sealing_and_by_nothing_else(shop, shop_clock):
    log = decision_log(shop)
    decisions = [made(shop_clock() + i * 20 * MINUTE) for i in range(6)]
    for decision in decisions:
        log.write(decision)
    assert [find_decision(shop, decision.id) for decision in decisions] == decisions
    shop_clock.advance(3 * HOUR)
    assert seal_decisions(shop) == 6
    assert list(log.segments.glob("*.log")) == []
    assert [find_decision(shop, decision.id) for decision in decisions] == decisions
    for unknown in (new_id(decisions[0].at), "x", "Z" * 32, ""):
        with pytest.raises(NotFound, match="no decision"):
            find_decision(shop, unknown)
    assert time_of_id(decisions[0].id) == decisions[0].at // 1000 * 1000


def test_reading_by_time_over_sealed_and_unsealed(shop, shop_clock):
    log = decision_log(shop)
    start = shop_clock()
    early, late = [made(start + i * SECOND) for i in range(3)], [made(start + 5 * HOUR + i) for i in range(2)]
    for decision in (early[2], early[0], early[1]):
        log.write(decision)
    log.flush()
    shop_clock.advance(5 * HOUR)
    seal_decisions(shop)
    for decision in late:
        log.write(decision)
    assert list(read_decisions(shop)) == [*early, *late]
    assert list(read_decisions(shop, since=start + SECOND)) == [*early[1:], *late]
    assert list(read_decisions(shop, until=start + SECOND)) == [early[0]]
    assert list(read_decisions(shop, start + 2 * SECOND, start + 5 * HOUR + 1)) == [early[2], late[0]]


def test_the_present_hour_of_another_process_is_not_sealed(shop, shop_clock):
    other = DecisionLog(shop.home.decisions, shop_clock)
    other.write(made(shop_clock()))
    other.flush()
    assert seal_decisions(shop) == 0
    assert len(list(read_decisions(shop))) == 1
    shop_clock.advance(HOUR + 10 * SECOND)
    assert seal_decisions(shop) == 1
    other.close()
    assert len(list(read_decisions(shop))) == 1


def test_a_crash_between_file_and_segment_counts_nothing_twice(shop, shop_clock):
    log = decision_log(shop)
    log.write(made(shop_clock()))
    log.rotate()
    (segment,) = log.segments.glob("*.log")
    copy = segment.read_bytes()
    assert seal_decisions(shop) == 1
    segment.write_bytes(copy)
    assert len(list(read_decisions(shop))) == 1
    assert seal_decisions(shop) == 0
    assert not segment.exists()
    assert len(list(read_decisions(shop))) == 1


def test_sealing_recovers_what_stands_before_a_torn_tail(shop, shop_clock):
    log = decision_log(shop)
    log.write(made(shop_clock()))
    log.flush()
    log.write(made(shop_clock() + 1))
    log.rotate()
    (segment,) = log.segments.glob("*.log")
    segment.write_bytes(segment.read_bytes()[:-3])
    assert seal_decisions(shop) == 1
    assert [decision.at for decision in read_decisions(shop)] == [shop_clock()]


def test_a_busy_hour_is_sealed_in_portions_that_are_each_in_the_order_of_time(tmp_path, monkeypatch):
    monkeypatch.setattr(sealed, "PORTION", 5)
    monkeypatch.setattr(sealed, "PORTIONS", 2)
    decisions = [made(T0 + (number ^ 3), items=number % 3) for number in range(64)]
    path = tmp_path / "2026-11-22T17.parquet"
    assert write_sealed(path, iter(decisions)) == 64
    assert pq.ParquetFile(path).num_row_groups == 7
    kept = list(read_sealed(path))
    assert sorted(kept, key=lambda one: one.at) == sorted(decisions, key=lambda one: one.at)
    for start in range(0, 64, 5):
        moments = [one.at for one in kept[start : start + 5]]
        assert moments == sorted(moments)
    assert [one.at for one in read_sealed(path, T0 + 5, T0 + 7)] == [T0 + 5, T0 + 6]
    assert write_sealed(path, iter(())) == 0
    assert list(read_sealed(path)) == []


def test_sealed_rows():
    decision = made(T0, model="m", catalog=3, market="SE")
    rows = table_of([decision, made(T0 + 1, items=0)])
    assert rows.schema == SCHEMA
    assert rows.column("position").to_pylist() == [0, 1, 2, 0]
    assert rows.column("product_id").to_pylist() == [None, "p0", "p1", None]
    assert rows.column("propensity").to_pylist() == [None, 0.25, 0.25, None]
    assert [body is not None for body in rows.column("body").to_pylist()] == [True, False, False, True]
    assert rows.column("ts_us").to_pylist() == [T0, T0, T0, T0 + 1]
    assert rows.column("ts").cast("int64").to_pylist() == [T0, T0, T0, T0 + 1]


@pytest.mark.parametrize("sealed", [False, True])
def test_erasure_hides_at_once_and_then_cuts_out_of_every_file(shop, shop_clock, sealed):
    log = decision_log(shop)
    mine = [made(shop_clock() + i, "me") for i in range(3)]
    others = [made(shop_clock() + 10 + i, "other") for i in range(2)]
    for decision in (*mine, *others):
        log.write(decision)
    log.flush()
    if sealed:
        shop_clock.advance(2 * HOUR)
        seal_decisions(shop)
    person = PersonRef("me", ("me", "my-other-device"))
    exported = export_person(shop, person)["decisions"]
    assert [entry["id"] for entry in exported] == [decision.id for decision in mine]
    assert exported[0]["products"] == ["p0", "p1"]
    shop_clock.advance(DAY)
    with shop.database.writing() as tx:
        erase_person(shop, tx, person)
    assert list(read_decisions(shop)) == others
    assert export_person(shop, person) == {"decisions": []}
    with pytest.raises(NotFound):
        find_decision(shop, mine[0].id)
    assert erase_decisions(shop) == 3
    assert erase_decisions(shop) == 0
    assert list(read_decisions(shop)) == others
    files = [*log.segments.glob("*.log"), *sealed_files(log.folder)]
    assert len(files) == 1
    assert shop.database.read_rows("SELECT * FROM decision_erasures") == []
    back = made(shop_clock() + 1, "me")
    log.write(back)
    assert list(read_decisions(shop)) == [*others, back]


def test_an_erasure_rolled_back_hides_nothing(shop, shop_clock):
    log = decision_log(shop)
    log.write(made(shop_clock(), "me"))
    with pytest.raises(RuntimeError), shop.database.writing() as tx:
        erase_person(shop, tx, PersonRef("me", ("me",)))
        raise RuntimeError
    assert len(list(read_decisions(shop))) == 1


def test_an_erasure_waits_for_a_segment_that_another_process_writes(shop, shop_clock):
    other = DecisionLog(shop.home.decisions, shop_clock)
    other.write(made(shop_clock(), "me"))
    other.flush()
    with shop.database.writing() as tx:
        erase_person(shop, tx, PersonRef("me", ("me",)))
    assert erase_decisions(shop) == 0
    assert list(read_decisions(shop)) == []
    shop_clock.advance(HOUR + 10 * SECOND)
    assert erase_decisions(shop) == 1
    other.close()
    assert shop.database.read_rows("SELECT * FROM decision_erasures") == []
