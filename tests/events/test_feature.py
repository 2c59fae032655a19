"""What the event log does for people and at night."""

from __future__ import annotations

import pyarrow.parquet as pq

from expedit.core import DAY, HOUR, PersonRef, no_progress, to_json
from expedit.events import Event, append, dead_letters, keep_dead_letter, log_files, read_events, unseen
from expedit.events.feature import FEATURE
from expedit.storage import Shop, metadata

JOBS = {job.name: job for job in FEATURE.jobs}


def put(shop: Shop, *events: Event) -> None:
    with shop.database.writing() as tx:
        append(tx, events)


def event(shop: Shop, number: int, subject: str) -> Event:
    at = shop.clock() - DAY + number
    return Event(f"m{number}", "web", "view_item", at, at, subject=subject, traits={"first_name": subject})


def test_every_table_is_claimed() -> None:
    assert set(FEATURE.tables) <= set(metadata.tables)
    assert set(FEATURE.person_tables) <= set(FEATURE.tables)


def test_a_person_gets_all_events_and_nobody_elses(shop: Shop) -> None:
    assert FEATURE.export_person is not None
    put(shop, event(shop, 1, "anna-phone"), event(shop, 2, "bo"))
    JOBS["seal"].run(shop, no_progress)
    put(shop, event(shop, 3, "anna-mail"))
    exported = FEATURE.export_person(shop, PersonRef("anna", ("anna-mail", "anna-phone")))
    assert [one["message_id"] for one in exported["events"]] == ["m1", "m3"]  # type: ignore[attr-defined]
    assert b"bo" not in to_json(exported)


def test_an_erased_person_is_gone_from_log_and_letters(shop: Shop, shop_clock: object) -> None:
    assert FEATURE.erase_person is not None
    put(shop, event(shop, 1, "anna-phone"), event(shop, 2, "bo"))
    JOBS["seal"].run(shop, no_progress)
    with shop.database.writing() as tx:
        keep_dead_letter(tx, "web", '{"email": "anna@example.com"}', "type", "missing", 1, ("anna-mail",))
        FEATURE.erase_person(shop, tx, PersonRef("anna", ("anna-mail", "anna-phone")))
    assert [one.message_id for one in read_events(shop)] == ["m2"]
    JOBS["tidy-log"].run(shop, no_progress)
    shop_clock.advance(HOUR)  # type: ignore[attr-defined]
    JOBS["seal"].run(shop, no_progress)
    files = list(shop.home.log.glob("*/date=*/*"))
    raw = repr([pq.ParquetFile(file).read().to_pylist() for file in files])
    assert "bo" in raw
    assert "anna" not in raw
    assert b"anna" not in b"".join(file.read_bytes() for file in files), "statistics name nobody either"
    with shop.database.reading() as tx:
        assert dead_letters(tx) == []
        for table in ("events", "subject_days"):
            assert tx.rows(f"SELECT * FROM {table} WHERE subject LIKE 'anna%'") == []


def test_the_night_merges_files_and_forgets_old_keys_and_letters(shop: Shop, shop_clock: object) -> None:
    now = shop.clock()
    for number in range(3):
        put(shop, event(shop, number, "bo"))
        JOBS["seal"].run(shop, no_progress)
    with shop.database.writing() as tx:
        unseen(tx, [("web", "old")], now - shop.settings.dedupe_days * DAY - 1)
        unseen(tx, [("web", "new")], now)
        keep_dead_letter(tx, "web", "{}", "type", "missing", now - 31 * DAY)
    assert len(log_files(shop)) == 3
    JOBS["tidy-log"].run(shop, no_progress)
    assert len(log_files(shop)) == 1
    with shop.database.writing() as tx:
        assert unseen(tx, [("web", "old"), ("web", "new")], now) == {("web", "old")}
        assert dead_letters(tx) == []


def test_sealing_is_as_often_as_the_settings_say(shop: Shop) -> None:
    assert JOBS["seal"].every(shop.settings) == shop.settings.seal_minutes * 60
    assert JOBS["tidy-log"].every(shop.settings) == 24 * 3600
