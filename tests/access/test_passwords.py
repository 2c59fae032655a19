"""Passwords: what they must be, how they are kept, and that nobody can be told from somebody."""

from __future__ import annotations

import contextlib

import argon2
import pytest

from expedit.access import Wanted, read_audit
from expedit.access.passwords import check_password, hash_password, holds, outdated
from expedit.access.signing_in import sign_in
from expedit.core import InvalidInput, NotAllowed
from expedit.storage import Shop
from tests.access.conftest import ADDRESS, PASSWORD, enter


def test_a_hash_is_argon2id_with_the_parameters_of_rfc_9106() -> None:
    kept = hash_password(PASSWORD)
    parameters = argon2.extract_parameters(kept)
    assert parameters.type is argon2.Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (65536, 3, 4)
    assert kept != hash_password(PASSWORD)
    assert holds(kept, PASSWORD) and not holds(kept, PASSWORD + " ") and not holds(kept, "")
    assert not outdated(kept)


@pytest.mark.parametrize("kept", ["", "plain", "$argon2id$v=19$m=65536,t=3,p=4$AAAA"])
def test_what_is_no_hash_holds_no_password(kept: str) -> None:
    for password in ("", kept, PASSWORD):
        assert not holds(kept, password)


def test_nobody_takes_as_much_work_as_somebody(monkeypatch: pytest.MonkeyPatch, sqlite_shop: Shop) -> None:
    enter(sqlite_shop)
    locked = enter(sqlite_shop, "ola@example.com", "Ola")
    with sqlite_shop.database.writing() as tx:
        tx.run("UPDATE users SET disabled = 1 WHERE id = ?", (locked.id,))
    looked: list[argon2.Parameters] = []
    verify = argon2.PasswordHasher.verify

    def counting(self: argon2.PasswordHasher, kept: str, password: str) -> bool:
        looked.append(argon2.extract_parameters(kept))
        return bool(verify(self, kept, password))

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    for email, password in (
        ("anna@example.com", "wrong password"),
        ("nobody@example.com", "wrong password"),
        ("ola@example.com", PASSWORD),
        ("", ""),
    ):
        with pytest.raises(NotAllowed, match="do not belong together"):
            sign_in(sqlite_shop, email, password, ADDRESS)
    assert len(looked) == 4
    assert all(one == looked[0] for one in looked)


def test_a_hash_of_older_parameters_is_made_anew_at_sign_in(shop: Shop) -> None:
    user = enter(shop)
    old = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with shop.database.writing() as tx:
        tx.run("UPDATE users SET password = ? WHERE id = ?", (old, user.id))
    assert outdated(old)
    sign_in(shop, user.email, PASSWORD, ADDRESS)
    row = shop.database.read_row("SELECT password FROM users WHERE id = ?", (user.id,))
    assert row is not None and not outdated(row[0]) and holds(row[0], PASSWORD)


@pytest.mark.parametrize(
    "password", ["short", "x" * 201, "aaaaaaaaaaaaaaaa", "annaek annaek 2026!", "Anna-Ek1234567"]
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_password(password, "annaek@example.com", "Anna-Ek")
    assert refused.value.field == "password"


def test_a_passphrase_is_good_whatever_it_is_made_of() -> None:
    check_password(PASSWORD, "anna@example.com", "Anna Ek")
    check_password("my friend anna likes horses", "anna@example.com", "Anna Ek")


def test_sign_ins_leave_their_trace_and_never_what_was_typed(shop: Shop) -> None:
    user = enter(shop)
    for password in ("not the password", PASSWORD):
        with contextlib.suppress(NotAllowed):
            sign_in(shop, user.email, password, ADDRESS)
    with pytest.raises(NotAllowed):
        sign_in(shop, "kari@example.com", "typed in the wrong field", ADDRESS)
    entries = read_audit(shop, Wanted())
    assert [(entry.action, entry.actor) for entry in entries[:2]] == [
        ("login", user.id), ("login.failed", user.id),
    ]  # fmt: skip
    assert "password" not in str([entry.details for entry in entries])
    assert "kari" not in str(entries) and "typed" not in str(entries) and ADDRESS not in str(entries)
