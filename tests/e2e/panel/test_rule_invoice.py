"""A merchandiser reads what rules earn and cost: as they are in force, and as they were before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from expedit.core import DAY, evolve, system_clock
from expedit.events import seal
from expedit.merchandising import (
    Boost,
    Bury,
    Exclude,
    Rule,
    archive_rule,
    change_rule,
    create_rule,
)
from expedit.storage import Shop, open_shop
from tests.app.fixtures import stocked_template
from tests.app.houses import House, Site
from tests.decisions.stories import Story
from tests.e2e.panel.conftest import OpenPanel

__all__ = ["stocked_template"]

pytestmark = pytest.mark.e2e

NEW = Rule("", "Lift what is new on the front page", Boost({"created": {"$gte": {"$ago": "30d"}}}, 0.5))
DEAR = Rule("", "Bury what earns little", Bury({"margin": {"$lt": 0.2}}, 0.4))
NEVER = Rule("", "Never what is nearly gone", Exclude({"stock": {"$lt": 2}}))
GONE = Rule("", "The advent campaign", Boost({"on_sale": True}, 1.0))


class _Clock:
    def __init__(self) -> None:
        self.now = system_clock()

    def __call__(self) -> int:
        return self.now


def measured(story: Story, rule: str, hours: float, people: int, on: int, off: int) -> None:
    """Tell of decisions with a rule and without it, and of how much people spend after each."""
    for number in range(people):
        left_out, device = number % 2 == 1, f"{rule}-{hours}-{number}"
        at = hours + number / 50
        drawn = {"measured": rule, "off": left_out, "among": 3, "share": 0.02}
        shown = story.decide(at, device, ["p1"], **drawn)
        story.happen(at + 0.01, "click", device, "p1", shown)
        spends = (off if left_out else on) + (number * 7919) % 200
        if number % 3 == 0:
            story.happen(at + 0.02, "purchase", device, "p1", order_id=f"o-{device}", price=spends * 100)


def tell(shop: Shop, clock: _Clock) -> None:
    story, now = Story(shop), clock.now
    story.start = now - 6 * DAY
    clock.now = story.start - DAY
    new, dear, gone = (create_rule(shop, one, "system", publish=True).rule for one in (NEW, DEAR, GONE))
    create_rule(shop, NEVER, "system", publish=True)
    measured(story, new.id, 2, 240, 1_300, 300)
    measured(story, dear.id, 2, 240, 300, 1_100)
    measured(story, gone.id, 3, 60, 500, 500)
    clock.now = story.start + 3 * DAY
    change_rule(shop, evolve(new, action=Boost(NEW.action.which, 0.2)), 2, "system", publish=True)  # type: ignore[union-attr]
    archive_rule(shop, gone.id, 2, "system")
    clock.now = now
    measured(story, new.id, 74, 120, 700, 500)
    seal(shop)


@pytest.fixture(scope="module")
def panel_site(stocked_template: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    house = stocked_template.copy(tmp_path_factory.mktemp("invoice") / "home")
    clock = _Clock()
    shop = open_shop(house.root, clock=clock)
    try:
        tell(shop, clock)
    finally:
        shop.close()
    with house.serving() as site:
        yield site


def lines(page: Page) -> list[str]:
    return [" ".join(one.split()) for one in page.locator("#invoice tbody tr").all_inner_texts()]


@pytest.mark.parametrize(
    ("language", "phone", "dark"),
    [("en", False, False), ("sv", True, False), ("nb", False, True), ("en", True, True)],
)
def test_each_rule_stands_with_what_it_does_now_and_below_what_it_did(
    open_panel: OpenPanel, looks: Path, language: str, phone: bool, dark: bool
) -> None:
    page = open_panel("merchandiser", language, phone=phone, dark=dark)
    page.goto("/panel/rules/invoice?days=7")
    expect(page.locator("#invoice tbody tr").first).to_be_visible(timeout=60_000)
    told = lines(page)
    assert len(told) == 4
    changed = next(place for place, line in enumerate(told) if NEW.name in line)
    assert "20" in told[changed] and "50" in told[changed + 1]
    assert "version 2" in told[changed + 1].lower() or "versjon 2" in told[changed + 1].lower()
    archived = {"en": "Archived", "sv": "Arkiverad", "nb": "Arkivert"}[language]
    assert archived in next(line for line in told if "advent campaign" in line)
    expect(page.get_by_role("link", name="Never what is nearly gone")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    shape = f"{'phone' if phone else 'wide'}-{'dark' if dark else 'light'}-{language}"
    page.screenshot(path=looks / f"rule-invoice-{shape}.png", full_page=True)


def test_the_invoice_leads_to_the_rule(open_panel: OpenPanel) -> None:
    page = open_panel("viewer")
    page.goto("/panel/rules")
    page.locator("a[href='/panel/rules/invoice']").first.click()
    page.get_by_role("link", name="Bury what earns little").click()
    expect(page.get_by_role("heading", level=1, name="Bury what earns little")).to_be_visible()
