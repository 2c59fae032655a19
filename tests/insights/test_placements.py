"""What came of each placement: known answers, and pages that tell too little from enough."""

from __future__ import annotations

import pytest

from expedit.core import DAY, Settings
from expedit.events import seal
from expedit.insights.answers import placement_answers
from expedit.insights.model import Period, Spots
from expedit.insights.panel_placements import show_figures, show_list, told
from expedit.insights.placements import PLACEMENT_DAYS, WHOLE_SHOP, ask_placements
from expedit.web import Frame, Html, Viewer, Visit, render
from tests.decisions.stories import Story

EVA = Viewer("u1", "Eva", "eva@example.com", "merchandiser")


@pytest.fixture(params=["sqlite", "postgresql"])
def story(request: pytest.FixtureRequest, make_shop) -> Story:
    shop = make_shop(request.param, Settings(markets={"SE": "SEK", "NO": "NOK"}))
    written = Story(shop)
    written.start = Period.ending(shop.clock(), PLACEMENT_DAYS).since
    return written


def visit(name: str = "home-new") -> Visit:
    return Visit(viewer=EVA, partial=True, path={"placement": name})


def page(reply: object) -> str:
    assert isinstance(reply, Html)
    return str(render(reply, visit(), Frame()))


def test_each_placement_with_its_revenue_by_currency_and_day(story: Story) -> None:
    shop = story.shop
    one = story.decide(1, "dev-a", ["p1", "p2"])
    two = story.decide(25, "dev-b", ["p1"], market="NO")
    story.decide(1, "dev-a", ["p3"], placement="cart-addons")
    story.happen(1.1, "impression", "dev-a", "p1", one)
    story.happen(1.2, "click", "dev-a", "p1", one)
    story.happen(25.1, "click", "dev-b", "p1", two)
    story.happen(2, "purchase", "dev-a", "p1", order_id="o1", price=15_000)
    story.happen(26, "purchase", "dev-b", "p1", order_id="o2", price=9_900, currency="NOK")
    seal(shop)
    found = ask_placements(shop, WHOLE_SHOP, PLACEMENT_DAYS).by_name
    assert set(found) == {"home-new", "cart-addons"}
    new = found["home-new"]
    assert (new.spots.shown, new.spots.seen, new.spots.clicked, new.spots.bought) == (3, 1, 2, 2)
    assert new.revenue == {"SEK": 15_000, "NOK": 9_900}
    assert len(new.days) == PLACEMENT_DAYS
    assert [(one.spots.shown, one.revenue) for one in new.days[:3]] == [
        (2, {"SEK": 15_000}), (1, {"NOK": 9_900}), (0, {}),
    ]  # fmt: skip
    assert found["cart-addons"].spots == Spots(shown=1)
    assert len(told(shop, "sv", new).revenue) == 2


def test_the_lift_of_a_placement_is_told_only_when_enough_have_bought(story: Story) -> None:
    shop = story.shop
    for n in range(60):
        arm = "holdout" if n % 3 == 0 else "personalized"
        story.decide(n, f"dev-{n}", ["p1"], arm=arm)
        if n % (6 if arm == "holdout" else 2) == 0:
            story.happen(n + 1, "purchase", f"dev-{n}", "p7", order_id=f"o{n}", value=10_000 + n)
    story.decide(1, "dev-x", ["p1"], placement="cart-addons")
    seal(shop)
    found = ask_placements(shop, WHOLE_SHOP, PLACEMENT_DAYS).by_name
    lift = found["home-new"].lifts["SEK"]
    assert (lift.personalized.people, lift.held_out.people) == (40, 20)
    assert lift.revenue.known
    few = told(shop, "en", found["cart-addons"])
    assert [one.known for one in few.lifts] == [False]


def test_the_pages_wait_for_the_numbers_and_tell_when_there_are_none(story: Story) -> None:
    shop = story.shop
    waiting = page(show_figures(shop, visit()))
    assert "Counting" in waiting
    assert "hx-get" in waiting
    one = story.decide(1, "dev-a", ["p1"])
    story.happen(1.2, "click", "dev-a", "p1", one)
    story.happen(2, "purchase", "dev-a", "p1", order_id="o1", price=15_000)
    seal(shop)
    placement_answers(shop).ask(WHOLE_SHOP, PLACEMENT_DAYS)
    shown = page(show_figures(shop, visit()))
    assert "data-chart" in shown
    assert "too few to tell" in shown
    assert "SEK" in shown
    assert "Nobody has been shown it" in page(show_figures(shop, visit("home-trending")))
    listed = page(show_list(shop, visit()))
    assert "too few to tell" in listed
    assert "Counting" not in listed
    shop.clock.advance(40 * DAY)
    placement_answers(shop).ask(WHOLE_SHOP, PLACEMENT_DAYS)
    assert "Nobody has been shown it" in page(show_figures(shop, visit()))
