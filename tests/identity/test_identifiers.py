"""How identifiers are cleaned, and which are junk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.core import InvalidInput
from expedit.events import IdentifierKind
from expedit.identity import identify, normalize_identifier, subject_of


@pytest.mark.parametrize(
    ("kind", "raw", "clean"),
    [
        ("email", "  Anna.Berg@Shop.SE ", "anna.berg@shop.se"),
        ("email", "mailto:kari@fjell.no", "kari@fjell.no"),
        ("email", "åsa@blåbär.se", "åsa@blåbär.se"),
        ("phone", "+46 (0)70-123 45 67", "+46701234567"),
        ("phone", "0047 912 34 567", "+4791234567"),
        ("phone", "tel:+47-912-34-567", "+4791234567"),
        ("user_id", 1017, "1017"),
        ("user_id", "7", "7"),
        ("user_id", "2222", "2222"),
        ("user_id", " Kund-17 ", "Kund-17"),
        ("loyalty_id", "000123", "000123"),
        ("anonymous_id", "8f0c1f8e-6a2d-4a53-9d3e-6b9f3c1d2e4f", "8f0c1f8e-6a2d-4a53-9d3e-6b9f3c1d2e4f"),
        ("payment_ref", "tok_1a2b", "tok_1a2b"),
    ],
)
def test_one_spelling(kind: IdentifierKind, raw: object, clean: str) -> None:
    assert normalize_identifier(kind, raw) == clean


def test_a_national_number_needs_its_country() -> None:
    assert normalize_identifier("phone", "070-123 45 67", "46") == "+46701234567"
    with pytest.raises(InvalidInput) as caught:
        normalize_identifier("phone", "070-123 45 67")
    assert caught.value.field == "phone"


@pytest.mark.parametrize("kind", ["user_id", "anonymous_id", "loyalty_id", "payment_ref", "email", "phone"])
@pytest.mark.parametrize(
    "raw",
    [
        "", "   ", "null", "NULL", "undefined", "None", "nan", "test", "0", "-1", "anonymous", "guest",
        "Unknown", "[object Object]", '"null"', "00000000-0000-0000-0000-000000000000", "0000",
        "xxxxxxxxxxxx", "11111111", "a", "x" * 201, "a\x00b", None, True, 1.5, [], {},
    ],
)  # fmt: skip
def test_junk_is_refused_with_its_kind_and_a_reason(kind: IdentifierKind, raw: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        normalize_identifier(kind, raw)
    assert caught.value.field == kind
    assert caught.value.reason


@pytest.mark.parametrize(
    "raw",
    ["anna", "anna@", "@shop.se", "anna@shop", "a b@shop.se", "a@b..se", "noreply@shop.se", "null@shop.se"],
)
def test_what_is_no_email_is_refused(raw: str) -> None:
    with pytest.raises(InvalidInput):
        normalize_identifier("email", raw)


@pytest.mark.parametrize(
    "raw", ["123", "+46", "+4670123456789012", "+0701234567", "070x1234567", "+46700000000"]
)
def test_what_is_no_phone_number_is_refused(raw: str) -> None:
    with pytest.raises(InvalidInput):
        normalize_identifier("phone", raw)


def test_a_name_depends_on_secret_kind_and_value() -> None:
    names = {
        subject_of(secret, kind, value)
        for secret in (b"1" * 32, b"2" * 32)
        for kind in ("email", "user_id")
        for value in ("anna@shop.se", "kari@fjell.no")
    }
    assert len(names) == 8
    assert {len(name) for name in names} == {24}
    found = identify(b"1" * 32, "email", "ANNA@shop.se")
    assert (found.value, found.subject_id) == ("anna@shop.se", subject_of(b"1" * 32, "email", "anna@shop.se"))


def test_the_field_that_held_the_junk_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        identify(b"1" * 32, "user_id", "undefined", "userId")
    assert caught.value.field == "userId"


@given(st.text(max_size=60), st.sampled_from(["user_id", "anonymous_id", "email", "phone", "loyalty_id"]))
def test_cleaning_twice_is_cleaning_once(raw: str, kind: IdentifierKind) -> None:
    try:
        clean = normalize_identifier(kind, raw)
    except InvalidInput:
        return
    assert normalize_identifier(kind, clean) == clean
