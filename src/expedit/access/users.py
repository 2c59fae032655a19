"""The people who use the panel: who they are, what they may do, and how the last administrator stays."""

from __future__ import annotations

import re
from typing import Literal, get_args

from expedit.core import Conflict, InvalidInput, NotFound, Struct, new_id
from expedit.storage import Shop, Transaction
from expedit.web import ROLES, Role

Language = Literal["en", "sv", "nb"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_LOGIN = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_SELECT = "SELECT id, login, name, role, language, disabled, totp, created, seen, password <> '' FROM users"


class User(Struct, frozen=True):
    """Somebody who uses the panel.

    Parameters
    ----------
    id
        Stays when the name and address change; the audit log knows them by it.
    email
        What they sign in with.
    role, language
        What they may do, and what they read.
    disabled
        Whether they are locked out.
    second_factor
        Whether a code is asked for beside the password.
    created, seen
        Microseconds; `seen` is None before the first time.
    ready
        Whether they have chosen a password.
    """

    id: str
    email: str
    name: str
    role: Role
    language: Language
    disabled: bool
    second_factor: bool
    created: int
    seen: int | None
    ready: bool


def add_user(shop: Shop, email: str, name: str, role: str, language: str = "") -> User:
    """Add a user, who has no password before opening a link (`links.make_link`).

    Raises
    ------
    Conflict
        When the address is taken.
    InvalidInput
        When something does not fit; the field is named.
    """
    with shop.database.writing() as tx:
        return add_user_in(tx, shop, email, name, role, language)


def add_user_in(tx: Transaction, shop: Shop, email: str, name: str, role: str, language: str = "") -> User:
    """Add a user inside a transaction."""
    login = checked_login(email)
    now = shop.clock()
    user = User(
        new_id(now),
        login,
        checked_name(name),
        checked_role(role),
        checked_language(language or shop.settings.locale),
        False,
        False,
        now,
        None,
        False,
    )
    added = tx.run(
        "INSERT INTO users (id, login, name, role, language, password, disabled, totp, totp_offered, "
        "totp_step, created) VALUES (?, ?, ?, ?, ?, '', 0, '', '', 0, ?) ON CONFLICT (login) DO NOTHING",
        (user.id, user.email, user.name, user.role, user.language, now),
    )
    if not added:
        raise Conflict(f"{login} is a user already")
    return user


def users_of(shop: Shop) -> tuple[User, ...]:
    """Return every user, by name."""
    rows = shop.database.read_rows(_SELECT + " ORDER BY name, login")
    return tuple(map(_user, rows))


def find_user(shop: Shop, user_id: str) -> User:
    """Return the user of that id, or raise `NotFound`."""
    row = shop.database.read_row(_SELECT + " WHERE id = ?", (user_id,))
    if row is None:
        raise NotFound("there is no such user")
    return _user(row)


def find_login(shop: Shop, email: str) -> User | None:
    """Return the user who signs in with that address, if there is one."""
    row = shop.database.read_row(_SELECT + " WHERE login = ?", (email.strip().lower(),))
    return None if row is None else _user(row)


def has_users(shop: Shop) -> bool:
    """Tell whether anybody can use the panel yet, or an administrator holds a link that is still good.

    Who was invited with less than that leaves the panel without an administrator: a first one is still asked
    for. The same goes for an administrator who let their link run out.
    """
    found = shop.database.read_row(
        "SELECT 1 FROM users WHERE password <> '' OR (role = 'admin' AND EXISTS"
        " (SELECT 1 FROM account_links WHERE account = users.id AND until >= ?)) LIMIT 1",
        (shop.clock(),),
    )
    return found is not None


def change_role(tx: Transaction, user_id: str, role: str) -> None:
    """Give a user another role.

    Raises
    ------
    Conflict
        When no administrator would be left.
    """
    _touched(tx.run("UPDATE users SET role = ? WHERE id = ?", (checked_role(role), user_id)))
    keep_an_administrator(tx)


def set_disabled(tx: Transaction, user_id: str, disabled: bool) -> None:
    """Lock a user out, or let them in again.

    Raises
    ------
    Conflict
        When no administrator would be left.
    """
    _touched(tx.run("UPDATE users SET disabled = ? WHERE id = ?", (int(disabled), user_id)))
    keep_an_administrator(tx)


def rename(tx: Transaction, user_id: str, name: str, language: str) -> None:
    """Change what a user is called and reads."""
    _touched(
        tx.run(
            "UPDATE users SET name = ?, language = ? WHERE id = ?",
            (checked_name(name), checked_language(language), user_id),
        )
    )


def remove_user(tx: Transaction, user_id: str) -> None:
    """Erase a user: name, address, password and sessions. The audit log keeps the bare id.

    Raises
    ------
    Conflict
        When no administrator would be left.
    """
    tx.run("DELETE FROM panel_sessions WHERE account = ?", (user_id,))
    tx.run("DELETE FROM account_links WHERE account = ?", (user_id,))
    tx.run("DELETE FROM recovery_codes WHERE account = ?", (user_id,))
    _touched(tx.run("DELETE FROM users WHERE id = ?", (user_id,)))
    keep_an_administrator(tx)


def keep_an_administrator(tx: Transaction) -> None:
    """Raise `Conflict` when nobody could administer the panel after this transaction."""
    # Two administrators who demote each other at once wait for one another here.
    asked = "SELECT disabled FROM users WHERE role = 'admin' ORDER BY id"
    rows = tx.rows(asked + tx.for_update)
    if all(disabled for (disabled,) in rows):
        raise Conflict("somebody must stay administrator")


def checked_login(email: str) -> str:
    """Return the address as it is kept, or raise `InvalidInput`."""
    login = email.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise InvalidInput("email", "is no e-mail address")
    return login


def checked_name(name: str) -> str:
    """Return the name as it is kept, or raise `InvalidInput`."""
    kept = " ".join(name.split())
    if not kept or len(kept) > 80:
        raise InvalidInput("name", "must have 1 to 80 characters")
    if not kept.isprintable():
        raise InvalidInput("name", "holds characters that cannot be shown")
    return kept


def checked_role(role: str) -> Role:
    """Return the role, or raise `InvalidInput`."""
    for known in ROLES:
        if known == role:
            return known
    raise InvalidInput("role", f"choose from {', '.join(ROLES)}")


def checked_language(language: str) -> Language:
    """Return the language, or raise `InvalidInput`."""
    for known in LANGUAGES:
        if known == language:
            return known
    raise InvalidInput("language", f"choose from {', '.join(LANGUAGES)}")


def _touched(count: int) -> None:
    if not count:
        raise NotFound("there is no such user")


def _user(row: tuple[object, ...]) -> User:
    user_id, login, name, role, language, disabled, totp, created, seen, ready = row
    return User(
        str(user_id),
        str(login),
        str(name),
        checked_role(str(role)),
        checked_language(str(language)),
        bool(disabled),
        bool(totp),
        int(str(created)),
        None if seen is None else int(str(seen)),
        bool(ready),
    )
