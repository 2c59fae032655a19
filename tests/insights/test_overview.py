"""The overview's numbers over the real logs, with known answers."""

from __future__ import annotations

import time

import pytest

from expedit.core import DAY, HOUR, InvalidInput, Settings
from expedit.events import seal
from expedit.insights import (
    Arm,
    Named,
    Period,
    Sample,
    Scope,
    Spots,
    Traffic,
    ask_overview,
    lift_of,
    overviews,
    plan_of,
    scope_of,
    scopes,
)
from expedit.insights.answers import FRESH
from expedit.storage import Shop
from tests.decisions.stories import Story

SE = Scope("SE", ("SE",), "SEK")


@pytest.fixture
def story(shop: Shop) -> Story:
    """Tell what happened; hour 0 is the start of the day that is six days ago."""
    told = Story(shop)
    told.start = Period.ending(shop.clock(), 7).since
    return told


def test_a_period_is_whole_days_and_compares_the_same_time_of_day() -> None:
    until = 1_790_000_000_000_000
    period = Period.ending(until, 30)
    assert period.since % DAY == 0
    assert until - period.since == 29 * DAY + until % DAY
    assert (period.before.until, period.before.since) == (until - 30 * DAY, period.since - 30 * DAY)
    with pytest.raises(InvalidInput, match="7, 30, 90"):
        Period.ending(until, 8)


def test_scopes_are_markets_and_currencies_of_several(make_shop) -> None:
    shop = make_shop("sqlite", Settings(markets={"SE": "SEK", "DE": "EUR", "FR": "EUR"}))
    assert scopes(shop) == (
        SE,
        Scope("DE", ("DE",), "EUR"),
        Scope("FR", ("FR",), "EUR"),
        Scope("EUR", ("DE", "FR"), "EUR"),
    )
    assert scope_of(shop, "") == SE
    assert scope_of(shop, "EUR").markets == ("DE", "FR")
    with pytest.raises(InvalidInput, match="SE, DE, FR, EUR"):
        scope_of(shop, "US")
    alone = make_shop("sqlite", Settings(markets={"SE": "SEK"}))
    assert scopes(alone) == (Scope("SE", ("SE", ""), "SEK"),)


def test_traffic_counts_visits_people_and_orders_once(story: Story, shop: Shop) -> None:
    story.happen(1, "view_item", "dev-a", "p1")
    story.happen(1.2, "view_item", "dev-a", "p2")
    story.happen(1.75, "view_item", "dev-a", "p1")  # more than half an hour later: another visit
    story.happen(2, "login", "dev-a", user="u1")
    story.happen(26, "view_item", "dev-b", "p1", user="u1")  # the same person on another device, the next day
    story.happen(26.1, "purchase", "dev-b", "p1", user="u1", order_id="o1", value=500)
    story.happen(26.2, "purchase", "dev-b", "p1", user="u1", order_id="o1", value=500)  # a reloaded page
    story.happen(27, "purchase", "", "p1", user="u9", order_id="o2", value=300, channel="store")
    story.happen(27, "purchase", "dev-c", "p1", order_id="o3", value=70, currency="EUR")  # another currency
    story.happen(-30, "view_item", "dev-d", "p1")  # the week before
    seal(shop)
    found = ask_overview(shop, SE, 7)
    assert found.now == Traffic(
        visitors=2, visits=4, views=4, orders=2, revenue=800, squares=500.0**2 + 300.0**2
    )
    assert found.before == Traffic(visitors=1, visits=1, views=1)
    by_day = [(one.traffic.visits, one.traffic.orders, one.traffic.revenue) for one in found.days]
    assert by_day == [(2, 0, 0), (2, 2, 800), *[(0, 0, 0)] * 5]
    assert found.reach == found.period.until == shop.clock()


def test_an_order_that_tells_no_value_is_worth_its_lines(story: Story, shop: Shop) -> None:
    story.decide(1, "dev-a", ["p1"])
    story.happen(2, "purchase", "dev-a", "p1", order_id="o1", price=150, quantity=3)
    seal(shop)
    found = ask_overview(shop, SE, 7)
    assert (found.now.orders, found.now.revenue) == (1, 450)
    assert found.arm_days[0].personalized == Sample(1, 450, 450.0**2)


def test_recommendations_are_followed_to_the_order(story: Story, shop: Shop) -> None:
    one = story.decide(1, "dev-a", ["p1", "p2"])
    two = story.decide(2, "dev-b", ["p1"], placement="cart-addons", strategy="bought_together")
    other = story.decide(2, "dev-c", ["p1"], market="EU")
    for device, product, decision in (("dev-a", "p1", one), ("dev-a", "p2", one), ("dev-b", "p1", two)):
        story.happen(2.1, "impression", device, product, decision)
    story.happen(2.2, "click", "dev-a", "p1", one)
    story.happen(2.3, "add_to_cart", "dev-a", "p1")
    story.happen(3, "purchase", "dev-a", "p1", order_id="o1", price=400, quantity=2, value=800)
    story.happen(2.2, "click", "dev-b", "p1", two)
    story.happen(2.2, "click", "dev-c", "p1", other)
    seal(shop)
    found = ask_overview(shop, SE, 7)
    first = Spots(shown=2, seen=2, clicked=1, carted=1, bought=1, lines=1, units=2, revenue=800)
    second = Spots(shown=1, seen=1, clicked=1)
    assert found.placements == (Named("home-new", first), Named("cart-addons", second))
    assert [one.name for one in found.strategies] == ["new", "bought_together"]
    assert found.spots == first + second
    assert found.spots_before == Spots()
    assert [(one.name, one.spots.clicked, one.spots.revenue) for one in found.products] == [("p1", 2, 800)]
    assert not found.empty


def test_lift_is_told_by_arm_and_day(story: Story, shop: Shop) -> None:
    for number in range(4):
        arm = "holdout" if number == 3 else "personalized"
        story.decide(1, f"dev-{number}", ["p1"], arm=arm)
        story.happen(2, "purchase", f"dev-{number}", "p1", order_id=f"o{number}", value=100 * (number + 1))
    story.decide(25, "dev-0", ["p1"])
    seal(shop)
    found = ask_overview(shop, SE, 7)
    assert found.lift.personalized == Arm(3, 0, 3, 3, Sample(3, 600, 140_000.0), story.start + HOUR)
    assert found.lift.held_out == Arm(1, 0, 1, 1, Sample(1, 400, 160_000.0), story.start + HOUR)
    assert found.lift.revenue.value == pytest.approx(-0.5)
    assert not found.lift.revenue.known  # one person is no sample
    days = [(one.personalized.people, one.personalized.total, one.held_out.people) for one in found.arm_days]
    assert days == [(3, 600, 1), (1, 0, 0), *[(0, 0, 0)] * 5]


def test_the_worth_of_a_lift_is_what_the_personalized_would_not_have_spent() -> None:
    arms = [Arm(n, 0, n, n, Sample(n, total, squares)) for n, total, squares in (
        (900, 99_000, 40_000_000.0), (100, 10_000, 4_000_000.0)
    )]  # fmt: skip
    found = lift_of(*arms)
    assert found.revenue.value == pytest.approx(0.1)
    assert found.added.value == pytest.approx(9_000)
    assert found.added.low is not None and found.added.low < 0 < 9_000 < (found.added.high or 0)


def test_the_plan_suggests_the_smallest_holdout_that_answers_in_time() -> None:
    until = 1_790_000_000_000_000
    period = Period.ending(until, 30)

    def plan(people: int) -> object:
        spent = Sample(people, people * 100, people * 150_000)
        held = Arm(people // 10, 0, 0, 0, Sample(people // 10, people * 10, people * 15_000), period.since)
        lift = lift_of(Arm(people, 0, 0, 0, spent, period.since), held)
        return plan_of(lift, period, 0.1)

    small, large = plan(2_000), plan(150_000)
    assert small.suggested == 0.5  # too few to be quick: the largest
    assert large.suggested == 0.2
    assert large.wait(0.2, 0.05).weeks <= 12 < large.wait(0.1, 0.05).weeks
    assert plan(0).suggested is None


def test_an_answer_comes_in_the_background_and_is_kept(story: Story, shop: Shop, shop_clock) -> None:
    story.happen(1, "view_item", "dev-a", "p1")
    seal(shop)
    kept = overviews(shop)
    first = kept.look(SE, 7)
    assert (first.found, first.working) == (None, True)
    deadline = time.monotonic() + 30
    while kept.look(SE, 7).found is None and time.monotonic() < deadline:
        time.sleep(0.02)
    second = kept.look(SE, 7)
    assert second.found is not None and second.found.now.visits == 1 and not second.working
    assert second.computed == shop.clock()
    shop_clock.advance(int(FRESH + 20 * second.took * 1e6) + 1)
    third = kept.look(SE, 7)
    assert third.working and third.found == second.found  # the old one is shown meanwhile
