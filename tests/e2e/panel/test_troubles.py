"""A server that is busy or gone, as somebody sees it who has a page of the panel open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.e2e

HARMLESS = ("Failed to load resource: ", "htmx: htmx:error")
SEARCH = "**/panel/search"
SAID = "The server could not answer just now."


def _busy(route: Route) -> None:
    """Answer as the server does that turns somebody away before the panel is asked."""
    route.fulfill(
        status=503,
        content_type="application/problem+json",
        headers={"Retry-After": "1"},
        body='{"title": "Unavailable", "status": 503}',
    )


def _look_for(panel: Page, words: str) -> None:
    panel.goto("/panel/health")
    panel.keyboard.press("/")
    panel.keyboard.type(words)


def test_a_search_that_was_turned_away_is_asked_again(panel: Page) -> None:
    refused: list[str] = []

    def once(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            _busy(route)

    panel.route(SEARCH, once)
    _look_for(panel, "vara 11")
    expect(panel.get_by_role("option", name="Vara 11").first).to_be_visible()
    assert refused


def test_a_server_that_stays_busy_is_told_of_and_its_words_are_not_shown(panel: Page) -> None:
    panel.route(SEARCH, _busy)
    _look_for(panel, "vara 11")
    expect(panel.get_by_text(SAID)).to_be_visible()
    expect(panel.get_by_text("Unavailable")).to_have_count(0)
    panel.get_by_role("status").get_by_role("button", name="Close").click()
    expect(panel.get_by_text(SAID)).to_have_count(0)


def test_a_server_that_is_gone_is_told_of(panel: Page) -> None:
    panel.route(SEARCH, lambda route: route.abort())
    _look_for(panel, "vara 11")
    expect(panel.get_by_text(SAID)).to_be_visible()


def test_what_was_typed_before_the_page_listened_is_looked_for(panel: Page) -> None:
    panel.add_init_script(
        """document.addEventListener("DOMContentLoaded", () => {
             const box = document.querySelector("[data-search] input");
             box.focus();
             box.value = "vara 11";
           });"""
    )
    panel.goto("/panel/health")
    expect(panel.get_by_role("option", name="Vara 11").first).to_be_visible()
