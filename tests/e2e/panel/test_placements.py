"""A merchandiser makes placements: the ladder by keyboard and by hand, tried, published, beside others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.decisions.selectors import MENDED, VALID, WRONG
from tests.e2e.panel.conftest import OpenPanel

pytestmark = pytest.mark.e2e


def ladder_of(page: Page) -> list[str]:
    """Return the strategies of the ladder in their order."""
    names: list[str] = page.locator("[data-sorts] [data-names]").evaluate_all(
        "all => all.map(one => one.value)"
    )
    return names


def step(page: Page, place: int) -> Locator:
    """Return a step of the ladder, counted from 1."""
    return page.locator("[data-sorts] > li").nth(place - 1)


def test_a_placement_from_nothing_to_the_shop_and_back(panel: Page, looks: Path) -> None:
    panel.goto("/panel/placements")
    panel.get_by_role("link", name="New placement").click()
    panel.get_by_role("textbox", name="Name").fill("home-summer")
    panel.get_by_role("textbox", name="Heading in English").fill("For the summer")
    step(panel, 1).get_by_role("combobox", name="Strategy").select_option("new")
    panel.get_by_role("button", name="Add a step").click()
    expect(step(panel, 3).get_by_role("combobox", name="Strategy")).to_be_focused()
    step(panel, 3).get_by_role("combobox", name="Strategy").select_option("upsell")
    expect(step(panel, 3).get_by_label("Times its price, at most")).to_be_visible()
    expect(step(panel, 3).get_by_label("Reduced by at least")).to_be_hidden()
    step(panel, 2).get_by_role("button", name="Take this step away").click()
    assert ladder_of(panel) == ["new", "upsell"]
    tried = panel.locator("#tried")
    expect(tried.get_by_role("heading", name="For the summer")).to_be_visible()
    expect(tried.locator("article").first).to_be_visible()
    panel.screenshot(path=looks / "placement-new.png", full_page=True)
    panel.get_by_role("button", name="Save draft").click()
    expect(panel.get_by_text("nobody is shown it yet")).to_be_visible()
    panel.get_by_role("button", name="Publish").click()
    expect(panel.get_by_text("is published and holds within a second")).to_be_visible()
    expect(panel.get_by_text("In force as it was published here.")).to_be_visible()
    panel.screenshot(path=looks / "placement.png", full_page=True)
    panel.get_by_role("button", name="Archive").click()
    panel.locator("#archive").get_by_role("button", name="Archive").click()
    expect(panel.get_by_text("Not in force: nobody is answered here.")).to_be_visible()
    panel.get_by_role("button", name="Undo").click()
    panel.locator("#undo").get_by_role("button", name="Undo").click()
    expect(panel.get_by_text("In force as it was published here.")).to_be_visible()


def test_every_option_of_a_step_has_a_name_of_its_own(panel: Page) -> None:
    panel.goto("/panel/placements/product-similar")
    panel.get_by_role("button", name="Add a step").click()
    every = "all => all.map(one => one.id)"
    ids: list[str] = panel.locator("[id]").evaluate_all(every)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []
    nameless = (
        """all => all.filter(one => one.checkVisibility() && !one.labels.length).map(one => one.name)"""
    )
    options = panel.locator(".rung-option :is(select, input)")
    assert options.evaluate_all("all => all.filter(one => one.checkVisibility()).length") >= 2
    assert options.evaluate_all(nameless) == []
    kept_to = step(panel, 1).get_by_role("combobox", name="Kept to")
    expect(kept_to).to_be_visible()
    step(panel, 1).locator(".rung-option label:visible").first.click()
    expect(kept_to).to_be_focused()


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_what_came_of_each_placement_fits_a_small_screen(
    open_panel: OpenPanel, looks: Path, language: str
) -> None:
    page = open_panel("viewer", language)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/panel/placements")
    expect(page.locator("#placements [aria-busy]")).to_have_count(0, timeout=30_000)
    written = """(rows) => rows.forEach((row) => {
      const [, , shown, clicked, bought, revenue, lift] = row.cells;
      revenue.className = lift.className = "text-end figures text-nowrap";
      shown.textContent = bought.textContent = "12,848";
      clicked.innerHTML = "1,564<div class='small text-nowrap'>12.5% (11.0% – 13.9%)</div>";
      revenue.innerHTML = "<div>SEK 1,138,504</div><div>NOK 884,950</div>";
      lift.innerHTML = "<div>+12.3% SEK</div><div class='small'>−103.1% – +112.0%</div>";
    })"""
    page.locator("#placements tbody tr").evaluate_all(written)
    table = page.locator("#placements .table-responsive")
    page.screenshot(path=looks / f"placements-{language}.png")
    assert table.evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0


def test_the_way_to_point_at_a_spot(panel: Page, looks: Path) -> None:
    panel.goto("/panel/placements/home-new/pick")
    address = panel.get_by_role("textbox", name="A page of your shop")
    address.fill("javascript:alert(1)")
    address.press("Enter")
    expect(panel.get_by_role("link", name="Open the page and point")).to_have_count(0)
    address.fill("ftp://shop.example/")
    address.press("Enter")
    expect(panel.locator("#error-page")).to_be_visible()
    expect(address).to_have_value("ftp://shop.example/")
    address.fill("https://shop.example/sv?utm=1")
    address.press("Enter")
    opens = panel.get_by_role("link", name="Open the page and point")
    expect(opens).to_have_attribute("href", re.compile(r"^https://shop\.example/sv\?utm=1#expedit-pick="))
    panel.screenshot(path=looks / "placement-pick.png", full_page=True)


def test_steps_are_moved_by_keyboard_and_by_hand(panel: Page) -> None:
    panel.goto("/panel/placements/home-for-you")
    assert ladder_of(panel) == ["personal", "viewed_together", "trending"]
    step(panel, 3).get_by_role("button", name="Move this step up").focus()
    panel.keyboard.press("Enter")
    assert ladder_of(panel) == ["personal", "trending", "viewed_together"]
    expect(panel.locator("[data-sorting-said]")).to_have_text("Trending is now step 2 of 3")
    expect(panel.locator("#figures")).not_to_contain_text(
        "Counting", timeout=30_000
    )  # it pushes the page down
    step(panel, 3).locator("[data-handle]").hover()
    panel.mouse.down()
    step(panel, 1).hover(position={"x": 120, "y": 4})
    step(panel, 1).hover(position={"x": 122, "y": 3})
    panel.mouse.up()
    assert ladder_of(panel) == ["viewed_together", "personal", "trending"]
    panel.get_by_role("button", name="Save draft").click()
    expect(panel.get_by_text("what is in force stays")).to_be_visible()
    assert ladder_of(panel) == ["viewed_together", "personal", "trending"]


def test_what_is_wrong_is_said_at_its_step_and_nothing_is_lost(panel: Page) -> None:
    panel.goto("/panel/placements/product-upsell")
    step(panel, 1).get_by_label("Times its price, at most").fill("99")
    panel.get_by_role("textbox", name="Heading in English").fill("Higher up")
    panel.get_by_role("button", name="Publish").click()
    wrong = step(panel, 1).get_by_label("Times its price, at most")
    expect(wrong).to_have_value("99")
    expect(wrong).to_have_accessible_description("A number from 1 to 10.")
    expect(panel.get_by_role("textbox", name="Heading in English")).to_have_value("Higher up")


def test_two_people_edit_one_placement(open_panel: OpenPanel) -> None:
    mine, theirs = open_panel("admin"), open_panel("merchandiser")
    for page in (mine, theirs):
        page.goto("/panel/placements/category-top")
    theirs.get_by_label("Items", exact=True).fill("6")
    theirs.get_by_role("button", name="Save draft").click()
    expect(theirs.get_by_text("what is in force stays")).to_be_visible()
    mine.get_by_label("Items", exact=True).fill("7")
    mine.get_by_role("button", name="Publish").click()
    expect(mine.get_by_text("Ola Berg has changed this meanwhile (version 1)")).to_be_visible()
    expect(mine.get_by_label("Items", exact=True)).to_have_value("7")
    mine.get_by_role("link", name="Take theirs").click()
    expect(mine.get_by_label("Items", exact=True)).to_have_value("6")


def test_the_list_is_searched_while_typing_and_tells_the_numbers(panel: Page, looks: Path) -> None:
    panel.goto("/panel/placements")
    panel.get_by_role("searchbox", name="Search placements").fill("reduced")
    expect(panel.locator("#placements tbody tr")).to_have_count(1)
    expect(panel.locator("#placements")).to_contain_text("home-on-sale")
    assert "q=reduced" in panel.url
    panel.get_by_role("searchbox", name="Search placements").fill("nothing like it")
    expect(panel.get_by_text("No placement fits")).to_be_visible()
    panel.goto("/panel/placements")
    expect(panel.get_by_text("Counting")).to_have_count(0, timeout=30_000)
    panel.screenshot(path=looks / "placements.png", full_page=True)


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_a_viewer_reads_and_nothing_is_wider_than_the_screen(
    open_panel: OpenPanel, dark: bool
) -> None:
    page = open_panel("viewer", "sv", phone=True, dark=dark)
    for path in ("/panel/placements", "/panel/placements/home-for-you"):
        page.goto(path)
        assert page.locator("html").evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("heading", name="Så beslutar den")).to_be_visible()
    expect(page.get_by_role("button", name="Publicera")).to_have_count(0)
    expect(page.locator("#tried article").first).to_be_visible()


def test_what_is_no_selector_is_said_before_it_is_sent(panel: Page) -> None:
    panel.goto("/panel/placements/home-new")
    selector = panel.get_by_label("CSS selector")
    selector.fill("div:::x >>")
    panel.get_by_role("button", name="Save draft").click()
    said = "No browser takes this as a CSS selector. Look at its signs and brackets."
    assert selector.evaluate("(box) => box.validationMessage") == said
    expect(selector).to_be_focused()
    expect(panel).to_have_url(re.compile("/panel/placements/home-new$"))
    panel.locator("#placement-form").evaluate("(form) => { form.noValidate = true; }")
    panel.get_by_role("button", name="Save draft").click()  # as from a browser that lets it pass
    expect(selector).to_have_accessible_description(re.compile("after . # or : a name is missing"))
    expect(selector).to_be_focused()
    selector.fill("main > .news:has(> [data-x='a]b' i])")
    panel.get_by_role("button", name="Save draft").click()
    expect(panel.get_by_text("The draft is kept; what is in force stays.")).to_be_visible()
    expect(selector).to_have_value("main > .news:has(> [data-x='a]b' i])")


def test_a_browser_says_the_same_of_selectors(panel: Page) -> None:
    """What the server is tested on is what browsers take and do not take."""
    panel.goto("/panel/placements")
    taken = """(all) => all.filter((one) => {
      try { document.querySelector(one); return true; } catch { return false; }
    })"""
    assert panel.evaluate(taken, list(VALID)) == list(VALID)
    parts = {selector for selector, fault in WRONG.items() if fault == "part"}
    assert set(panel.evaluate(taken, list(WRONG))) == {*MENDED, *parts}
