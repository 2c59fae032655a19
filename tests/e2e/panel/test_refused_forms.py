"""A form that was refused says so in view, and the keyboard stands where something has to be changed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from expedit.access import SESSION_COOKIE
from tests.app.houses import Site
from tests.e2e.panel.conftest import OpenPanel, sign_in

pytestmark = pytest.mark.e2e

FITTING = {"name": "Autumn", "title_sv": "Höst"}


def told(page: Page) -> str:
    """Return what the alert at the top says, once there is one."""
    alert = page.locator("main [data-refused]")
    expect(alert).to_have_attribute("role", "alert")
    expect(alert).to_have_count(1)
    return " ".join(alert.inner_text().split())


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize(
    ("name", "typed", "label"),
    [
        ("generic_share", "abc", "Get the ordinary page, %"),
        ("generic_url", "sv", "Address of the ordinary page"),
        ("picture_nb", "ftp://x", "Address of a picture"),
    ],
)
def test_the_keyboard_goes_to_the_field_at_fault(
    open_panel: OpenPanel, phone: bool, name: str, typed: str, label: str
) -> None:
    page = open_panel(phone=phone)
    page.goto("/panel/landing-pages/new")
    for field, value in {**FITTING, "title_nb": "Høst", name: typed}.items():
        page.locator(f"#field-{field}").fill(value)
    page.get_by_role("button", name="Publish").click()
    wrong = page.locator(f"#field-{name}")
    expect(wrong).to_be_focused()
    expect(wrong).to_be_in_viewport()
    expect(page.locator(f"#error-{name}")).to_be_in_viewport()
    expect(wrong).to_have_value(typed)
    assert told(page).startswith(f"Nothing was saved. One field needs a look: {label}: ")
    link = page.locator("[data-refused] a")
    page.locator("#field-name").focus()
    assert link.evaluate("(one) => one.getBoundingClientRect().right - innerWidth") <= 0
    link.click()
    expect(wrong).to_be_focused()
    expect(wrong).to_be_in_viewport()


def test_of_a_condition_the_part_that_is_shown_has_the_keyboard(open_panel: OpenPanel) -> None:
    page = open_panel("merchandiser", phone=True)
    page.goto("/panel/rules/new")
    page.get_by_label("Name", exact=False).first.fill("Red things")
    editor = page.locator("fieldset:has(> textarea[name=which])")
    editor.get_by_role("button", name="JSON").click()
    editor.locator("textarea").fill('{"colour": "red"}')
    page.locator("button[value=publish]").click()
    assert re.search(r"Nothing was saved.* colour: there is no such field$", told(page))
    view = editor.get_by_role("button", name="JSON")  # no row can show it
    expect(view).to_be_focused()
    expect(view).to_be_in_viewport()
    expect(view).to_have_accessible_description("colour: there is no such field")
    page.keyboard.press("Enter")
    expect(editor.locator("textarea")).to_be_focused()
    editor.locator("textarea").fill('{"on_sale": true, "title": ""}')
    page.locator("button[value=publish]").click()
    assert re.search(r"Title: a value is missing$", told(page))
    field = editor.get_by_role("combobox", name="Field").first
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    expect(editor.get_by_role("listbox")).to_have_count(0)  # it would cover the complaint


def test_a_form_with_one_field_is_no_other(open_panel: OpenPanel) -> None:
    page = open_panel()
    page.goto("/panel/account/second-factor")
    page.get_by_label("Code", exact=False).first.fill("000000")
    page.get_by_role("main").get_by_role("button", name="Turn on").click()
    assert told(page).startswith("Nothing was saved.")
    expect(page.locator("main :focus")).to_have_attribute("aria-invalid", "true")


def test_without_scripts_a_link_leads_to_the_complaint(browser: Browser, panel_site: Site) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=f"http://127.0.0.1:{panel_site.port}", locale="en-GB",
        viewport={"width": 390, "height": 844},
    )  # fmt: skip
    token = sign_in(panel_site)
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "domain": "127.0.0.1", "path": "/panel"}])
    page = context.new_page()
    page.goto("/panel/landing-pages/new")
    for field, value in {**FITTING, "generic_share": "abc"}.items():
        page.locator(f"#field-{field}").fill(value)
    page.get_by_role("button", name="Publish").click()
    page.locator("[data-refused] a").click()
    expect(page.locator("#error-generic_share")).to_be_in_viewport()
    context.close()
