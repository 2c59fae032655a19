"""Random conditions and facts over one small vocabulary, dense enough that they meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from expedit.core import Field, Vocabulary

NOW = 1_000_000_000_000
DAY = 86_400_000_000

PARCEL = Vocabulary({"carrier": Field("text"), "weight": Field("number")})
ITEM = Vocabulary(
    {
        "product": Field("text"),
        "price": Field("money"),
        "at": Field("moment"),
        "tags": Field("texts"),
        "parcels": Field("items", items=PARCEL),
    }
)
WORDS = Vocabulary(
    {
        "stock": Field("number"),
        "price": Field("money"),
        "brand": Field("text"),
        "on_sale": Field("flag"),
        "created": Field("moment"),
        "tags": Field("texts"),
        "cart.total": Field("money"),
        "attributes.*": Field("text"),
        "traits.*": Field("scalar"),
        "purchases": Field("items", items=ITEM),
    }
)

TEXTS = st.sampled_from(["a", "b", "c", "\u00e5", "a\u030a"])
LETTERS = st.text(
    st.sampled_from(
        "abAB \u00e5\u00c5\u030a\u00df\u0130I\u0307\u03a3\u03c3\u03c2\u01f0J\u030c\U0001f9e5\U00010400"
    ),
    min_size=1,
    max_size=4,
)
"""Texts whose letters change with their case or with the mark behind them."""
SPELLED = st.one_of(TEXTS, LETTERS)
WANTED = st.one_of(SPELLED, st.lists(SPELLED, min_size=1, max_size=3))
WHOLE = st.integers(-2, 4)
FEW = st.integers(0, 2)
FLAGS = st.booleans()
NUMBERS = st.one_of(WHOLE, st.sampled_from([0.5, 1.5, 1.0, -0.0, 2**53 - 1, 1 - 2**53]))
TIMES = st.sampled_from(
    ["1970-01-12T13:46:40Z", "1970-01-11", "1970-01-12T13:46:39.999999Z", "1970-01-10T13:46:40Z"]
)
SPANS = st.sampled_from(["0m", "1d", "24h", "2d", "1w"]).map(lambda span: {"$ago": span})
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": NUMBERS,
    "money": WHOLE,
    "text": TEXTS,
    "texts": TEXTS,
    "element": TEXTS,
    "flag": FLAGS,
    "moment": TIMES,
    "scalar": st.one_of(TEXTS, NUMBERS, FLAGS),
    "count": FEW,
}
BOUNDS = {
    "number": NUMBERS,
    "money": WHOLE,
    "scalar": NUMBERS,
    "moment": st.one_of(TIMES, SPANS),
    "count": FEW,
}
JUNK = st.sampled_from(
    [None, "", "5", [], {}, [1], True, 5, float("nan"), float("inf"), 10**40, [None, "", {}], "\ud800"]
)
FACTS: dict[str, st.SearchStrategy[Any]] = {
    "number": st.one_of(NUMBERS, st.integers(2**53 - 1, 2**53 + 1)),
    "money": WHOLE,
    "text": SPELLED,
    "flag": FLAGS,
    "moment": st.sampled_from([NOW, NOW - 1, NOW - DAY, NOW - DAY - 1, NOW - 2 * DAY, 864_000_000_000]),
    "scalar": st.one_of(SPELLED, NUMBERS, FLAGS),
    "texts": st.one_of(SPELLED, st.lists(st.one_of(TEXTS, SPELLED, JUNK), max_size=3)),
}


def names_for(kind: str, depth: int, negations: int) -> list[str]:
    """Return the operators to choose from."""
    if kind == "items":
        names = ["$eq", "$ne", "$exists", "$size", *(["$count", "$elemMatch"] * 2 if depth else [])]
    else:
        names = ["$in", "$nin", "$eq", "$ne"]
        names += ["$all", "$size", "$elemMatch"] if kind == "texts" else []
        names += ["$gt", "$gte", "$lt", "$lte"] if kind in BOUNDS else []
        names += ["$contains", "$startsWith"] if kind in {"text", "texts", "element", "scalar"} else []
        names += ["$exists"] if kind not in {"element", "count"} else []
    return [*names, "$not"] if negations else names


@st.composite
def asked(
    draw: st.DrawFn, kind: str, items: Vocabulary | None = None, depth: int = 0, negations: int = 2
) -> dict[str, Any]:
    """Draw an object of one or two operators for a field of `kind`."""
    value = VALUES.get(kind, st.none())
    nullable = value if kind in {"element", "count"} else st.one_of(value, st.none())

    def operand(name: str) -> Any:
        simple: dict[str, st.SearchStrategy[Any]] = {
            "$in": st.lists(nullable, max_size=3),
            "$nin": st.lists(nullable, max_size=3),
            "$all": st.lists(value, min_size=1, max_size=2),
            "$contains": WANTED,
            "$startsWith": WANTED,
            "$exists": FLAGS,
            "$size": FEW,
            "$eq": nullable,
            "$ne": nullable,
        }
        if name == "$not":
            return draw(asked(kind, items, depth, negations - 1))
        if name == "$elemMatch":
            return draw(asked("element") if items is None else conditions(items, depth - 1))
        if name == "$count":
            assert items is not None
            where = draw(conditions(items, depth - 1)) if draw(FLAGS) else {}
            return {"is": draw(st.one_of(FEW, asked("count"))), "where": where}
        return draw(simple[name] if name in simple else BOUNDS[kind])

    names = st.sampled_from(names_for(kind, depth, negations))
    return {name: operand(name) for name in draw(st.lists(names, min_size=1, max_size=2, unique=True))}


@st.composite
def conditions(draw: st.DrawFn, vocabulary: Vocabulary = WORDS, depth: int = 2) -> dict[str, Any]:
    """Draw a valid condition as JSON."""
    shape = draw(st.sampled_from(["field"] * 5 + ["two fields", "$and", "$or", "$nor", "$not", "{}"]))
    inner = conditions(vocabulary, depth - 1)
    if depth and shape in {"$and", "$or", "$nor"}:
        return {shape: draw(st.lists(inner, min_size=1, max_size=3))}
    if depth and shape == "$not":
        return {shape: draw(inner)}
    if depth and shape == "{}":
        return {}
    written: dict[str, Any] = {}
    for _ in range(2 if shape == "two fields" else 1):
        name = draw(st.sampled_from(sorted(vocabulary.fields)))
        field = vocabulary.fields[name]
        bare = field.kind in VALUES and draw(FLAGS)
        value = VALUES[field.kind] if bare else asked(field.kind, field.items, depth)
        written[name.replace("*", "size")] = draw(value)
    return written


@st.composite
def facts(draw: st.DrawFn, vocabulary: Vocabulary = WORDS) -> dict[str, Any]:
    """Draw facts, some of their values of another kind, some missing."""
    nested: dict[str, Any] = {}
    for name, field in vocabulary.fields.items():
        kind_of_value = draw(st.integers(0, 7))
        if kind_of_value == 0:
            continue
        if kind_of_value == 1:
            value = draw(JUNK)
        elif field.items is not None:
            item = facts(field.items)
            value = draw(item if kind_of_value == 2 else st.lists(st.one_of(item, item, JUNK), max_size=3))
        else:
            value = draw(FACTS[field.kind])
        outer, _, inner = name.replace("*", "size").partition(".")
        nested[outer] = {inner: value} if inner else value
    return nested


@st.composite
def pairs_on_one_field(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """Draw two conditions on the same field, and facts that hold nothing else."""
    name = draw(st.sampled_from(sorted(WORDS.fields)))
    field = WORDS.fields[name]
    path = name.replace("*", "size")
    one, other = ({path: draw(asked(field.kind, field.items, 1))} for _ in range(2))
    rows = draw(st.lists(facts(Vocabulary({name: field})), min_size=8, max_size=8))
    return one, other, rows


WORDS_OF_THE_LANGUAGE = (
    "$and $or $nor $not $eq $ne $gt $gte $lt $lte $in $nin $all $exists $size $contains $startsWith"
    " $elemMatch $count $ago where is"
    " stock price brand on_sale created tags cart.total attributes.size traits.tier purchases product"
).split()

ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["2026-11-22", "7d", "\ud800"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.text(max_size=5), st.sampled_from(WORDS_OF_THE_LANGUAGE)), inner, max_size=4
        ),
    ),
    max_leaves=25,
)
"""Any JSON, with the words of the language among the keys."""
