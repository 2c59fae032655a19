"""Columns as rooms offer them: their types, what is missing, many rows beside facts that are the same."""

from typing import Any

import numpy as np
import pytest

from expedit.core import (
    Column,
    ColumnTable,
    Field,
    FlagColumn,
    ItemsColumn,
    JoinedColumns,
    Names,
    NumberColumn,
    SameColumn,
    ScalarColumn,
    TextColumn,
    TextsColumn,
    Vocabulary,
    compile_mask,
    read_condition,
    take_rows,
)
from tests.core.conditions.drawing import WORDS

BRANDS = Names(["", "Fj\u00e4ll", "Fjord", "Fja\u0308ll"])


def ask(raw: dict[str, Any], table: dict[str, Column], rows: int, now: int = 0) -> list[bool]:
    keyed = {tuple(path.split(".")): column for path, column in table.items()}
    answer = compile_mask(read_condition(raw, WORDS))(ColumnTable(rows, keyed), now)
    assert answer.dtype == np.bool_
    return answer.tolist()


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.float64])
def test_numbers_of_any_width(dtype: type) -> None:
    stock = {"stock": NumberColumn(np.array([1, 2, 3], dtype))}
    assert ask({"stock": {"$gt": 1.5}}, stock, 3) == [False, True, True]
    assert ask({"stock": {"$lt": 9007199254740991}}, stock, 3) == [True, True, True]
    assert ask({"stock": {"$in": [2, -9007199254740991]}}, stock, 3) == [False, True, False]
    assert ask({"stock": {"$in": [3, *range(10, 20), 2**40]}}, stock, 3) == [False, False, True]
    assert ask({"stock": None}, stock, 3) == [False, False, False]


def test_missing_numbers() -> None:
    values, valid = np.array([0.0, 1.0, np.nan]), np.array([False, True, True])
    for column, there in (
        (NumberColumn(values, valid), [False, True, False]),
        (NumberColumn(values), [True, True, False]),
    ):
        assert ask({"stock": {"$exists": True}}, {"stock": column}, 3) == there
        assert ask({"stock": {"$lt": 5}}, {"stock": column}, 3) == there
        assert ask({"stock": {"$ne": 1}}, {"stock": column}, 3) == [True, False, True]
        assert ask({"stock": {"$in": [None, 1]}}, {"stock": column}, 3) == [not there[0], True, True]


def test_flags() -> None:
    values = np.array([True, False, True])
    assert ask({"on_sale": True}, {"on_sale": FlagColumn(values)}, 3) == [True, False, True]
    hidden = FlagColumn(values, np.array([False, True, True]))
    assert ask({"on_sale": True}, {"on_sale": hidden}, 3) == [False, False, True]
    assert ask({"on_sale": None}, {"on_sale": hidden}, 3) == [True, False, False]


def test_the_answer_is_the_callers() -> None:
    values = np.array([True, False])
    mask = compile_mask(read_condition({"on_sale": True}, WORDS))
    table = ColumnTable(2, {("on_sale",): FlagColumn(values)})
    mask(table, 0)[:] = False
    assert values.tolist() == [True, False]
    assert mask(table, 0).tolist() == [True, False]


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64])
def test_texts_by_code(dtype: type) -> None:
    brand = {"brand": TextColumn(np.array([-1, 0, 1, 2, 3], dtype), BRANDS)}
    assert ask({"brand": "Fj\u00e4ll"}, brand, 5) == [False, False, True, False, True]
    assert ask({"brand": "Fjord"}, brand, 5) == [False, False, False, True, False]
    assert ask({"brand": "Haglund"}, brand, 5) == [False] * 5
    assert ask({"brand": {"$ne": "Haglund"}}, brand, 5) == [True] * 5
    assert ask({"brand": None}, brand, 5) == [True, True, False, False, False]
    assert ask({"brand": {"$in": [None, "Fjord"]}}, brand, 5) == [True, True, False, True, False]
    assert ask({"brand": {"$exists": True}}, brand, 5) == [False, False, True, True, True]


def test_names_may_grow_and_be_exchanged() -> None:
    names = ["a", "b"]
    codes = {"a": 0, "b": 1}
    before = Names(names, codes)
    names.append("c")
    codes["c"] = 2
    after = Names(names, codes)
    assert (before.codes_of(["c"]), after.codes_of(["c", "a"])) == ([], [2, 0])
    assert (before.empty, Names(["", "x"]).empty) == (-1, 0)
    mask = compile_mask(read_condition({"brand": {"$in": ["b", "c"]}}, WORDS))
    for known, coded, expected in (
        (before, [0, 1], [False, True]),
        (after, [0, 2], [False, True]),
        (Names(["c", "a"]), [0, 1], [True, False]),
        (before, [1, -1], [True, False]),
    ):
        table = ColumnTable(2, {("brand",): TextColumn(np.array(coded, np.int32), known)})
        assert mask(table, 0).tolist() == expected


def test_texts_are_looked_up_once_for_each_list_of_names() -> None:
    class Counting(Names):
        asked = 0

        def codes_of(self, texts: Any) -> list[int]:
            self.asked += 1
            return super().codes_of(texts)

    names = Counting(["a", "b"])
    mask = compile_mask(read_condition({"brand": {"$in": ["a", "b"]}}, WORDS))
    table = ColumnTable(2, {("brand",): TextColumn(np.array([0, 1], np.int32), names)})
    assert [mask(table, 0).tolist() for _ in range(5)] == [[True, True]] * 5
    assert names.asked == 1


def test_parts_of_texts_are_looked_for_once_in_each_list_of_names() -> None:
    class Counting(Names):
        asked = 0

        def codes_where(self, finds: Any) -> list[int]:
            self.asked += 1
            return super().codes_where(finds)

    names = Counting(["", "Merino WOOL", "Wool", "silk"])
    codes = np.array([-1, 0, 1, 2, 3], np.int32)
    for operator, expected in (
        ("$contains", [False, False, True, True, False]),
        ("$startsWith", [False, False, False, True, False]),
    ):
        names.asked = 0
        mask = compile_mask(read_condition({"brand": {operator: "wool"}}, WORDS))
        table = ColumnTable(5, {("brand",): TextColumn(codes, names)})
        assert [mask(table, 0).tolist() for _ in range(3)] == [expected] * 3
        assert names.asked == 1


def test_parts_of_names_that_grow() -> None:
    names = ["wool"]
    before = Names(names)
    names.append("woolen")
    assert (before.codes_where("wool".__eq__), before.codes_where("woolen".__eq__)) == ([0], [])
    assert Names(names).codes_where(lambda name: name.startswith("wool")) == [0, 1]


def test_lists_of_texts() -> None:
    tags = TextsColumn(np.array([0, 2, 2, 3]), np.array([0, 1, 1], np.int32), Names(["a", "b"]))
    assert ask({"tags": "a"}, {"tags": tags}, 3) == [True, False, False]
    assert ask({"tags": {"$all": ["a", "b"]}}, {"tags": tags}, 3) == [True, False, False]
    assert ask({"tags": {"$size": 1}}, {"tags": tags}, 3) == [False, False, True]
    assert ask({"tags": None}, {"tags": tags}, 3) == [False, True, False]
    assert ask({"tags": {"$elemMatch": {"$ne": "a"}}}, {"tags": tags}, 3) == [True, False, True]


def test_items_are_counted_by_row() -> None:
    at = NumberColumn(np.array([10, 20, 30, 40]))
    items = ItemsColumn(np.array([0, 0, 3, 4]), ColumnTable(4, {("at",): at}))
    since = {"at": {"$gte": "1970-01-01T00:00:00.00002Z"}}
    for number, expected in ((0, [True, False, False]), (1, [False, False, True]), (2, [False, True, False])):
        raw = {"purchases": {"$count": {"where": since, "is": number}}}
        assert ask(raw, {"purchases": items}, 3) == expected
    assert ask({"purchases": {"$elemMatch": since}}, {"purchases": items}, 3) == [False, True, True]
    assert ask({"purchases": {"$count": {"is": 3}}}, {"purchases": items}, 3) == [False, True, False]


def test_no_items_at_all() -> None:
    none = ItemsColumn(np.zeros(3, np.int64), ColumnTable(0, {}))
    assert ask({"purchases": {"$elemMatch": {"price": None}}}, {"purchases": none}, 2) == [False, False]
    assert ask({"purchases": {"$count": {"where": {"price": 5}, "is": 0}}}, {"purchases": none}, 2) == [
        True,
        True,
    ]
    assert ask({}, {}, 0) == []


def test_values_of_several_types() -> None:
    numbers = NumberColumn(np.array([1, 0, 0]), np.array([True, False, False]))
    texts = TextColumn(np.array([-1, 1, -1], np.int32), Names(["", "gold"]))
    flags = FlagColumn(np.array([False, False, True]), np.array([False, False, True]))
    tier = {"traits.tier": ScalarColumn(numbers, texts, flags)}
    assert ask({"traits.tier": {"$in": [1, "gold"]}}, tier, 3) == [True, True, False]
    assert ask({"traits.tier": True}, tier, 3) == [False, False, True]
    assert ask({"traits.tier": {"$lt": 5}}, tier, 3) == [True, False, False]
    assert ask({"traits.tier": None}, tier, 3) == [False, False, False]
    assert ask({"traits.tier": {"$contains": "OL"}}, tier, 3) == [False, True, False]
    assert ask({"traits.tier": {"$contains": "OL"}}, {"traits.tier": ScalarColumn(numbers)}, 3) == [False] * 3
    only = {"traits.tier": ScalarColumn(texts=texts)}
    assert ask({"traits.tier": {"$lt": 5}}, only, 3) == [False, False, False]
    assert ask({"traits.tier": None}, only, 3) == [True, False, True]
    assert ask({"traits.tier": None}, {"traits.tier": ScalarColumn()}, 3) == [True, True, True]


def test_a_missing_column_is_nothing_in_every_row() -> None:
    assert ask({"stock": {"$gt": 1}}, {}, 2) == [False, False]
    assert ask({"stock": {"$ne": 1}}, {}, 2) == [True, True]
    assert ask({"purchases": {"$count": {"is": 0}}}, {}, 2) == [True, True]


def test_a_column_of_another_type_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="brand needs a TextColumn, not a NumberColumn"):
        ask({"brand": "a"}, {"brand": NumberColumn(np.zeros(1))}, 1)


def test_columns_beside_facts_that_are_the_same() -> None:
    words = Vocabulary(
        {
            "product.price": Field("money"),
            "person.traits.*": Field("scalar"),
            "person.purchases": Field("items", items=Vocabulary({"product": Field("text")})),
            "page.type": Field("text"),
        }
    )
    prices = ColumnTable(3, {("price",): NumberColumn(np.array([100, 200, 300]))})
    facts = {
        "person": {"traits": {"tier": "gold"}, "purchases": [{"product": "A"}]},
        "page": {"type": "home"},
    }
    columns = JoinedColumns(3, {"product": prices}, facts)

    def answer(raw: dict[str, Any]) -> list[bool]:
        mask = compile_mask(read_condition(raw, words))
        taken = take_rows(columns, np.array([2, 0]))
        assert mask(taken, 0).tolist() == [mask(columns, 0).tolist()[row] for row in (2, 0)]
        return mask(columns, 0).tolist()

    assert answer({"product.price": {"$gte": 200}, "person.traits.tier": "gold"}) == [False, True, True]
    assert answer({"product.price": {"$gte": 200}, "person.traits.tier": "silver"}) == [False] * 3
    assert answer({"$or": [{"product.price": 100}, {"page.type": "cart"}]}) == [True, False, False]
    assert answer({"page.type": "home"}) == [True] * 3
    assert answer({"person.purchases": {"$elemMatch": {"product": "A"}}, "product.price": 300}) == [
        False,
        False,
        True,
    ]
    assert answer({"person.traits.age": None}) == [True] * 3


def test_what_is_the_same_in_every_row_decides_before_columns_are_looked_at() -> None:
    class Untouched:
        rows = 2

        def column(self, keys: tuple[str, ...]) -> Column | None:
            assert keys == ("brand",)
            return SameColumn("a")

    words = Vocabulary({"brand": Field("text"), "lines": Field("items", items=WORDS)})
    raw = {"lines": {"$count": {"where": {"stock": 1}, "is": 1}}, "brand": "b"}
    assert compile_mask(read_condition(raw, words))(Untouched(), 0).tolist() == [False, False]
