"""Feeds, tills and reconciliation in a browser: connected, filled and read, on a wide screen and a phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.panel.conftest import OpenPanel

pytestmark = pytest.mark.e2e

LINES = (
    "Butik;Kassa;Kvittonr;Datum;Tid;EAN;Benämning;Antal;Belopp;Moms;Medlemsnr\n"
    "Are;1;5001;2026-07-03;14:05;4006381333931;Penna blå;3;90,00;18,00;M100200\n"
    "Are;1;5002;2026-07-03;14:11;5000112637922;Läsk;1;25,00;5,00;\n"
    "Are;1;;2026-07-03;14:12;5000112637922;Läsk;1;25,00;5,00;\n"
)


def look(page: Page, looks: Path, name: str) -> None:
    page.wait_for_timeout(400)
    wider = page.locator("html").evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"{name} is {wider} pixels wider than the screen"
    page.screenshot(path=looks / f"{name}.png", full_page=True)


def everywhere(open_panel: OpenPanel, looks: Path, path: str, name: str) -> None:
    """Look at a page wide and narrow, light and dark, in every language."""
    for phone, dark, language in (
        (False, False, "sv"),
        (False, True, "en"),
        (True, False, "nb"),
        (True, True, "en"),
    ):
        page = open_panel("admin", language=language, phone=phone, dark=dark)
        page.goto(path)
        look(page, looks, f"{name}-{'phone' if phone else 'wide'}-{'dark' if dark else 'light'}")


def test_till_lines_are_uploaded(panel: Page, open_panel: OpenPanel, looks: Path, tmp_path: Path) -> None:
    panel.goto("/panel/connections/tills")
    expect(panel.get_by_text("No till is connected")).to_be_visible()
    panel.goto("/panel/connections/new/till_lines")
    panel.get_by_label("Name", exact=True).fill("Are store")
    panel.locator("form button.btn-primary").last.click()
    panel.wait_for_url("**/panel/connections/are-store**")
    panel.goto("/panel/connections/tills")
    file = tmp_path / "till.csv"
    file.write_text(LINES)
    panel.locator("input[type=file]").set_input_files(file)
    panel.get_by_role("button", name="Upload").click()
    expect(panel.get_by_text("3 lines in 2 receipts")).to_be_visible()
    expect(panel.get_by_role("cell", name="Penna blå")).to_be_visible()
    expect(panel.locator("code", has_text="receipt")).to_be_visible()
    everywhere(open_panel, looks, "/panel/connections/tills", "tills")


def test_a_feed_that_cannot_be_reached_says_so(panel: Page, open_panel: OpenPanel, looks: Path) -> None:
    panel.goto("/panel/connections/feeds")
    expect(panel.get_by_text("No feed is connected")).to_be_visible()
    panel.goto("/panel/connections/new/merchant_feed")
    panel.get_by_label("Name", exact=True).fill("Google feed")
    panel.locator("#field-url").fill("http://127.0.0.1:9/feed.xml")
    panel.locator("form button.btn-primary").last.click()
    panel.wait_for_url("**/panel/connections/google-feed**")
    panel.goto("/panel/connections/feeds?id=google-feed")
    panel.get_by_role("button", name="Fetch now").click()
    expect(panel.get_by_text("The feed is fetched in a moment.")).to_be_visible()
    panel.wait_for_function(
        "() => fetch(location.href).then(a => a.text()).then(a => a.includes('is at the private address'))",
        timeout=60_000,
        polling=2_000,
    )
    refusal = panel.get_by_text("is at the private address").first
    for _ in range(15):  # while the next try is under way there is no result to show
        panel.goto("/panel/connections/feeds?id=google-feed")
        if refusal.is_visible():
            break
        panel.wait_for_timeout(1_000)
    expect(refusal).to_be_visible()
    everywhere(open_panel, looks, "/panel/connections/feeds?id=google-feed", "feeds")


def test_the_shops_own_report_is_laid_beside(
    panel: Page, open_panel: OpenPanel, looks: Path, tmp_path: Path
) -> None:
    panel.goto("/panel/reconciliation")
    expect(panel.get_by_text("Lay the shop's own figures beside these")).to_be_visible()
    today = datetime.now(UTC).date()
    days = [(today - timedelta(days=back)).isoformat() for back in range(10)]
    report = tmp_path / "report.csv"
    report.write_text(
        "date,orders,revenue\n"
        + "".join(f"{day},{n + 3},{12345.5 + n * 900}\n" for n, day in enumerate(days))
    )
    panel.locator("input[type=file]").set_input_files(report)
    panel.get_by_role("button", name="Upload").click()
    expect(panel.get_by_text("10 lines taken in.")).to_be_visible()
    expect(panel.locator("tbody tr")).to_have_count(10)
    expect(panel.locator("tfoot .text-red")).to_be_visible()
    everywhere(open_panel, looks, "/panel/reconciliation", "reconciliation")
