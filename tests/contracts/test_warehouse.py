"""What every engine behind `Warehouse` must do, asked of each."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expedit.core import InvalidInput, Unavailable
from expedit.warehouse import (
    Dataset,
    DuckWarehouse,
    Question,
    View,
    Warehouse,
)

SCHEMA = pa.schema([("ts_us", pa.int64()), ("kind", pa.string()), ("ts", pa.timestamp("us", tz="UTC"))])
COUNTS = Question(
    "counts", "SELECT kind, CAST(count(*) AS BIGINT) AS n FROM events GROUP BY kind ORDER BY kind"
)


@pytest.fixture(params=["duckdb"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    assert request.param == "duckdb", "the one engine so far"
    return DuckWarehouse(tmp_path / "scratch", memory="200MB", threads=1)


def write(path: Path, *rows: tuple[int, str], schema: pa.Schema = SCHEMA) -> Path:
    columns = {
        "ts_us": [row[0] for row in rows],
        "kind": [row[1] for row in rows],
        "ts": [row[0] for row in rows],
    }
    pq.write_table(pa.table({name: columns[name] for name in schema.names}, schema=schema), path)
    return path


def test_files_tables_and_views_are_read_by_name(warehouse: Warehouse, tmp_path: Path) -> None:
    first = write(tmp_path / "it's one.parquet", (1, "a"), (2, "b"))
    second = write(tmp_path / "two.parquet", (3, "a"))
    tables = {
        "events": View("SELECT e.* FROM log e JOIN wanted w ON w.kind = e.kind"),
        "log": Dataset(SCHEMA, (first, second)),
        "wanted": pa.table({"kind": ["a"]}),
    }
    assert warehouse.run(COUNTS, tables).to_pylist() == [{"kind": "a", "n": 2}]


def test_a_table_without_files_is_empty_and_typed(warehouse: Warehouse) -> None:
    answer = warehouse.run(Question("all", "SELECT ts_us, kind, ts FROM events"), {"events": Dataset(SCHEMA)})
    assert answer.num_rows == 0
    assert answer.schema.types == SCHEMA.types


def test_a_column_that_an_older_file_lacks_is_null(warehouse: Warehouse, tmp_path: Path) -> None:
    old = write(tmp_path / "old.parquet", (1, "a"), schema=pa.schema([SCHEMA.field("ts_us")]))
    new = write(tmp_path / "new.parquet", (2, "b"))
    answer = warehouse.run(
        Question("all", "SELECT ts_us, kind FROM events ORDER BY ts_us"),
        {"events": Dataset(SCHEMA, (old, new))},
    )
    assert answer.to_pylist() == [{"ts_us": 1, "kind": None}, {"ts_us": 2, "kind": "b"}]


def test_days_are_utc_days(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    late = 86_400_000_000 - 1
    table = pa.table({"ts": pa.array([late, late + 1], pa.timestamp("us", tz="UTC"))})
    asked = Question("days", "SELECT CAST(CAST(ts AS DATE) AS VARCHAR) AS day FROM t ORDER BY day")
    assert warehouse.run(asked, {"t": table}).column("day").to_pylist() == ["1970-01-01", "1970-01-02"]


def test_parameters_are_values_and_are_all_needed(warehouse: Warehouse) -> None:
    asked = Question("since", "SELECT ts_us FROM t WHERE ts_us >= $since AND kind = $kind ORDER BY ts_us")
    table = pa.table({"ts_us": [1, 2, 3], "kind": ["a", "'; DROP", "'; DROP"]})
    answer = warehouse.run(asked, {"t": table}, {"since": 3, "kind": "'; DROP"})
    assert answer.column("ts_us").to_pylist() == [3]
    with pytest.raises(InvalidInput) as missing:
        warehouse.run(asked, {"t": table}, {"since": 3})
    assert missing.value.field == "kind"
    with pytest.raises(InvalidInput) as extra:
        warehouse.run(asked, {"t": table}, {"since": 3, "kind": "a", "until": 4})
    assert extra.value.field == "until"


def test_what_cannot_be_answered_is_said_by_the_questions_name(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"counts: .*events"):
        warehouse.run(COUNTS, {})
    with pytest.raises(Unavailable, match=r"counts .*gone\.parquet"):
        warehouse.run(COUNTS, {"events": Dataset(SCHEMA, (tmp_path / "gone.parquet",))})


def test_only_given_tables_are_seen(warehouse: Warehouse) -> None:
    tables: dict[str, pa.Table] = {}
    question = pa.table({"kind": ["a"]})
    with pytest.raises(InvalidInput, match="does not exist"):
        warehouse.run(Question("local", "SELECT kind FROM question"), tables)
    assert warehouse.run(Question("local", "SELECT kind FROM q"), {"q": question}).num_rows == 1
