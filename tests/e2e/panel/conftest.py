"""The panel on a real server with a week of shoppers, open in a browser that is signed in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from expedit.access import SESSION_COOKIE, add_user, sessions
from expedit.storage import open_shop
from expedit.web import Role
from tests.app.fixtures import stocked_template
from tests.app.houses import House, Site

__all__ = ["stocked_template"]

HARMLESS = ("Failed to load resource: the server responded with a status of 4",)


@pytest.fixture(scope="module")
def panel_site(stocked_template: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a server on a copy of the stocked home, for one module."""
    house = stocked_template.copy(tmp_path_factory.mktemp("panel") / "home")
    with house.serving() as site:
        yield site


def sign_in(site: Site, role: Role = "admin", language: str = "en") -> str:
    """Make a user and return the cookie value of an open session of theirs."""
    shop = open_shop(site.house.root)
    try:
        name = {"admin": "Eva Lind", "merchandiser": "Ola Berg", "viewer": "Ida Vik"}[role]
        user = add_user(shop, f"{role}-{uuid.uuid4().hex[:8]}@example.com", name, role, language)
        return sessions(shop).open(user.id, "Chromium")
    finally:
        shop.close()


OpenPanel = Callable[..., Page]


@pytest.fixture
def open_panel(browser: Browser, panel_site: Site, request: pytest.FixtureRequest) -> Iterator[OpenPanel]:
    """Open the panel: ``open_panel("viewer", language="sv", phone=True, dark=True)`` gives a page.

    A page with a script error, or one that breaks the security policy, fails the test; what the console may
    say in a module's tests stands in its ``HARMLESS``.
    """
    harmless = (*HARMLESS, *getattr(request.module, "HARMLESS", ()))
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def opened(
        role: Role = "admin", language: str = "en", *, phone: bool = False, dark: bool = False
    ) -> Page:
        size = {"width": 390, "height": 844} if phone else {"width": 1360, "height": 900}
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            locale={"en": "en-GB", "sv": "sv-SE", "nb": "nb-NO"}[language],
            color_scheme="dark" if dark else "light",
            base_url=f"http://127.0.0.1:{panel_site.port}",
        )
        context.set_default_timeout(15_000)
        token = sign_in(panel_site, role, language)
        context.add_cookies(
            [{"name": SESSION_COOKIE, "value": token, "domain": "127.0.0.1", "path": "/panel"}]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "console",
            lambda line: (
                said.append(line.text)
                if line.type == "error" and not line.text.startswith(harmless)
                else None
            ),
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def panel(open_panel: OpenPanel) -> Page:
    """Give an administrator's page, wide and light, in English; go on with ``panel.goto("/panel/…")``."""
    return open_panel()


@pytest.fixture(scope="session")
def looks() -> Path:
    """Give the folder where screenshots are left for people to look at."""
    folder = Path(__file__).parents[3] / "test-results" / "panel"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
