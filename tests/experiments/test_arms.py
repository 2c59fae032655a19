"""Arms: the shared golden cases, exact borders, uniform shares, independence, and pins."""

import json
from pathlib import Path

import pytest

from expedit.core import BUCKETS, InvalidInput, Settings, bucket
from expedit.experiments import (
    HELD_OUT,
    HOLDOUT,
    PERSONALIZED,
    Arm,
    Experiment,
    arm_of,
    holdout_arm,
    holdout_experiment,
    pin,
    unpin,
)
from expedit.storage import Home, Shop, open_database

SPEC = Path(__file__).parents[2] / "spec" / "bucketing.json"
TENTH = Experiment(HOLDOUT, "salt-1", (Arm(HELD_OUT, 0.1), Arm(PERSONALIZED, 0.9)))


@pytest.fixture
def plain_shop(tmp_path):
    home = Home(tmp_path)
    home.make()
    shop = Shop(
        Settings(holdout_share=0.1), home, open_database(f"sqlite:///{home.database_path}"), lambda: 0
    )
    yield shop
    shop.close()


def test_golden_cases_shared_with_typescript():
    cases = json.loads(SPEC.read_text())["cases"]
    assert len(cases) >= 5
    assert [bucket(case["salt"], case["key"]) for case in cases] == [case["bucket"] for case in cases]


def test_an_arm_owns_exactly_its_buckets():
    borders = [(bucket("salt-1", f"p{i}"), arm_of(TENTH, f"p{i}")) for i in range(20_000)]
    assert {arm for place, arm in borders if place < 1000} == {HELD_OUT}
    assert {arm for place, arm in borders if place >= 1000} == {PERSONALIZED}
    assert any(place == 999 for place, _ in borders)
    assert any(place == 1000 for place, _ in borders)


def test_known_answers():
    assert [bucket("salt-1", key) for key in ("a", "b", "c")] == [
        bucket_by_hand("salt-1:a"),
        bucket_by_hand("salt-1:b"),
        bucket_by_hand("salt-1:c"),
    ]


def bucket_by_hand(text: str) -> int:
    def fnv(data: str) -> int:
        value = 2166136261
        for byte in data.encode():
            value ^= byte
            value = (value * 16777619) % 2**32
        return value

    return fnv(str(fnv(text))) % BUCKETS


def test_shares_are_uniform_over_sequential_and_random_keys():
    """The count of 50,000 keys in a tenth has σ = √(50,000 × .1 × .9) ≈ 67; five of them are allowed."""
    held = sum(arm_of(TENTH, f"{i:024x}") == HELD_OUT for i in range(50_000))
    assert abs(held - 5000) < 5 * 67
    counts = [0] * 10
    for i in range(50_000):
        counts[bucket("salt-2", f"user-{i}") // 1000] += 1
    chi_squared = sum((count - 5000) ** 2 / 5000 for count in counts)
    assert chi_squared < 33.7  # 9 degrees of freedom, one in ten thousand


def test_two_experiments_are_independent():
    other = Experiment("other", "salt-2", (Arm("a", 0.5), Arm("b", 0.5)))
    held = [f"k{i}" for i in range(40_000) if arm_of(TENTH, f"k{i}") == HELD_OUT]
    in_a = sum(arm_of(other, key) == "a" for key in held)
    assert abs(in_a - len(held) / 2) < 5 * (len(held) / 4) ** 0.5


def test_growing_an_arm_moves_nobody_between_the_others():
    wider = Experiment(HOLDOUT, "salt-1", (Arm(HELD_OUT, 0.2), Arm(PERSONALIZED, 0.8)))
    for i in range(2000):
        if arm_of(TENTH, f"k{i}") == HELD_OUT:
            assert arm_of(wider, f"k{i}") == HELD_OUT


@pytest.mark.parametrize(
    ("arms", "reason"),
    [
        ((), "at least one"),
        ((Arm("a", 0.5), Arm("a", 0.5)), "same name"),
        ((Arm("a", 0.5), Arm("b", 0.4)), "add up to 1"),
        ((Arm("a", 1.5), Arm("b", -0.5)), "between 0 and 1"),
    ],
)
def test_impossible_arms_are_refused(arms, reason):
    with pytest.raises(InvalidInput, match=reason) as caught:
        Experiment("x", "s", arms)
    assert caught.value.field == "arms"


def test_the_holdout_is_the_shops_own(plain_shop):
    experiment = holdout_experiment(plain_shop)
    assert experiment.arms == (Arm(HELD_OUT, 0.1), Arm(PERSONALIZED, 0.9))
    assert len(experiment.salt) == 24
    assert [holdout_arm(plain_shop, f"k{i}") for i in range(500)] == [
        arm_of(experiment, f"k{i}") for i in range(500)
    ]


def test_a_pin_wins_until_it_is_taken_out(plain_shop):
    natural = [holdout_arm(plain_shop, f"k{i}") for i in range(200)]
    assert set(natural) == {HELD_OUT, PERSONALIZED}
    pin(plain_shop, PERSONALIZED)
    assert {holdout_arm(plain_shop, f"k{i}") for i in range(200)} == {PERSONALIZED}
    pin(plain_shop, HELD_OUT)
    assert {holdout_arm(plain_shop, f"k{i}") for i in range(200)} == {HELD_OUT}
    unpin(plain_shop)
    assert [holdout_arm(plain_shop, f"k{i}") for i in range(200)] == natural
