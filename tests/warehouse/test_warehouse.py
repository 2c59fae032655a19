"""The embedded engine, and the rules that keep answers the same on another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from expedit.core import InvalidInput, NotFound
from expedit.storage import Shop
from expedit.warehouse import (
    DuckWarehouse,
    Question,
    Warehouse,
    open_warehouse,
    question,
)
from expedit.warehouse.portable import complaints_about, transpile


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return DuckWarehouse(tmp_path / "scratch", memory="200MB", threads=1)


def test_nothing_is_downloaded(warehouse: Warehouse) -> None:
    asked = Question("web", "SELECT * FROM read_parquet('https://127.0.0.1:9/x.parquet')")
    with pytest.raises(InvalidInput, match="httpfs"):
        warehouse.run(asked, {})


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
