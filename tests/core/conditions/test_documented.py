"""The reference page says what is true: operators by kind, limits, and examples that can be read."""

import json
import re
from pathlib import Path

import pytest

from expedit.core import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_PARTS,
    MAX_VALUES,
    OPERATORS,
    compile_matcher,
    read_condition,
)
from expedit.core.conditions.operators import LOGICAL
from tests.core.conditions.golden import vocabulary

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "conditions.md").read_text()
KINDS = ("number", "money", "text", "flag", "moment", "scalar", "texts", "items")
EXAMPLES = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def rows(page: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in page.splitlines()
        if line[:1] == "|"
    ]


def test_every_operator_is_documented_for_its_kinds() -> None:
    documented: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for operators, kinds, *_ in (row for row in rows(PAGE) if len(row) == 3 and row[0].startswith("`$")):
        named = set(re.findall(r"`(\w+)`", kinds))
        for kind in KINDS:
            if kind in named or (kinds.startswith("all") and kind not in named):
                documented[kind] |= set(re.findall(r"`(\$\w+)`", operators))
        if kinds.startswith("all but"):
            for kind in named:
                documented[kind] -= set(re.findall(r"`(\$\w+)`", operators))
    assert documented == {kind: set(OPERATORS[kind]) for kind in KINDS}
    for operator in LOGICAL:
        assert f"`{operator}`" in PAGE


def test_limits_are_those_of_the_code() -> None:
    limits = {row[0]: row[1] for row in rows(PAGE) if len(row) == 2}
    assert limits["objects and comparisons"] == str(MAX_NODES)
    assert limits["values in lists"].split(",")[0] == str(MAX_VALUES)
    assert limits["parts of texts to look for"].split(",")[0] == str(MAX_PARTS)
    assert limits["conditions, and objects under `$not`, inside each other"] == f"{MAX_DEPTH} deep"


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_can_be_read(example: str) -> None:
    read_condition(json.loads(example), vocabulary("shop"))


@pytest.mark.parametrize(
    ("field", "values", "count"),
    [("stock", [5, 6, None], 9), ("tags", [["wool"], ["wool", "silk"], []], 4)],
)
def test_the_tables_of_nothing_are_true(field: str, values: list[object], count: int) -> None:
    table = PAGE[PAGE.index(f"| condition on `{field}` |") :].partition("\n\n")[0]
    asked = rows(table)[2:]
    assert len(asked) == count
    for conditions, *answers in asked:
        for written in re.findall(r"`([^`]+)`", conditions):
            matches = compile_matcher(read_condition({field: json.loads(written)}, vocabulary("shop")))
            for value, answer in zip(values, answers, strict=True):
                said = answer.strip("*").partition(":")[0]
                assert matches({field: value}, 0) is {"true": True, "false": False}[said], (written, value)
