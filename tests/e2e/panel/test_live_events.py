"""Live events and dead letters, walked in a browser."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.app.houses import Site

pytestmark = pytest.mark.e2e


def sticks_out(page: Page) -> bool:
    return bool(page.locator("html").evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def test_an_event_appears_by_itself_and_opens(panel: Page, panel_site: Site, looks) -> None:
    panel.goto("/panel/live")
    expect(panel.get_by_text("Watching")).to_be_visible()
    word = f"tält {time.time_ns()}"
    panel_site.track("Products Searched", {"anonymousId": "a-live-one"}, properties={"query": word})
    row = panel.get_by_role("row").filter(has_text=word)
    expect(row).to_be_visible(timeout=10_000)
    panel.screenshot(path=looks / "live.png", full_page=True)
    row.get_by_role("link", name="Searched").click()
    expect(panel.locator("pre")).to_contain_text(word)
    panel.get_by_role("link", name="To the person").click()
    expect(panel).to_have_url(re.compile(r"/panel/people/[0-9a-f]{24}$"))


def test_filters_and_the_pause_are_deep_links(open_panel, panel_site: Site) -> None:
    page = open_panel(language="nb", phone=True)
    page.goto("/panel/live?kind=purchase")
    expect(page.get_by_role("row").filter(has_text="Kjøpte").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Så et produkt")).to_have_count(0)
    page.get_by_role("link", name="Pause").click()
    expect(page).to_have_url(re.compile(r"kind=purchase.*paused=yes|paused=yes.*kind=purchase"))
    expect(page.get_by_text("Pauset")).to_be_visible()
    assert page.locator("#arrived[hx-get]").count() == 0
    page.get_by_label("Hendelse").select_option("refund")
    expect(page.get_by_text("Ingen slike blant de nyeste")).to_be_visible()
    assert not sticks_out(page)


def test_a_refused_event_is_mended_and_replayed(panel: Page, panel_site: Site, looks) -> None:
    for number in range(3):
        answer = panel_site.post(
            "/v1/batch",
            {
                "batch": [
                    {
                        "type": "track", "event": "Product Viewed", "messageId": f"bad-{number}",
                        "anonymousId": "a-sender",
                        "properties": {"product_id": "p1", "price": f"dear {number}"},
                        "context": {"consent": {"analytics": True, "personalization": True}, "market": "SE"},
                    }
                ]
            },
            panel_site.house.server,
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
    panel.goto("/panel/dead-letters")
    expect(panel.get_by_role("row").filter(has_text="properties.price").first).to_be_visible()
    panel.screenshot(path=looks / "dead-letters.png", full_page=True)
    panel.get_by_role("link", name="Open").first.click()
    text = panel.get_by_label("Event as JSON")
    sent = text.input_value()
    text.fill(sent.replace('"dear', '"still dear'))
    panel.get_by_role("button", name="Replay").click()
    expect(panel.get_by_role("heading", name="Why it was refused")).to_be_visible()
    expect(panel.locator(".invalid-feedback")).to_contain_text("properties.price")
    text.fill(re.sub(r'"dear \d"', "499", sent))
    panel.get_by_role("button", name="Replay").click()
    expect(panel.get_by_text("The event was taken in.")).to_be_visible()
    panel.get_by_role("link", name=re.compile("amount")).first.click()
    panel.get_by_role("button", name="Discard all of these").click()
    panel.get_by_role("dialog").get_by_role("button", name="Discard all of these").click()
    expect(panel.get_by_text("2 events were discarded.")).to_be_visible()
    expect(panel.get_by_text("No event was refused")).to_be_visible()


def test_a_viewer_sees_complaints_without_values_and_cannot_open_them(open_panel, panel_site: Site) -> None:
    panel_site.post(
        "/v1/batch",
        {"batch": [{"type": "track", "event": "Product Viewed", "messageId": "odd", "anonymousId": "a-sender",
                    "properties": {"product_id": "p1", "price": "secret words"},
                    "context": {"consent": {"analytics": True}, "market": "SE"}}]},
        panel_site.house.server,
    )  # fmt: skip
    page = open_panel("viewer")
    page.goto("/panel/dead-letters")
    expect(page.get_by_role("row").filter(has_text="properties.price").first).to_be_visible()
    assert "secret words" not in page.content()
    expect(page.get_by_role("link", name="Open")).to_have_count(0)
    assert page.goto("/panel/dead-letters/1").status == 403
