"""The ledger is a function of time: nothing overlaps, nothing is missing, the law is kept to the minute."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.catalog.ledger import (
    FOREVER,
    Interval,
    PriorPriceRule,
    prior_price,
    reduction_start,
    revise,
    with_older,
)
from expedit.catalog.model import Offer
from expedit.core import DAY, HOUR, MINUTE, InvalidInput, evolve

T0 = 1_790_000_000_000_000


def sold(
    start: int, end: int, price: int | None, sale: int | None = None, imported: bool = False
) -> Interval:
    return Interval(T0 + start * DAY, T0 + end * DAY, price, sale, "SEK", imported)


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[int, Offer | None]]:
    """Offers of one variant in the order they became known, hours apart, some with a scheduled sale."""
    at = T0
    result: list[tuple[int, Offer | None]] = []
    for _ in range(draw(st.integers(1, 7))):
        at += draw(st.integers(0, 60)) * HOUR
        if result and draw(st.integers(0, 5)) == 0:
            result.append((at, None))
            continue
        price = draw(st.integers(1, 6)) * 100
        offer = Offer("SE", price, "SEK")
        if draw(st.booleans()):
            start = draw(st.none() | st.integers(-30, 80).map(lambda hours, at=at: at + hours * HOUR))
            base = at if start is None else start
            until = draw(st.none() | st.integers(1, 80).map(lambda hours, base=base: base + hours * HOUR))
            offer = evolve(
                offer, sale_price=draw(st.integers(1, price - 1)), sale_from=start, sale_until=until
            )
        result.append((at, offer))
    return result


def replay(facts: list[tuple[int, Offer | None]]) -> list[Interval]:
    history: list[Interval] = []
    for at, offer in facts:
        history = revise(history, offer, at)
    return history


def selling_by_hand(facts: list[tuple[int, Offer | None]], moment: int) -> int | None:
    """What the shop charged at `moment`: the newest offer known by then, at its price of that moment."""
    known = [offer for at, offer in facts if at <= moment]
    return known[-1].selling(moment) if known and known[-1] else None


@given(changes())
def test_intervals_never_overlap_and_never_gap(facts: list[tuple[int, Offer | None]]) -> None:
    history = replay(facts)

    assert history[0].valid_from == facts[0][0]
    assert history[-1].valid_until == FOREVER
    for before, after in pairwise(history):
        assert before.valid_until == after.valid_from
        assert not before.same_price(after), "two neighbors of one price are one interval"
    assert all(step.valid_from < step.valid_until for step in history)


@settings(max_examples=50)
@given(changes())
def test_the_ledger_says_what_was_charged_at_every_hour(facts: list[tuple[int, Offer | None]]) -> None:
    history = replay(facts)
    for moment in range(facts[0][0], facts[-1][0] + 200 * HOUR, HOUR):
        steps = [step for step in history if step.valid_from <= moment < step.valid_until]
        assert len(steps) == 1
        assert steps[0].selling == selling_by_hand(facts, moment)


@given(changes(), st.lists(st.booleans(), min_size=7, max_size=7))
def test_hearing_the_same_offer_again_changes_nothing(
    facts: list[tuple[int, Offer | None]], repeats: list[bool]
) -> None:
    history: list[Interval] = []
    for (at, offer), repeat in zip(facts, repeats, strict=False):
        history = revise(history, offer, at)
        if repeat:
            again = revise(history, offer, at + MINUTE)
            following = [later for later, _ in facts if later > at]
            if not following or following[0] > at + MINUTE:
                assert again == history
                history = again
    assert history == replay(facts)


@settings(max_examples=200)
@given(changes(), st.integers(0, 200), st.booleans())
def test_the_prior_price_is_the_lowest_of_every_minute_before(
    facts: list[tuple[int, Offer | None]], hour: int, progressive: bool
) -> None:
    rule = PriorPriceRule(days=2, progressive=progressive)
    history = replay(facts)
    at = facts[0][0] + hour * HOUR
    start = reduction_start(history, at, progressive)
    found = prior_price(history, at, rule)
    if start is None:
        assert found is None
        return
    # Every fact lies on a whole hour, so that steps of half an hour see every price there was.
    minutes = range(start - 2 * DAY, start, 30 * MINUTE)
    charged = [selling_by_hand(facts, minute) for minute in minutes if minute >= facts[0][0]]
    if len(charged) < len(minutes):
        assert found is None, "a window that the ledger does not cover is unknown"
    else:
        sold_for = [price for price in charged if price is not None]
        assert found == (min(sold_for) if sold_for else None)


def test_the_start_of_a_reduction_looks_back_from_its_own_start() -> None:
    history = [sold(0, 20, 1000), sold(20, 22, 1000, 700), sold(22, 60, 1000), sold(60, 70, 1000, 800)]

    assert prior_price(history, T0 + 61 * DAY) == 1000, "the old sale lies outside the 30 days"
    assert prior_price(history, T0 + 65 * DAY) == 1000, "not the reduced price of the sale itself"
    history = [sold(0, 40, 1000), sold(40, 42, 1000, 700), sold(42, 60, 1000), sold(60, 70, 1000, 800)]
    assert prior_price(history, T0 + 61 * DAY) == 700, "the lowest one, even if it was a sale"


def test_a_deepening_reduction_keeps_its_first_prior_price_only_where_that_is_law() -> None:
    history = [sold(0, 40, 1000), sold(40, 45, 1000, 900), sold(45, 50, 1000, 700)]

    assert prior_price(history, T0 + 46 * DAY) == 900
    assert prior_price(history, T0 + 46 * DAY, PriorPriceRule(progressive=True)) == 1000
    history = [sold(0, 40, 1000), sold(40, 45, 1000, 700), sold(45, 50, 1000, 900)]
    assert prior_price(history, T0 + 46 * DAY, PriorPriceRule(progressive=True)) == 700


def test_a_history_too_short_is_unknown_unless_the_product_is_new() -> None:
    history = [sold(0, 10, 1000), sold(10, 20, 1000, 800)]
    new = PriorPriceRule(new_products=True)

    assert prior_price(history, T0 + 11 * DAY) is None
    assert prior_price(history, T0 + 11 * DAY, new, on_market_since=T0 - 300 * DAY) is None
    assert prior_price(history, T0 + 11 * DAY, new, on_market_since=T0 - 2 * HOUR) == 1000
    assert prior_price(history, T0 + 11 * DAY, new, on_market_since=None) is None


def test_no_prior_price_across_currencies() -> None:
    history = [evolve(sold(0, 40, 1000), currency="EUR"), sold(40, 50, 11000, 8000)]

    assert prior_price(history, T0 + 45 * DAY) is None


def test_not_sold_is_known_and_has_no_price() -> None:
    history = [sold(0, 9, 500), sold(9, 40, None), sold(40, 50, 1000, 800)]

    assert prior_price(history, T0 + 45 * DAY) is None
    assert prior_price([sold(0, 20, 500), sold(20, 40, None), history[2]], T0 + 45 * DAY) == 500


def test_older_history_fills_only_what_is_unknown() -> None:
    history = [sold(0, 5, 1000), Interval(T0 + 5 * DAY, FOREVER, 1000, 800, "SEK")]
    older = sold(-60, 3, 900)

    longer = with_older(history, older)

    assert longer == [sold(-60, 0, 900, imported=True), *history]
    assert prior_price(longer, T0 + 6 * DAY) == 900
    assert with_older(longer, older) == longer
    assert with_older(longer, sold(-30, -10, 900)) == longer
    with pytest.raises(InvalidInput, match="overlaps"):
        with_older(longer, sold(-30, -10, 950))
    assert with_older(longer, sold(1, 2, 1)) == longer, "what was recorded here stays"


def test_older_history_may_close_a_gap() -> None:
    history = [sold(-60, -40, 900, imported=True), sold(-20, 0, 900, imported=True), sold(0, 9, 1000)]

    assert with_older(history, sold(-50, -10, 900)) == [sold(-60, 0, 900, imported=True), sold(0, 9, 1000)]
