"""The catalog as a merchandiser walks it: search as you type, one product, a file tried and imported."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.panel.conftest import OpenPanel

pytestmark = pytest.mark.e2e


def first_product(page: Page) -> str:
    """Open the first product of the list and return its title."""
    page.goto("/panel/catalog")
    link = page.locator("#products tbody a").first
    title = link.inner_text()
    link.click()
    return title


def test_a_product_is_found_as_it_is_typed(panel: Page, looks: Path) -> None:
    panel.goto("/panel/catalog")
    title = panel.locator("#products tbody a").first.inner_text()
    before = panel.locator("#products h2").inner_text()
    panel.get_by_role("searchbox", name="Search products").fill(title)
    expect(panel.locator("#products h2")).not_to_have_text(before)
    expect(panel.locator("#products tbody a").first).to_have_text(title)
    panel.get_by_role("link", name="Link to this view").click()  # every view is a deep link
    assert "q=" in panel.url
    expect(panel.locator("#products tbody a").first).to_have_text(title)
    panel.get_by_role("searchbox", name="Search products").fill("nothing at all like this")
    expect(panel.get_by_text("No product fits")).to_be_visible()
    panel.goto("/panel/catalog?view=grid")
    expect(panel.locator("#products article").first).to_be_visible()
    panel.screenshot(path=looks / "catalog-grid.png")


def test_a_product_tells_its_prices_stock_neighbors_and_decisions(panel: Page, looks: Path) -> None:
    title = first_product(panel)
    expect(panel.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(panel.get_by_role("heading", name="Price ledger")).to_be_visible()
    expect(panel.get_by_role("heading", name="Variants and stock")).to_be_visible()
    expect(panel.get_by_role("heading", name="Neighbors and why")).to_be_visible()
    expect(panel.get_by_role("heading", name="Why it is shown, and why not")).to_be_visible()
    panel.screenshot(path=looks / "catalog-product.png", full_page=True)


def test_a_file_is_tried_then_imported(open_panel: OpenPanel, tmp_path: Path) -> None:
    page = open_panel("merchandiser")
    page.goto("/panel/catalog/import")
    given = tmp_path / "spring.csv"
    given.write_text(
        "id,title,price,availability\ne2e-1,Kanot,4990.00 SEK,in_stock\ne2e-2,Paddel,cheap,in_stock\n"
    )
    page.locator("input[type=file]").set_input_files(given)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Will be added")).to_be_visible()
    expect(page.locator("td", has_text="cheap")).to_be_visible()
    page.get_by_role("button", name="Import now").click()
    expect(page.get_by_role("link", name="To the catalog")).to_be_visible()
    page.goto("/panel/catalog?q=kanot")
    expect(page.get_by_role("link", name="Kanot")).to_be_visible()


def test_a_viewer_may_look_but_not_import(open_panel: OpenPanel) -> None:
    page = open_panel("viewer")
    page.goto("/panel/catalog")
    expect(page.locator("#products")).to_be_visible()
    expect(page.get_by_role("link", name="Import a file")).to_have_count(0)
    answer = page.goto("/panel/catalog/import")
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_nothing_is_wider_than_the_screen(open_panel: OpenPanel, dark: bool) -> None:
    page = open_panel("admin", "sv", phone=True, dark=dark)
    first_product(page)
    expect(page.get_by_role("heading", name="Prisliggare")).to_be_visible()
    assert page.locator("html").evaluate("document.documentElement.scrollWidth") <= 390
