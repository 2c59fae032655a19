"""The whole log in one file, that can be read again."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from expedit.core import DAY, InvalidInput, from_json
from expedit.events import (
    Event,
    EventItem,
    append,
    erase_subjects,
    export_events,
    exporting,
    seal,
    unpack_event,
)
from expedit.storage import Shop

AT = 1_790_000_000_000_000


def fill(shop: Shop) -> list[Event]:
    events = [
        Event(
            f"m{n}",
            "web",
            "view_item",
            AT + n * DAY // 4,
            AT,
            subject="a" if n else "erased",
            ids=(("anonymous_id", "a"),) if n else (),
            items=(EventItem("sku"),),
            traits={"å": [n]},
        )
        for n in range(7)
    ]
    with shop.database.writing() as tx:
        append(tx, events[:4])
    seal(shop)
    with shop.database.writing() as tx:
        append(tx, events[4:])
        erase_subjects(tx, ["erased"], AT)
    return events[1:]


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz"])
def test_jsonl_reads_back_as_the_same_events(
    shop: Shop, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_PORTION", 4)
    events = fill(shop)
    told: list[tuple[str, int, int | None]] = []
    path = tmp_path / name
    assert export_events(shop, path, "jsonl", lambda *step: told.append(step)) == 6
    opened = gzip.open if name.endswith(".gz") else open
    with opened(path, "rb") as file:
        assert [from_json(line, Event) for line in file] == events
    assert told == [("export", 4, 7), ("export", 6, 7)]
    assert list(tmp_path.glob("*.partial")) == []


def test_parquet_holds_columns_and_whole_events(shop: Shop, tmp_path: Path) -> None:
    events = fill(shop)
    assert export_events(shop, tmp_path / "log.parquet", "parquet") == 6
    table = pq.ParquetFile(tmp_path / "log.parquet").read()
    assert [unpack_event(body) for body in table.column("body").to_pylist()] == events
    assert table.column("ts_us").to_pylist() == [event.at for event in events]
    assert "seq" not in table.schema.names


def test_an_export_that_fails_leaves_what_was_there(
    sqlite_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_shop)
    path = tmp_path / "log.jsonl"
    path.write_text("before")

    def fail(*_: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr(exporting, "to_json", fail)
    with pytest.raises(RuntimeError):
        export_events(sqlite_shop, path)
    assert path.read_text() == "before"
    assert [file for file in tmp_path.iterdir() if file.is_file()] == [path]


def test_another_format_is_refused(sqlite_shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        export_events(sqlite_shop, tmp_path / "log.xlsx", "xlsx")  # type: ignore[arg-type]
    assert refused.value.field == "format"
