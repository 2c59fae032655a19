"""Somebody of the shop points at a placement's spot on its own page, and the snippet fills it there."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from expedit.access import add_user
from expedit.decisions.live_placements import PLACEMENTS
from expedit.decisions.placement_pick import address_to_point
from expedit.storage import open_shop
from tests.app.fixtures import stocked_template
from tests.app.houses import House, Site
from tests.support.servers import free_port

__all__ = ["stocked_template"]

pytestmark = pytest.mark.e2e

PAGE = """<!doctype html><html lang="en"><head><title>Shop</title>
<script async src="{engine}/expedit.js" data-write-key="{key}"></script></head>
<body><main id="shop"><section class="hero css-19x7"><h1>Hello</h1></section>
<section class="rows"><div class="row">One</div><div class="row" id="two">Two</div></section>
<a href="/away">Away</a></main></body></html>"""


class Theme(ThreadingHTTPServer):
    """A page of a shop on a site of its own, without any markup for placements."""

    daemon_threads = True
    written = ""


class _Pages(BaseHTTPRequestHandler):
    server: Theme

    def do_GET(self) -> None:
        body = self.server.written.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def theme() -> Iterator[Theme]:
    server = Theme(("127.0.0.1", free_port()), _Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def origin(theme: Theme) -> str:
    return f"http://127.0.0.1:{theme.server_address[1]}"


@pytest.fixture(scope="module")
def site(
    stocked_template: House, tmp_path_factory: pytest.TempPathFactory, theme: Theme, origin: str
) -> Iterator[Site]:
    house = stocked_template.copy(tmp_path_factory.mktemp("picker") / "home")
    settings = house.root / "expedit.toml"
    settings.write_text(
        settings.read_text().replace("# allowed_origins = []", f'allowed_origins = ["{origin}"]')
    )
    with house.serving() as served:
        theme.written = PAGE.format(engine=f"http://127.0.0.1:{served.port}", key=house.web)
        yield served


@pytest.fixture
def link(site: Site, origin: str) -> str:
    shop = open_shop(site.house.root)
    try:
        user = add_user(shop, f"eva-{uuid.uuid4().hex[:8]}@example.com", "Eva", "merchandiser")
        return address_to_point(shop, "home-new", "New in", user.id, f"{origin}/", "en")
    finally:
        shop.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    yield context.new_page()
    context.close()


def draft(site: Site) -> Any:
    shop = open_shop(site.house.root)
    try:
        with shop.database.reading() as tx:
            return PLACEMENTS.newest(tx, "home-new")
    finally:
        shop.close()


def test_a_spot_is_pointed_at_with_the_mouse_and_filled_once_published(
    page: Page, browser: Browser, link: str, site: Site, origin: str
) -> None:
    page.goto(link)
    bar = page.get_by_role("dialog", name="New in")
    expect(bar).to_contain_text("Point at the spot and click.")
    page.get_by_text("Away").hover()
    expect(bar.locator("code")).to_have_text("a")
    page.get_by_text("Away").click()
    assert page.url.startswith(origin)
    assert "/away" not in page.url  # pointing follows no link
    page.keyboard.press("Escape")
    page.get_by_text("Two").click()
    expect(bar.locator("code")).to_have_text("#two")
    bar.get_by_role("combobox", name="How it stands to the spot").select_option("after")
    bar.get_by_role("button", name="Save in the draft").click()
    expect(bar).to_contain_text("Saved in the draft.")
    kept = draft(site)
    assert (kept.state, kept.body.selector, kept.body.position) == ("draft", "#two", "after")
    bar.get_by_role("button", name="Leave").click()
    expect(bar).to_have_count(0)
    assert "expedit-pick" not in page.url
    shop = open_shop(site.house.root)
    with shop.database.writing() as tx:
        PLACEMENTS.publish_in(tx, "home-new", kept.version, "Eva", shop.clock())
    shop.close()
    page.wait_for_timeout(
        2_500
    )  # a server takes it up within two seconds; browsers ask for spots each minute
    context = browser.new_context()
    shopper = context.new_page()
    shopper.goto(f"{origin}/")
    expect(shopper.locator("#two + [data-expedit=home-new] li").first).to_be_visible()
    context.close()


def test_the_keyboard_walks_the_page(page: Page, link: str, site: Site) -> None:
    page.goto(link)
    bar = page.get_by_role("dialog", name="New in")
    found = bar.locator("code")
    expect(found).to_have_text("#shop")
    steps = (
        ("ArrowDown", ".hero"),
        ("ArrowRight", ".rows"),
        ("ArrowDown", ".rows div:nth-of-type(1)"),
        ("ArrowRight", "#two"),
        ("ArrowLeft", ".rows div:nth-of-type(1)"),
        ("ArrowUp", ".rows"),
    )
    for key, selector in steps:
        page.keyboard.press(key)
        expect(found).to_have_text(selector)
    page.keyboard.press("Enter")
    expect(bar.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(bar).to_contain_text("Saved in the draft.")
    assert draft(site).body.selector == ".rows"


def test_a_token_that_is_none_is_told(page: Page, link: str, site: Site) -> None:
    before = draft(site)
    page.goto(link.replace(link[-4:], "0000"))
    bar = page.get_by_role("dialog", name="New in")
    page.get_by_text("Hello").click()
    bar.get_by_role("button", name="Save in the draft").click()
    expect(bar).to_contain_text("It was not saved: this link is not one of the panel's")
    assert draft(site) == before


def test_a_shopper_loads_no_picker(page: Page, site: Site, origin: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{origin}/")
    page.wait_for_timeout(1_000)
    assert not [one for one in asked if "expedit-pick" in one]
