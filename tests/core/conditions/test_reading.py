"""What is read, what is refused, and what two conditions have in common."""

from typing import Any

import pytest

from expedit.core import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_PARTS,
    MAX_VALUES,
    OPERATORS,
    Condition,
    Field,
    InvalidInput,
    TooLarge,
    Vocabulary,
    combine_vocabularies,
    read_condition,
    write_condition,
)
from tests.core.conditions.drawing import WORDS


def read(raw: Any) -> Condition:
    return read_condition(raw, WORDS)


def refusal(raw: Any, path: str = "when") -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read_condition(raw, WORDS, path)
    return caught.value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"stock": 1, "price": 2}, {"price": 2, "stock": 1}),
        ({"stock": 1}, {"stock": {"$eq": 1.0}}),
        ({"brand": {"$in": ["b", "a", "b"]}}, {"brand": {"$in": ["a", "b"]}}),
        ({"brand": "\u00e5"}, {"brand": "a\u030a"}),
        ({"brand": {"$contains": "W\u00c5"}}, {"brand": {"$contains": ["wa\u030a", "W\u00e5"]}}),
        ({"created": "2026-11-22"}, {"created": "2026-11-22T01:00+01:00"}),
        ({"purchases": {"$count": {"is": 1}}}, {"purchases": {"$count": {"where": {}, "is": {"$eq": 1}}}}),
    ],
)
def test_conditions_that_are_written_alike_are_equal(one: Any, other: Any) -> None:
    assert read(one) == read(other)
    assert len({read(one), read(other)}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"traits.tier": True}, {"traits.tier": 1}),
        ({"traits.tier": "1"}, {"traits.tier": 1}),
        ({"stock": None}, {"stock": {"$exists": False}}),
        ({"$or": [{"stock": 1}, {"stock": 2}]}, {"$or": [{"stock": 2}, {"stock": 1}]}),
        ({"created": {"$gt": {"$ago": "7d"}}}, {"created": {"$gt": {"$ago": "1w"}}}),
        ({}, {"$and": [{}]}),
    ],
)
def test_conditions_that_are_written_differently_are_not(one: Any, other: Any) -> None:
    assert read(one) != read(other)


def test_the_order_of_keys_and_of_values_is_no_part_of_it() -> None:
    condition = read({"stock": {"$lt": 5, "$gte": 1}, "brand": {"$in": ["c", "a"]}})
    assert condition.text == '{"brand":{"$in":["a","c"]},"stock":{"$gte":1,"$lt":5}}'
    assert write_condition(condition) == {"brand": {"$in": ["a", "c"]}, "stock": {"$gte": 1, "$lt": 5}}


def test_a_written_condition_is_a_copy() -> None:
    condition = read({"brand": {"$in": ["a"]}})
    write_condition(condition)["brand"]["$in"].append("b")
    assert write_condition(condition) == {"brand": {"$in": ["a"]}}


def test_the_path_of_the_whole_comes_first() -> None:
    assert refusal({"stock": "1"}, "rules[3].when").field == "rules[3].when.stock"
    assert refusal({"stock": "1"}, "").field == "stock"
    assert refusal([], "").field == ""


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"stok": 1}, "is no field; did you mean stock?"),
        ({"cart": 1}, "is no field; did you mean cart.total?"),
        ({"zzzz": 1}, "is no field"),
        (
            {"purchases.product": "a"},
            "lies inside the items of purchases, which are asked by $elemMatch or $count",
        ),
        ({"stock": {"$exist": True}}, "is no operator; did you mean $exists?"),
        ({"$an": []}, "is no operator; did you mean $and?"),
        (
            {"brand": {"$gt": "a"}},
            "is not for a text; there are $contains, $eq, $exists, $in, $ne, $nin, $not, $startsWith",
        ),
        ({"brand": {"$regex": "a"}}, "is no operator; a part of a text is asked by $contains or $startsWith"),
        ({"brand": {"$startswith": "a"}}, "is no operator; did you mean $startsWith?"),
        ({"brand": {"$contains": 5}}, "must be text"),
        ({"brand": {"$contains": []}}, "is an empty list"),
        ({"brand": {"$contains": ""}}, "is empty; what has no value is null"),
        (
            {"stock": {"$contains": "5"}},
            "is not for a number; there are $eq, $exists, $gt, $gte, $in, $lt, $lte, $ne, $nin, $not",
        ),
        ({"brand": ["a"]}, "must be one value; several stand under $in"),
        (
            {"created": {"$eq": {"$ago": "1d"}}},
            "is a moving moment, with which only $gt, $gte, $lt and $lte compare",
        ),
        ({"created": {"$lt": {"ago": "1d"}}}, 'must be an ISO 8601 time or {"$ago": "7d"}'),
        ({"price": 19.5}, "must be a whole number of minor units"),
        ({"brand": ""}, "is empty; what has no value is null"),
        ({"stock": float("nan")}, "must be finite"),
        ({"stock": float("inf")}, "must be finite"),
        ({"stock": 10**400}, "is beyond ±(2^53 − 1), up to which numbers are exact"),
        ({5: 1}, "has a key that is not Unicode text"),
    ],
)
def test_reasons_help(raw: Any, reason: str) -> None:
    assert refusal(raw).reason == reason


def nested(levels: int) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for _ in range(levels - 1):
        raw = {"$not": raw}
    return raw


def test_depth_is_limited() -> None:
    read(nested(MAX_DEPTH))
    too_deep = refusal(nested(MAX_DEPTH + 1))
    assert isinstance(too_deep, TooLarge)
    assert too_deep.field == "when" + ".$not" * MAX_DEPTH
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert refusal({"$and": deep}).field == "when.$and[0]"
    assert isinstance(refusal(nested(5000)), TooLarge)


def test_size_is_limited() -> None:
    half = MAX_NODES // 2
    read({"$or": [{"stock": 1}] * (half - 1)})
    for one in ({"stock": 1}, {"stock": {"$not": {"$gt": 1}}}, {}):
        too_large = refusal({"$or": [one] * (MAX_NODES + 1)})
        assert isinstance(too_large, TooLarge)
        assert too_large.field.startswith("when.$or[")
    assert isinstance(refusal({f"attributes.{n}": "a" for n in range(MAX_NODES)}), TooLarge)


def test_lists_of_values_are_limited_together() -> None:
    few, many = list(range(MAX_VALUES // 2)), list(range(MAX_VALUES))
    read({"stock": {"$in": many}})
    read({"$and": [{"stock": {"$in": few}}, {"stock": {"$nin": few}}]})
    alone = refusal({"stock": {"$in": [*many, 0]}})
    together = refusal({"$and": [{"stock": {"$in": few}}, {"stock": {"$nin": [*few, 1]}}]})
    assert isinstance(alone, TooLarge)
    assert isinstance(together, TooLarge)
    assert (alone.field, together.field) == ("when.stock.$in", "when.$and[1].stock.$nin")


def test_parts_of_texts_are_limited_together() -> None:
    few, many = ["a"] * (MAX_PARTS // 2), ["a"] * MAX_PARTS
    read({"brand": {"$contains": many}})
    read({"brand": {"$contains": few}, "tags": {"$startsWith": few}})
    alone = refusal({"brand": {"$contains": [*many, "a"]}})
    together = refusal({"$and": [{"brand": {"$contains": few}}, {"tags": {"$startsWith": [*few, "a"]}}]})
    assert isinstance(alone, TooLarge)
    assert isinstance(together, TooLarge)
    assert (alone.field, together.field) == ("when.brand.$contains", "when.$and[1].tags.$startsWith")


def test_texts_and_names_are_limited() -> None:
    read({"brand": "x" * 500, "attributes." + "x" * 189: "y"})
    assert refusal({"brand": "x" * 501}).field == "when.brand"
    assert refusal({"brand": {"$contains": ["x" * 501]}}).field == "when.brand.$contains[0]"
    in_two = {"brand": "\u0958" * 250}  # a letter that form NFC writes as two
    assert read(write_condition(read(in_two))) == read(in_two)
    assert refusal({"brand": "\u0958" * 251}).field == "when.brand"
    long_name = refusal({"attributes." + "x" * 190: "y"})
    assert (len(long_name.field), long_name.reason) == (205, "is longer than 200 characters")
    assert len(refusal({"$" + "x" * 10_000: []}).field) == 205


def test_what_is_not_unicode_text_is_refused() -> None:
    assert refusal({"brand": "\ud800"}).field == "when.brand"
    assert refusal({"brand": {"$in": ["a", "x\udc00"]}}).field == "when.brand.$in[1]"
    assert refusal({"attributes.\ud800": "x"}).field == "when"
    assert refusal({"$or": [{"stock": {"\ud800": 1}}]}).field == "when.$or[0].stock"


def test_every_operator_of_every_kind_is_read() -> None:
    operands: dict[str, Any] = {
        "$in": [],
        "$nin": [],
        "$all": ["a"],
        "$exists": True,
        "$size": 1,
        "$contains": "a",
        "$startsWith": ["a"],
        "$not": {"$exists": True},
        "$count": {"is": 1},
    }
    values = {
        "number": 1,
        "money": 1,
        "text": "a",
        "texts": "a",
        "flag": True,
        "scalar": 1,
        "moment": "2026-11-22",
    }
    for name, field in WORDS.fields.items():
        for operator in OPERATORS[field.kind]:
            operand = operands.get(operator, values.get(field.kind))
            if operator == "$elemMatch":
                operand = {} if field.kind == "items" else {"$eq": "a"}
            read({name.replace("*", "x"): {operator: operand}})


def test_a_field_is_found_by_its_name_or_as_a_key_of_a_map() -> None:
    words = Vocabulary(
        {"traits.age": Field("number"), "traits.*": Field("scalar"), "cart.total": Field("money")}
    )
    assert words.find("traits.age") == (Field("number"), ("traits", "age"))
    assert words.find("traits.tier") == (Field("scalar"), ("traits", "tier"))
    assert words.find("traits.age.of.cat") == (Field("scalar"), ("traits", "age.of.cat"))
    assert words.find("cart.total") == (Field("money"), ("cart", "total"))
    for path in ("", "traits", "traits.", "traits.*", "cart", "cart.total.x", "age"):
        assert words.find(path) is None, path


def test_vocabularies_are_combined_under_prefixes() -> None:
    words = combine_vocabularies(
        {
            "product": Vocabulary({"price": Field("money", label="fields.price")}),
            "person": Vocabulary({"*": Field("scalar"), "cart.total": Field("money")}),
        }
    )
    assert words.fields == {
        "product.price": Field("money", label="fields.price"),
        "person.*": Field("scalar"),
        "person.cart.total": Field("money"),
    }
    assert words.find("person.shoe size") == (Field("scalar"), ("person", "shoe size"))
    assert Vocabulary({"*": Field("text")}).find("any.thing") == (Field("text"), ("any.thing",))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"$and": Field("text")}, "cannot be the name"),
        ({"a..b": Field("text")}, "cannot be the name"),
        ({"a.*.b": Field("text")}, "cannot be the name"),
        ({"": Field("text")}, "cannot be the name"),
        ({"cart": Field("text"), "cart.total": Field("money")}, "lies inside cart"),
        ({"cart": Field("text"), "cart.*": Field("money")}, "lies inside cart"),
        ({"lines": Field("items")}, "a vocabulary of items"),
        ({"lines": Field("text", items=WORDS)}, "a vocabulary of items"),
        ({"lines": Field("json")}, "no kind 'json'"),  # type: ignore[arg-type]
    ],
)
def test_a_vocabulary_is_checked(fields: dict[str, Field], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Vocabulary(fields)
