"""The second factor against the vectors of its specifications, and against replay."""

from __future__ import annotations

from base64 import b32decode
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.access import User
from expedit.access.totp import (
    DRIFT,
    address_of,
    code_at,
    make_recovery_codes,
    matching_step,
    picture_of,
    readable,
    recovery_codes_left,
    secret_of,
    step_of,
    use_recovery_code,
)
from expedit.core import SECOND
from expedit.storage import Shop

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert code_at(RFC_SECRET, step_of(seconds * SECOND), digits=8) == code


@pytest.mark.parametrize(
    ("counter", "code"),
    list(enumerate("755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split())),
)
def test_codes_are_those_of_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert code_at(RFC_SECRET, counter) == code


secrets = st.binary(min_size=20, max_size=20)
moments = st.integers(1_000_000_000 * SECOND, 4_000_000_000 * SECOND)


@given(secrets, moments, st.integers(-5, 5))
def test_a_code_is_good_near_its_time_only(secret: bytes, now: int, away: int) -> None:
    step = step_of(now) + away
    near = {step_of(now) + drift for drift in range(-DRIFT, DRIFT + 1)}
    found = matching_step(secret, code_at(secret, step), now, 0)
    if step in near:
        assert found is not None and code_at(secret, found) == code_at(secret, step)
    else:  # another step may have the same six digits by chance, one that is near by no more than three
        assert found is None or code_at(secret, found) == code_at(secret, step)


@given(secrets, moments, st.integers(-DRIFT, DRIFT))
def test_a_code_is_good_once(secret: bytes, now: int, away: int) -> None:
    code = code_at(secret, step_of(now) + away)
    step = matching_step(secret, code, now, 0)
    assert step is not None
    again = matching_step(secret, code, now, step)
    assert again is None or again > step


@given(secrets, moments, st.text(max_size=12))
def test_what_is_no_code_is_refused(secret: bytes, now: int, typed: str) -> None:
    possible = {code_at(secret, step_of(now) + drift) for drift in range(-DRIFT, DRIFT + 1)}
    assert (matching_step(secret, typed, now, 0) is not None) == ("".join(typed.split()) in possible)


def test_the_secret_is_derived_and_differs_by_user_name_and_shop(sqlite_shop: Shop) -> None:
    one = secret_of(sqlite_shop, "u1", "a")
    assert len(one) == 20
    assert one == secret_of(sqlite_shop, "u1", "a")
    assert len({one, secret_of(sqlite_shop, "u2", "a"), secret_of(sqlite_shop, "u1", "b")}) == 3
    sqlite_shop.secret = b"another shop's secret, 32 bytes."
    assert secret_of(sqlite_shop, "u1", "a") != one


def test_apps_read_the_address_and_people_the_key() -> None:
    address = urlsplit(address_of(RFC_SECRET, "anna+1@example.com", "Fjäll & Fjord"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert address.path == "/Fj%C3%A4ll%20%26%20Fjord:anna%2B1%40example.com"
    asked = parse_qs(address.query)
    assert asked["issuer"] == ["Fjäll & Fjord"]
    assert b32decode(asked["secret"][0]) == RFC_SECRET
    assert readable(RFC_SECRET).replace(" ", "") == asked["secret"][0]
    assert picture_of(address.geturl()).startswith("data:image/svg+xml")


def test_a_recovery_code_is_good_once_and_kept_as_a_keyed_hash(shop: Shop, anna: User) -> None:
    with shop.database.writing() as tx:
        codes = make_recovery_codes(tx, shop, anna.id)
    stored = str(shop.database.read_rows("SELECT * FROM recovery_codes"))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)
    assert recovery_codes_left(shop, anna.id) == 10
    with shop.database.writing() as tx:
        assert not use_recovery_code(tx, shop, "somebody else", codes[0])
        assert not use_recovery_code(tx, shop, anna.id, "")
        assert use_recovery_code(tx, shop, anna.id, f" {codes[0].upper().replace('-', ' ')} ")
        assert not use_recovery_code(tx, shop, anna.id, codes[0])
    assert recovery_codes_left(shop, anna.id) == 9
    with shop.database.writing() as tx:
        make_recovery_codes(tx, shop, anna.id)
        assert not use_recovery_code(tx, shop, anna.id, codes[1])
    assert recovery_codes_left(shop, anna.id) == 10
