"""Intervals and sample sizes, against published figures and against simulation."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from expedit.insights.statistics import (
    Interval,
    Sample,
    average,
    people_needed,
    relative_lift,
    share,
    share_lift,
    weeks_needed,
)


def sample(values: np.ndarray) -> Sample:
    return Sample(len(values), float(values.sum()), float((values**2).sum()))


def lift(treated: np.ndarray, held: np.ndarray) -> Interval:
    return relative_lift(sample(treated), sample(held), (np.count_nonzero(treated), np.count_nonzero(held)))


def test_a_share_has_wilsons_interval() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
    # table I: 81/263 and 0/20 by Wilson's score method.
    found = share(81, 263)
    assert (found.value, found.low, found.high) == (
        pytest.approx(0.3080, abs=5e-5),
        pytest.approx(0.2553, abs=5e-5),
        pytest.approx(0.3662, abs=5e-5),
    )
    none = share(0, 20)
    assert (none.low, none.high) == (0.0, pytest.approx(0.1611, abs=5e-5))
    assert share(3, 0) == Interval()


def test_an_average_has_the_interval_of_its_sample() -> None:
    values = np.array([0.0, 0.0, 100.0, 300.0])
    found = average(sample(values))
    half = 1.959963984540054 * values.std(ddof=1) / 2
    assert (found.value, found.low, found.high) == (100, pytest.approx(100 - half), pytest.approx(100 + half))
    assert average(Sample(1, 5, 25)) == Interval(5.0)
    assert average(Sample()) == Interval()


def test_the_lifts_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(7)
    held_truth = 0
    for _ in range(400):
        treated = np.where(chance.random(4000) < 0.12, chance.gamma(2, 500, 4000), 0)
        held = np.where(chance.random(800) < 0.10, chance.gamma(2, 500, 800), 0)
        found = lift(treated, held)
        assert found.low is not None and found.high is not None
        held_truth += found.low <= 0.2 <= found.high
    assert 0.92 <= held_truth / 400 <= 0.98


def test_few_buyers_are_not_believed_too_soon() -> None:
    """What a small holdout spends scatters more than the normal law says."""
    chance = np.random.default_rng(11)
    cried = [0, 0]
    for _ in range(1500):
        arms = [
            np.where(chance.random(size) < 0.3, chance.lognormal(7, 0.8, size), 0.0) for size in (660, 58)
        ]
        found = lift(*arms)
        if found.clear:
            cried[(found.value or 0) > 0] += 1
    assert all(0 < one / 1500 < 0.04 for one in cried)


def test_below_ten_buyers_on_a_side_no_bounds_are_told() -> None:
    spent = sample(np.array([100.0, 300.0] * 5 + [0.0] * 90))
    assert relative_lift(spent, spent, (10, 10)).known
    assert relative_lift(spent, spent, (10, 9)) == Interval(0.0)
    assert share_lift((30, 100), (9, 100)).low is None


def test_a_lift_without_buyers_on_both_sides_is_not_told() -> None:
    nobody = Sample(100, 0, 0)
    somebody = Sample(100, 500, 50_000)
    assert relative_lift(somebody, nobody, (1, 0)) == relative_lift(nobody, somebody, (0, 1)) == Interval()
    assert share_lift((5, 100), (0, 10)) == Interval()
    told = share_lift((30, 100), (20, 100))
    assert told.value == pytest.approx(0.5) and told.known and not told.clear


def test_so_many_people_show_the_effect_four_times_in_five() -> None:
    base = sample(np.where(np.arange(1000) < 200, 100.0, 0.0))
    needed = people_needed(base, 0.3, 0.5)
    # Lehr's rule: 16 σ² / δ² for each of two equal arms, some 2 % above the exact figure.
    assert needed / 2 == pytest.approx(16 * base.variance / (0.3 * base.mean) ** 2, rel=0.025)
    chance = np.random.default_rng(3)
    seen = 0
    for _ in range(500):
        size = int(needed / 2)
        treated = np.where(chance.random(size) < 0.26, 100.0, 0.0)
        held = np.where(chance.random(size) < 0.20, 100.0, 0.0)
        seen += lift(treated, held).clear
    assert 0.72 <= seen / 500 <= 0.88
    assert people_needed(base, 0.3, 0.1) == pytest.approx(needed * 0.25 / 0.09)


def test_weeks_are_whole_and_end_at_ten_years() -> None:
    assert weeks_needed(1000, 300) == 4
    assert weeks_needed(10, 300) == 1
    assert weeks_needed(300 * 520, 300) == 520
    assert weeks_needed(300 * 521, 300) is None
    assert weeks_needed(1000, 0) is None
    assert weeks_needed(people_needed(Sample(), 0.1, 0.1), 100) is None
    assert people_needed(Sample(10, 100, 2000), 0.1, 0.0) == inf
