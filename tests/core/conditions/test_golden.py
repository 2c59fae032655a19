"""Every evaluator gives the answers of spec/conditions.json, and the reader its refusals."""

import numpy as np
import pytest

from expedit.core import (
    Condition,
    InvalidInput,
    compile_mask,
    compile_matcher,
    explain_condition,
    gather_columns,
    read_condition,
    take_rows,
    to_json,
    write_condition,
)
from tests.core.conditions.golden import Case, cases, golden, tables, vocabulary


def read(case: Case) -> Condition:
    return read_condition(case.when, case.vocabulary)


def test_there_are_enough() -> None:
    names = [case.name for case in cases()]
    assert len(names) > 3000
    assert len(set(names)) == len(names)


def test_one_set_of_facts() -> None:
    answers = {case.name: compile_matcher(read(case))(case.facts, case.now) for case in cases()}
    assert answers == {case.name: case.expected for case in cases()}


def test_columns_of_one_row() -> None:
    wrong = [
        case.name
        for case in cases()
        for condition in [read(case)]
        if compile_mask(condition)(gather_columns(condition, [case.facts]), case.now).tolist()
        != [case.expected]
    ]
    assert wrong == []


def test_columns_of_many_rows() -> None:
    for table in tables():
        condition = read_condition(table.when, table.vocabulary)
        columns = gather_columns(condition, table.facts)
        assert compile_mask(condition)(columns, table.now).tolist() == table.expected, table.name


def test_columns_of_chosen_rows() -> None:
    for table in tables():
        condition = read_condition(table.when, table.vocabulary)
        chosen = np.array([*reversed(range(len(table.facts))), 0, 0], np.int32)
        columns = take_rows(gather_columns(condition, table.facts), chosen)
        expected = [table.expected[row] for row in chosen.tolist()]
        assert compile_mask(condition)(columns, table.now).tolist() == expected, table.name


def test_explanations() -> None:
    for case in cases():
        explained = explain_condition(read(case), case.facts, case.now)
        assert explained.holds is case.expected, case.name


@pytest.mark.parametrize("refused", golden()["refused"], ids=lambda one: to_json(one["at"]).decode())
def test_refusals_name_the_place(refused: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_condition(refused["when"], vocabulary("shop"))
    assert caught.value.field == refused["at"]
    assert caught.value.reason


def test_written_forms() -> None:
    for one in golden()["written"]:
        condition = read_condition(one["when"], vocabulary("shop"))
        assert to_json(write_condition(condition)) == to_json(one["written"])
        assert read_condition(one["written"], vocabulary("shop")) == condition
