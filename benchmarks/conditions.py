"""Measure the condition language: one profile, the candidates of a decision, a million profiles.

    python benchmarks/conditions.py --profiles 1_000_000 --items 3_000_000

Every condition has five nodes. Times are CPU time of the thread, the median of some rounds. What is measured
is checked: rows drawn by lot must get the answer that the same facts get alone. Prints one JSON line a case.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from expedit.core import (
    DAY,
    Column,
    ColumnTable,
    Condition,
    Field,
    FlagColumn,
    ItemsColumn,
    JoinedColumns,
    Names,
    NumberColumn,
    TextColumn,
    TextsColumn,
    Vocabulary,
    combine_vocabularies,
    compile_mask,
    compile_matcher,
    explain_condition,
    never_both,
    read_condition,
    take_rows,
)

NOW = 1_795_348_800_000_000
BRANDS = ["", *(f"Brand {n}" for n in range(500))]
TAGS = ["", "wool", "silk", "linen", "outlet", "new", "organic"]

PRODUCT = Vocabulary(
    {
        "price": Field("money"),
        "stock": Field("number"),
        "brand": Field("text"),
        "tags": Field("texts"),
        "created": Field("moment"),
        "on_sale": Field("flag"),
    }
)
PERSON = Vocabulary(
    {
        "sessions": Field("number"),
        "country": Field("text"),
        "consent": Field("flag"),
        "last_at": Field("moment"),
        "purchases": Field("items", items=Vocabulary({"price": Field("money"), "at": Field("moment")})),
    }
)
RULE = combine_vocabularies(
    {
        "product": PRODUCT,
        "person": Vocabulary({"traits.*": Field("scalar")}),
        "page": Vocabulary({"type": Field("text")}),
    }
)

ONE = {
    "sessions": {"$gte": 3},
    "country": {"$in": ["SE", "NO"]},
    "consent": True,
    "last_at": {"$gte": {"$ago": "90d"}},
    "purchases": {"$exists": True},
}
RECOUNT = {
    "purchases": {
        "$count": {"where": {"at": {"$gte": {"$ago": "90d"}}, "price": {"$gte": 20000}}, "is": {"$gte": 2}}
    },
    "country": {"$in": ["SE", "NO"]},
    "sessions": {"$gte": 3},
}
CANDIDATES = {
    "product.price": {"$lt": 100000},
    "product.tags": {"$in": ["outlet", "organic"]},
    "product.brand": {"$nin": ["Brand 7", "Brand 8", "Brand 9"]},
    "person.traits.tier": "gold",
    "page.type": {"$in": ["home", "category"]},
}


def draw_products(rows: int, source: np.random.Generator) -> ColumnTable:
    offsets = np.zeros(rows + 1, np.int64)
    np.cumsum(source.integers(0, 4, rows), out=offsets[1:])
    columns: dict[tuple[str, ...], Column] = {
        ("price",): NumberColumn(source.integers(1000, 200_000, rows)),
        ("stock",): NumberColumn(source.integers(0, 20, rows, np.int32)),
        ("brand",): TextColumn(source.integers(0, len(BRANDS), rows, np.int32), Names(BRANDS)),
        ("tags",): TextsColumn(offsets, source.integers(1, len(TAGS), offsets[-1], np.int32), Names(TAGS)),
        ("created",): NumberColumn(NOW - source.integers(0, 1000 * DAY, rows)),
        ("on_sale",): FlagColumn(source.random(rows) < 0.2),
    }
    return ColumnTable(rows, columns)


def draw_people(rows: int, items: int, source: np.random.Generator) -> ColumnTable:
    offsets = np.zeros(rows + 1, np.int64)
    np.cumsum(np.bincount(source.integers(0, rows, items), minlength=rows), out=offsets[1:])
    bought: dict[tuple[str, ...], Column] = {
        ("price",): NumberColumn(source.integers(1000, 200_000, items)),
        ("at",): NumberColumn(NOW - source.integers(0, 720 * DAY, items)),
    }
    countries = Names(["", "SE", "NO", "DK", "FI"])
    columns: dict[tuple[str, ...], Column] = {
        ("sessions",): NumberColumn(source.integers(0, 30, rows, np.int32)),
        ("country",): TextColumn(source.integers(0, 5, rows, np.int8), countries),
        ("consent",): FlagColumn(source.random(rows) < 0.7),
        ("last_at",): NumberColumn(NOW - source.integers(0, 360 * DAY, rows)),
        ("purchases",): ItemsColumn(offsets, ColumnTable(items, bought)),
    }
    return ColumnTable(rows, columns)


def person_at(people: ColumnTable, row: int) -> dict[str, Any]:
    """Return one row as facts, as far as `RECOUNT` asks."""
    sessions, country, bought = (people.table[(name,)] for name in ("sessions", "country", "purchases"))
    assert (
        isinstance(sessions, NumberColumn)
        and isinstance(country, TextColumn)
        and isinstance(bought, ItemsColumn)
    )
    prices, moments = bought.items.column(("price",)), bought.items.column(("at",))
    assert isinstance(prices, NumberColumn) and isinstance(moments, NumberColumn)
    mine = slice(bought.offsets[row], bought.offsets[row + 1])
    pairs = zip(prices.values[mine].tolist(), moments.values[mine].tolist(), strict=True)
    return {
        "sessions": int(sessions.values[row]),
        "country": ["", "SE", "NO", "DK", "FI"][int(country.codes[row])],
        "purchases": [{"price": price, "at": at} for price, at in pairs],
    }


def median(act: Callable[[], object], rounds: int, calls: int = 1) -> float:
    """Return the median CPU seconds of one call."""
    act()
    times = []
    for _ in range(rounds):
        began = time.thread_time_ns()
        for _ in range(calls):
            act()
        times.append((time.thread_time_ns() - began) / 1e9 / calls)
    return float(np.median(times))


def show(case: str, **figures: float) -> None:
    print(
        json.dumps({"case": case, **{name: round(value, 2) for name, value in figures.items()}}), flush=True
    )


def measure_one() -> None:
    condition = read_condition(ONE, PERSON)
    matches = compile_matcher(condition)
    facts = {
        "sessions": 7,
        "country": "NO",
        "consent": True,
        "last_at": NOW - DAY,
        "purchases": [{"price": 1}],
    }
    assert matches(facts, NOW)
    assert not matches({**facts, "country": "DK"}, NOW)
    show(
        "one profile, five nodes",
        match_us=median(lambda: matches(facts, NOW), 9, 20_000) * 1e6,
        read_us=median(lambda: read_condition(ONE, PERSON), 9, 500) * 1e6,
        compile_us=median(lambda: compile_matcher(condition), 9, 500) * 1e6,
        explain_us=median(lambda: explain_condition(condition, facts, NOW), 9, 500) * 1e6,
        never_both_us=median(lambda: never_both(condition, condition), 9, 500) * 1e6,
    )


def measure_candidates(rows: int, source: np.random.Generator) -> None:
    condition = read_condition(CANDIDATES, RULE)
    mask = compile_mask(condition)
    products = draw_products(rows, source)
    chosen = source.integers(0, rows, 500)
    gold = {"person": {"traits": {"tier": "gold"}}, "page": {"type": "home"}}
    silver = {"person": {"traits": {"tier": "silver"}}, "page": {"type": "home"}}

    def joined(facts: dict[str, Any]) -> JoinedColumns:
        return JoinedColumns(500, {"product": take_rows(products, chosen)}, facts)

    whole = mask(JoinedColumns(rows, {"product": products}, gold), NOW)
    assert mask(joined(gold), NOW).tolist() == whole[chosen].tolist()
    assert not mask(joined(silver), NOW).any()
    taken = joined(gold)
    show(
        "500 candidates, five nodes",
        mask_us=median(lambda: mask(taken, NOW), 9, 500) * 1e6,
        taken_and_mask_us=median(lambda: mask(joined(gold), NOW), 9, 500) * 1e6,
        another_person_us=median(lambda: mask(joined(silver), NOW), 9, 500) * 1e6,
        passed_share=float(whole.mean()),
    )
    every = JoinedColumns(rows, {"product": products}, gold)
    show("every product, five nodes", rows=rows, ms=median(lambda: mask(every, NOW), 7) * 1e3)


def measure_recount(condition: Condition, people: ColumnTable, source: np.random.Generator) -> None:
    mask, matches = compile_mask(condition), compile_matcher(condition)
    found = mask(people, NOW)
    for row in [*source.integers(0, people.rows, 5_000).tolist(), *np.flatnonzero(found)[:2_000].tolist()]:
        assert matches(person_at(people, row), NOW) == found[row], row
    bought = people.table[("purchases",)]
    assert isinstance(bought, ItemsColumn)
    show(
        "audience recount, five nodes, one $count",
        profiles=people.rows,
        items=bought.items.rows,
        ms=median(lambda: mask(people, NOW), 7) * 1e3,
        in_it=int(found.sum()),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=3_000_000)
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    source = np.random.default_rng(given.seed)
    measure_one()
    measure_candidates(given.products, source)
    people = draw_people(given.profiles, given.items, source)
    measure_recount(read_condition(RECOUNT, PERSON), people, source)


if __name__ == "__main__":
    main()
