"""Users, and visits of theirs, for tests of this room."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from expedit.access import User
from expedit.access.administering import invite
from expedit.access.signing_in import open_link
from expedit.storage import Shop
from expedit.web import Viewer, Visit

PASSWORD = "elva grå hästar i dimma"
ADDRESS = "192.0.2.7"

Visiting = Callable[..., Visit]


def enter(shop: Shop, email: str = "anna@example.com", name: str = "Anna Ek", role: str = "admin") -> User:
    """Add a user who has chosen `PASSWORD`."""
    user, token = invite(shop, None, email, name, role, "en")
    open_link(shop, token, PASSWORD)
    return user


@pytest.fixture
def anna(shop: Shop) -> User:
    """Give an administrator who can sign in."""
    return enter(shop)


@pytest.fixture
def visiting(shop: Shop) -> Visiting:
    """Make visits: ``visiting(anna, form={...}, path={...})``."""

    def visit(user: User | None = None, **given: object) -> Visit:
        viewer = Viewer(user.id, user.name, user.email, user.role) if user else Visit().viewer
        values: dict[str, object] = {"language": "en", "at": shop.clock(), "address": ADDRESS, **given}
        return Visit(viewer=viewer, **values)  # type: ignore[arg-type]

    return visit
