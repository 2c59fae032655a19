"""What administrators do to users, in the panel or on the command line: one transaction, with its trace."""

from __future__ import annotations

from expedit.access.audit import audit_in
from expedit.access.links import make_link_in
from expedit.access.sessions import sessions
from expedit.access.signing_in import drop_second_factor
from expedit.access.throttling import code_lane, password_lane, reopen
from expedit.access.users import User, add_user_in, change_role, find_user, remove_user, set_disabled
from expedit.storage import Shop
from expedit.web import Viewer

By = Viewer | None
"""Who does it: a viewer of the panel, or None for the command line."""


def invite(shop: Shop, by: By, email: str, name: str, role: str, language: str = "") -> tuple[User, str]:
    """Add a user; return them, and the token of the link by which they choose a password.

    Raises
    ------
    Conflict
        When the address is taken.
    InvalidInput
        When something does not fit; the field is named.
    """
    with shop.database.writing() as tx:
        user = add_user_in(tx, shop, email, name, role, language)
        audit_in(tx, shop, by, "users.add", user.id, {"role": user.role})
        return user, make_link_in(tx, shop, user.id)


def give_role(shop: Shop, by: By, user_id: str, role: str) -> None:
    """Give a user another role; they sign in anew.

    Raises
    ------
    Conflict
        When no administrator would be left.
    """
    with shop.database.writing() as tx:
        change_role(tx, user_id, role)
        sessions(shop).end_all_in(tx, user_id)
        audit_in(tx, shop, by, "users.role", user_id, {"role": role})


def lock_out(shop: Shop, by: By, user_id: str, *, disabled: bool) -> None:
    """Lock a user out, signed out everywhere, or let them in again.

    Raises
    ------
    Conflict
        When no administrator would be left.
    """
    with shop.database.writing() as tx:
        set_disabled(tx, user_id, disabled)
        if disabled:
            sessions(shop).end_all_in(tx, user_id)
        audit_in(tx, shop, by, "users.disable" if disabled else "users.enable", user_id)


def reset_user(shop: Shop, by: By, user_id: str, *, second_factor: bool = False) -> str:
    """Return the token of a link by which a user chooses a new password; failed sign-ins are forgotten.

    Parameters
    ----------
    second_factor
        Turn the second factor off as well.
    """
    user = find_user(shop, user_id)
    with shop.database.writing() as tx:
        token = make_link_in(tx, shop, user_id)
        audit_in(tx, shop, by, "users.reset", user_id)
        if second_factor:
            drop_second_factor(tx, shop, user_id, by)
    reopen(shop, (password_lane(user.email), code_lane(user_id)))
    return token


def free_of_second_factor(shop: Shop, by: By, user_id: str) -> None:
    """Turn a user's second factor off, for one who lost their phone; they are signed out everywhere."""
    with shop.database.writing() as tx:
        drop_second_factor(tx, shop, user_id, by)
        sessions(shop).end_all_in(tx, user_id)


def sign_out_everywhere(shop: Shop, by: By, user_id: str) -> int:
    """End every session of a user; return how many there were."""
    with shop.database.writing() as tx:
        count = sessions(shop).end_all_in(tx, user_id)
        audit_in(tx, shop, by, "users.end_sessions", user_id, {"sessions": count})
    return count


def remove(shop: Shop, by: By, user_id: str) -> None:
    """Erase a user; what they did stays in the log under a bare id.

    Raises
    ------
    Conflict
        When no administrator would be left.
    """
    with shop.database.writing() as tx:
        remove_user(tx, user_id)
        audit_in(tx, shop, by, "users.remove", user_id)
