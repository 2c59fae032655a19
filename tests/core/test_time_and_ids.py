"""Moments, ids and keyed names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.core import (
    DAY,
    InvalidInput,
    day_of,
    format_time,
    from_datetime,
    keyed_hash,
    new_id,
    parse_time,
    time_of_id,
    to_datetime,
)

MOMENTS = st.integers(0, 4_000_000_000_000_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-02", DAY),
        ("1970-01-01T00:00:00.000001", 1),
    ],
)
def test_reads_iso_times(text: str, expected: int) -> None:
    assert parse_time(text) == expected


def test_refuses_other_times_naming_the_field() -> None:
    with pytest.raises(InvalidInput, match="sentAt") as caught:
        parse_time("yesterday", "sentAt")
    assert caught.value.field == "sentAt"


@given(MOMENTS)
def test_datetimes_keep_every_microsecond(at: int) -> None:
    assert from_datetime(to_datetime(at)) == at
    assert parse_time(format_time(at)) == at // 1000 * 1000
    assert format_time(at).startswith(day_of(at))


@given(MOMENTS, MOMENTS)
def test_ids_sort_by_time_and_tell_it(one: int, other: int) -> None:
    assert time_of_id(new_id(one)) == one // 1000 * 1000
    assert len(new_id(one)) == 32
    if one // 1000 < other // 1000:
        assert new_id(one) < new_id(other)


def test_keyed_hash_separates_its_parts_and_its_keys() -> None:
    assert keyed_hash(b"k", "email", "a") == keyed_hash(b"k", "email", "a")
    names = {
        keyed_hash(b"k", "email", "a"),
        keyed_hash(b"l", "email", "a"),
        keyed_hash(b"k", "emaila", ""),
        keyed_hash(b"k", "emai", "la"),
    }
    assert len(names) == 4
