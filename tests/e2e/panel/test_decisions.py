"""Placements and decisions as somebody walks them who asks why."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.houses import Site
from tests.e2e.panel.conftest import OpenPanel

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def decision_id(panel_site: Site) -> str:
    """Have a stranger ask for the bestsellers; give the decision's id."""
    body = json.dumps({"placement": "home-bestsellers", "context": {}}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{panel_site.port}/v1/recommend",
        body,
        {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {panel_site.house.keys['secret_key']}",
        },
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(json.loads(answer.read())["decisionId"])


def test_a_placement_shows_what_it_would_answer(panel: Page, looks: Path) -> None:
    panel.goto("/panel/placements")
    expect(panel.get_by_text("home-bestsellers")).to_be_visible()
    panel.locator("a", has_text="Popular right now").click()
    expect(panel.get_by_role("heading", name="What it answers now")).to_be_visible()
    expect(panel.locator("article").first).to_be_visible()
    expect(panel.locator("#figures")).not_to_contain_text("Counting", timeout=30_000)
    panel.screenshot(path=looks / "placement.png", full_page=True)


def test_a_decision_is_looked_up_and_explained(panel: Page, decision_id: str, looks: Path) -> None:
    panel.goto("/panel/decisions")
    panel.get_by_role("textbox", name="Decision id").fill(decision_id)
    panel.get_by_role("button", name="Search decisions").click()
    expect(panel.get_by_text("Executed again: the same answer")).to_be_visible()
    expect(panel.get_by_role("heading", name="Step by step")).to_be_visible()
    expect(panel.get_by_role("heading", name="What came of it")).to_be_visible()
    expect(panel.get_by_text("shown as no. 1", exact=True)).to_be_visible()
    panel.screenshot(path=looks / "decision.png", full_page=True)


def test_a_decision_that_never_was_is_told_kindly(panel: Page) -> None:
    answer = panel.goto("/panel/decisions/" + "0" * 32)
    assert answer is not None
    assert answer.status == 404
    expect(panel.get_by_text("There is no such decision")).to_be_visible()


def test_decisions_on_a_phone(open_panel: OpenPanel, decision_id: str, looks: Path) -> None:
    page = open_panel("viewer", "nb", phone=True, dark=True)
    page.goto(f"/panel/decisions/{decision_id}")
    expect(page.get_by_role("heading", name="Trinn for trinn")).to_be_visible()
    assert page.locator("html").evaluate("document.documentElement.scrollWidth") <= 390
    long = "Andre som har kikket på Fjellheim allværsjakke med hette for voksne, har også sett på denne"
    page.locator(".bar-place .text-secondary").evaluate_all(
        "(all, long) => all.forEach(one => { one.textContent = long })", long
    )
    page.screenshot(path=looks / "decision-phone.png", full_page=True)
    for table in page.locator(".table-responsive").all():
        assert table.evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0
    assert page.locator("#candidates .bar-place progress").first.evaluate("(one) => one.offsetWidth") == 80
