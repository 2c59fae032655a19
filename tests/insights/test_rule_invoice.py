"""What rules earn and cost: intervals that hold, and a page that tells them."""

from __future__ import annotations

import numpy as np
import pytest

from expedit.core import DAY, SECOND
from expedit.events import seal
from expedit.insights import Interval, Period, RuleWorth, Scope, Side, ask_invoice, invoices
from expedit.insights.panel_invoice import show_invoice, show_invoice_lines, verdict_of
from expedit.insights.statistics import weighted_difference
from expedit.merchandising import Boost, Exclude, Rule, create_rule, publish_rule
from expedit.storage import Shop
from expedit.web import Frame, Html, Viewer, Visit, percent, render
from tests.decisions.stories import Story

SE = Scope("SE", ("SE",), "SEK")
EVA = Viewer("u1", "Eva", "eva@example.com", "merchandiser")


def test_the_weighted_difference_of_a_known_sample() -> None:
    bought, none = np.full(20, 30.0), np.zeros(20)
    found = weighted_difference(np.r_[bought, none], np.r_[none, bought / 2], np.ones(40), np.ones(40))
    assert found.value == pytest.approx(30 / 2 - 15 / 2)
    assert found.low is not None and found.high is not None
    assert found.high - found.value == pytest.approx(found.value - found.low)
    assert weighted_difference(np.ones(5), none[:5], np.ones(5), np.zeros(5)) == Interval()
    assert not weighted_difference(np.ones(9), none[:9], np.ones(9), np.ones(9)).known  # nine are too few


def test_the_interval_holds_the_truth_as_often_as_it_says_though_people_come_again() -> None:
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        people = 300
        visits = chance.integers(1, 8, people)
        who = np.repeat(np.arange(people), visits)
        liking = chance.gamma(0.5, 2.0, people)[who]  # some buy again and again
        off = chance.random(who.size) < 0.5
        weight = chance.choice([10.0, 40.0], who.size)
        spent = chance.poisson(liking * np.where(off, 0.20, 0.25)) * 100.0

        def summed(what: np.ndarray, side: np.ndarray, who: np.ndarray = who) -> np.ndarray:
            return np.bincount(who, what * side)

        sums = [summed(what, side) for what in (weight * spent, weight) for side in (~off, off)]
        found = weighted_difference(*sums)
        truth = 0.05 * 1.0 * 100
        assert found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    assert 0.91 < held / 400 < 0.98


@pytest.fixture
def story(shop: Shop) -> Story:
    """Tell of a rule with which half of twenty people buy, and without which nobody does."""
    rule = create_rule(shop, Rule("", "Lift what is new", Boost({"price": {"$gt": 0}})), "Eva").rule
    told = Story(shop)
    told.start = Period.ending(shop.clock(), 7).since
    for number in range(40):
        off = number % 2 == 1
        drawn = {"measured": rule.id, "off": off, "among": 1, "share": 0.1}
        shown = told.decide(number / 10, f"dev-{number}", ["p1"], **drawn)
        if not off:
            told.happen(number / 10 + 0.01, "click", f"dev-{number}", "p1", shown)
        if number % 4 == 0:
            told.happen(5, "purchase", f"dev-{number}", "p1", order_id=f"o{number}", price=10_000)
    seal(shop)
    return told


def test_an_invoice_tells_what_a_week_is_worth(story: Story, shop: Shop) -> None:
    (line,) = ask_invoice(shop, SE, 7).rules
    assert line.on == Side(20, 1.0, 5_000.0)
    assert line.off == Side(20, 0.0, 0.0)
    weeks = (shop.clock() - story.start) / (7 * DAY)
    assert line.weekly_decisions == pytest.approx(40 * 10 / weeks)
    assert line.revenue.value == pytest.approx(5_000 * 400 / weeks)
    assert line.revenue.low is not None and 0 < line.revenue.low < 5_000 * 400 / weeks
    assert line.clicks.value == pytest.approx(400 / weeks)
    assert verdict_of(line) == "earns"


@pytest.mark.parametrize(
    ("revenue", "verdict"),
    [
        (Interval(5.0), "early"),
        (Interval(), "early"),
        (Interval(5.0, -1.0, 11.0), "open"),
        (Interval(-5.0, -9.0, -1.0), "costs"),
    ],
)
def test_a_verdict_is_no_surer_than_its_interval(revenue: Interval, verdict: str) -> None:
    assert verdict_of(RuleWorth("r1", Side(), Side(), 0.0, Interval(), revenue)) == verdict


def page(shop: Shop, show, language: str = "en") -> str:
    seen = Visit(viewer=EVA, path={}, at=shop.clock(), query={"days": "7"}, language=language)
    reply = show(shop, seen)
    assert isinstance(reply, Html)
    return render(reply, seen, Frame())


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_the_page_comes_at_once_and_its_lines_when_they_are_known(
    story: Story, shop: Shop, language: str
) -> None:
    assert "hx-get" in page(shop, show_invoice, language)
    invoices(shop).ask(SE, 7)
    told = page(shop, show_invoice_lines, language)
    assert "Lift what is new" in told and "20 / 20" in told
    assert {"en": "earns", "sv": "tjänar", "nb": "tjener"}[language] in told


def test_where_nothing_is_measured_the_page_says_why(shop: Shop) -> None:
    invoices(shop).ask(SE, 7)
    told = page(shop, show_invoice_lines)
    assert "Nothing has been measured yet" in told and percent("en", shop.settings.rule_off_share) in told


def test_rules_that_chance_never_leaves_out_are_named_without_a_figure(shop: Shop, shop_clock) -> None:
    for name, action in (("No rivals", Exclude({"brand": "Rival"})), ("Lift", Boost({}))):
        made = create_rule(shop, Rule("", name, action), "Eva")
        publish_rule(shop, made.rule.id, 1, "Eva")
    shop_clock.advance(2 * SECOND)
    invoices(shop).ask(SE, 7)
    told = page(shop, show_invoice_lines)
    assert "Never left out by chance" in told and "No rivals" in told
    assert "Lift" not in told


def test_a_day_is_the_least_that_a_week_is_told_from(story: Story, shop: Shop, shop_clock) -> None:
    """A rule that was measured for a minute is not said to hold in a hundred thousand decisions a week."""
    shop_clock.now = story.start + 6 * 3600 * SECOND
    (line,) = ask_invoice(shop, SE, 7).rules
    assert line.weekly_decisions == pytest.approx(400 * 7)
