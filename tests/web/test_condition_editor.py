"""What the condition editor is given, how conditions are told in words, and how a wrong one is refused."""

from __future__ import annotations

import json

import pytest

from expedit.core import Field, InvalidInput, Vocabulary, read_condition, write_condition
from expedit.web import Frame, Html, Suggestion, Visit, Wording, condition_from, condition_kit, tell_condition
from expedit.web.rendering import _environment, render

WORDS = Vocabulary(
    {
        "brand": Field("text", "merchandising.field.brand", "brands"),
        "category": Field("texts", "merchandising.field.category", "categories"),
        "price": Field("money", "merchandising.field.price"),
        "margin": Field("number", "merchandising.field.margin"),
        "on_sale": Field("flag", "merchandising.field.on_sale"),
        "created": Field("moment", "merchandising.field.created"),
        "attributes.*": Field("text", "merchandising.field.attributes"),
        "bought": Field(
            "items",
            "merchandising.field.person_bought",
            items=Vocabulary({"product": Field("text", values="products"), "at": Field("moment")}),
        ),
    }
)


def names(source, values):
    known = {"products": {"p1": "Fjällräven"}, "brands": {"gran": "Gran & Son"}}.get(source, {})
    return {value: known[value] for value in values if value in known}


def wording(language="en", currency="SEK"):
    return Wording(language, names, currency, shares=frozenset({"margin"}))


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({}, ""),
        ({"brand": "Fjord"}, "brand is Fjord"),
        ({"brand": {"$in": ["Fjord", "gran"]}}, "brand is Fjord or Gran & Son"),
        ({"brand": {"$nin": ["a", "b"]}}, "brand is not a or b"),
        ({"brand": {"$contains": "Wool"}}, "brand contains “wool”"),
        ({"brand": {"$startsWith": ["fjo", "gran"]}}, "brand begins with “fjo” or “gran”"),
        ({"brand": {"$not": {"$contains": ["wool", "silk"]}}}, "brand does not contain “silk” or “wool”"),
        ({"brand": {"$not": {"$startsWith": "wool"}}}, "not (brand begins with “wool”)"),
        ({"brand": {"$not": {"$contains": "a", "$ne": "b"}}}, "not (brand contains “a” and brand is not b)"),
        ({"category": {"$contains": "wool"}}, "category has one containing “wool”"),
        ({"category": {"$not": {"$contains": "wool"}}}, "category has none containing “wool”"),
        ({"category": {"$startsWith": "wool"}}, "category has one beginning with “wool”"),
        (
            {"bought": {"$elemMatch": {"product": {"$contains": "p1"}}}},
            "purchases has one where (product contains “p1”)",
        ),
        ({"brand": None}, "brand is not known"),
        ({"brand": {"$exists": True}}, "brand is known"),
        ({"category": {"$all": ["a", "b"]}}, "category includes all of a and b"),
        ({"price": {"$gte": 20000}}, "price now is at least SEK\xa0200"),
        (
            {"price": {"$gt": 9, "$lt": 99950}},
            "price now is more than SEK\xa00.09 and price now is less than SEK\xa0999.50",
        ),
        ({"margin": {"$gte": 0.4}}, "margin is at least 40%"),
        ({"margin": {"$lt": 0.125}}, "margin is less than 12.5%"),
        ({"on_sale": True}, "on sale: yes"),
        ({"on_sale": {"$ne": True}}, "on sale: no"),
        ({"created": {"$gte": {"$ago": "1d"}}}, "arrived within the last 1 day"),
        ({"attributes.material": "wool"}, "attribute: material is wool"),
        (
            {"$or": [{"brand": "a"}, {"brand": "b", "on_sale": False}]},
            "(brand is a or (brand is b and on sale: no))",
        ),
        ({"$nor": [{"brand": "a"}, {"brand": "b"}]}, "not (brand is a or brand is b)"),
        ({"price": {"$not": {"$gt": 100}}}, "not (price now is more than SEK\xa01)"),
        ({"bought": {"$elemMatch": {"product": "p1"}}}, "purchases has one where (product is Fjällräven)"),
        (
            {"bought": {"$count": {"where": {"at": {"$gte": {"$ago": "90d"}}}, "is": {"$gte": 2}}}},
            "number of purchases is at least 2 (at within the last 90 days)",
        ),
    ],
)  # fmt: skip
def test_a_condition_is_told_in_words(raw, told):
    assert tell_condition(read_condition(raw, WORDS), WORDS, wording()) == told


def test_the_words_are_the_viewers():
    condition = read_condition({"$or": [{"margin": {"$gte": 0.4}}, {"on_sale": True}]}, WORDS)
    assert tell_condition(condition, WORDS, wording("sv")) == "(marginal är minst 40\xa0% eller nedsatt: ja)"
    assert tell_condition(condition, WORDS, wording("nb")) == "(margin er minst 40\xa0% eller på salg: ja)"
    parts = read_condition({"brand": {"$contains": ["a", "b"]}, "category": {"$startsWith": "c"}}, WORDS)
    assert (
        tell_condition(parts, WORDS, wording("sv"))
        == "varumärke innehåller ”a” eller ”b” och kategori har en som börjar med ”c”"
    )
    assert (
        tell_condition(parts, WORDS, wording("nb"))
        == "merke inneholder «a» eller «b» og kategori har en som begynner med «c»"
    )


def test_several_currencies_stand_behind_the_amount():
    condition = read_condition({"price": 19950}, WORDS)
    assert (
        tell_condition(condition, WORDS, wording(currency="SEK / NOK"))
        == "price now is exactly 199.5 SEK / NOK"
    )


def test_the_kit_holds_fields_comparisons_choices_and_names():
    kit = condition_kit(
        WORDS,
        wording("sv"),
        choices={"brands": (Suggestion("Fjord", "Fjord"),)},
        keys={"attributes.*": ("season", "material")},
        known={"brand": {"$in": ["gran", "Fjord"]}, "bought": {"$elemMatch": {"product": "p1"}}},
    )
    fields = {field.name: field for field in kit.fields}
    assert fields["brand"].label == "Varumärke"
    assert [name for name in fields if name.startswith("attributes.")] == [
        "attributes.material", "attributes.season", "attributes.*",
    ]  # fmt: skip
    assert fields["attributes.*"].open and fields["attributes.material"].label == "Egenskap: material"
    assert fields["margin"].share and not fields["price"].share
    assert [inner.name for inner in fields["bought"].items] == ["product", "at"]
    assert kit.known == {"brands": {"gran": "Gran & Son"}, "products": {"p1": "Fjällräven"}}
    assert dict(kit.comparisons["text"])["is_not"] == "är inte"
    assert dict(kit.comparisons["text"])["contains"] == "innehåller"
    assert dict(kit.comparisons["texts"])["starts"] == "har en som börjar med"
    assert (kit.currency, kit.decimals) == ("SEK", 2)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{", "This is not JSON"),
        ("[]", "This is not JSON"),
        ('{"brnd": "x"}', "brnd: there is no such field"),
        ('{"price": "much"}', "Price now: must be a number"),
        ('{"$and": [{"price": {"$gt": 1.5}}]}', "must be a whole number"),
        ('{"brand": ""}', "Brand: a value is missing"),
        ('{"brand": {"$gt": "a"}}', "cannot be compared like that"),
        ('{"brand": {"$regex": "a"}}', "cannot be compared like that"),
        ('{"brand": {"$contains": []}}', "Brand: a value is missing"),
        ('{"brand": {"$contains": [5]}}', "Brand: must be text"),
        (json.dumps({"brand": {"$contains": ["a"] * 101}}), "too large"),
        ('{"created": "soon"}', "must be a date"),
        ('{"$or": []}', "a value is missing"),
        ("x" * 70_000, "too large"),
        (json.dumps({"$or": [{"brand": "a"}] * 300}), "too large"),
    ],
)
def test_a_wrong_condition_is_refused_at_its_field(written, said):
    with pytest.raises(InvalidInput) as caught:
        condition_from(written, WORDS, "which", "en")
    assert caught.value.field == "which"
    assert said in caught.value.reason


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"$or": [{"zzz": 1}]}', "zzz: there is no such field"),
        ('{"$nor": [{"$and": [{"margin": "much"}]}]}', "Margin: must be a number"),
        ('{"attributes.material": {"$in": [1]}}', "Attribute: material: must be text"),
        ('{"$or": [{"$if": 1}]}', "$if: cannot be compared like that"),
        ('{"bought": {"$elemMatch": {"colr": "red"}}}', "colr in “Purchases”: there is no such field"),
        (
            '{"$or": [{"bought": {"$count": {"is": {"$gte": 1}, "where": {"$not": {"zzz": 1}}}}}]}',
            "zzz in “Purchases”: there is no such field",
        ),
        ('{"bought": {"$count": {"is": {"$gte": "x"}}}}', "Purchases: must be a number"),
        ('{"bought": {"$elemMatch": {"product": ""}}}', "product in “Purchases”: a value is missing"),
    ],
)
def test_a_complaint_names_the_innermost_field(written, said):
    with pytest.raises(InvalidInput) as caught:
        condition_from(written, WORDS, "which", "en")
    assert caught.value.reason == said


def test_a_right_condition_is_read():
    assert write_condition(condition_from(' {"brand": {"$eq": "x"}} ', WORDS, "which", "en")) == {
        "brand": "x"
    }
    assert write_condition(condition_from("", WORDS, "which", "en")) == {}


def test_the_editor_keeps_what_was_typed_beside_the_complaint(monkeypatch):
    made = _environment.from_string(
        '{% import "web/condition.html" as conditions %}'
        '{{ conditions.editor("which", "Which", kit, {"brand": "</textarea><b>"}) }}'
    )
    load = _environment.get_template
    monkeypatch.setattr(
        _environment, "get_template", lambda name, *more: made if name == "x" else load(name, *more)
    )
    kit = condition_kit(WORDS, wording())
    page = Html("x", {"kit": kit})
    fresh = str(render(page, Visit(), Frame()))
    assert "&lt;/textarea&gt;&lt;b&gt;" in fresh and "</textarea><b>" not in fresh
    visit = Visit(errors={"which": "Brand: a value is missing"}, form={"which": '{"brand": ""}'})
    again = str(render(page, visit, Frame()))
    assert "{&#34;brand&#34;: &#34;&#34;}" in again
    assert 'role="alert" data-wrong>Brand: a value is missing' in again
