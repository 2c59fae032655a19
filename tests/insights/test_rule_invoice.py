"""What rules earn and cost: intervals that hold, and a page that tells them."""

from __future__ import annotations

import numpy as np
import pytest

from expedit.core import DAY, SECOND, evolve
from expedit.events import seal
from expedit.insights import Interval, Period, RuleWorth, Scope, Side, ask_invoice, invoices
from expedit.insights.panel_invoice import show_invoice, show_invoice_lines, verdict_of
from expedit.insights.statistics import weighted_difference
from expedit.merchandising import (
    Boost,
    Exclude,
    Rule,
    archive_rule,
    change_rule,
    create_rule,
    publish_rule,
    undo_rule,
)
from expedit.storage import Shop
from expedit.web import Frame, Html, Viewer, Visit, percent, render
from tests.decisions.stories import Story

LIFT = Rule("", "Lift what is new", Boost({"price": {"$gt": 0}}))
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
def story(shop: Shop, shop_clock) -> Story:
    """Tell of a rule with which half of twenty people buy, and without which nobody does."""
    told = Story(shop)
    told.now, told.start = shop_clock.now, Period.ending(shop.clock(), 7).since
    shop_clock.now = told.start - DAY
    told.rule = create_rule(shop, LIFT, "Eva", publish=True).rule
    shop_clock.now = told.now
    measure(told)
    seal(shop)
    return told


def measure(story: Story, since: float = 0, spending: int = 10_000) -> None:
    """Tell of forty decisions, one every six minutes, in which the rule was measured."""
    for number in range(40):
        off, device = number % 2 == 1, f"dev-{since}-{number}"
        at = since + number / 10
        drawn = {"measured": story.rule.id, "off": off, "among": 1, "share": 0.1}
        shown = story.decide(at, device, ["p1"], **drawn)
        if not off:
            story.happen(at + 0.01, "click", device, "p1", shown)
        if number % 4 == 0:
            story.happen(since + 5, "purchase", device, "p1", order_id=f"o{device}", price=spending)


def at(story: Story, shop_clock, hours: float, step, *asked, **more) -> int:
    """Do something to the rule when it is so many hours since the beginning."""
    shop_clock.now = story.start + int(hours * 3600) * SECOND
    done = step(story.shop, *asked, "Eva", **more)
    shop_clock.now = story.now
    return done.version


def test_an_invoice_tells_what_a_week_is_worth(story: Story, shop: Shop) -> None:
    (line,) = ask_invoice(shop, SE, 7).rules
    assert (line.rule.name, line.edition, line.until, line.earlier) == ("Lift what is new", 2, None, ())
    assert line.on == Side(20, 1.0, 5_000.0)
    assert line.off == Side(20, 0.0, 0.0)
    weeks = (shop.clock() - story.start) / (7 * DAY)
    assert line.weekly_decisions == pytest.approx(40 * 10 / weeks)
    assert line.revenue.value == pytest.approx(5_000 * 400 / weeks)
    assert line.revenue.low is not None and 0 < line.revenue.low < 5_000 * 400 / weeks
    assert line.clicks.value == pytest.approx(400 / weeks)
    assert verdict_of(line) == "earns"


def test_weeks_after_a_rule_was_put_away_do_not_count(story: Story, shop: Shop, shop_clock) -> None:
    at(story, shop_clock, 48, archive_rule, story.rule.id, 2)
    (line,) = ask_invoice(shop, SE, 7).rules
    assert line.weekly_decisions == pytest.approx(400 * 7 / 2)
    assert line.revenue.value == pytest.approx(5_000 * 400 * 7 / 2)
    assert line.until == story.start + 2 * DAY


def test_a_changed_rule_starts_on_a_new_line(story: Story, shop: Shop, shop_clock) -> None:
    less = evolve(story.rule, action=Boost({"price": {"$gt": 0}}, 0.1))
    assert at(story, shop_clock, 24, change_rule, less, 2, publish=True) == 4
    (line,) = ask_invoice(shop, SE, 7).rules
    assert (line.edition, line.rule.action, line.on, line.revenue) == (4, less.action, Side(), Interval())
    assert verdict_of(line) == "early"
    (before,) = line.earlier
    assert (before.edition, before.until, before.on) == (2, story.start + DAY, Side(20, 1.0, 5_000.0))
    assert before.weekly_decisions == pytest.approx(400 * 7)
    measure(story, 24.1, 30_000)
    seal(shop)
    (line,) = ask_invoice(shop, SE, 7).rules
    assert (line.on, line.earlier) == (Side(20, 1.0, 15_000.0), (before,))
    weeks = (shop.clock() - story.start - int(24.1 * 3600) * SECOND) / (7 * DAY)
    assert line.weekly_decisions == pytest.approx(400 / weeks)


def test_another_name_or_note_or_a_draft_is_no_other_rule(story: Story, shop: Shop, shop_clock) -> None:
    (before,) = ask_invoice(shop, SE, 7).rules
    named = evolve(story.rule, name="New first", note="As agreed")
    at(story, shop_clock, 2, change_rule, named, 2, publish=True)
    at(story, shop_clock, 3, change_rule, evolve(named, action=Boost({}, 0.1)), 4)
    (line,) = ask_invoice(shop, SE, 7).rules
    assert line == evolve(before, rule=line.rule, edition=4)
    assert line.rule.name == "New first"


def test_a_rule_that_is_brought_back_goes_on_with_its_line(story: Story, shop: Shop, shop_clock) -> None:
    at(story, shop_clock, 24, archive_rule, story.rule.id, 2)
    at(story, shop_clock, 72, undo_rule, story.rule.id, 3)
    (line,) = ask_invoice(shop, SE, 7).rules
    weeks = (shop.clock() - story.start - 2 * DAY) / (7 * DAY)
    assert line.weekly_decisions == pytest.approx(400 / weeks, rel=1e-4)
    assert (line.edition, line.until, line.earlier) == (2, None, ())


def test_time_in_which_a_rule_had_no_coin_does_not_count(story: Story, shop: Shop, shop_clock) -> None:
    (before,) = ask_invoice(shop, SE, 7).rules
    always = evolve(story.rule, name="Without a coin", measured=False)
    at(story, shop_clock, 24, change_rule, always, 2, publish=True)
    (line,) = ask_invoice(shop, SE, 7).rules
    assert (line.edition, line.until, line.earlier) == (2, story.start + DAY, ())
    assert (line.on, line.off) == (before.on, before.off)
    assert line.weekly_decisions == pytest.approx(400 * 7)
    at(story, shop_clock, 72, change_rule, evolve(always, measured=True), 4, publish=True)
    (line,) = ask_invoice(shop, SE, 7).rules
    weeks = (shop.clock() - story.start - 2 * DAY) / (7 * DAY)
    assert line.weekly_decisions == pytest.approx(400 / weeks, rel=1e-4)
    assert (line.edition, line.until, line.earlier) == (6, None, ())


def test_a_rule_that_is_changed_and_loses_its_coin_stands_first_without_a_figure(
    story: Story, shop: Shop, shop_clock
) -> None:
    (before,) = ask_invoice(shop, SE, 7).rules
    promise = evolve(story.rule, action=Boost({"price": {"$gt": 0}}, 0.1), measured=False)
    at(story, shop_clock, 24, change_rule, promise, 2, publish=True)
    (line,) = ask_invoice(shop, SE, 7).rules
    assert (line.edition, line.rule.action, line.until) == (4, promise.action, None)
    assert (line.measured, line.on, line.off, line.revenue) == (False, Side(), Side(), Interval())
    assert verdict_of(line) == "unmeasured"
    (earlier,) = line.earlier
    assert (earlier.edition, earlier.until, earlier.on) == (2, story.start + DAY, before.on)
    invoices(shop).ask(SE, 7)
    told = page(shop, show_invoice_lines)
    assert told.index("by 10%") < told.index("not measured") < told.index("version 2, until")
    assert told.index("version 2, until") < told.index("by 50%") < told.index("earns")
    assert "Never left out by chance, and" not in told  # the rule is told of once
    at(story, shop_clock, 26, archive_rule, story.rule.id, 4)
    (line,) = ask_invoice(shop, SE, 7).rules
    assert (line.edition, line.measured, line.until) == (2, True, story.start + DAY)


def test_a_rule_without_its_coin_says_until_when_it_was_measured(
    story: Story, shop: Shop, shop_clock
) -> None:
    invoices(shop).ask(SE, 7)
    assert "Measured until" not in page(shop, show_invoice_lines)
    at(story, shop_clock, 24, change_rule, evolve(story.rule, measured=False), 2, publish=True)
    invoices(shop).ask(SE, 7)
    assert "Measured until" in page(shop, show_invoice_lines)


def test_a_schedule_ends_what_is_counted(story: Story, shop: Shop, shop_clock) -> None:
    ends = evolve(story.rule, ends=story.start + DAY)
    at(story, shop_clock, -20, change_rule, ends, 2, publish=True)
    (line,) = ask_invoice(shop, SE, 7).rules
    assert line.weekly_decisions == pytest.approx(400 * 7)


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
    assert verdict_of(RuleWorth(LIFT, 1, revenue=revenue)) == verdict


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


def test_the_page_shows_what_a_rule_does_now_and_below_what_it_did(
    story: Story, shop: Shop, shop_clock
) -> None:
    less = evolve(story.rule, action=Boost({"price": {"$gt": 0}}, 0.1))
    at(story, shop_clock, 24, change_rule, less, 2, publish=True)
    at(story, shop_clock, 25, change_rule, evolve(less, name="A draft's name"), 4)
    invoices(shop).ask(SE, 7)
    told = page(shop, show_invoice_lines)
    assert told.index("by 10%") < told.index("Before that: version 2, until") < told.index("by 50%")
    assert told.count("too early to tell") == 1 and told.count("earns") >= 1
    assert "A draft&#39;s name" not in told
    at(story, shop_clock, 26, archive_rule, story.rule.id, 5)
    invoices(shop).ask(SE, 7)
    assert "Archived" in page(shop, show_invoice_lines)


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
