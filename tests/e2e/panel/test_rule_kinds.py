"""A merchandiser caps what is chosen, follows how long stock lasts, and says what chance may leave out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.panel.conftest import OpenPanel
from tests.e2e.panel.test_rules import choose, keep, new_rule, written

pytestmark = pytest.mark.e2e


def test_a_cap_on_what_is_chosen_that_chance_never_leaves_out(
    panel: Page, open_panel: OpenPanel, looks: Path
) -> None:
    new_rule(panel, "Two that run out", "diversity")
    panel.get_by_label("Counted by").select_option("all together")
    editor = panel.locator("fieldset:has(> textarea[name=which])").first
    editor.get_by_role("button", name="Add a condition").click()
    choose(panel, "Field", "days of", "Days of stock")
    editor.get_by_role("spinbutton").last.fill("7")
    panel.get_by_label("Measure what it earns?").select_option("No: in every answer")
    assert "stock_days" in json.dumps(written(panel, "which"))
    panel.screenshot(path=looks / "rule-cap.png", full_page=True)
    address = keep(panel)
    expect(panel.get_by_text("the invoice has no figure for it").first).to_be_visible()
    expect(panel.get_by_text("Show at most 2 products where days of stock").first).to_be_visible()
    for phone, dark in ((True, False), (False, True)):
        page = open_panel(language="sv", phone=phone, dark=dark)
        page.goto(address)
        expect(page.get_by_label("Räknat per")).to_have_value("all")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=looks / f"rule-cap-{'phone' if phone else 'dark'}.png", full_page=True)


def test_two_starts_follow_how_long_the_stock_lasts(panel: Page, looks: Path) -> None:
    panel.goto("/panel/rules/new")
    expect(panel.get_by_role("link", name="Lift what there is too much of")).to_be_visible()
    panel.get_by_role("link", name="Lower what runs out within a week").click()
    expect(panel.get_by_role("combobox", name="Field").first).to_have_value("Days of stock")
    expect(panel.locator("input[name=do][value=bury]")).to_be_checked()
    panel.screenshot(path=looks / "rule-runs-out.png", full_page=True)


def test_the_product_of_the_page_is_asked_by_its_fields(panel: Page) -> None:
    new_rule(panel, "On cheap pages")
    when = panel.locator("fieldset:has(> textarea[name=when])").first
    when.get_by_role("button", name="Add a condition").click()
    box = when.get_by_role("combobox", name="Field")
    box.fill("price now")
    expect(panel.get_by_role("option", name="Page's product: price now").first).to_be_visible()
    box.press("Enter")
    when.get_by_role("spinbutton").last.fill("500")
    assert "page.product.price" in json.dumps(written(panel, "when"))
    keep(panel)
    expect(panel.get_by_text("page's product: price now").first).to_be_visible()
