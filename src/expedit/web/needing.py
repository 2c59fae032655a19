"""What a page asks of who visits it."""

from __future__ import annotations

from expedit.core import NotAllowed
from expedit.web.pages import Role, Visit
from expedit.web.texts import text


def need_role(visit: Visit, role: Role) -> None:
    """Refuse a visitor whose role does not include `role`.

    Raises
    ------
    NotAllowed
        Naming the role, in the visitor's language.
    """
    if not visit.viewer.may(role):
        raise NotAllowed(needs_role(visit.language, role))


def needs_role(language: str, role: Role) -> str:
    """Return in words that somebody would need `role`."""
    return text(language, "web.problem.needs_role", role=text(language, f"web.role.{role}"))
