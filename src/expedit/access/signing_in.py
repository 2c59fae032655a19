"""Signing in: a password, perhaps a code, then a session; and changing either.

What an outsider learns is the same whoever they name: one answer, after the same work.
"""

from __future__ import annotations

from collections.abc import Callable

from expedit.access.audit import audit, audit_in
from expedit.access.links import FIRST_USER, use_link
from expedit.access.passwords import check_password, hash_password, holds, outdated
from expedit.access.sessions import sessions
from expedit.access.throttling import code_lane, enter, leave, network_lane, password_lane
from expedit.access.totp import (
    make_recovery_codes,
    matching_step,
    new_name,
    secret_of,
    use_recovery_code,
)
from expedit.access.users import User, add_user_in, find_user
from expedit.core import InvalidInput, NotAllowed, NotFound, Struct
from expedit.storage import Shop, Transaction
from expedit.web import Viewer


class Entrance(Struct, frozen=True):
    """Where somebody stands after their password was taken.

    Parameters
    ----------
    token
        What the browser holds from now on.
    waiting
        Whether a code is still asked for.
    """

    token: str
    waiting: bool


def sign_in(shop: Shop, email: str, password: str, address: str, browser: str = "") -> Entrance:
    """Take a password.

    Raises
    ------
    TooManyRequests
        When there were too many failures.
    NotAllowed
        When address and password do not belong together, or the user is locked out; which, is not told.
    """
    lanes = (password_lane(email), network_lane(address))
    enter(shop, lanes)
    row = shop.database.read_row(
        "SELECT id, password, disabled, totp FROM users WHERE login = ?", (email.strip().lower(),)
    )
    user_id, kept, disabled, totp = row or ("", "", 0, "")
    if not holds(kept, password) or disabled:
        if user_id:
            audit(shop, user_id, "login.failed", user_id)
        raise NotAllowed("the address and the password do not belong together")
    leave(shop, lanes)
    with shop.database.writing() as tx:
        token = sessions(shop).open_in(tx, user_id, browser, waiting=bool(totp))
        if not totp:
            audit_in(tx, shop, user_id, "login", user_id)
    if outdated(kept):
        _keep(shop, user_id, kept, hash_password(password))
    return Entrance(token, bool(totp))


def give_code(shop: Shop, token: str, code: str, address: str, browser: str = "") -> str:
    """Take the code that a session waits for, or a recovery code; return the token of the open session.

    Raises
    ------
    TooManyRequests
        When there were too many failures.
    NotAllowed
        When the session has ended, or the code is wrong, too old or used already.
    """
    user_id = sessions(shop).waiting_for(token)
    if not user_id:
        raise NotAllowed("sign in again")
    lanes = (code_lane(user_id), network_lane(address))
    enter(shop, lanes)
    with shop.database.writing() as tx:
        way = _take_code(tx, shop, user_id, code)
        if way:
            sessions(shop).sign_out_in(tx, token)
            fresh = sessions(shop).open_in(tx, user_id, browser)
            audit_in(tx, shop, user_id, "login", user_id, {"by": way})
        else:
            audit_in(tx, shop, user_id, "login.failed", user_id, {"by": "code"})
    if not way:
        raise NotAllowed("the code is wrong, or was used already")
    leave(shop, lanes)
    return fresh


def open_link(
    shop: Shop,
    token: str,
    password: str,
    browser: str = "",
    *,
    email: str = "",
    name: str = "",
    language: str = "",
) -> Entrance:
    """Choose a password by a link: as the first user, as a new one, or after it was forgotten.

    A second factor that is on stays on: who holds the link must give a code as well.

    Raises
    ------
    NotFound
        When the link was used or has run out.
    InvalidInput
        When the password, address or name does not fit.
    """
    check_password(password, email, name)
    hashed = hash_password(password)
    with shop.database.writing() as tx:
        account = use_link(tx, shop, token)
        if account == FIRST_USER:
            if tx.row("SELECT 1 FROM users WHERE password <> '' LIMIT 1"):
                raise NotFound("this link was for the first user, and there is one by now")
            # Somebody who was added on the command line and never came is no reason to keep the door shut.
            account = add_user_in(tx, shop, email, name, "admin", language).id
        row = tx.row("SELECT login, name, totp FROM users WHERE id = ?", (account,))
        if row is None:
            raise NotFound("there is no such user")
        check_password(password, str(row[0]), str(row[1]))
        tx.run("UPDATE users SET password = ? WHERE id = ?", (hashed, account))
        sessions(shop).end_all_in(tx, account)
        fresh = sessions(shop).open_in(tx, account, browser, waiting=bool(row[2]))
        audit_in(tx, shop, account, "password.set", account, {"by": "link"})
    return Entrance(fresh, bool(row[2]))


def change_password(shop: Shop, user_id: str, old: str, new: str, address: str, browser: str = "") -> str:
    """Change one's own password; every session ends, and the token of a new one is returned.

    Raises
    ------
    TooManyRequests
        When there were too many failures.
    InvalidInput
        When the old password is wrong or the new one does not fit.
    """
    user = find_user(shop, user_id)
    check_password(new, user.email, user.name)
    confirm_password(shop, user, old, address)
    hashed = hash_password(new)

    def change(tx: Transaction) -> None:
        tx.run("UPDATE users SET password = ? WHERE id = ?", (hashed, user_id))
        tx.run("DELETE FROM account_links WHERE account = ?", (user_id,))
        audit_in(tx, shop, user_id, "password.set", user_id)

    return _renewed(shop, user_id, browser, change)


def confirm_password(shop: Shop, user: User, password: str, address: str) -> None:
    """Raise `InvalidInput` unless `password` is the user's; counts as an attempt to sign in."""
    lanes = (password_lane(user.email), network_lane(address))
    enter(shop, lanes)
    row = shop.database.read_row("SELECT password FROM users WHERE id = ?", (user.id,))
    if not holds(str(row[0]) if row else "", password):
        raise InvalidInput("old", "is not your password")
    leave(shop, lanes)


def offer_second_factor(shop: Shop, user_id: str) -> bytes:
    """Return the secret that the user is offered; the same one until it is confirmed or the offer is void."""
    with shop.database.writing() as tx:
        row = tx.row("SELECT totp_offered FROM users WHERE id = ?", (user_id,))
        if row is None:
            raise NotFound("there is no such user")
        name = str(row[0])
        if not name:
            name = new_name()
            tx.run("UPDATE users SET totp_offered = ? WHERE id = ?", (name, user_id))
    return secret_of(shop, user_id, name)


def turn_second_factor_on(
    shop: Shop, user_id: str, code: str, browser: str = ""
) -> tuple[str, tuple[str, ...]]:
    """Turn the offered second factor on; return the token of a new session, and the recovery codes.

    Raises
    ------
    InvalidInput
        When the code is wrong.
    """
    row = shop.database.read_row("SELECT totp_offered FROM users WHERE id = ?", (user_id,))
    name = str(row[0]) if row else ""
    step = matching_step(secret_of(shop, user_id, name), code, shop.clock(), 0) if name else None
    if step is None:
        raise InvalidInput("code", "is wrong; look at the app again")
    codes: tuple[str, ...] = ()

    def turn_on(tx: Transaction) -> None:
        nonlocal codes
        tx.run(
            "UPDATE users SET totp = ?, totp_offered = '', totp_step = ? WHERE id = ?", (name, step, user_id)
        )
        codes = make_recovery_codes(tx, shop, user_id)
        audit_in(tx, shop, user_id, "second_factor.on", user_id)

    return _renewed(shop, user_id, browser, turn_on), codes


def turn_second_factor_off(shop: Shop, user_id: str, password: str, address: str, browser: str = "") -> str:
    """Turn one's own second factor off, by password; return the token of a new session."""
    confirm_password(shop, find_user(shop, user_id), password, address)
    return _renewed(shop, user_id, browser, lambda tx: drop_second_factor(tx, shop, user_id, user_id))


def drop_second_factor(tx: Transaction, shop: Shop, user_id: str, by: Viewer | str | None) -> None:
    """Turn a user's second factor off, as an administrator does for somebody who lost their phone."""
    tx.run("UPDATE users SET totp = '', totp_offered = '', totp_step = 0 WHERE id = ?", (user_id,))
    tx.run("DELETE FROM recovery_codes WHERE account = ?", (user_id,))
    audit_in(tx, shop, by, "second_factor.off", user_id)


def _take_code(tx: Transaction, shop: Shop, user_id: str, code: str) -> str:
    """Take a code inside a transaction; tell by which way it was good, or nothing."""
    row = tx.row("SELECT totp, totp_step FROM users WHERE id = ?", (user_id,))
    name, last = row or ("", 0)
    if not name:
        return ""
    step = matching_step(secret_of(shop, user_id, name), code, shop.clock(), last)
    # The row decides between two requests with the same code.
    if step is not None and tx.run(
        "UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?", (step, user_id, step)
    ):
        return "code"
    return "recovery" if use_recovery_code(tx, shop, user_id, code) else ""


def _renewed(shop: Shop, user_id: str, browser: str, change: Callable[[Transaction], None]) -> str:
    """Make a change of a user's secrets, end all their sessions and return the token of a new one."""
    with shop.database.writing() as tx:
        change(tx)
        sessions(shop).end_all_in(tx, user_id)
        return sessions(shop).open_in(tx, user_id, browser)


def _keep(shop: Shop, user_id: str, former: str, hashed: str) -> None:
    with shop.database.writing() as tx:
        tx.run("UPDATE users SET password = ? WHERE id = ? AND password = ?", (hashed, user_id, former))
