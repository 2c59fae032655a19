"""Measuring on files: the reading, the arithmetic, the tuner, and the public data sets."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest

from expedit.core import InvalidInput
from expedit.recommendation import SessionParams, evaluate_sessions
from expedit.recommendation.evaluate import read_prefixes, read_sessions
from expedit.recommendation.tune import (
    PROFILES,
    accuracy_of,
    prefixes_of,
    split_tail,
    tune,
)
from tests.recommendation.small_shop import flat


def write(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def chains(sessions: int, seed: int) -> str:
    """Walks along 0 → 1 → … → 29 → 0: the next click is always known."""
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(sessions):
        start, length = int(rng.integers(30)), int(rng.integers(2, 7))
        lines.append(" ".join(f"item{(start + step) % 30}" for step in range(length)))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("ending", ["txt", "txt.gz"])
def test_sessions_are_read(tmp_path: Path, ending: str) -> None:
    ids, ptr, items = read_sessions(write(tmp_path / f"train.{ending}", "7 9 7\r\n\n12 9\n"))
    assert ids == ["7", "9", "12"]
    assert ptr.tolist() == [0, 3, 5]
    assert items.tolist() == [0, 1, 0, 2, 1]


def test_prefixes_are_read(tmp_path: Path) -> None:
    found = read_prefixes(write(tmp_path / "test.tsv", "7 8\t9\n9\t5\n"), ["7", "9"])
    assert found.ptr.tolist() == [0, 2, 3]
    assert found.items.tolist() == [0, -1, 1]
    assert found.targets.tolist() == [1, -1]


@pytest.mark.parametrize("text", ["7 8 9\n", "7\t9\n\t9\n", "7\t\n", ""])
def test_a_bad_test_file_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match="test: "):
        read_prefixes(write(tmp_path / "test.tsv", text), ["7"])


def test_too_few_sessions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"train: .* fewer than two sessions"):
        read_sessions(write(tmp_path / "train.txt", "1 2 3\n"))


def test_every_prefix_of_every_session() -> None:
    found = prefixes_of(*flat([[1, 2, 3], [9], [4, 5]]))
    assert found.ptr.tolist() == [0, 1, 3, 4]
    assert found.items.tolist() == [1, 1, 2, 4]
    assert found.targets.tolist() == [2, 3, 5]
    taken = found.take(np.array([1, 2]))
    assert (taken.ptr.tolist(), taken.items.tolist(), taken.targets.tolist()) == (
        [0, 2, 3],
        [1, 2, 4],
        [3, 5],
    )


def test_accuracy_by_hand() -> None:
    rows = np.array([[3, 1, -1], [1, 2, 3], [-1, -1, -1], [0, -1, -1]], np.int32)
    found = accuracy_of(rows, np.array([1, 3, 2, -1], np.int32))
    assert found.hit_rate == 0.5
    assert found.reciprocal_rank == pytest.approx((1 / 2 + 1 / 3) / 4)
    assert accuracy_of(rows[:0], np.empty(0, np.int32)).hit_rate == 0


def test_the_tail_leaves_something_on_both_sides() -> None:
    assert split_tail(np.arange(101), 0.07) == 93
    assert split_tail(np.arange(3), 0.01) == 1
    assert split_tail(np.arange(3), 0.99) == 1


def test_an_evaluation_on_files(tmp_path: Path) -> None:
    train = write(tmp_path / "train.txt.gz", chains(600, 1))
    test = write(tmp_path / "test.tsv", "item3 item4\titem5\nitem29\titem0\nitem9\tnever-seen\n")
    report = evaluate_sessions(train, test, evaluations=6, tune_seconds=60, validation_share=0.2)
    assert (report.train_sessions, report.items) == (600, 30)
    assert (report.test_prefixes, report.unknown_targets) == (3, 1)
    assert report.hit_rate_at_20 == pytest.approx(2 / 3)
    assert report.reciprocal_rank_at_20 == pytest.approx(1 / 3)  # second, behind the item itself
    assert report.settings_tried == 6
    assert report.validation_hit_rate is not None
    assert report.validation_hit_rate > 0.95
    assert json.loads(json.dumps(report.as_dict()))["parameters"]["k"] >= 1
    assert "3 prefixes, 1 of them" in report.format()
    fixed = evaluate_sessions(train, test, params=SessionParams())
    assert fixed.validation_hit_rate is None
    assert fixed.settings_tried == 0
    assert "tuned" not in fixed.format()


def test_the_tuner_is_seeded_and_bounded(tmp_path: Path) -> None:
    ids, ptr, items = read_sessions(write(tmp_path / "train.txt", chains(500, 2)))
    first = tune(ptr, items, len(ids), evaluations=12, seconds=600, seed=7, sample=300)
    again = tune(ptr, items, len(ids), evaluations=12, seconds=600, seed=7, sample=300)
    assert first.params == again.params
    assert first.accuracy == again.accuracy
    assert first.tried == 12
    hurried = tune(ptr, items, len(ids), seconds=0, largest_budget=700)
    assert hurried.tried == len(PROFILES)
    assert hurried.params.m <= 700


def test_the_tuner_sees_the_tail_of_training_only(tmp_path: Path) -> None:
    """The last tenth walks another way: judged by it, the accuracy must be that of a stranger."""
    forward = [[(start + step) % 30 for step in range(4)] for start in range(30)] * 9
    strange = [[30 + start, (start * 7) % 30] for start in range(30)]
    ptr, items = flat(forward + strange)
    found = tune(ptr, items, 60, evaluations=4, seconds=60, share=0.1)
    assert found.accuracy.hit_rate == 0.0


def public_data(name: str) -> Path:
    root = Path(os.environ.get("EXPEDIT_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not (root / name / "train_sessions.txt.gz").is_file():
        pytest.skip(f"the {name} sessions are not in {root}; set EXPEDIT_DATA to the folder that holds them")
    return root / name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "hit_rate", "reciprocal_rank"), [("diginetica", 0.53, 0.187), ("yoochoose64", 0.695, 0.283)]
)
def test_accuracy_on_public_sessions(name: str, hit_rate: float, reciprocal_rank: float) -> None:
    folder = public_data(name)
    report = evaluate_sessions(
        folder / "train_sessions.txt.gz",
        folder / "test_prefix_target.tsv.gz",
        evaluations=12,
        tune_seconds=240,
    )
    assert report.hit_rate_at_20 >= hit_rate
    assert report.reciprocal_rank_at_20 >= reciprocal_rank
