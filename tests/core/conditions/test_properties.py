"""What holds of every condition and all facts."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import (
    InvalidInput,
    always_false,
    compile_mask,
    compile_matcher,
    explain_condition,
    fields_of,
    from_json,
    gather_columns,
    leaves_of,
    never_both,
    read_condition,
    to_json,
    write_condition,
)
from tests.core.conditions.drawing import ANYTHING, NOW, WORDS, conditions, facts, pairs_on_one_field

MANY = settings(max_examples=200, deadline=None)


def holds(raw: dict[str, Any], given_facts: dict[str, Any]) -> bool:
    return compile_matcher(read_condition(raw, WORDS))(given_facts, NOW)


@MANY
@given(conditions(), st.lists(facts(), max_size=4))
def test_both_evaluators_agree(raw: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    condition = read_condition(raw, WORDS)
    matches = compile_matcher(condition)
    mask = compile_mask(condition)(gather_columns(condition, rows), NOW)
    assert mask.tolist() == [matches(row, NOW) for row in rows]


@MANY
@given(conditions())
def test_what_is_written_reads_back(raw: dict[str, Any]) -> None:
    condition = read_condition(raw, WORDS)
    written = write_condition(condition)
    again = read_condition(from_json(to_json(written), dict), WORDS, "other.path")
    assert again == condition
    assert hash(again) == hash(condition)
    assert write_condition(again) == written


@MANY
@given(conditions(), facts())
def test_what_is_written_means_the_same(raw: dict[str, Any], given_facts: dict[str, Any]) -> None:
    assert holds(raw, given_facts) is holds(write_condition(read_condition(raw, WORDS)), given_facts)


@MANY
@given(conditions(), conditions(), facts())
def test_de_morgan(one: dict[str, Any], other: dict[str, Any], given_facts: dict[str, Any]) -> None:
    first, second = holds(one, given_facts), holds(other, given_facts)
    assert holds({"$not": one}, given_facts) is not first
    assert holds({"$and": [one, other]}, given_facts) is (first and second)
    assert holds({"$or": [one, other]}, given_facts) is (first or second)
    assert holds({"$nor": [one, other]}, given_facts) is (not first and not second)
    neither = {"$and": [{"$not": one}, {"$not": other}]}
    assert holds(neither, given_facts) is holds({"$not": {"$or": [one, other]}}, given_facts)


@settings(max_examples=600, deadline=None)
@given(ANYTHING)
def test_reading_anything_raises_nothing_but_a_refusal(raw: Any) -> None:
    try:
        condition = read_condition(raw, WORDS)
    except InvalidInput as refusal:
        assert refusal.field.startswith("when")
    else:
        assert read_condition(write_condition(condition), WORDS) == condition


Rows = list[dict[str, Any]]


def check_proofs(one: dict[str, Any], other: dict[str, Any], rows: Rows) -> None:
    first, second = read_condition(one, WORDS), read_condition(other, WORDS)
    apart, never = never_both(first, second), always_false(first)
    for row in rows:
        assert not (apart and holds(one, row) and holds(other, row))
        assert not (never and holds(one, row))


@MANY
@given(conditions(), conditions(), st.lists(facts(), min_size=3, max_size=6))
def test_what_is_proven_to_be_never_is_never(one: dict[str, Any], other: dict[str, Any], rows: Rows) -> None:
    check_proofs(one, other, rows)


@settings(max_examples=500, deadline=None)
@given(pairs_on_one_field())
def test_what_is_proven_of_one_field_is_true(pair: tuple[dict[str, Any], dict[str, Any], Rows]) -> None:
    check_proofs(*pair)


@MANY
@given(conditions())
def test_a_condition_and_its_opposite_are_never_both_when_that_is_proven_at_all(raw: dict[str, Any]) -> None:
    condition = read_condition(raw, WORDS)
    nothing = read_condition({"$not": {}}, WORDS)
    assert never_both(condition, nothing)
    assert not always_false(read_condition({"$or": [raw, {}]}, WORDS))


@MANY
@given(conditions(), facts())
def test_explanations_hold_what_they_say(raw: dict[str, Any], given_facts: dict[str, Any]) -> None:
    condition = read_condition(raw, WORDS)
    explained = explain_condition(condition, given_facts, NOW)
    assert explained.holds is compile_matcher(condition)(given_facts, NOW)
    places = {leaf.place for leaf in leaves_of(condition)}
    assert {finding.leaf.place for finding in explained.because} <= places
    assert {leaf.field for leaf in leaves_of(condition)} == fields_of(condition)
