"""Attribution and lift, over the real log, with known answers."""

import pyarrow.parquet as pq
import pytest

from expedit.core import DAY, HOUR, PersonRef, day_of
from expedit.decisions import decision_log
from expedit.decisions.erasure import erase_person
from expedit.decisions.outcomes import ask_lift, ask_outcomes, ask_rules, questions
from expedit.decisions.sealed import SCHEMA, sealed_files
from expedit.decisions.sealing import seal_decisions
from expedit.events import seal
from expedit.merchandising import Boost, Rule, Spell
from expedit.warehouse.portable import complaints_about, transpile
from tests.decisions.stories import Story


@pytest.fixture
def story(shop):
    return Story(shop)


def rows(table):
    return table.to_pylist()


def in_force(rule, since, until=None, edition=2):
    return Spell(Rule(rule, rule, Boost({})), edition, since, until)


@pytest.mark.parametrize("sealed", [False, True])
def test_attribution(story, shop, sealed):
    one = story.decide(0, "dev-a", ["p1", "p2", "p3"])
    two = story.decide(1, "dev-b", ["p1"], placement="home-for-you", strategy="personal")
    three = story.decide(2, "dev-a", ["p1"])
    for product in ("p1", "p2"):
        story.happen(0.1, "impression", "dev-a", product, one)
    story.happen(0.2, "impression", "dev-a", "p1", one)  # the same impression twice counts once
    story.happen(0.3, "click", "dev-a", "p1", one)
    story.happen(2.3, "click", "dev-a", "p1", three)
    story.happen(3, "click", "dev-a", "p9", one)  # not an item of that decision
    story.happen(1.1, "impression", "dev-b", "p1", two)
    story.happen(1.2, "click", "dev-b", "p1", two)
    story.happen(1.3, "add_to_cart", "dev-b", "p1")
    story.happen(4, "login", "dev-a", user="u1")
    story.happen(5, "purchase", "dev-c", "p1", user="u1", order_id="o1", value=300, price=150, quantity=2)
    story.happen(6, "purchase", "dev-b", "p2", order_id="o2", value=100)  # not what was clicked
    story.happen(1.2 + 7 * 24 + 0.1, "purchase", "dev-b", "p1", order_id="o3", value=100)  # too late
    seal(shop)
    if sealed:
        seal_decisions(shop)
    found = rows(ask_outcomes(shop, story.start, shop.clock(), "SEK"))
    assert found == [
        {
            "placement": "home-for-you", "strategy": "personal", "product_id": "", "market": "SE", "day": "",
            "shown": 1, "impressions": 1, "clicks": 1, "carts": 1, "bought": 0, "conversions": 0, "units": 0,
            "revenue_minor": 0,
        },
        {
            "placement": "home-new", "strategy": "new", "product_id": "", "market": "SE", "day": "",
            "shown": 4, "impressions": 2, "clicks": 2, "carts": 1, "bought": 1, "conversions": 1, "units": 2,
            "revenue_minor": 300,
        },
    ]  # fmt: skip
    wider = rows(ask_outcomes(shop, story.start, shop.clock(), "SEK", window=8 * DAY))
    assert [row["conversions"] for row in wider] == [1, 1]
    assert rows(ask_outcomes(shop, story.start + 10 * DAY, shop.clock(), "SEK")) == []


def test_an_order_told_twice_counts_once_with_all_its_lines(story, shop):
    one = story.decide(0, "dev-a", ["p1", "p2"])
    for product in ("p1", "p2"):
        story.happen(0.1, "click", "dev-a", product, one)
    story.happen(0.2, "login", "dev-a", user="u1")
    for hour in (1, 1.1):  # the page, and the page reloaded
        story.happen(hour, "purchase", "dev-a", "p1", user="u1", order_id="o1", price=100, quantity=2)
    story.happen(1.2, "purchase", "till", "p1", user="u1", order_id="o1", price=100, quantity=2)
    story.happen(2, "purchase", "dev-a", "p1", user="u1", order_id="o2", price=100)
    story.happen(3, "purchase", "dev-a", "p2", user="u1", price=7)  # without a number: each is its own
    story.happen(4, "purchase", "dev-a", "p2", user="u1", price=7)
    seal(shop)
    (told,) = rows(ask_outcomes(shop, story.start, shop.clock(), "SEK"))
    assert (told["bought"], told["conversions"], told["units"], told["revenue_minor"]) == (2, 4, 5, 314)


def test_attribution_by_product_and_currency(story, shop):
    one = story.decide(0, "dev-a", ["p1", "p2"])
    for product in ("p1", "p2"):
        story.happen(0.1, "click", "dev-a", product, one)
    story.happen(1, "purchase", "dev-a", "p1", order_id="o1", price=700)
    story.happen(2, "purchase", "dev-a", "p2", order_id="o2", price=50, currency="EUR")
    seal(shop)

    def told(currency):
        found = rows(ask_outcomes(shop, story.start, shop.clock(), currency, by_product=True))
        return [(row["product_id"], row["placement"], row["bought"], row["revenue_minor"]) for row in found]

    assert told("SEK") == [("p1", "", 1, 700), ("p2", "", 0, 0)]
    assert told("EUR") == [("p1", "", 0, 0), ("p2", "", 1, 50)]


def test_lift_adds_no_currencies_and_no_markets(story, shop):
    story.decide(0, "dev-a", ["p1"])
    story.decide(0, "dev-b", ["p1"], market="EU")
    story.happen(1, "purchase", "dev-a", "p1", order_id="o1", value=500)
    story.happen(2, "purchase", "dev-a", "p1", order_id="o2", value=70, currency="EUR")
    story.happen(2, "purchase", "dev-b", "p1", order_id="o3", value=90, currency="EUR")
    seal(shop)

    def told(currency, **where):
        found = rows(ask_lift(shop, story.start, shop.clock(), currency, **where))
        return [(row["people"], row["orders"], row["revenue_minor"]) for row in found]

    assert told("SEK") == [(1, 1, 500)]
    assert told("EUR") == [(1, 1, 90)]
    assert told("EUR", markets=["SE"]) == [(1, 1, 70)]
    assert told("EUR", markets=["SE", "EU"]) == [(2, 2, 160)]


def test_lift(story, shop):
    story.decide(0, "dev-a", ["p1"], arm="personalized")
    story.decide(1, "dev-a", ["p1"], arm="holdout")  # a crossover: counted where first met
    story.decide(0, "dev-b", ["p1"], arm="holdout")
    story.decide(0, "dev-c", ["p1"], arm="personalized")
    story.decide(5, "dev-d", ["p1"], arm="holdout")
    story.decide(0, "", ["p1"], arm="")  # takes no part
    story.happen(2, "purchase", "dev-a", "p7", order_id="o1", value=500)  # clicked or not
    story.happen(3, "purchase", "dev-a", "p7", order_id="o2", value=300)
    story.happen(2, "purchase", "dev-b", "p7", order_id="o3", value=200)
    story.happen(1, "purchase", "dev-d", "p7", order_id="o4", value=900)  # before they met it
    seal(shop)
    assert rows(ask_lift(shop, story.start, shop.clock(), "SEK")) == [
        {
            "placement": "", "arm": "holdout", "people": 2, "crossovers": 0, "buyers": 1, "orders": 1,
            "revenue_minor": 200, "revenue_squares": 40_000.0, "first_us": story.start,
        },
        {
            "placement": "", "arm": "personalized", "people": 2, "crossovers": 1, "buyers": 1, "orders": 2,
            "revenue_minor": 800, "revenue_squares": 640_000.0, "first_us": story.start,
        },
    ]  # fmt: skip
    assert rows(ask_lift(shop, story.start, shop.clock(), "SEK", experiment="other")) == []


def test_lift_by_placement_begins_where_each_was_first_met(story, shop):
    story.decide(0, "dev-a", ["p1"], placement="home-new")
    story.decide(2, "dev-a", ["p1"], placement="cart-addons")
    story.decide(3, "dev-a", ["p1"], placement="cart-addons", arm="holdout")  # a crossover, there alone
    story.decide(0, "dev-b", ["p1"], placement="home-new", arm="holdout")
    story.happen(1, "purchase", "dev-a", "p7", order_id="o1", value=500)
    story.happen(4, "purchase", "dev-a", "p7", order_id="o2", value=300)
    seal(shop)
    found = rows(ask_lift(shop, story.start, shop.clock(), "SEK", by_placement=True))
    told = [
        (one["placement"], one["arm"], one["people"], one["crossovers"], one["revenue_minor"])
        for one in found
    ]
    assert told == [
        ("cart-addons", "personalized", 1, 1, 300),
        ("home-new", "holdout", 1, 0, 0),
        ("home-new", "personalized", 1, 0, 800),
    ]


def test_attribution_by_day_is_of_the_day_that_an_item_was_shown(story, shop):
    story.start -= story.start % DAY
    one = story.decide(1, "dev-a", ["p1"])
    two = story.decide(25, "dev-b", ["p1", "p2"])
    story.happen(2, "click", "dev-a", "p1", one)
    story.happen(26, "click", "dev-b", "p2", two)
    story.happen(30, "purchase", "dev-a", "p1", order_id="o1", price=700)
    seal(shop)
    found = rows(ask_outcomes(shop, story.start, shop.clock(), "SEK", by_day=True))
    days = [day_of(story.start), day_of(story.start + DAY)]
    told = [(one["day"], one["shown"], one["clicks"], one["bought"], one["revenue_minor"]) for one in found]
    assert told == [(days[0], 1, 1, 1, 700), (days[1], 2, 1, 0, 0)]


def test_an_order_that_tells_no_value_is_worth_its_lines(story, shop):
    story.decide(0, "dev-a", ["p1"])
    story.happen(1, "purchase", "dev-a", "p1", order_id="o1", price=150, quantity=3)
    story.happen(2, "purchase", "dev-a", "p1", order_id="o2", price=150, quantity=3, value=400)
    seal(shop)
    (only,) = rows(ask_lift(shop, story.start, shop.clock(), "SEK"))
    assert (only["orders"], only["revenue_minor"]) == (2, 850)


def test_two_devices_of_one_person_are_one(story, shop):
    story.happen(0, "login", "dev-a", user="u1")
    story.happen(0, "login", "dev-b", user="u1")
    story.decide(1, "dev-a", ["p1"], arm="holdout")
    story.decide(2, "dev-b", ["p1"], arm="holdout")
    story.happen(3, "purchase", "dev-b", "p7", order_id="o1", value=500)
    seal(shop)
    (only,) = rows(ask_lift(shop, story.start, shop.clock(), "SEK"))
    assert (only["people"], only["buyers"], only["orders"], only["revenue_minor"]) == (1, 1, 1, 500)


@pytest.mark.parametrize("sealed", [False, True])
def test_what_came_of_decisions_with_a_rule_and_without(story, shop, sealed):
    def measured(rule, off, among=2):
        return {"measured": rule, "off": off, "among": among, "share": 0.1}

    with_it = story.decide(0, "dev-a", ["p1", "p2"], **measured("r1", False))
    without = story.decide(1, "dev-a", ["p1"], **measured("r1", True))
    story.decide(2, "", ["p1"], **measured("r1", True, among=1))  # by nobody known
    unmeasured = story.decide(3, "dev-a", ["p2"])
    other = story.decide(4, "dev-b", ["p3"], **measured("r2", False))
    story.decide(5, "dev-b", ["p3"], market="EU", **measured("r1", False))
    story.happen(0.1, "click", "dev-a", "p1", with_it)
    story.happen(0.2, "click", "dev-a", "p2", with_it)
    story.happen(1.1, "click", "dev-a", "p1", without)
    story.happen(3.1, "click", "dev-a", "p2", unmeasured)
    story.happen(4.1, "click", "dev-b", "p3", other)
    story.happen(5, "purchase", "dev-a", "p1", order_id="o1", price=100, quantity=2)  # the last click's
    story.happen(5, "purchase", "dev-a", "p2", order_id="o2", price=70)  # that of a decision not measured
    story.happen(5, "purchase", "dev-b", "p3", order_id="o3", price=50)
    story.happen(6, "purchase", "dev-b", "p3", order_id="o4", price=50, currency="EUR")
    seal(shop)
    if sealed:
        seal_decisions(shop)
    spells = [in_force("r1", story.start), in_force("r2", story.start)]
    found = rows(ask_rules(shop, spells, story.start, shop.clock(), "SEK"))
    first, second, third = sorted(found, key=lambda row: (row["rule"], -row["on_decisions"]))
    assert first == {
        "rule": "r1", "edition": 2, "first_us": story.start, "on_decisions": 1, "off_decisions": 1,
        "on_weight": 20.0, "off_weight": 20.0, "on_clicks": 40.0, "off_clicks": 20.0, "on_revenue_minor": 0.0,
        "off_revenue_minor": 20.0 * 200,
    }  # fmt: skip
    assert (second["off_decisions"], second["off_weight"], second["off_revenue_minor"]) == (1, 10.0, 0.0)
    assert (third["rule"], third["on_revenue_minor"], third["on_clicks"]) == ("r2", 20.0 * 50, 20.0)


def test_what_was_measured_counts_for_the_edition_in_force(story, shop):
    def measured(hours, device):
        story.decide(hours, device, ["p1"], measured="r1", off=False, among=1, share=0.1)

    for hours in (0, 1, 2, 3, 4, 5):
        measured(hours, "dev-a")
    measured(2, "dev-b")
    seal(shop)
    at = [story.start + hours * HOUR for hours in range(7)]
    spells = [in_force("r1", at[0], at[2]), in_force("r1", at[2] + 1, at[4], edition=4),
              in_force("r1", at[5], edition=2)]  # fmt: skip
    found = rows(ask_rules(shop, spells, at[0], shop.clock(), "SEK"))
    told = [(one["edition"], one["on_decisions"], one["first_us"]) for one in found]
    assert told == [(2, 3, at[0]), (4, 1, at[3])]  # at the moment of a change, and while put away: none


@pytest.mark.parametrize("sealed", [False, True])
def test_a_listing_is_one_decision_of_the_edition_that_it_began_with(story, shop, sealed):
    coin = {"measured": "r1", "off": False, "among": 1, "share": 0.1}
    first = story.decide(0, "dev-a", ["p1", "p2"], placement="list", rules="then", **coin)
    later = story.decide(2, "dev-a", ["p3", "p4"], placement="list", rules="then", continues=first, **coin)
    anew = story.decide(3, "dev-a", ["p5"], placement="list", rules="now", continues=first, **coin)
    off = coin | {"off": True}
    lone = story.decide(0, "dev-b", ["p1"], placement="list", rules="then", **off)
    story.decide(2, "dev-b", ["p3"], placement="list", rules="then", continues=lone, **off)
    for hours, product, shown in ((0.1, "p1", first), (2.1, "p3", later), (3.1, "p5", anew)):
        story.happen(hours, "click", "dev-a", product, shown)
        story.happen(4, "purchase", "dev-a", product, order_id=f"o-{product}", price=100)
    seal(shop)
    if sealed:
        seal_decisions(shop)
    changed = story.start + HOUR
    spells = [in_force("r1", story.start, changed), in_force("r1", changed + 1, edition=4)]
    on, without = sorted(
        rows(ask_rules(shop, spells, story.start, shop.clock(), "SEK")), key=lambda row: -row["on_decisions"]
    )
    assert (on["edition"], on["on_decisions"], on["on_clicks"]) == (2, 1, 20.0)
    assert on["on_revenue_minor"] == 10.0 * 200  # not what the order made anew under other rules led to
    assert (without["edition"], without["off_decisions"], without["off_clicks"]) == (2, 1, 0.0)


def test_decisions_sealed_before_rules_were_measured_measure_none(story, shop):
    story.decide(0, "dev-a", ["p1"])
    seal_decisions(shop)
    (path,) = sealed_files(decision_log(shop).folder)
    old = [name for name in SCHEMA.names if not name.startswith(("rule", "continues"))]
    pq.write_table(pq.read_table(path, partitioning=None).select(old), path)
    spells = [in_force("r1", story.start)]
    assert rows(ask_rules(shop, spells, story.start, shop.clock(), "SEK")) == []
    assert len(rows(ask_lift(shop, story.start, shop.clock(), "SEK"))) == 1


def test_an_erased_person_is_in_no_answer(story, shop):
    story.decide(0, "dev-a", ["p1"])
    with shop.database.writing() as tx:
        erase_person(shop, tx, PersonRef("x", (story.subject("dev-a"),)))
    assert rows(ask_outcomes(shop, story.start, shop.clock(), "SEK")) == []
    assert rows(ask_lift(shop, story.start, shop.clock(), "SEK")) == []


def test_the_questions_keep_the_rules_of_every_engine():
    for asked in questions():
        assert complaints_about(asked) == []
        assert "SELECT" in transpile(asked, "spark")
