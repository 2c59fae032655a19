"""One statement for many rows says the same as one for each."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.storage import Shop

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
SAID = st.tuples(
    TEXTS | st.sampled_from(["NULL", "", "{}", '"', "\\", ",", " a "]),
    st.none() | NUMBERS,
    st.none() | st.binary(max_size=9),
)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 99, 100, 101, 237])
def test_every_row_arrives_once_and_the_later_wins(shop: Shop, count: int) -> None:
    with shop.database.writing() as tx:
        tx.run("CREATE TEMPORARY TABLE many (id INTEGER PRIMARY KEY, said TEXT)")
        sql = "INSERT INTO many (id, said) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET said = excluded.said"
        tx.run_many(sql, [(number, f"first ({number})") for number in range(count)])
        tx.run_many(sql, [(number, f"then ({number})") for number in range(count // 2)])
        told = dict(tx.rows("SELECT id, said FROM many"))
        tx.run_many("UPDATE many SET said = ? WHERE id = ?", [("last", number) for number in range(count)])
        last = [said for (said,) in tx.rows("SELECT said FROM many")]
        tx.run("DROP TABLE many")
    half = count // 2
    assert told == {n: f"{'then' if n < half else 'first'} ({n})" for n in range(count)}
    assert last == ["last"] * count


@given(said=st.lists(SAID, max_size=25))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_inserted_rows_are_what_was_said(
    shop: Shop, said: list[tuple[str, int | None, bytes | None]]
) -> None:
    rows = [(number, *one) for number, one in enumerate(said)]
    with shop.database.writing() as tx:
        blob = "BLOB" if tx.dialect == "sqlite" else "BYTEA"
        tx.run(f"CREATE TEMPORARY TABLE said (id INTEGER PRIMARY KEY, t TEXT, n BIGINT, b {blob})")
        sql = (
            "INSERT INTO said (id, t, n, b) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET t = excluded.t"
        )
        for _ in range(2):
            tx.insert(sql, ("int", "text", "bigint", "bytea"), rows)
        told = tx.rows("SELECT id, t, n, b FROM said ORDER BY id")
        by_text = tx.rows_for(
            "SELECT id FROM said WHERE t IN (:keys) ORDER BY id", [t for _, t, _, _ in rows]
        )
        by_number = tx.rows_for(
            "SELECT id FROM said WHERE n IN (:keys)", [n for _, _, n, _ in rows if n is not None]
        )
        by_bytes = tx.rows_for(
            "SELECT id FROM said WHERE b IN (:keys)", [b for _, _, _, b in rows if b is not None]
        )
        tx.run("DROP TABLE said")
    assert told == rows
    assert by_text == [(number,) for number, *_ in rows]
    assert {number for (number,) in by_number} == {number for number, _, n, _ in rows if n is not None}
    assert {number for (number,) in by_bytes} == {number for number, _, _, b in rows if b is not None}


def test_a_zero_byte_is_refused_and_not_cut_off(shop: Shop) -> None:
    if shop.database.dialect == "sqlite":
        pytest.skip("SQLite keeps zero bytes")
    import psycopg

    with pytest.raises(psycopg.DataError, match="NUL"), shop.database.writing() as tx:
        tx.run("CREATE TEMPORARY TABLE said (t TEXT)")
        tx.insert("INSERT INTO said (t) VALUES (?)", ("text",), [("a\0b",), ("c",)])
