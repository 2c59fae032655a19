"""The panel's frame and parts in a browser: keys, menus, dialogs, themes, charts, and a kept policy."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from expedit.access import SESSION_COOKIE, add_user, sessions
from expedit.app.panel import panel_routes
from expedit.storage import migrate, open_shop
from expedit.web import build_application
from tests.app.houses import House
from tests.e2e.panel.conftest import HARMLESS
from tests.support.servers import free_port
from tests.web.specimen import SPECIMEN

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def specimen_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Give the address of a panel with the specimen's pages, and the cookie of an administrator."""
    house = House.make(tmp_path_factory.mktemp("specimen") / "home")
    shop = open_shop(house.root)
    migrate(shop.database)
    user = add_user(shop, "eva@example.com", "Eva Lind", "admin", "en")
    token = sessions(shop).open(user.id, "Chromium")
    port = free_port()
    application = build_application(panel_routes(shop, (SPECIMEN,)), version="0")
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", token
    server.should_exit = True
    thread.join()
    shop.close()


@pytest.fixture(params=["wide", "phone"])
def form_factor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(browser: Browser, specimen_url: tuple[str, str], form_factor: str) -> Iterator[Page]:
    """Give a page of the specimen; a script error or a break of the policy fails the test."""
    url, token = specimen_url
    size = {"width": 1360, "height": 900} if form_factor == "wide" else {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, base_url=url, locale="en-GB", color_scheme="light")  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "domain": "127.0.0.1", "path": "/panel"}])
    opened = context.new_page()
    said: list[str] = []
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on(
        "console",
        lambda line: (
            said.append(line.text) if line.type == "error" and not line.text.startswith(HARMLESS) else None
        ),
    )
    yield opened
    context.close()
    assert said == []


def test_every_part_is_drawn_in_light_and_dark(page: Page, form_factor: str, looks: Path) -> None:
    page.goto("/panel/specimen")
    chart = page.locator("[data-chart] svg")
    expect(chart).to_have_count(2)
    expect(page.locator("#count")).to_have_text("fragment True")
    assert page.locator("html").evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    page.screenshot(path=looks / f"parts-{form_factor}-light.png", full_page=True)
    page.locator("summary", has=page.locator(".icon-light")).click()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    expect(chart).to_have_count(2)
    page.screenshot(path=looks / f"parts-{form_factor}-dark.png", full_page=True)


def test_icons_are_drawn(page: Page) -> None:
    page.goto("/panel/specimen")
    box = page.locator(".brand svg").first.evaluate("svg => svg.querySelector('use').getBBox().width")
    assert box > 5


def test_the_search_is_walked_by_keys(page: Page) -> None:
    page.goto("/panel/specimen")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search everything")
    expect(box).to_be_focused()
    page.keyboard.insert_text("boot")  # at once, so that one list comes and stays
    hits = page.locator("[data-found]").get_by_role("option")
    expect(hits).to_have_count(3)
    expect(hits.first).to_have_text("Boot <b>low</b>note 0")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(hits.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "hit-2")
    page.keyboard.press("Escape")
    expect(hits.first).to_be_hidden()
    page.keyboard.press("/")  # typed into the box, as any other sign
    expect(box).to_have_value("boot/")
    page.keyboard.press("Backspace")
    expect(hits).to_have_count(3)
    page.keyboard.press("ArrowUp")
    expect(hits.nth(2)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/panel/specimen/form?n=2")


def test_a_refused_form_comes_back_and_a_good_one_says_so(page: Page, tmp_path: Path) -> None:
    page.goto("/panel/specimen/form")
    name = page.get_by_label("Name")
    name.fill("An")
    page.get_by_label("Note").fill("kept")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("at least 3 letters", exact=True)).to_be_visible()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Nothing was saved. One field needs a look:")
    expect(told.get_by_role("link", name="Name: at least 3 letters")).to_be_visible()
    expect(name).to_be_focused()
    expect(name).to_have_value("An")
    expect(name).to_have_attribute("aria-describedby", "error-name")
    expect(page.get_by_label("Note")).to_have_value("kept")
    name.fill("Anna")
    page.get_by_label("Jackets").check()
    file = tmp_path / "orders.csv"
    file.write_text("a,b")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved Anna boots+jackets orders.csv 3")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Saved Anna")).to_have_count(0)


def test_what_cannot_be_undone_asks_first(page: Page) -> None:
    page.goto("/panel/specimen")
    dialog = page.get_by_role("dialog", name="Erase this person?")
    page.get_by_role("button", name="Erase").click()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Erase").click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Erase").click()
    dialog.get_by_role("button", name="Erase").click()
    expect(page.get_by_role("status")).to_contain_text("Saved gone erased")


def test_a_definition_is_one_click_away(page: Page) -> None:
    page.goto("/panel/specimen")
    page.get_by_label("What is meant by Lift vs holdout?").click()
    expect(page.get_by_text("What personalization earns above")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("What personalization earns above")).to_be_hidden()


def test_a_filter_is_a_deep_link(page: Page) -> None:
    page.goto("/panel/specimen")
    page.get_by_label("Days").select_option("7")
    page.wait_for_url("**/panel/specimen?days=7")
    expect(page.get_by_label("Days")).to_have_value("7")


def test_the_language_is_changed_where_one_stands(page: Page) -> None:
    page.goto("/panel/specimen/form?tab=two")
    page.locator("summary", has=page.locator(".icon-light")).click()
    page.get_by_role("button", name="Svenska").click()
    page.wait_for_url("**/panel/specimen/form?tab=two")
    assert page.locator("h1").inner_text() == "Ett formulär"
    assert page.evaluate("document.documentElement.lang") == "sv"
    page.locator("summary", has=page.locator(".icon-light")).click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("A form")


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/panel/specimen")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_landmarks_and_names_are_there_for_screen_readers(page: Page, form_factor: str) -> None:
    page.goto("/panel/specimen")
    if form_factor == "phone":
        page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("navigation", name="Menu")).to_be_visible()
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_role("search")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("link", name="Personalization overview")).to_have_attribute(
        "aria-current", "page"
    )
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a, input:not([type=hidden]), select, summary')]
             .filter(e => e.checkVisibility() && !e.innerText?.trim() && !e.getAttribute('aria-label')
                          && !e.labels?.length).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    unique = page.evaluate("(() => { const i = [...document.querySelectorAll('[id]')].map(e => e.id);"
                           " return i.length === new Set(i).size })()")  # fmt: skip
    assert unique


def test_the_menu_of_a_phone_opens_by_a_button(page: Page, form_factor: str) -> None:
    page.goto("/panel/specimen")
    link = page.get_by_role("link", name="A form")
    if form_factor == "wide":
        expect(link).to_be_visible()
        return
    expect(link).to_be_hidden()
    button = page.get_by_role("button", name="Menu")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    link.click()
    page.wait_for_url("**/panel/specimen/form")


def test_text_goes_to_the_clipboard(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/panel/specimen")
    page.get_by_role("button", name="p-1").click()
    expect(page.locator("[data-copied]").first).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "p-1"


def test_moments_are_told_in_the_viewers_time_zone(browser: Browser, specimen_url: tuple[str, str]) -> None:
    url, token = specimen_url
    context = browser.new_context(base_url=url, timezone_id="Asia/Tokyo", locale="en-GB")
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "domain": "127.0.0.1", "path": "/panel"}])
    page = context.new_page()
    page.goto("/panel/specimen")
    exact = page.locator('time[data-moment="full"]')
    expect(exact).to_have_attribute("title", re.compile(re.escape("GMT+9")))
    expect(page.locator('time[data-moment="ago"]').first).to_have_text("2 hours ago")
    context.close()


def test_the_policy_stops_what_a_page_must_not_do(browser: Browser, specimen_url: tuple[str, str]) -> None:
    context = browser.new_context(base_url=specimen_url[0])
    page = context.new_page()
    page.goto("/panel/open")
    blocked = page.evaluate(
        """() => new Promise(resolve => {
             document.addEventListener('securitypolicyviolation', e => resolve(e.violatedDirective));
             const script = document.createElement('script'); script.textContent = 'window.ran = 1';
             document.body.append(script); setTimeout(() => resolve('nothing'), 1000) })"""
    )
    assert blocked.startswith("script-src")
    assert page.evaluate("window.ran") is None
    context.close()
