"""The users: who they are, what they may do, and helping those who cannot come in."""

from __future__ import annotations

from expedit.access.administering import (
    free_of_second_factor,
    give_role,
    invite,
    lock_out,
    remove,
    reset_user,
    sign_out_everywhere,
)
from expedit.access.audit import Wanted, read_audit
from expedit.access.links import link_path
from expedit.access.panel.telling import ADMIN, AUDIT_WORDS, OWN_NAMES, Told, names_of, told
from expedit.access.sessions import sessions
from expedit.access.users import User, find_user, users_of
from expedit.core import Conflict, InvalidInput, NotAllowed
from expedit.features import Found, Page
from expedit.storage import Shop
from expedit.web import ROLES, Html, Redirect, Reply, Viewer, Visit, text

USERS_PATH = "/panel/users"
_LAST_ENTRIES = 12


def show_users(shop: Shop, visit: Visit) -> Reply:
    """List the users, beside a form for another one."""
    return Html(
        "access/users.html",
        {
            "users": users_of(shop),
            "roles": _roles(visit),
            "own_names": OWN_NAMES,
            "own_language": visit.language,
        },
    )


def add(shop: Shop, visit: Visit) -> Reply:
    """Add a user and show the link by which they choose their password."""
    name, email, role, language = (
        visit.form.get(field, "") for field in ("name", "email", "role", "language")
    )
    with told(visit):
        try:
            user, token = invite(shop, visit.viewer, email, name, role, language)
        except Conflict:
            raise Told("email", text(visit.language, "access.users.taken")) from None
    return _link_page(shop, user, token)


def show_user(shop: Shop, visit: Visit) -> Reply:
    """Show one user."""
    user = find_user(shop, visit.path["user_id"])
    names = names_of(shop)
    entries = read_audit(shop, Wanted(actor=user.id), limit=_LAST_ENTRIES)
    return Html(
        "access/user.html",
        {
            "user": user,
            "roles": _roles(visit),
            "sessions": sessions(shop).of(user.id),
            "language_name": dict(OWN_NAMES)[user.language],
            "own": user.id == visit.viewer.user_id,
            "entries": entries,
            "names": names,
            **AUDIT_WORDS,
        },
    )


def change_user(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the forms of a user's page asks for."""
    act = _ACTS.get(visit.form.get("do", ""))
    if act is None:
        raise InvalidInput("", "this form asks for nothing that is known")
    user_id = find_user(shop, visit.path["user_id"]).id
    if user_id == visit.viewer.user_id:
        # What one could not take back oneself, another administrator has to do.
        raise NotAllowed(text(visit.language, "access.users.not_yourself"))
    try:
        return act(shop, visit, user_id)
    except Conflict:
        raise Conflict(text(visit.language, "access.users.last_admin")) from None


def _role(shop: Shop, visit: Visit, user_id: str) -> Reply:
    give_role(shop, visit.viewer, user_id, visit.form.get("role", ""))
    return _back(visit, user_id, "access.users.role_changed")


def _disable(shop: Shop, visit: Visit, user_id: str) -> Reply:
    lock_out(shop, visit.viewer, user_id, disabled=True)
    return _back(visit, user_id, "access.users.now_disabled")


def _enable(shop: Shop, visit: Visit, user_id: str) -> Reply:
    lock_out(shop, visit.viewer, user_id, disabled=False)
    return _back(visit, user_id, "access.users.now_enabled")


def _reset(shop: Shop, visit: Visit, user_id: str) -> Reply:
    return _link_page(shop, find_user(shop, user_id), reset_user(shop, visit.viewer, user_id))


def _drop_factor(shop: Shop, visit: Visit, user_id: str) -> Reply:
    free_of_second_factor(shop, visit.viewer, user_id)
    return _back(visit, user_id, "access.factor.turned_off")


def _end_sessions(shop: Shop, visit: Visit, user_id: str) -> Reply:
    sign_out_everywhere(shop, visit.viewer, user_id)
    return _back(visit, user_id, "access.users.sessions_ended")


def _remove(shop: Shop, visit: Visit, user_id: str) -> Reply:
    remove(shop, visit.viewer, user_id)
    return Redirect(USERS_PATH, text(visit.language, "access.users.removed"))


_ACTS = {
    "role": _role,
    "disable": _disable,
    "enable": _enable,
    "reset": _reset,
    "drop_factor": _drop_factor,
    "end_sessions": _end_sessions,
    "remove": _remove,
}


def find(shop: Shop, viewer: Viewer, words: str) -> list[Found]:
    """Find users by name or address, for administrators."""
    if not viewer.may(ADMIN):
        return []
    wanted = words.lower()
    return [
        Found(user.name, user.email, f"{USERS_PATH}/{user.id}", "access.users.one")
        for user in users_of(shop)
        if wanted in user.name.lower() or wanted in user.email
    ][:10]


def _link_page(shop: Shop, user: User, token: str) -> Html:
    return Html(
        "access/link.html", {"user": user, "link": link_path(token), "hours": shop.settings.link_hours}
    )


def _back(visit: Visit, user_id: str, said: str) -> Redirect:
    return Redirect(f"{USERS_PATH}/{user_id}", text(visit.language, said))


def _roles(visit: Visit) -> list[tuple[str, str]]:
    return [(role, text(visit.language, f"web.role.{role}")) for role in ROLES]


USER_PAGES = (
    Page(USERS_PATH, show_users, add, ADMIN, ADMIN, body_limit=20_000),
    Page(f"{USERS_PATH}/{{user_id:str}}", show_user, change_user, ADMIN, ADMIN, body_limit=20_000),
)
