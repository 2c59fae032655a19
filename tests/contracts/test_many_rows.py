"""One statement for many rows says the same as one for each."""

from __future__ import annotations

import pytest

from expedit.storage import Shop


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
