"""What every database behind `Database` must do, asked of each."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from expedit.core import Unavailable
from expedit.storage import Database, Shop, open_database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'contract.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url, synchronous="normal")
    with opened.writing() as tx:
        tx.run("CREATE TABLE contract_things (name TEXT PRIMARY KEY, n BIGINT NOT NULL)")
    yield opened
    with opened.writing() as tx:
        tx.run("DROP TABLE contract_things")
    opened.close()


def put(database: Database, *rows: tuple[str, int]) -> None:
    with database.writing() as tx:
        tx.run_many("INSERT INTO contract_things (name, n) VALUES (?, ?)", rows)


def test_what_is_committed_is_read_by_every_way_of_reading(database: Database) -> None:
    put(database, ("a", 1), ("b", 2))
    sql = "SELECT name, n FROM contract_things ORDER BY name"
    with database.reading() as tx:
        assert tx.rows(sql) == [("a", 1), ("b", 2)]
        assert tx.row(sql) == ("a", 1)
        assert tx.row("SELECT n FROM contract_things WHERE name = ?", ("c",)) is None
    assert database.read_rows(sql) == [("a", 1), ("b", 2)]
    assert database.read_row(sql) == ("a", 1)
    assert database.read_row("SELECT n FROM contract_things WHERE name = ?", ("c",)) is None


def test_run_tells_how_many_rows_it_touched(database: Database) -> None:
    put(database, ("a", 1), ("b", 2), ("c", 3))
    with database.writing() as tx:
        assert tx.run("UPDATE contract_things SET n = n + 1 WHERE n >= ?", (2,)) == 2
        assert tx.run("DELETE FROM contract_things WHERE n = ?", (99,)) == 0


def test_question_marks_and_percent_signs_in_values_are_text(database: Database) -> None:
    put(database, ("100 % ?", 1), ("%s", 2))
    assert database.read_rows("SELECT n FROM contract_things WHERE name = ?", ("100 % ?",)) == [(1,)]
    assert database.read_rows("SELECT n FROM contract_things WHERE name = ?", ("%s",)) == [(2,)]


def test_percent_signs_in_statements_reach_the_database(database: Database) -> None:
    put(database, ("abc", 1), ("xbz", 7))
    with database.reading() as tx:
        assert tx.rows("SELECT name FROM contract_things WHERE name LIKE '%c' AND n % 2 = ?", (1,)) == [
            ("abc",)
        ]


def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    put(database, ("a", 1))
    with pytest.raises(ZeroDivisionError), database.writing() as tx:
        tx.run("UPDATE contract_things SET n = 5")
        tx.run("INSERT INTO contract_things (name, n) VALUES ('b', 2)")
        _ = 1 // 0
    assert database.read_rows("SELECT name, n FROM contract_things") == [("a", 1)]
    put(database, ("c", 3))
    assert database.read_row("SELECT count(*) FROM contract_things") == (2,)


def test_after_commit_is_called_once_when_durable_and_never_after_an_error(database: Database) -> None:
    seen: list[tuple[str, object]] = []

    def look(name: str) -> None:
        seen.append((name, database.read_row("SELECT count(*) FROM contract_things")))

    with database.writing() as tx:
        tx.run("INSERT INTO contract_things (name, n) VALUES ('a', 1)")
        tx.after_commit(lambda: look("first"))
        tx.after_commit(lambda: look("second"))
        assert seen == []
    assert seen == [("first", (1,)), ("second", (1,))]
    with pytest.raises(ZeroDivisionError), database.writing() as tx:
        tx.after_commit(lambda: look("never"))
        _ = 1 // 0
    assert len(seen) == 2


def test_rows_for_takes_thousands_of_keys(database: Database) -> None:
    put(database, *((f"k{n}", n) for n in range(2_000)))
    keys = [f"k{n}" for n in range(1_000, 3_000)]
    sql = "SELECT n FROM contract_things WHERE name IN (:keys) AND n < ?"
    with database.reading() as tx:
        assert sorted(n for (n,) in tx.rows_for(sql, keys, (1_900,))) == list(range(1_000, 1_900))
        assert tx.rows_for(sql, [], (1_900,)) == []


def test_run_many_without_rows_does_nothing(database: Database) -> None:
    put(database)
    assert database.read_rows("SELECT name FROM contract_things") == []


def test_an_upsert_tells_what_it_did(database: Database) -> None:
    put(database, ("a", 1))
    with database.writing() as tx:
        keep = "INSERT INTO contract_things (name, n) VALUES (?, ?) ON CONFLICT (name) DO NOTHING RETURNING n"
        assert tx.rows(keep, ("a", 9)) == []
        assert tx.rows(keep, ("b", 9)) == [(9,)]
        assert tx.rows(
            "INSERT INTO contract_things (name, n) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET n = contract_things.n + excluded.n RETURNING n",
            ("a", 4),
        ) == [(5,)]


def test_concurrent_writers_lose_no_update(database: Database) -> None:
    put(database, ("counter", 0))

    def count() -> None:
        for _ in range(25):
            with database.writing() as tx:
                row = tx.row(f"SELECT n FROM contract_things WHERE name = 'counter'{tx.for_update}")
                assert row is not None
                tx.run("UPDATE contract_things SET n = ? WHERE name = 'counter'", (row[0] + 1,))

    writers = [threading.Thread(target=count) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert database.read_row("SELECT n FROM contract_things") == (100,)


def test_held_reads_go_on_beside_a_write_and_see_only_what_is_committed(database: Database) -> None:
    put(database, ("a", 1))
    sql = "SELECT n FROM contract_things WHERE name = ?"
    with database.writing() as tx:
        tx.run("UPDATE contract_things SET n = 2")
        started = time.monotonic()
        assert database.read_row(sql, ("a",)) == (1,)
        assert database.read_rows(sql, ("a",)) == [(1,)]
        assert time.monotonic() - started < 5
    assert database.read_row(sql, ("a",)) == (2,)


def test_held_reads_of_many_threads_are_all_answered(database: Database) -> None:
    put(database, *((f"k{n}", n) for n in range(50)))
    answers: list[object] = []

    def read(start: int) -> None:
        for n in range(50):
            key = (start + n) % 50
            row = database.read_row("SELECT n FROM contract_things WHERE name = ?", (f"k{key}",))
            answers.append(row == (key,))

    readers = [threading.Thread(target=read, args=(start,)) for start in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert answers == [True] * 400


def test_bytes_and_unicode_come_back_as_they_went(database: Database) -> None:
    with database.writing() as tx:
        kind = "BLOB" if tx.dialect == "sqlite" else "BYTEA"
        tx.run(f"CREATE TABLE contract_blobs (body {kind}, text TEXT)")
    try:
        with database.writing() as tx:
            tx.run("INSERT INTO contract_blobs (body, text) VALUES (?, ?)", (b"\x00\xff?%s", "åäö ✓ 🏔"))
        assert database.read_row("SELECT body, text FROM contract_blobs") == (b"\x00\xff?%s", "åäö ✓ 🏔")
    finally:
        with database.writing() as tx:
            tx.run("DROP TABLE contract_blobs")


def test_a_read_only_handle_refuses_every_write(database: Database, url: str) -> None:
    put(database, ("a", 1))
    reader = open_database(url, read_only=True)
    try:
        with reader.reading() as tx:
            assert tx.row("SELECT n FROM contract_things") == (1,)
        assert reader.read_row("SELECT n FROM contract_things") == (1,)
        with pytest.raises(Exception, match=r"(?i)read-?only"), reader.writing() as tx:
            tx.run("UPDATE contract_things SET n = 2")
    finally:
        reader.close()
    assert database.read_row("SELECT n FROM contract_things") == (1,)


def test_a_database_that_cannot_be_reached_is_unavailable() -> None:
    unreachable = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable), unreachable.writing():
        pass
    with pytest.raises(Unavailable):
        unreachable.read_row("SELECT 1")
    unreachable.close()


def test_what_is_shredded_leaves_the_file(sqlite_shop: Shop) -> None:
    word = b"gone-without-a-trace"
    with sqlite_shop.database.writing() as tx:
        tx.run("CREATE TABLE paper (line TEXT)")
        tx.run_many("INSERT INTO paper (line) VALUES (?)", [(word.decode() + str(n),) for n in range(500)])
    with sqlite_shop.database.writing(shred=True) as tx:
        tx.run("DELETE FROM paper")
    with sqlite_shop.database.writing() as tx:
        assert tx.row("PRAGMA secure_delete") == (0,)
    with sqlite_shop.database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert word not in sqlite_shop.home.database_path.read_bytes()
