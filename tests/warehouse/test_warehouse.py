"""The embedded engine, and the rules that keep answers the same on another one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expedit.core import InvalidInput, NotFound, Unavailable
from expedit.storage import Shop
from expedit.warehouse import (
    Dataset,
    DuckWarehouse,
    Question,
    View,
    Warehouse,
    complaints_about,
    open_warehouse,
    question,
    transpile,
)

SCHEMA = pa.schema([("ts_us", pa.int64()), ("kind", pa.string()), ("ts", pa.timestamp("us", tz="UTC"))])
COUNTS = Question(
    "counts", "SELECT kind, CAST(count(*) AS BIGINT) AS n FROM events GROUP BY kind ORDER BY kind"
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
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


def test_nothing_is_downloaded(warehouse: Warehouse) -> None:
    asked = Question("web", "SELECT * FROM read_parquet('https://127.0.0.1:9/x.parquet')")
    with pytest.raises(InvalidInput, match="httpfs"):
        warehouse.run(asked, {})


def test_only_given_tables_are_seen(warehouse: Warehouse) -> None:
    tables: dict[str, pa.Table] = {}
    question = pa.table({"kind": ["a"]})
    with pytest.raises(InvalidInput, match="does not exist"):
        warehouse.run(Question("local", "SELECT kind FROM question"), tables)
    assert warehouse.run(Question("local", "SELECT kind FROM q"), {"q": question}).num_rows == 1


def test_a_shop_has_one_warehouse(sqlite_shop: Shop) -> None:
    assert open_warehouse(sqlite_shop) is open_warehouse(sqlite_shop)


def test_a_question_that_no_room_asks_is_not_found() -> None:
    with pytest.raises(NotFound, match="'nothing'"):
        question("expedit.warehouse", "nothing")


def test_a_question_is_written_for_spark() -> None:
    asked = Question(
        "q",
        "SELECT kind, CAST(count(*) FILTER (WHERE ts_us // 86400000000 >= $day) AS BIGINT) AS n"
        " FROM events GROUP BY kind ORDER BY kind",
    )
    assert " ".join(transpile(asked, "spark").split()) == (
        "SELECT kind, CAST(COUNT(*) FILTER(WHERE ts_us DIV 86400000000 >= :day) AS BIGINT) AS n"
        " FROM events GROUP BY kind ORDER BY kind NULLS LAST"
    )


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("SELECT a.x FROM a ASOF JOIN b ON a.k = b.k AND a.ts_us >= b.ts_us", "ASOF"),
        ("SELECT CAST(hash(x) AS BIGINT) AS h FROM a", "hash()"),
        ("SELECT CAST(approx_count_distinct(x) AS BIGINT) AS n FROM a", "approximate"),
        ("SELECT CAST(approx_quantile(x, 0.5) AS BIGINT) AS n FROM a", "approximate"),
        ("SELECT CAST(list(x ORDER BY y) AS VARCHAR) AS l FROM a", "collects"),
        ("SELECT CAST(string_agg(x, ',') AS VARCHAR) AS l FROM a", "collects"),
        ("SELECT CAST(first(x) AS BIGINT) AS f FROM a", "collects"),
        ("SELECT CAST(random() AS DOUBLE) AS r FROM a", "another answer"),
        ("SELECT CAST(now() AS VARCHAR) AS r FROM a", "passed in"),
        ("SELECT CAST(epoch_us(ts) AS BIGINT) AS r FROM a", "ts_us"),
        ("SELECT CAST(row_number() OVER () AS BIGINT) AS n FROM a", "no order"),
        ("SELECT CAST(lag(x) OVER (PARTITION BY y ORDER BY ts_us) AS BIGINT) AS n FROM a", "time alone"),
        ("SELECT x FROM a LIMIT 3", "LIMIT without ORDER BY"),
        ("SELECT DISTINCT ON (x) x, y FROM a ORDER BY x, y", "DISTINCT ON"),
        ("SELECT count(*) AS n FROM a", "explicit CAST"),
    ],
)
def test_what_engines_answer_differently_is_complained_about(sql: str, complaint: str) -> None:
    found = complaints_about(Question("q", sql))
    assert len(found) == 1
    assert complaint in found[0]


def test_a_portable_question_is_not_complained_about() -> None:
    sql = """
        WITH marked AS (
            SELECT x, sum(y) OVER (PARTITION BY x ORDER BY ts_us, message_id) AS total,
                   max(y) OVER (PARTITION BY x) AS most
            FROM a
        )
        SELECT x, CAST(max(total) AS BIGINT) AS total FROM marked GROUP BY x ORDER BY x LIMIT 3
    """
    assert complaints_about(Question("q", sql)) == []


@pytest.mark.parametrize("sql", ["SELECT FROM WHERE", "DELETE FROM a", "SELECT 1; SELECT 2"])
def test_what_is_no_single_query_is_refused(sql: str) -> None:
    with pytest.raises(InvalidInput):
        complaints_about(Question("q", sql))
