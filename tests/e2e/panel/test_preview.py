"""What rules change, asked as a merchandiser asks it: whom, where and when, by choosing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from expedit.audiences import Audience, create_audience, publish_audience
from expedit.storage import open_shop
from tests.app.houses import Site
from tests.e2e.panel.conftest import OpenPanel

pytestmark = pytest.mark.e2e

PREVIEW = "/panel/rules/preview?p_placement=home-bestsellers"


@pytest.fixture(scope="module")
def audience(panel_site: Site) -> str:
    """Publish an audience that somebody is in."""
    shop = open_shop(panel_site.house.root)
    try:
        lookers = Audience("lookers", "Lookers", {"viewed": {"$count": {"is": {"$gte": 1}}}})
        create_audience(shop, lookers, "eva")
        publish_audience(shop, "lookers", 1, "eva")
    finally:
        shop.close()
    return "lookers"


def test_saturday_at_ten_as_a_returning_customer_in_umea_by_the_keyboard(panel: Page) -> None:
    panel.goto(PREVIEW)
    expect(panel.locator("#preview-found .compared-line").first).to_be_visible(timeout=60_000)
    panel.get_by_label("When", exact=True).fill("2026-11-28T10:00")
    panel.get_by_label("Where", exact=True).focus()
    panel.keyboard.type("Umeå")
    panel.keyboard.press("Tab")
    panel.get_by_label("Who asks").focus()
    panel.keyboard.type("A ret")
    panel.keyboard.press("Tab")
    found = panel.locator("#preview-found")
    expect(found).to_contain_text("Asked from Umeå, market SE.")
    expect(found.get_by_text("Answered as to").or_(found.get_by_text("somebody made up"))).to_be_visible()


def test_tab_out_of_a_long_list_goes_to_the_next_field(panel: Page) -> None:
    """The list scrolls, and is gone when its field is left: it must not take the keyboard with it."""
    panel.goto(PREVIEW)
    box = panel.get_by_role("combobox", name="Products of the page")
    box.focus()
    listed = panel.get_by_role("listbox", name="Products of the page")
    expect(listed).to_be_visible()
    assert listed.evaluate("(list) => list.scrollHeight - list.clientHeight") > 0
    panel.keyboard.press("Tab")
    expect(listed).to_be_hidden()
    assert panel.evaluate("document.activeElement.matches('input, select, textarea, button, summary')")
    expect(box).not_to_be_focused()


def test_an_audience_is_answered_as_one_of_its_members(open_panel: OpenPanel, audience: str) -> None:
    page = open_panel("viewer")
    page.goto(PREVIEW)
    expect(page.get_by_label("Audience", exact=True)).to_be_hidden()
    page.get_by_label("Who asks").select_option(label="Somebody in an audience")
    expect(page.get_by_label("Audience", exact=True)).to_have_value(audience)
    found = page.locator("#preview-found")
    expect(found).to_contain_text("Answered as to", timeout=60_000)
    person = found.get_by_role("link", name="See who it is")
    expect(person).to_have_attribute("href", re.compile(r"^/panel/people/[0-9a-f]{24}$"))


def test_a_categorys_page_is_chosen_by_the_keyboard(panel: Page) -> None:
    panel.goto(PREVIEW)
    category = panel.get_by_role("combobox", name="Which category")
    expect(category).to_be_hidden()
    panel.get_by_label("Placement or page").focus()
    panel.keyboard.type("A cat")
    panel.keyboard.press("Tab")
    expect(panel.get_by_role("combobox", name="Products of the page")).to_be_hidden()
    expect(panel.locator("#preview-found .compared-line")).to_have_count(24, timeout=60_000)
    category.fill("jack")
    expect(panel.get_by_role("option", name=re.compile("^Jack")).first).to_be_visible()
    category.press("Enter")
    expect(category).to_have_value(re.compile("^Jack"))
    panel.get_by_label("Who asks").select_option(label="At the first visit")
    expect(panel.locator("#preview-found")).to_contain_text("Answered as to somebody at their first visit.")
    category.fill("nothing like that")
    panel.get_by_label("When", exact=True).focus()
    expect(category).to_have_value(re.compile("^Jack"))  # what is chosen stays


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("spot", ["home-bestsellers", "list"])
def test_it_fits_the_screen(
    open_panel: OpenPanel, audience: str, looks: Path, spot: str, phone: bool, dark: bool
) -> None:
    page = open_panel("merchandiser", "nb", phone=phone, dark=dark)
    asked = f"p_who=audience&p_audience={audience}&p_place=SE:Umeå&p_at=2026-11-28T10:00"
    page.goto(f"/panel/rules/preview?p_placement={spot}&{asked}")
    expect(page.locator("#preview-found .compared-line").first).to_be_visible(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    name = f"preview-{spot}-{'phone' if phone else 'wide'}-{'dark' if dark else 'light'}.png"
    page.screenshot(path=looks / name, full_page=True)
