"""Events as they come in, one by its place, and one person's page by page: the head and the files as one."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from expedit.core import DAY, NotFound
from expedit.events import (
    Event,
    Wanted,
    append,
    erase_subjects,
    event_at,
    events_after,
    events_of,
    log_files,
    newest_events,
    reach,
    seal,
)
from expedit.storage import Shop

START = 1_790_000_000_000_000 - 20 * DAY


def put(
    shop: Shop, first: int, last: int, days: float = 0, subject: str = "a" * 24, **fields: object
) -> None:
    with shop.database.writing() as tx:
        append(
            tx,
            [
                Event(
                    f"m{number}",
                    "web",
                    "view_item",
                    START + int(days * DAY) + number,
                    START + int(days * DAY) + number + 5,
                    subject,
                    ids=(("anonymous_id", subject),),
                )
                for number in range(first, last)
            ],
        )


def names(rows: object) -> list[str]:
    return [one.event.message_id for one in rows]  # type: ignore[attr-defined]


def test_the_newest_come_first_from_head_and_files(shop: Shop) -> None:
    put(shop, 0, 3)
    seal(shop)
    put(shop, 3, 5, days=1)
    seal(shop)
    put(shop, 5, 7, days=0.5)  # arrived last, happened before
    found = newest_events(shop, limit=4)
    assert names(found.rows) == ["m6", "m5", "m4", "m3"]
    assert names(newest_events(shop, limit=50).rows) == [f"m{n}" for n in range(6, -1, -1)]
    assert names(newest_events(shop, limit=50, wanted=Wanted(source="till")).rows) == []


def test_what_comes_after_a_cursor_is_seen_once_even_when_it_was_sealed_meanwhile(shop: Shop) -> None:
    put(shop, 0, 2)
    first = newest_events(shop)
    assert names(events_after(shop, first.cursor).rows) == []
    put(shop, 2, 4)
    second = events_after(shop, first.cursor)
    assert names(second.rows) == ["m3", "m2"]
    put(shop, 4, 6)
    seal(shop)
    put(shop, 6, 7)
    third = events_after(shop, second.cursor)
    assert names(third.rows) == ["m6", "m5", "m4"]
    assert names(events_after(shop, third.cursor).rows) == []
    assert names(events_after(shop, "no cursor").rows)[:1] == ["m6"]


def test_filters_look_at_source_kind_name_and_channel(shop: Shop) -> None:
    with shop.database.writing() as tx:
        append(
            tx,
            [
                Event("m1", "web", "page_view", START, START),
                Event("m2", "till", "purchase", START, START, channel="store"),
                Event("m3", "web", "custom", START, START, name="Quiz Done"),
            ],
        )
    for _ in range(2):
        assert names(newest_events(shop, wanted=Wanted(kind="Quiz Done")).rows) == ["m3"]
        assert names(newest_events(shop, wanted=Wanted(kind="purchase")).rows) == ["m2"]
        assert names(newest_events(shop, wanted=Wanted(source="web")).rows) == ["m3", "m1"]
        assert names(newest_events(shop, wanted=Wanted(channel="store")).rows) == ["m2"]
        assert names(events_after(shop, "0.0", wanted=Wanted(source="till")).rows) == ["m2"]
        seal(shop)


def test_an_event_is_found_by_its_place_until_it_is_erased(shop: Shop) -> None:
    put(shop, 0, 2)
    (newest, oldest) = newest_events(shop).rows
    assert event_at(shop, oldest.seq).message_id == "m0"
    seal(shop)
    assert event_at(shop, newest.seq).message_id == "m1"
    with shop.database.writing() as tx:
        erase_subjects(tx, ["a" * 24], shop.clock())
    with pytest.raises(NotFound, match="erased"):
        event_at(shop, newest.seq)
    assert newest_events(shop).rows == ()


def test_a_person_is_read_page_by_page(shop: Shop) -> None:
    put(shop, 0, 4)
    put(shop, 4, 6, days=2)
    put(shop, 0, 3, days=1, subject="b" * 24)
    seal(shop)
    put(shop, 6, 8, days=2)
    put(shop, 8, 9, days=1)  # late
    pages, before = [], None
    while page := events_of(shop, ["a" * 24], before, limit=3):
        pages.append(names(page))
        before = page[-1].event.at, page[-1].seq
    assert pages == [["m7", "m6", "m5"], ["m4", "m8", "m3"], ["m2", "m1", "m0"]]
    odd = events_of(shop, ["a" * 24], among=lambda event: event.message_id in {"m1", "m7"})
    assert names(odd) == ["m7", "m1"]
    assert events_of(shop, ["c" * 24]) == ()


def test_answers_reach_to_the_first_event_that_is_not_sealed(shop: Shop) -> None:
    assert reach(shop) == shop.clock()
    put(shop, 3, 5)
    assert reach(shop) == START + 3 + 5
    seal(shop)
    assert reach(shop) == shop.clock()


def test_only_the_row_groups_that_are_wanted_are_read(shop: Shop) -> None:
    """Small row groups, as large files have large ones: each event comes from its own place."""
    put(shop, 0, 40)
    put(shop, 0, 5, subject="b" * 24)
    seal(shop)
    (path,) = log_files(shop)
    pq.write_table(pq.read_table(path, partitioning=None), path, row_group_size=7)
    assert pq.ParquetFile(path).num_row_groups == 7
    assert names(newest_events(shop, limit=45).rows) == [
        f"m{n}" for n in (*range(4, -1, -1), *range(39, -1, -1))
    ]
    assert names(events_of(shop, ["b" * 24])) == ["m4", "m3", "m2", "m1", "m0"]
    assert names(events_of(shop, ["a" * 24], limit=2)) == ["m39", "m38"]
    for one in newest_events(shop, limit=45).rows:
        assert event_at(shop, one.seq) == one.event
