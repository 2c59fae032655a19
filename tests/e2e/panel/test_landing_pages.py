"""Landing pages as a merchandiser makes them and as a visitor without scripts meets them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.houses import Site
from tests.e2e.panel.conftest import OpenPanel

pytestmark = pytest.mark.e2e


def test_a_page_is_made_tried_published_and_met(
    panel: Page, panel_site: Site, browser: Browser, looks: Path
) -> None:
    panel.goto("/panel/landing-pages")
    expect(panel.get_by_text("No landing pages yet")).to_be_visible()
    panel.get_by_role("link", name="New landing page").click()
    tried = panel.locator("#tried")
    expect(tried).to_contain_text("The page is not finished yet")
    panel.locator("#field-name").fill("Autumn <b>boots</b>")
    expect(tried).to_contain_text("The page is not finished yet")
    panel.locator("#field-title_sv").fill("Höst & <i>kängor</i>")
    panel.locator("#field-title_sv").blur()
    expect(tried).to_contain_text("products can be shown")
    expect(tried.locator("li").first).to_be_visible()
    panel.get_by_role("textbox", name="Words of the search").fill("xylofon")
    expect(tried).to_contain_text("0 of them fit “xylofon”")
    panel.get_by_role("button", name="Publish").click()
    expect(panel.get_by_text("The page is in force.")).to_be_visible()
    expect(panel).to_have_url(f"http://127.0.0.1:{panel_site.port}/panel/landing-pages/autumn-b-boots-b")
    panel.screenshot(path=looks / "landing-page.png", full_page=True)
    panel.locator("#field-name").fill("Another name")
    panel.get_by_role("button", name="Save draft").click()
    expect(panel.get_by_text("In force, draft waiting")).to_be_visible()
    panel.get_by_role("button", name="Undo").click()
    panel.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(panel.locator("#field-name")).to_have_value("Autumn <b>boots</b>")

    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="sv-SE", java_script_enabled=False
    )
    visitor = context.new_page()
    complaints: list[str] = []
    visitor.on(
        "console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None
    )
    visitor.goto(f"http://127.0.0.1:{panel_site.port}/l/autumn-b-boots-b?utm_campaign=xylofon")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Höst & <i>kängor</i>")
    expect(visitor.get_by_text("Inget här heter ”xylofon”")).to_be_visible()
    assert visitor.locator(".tile").count() > 3
    assert visitor.locator("html").evaluate("e => e.scrollWidth") <= 390
    assert visitor.locator(".tile").first.evaluate("e => getComputedStyle(e).display") == "flex"
    assert complaints == []
    visitor.screenshot(path=looks / "landing-hosted.png", full_page=True)
    context.close()

    panel.goto("/panel/landing-pages?q=boots")
    expect(panel.locator("#landings").get_by_role("link", name="Autumn <b>boots</b>")).to_be_visible()


def test_two_people_edit_one_page(open_panel: OpenPanel) -> None:
    first, second = open_panel("merchandiser"), open_panel("admin")
    first.goto("/panel/landing-pages/new")
    first.locator("#field-name").fill("Shared")
    first.locator("#field-title_sv").fill("Delad")
    first.get_by_role("button", name="Save draft").click()
    expect(first.get_by_text("The draft is kept.")).to_be_visible()
    second.goto(first.url)
    first.locator("#field-name").fill("Shared by Ola")
    first.get_by_role("button", name="Save draft").click()
    expect(first.get_by_text("The draft is kept; what is in force stays.")).to_be_visible()
    second.locator("#field-name").fill("Shared by Eva")
    second.get_by_role("button", name="Save draft").click()
    expect(second.get_by_text("Ola Berg has changed this meanwhile")).to_be_visible()
    expect(second.locator("#field-name")).to_have_value("Shared by Eva")
    second.get_by_role("link", name="Take theirs, drop mine").click()
    expect(second.locator("#field-name")).to_have_value("Shared by Ola")


def test_landing_pages_on_a_phone_for_who_only_reads(open_panel: OpenPanel) -> None:
    page = open_panel("viewer", "sv", phone=True, dark=True)
    page.goto("/panel/landing-pages")
    expect(page.get_by_role("link", name="Ny landningssida")).to_have_count(0)
    assert page.locator("html").evaluate("document.documentElement.scrollWidth") <= 390
