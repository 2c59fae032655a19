"""Every question that any room asks keeps the rules and can be written for Spark."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot

import expedit
from expedit.warehouse import Question
from expedit.warehouse.portable import complaints_about, transpile

ROOMS = Path(expedit.__path__[0])
FILES = sorted(ROOMS.glob("*/questions/*.sql"))


def test_there_are_questions() -> None:
    assert ROOMS / "events" / "questions" / "sessions.sql" in FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_the_question_is_portable(file: Path) -> None:
    asked = Question(file.stem, file.read_text(encoding="utf-8"))
    assert complaints_about(asked) == []
    spark = sqlglot.parse_one(transpile(asked, "spark"), read="spark")
    assert isinstance(spark, sqlglot.exp.Query)
    assert spark.named_selects == sqlglot.parse_one(asked.sql, read="duckdb").named_selects
