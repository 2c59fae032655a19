"""The golden cases of spec/conditions.json, one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from expedit.core import Field, Vocabulary

FILE = Path(__file__).parents[3] / "spec" / "conditions.json"


class Case(NamedTuple):
    name: str
    vocabulary: Vocabulary
    when: dict[str, Any]
    facts: dict[str, Any]
    now: int
    expected: bool


class Table(NamedTuple):
    """A condition, asked of several facts."""

    name: str
    vocabulary: Vocabulary
    when: dict[str, Any]
    facts: list[dict[str, Any]]
    now: int
    expected: list[bool]


@cache
def golden() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(FILE.read_text())
    assert read["version"] == 1
    return read


def vocabulary_of(written: Mapping[str, Any]) -> Vocabulary:
    """Return the vocabulary that names each field's kind, or the vocabulary of its items."""
    return Vocabulary(
        {
            name: Field(kind) if isinstance(kind, str) else Field("items", items=vocabulary_of(kind))
            for name, kind in written.items()
        }
    )


@cache
def vocabulary(name: str) -> Vocabulary:
    return vocabulary_of(golden()["vocabularies"][name])


def tables() -> list[Table]:
    """Return every condition of the tables with all its facts."""
    return [
        Table(
            f"{table['name']}: {json.dumps(row['when'])}",
            vocabulary(table["vocabulary"]),
            row["when"],
            table["facts"],
            table.get("now", golden()["now"]),
            [letter == "T" for letter in row["is"].replace(" ", "")],
        )
        for table in golden()["tables"]
        for row in table["rows"]
    ]


def cases() -> list[Case]:
    """Return every case, those of the tables included."""
    alone = [
        Case(
            one["name"],
            vocabulary(one["vocabulary"]),
            one["when"],
            one["facts"],
            one.get("now", golden()["now"]),
            one["is"],
        )
        for one in golden()["cases"]
    ]
    return alone + [
        Case(f"{table.name} of {json.dumps(facts)}", table.vocabulary, table.when, facts, table.now, expected)
        for table in tables()
        for facts, expected in zip(table.facts, table.expected, strict=True)
    ]
