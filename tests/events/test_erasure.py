"""An erased person is hidden at once, gone from the files at night, and does not come back."""

from __future__ import annotations

import pytest

from expedit.core import DAY, HOUR
from expedit.events import (
    Event,
    EventItem,
    append,
    consume,
    erase_subjects,
    erased_before,
    log_tables,
    read_events,
    rewrite_erased,
    rewriting,
    seal,
)
from expedit.storage import Shop
from expedit.warehouse import Question, open_warehouse

AT = 1_790_000_000_000_000
HERS, THEIRS = "her-device-4711", "their-device-42"


def event(number: int, subject: str, at: int | None = None, **fields: object) -> Event:
    moment = AT + number if at is None else at
    items = (EventItem(f"seen-by-{subject}"),)
    return Event(f"m{number}", "web", "view_item", moment, moment, subject=subject, items=items, **fields)  # type: ignore[arg-type]


def put(shop: Shop, *events: Event) -> None:
    with shop.database.writing() as tx:
        append(tx, events)


def erase(shop: Shop, *subjects: str, at: int = AT + DAY) -> None:
    with shop.database.writing() as tx:
        erase_subjects(tx, subjects, at)


def asked(shop: Shop) -> list[str]:
    question = Question("who", "SELECT e.message_id FROM events e JOIN items i USING (message_id) ORDER BY 1")
    answer = open_warehouse(shop).run(question, log_tables(shop))
    return answer.column("message_id").to_pylist()  # type: ignore[no-any-return]


def raw_bytes(shop: Shop) -> bytes:
    """Everything in the log's files as pyarrow reads it, without any manifest or tombstone."""
    import pyarrow.parquet as pq

    tables = [pq.ParquetFile(path).read() for path in shop.home.log.glob("*/date=*/*.parquet")]
    return repr([table.to_pylist() for table in tables]).encode()


def test_erased_events_are_hidden_everywhere_at_once(shop: Shop) -> None:
    also_hers = event(3, THEIRS, ids=(("anonymous_id", THEIRS), ("email", "her-mail")))
    put(shop, event(1, HERS), event(2, THEIRS), also_hers)
    seal(shop)
    put(shop, event(4, HERS), event(5, THEIRS))
    erase(shop, HERS, "her-mail")
    assert [e.message_id for e in read_events(shop)] == ["m2", "m5"]
    assert asked(shop) == ["m2"]
    with shop.database.writing() as tx:
        assert [e.message_id for e in consume(shop, tx, "reader")] == ["m2", "m5"]
        assert tx.rows("SELECT subject FROM events") == [(THEIRS,)]


def test_the_night_takes_the_bytes_out_of_the_files(shop: Shop, shop_clock: object) -> None:
    put(shop, event(1, HERS), event(2, THEIRS), event(3, HERS, AT + DAY), event(4, THEIRS, AT + 2 * DAY))
    seal(shop)
    assert HERS.encode() in raw_bytes(shop)
    erase(shop, HERS, at=AT + 3 * DAY)
    assert rewrite_erased(shop) == 4
    assert "erased" not in log_tables(shop), "nothing is left to hide"
    shop_clock.advance(HOUR)  # type: ignore[attr-defined]
    seal(shop)
    left = raw_bytes(shop)
    assert HERS.encode() not in left
    assert left.count(f"seen-by-{THEIRS}".encode()) == 4, "twice in bodies, twice in items"
    assert [e.message_id for e in read_events(shop)] == ["m2", "m4"]
    assert asked(shop) == ["m2", "m4"]
    with shop.database.reading() as tx:
        assert tx.rows("SELECT subject FROM subject_days WHERE subject = ?", (HERS,)) == []
    assert rewrite_erased(shop) == 0


def test_what_a_person_does_after_erasure_stays(shop: Shop, shop_clock: object) -> None:
    put(shop, event(1, HERS))
    erase(shop, HERS, at=AT + 10)
    put(shop, event(20, HERS))
    seal(shop)
    assert [e.message_id for e in read_events(shop)] == ["m20"]
    assert rewrite_erased(shop) == 0
    assert [e.message_id for e in read_events(shop)] == ["m20"]
    erase(shop, HERS, at=AT + 30)
    assert list(read_events(shop)) == []
    assert rewrite_erased(shop) == 2
    assert asked(shop) == []


def test_an_import_can_tell_who_was_erased(shop: Shop) -> None:
    erase(shop, HERS, at=AT + 7)
    with shop.database.reading() as tx:
        assert erased_before(tx, [HERS, THEIRS]) == {HERS: AT + 7}
        assert erased_before(tx, []) == {}
    rewrite_erased(shop)
    with shop.database.reading() as tx:
        assert erased_before(tx, [HERS]) == {HERS: AT + 7}


def test_an_event_that_slipped_in_beside_its_erasure_is_not_sealed(shop: Shop) -> None:
    erase(shop, HERS, at=AT + 7)
    rewrite_erased(shop)
    put(shop, event(1, HERS), event(2, THEIRS))
    assert seal(shop) == 2
    assert HERS.encode() not in raw_bytes(shop)
    assert [e.message_id for e in read_events(shop)] == ["m2"]


def test_an_interrupted_night_is_made_good(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    put(shop, event(1, HERS), event(2, THEIRS))
    seal(shop)
    erase(shop, HERS)
    real = rewriting.add_files

    def crash(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(rewriting, "add_files", crash)
    with pytest.raises(RuntimeError):
        rewrite_erased(shop)
    assert [e.message_id for e in read_events(shop)] == ["m2"]
    monkeypatch.setattr(rewriting, "add_files", real)
    assert rewrite_erased(shop) == 2
    assert [e.message_id for e in read_events(shop)] == ["m2"]
