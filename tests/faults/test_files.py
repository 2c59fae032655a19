"""Files that are cut short, scribbled over or half written: named, put aside, and worked around."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from expedit.core import DAY, Corrupt, day_of
from expedit.events import (
    Event,
    EventItem,
    append,
    compact,
    count_events,
    damaged_files,
    log_files,
    read_events,
    seal,
)
from expedit.recommendation import BuildParams, ModelHandle, build_model, list_versions, prune, publish
from tests.recommendation.small_shop import NOW, make_catalog, make_training

AT = 1_790_000_000_000_000

DAMAGES = {
    "cut short": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "scribbled over": lambda data: os.urandom(len(data)),
    "end lost": lambda data: data[:-4] + bytes(4),
}


def spoil(path: Path, how: str) -> None:
    path.write_bytes(DAMAGES[how](path.read_bytes()))


# ── the sealed log ──────────────────────────────────────────────────────────────────────────────────────────


def event(number: int, at: int) -> Event:
    item = EventItem(f"p{number % 5}", quantity=1 + number % 3, price=100, product=f"p{number % 5}")
    return Event(f"m{number}", "web", "view_item", at, at + 5, subject=f"s{number % 3}", items=(item,))


def put(shop, first: int, count: int, at: int) -> list[Event]:
    events = [event(first + number, at + number) for number in range(count)]
    with shop.database.writing() as tx:
        append(tx, events)
    return events


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_file_of_events_is_named_and_put_aside_and_sealing_goes_on(shop, how):
    lost = put(shop, 0, 10, AT)
    seal(shop)
    kept = put(shop, 100, 10, AT + DAY)
    seal(shop)
    (path,) = [file for file in log_files(shop) if f"date={day_of(AT)}" in str(file)]
    spoil(path, how)
    with pytest.raises(Corrupt, match=path.name):
        list(read_events(shop))
    after = put(shop, 200, 5, AT + DAY)
    assert seal(shop) == 5
    assert damaged_files(shop.home) == (f"{path.relative_to(shop.home.log).as_posix()}.damaged",)
    assert list(read_events(shop)) == sorted(kept + after, key=lambda one: (one.at, one.message_id))
    assert count_events(shop) == 15
    assert {one.message_id for one in lost}.isdisjoint(one.message_id for one in read_events(shop))
    assert seal(shop) == 0
    assert len(damaged_files(shop.home)) == 1  # and it stays there for whoever can mend it


@pytest.mark.parametrize("how", DAMAGES)
def test_damaged_product_lines_are_made_anew_from_their_events(shop, how):
    put(shop, 0, 10, AT)
    seal(shop)
    before = lines(shop)
    assert len(before) == 10
    (path,) = log_files(shop, "items")
    spoil(path, how)
    seal(shop)
    assert lines(shop) == before
    assert len(damaged_files(shop.home)) == 1
    assert len(list(read_events(shop))) == 10


def test_a_bit_that_flipped_inside_is_found_by_the_night(shop):
    put(shop, 0, 3000, AT)
    seal(shop)
    whole = put(shop, 5000, 10, AT + DAY)
    seal(shop)
    (path,) = [file for file in log_files(shop) if f"date={day_of(AT)}" in str(file)]
    data = bytearray(path.read_bytes())
    for place in range(1000, 1200):
        data[place] ^= 0xFF
    path.write_bytes(data)
    compact(shop)
    assert damaged_files(shop.home) == (f"{path.relative_to(shop.home.log).as_posix()}.damaged",)
    assert list(read_events(shop, since=AT + DAY)) == whole


def test_a_missing_file_is_not_taken_for_a_damaged_one(shop):
    put(shop, 0, 10, AT)
    seal(shop)
    (path,) = log_files(shop)
    elsewhere = path.rename(shop.home.root / path.name)
    seal(shop)
    with pytest.raises(Corrupt, match=path.name):
        list(read_events(shop))
    elsewhere.rename(path)  # the disk is mounted again
    assert len(list(read_events(shop))) == 10
    assert damaged_files(shop.home) == ()


def test_what_was_put_aside_leaves_after_a_month(shop, shop_clock):
    put(shop, 0, 10, AT)
    seal(shop)
    spoil(log_files(shop)[0], "empty")
    seal(shop)
    shop_clock.advance(29 * DAY)
    seal(shop)
    assert len(damaged_files(shop.home)) == 1
    shop_clock.advance(2 * DAY)
    seal(shop)
    assert damaged_files(shop.home) == ()


def lines(shop) -> list[tuple[object, ...]]:
    rows = [row for path in log_files(shop, "items") for row in pq.read_table(path).to_pylist()]
    return sorted((row["message_id"], row["line"], row["product"], row["quantity"]) for row in rows)


# ── models ──────────────────────────────────────────────────────────────────────────────────────────────────


def build(models: Path, *versions: str) -> None:
    for number, version in enumerate(versions):
        build_model(
            make_training(make_catalog()), models, BuildParams(tune_seconds=0),
            now=NOW + number, version=version,
        )  # fmt: skip
        publish(models, version)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def half_an_array(models: Path) -> None:
    path = models / "c" / "popular.npy"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def bad_description(models: Path) -> None:
    (models / "c" / "meta.json").write_text('{"version": "c", "created":')


def no_array(models: Path) -> None:
    next((models / "c").glob("*.npy")).unlink()


def pointer_to_nowhere(models: Path) -> None:
    (models / "CURRENT").write_text("never-built\n")


def scribbled_pointer(models: Path) -> None:
    (models / "CURRENT").write_bytes(os.urandom(40))


def empty_pointer(models: Path) -> None:
    (models / "CURRENT").write_bytes(b"")


MODEL_DAMAGES = [
    half_an_array, bad_description, no_array, pointer_to_nowhere, scribbled_pointer, empty_pointer
]  # fmt: skip


@pytest.mark.parametrize("damage", MODEL_DAMAGES)
def test_what_serves_serves_on_and_the_damage_is_told(models, damage):
    build(models, "a", "b")
    handle = ModelHandle(models)
    assert handle.current().version == "b"
    build(models, "c")
    damage(models)
    assert handle.poll() is False
    assert handle.current().version == "b"
    assert isinstance(handle.error, Exception)
    build(models, "d")
    assert handle.poll() is True
    assert (handle.current().version, handle.error) == ("d", None)


@pytest.mark.parametrize("damage", MODEL_DAMAGES)
def test_a_server_that_starts_takes_the_newest_good_version(models, damage):
    build(models, "a", "b", "c")
    damage(models)
    handle = ModelHandle(models)
    newest = "c" if "pointer" in damage.__name__ else "b"
    assert handle.current().version == newest
    assert handle.error is not None
    assert handle.poll() is False
    build(models, "d")
    assert handle.poll() is True
    assert (handle.current().version, handle.error) == ("d", None)


def test_with_no_good_version_it_starts_without_one(models):
    build(models, "a")
    for path in (models / "a").glob("*.npy"):
        path.write_bytes(b"")
    handle = ModelHandle(models)
    assert (handle.current().version, handle.error is None) == ("", False)
    assert handle.poll() is False


BUILDER = """
import os, sys, time
from pathlib import Path
import numpy as np
from tests.recommendation.small_shop import NOW, make_catalog, make_training
from expedit.recommendation import BuildParams, build_model, publish
save = np.save
def slow(path, *rest, **more):
    save(path, *rest, **more)
    print(path, flush=True)
    time.sleep(0.2)
np.save = slow
models = Path(sys.argv[1])
build_model(make_training(make_catalog()), models, BuildParams(tune_seconds=0), now=NOW + 5, version="late")
publish(models, "late")
"""


def test_a_build_that_is_killed_leaves_what_serves_and_its_rest_is_swept(models):
    build(models, "a")
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(models)], stdout=subprocess.PIPE, cwd=root, env=os.environ
    )
    assert process.stdout is not None
    assert b".npy" in process.stdout.readline()
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert len(list(models.glob(".late*"))) == 1
    handle = ModelHandle(models)
    assert (handle.current().version, handle.error) == ("a", None)
    build(models, "b")
    prune(models, 5)
    assert list(models.glob(".*")) == []
    assert list_versions(models) == ["a", "b"]
    assert handle.poll() is True
    assert handle.current().version == "b"
