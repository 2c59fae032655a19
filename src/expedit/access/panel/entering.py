"""Coming in: by password and code, or by a link that is good once."""

from __future__ import annotations

from urllib.parse import urlencode

from expedit.access.links import FIRST_USER, SETUP_PATH, account_of_link
from expedit.access.panel.telling import OWN_NAMES, VIEWER, browser_of, told
from expedit.access.sessions import SESSION_COOKIE, sessions
from expedit.access.signing_in import Entrance, give_code, open_link, sign_in
from expedit.access.users import find_user, has_users
from expedit.core import InvalidInput, NotAllowed, NotFound, TooManyRequests
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Cookie, Html, Redirect, Reply, Visit, is_local, text

LOGIN_PATH = "/panel/login"
CODE_PATH = "/panel/login/code"
LINK_COOKIE = "expedit_link"
_LINK_SECONDS = 3600


def show_login(shop: Shop, visit: Visit) -> Reply:
    """Ask for address and password."""
    if visit.viewer.user_id:
        return Redirect(_goal(visit))
    return _login_page(shop)


def login(shop: Shop, visit: Visit) -> Reply:
    """Take address and password."""
    former = visit.cookies.get(SESSION_COOKIE, "")
    try:
        entrance = sign_in(
            shop,
            visit.form.get("email", ""),
            visit.form.get("password", ""),
            visit.address,
            browser_of(visit.agent),
        )
    except TooManyRequests as error:
        return _login_page(shop, slow=error.retry_after)
    except NotAllowed:
        raise InvalidInput("password", text(visit.language, "access.login.wrong")) from None
    if former:
        sessions(shop).sign_out(former)
    return _enter(visit, entrance)


def show_code(shop: Shop, visit: Visit) -> Reply:
    """Ask for the second factor."""
    if not sessions(shop).waiting_for(visit.cookies.get(SESSION_COOKIE, "")):
        return Redirect(_with_goal(LOGIN_PATH, visit))
    return Html("access/code.html", {"slow": 0})


def take_code(shop: Shop, visit: Visit) -> Reply:
    """Take the second factor."""
    token = visit.cookies.get(SESSION_COOKIE, "")
    if not sessions(shop).waiting_for(token):
        return Redirect(_with_goal(LOGIN_PATH, visit), text(visit.language, "access.code.too_late"))
    try:
        fresh = give_code(shop, token, visit.form.get("code", ""), visit.address, browser_of(visit.agent))
    except TooManyRequests as error:
        slow = error.retry_after
        return Html("access/code.html", {"slow": slow}, 429, retry_after=slow)
    except NotAllowed:
        raise InvalidInput("code", text(visit.language, "access.wrong.code")) from None
    return _enter(visit, Entrance(fresh, False))


def logout(shop: Shop, visit: Visit) -> Reply:
    """End the session."""
    sessions(shop).sign_out(visit.cookies.get(SESSION_COOKIE, ""))
    said = text(visit.language, "access.login.out")
    return Redirect(LOGIN_PATH, said, (Cookie(SESSION_COOKIE, ""),))


def show_link(shop: Shop, visit: Visit) -> Reply:
    """Ask whoever holds a link for a password; its token goes from the address into a cookie at once."""
    token = visit.query.get("token", "")
    if token:
        return Redirect(SETUP_PATH, cookies=(Cookie(LINK_COOKIE, token, _LINK_SECONDS, SETUP_PATH),))
    try:
        account = account_of_link(shop, visit.cookies.get(LINK_COOKIE, ""))
    except NotFound:
        return Html("access/link_gone.html", {"has_users": has_users(shop)}, 404)
    user = None if account == FIRST_USER else find_user(shop, account)
    return Html("access/set_up.html", {"user": user, "own_names": OWN_NAMES, "own_language": visit.language})


def use_link(shop: Shop, visit: Visit) -> Reply:
    """Take the password that was chosen by a link."""
    form = visit.form
    with told(visit):
        entrance = open_link(
            shop,
            visit.cookies.get(LINK_COOKIE, ""),
            form.get("password", ""),
            browser_of(visit.agent),
            email=form.get("email", ""),
            name=form.get("name", ""),
            language=form.get("language", ""),
        )
    return _enter(visit, entrance, Cookie(LINK_COOKIE, "", path=SETUP_PATH))


def _enter(visit: Visit, entrance: Entrance, *more: Cookie) -> Redirect:
    to = _with_goal(CODE_PATH, visit) if entrance.waiting else _goal(visit)
    return Redirect(to, cookies=(Cookie(SESSION_COOKIE, entrance.token), *more))


def _login_page(shop: Shop, slow: int = 0) -> Html:
    values = {"slow": slow, "has_users": has_users(shop)}
    return Html("access/login.html", values, 429 if slow else 200, retry_after=slow)


def _goal(visit: Visit) -> str:
    asked = visit.query.get("next", "")
    return asked if is_local(asked) and asked.startswith("/panel") else "/panel"


def _with_goal(path: str, visit: Visit) -> str:
    goal = _goal(visit)
    return path if goal == "/panel" else f"{path}?{urlencode({'next': goal})}"


ENTERING_PAGES = (
    Page(LOGIN_PATH, show_login, login, public=True, body_limit=10_000),
    Page(CODE_PATH, show_code, take_code, public=True, body_limit=10_000),
    Page(SETUP_PATH, show_link, use_link, public=True, body_limit=10_000),
    Page("/panel/logout", act=logout, act_role=VIEWER, body_limit=10_000),
)
