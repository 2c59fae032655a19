"""A reader behind a durable cursor gets every event exactly once, sealed or not."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.core import DAY
from expedit.events import Event, Place, append, compact, consume, follow, log_end, rewind, seal
from expedit.storage import Shop, open_database

AT = 1_790_000_000_000_000


def event(number: int) -> Event:
    kind = "purchase" if number % 2 else "view_item"
    moment = AT - number * DAY  # the order of appending, not of time
    return Event(f"m{number}", "web", kind, moment, moment, subject="s")  # type: ignore[arg-type]


def put(shop: Shop, *numbers: int) -> None:
    with shop.database.writing() as tx:
        append(tx, [event(number) for number in numbers])


def take(shop: Shop, limit: int = 100, kinds: tuple[str, ...] = ()) -> list[int]:
    with shop.database.writing() as tx:
        events = consume(shop, tx, "reader", limit, kinds)  # type: ignore[arg-type]
        return [int(event.message_id[1:]) for event in events]


def test_each_event_is_read_once_in_the_order_of_appending(shop: Shop) -> None:
    assert take(shop) == []
    put(shop, 3, 1, 2)
    assert take(shop, 2) == [3, 1]
    assert take(shop, 2) == [2]
    assert take(shop) == []
    put(shop, 4)
    assert take(shop) == [4]


def test_a_reader_that_lags_goes_on_in_the_sealed_files(shop: Shop) -> None:
    put(shop, *range(5))
    assert take(shop, 2) == [0, 1]
    seal(shop)
    put(shop, 5, 6)
    seal(shop)
    put(shop, 7)
    assert take(shop, 2) == [2, 3]
    compact(shop)
    assert take(shop, 4) == [4, 5, 6, 7]
    assert take(shop) == []


def test_a_reader_may_want_some_kinds_only(shop: Shop) -> None:
    put(shop, *range(4))
    seal(shop)
    put(shop, 4, 5, 6, 7)
    assert take(shop, 3, ("purchase",)) == [1, 3, 5]
    assert take(shop, 3, ("purchase",)) == [7]
    put(shop, 8)
    assert take(shop, 3, ("purchase",)) == []
    with shop.database.reading() as tx:
        assert tx.rows("SELECT seq FROM cursors") == [(9,)], "what is not wanted is passed"


def test_a_reader_that_fails_reads_again(shop: Shop) -> None:
    put(shop, 1)
    with pytest.raises(RuntimeError), shop.database.writing() as tx:
        assert len(consume(shop, tx, "reader")) == 1
        raise RuntimeError
    assert take(shop) == [1]


def test_readers_do_not_disturb_each_other_and_can_start_over(shop: Shop) -> None:
    put(shop, 1, 2)
    assert take(shop) == [1, 2]
    with shop.database.writing() as tx:
        assert len(consume(shop, tx, "another")) == 2
        rewind(tx, "reader")
    assert take(shop) == [1, 2]


def test_on_postgresql_a_lower_number_that_commits_later_is_read(
    make_shop: object, postgres_url: str
) -> None:
    shop: Shop = make_shop("postgresql")  # type: ignore[operator]
    slow = open_database(postgres_url)
    try:
        with slow.writing() as tx:
            append(tx, [event(1)])
            put(shop, 2)
            assert take(shop) == []
        assert sorted(take(shop)) == [1, 2]
    finally:
        slow.close()
    assert take(shop) == []


def read_on(shop: Shop, place: Place, limit: int = 100, *kinds: str) -> tuple[list[int], Place]:
    events, end = follow(shop, place, limit, kinds)  # type: ignore[arg-type]
    return [int(event.message_id[1:]) for event in events], end


def test_the_log_is_followed_from_its_end_without_writing(shop: Shop) -> None:
    put(shop, 1, 2)
    place = log_end(shop)
    assert read_on(shop, place) == ([], place)
    put(shop, 3, 4, 5)
    read, place = read_on(shop, place, 2)
    assert read == [3, 4]
    seal(shop)
    put(shop, 6, 7, 8)
    read, place = read_on(shop, place)
    assert read == [5, 6, 7, 8]
    put(shop, 9, 10, 11)
    read, place = read_on(shop, place, 1, "purchase")
    assert read == [9]
    assert read_on(shop, place, 5, "view_item")[0] == [10]
    assert read_on(shop, log_end(shop))[0] == []
    seal(shop)
    assert read_on(shop, log_end(shop))[0] == []


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["put", "take", "seal", "compact"]), max_size=14))
def test_whatever_happens_between_nothing_is_lost_or_doubled(sqlite_shop: Shop, steps: list[str]) -> None:
    with sqlite_shop.database.writing() as tx:
        rewind(tx, "reader")
    before = len(take(sqlite_shop, 100_000))
    written, read = 0, []
    for step in steps:
        if step == "put":
            put(sqlite_shop, *range(written, written + 3))
            written += 3
        elif step == "take":
            read += take(sqlite_shop, 2)
        elif step == "seal":
            seal(sqlite_shop)
        else:
            compact(sqlite_shop)
    read += take(sqlite_shop, 100_000)
    assert read == list(range(written))
    with sqlite_shop.database.writing() as tx:
        rewind(tx, "reader")
    assert len(take(sqlite_shop, 100_000)) == before + written
