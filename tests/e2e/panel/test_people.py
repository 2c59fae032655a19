"""Finding and helping a person, walked in a browser."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import Page, expect

from tests.app.houses import Site, wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture
def anna(panel_site: Site) -> str:
    """Give the e-mail of a fresh customer who looked, logged in and bought."""
    name = f"anna{time.time_ns()}"
    who = {"anonymousId": f"device-of-{name}"}
    known = {**who, "userId": name, "traits": {"email": f"{name}@example.com"}}
    server = panel_site.house.server
    panel_site.track("Product Viewed", who, server, properties={"product_id": "p2"})
    answer = panel_site.post(
        "/v1/identify",
        {**known, "context": {"consent": {"analytics": True, "personalization": True}}},
        server,
    )
    assert answer.status_code == 200, answer.text
    panel_site.track(
        "Product Added", known, server, properties={"product_id": "p2", "price": 300, "currency": "SEK"}
    )
    lines = [{"product_id": "p2", "quantity": 1, "price": 300.0}]
    panel_site.track(
        "Order Completed", known, server,
        properties={"order_id": f"order-{name}", "currency": "SEK", "products": lines},
    )  # fmt: skip
    return f"{name}@example.com"


def find(page: Page, words: str) -> None:
    page.goto("/panel/people")
    page.get_by_label("Find a person").fill(words)
    page.get_by_role("button", name="Find", exact=True).click()


def sticks_out(page: Page) -> bool:
    return bool(page.locator("html").evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def test_a_person_is_found_shown_and_helped(panel: Page, anna: str, looks) -> None:
    find(panel, anna)
    expect(panel.get_by_role("heading", level=1, name=anna)).to_be_visible()
    assert anna not in panel.url and "@" not in panel.url
    expect(panel.get_by_text("Added to the cart").first).to_be_visible()
    expect(panel.locator("#merges").get_by_text("became one person")).to_be_visible()
    panel.screenshot(path=looks / "people-one.png", full_page=True)

    mail = panel.locator("#consent li").filter(has_text="E-mail")
    mail.get_by_role("button", name="Give").click()
    dialog = panel.get_by_role("dialog")
    dialog.get_by_label("How it was given").fill("By phone")
    dialog.get_by_role("button", name="Give").click()
    expect(panel.get_by_text("Consent was noted.")).to_be_visible()
    expect(mail.get_by_text("given", exact=True).first).to_be_visible()
    mail.get_by_role("button", name="Withdraw").click()
    expect(mail.get_by_text("denied", exact=True).first).to_be_visible()

    with panel.expect_download() as waiting:
        panel.get_by_role("button", name="Export").click()
    told = json.loads(waiting.value.path().read_text())
    assert told["features"]["identity"]["identifiers"]

    merge = panel.locator("#merges li").filter(has_text="became one person")
    merge.get_by_role("button", name="Undo").click()
    expect(panel.get_by_role("dialog")).to_contain_text("They become two persons again")
    panel.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(panel.get_by_text("The two are kept apart now.")).to_be_visible()
    panel.get_by_role("button", name="Take back").click()
    panel.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(panel.get_by_text("The separation was taken back.")).to_be_visible()

    panel.get_by_role("button", name="Erase").click()
    dialog = panel.get_by_role("dialog")
    dialog.get_by_label("Type ERASE to confirm").fill("no")
    dialog.get_by_role("button", name="Erase").click()
    expect(panel.locator("[data-refused]")).to_contain_text("nothing was erased")
    again = panel.get_by_role("dialog").get_by_label("Type ERASE to confirm")
    expect(again).to_be_focused()  # the dialog stands open again
    expect(again).to_have_accessible_description("The word was not typed; nothing was erased.")
    again.fill("ERASE")
    panel.get_by_role("dialog").get_by_role("button", name="Erase").click()
    expect(panel.get_by_text("The person was erased.")).to_be_visible()
    find(panel, anna)
    expect(panel.get_by_text("Nobody is known by that")).to_be_visible()


def test_a_viewer_sees_masks_and_no_buttons(open_panel, anna: str, looks) -> None:
    page = open_panel("viewer", language="sv", phone=True, dark=True)
    page.goto("/panel/people")
    page.get_by_label("Hitta en person").fill(anna)
    page.get_by_role("button", name="Hitta", exact=True).click()
    expect(page.get_by_text("är dolda för läsare")).to_be_visible()
    assert anna not in page.content()
    expect(page.get_by_role("button", name="Radera")).to_have_count(0)
    assert not sticks_out(page)
    page.screenshot(path=looks / "people-one-phone-dark-sv.png", full_page=True)


def test_the_search_of_the_panel_finds_people(panel: Page, anna: str) -> None:
    panel.goto("/panel/people")
    wait_for(lambda: panel.url.endswith("/panel/people"))
    panel.keyboard.press("/")
    panel.keyboard.type(anna)
    hit = panel.get_by_role("option").first
    expect(hit).to_contain_text(anna.partition("@")[0])
    hit.click()
    expect(panel.get_by_role("heading", level=1, name=anna)).to_be_visible()
    panel.goto("/panel/quarantine")
    expect(panel.get_by_text("Nothing is quarantined")).to_be_visible()
