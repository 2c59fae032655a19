"""Listings as a merchandiser balances them: sliders that show at once what they do."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.houses import Site, row
from tests.e2e.panel.conftest import OpenPanel

pytestmark = pytest.mark.e2e


def test_a_slider_shows_what_it_does_and_is_published_and_undone(
    panel: Page, panel_site: Site, looks: Path
) -> None:
    house = panel_site.house
    old = [row(n, created="2020-01-01T00:00:00Z") for n in range(4)]  # else all are of one age
    house.done("import", "catalog", house.write("old", old))
    panel.wait_for_timeout(3000)  # a change is served within two seconds
    panel.goto("/panel/listings")
    panel.get_by_role("link", name="The whole shop").click()
    after = panel.get_by_role("region", name="With these sliders")
    expect(after).to_contain_text("the same as now")
    panel.get_by_role("slider", name="Newness").fill("100")
    panel.get_by_role("slider", name="Popularity").fill("0")
    expect(after).to_contain_text("nobody sees it yet")
    expect(after.locator("rect.part-newness").first).to_be_attached()
    expect(after.locator("rect.part-popularity")).to_have_count(0)
    panel.screenshot(path=looks / "listing.png", full_page=True)
    panel.get_by_role("button", name="Publish").click()
    expect(panel.get_by_text("is published and holds")).to_be_visible()
    expect(panel.locator("output").first).to_have_text("0")
    panel.get_by_role("button", name="Undo").click()
    expect(panel.get_by_text("is undone")).to_be_visible()


def test_a_slider_obeys_the_keyboard(panel: Page) -> None:
    panel.goto("/panel/listings/balance?category=")
    slider = panel.get_by_role("slider", name="Margin")
    slider.focus()
    panel.keyboard.press("ArrowRight")
    expect(slider).to_have_value("5")
    expect(panel.locator('output[for="field-margin"]')).to_have_text("5")
    expect(panel.get_by_role("region", name="With these sliders")).to_contain_text("nobody sees it yet")


def test_enter_tries_and_keeps_nothing(panel: Page, looks: Path) -> None:
    panel.goto("/panel/listings/balance?category=")
    kept = panel.locator("#history li").count()
    panel.get_by_role("slider", name="Margin").fill("85")
    panel.get_by_role("slider", name="Margin").press("Enter")
    panel.get_by_role("combobox", name="Who asks").select_option("person")
    person = panel.get_by_role("textbox", name="Person id")
    person.fill("nobody-there")
    with panel.expect_request(
        lambda one: "p_person=nobody-there" in one.url and "margin=85" in one.url
    ) as asked:
        person.press("Enter")
    assert asked.value.method == "GET"
    assert "csrf" not in asked.value.url
    expect(panel.locator("#comparison").get_by_role("alert")).to_be_visible()
    expect(person).to_be_focused()
    expect(person).to_have_value("nobody-there")
    expect(panel.get_by_role("slider", name="Margin")).to_have_value("85")
    panel.screenshot(path=looks / "listing-person.png", full_page=True)
    panel.goto("/panel/listings/balance?category=")
    assert panel.locator("#history li").count() == kept


def test_an_unknown_category_and_a_draft_that_goes(panel: Page, looks: Path) -> None:
    panel.goto("/panel/listings")
    field = panel.get_by_role("combobox", name="Category")
    field.fill("Nowhere")
    field.press("Enter")
    expect(panel.get_by_text("There is no such category")).to_be_visible()
    expect(field).to_have_value("Nowhere")
    expect(field).to_be_focused()
    panel.screenshot(path=looks / "listings-unknown.png", full_page=True)
    field.fill((field.get_attribute("placeholder") or "").removeprefix("As "))
    field.press("Enter")
    panel.get_by_role("slider", name="Stock").fill("40")
    panel.get_by_role("button", name="Save as draft").click()
    expect(panel.get_by_text("is saved")).to_be_visible()
    panel.screenshot(path=looks / "listing-draft.png", full_page=True)
    panel.get_by_role("button", name="Discard draft").click()
    panel.get_by_role("dialog").get_by_role("button", name="Discard draft").click()
    expect(panel.get_by_text("is discarded")).to_be_visible()
    expect(panel.get_by_role("slider", name="Stock")).to_have_value("0")
    expect(panel.get_by_role("button", name="Discard draft")).to_have_count(0)


def test_two_people_move_the_same_sliders(open_panel: OpenPanel) -> None:
    first, second = open_panel("merchandiser"), open_panel("admin")
    for page in (first, second):
        page.goto("/panel/listings/balance?category=")
    first.get_by_role("slider", name="Margin").fill("30")
    first.get_by_role("button", name="Save as draft").click()
    expect(first.get_by_text("is saved")).to_be_visible()
    second.get_by_role("slider", name="Margin").fill("60")
    second.get_by_role("button", name="Save as draft").click()
    expect(second.get_by_text("Ola Berg has changed this meanwhile")).to_be_visible()
    expect(second.get_by_role("slider", name="Margin")).to_have_value("60")
    expect(second.get_by_role("row", name="Margin 60 30")).to_be_visible()
    second.get_by_role("button", name="Save as draft").click()
    expect(second.get_by_text("is saved")).to_be_visible()
    expect(second.locator('output[for="field-margin"]')).to_have_text("60")


def test_listings_on_a_phone(open_panel: OpenPanel) -> None:
    page = open_panel("viewer", "sv", phone=True, dark=True)
    page.goto("/panel/listings/balance?category=")
    expect(page.get_by_role("heading", name="Med de här reglagen")).to_be_visible()
    expect(page.get_by_role("button", name="Publicera")).to_have_count(0)
    assert page.locator("html").evaluate("document.documentElement.scrollWidth") <= 390
