"""The overview, walked in a browser: it fills by itself, every figure explains itself, deep links hold."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.app.houses import Site

pytestmark = pytest.mark.e2e

FIGURES = ("Visits", "Orders", "Revenue", "Average order", "Via recommendations", "Click-through")


@pytest.fixture(scope="module")
def told(panel_site: Site) -> Site:
    """Give a server whose shoppers were shown, and clicked, recommendations, with everything sealed."""
    for number in range(12):
        who = {"anonymousId": f"device-{number}"}
        answer = panel_site.recommend("home-new", who)
        items = answer["items"]
        for name, product in (("Recommendation Viewed", items[0]), ("Recommendation Clicked", items[0])):
            panel_site.track(
                {"Recommendation Viewed": "impression", "Recommendation Clicked": "click"}[name], who,
                properties={"decision_id": answer["decisionId"], "items": [{"item_id": product["id"]}]},
            )  # fmt: skip
    panel_site.house.done("seal")
    return panel_site


def test_the_numbers_fill_in_and_explain_themselves(told: Site, panel: Page, looks) -> None:
    panel.goto("/panel/overview?days=7")
    for name in FIGURES:
        expect(panel.locator(".stat").filter(has_text=name).first).to_be_visible(timeout=60_000)
    visits = panel.locator(".stat").filter(has_text="Visits").first
    assert visits.locator(".stat-value").inner_text().strip() not in {"", "0"}
    visits.locator("summary").click()
    expect(visits.get_by_text("without a gap of 30 minutes")).to_be_visible()
    expect(panel.get_by_text("Everything received until")).to_be_visible()
    expect(panel.locator("figure[data-chart]").first).to_be_visible()
    expect(panel.get_by_role("row").filter(has_text="home-new")).to_be_visible()
    panel.wait_for_timeout(500)
    panel.screenshot(path=looks / "overview.png", full_page=True)


def test_the_choice_of_days_is_a_deep_link(told: Site, open_panel, looks) -> None:
    page = open_panel("viewer", language="sv", phone=True, dark=True)
    page.goto("/panel/overview")
    page.get_by_label("Period").focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("days=90"))
    expect(page.get_by_label("Period")).to_be_focused()
    expect(page.locator(".stat").filter(has_text="Besök").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Jämfört med 90 dagar innan.")).to_be_visible()
    assert not page.locator("html").evaluate("document.documentElement.scrollWidth > window.innerWidth")
    page.wait_for_timeout(500)
    page.screenshot(path=looks / "overview-phone-dark-sv.png", full_page=True)
    assert page.goto("/panel/overview?market=XX").status == 400
