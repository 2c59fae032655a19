"""Models as somebody looks after them: build and watch, compare, go back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.panel.conftest import OpenPanel

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_a_version_is_built_compared_and_taken_back(open_panel: OpenPanel, looks: Path) -> None:
    page = open_panel("admin")
    page.goto("/panel/models")
    before = page.locator("tbody tr").count()
    page.get_by_role("button", name="Build now").click()
    expect(page.get_by_text("A build was asked for.")).to_be_visible()
    page.reload()  # it goes on without anybody looking
    expect(page.get_by_text("A new version serves")).to_be_visible(timeout=150_000)
    page.goto("/panel/models")
    rows = page.locator("tbody tr")
    assert rows.count() >= max(before, 1)
    if rows.count() < 2:
        return
    page.screenshot(path=looks / "models.png", full_page=True)
    older = rows.nth(1).locator("a").first
    older.click()
    page.locator("#field-with").select_option(index=1)
    expect(page.get_by_role("heading", name="How much stays the same")).to_be_visible()
    page.get_by_role("button", name="Serve this version").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Serve this version").click()
    expect(page.get_by_text("serves now.")).to_be_visible()


def test_a_viewer_neither_builds_nor_publishes(open_panel: OpenPanel) -> None:
    page = open_panel("viewer")
    page.goto("/panel/models")
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")
    expect(page.get_by_role("button", name="Build now")).to_have_count(0)
    expect(page.get_by_role("button", name="Serve this version")).to_have_count(0)
