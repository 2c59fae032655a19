"""The demo shop, open in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import missing_service
from tests.support.browser import chromium_path, open_browser
from tests.support.servers import expedit_process, free_port

expect.set_options(timeout=20_000)  # a machine that does other things meanwhile is slow, not wrong


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser; it must not outlive its module, since its event loop runs in this thread."""
    if chromium_path() is None:
        missing_service("no Chromium: apt-get install chromium")
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a freshly made demo shop."""
    folder = tmp_path_factory.mktemp("demo")
    port = free_port()
    with expedit_process(["demo", "--home", str(folder / "home")], port, folder / "log.txt", seconds=240):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Give a browser that has never been to the shop."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Page:
    return visitor.new_page()


@pytest.fixture(scope="session")
def pictures_folder() -> Path:
    """Give the folder where screenshots are left for people to look at."""
    folder = Path(__file__).parents[2] / "test-results"
    folder.mkdir(exist_ok=True)
    return folder
