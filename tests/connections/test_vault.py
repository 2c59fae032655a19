"""Secrets at rest: sealed, bound to their place, rotated, never readable without the key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.connections.vault import KEY_VARIABLE, Vault, read_keys
from expedit.core import Corrupt, SettingsError

OLD, NEW = (b"o" * 32, "old"), (b"n" * 32, "new")


@given(st.text(), st.text())
def test_what_is_sealed_opens_in_its_place_only(secret: str, place: str) -> None:
    vault = Vault([NEW])
    sealed = vault.seal(secret, place)
    assert vault.open(sealed, place) == secret
    with pytest.raises(Corrupt):
        vault.open(sealed, place + "!")
    with pytest.raises(Corrupt):
        vault.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), place)


def test_the_secret_cannot_be_seen_and_two_seals_differ() -> None:
    vault = Vault([NEW])
    first, second = vault.seal("shpss_abcdef", "a"), vault.seal("shpss_abcdef", "a")
    assert first != second
    assert b"shpss" not in first


def test_a_rotated_key_still_opens_what_it_sealed() -> None:
    sealed = Vault([OLD]).seal("secret", "a")
    both = Vault([NEW, OLD])
    assert both.open(sealed, "a") == "secret"
    assert not both.fresh(sealed)
    assert both.fresh(both.seal("secret", "a"))


def test_a_missing_key_is_named() -> None:
    old = Vault([OLD])
    with pytest.raises(SettingsError) as caught:
        Vault([NEW]).open(old.seal("secret", "a"), "a")
    assert old.key_name in str(caught.value)
    assert KEY_VARIABLE in str(caught.value)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + b"x" * 40])
def test_what_was_never_sealed_is_corrupt(sealed: bytes) -> None:
    with pytest.raises(Corrupt):
        Vault([NEW]).open(sealed, "a")


def test_keys_come_from_the_environment_then_from_the_home() -> None:
    assert read_keys(b"home", {}) == [(b"home", "the home's secret file")]
    found = read_keys(b"home", {KEY_VARIABLE: f"{'a' * 32}, {'b' * 40}"})
    assert [key for key, _ in found] == [b"a" * 32, b"b" * 40, b"home"]
    with pytest.raises(SettingsError, match="holds a key of 5 characters"):
        read_keys(b"home", {KEY_VARIABLE: "short"})
