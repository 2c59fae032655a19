"""The health page in a browser."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_the_health_page_explains_and_runs_a_job(open_panel, pictures_folder):
    page = open_panel("admin")
    page.goto("/panel/health")
    expect(page.get_by_role("heading", level=1)).to_have_text("Health")
    finding = page.get_by_text("No model was built yet.")
    finding.click()
    expect(page.get_by_text("expedit build; after that it happens every build_hours.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Run now: Delete what has been kept long enough")).click()
    said = "“Delete what has been kept long enough” runs at the next free moment."
    expect(page.get_by_text(said)).to_be_visible()
    page.screenshot(path=pictures_folder / "panel-health.png", full_page=True)


@pytest.mark.parametrize(("language", "phone", "dark"), [("sv", True, False), ("nb", False, True)])
def test_it_fits_phones_and_the_dark(open_panel, pictures_folder, language, phone, dark):
    page = open_panel("viewer", language, phone=phone, dark=dark)
    page.goto("/panel/health")
    expect(page.get_by_role("heading", level=1)).to_have_text({"sv": "Hälsa", "nb": "Helse"}[language])
    assert page.get_by_role("button", name=re.compile("Kör nu|Kjør nå")).count() == 0
    width = page.locator("html").evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert width <= 0
    page.screenshot(path=pictures_folder / f"panel-health-{language}.png", full_page=True)
