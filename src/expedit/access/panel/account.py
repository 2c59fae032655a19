"""One's own account: name, language, password, second factor, open sessions."""

from __future__ import annotations

from expedit.access.audit import audit_in
from expedit.access.panel.telling import OWN_NAMES, VIEWER, browser_of, told, unhurried
from expedit.access.sessions import SESSION_COOKIE, sessions
from expedit.access.signing_in import (
    change_password,
    offer_second_factor,
    turn_second_factor_off,
    turn_second_factor_on,
)
from expedit.access.totp import address_of, picture_of, readable, recovery_codes_left
from expedit.access.users import find_user, rename
from expedit.core import InvalidInput
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Cookie, Html, Redirect, Reply, Visit, text

ACCOUNT_PATH = "/panel/account"
SECOND_FACTOR_PATH = "/panel/account/second-factor"
LANGUAGE_COOKIE = "expedit_language"
_YEAR = 365 * 86_400


def show_account(shop: Shop, visit: Visit) -> Reply:
    """Show the viewer's own account."""
    own = sessions(shop)
    signed = own.viewer(visit.cookies.get(SESSION_COOKIE, ""))
    return Html(
        "access/account.html",
        {
            "user": find_user(shop, visit.viewer.user_id),
            "own_names": OWN_NAMES,
            "sessions": own.of(visit.viewer.user_id),
            "this_session": signed.session_id if signed else "",
            "codes_left": recovery_codes_left(shop, visit.viewer.user_id),
        },
    )


def change_account(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the forms of the account page asks for."""
    act = _ACTS.get(visit.form.get("do", ""))
    if act is None:
        raise InvalidInput("", "this form asks for nothing that is known")
    with told(visit):
        return act(shop, visit)


def _profile(shop: Shop, visit: Visit) -> Reply:
    language = visit.form.get("language", "")
    with shop.database.writing() as tx:
        rename(tx, visit.viewer.user_id, visit.form.get("name", ""), language)
        audit_in(tx, shop, visit.viewer, "users.rename", visit.viewer.user_id)
    return Redirect(
        ACCOUNT_PATH, text(language, "access.account.saved"), (Cookie(LANGUAGE_COOKIE, language, _YEAR),)
    )


def _password(shop: Shop, visit: Visit) -> Reply:
    with unhurried(visit, "old"):
        token = change_password(
            shop,
            visit.viewer.user_id,
            visit.form.get("old", ""),
            visit.form.get("password", ""),
            visit.address,
            browser_of(visit.agent),
        )
    return _renewed(visit, token, "access.account.password_changed")


def _second_factor_off(shop: Shop, visit: Visit) -> Reply:
    with unhurried(visit, "confirm"), told(visit, old="confirm"):
        token = turn_second_factor_off(
            shop,
            visit.viewer.user_id,
            visit.form.get("confirm", ""),
            visit.address,
            browser_of(visit.agent),
        )
    return _renewed(visit, token, "access.factor.turned_off")


def _end_session(shop: Shop, visit: Visit) -> Reply:
    sessions(shop).end(visit.viewer.user_id, visit.form.get("session", ""))
    return Redirect(ACCOUNT_PATH, text(visit.language, "access.account.session_ended"))


_ACTS = {
    "profile": _profile,
    "password": _password,
    "second_factor_off": _second_factor_off,
    "end_session": _end_session,
}


def show_second_factor(shop: Shop, visit: Visit) -> Reply:
    """Show the QR code of the secret that is offered."""
    user = find_user(shop, visit.viewer.user_id)
    if user.second_factor:
        return Redirect(ACCOUNT_PATH)
    secret = offer_second_factor(shop, user.id)
    issuer = shop.settings.shop_name or "expedit"
    picture = picture_of(address_of(secret, user.email, issuer))
    return Html("access/second_factor.html", {"picture": picture, "secret": readable(secret)})


def second_factor_on(shop: Shop, visit: Visit) -> Reply:
    """Turn the second factor on once its first code is right, and show the recovery codes."""
    with told(visit):
        token, codes = turn_second_factor_on(
            shop, visit.viewer.user_id, visit.form.get("code", ""), browser_of(visit.agent)
        )
    return Html("access/recovery_codes.html", {"codes": codes}, cookies=(Cookie(SESSION_COOKIE, token),))


def _renewed(visit: Visit, token: str, said: str) -> Redirect:
    return Redirect(ACCOUNT_PATH, text(visit.language, said), (Cookie(SESSION_COOKIE, token),))


ACCOUNT_PAGES = (
    Page(ACCOUNT_PATH, show_account, change_account, act_role=VIEWER, body_limit=20_000),
    Page(SECOND_FACTOR_PATH, show_second_factor, second_factor_on, act_role=VIEWER, body_limit=20_000),
)
