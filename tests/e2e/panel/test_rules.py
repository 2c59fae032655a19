"""A merchandiser sets rules: from a start to publishing, by keyboard and by dragging, beside a colleague."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from expedit.core import compile_matcher, read_condition
from expedit.merchandising import PRODUCT
from tests.e2e.panel.conftest import OpenPanel

pytestmark = pytest.mark.e2e

CLIPPED = """(one) => {
  const free = one.cloneNode(true);
  free.style.cssText = "position: absolute; flex: none; width: max-content; max-width: none";
  document.body.append(free);
  const wanted = free.offsetWidth;
  free.remove();
  return wanted - one.offsetWidth;
}"""
"""By how many pixels the longest text of a select is wider than it."""


def new_rule(page: Page, name: str, kind: str = "boost", start: str = "") -> None:
    page.goto(f"/panel/rules/new?from={start}")
    page.get_by_label("Name", exact=False).first.fill(name)
    page.locator(f"input[name=do][value={kind}]").check(force=True)


def keep(page: Page) -> str:
    """Keep the rule as a draft and return its address."""
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.get_by_text("The rule is kept as a draft.")).to_be_visible()
    return page.url


def choose(page: Page, label: str, words: str, option: str) -> None:
    """Type into a field that completes, and take an option by the keyboard."""
    box = page.get_by_role("combobox", name=label, exact=True).last
    box.fill(words)
    expect(page.get_by_role("option", name=option).first).to_be_visible()
    box.press("Enter")


def written(page: Page, name: str) -> object:
    return json.loads(page.locator(f"textarea[name={name}]").input_value())


def test_a_rule_from_a_start_to_the_shop(panel: Page, looks: Path) -> None:
    panel.goto("/panel/rules")
    panel.get_by_role("link", name="New rule").first.click()
    panel.get_by_role("link", name="Lift new products").first.click()
    expect(panel.get_by_role("combobox", name="Field").first).to_have_value("Arrived")
    expect(panel.locator("fieldset:has(> textarea[name=which]) [data-counted]")).to_contain_text("now")
    # The first decision of a server warms its kernels.
    expect(panel.locator("#preview-found .compared-line").first).to_be_visible(timeout=60_000)
    panel.screenshot(path=looks / "rule-new.png", full_page=True)
    keep(panel)
    panel.get_by_role("button", name="Publish").click()
    expect(
        panel.locator(".page-header").get_by_text("In force").or_(panel.get_by_text("Publish anyway"))
    ).to_be_visible()
    if panel.get_by_role("button", name="Publish anyway").is_visible():
        panel.get_by_role("button", name="Publish anyway").click()
    expect(panel.locator(".page-header").get_by_text("In force")).to_be_visible()
    panel.goto("/panel/rules")
    expect(
        panel.get_by_text("Lift products where arrived within the last 30 days by 50%").first
    ).to_be_visible()
    panel.screenshot(path=looks / "rules.png", full_page=True)


def test_a_rule_without_a_name_is_previewed_while_its_writer_stays_where_they_are(panel: Page) -> None:
    panel.goto("/panel/rules/new")
    expect(panel.locator("#preview-found .compared-line").first).to_be_visible(timeout=60_000)
    expect(panel.get_by_label("Name", exact=False).first).not_to_be_focused()
    note = panel.get_by_label("Note", exact=False)
    note.fill("Before the season")
    with panel.expect_response("**/panel/rules/preview") as answered:
        panel.locator("input[name=channels]").first.check()
    assert answered.value.status == 200
    expect(panel.locator("input[name=channels]").first).to_be_focused()


def test_a_condition_is_built_by_keyboard_and_comes_back(panel: Page) -> None:
    new_rule(panel, "Built")
    editor = panel.locator("fieldset:has(> textarea[name=which])")
    editor.get_by_role("button", name="Add a condition").click()
    panel.keyboard.type("bran")
    expect(panel.get_by_role("option", name="Brand", exact=True)).to_be_visible()
    panel.keyboard.press("Enter")
    brand = editor.get_by_role("combobox", name="Brand: Value")
    expect(brand).to_be_focused()
    brand.press("ArrowDown")
    brand.press("Enter")
    expect(editor.locator(".chip")).to_have_count(1)
    chosen = editor.locator(".chip-text").inner_text()
    expect(editor.locator("[data-counted]")).to_contain_text("now")
    editor.get_by_role("button", name="Add a group").click()
    panel.keyboard.type("on sa")
    expect(panel.get_by_role("option", name="On sale")).to_be_visible()
    panel.keyboard.press("Enter")
    editor.get_by_role("button", name="Add a condition").last.click()  # of the outer group
    panel.keyboard.type("margin")
    expect(panel.get_by_role("option", name="Margin", exact=True)).to_be_visible()
    panel.keyboard.press("Enter")
    editor.get_by_role("spinbutton", name="Margin: Value").fill("40")
    assert written(panel, "which") == {"brand": chosen, "on_sale": True, "margin": 0.4}
    keep(panel)
    assert written(panel, "which") == {"brand": chosen, "on_sale": True, "margin": 0.4}
    expect(panel.get_by_text(f"brand is {chosen}").first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 1360, 390])
def test_what_a_condition_asks_can_be_read(panel: Page, looks: Path, width: int) -> None:
    """Amounts beside the currencies of every market, and comparisons, whose texts are long."""
    panel.set_viewport_size({"width": width, "height": 900})
    new_rule(panel, "Amounts")
    editor = panel.locator("fieldset:has(> textarea[name=when])")
    rows = editor.locator(".condition-row")
    for at, (words, field, comparison) in enumerate(
        [
            ("value of", "Value of the cart", "is between"),
            ("first seen", "First seen", "longer ago than"),
            ("purch", "Purchases", "has this many where"),
        ]
    ):
        editor.get_by_role("button", name="Add a condition").last.click()
        choose(panel, "Field", words, field)
        rows.nth(at).get_by_role("combobox", name="Comparison").first.select_option(label=comparison)
    units = "(every) => every.forEach((one) => { one.textContent = 'SEK / NOK / EUR'; })"
    editor.locator(".input-group-text").evaluate_all(units)
    for number in editor.locator("input[type=number]").all():
        number.fill("123456")
        assert number.bounding_box()["width"] >= 100  # type: ignore[index]
    for select in editor.locator(".condition-row select").all():
        assert select.evaluate(CLIPPED) <= 0
    assert panel.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    editor.screenshot(path=looks / f"condition-{width}.png")


def test_parts_of_texts_are_typed(panel: Page) -> None:
    """With Enter or by going on; whatever the case, and also where they must not be."""
    new_rule(panel, "Parts")
    editor = panel.locator("fieldset:has(> textarea[name=which])")
    editor.get_by_role("button", name="Add a condition").click()
    choose(panel, "Field", "title", "Title")
    comparison = editor.get_by_role("combobox", name="Comparison")
    comparison.focus()
    panel.keyboard.press("ArrowDown")
    panel.keyboard.press("ArrowDown")  # the arrows go on choosing, though the row was drawn anew
    expect(comparison).to_be_focused()
    expect(comparison).to_have_value("contains")
    panel.keyboard.press("Tab")
    part = editor.get_by_role("combobox", name="Title: Part of the text")
    expect(part).to_be_focused()
    expect(editor.get_by_text("Capitals do not matter; of several, one is enough.")).to_be_visible()
    panel.keyboard.type("Jacka")
    expect(panel.get_by_role("option", name="Use “Jacka”")).to_be_visible()
    panel.keyboard.press("Enter")
    panel.keyboard.type("byx")
    panel.keyboard.press("Tab")
    expect(editor.locator(".chip-text")).to_have_text(["Jacka", "byx"])
    assert written(panel, "which") == {"title": {"$contains": ["Jacka", "byx"]}}
    expect(editor.locator("[data-counted]")).to_contain_text("now")
    comparison.select_option(label="does not contain")
    assert written(panel, "which") == {"title": {"$not": {"$contains": ["Jacka", "byx"]}}}
    comparison.select_option(label="begins with")
    expect(editor.locator(".chip")).to_have_count(2)
    assert written(panel, "which") == {"title": {"$startsWith": ["Jacka", "byx"]}}
    comparison.select_option(label="contains")
    keep(panel)
    assert written(panel, "which") == {"title": {"$contains": ["byx", "jacka"]}}
    expect(editor.locator(".chip-text")).to_have_text(["byx", "jacka"])
    expect(panel.get_by_text("title contains “byx” or “jacka”").first).to_be_visible()


def test_what_is_chosen_from_a_list_has_no_parts(panel: Page) -> None:
    new_rule(panel, "Whole")
    editor = panel.locator("fieldset:has(> textarea[name=when])")
    editor.get_by_role("button", name="Add a condition").click()
    choose(panel, "Field", "channel", "Channel")
    options = editor.get_by_role("combobox", name="Comparison").locator("option")
    expect(options).to_have_text(["is", "is not", "is known", "is not known"])


def test_keys_that_come_before_their_list_count(panel: Page) -> None:
    """Who is faster than the network gets what the keys would have marked and taken."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    panel.route("**/panel/rules/suggest?**", hold)
    new_rule(panel, "Fast")
    editor = panel.locator("fieldset:has(> textarea[name=which])")
    editor.get_by_role("button", name="Add a condition").click()
    choose(panel, "Field", "bran", "Brand")
    brand = editor.get_by_role("combobox", name="Brand: Value")
    brand.press("ArrowDown")
    brand.press("ArrowDown")
    brand.press("Enter")
    expect(editor.locator(".chip")).to_have_count(0)
    for route in held:
        route.fulfill(json=[{"value": name, "label": name} for name in ("first", "second", "third")])
    expect(editor.locator(".chip-text")).to_have_text("second")


CONDITIONS = [
    {"brand": {"$in": ["a", "b"]}, "price": {"$gte": 100, "$lte": 900}, "stock": {"$gt": 2}},
    {
        "$or": [{"brand": "a"}, {"$and": [{"on_sale": True}, {"price": {"$lt": 500}}]}],
        "$nor": [{"color": "red"}],
    },
    {"$and": [{"price": {"$gt": 1}}, {"price": {"$gt": 2}}, {"$or": [{"brand": "a"}, {"brand": "b"}]}]},
    {"price": {"$not": {"$gt": 300, "$lt": 800}}, "category": {"$all": ["x", "y"]}},
    {"brand": {"$exists": False}, "title": {"$ne": "t"}, "$not": {"brand": "c", "on_sale": False}},
    {"category": {"$elemMatch": {"$nin": ["x"]}}, "brand": {"$in": ["a", None]}, "on_sale": {"$ne": True}},
    {
        "title": {"$contains": ["T", "x"]},
        "brand": {"$not": {"$contains": "B"}},
        "category": {"$startsWith": "Y"},
    },
    {"title": {"$not": {"$startsWith": "t"}}, "brand": {"$contains": ["a", "b"], "$not": {"$contains": "b"}}},
    {"created": {"$gte": {"$ago": "30d"}, "$lt": "2026-01-01T10:30:00Z"}, "attributes.a.b": "c"},
]
FACTS = [
    {"brand": brand, "price": price, "stock": price % 7, "on_sale": sale, "color": color, "category": path,
     "title": "tu"[sale], "attributes": {"a.b": "c"}, "created": 1_767_000_000_000_000 if sale else 0}
    for brand in ("a", "b", "c", None)
    for price in (1, 2, 3, 100, 450, 900, 5)
    for sale in (True, False)
    for color, path in (("red", ["x"]), ("blue", ["x", "y"]), (None, ["z"]))
]  # fmt: skip


def test_rows_mean_what_the_json_says(panel: Page) -> None:
    """To look at a condition as rows, and to touch a row, changes nothing of what it means."""
    new_rule(panel, "Meaning")
    editor = panel.locator("fieldset:has(> textarea[name=which])")
    field = editor.locator("textarea")
    for condition in CONDITIONS:
        editor.get_by_role("button", name="JSON").click()
        field.fill(json.dumps(condition))
        editor.get_by_role("button", name="Build").click()
        expect(editor.locator(".condition-group").first).to_be_visible()
        mode = editor.locator(".condition-mode").first  # there and back: everything is written anew
        if mode.count():
            was = mode.input_value()
            mode.select_option("none" if was != "none" else "all")
            mode.select_option(was)
        before, after = (
            compile_matcher(read_condition(one, PRODUCT))
            for one in (condition, json.loads(field.input_value()))
        )
        assert [before(one, 1_767_100_000_000_000) for one in FACTS] == [
            after(one, 1_767_100_000_000_000) for one in FACTS
        ], condition


def test_what_is_wrong_is_said_where_it_is(panel: Page) -> None:
    new_rule(panel, "Wrong")
    editor = panel.locator("fieldset:has(> textarea[name=which])")
    editor.get_by_role("button", name="JSON").click()
    editor.locator("textarea").fill('{"brnd": "x"}')
    expect(editor.locator("[data-counted]")).to_contain_text("there is no such field")
    with panel.expect_response("**/panel/rules/count"):
        panel.get_by_role("button", name="Keep as draft").click()
    expect(editor.get_by_role("alert")).to_contain_text("brnd: there is no such field")
    expect(editor.locator("[data-counted]")).not_to_have_attribute("aria-busy", "true")
    expect(editor.locator("[data-counted]")).to_be_empty()  # said once
    editor.get_by_role("button", name="JSON").click()
    editor.locator("textarea").fill('{"other": "x"}')
    expect(editor.locator("[data-counted]")).to_contain_text("other: there is no such field")
    assert panel.get_by_label("Name").first.input_value() == "Wrong"


def test_rules_are_moved_by_button_and_by_hand(panel: Page) -> None:
    for name in ("Order A", "Order B"):
        new_rule(panel, name, "new_first")
        keep(panel)
    panel.goto("/panel/rules")
    names = panel.locator(".rule-line")

    def place(name: str) -> int:
        return names.evaluate_all("lines => lines.map(line => line.dataset.name)").index(name)

    panel.get_by_role("button", name="Move “Order B” up").press("Enter")
    expect(panel.locator("[data-sorting-said]")).to_contain_text("“Order B” is now number")
    expect(panel.get_by_role("button", name="Move “Order B” up")).to_be_focused()
    panel.reload()
    assert place("Order B") == place("Order A") - 1
    panel.locator("[data-name='Order A'] [data-handle]").hover()
    panel.mouse.down()
    panel.locator("[data-name='Order B']").hover(position={"x": 120, "y": 4})
    panel.locator("[data-name='Order B']").hover(position={"x": 122, "y": 3})
    panel.mouse.up()
    expect(panel.locator("[data-sorting-said]")).to_contain_text("“Order A” is now number")
    panel.reload()
    assert place("Order A") == place("Order B") - 1


def test_two_people_edit_one_rule(open_panel: OpenPanel) -> None:
    first, second = open_panel("merchandiser"), open_panel("admin")
    new_rule(first, "Shared")
    address = keep(first)
    second.goto(address)
    first.get_by_label("Name").first.fill("Shared by Ola")
    first.get_by_role("button", name="Keep as draft").click()
    expect(first.get_by_text("Saved.")).to_be_visible()
    second.get_by_label("Name").first.fill("Shared by Eva")
    second.get_by_role("button", name="Keep as draft").click()
    expect(second.get_by_text("Ola Berg has changed this meanwhile")).to_be_visible()
    assert second.get_by_label("Name").first.input_value() == "Shared by Eva"
    expect(second.get_by_role("cell", name="Shared by Ola")).to_be_visible()
    second.get_by_role("button", name="Keep as draft").click()
    expect(second.get_by_role("heading", level=1, name="Shared by Eva")).to_be_visible()


def publish(page: Page) -> str:
    """Publish what stands in the form, whatever lint says, and return its address."""
    page.locator("button[value=publish]").click()
    anyway, live = page.get_by_role("button", name="Publish anyway"), page.locator(".page-header")
    expect(anyway.or_(live.get_by_text("In force", exact=True))).to_be_visible()
    if anyway.is_visible():
        anyway.click()
    expect(live.get_by_text("In force", exact=True)).to_be_visible()
    return page.url


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)])
def test_a_draft_stands_beside_the_rule_in_force(
    open_panel: OpenPanel, looks: Path, phone: bool, dark: bool
) -> None:
    page = open_panel("merchandiser", phone=phone, dark=dark)
    new_rule(page, "Newest first", "new_first")
    address = publish(page)
    page.get_by_label("Name").first.fill("The very newest first")
    page.locator("input[name=days]").fill("7")
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.get_by_text("The draft is kept. The rule in force is as it was.")).to_be_visible()
    expect(page.locator(".page-header").get_by_text("In force, with a draft")).to_be_visible()
    expect(page.get_by_role("heading", name="The draft would change")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.screenshot(path=looks / f"rule-beside-{'phone' if phone else 'wide'}.png", full_page=True)
    page.goto("/panel/rules")
    line = page.locator(f"[data-sorted='{address.rpartition('/')[2]}']")
    expect(line.get_by_text("In force, with a draft")).to_be_visible()
    expect(line.get_by_role("link", name="Newest first", exact=True)).to_be_visible()
    page.screenshot(path=looks / f"rules-beside-{'phone' if phone else 'wide'}.png", full_page=True)
    page.goto(address)
    expect(page.get_by_role("button", name="Publish changes")).to_be_visible()
    publish(page)
    expect(page.get_by_role("heading", level=1, name="The very newest first")).to_be_visible()


def test_a_draft_is_discarded(panel: Page) -> None:
    new_rule(panel, "Stays", "new_first")
    publish(panel)
    panel.get_by_label("Name").first.fill("Goes")
    panel.get_by_role("button", name="Keep as draft").click()
    panel.get_by_role("button", name="Discard draft").click()
    panel.get_by_role("dialog").get_by_role("button", name="Discard draft").click()
    expect(panel.get_by_text("The draft is gone. The rule in force is as it was.")).to_be_visible()
    expect(panel.get_by_role("heading", level=1, name="Stays")).to_be_visible()


def test_a_button_that_comes_late_does_nothing_and_says_so(open_panel: OpenPanel, looks: Path) -> None:
    first, second = open_panel("merchandiser"), open_panel("admin", phone=True)
    new_rule(first, "Pressed", "new_first")
    address = publish(first)
    second.goto(address)
    first.get_by_label("Name").first.fill("Pressed by Ola")
    publish(first)
    second.get_by_role("button", name="Archive").click()
    second.get_by_role("dialog").get_by_role("button", name="Archive").click()
    told = second.get_by_role("alert").filter(has_text="Ola Berg has changed this meanwhile")
    expect(told).to_be_visible()
    expect(told.get_by_role("cell", name="Pressed by Ola")).to_be_visible()
    expect(second.locator(".page-header").get_by_text("In force")).to_be_visible()
    second.screenshot(path=looks / "rule-late-button-phone.png", full_page=True)
    told.get_by_role("link", name="Look at what changed").click()
    expect(second.get_by_role("heading", name="History")).to_be_in_viewport()
    second.get_by_role("button", name="Archive").click()
    second.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(second.locator(".page-header").get_by_text("Archived")).to_be_visible()


def test_two_people_put_rules_in_order(open_panel: OpenPanel, looks: Path) -> None:
    first, second = open_panel("merchandiser"), open_panel("admin", language="sv")
    for name in ("Both A", "Both B", "Both C"):
        new_rule(first, name, "new_first")
        keep(first)

    def order(page: Page) -> list[str]:
        names = page.locator(".rule-line").evaluate_all("lines => lines.map(line => line.dataset.name)")
        return [name for name in names if name.startswith("Both")]

    first.goto("/panel/rules")
    second.goto("/panel/rules")
    for _ in range(2):  # each names the version that the one before made
        first.get_by_role("button", name="Move “Both C” up").press("Enter")
    expect(first.locator("[data-sorting-said]")).to_contain_text("“Both C” is now number")
    assert order(first) == ["Both C", "Both A", "Both B"]
    second.get_by_role("button", name="Flytta upp ”Both B”").press("Enter")
    told = second.get_by_text("Ola Berg har ändrat reglernas ordning under tiden")
    expect(told).to_be_visible()
    assert order(second) == ["Both A", "Both B", "Both C"]  # as they saw it, not as they wanted it
    told.scroll_into_view_if_needed()
    second.screenshot(path=looks / "rules-order-clash.png", full_page=True)
    second.get_by_role("link", name="Visa ordningen som den är nu").click()
    expect(second.get_by_role("button", name="Flytta upp ”Both C”")).to_be_visible()
    assert order(second) == ["Both C", "Both A", "Both B"]
    second.get_by_role("button", name="Flytta upp ”Both A”").press("Enter")
    expect(second.locator("[data-sorting-said]")).to_contain_text("”Both A” är nu nummer")
    first.reload()
    assert order(first) == ["Both A", "Both C", "Both B"]


def test_products_are_picked_ordered_and_previewed(panel: Page, looks: Path) -> None:
    new_rule(panel, "Campaign", "pin")
    box = panel.get_by_role("combobox", name="Products, in their order")
    for _ in range(2):
        box.click()
        expect(panel.get_by_role("option").first).to_be_visible()
        box.press("ArrowDown")
        box.press("Enter")
    expect(panel.locator(".picked-line")).to_have_count(2)
    field = panel.locator("textarea[name=products]")
    first, second = field.input_value().split()
    panel.locator(".picked-line").nth(1).get_by_role("button", name="Move up").click()
    assert field.input_value().split() == [second, first]
    expect(panel.locator(".compared-line.is-entered, .compared-line.is-up").first).to_contain_text(
        "this rule"
    )
    panel.screenshot(path=looks / "rule-preview.png", full_page=True)


def test_a_viewer_sees_but_does_not_change(open_panel: OpenPanel) -> None:
    page = open_panel("merchandiser")
    new_rule(page, "Looked at")
    address = keep(page)
    viewer = open_panel("viewer")
    viewer.goto(address)
    expect(viewer.get_by_text("Lift all products by 50%").first).to_be_visible()
    expect(viewer.locator("#rule-form")).to_have_count(0)
    answer = viewer.goto("/panel/rules/new")
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_nothing_is_wider_than_the_screen(open_panel: OpenPanel, dark: bool, looks: Path) -> None:
    page = open_panel("admin", "sv", phone=True, dark=dark)
    for path in ("/panel/rules", "/panel/rules/new?from=new", "/panel/rules/preview"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        page.screenshot(path=looks / f"rules-phone-{'dark' if dark else 'light'}-{path.count('/')}.png")


def test_the_filters_of_the_list_can_be_read(open_panel: OpenPanel, looks: Path) -> None:
    page = open_panel("admin", "sv")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/panel/rules/new?from=new")
    page.get_by_role("button", name="Spara utkast").click()
    expect(page.get_by_text("Utkast", exact=True).first).to_be_visible()
    page.goto("/panel/rules")
    state = page.locator("select[name=state]")
    expect(state.locator("option:checked")).to_have_text("Utkast och publicerade")
    assert state.evaluate(CLIPPED) <= 0
    page.screenshot(path=looks / "rules-filters-1280.png")


def test_the_panels_search_finds_a_rule(panel: Page) -> None:
    new_rule(panel, "Needle in the hay")
    keep(panel)
    panel.goto("/panel/catalog")
    panel.keyboard.press("/")
    panel.keyboard.type("needle")
    hit = panel.get_by_role("option", name="Needle in the hay")
    expect(hit).to_be_visible()
    hit.click()
    expect(panel.get_by_role("heading", level=1, name="Needle in the hay")).to_be_visible()
