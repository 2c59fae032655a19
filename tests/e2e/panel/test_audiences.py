"""Audiences as a merchandiser makes them: put together by hand, sized while choosing, published, found."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.panel.conftest import OpenPanel

pytestmark = pytest.mark.e2e


def test_an_audience_is_made_sized_published_and_found(panel: Page, looks: Path) -> None:
    panel.goto("/panel/audiences")
    panel.get_by_role("link", name="Regular customers").first.click()
    expect(panel.get_by_label("Name", exact=False).first).to_have_value("Regular customers")
    expect(panel.locator("[data-counted]")).to_contain_text("people fit")
    panel.get_by_role("spinbutton", name="Orders: Value").or_(
        panel.locator('input[type="number"]').first
    ).first.fill("1")
    expect(panel.locator("[data-counted]")).to_contain_text("people fit")
    panel.screenshot(path=looks / "audience.png", full_page=True)
    panel.get_by_role("button", name="Publish").click()
    expect(panel.get_by_text("The audience is in force")).to_be_visible()
    expect(panel.locator("#size .stat-value")).to_be_visible(timeout=30_000)
    expect(panel.locator("code", has_text="regular-customers").first).to_be_visible()
    size = panel.locator("#size .stat-value").inner_text()
    panel.goto("/panel/audiences")
    expect(panel.locator(".audience-size strong")).to_have_text(size)
    panel.screenshot(path=looks / "audiences.png", full_page=True)
    panel.get_by_role("searchbox", name="Search audiences").fill("no such words")
    expect(panel.get_by_text("No audience fits")).to_be_visible()


def test_a_draft_stands_beside_what_is_in_force(panel: Page, looks: Path) -> None:
    panel.goto("/panel/audiences/new")
    name = panel.get_by_label("Name", exact=False).first
    name.fill("Everybody we know")
    panel.get_by_role("button", name="Publish").click()
    size = panel.locator("#size .stat-value")
    size.wait_for(timeout=30_000)
    counted = size.inner_text()
    panel.get_by_role("button", name="JSON").click()
    panel.locator("textarea[data-written]").fill('{"market": "SE"}')
    panel.get_by_role("button", name="Save draft").click()
    expect(panel.get_by_text("The audience in force is as it was.")).to_be_visible()
    expect(panel.get_by_text("The draft would change")).to_be_visible()
    expect(panel.get_by_text("In force, with a draft")).to_be_visible()
    expect(size).to_have_text(counted)
    panel.screenshot(path=looks / "audience-draft-beside.png", full_page=True)
    panel.goto("/panel/audiences")
    expect(panel.get_by_text("In force, with a draft")).to_be_visible()
    panel.screenshot(path=looks / "audiences-draft-beside.png", full_page=True)
    panel.get_by_role("link", name="Everybody we know").click()
    panel.get_by_role("button", name="Discard draft").press("Enter")
    panel.get_by_role("dialog").get_by_role("button", name="Discard draft").press("Enter")
    expect(panel.get_by_text("The draft is gone.")).to_be_visible()
    expect(panel.get_by_text("with a draft")).to_have_count(0)
    panel.get_by_role("button", name="Put this back").first.click()
    panel.get_by_role("dialog").get_by_role("button", name="Put this back").click()
    expect(panel.get_by_text("The older version is back, as a draft.")).to_be_visible()
    panel.get_by_role("button", name="Publish changes").click()
    expect(panel.get_by_text("The audience is in force")).to_be_visible()
    expect(panel.get_by_text("with a draft")).to_have_count(0)


def test_the_condition_is_put_together_with_the_keyboard(panel: Page) -> None:
    panel.goto("/panel/audiences/new")
    panel.get_by_label("Name", exact=False).first.fill("Swedes")
    panel.get_by_role("button", name="JSON").click()
    panel.locator("textarea[data-written]").fill('{"market": "SE"}')
    panel.get_by_role("button", name="JSON").press("Shift+Tab")
    panel.keyboard.press("Enter")
    expect(panel.locator(".condition-row")).to_have_count(1)
    expect(panel.locator("[data-counted]")).to_contain_text("people fit")
    panel.get_by_role("button", name="Save draft").click()
    expect(panel.get_by_text("The draft is kept.")).to_be_visible()


def test_a_persons_page_names_their_audiences(panel: Page) -> None:
    panel.goto("/panel/audiences/new")
    panel.get_by_label("Name", exact=False).first.fill("Everybody here")
    panel.get_by_role("button", name="Publish").click()
    panel.locator("#size .stat-value").wait_for(timeout=30_000)
    panel.reload()
    panel.locator('.list-group a[href^="/panel/people/"]').first.click()
    expect(panel.get_by_role("link", name="Everybody here")).to_be_visible()


def test_two_people_edit_one_audience(open_panel: OpenPanel) -> None:
    first, second = open_panel("merchandiser"), open_panel("admin")
    first.goto("/panel/audiences/new")
    first.get_by_label("Name", exact=False).first.fill("Shared")
    first.get_by_role("button", name="Save draft").click()
    expect(first.get_by_text("The draft is kept.")).to_be_visible()
    second.goto(first.url)
    first.get_by_label("Name", exact=False).first.fill("Shared by Ola")
    first.get_by_role("button", name="Save draft").click()
    expect(first.get_by_text("Saved.")).to_be_visible()
    second.get_by_label("Name", exact=False).first.fill("Shared by Eva")
    second.get_by_role("button", name="Publish").click()
    expect(second.get_by_text("Ola Berg has changed this meanwhile")).to_be_visible()
    expect(second.get_by_label("Name", exact=False).first).to_have_value("Shared by Eva")
    expect(second.get_by_role("cell", name="Shared by Ola")).to_be_visible()
    second.get_by_role("button", name="Publish").click()
    expect(second.get_by_text("The audience is in force")).to_be_visible()
    first.get_by_role("button", name="Archive").click()
    first.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(first.get_by_text("Your button did nothing")).to_be_visible()


def test_audiences_on_a_phone(open_panel: OpenPanel, looks: Path) -> None:
    page = open_panel("viewer", "nb", phone=True, dark=True)
    page.goto("/panel/audiences")
    expect(page.get_by_role("heading", name="Målgrupper").first).to_be_visible()
    expect(page.get_by_role("link", name="Ny målgruppe")).to_have_count(0)
    assert page.locator("html").evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path=looks / "audiences-phone-dark.png", full_page=True)
