"""The serving model: swapped under readers, kept when the new one is broken, fresh from the sessions
since."""

import threading
from pathlib import Path

import numpy as np
import pytest

from expedit.core import DAY, Corrupt, evolve
from expedit.recommendation import BuildParams, Model, ModelHandle, build_model, live_model, publish, rollback
from expedit.recommendation.live_sessions import LiveSessions
from expedit.storage import Shop
from tests.recommendation.small_shop import NOW, make_catalog, make_training

PLACES = {f"p{number}": number for number in range(12)}


def build(models: Path, version: str, now: int = NOW) -> None:
    build_model(make_training(make_catalog()), models, BuildParams(tune_seconds=0), now=now, version=version)


def foretold(model: Model, *running: int) -> list[int]:
    return model.sessions.query(np.array(running, np.int32), 500).items.tolist()


def test_the_handle_follows_the_pointer(models_folder: Path) -> None:
    handle = ModelHandle(models_folder)
    assert handle.current().version == ""
    assert handle.poll() is False
    build(models_folder, "a")
    assert handle.poll() is False  # written, not published
    publish(models_folder, "a")
    assert handle.poll() is True
    held = handle.current()
    assert held.version == "a"
    build(models_folder, "b")
    publish(models_folder, "b")
    assert handle.poll() is True
    assert handle.current().version == "b"
    assert held.version == "a"
    rollback(models_folder)
    assert handle.poll() is True
    assert handle.current().version == "a"


def test_a_broken_version_is_refused_and_the_old_one_serves_on(models_folder: Path) -> None:
    build(models_folder, "a")
    publish(models_folder, "a")
    handle = ModelHandle(models_folder)
    build(models_folder, "b")
    publish(models_folder, "b")
    path = models_folder / "b" / "popular.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    before = handle.current()
    assert handle.poll() is False
    assert isinstance(handle.error, Corrupt)
    assert "popular.npy does not match its checksum" in str(handle.error)
    assert handle.current() is before
    build(models_folder, "c")
    publish(models_folder, "c")
    assert handle.poll() is True
    assert handle.error is None


def test_an_open_model_outlives_its_files(models_folder: Path) -> None:
    import shutil

    build(models_folder, "a")
    publish(models_folder, "a")
    model = ModelHandle(models_folder).current()
    expected = foretold(model, 3)
    shutil.rmtree(models_folder)
    assert foretold(model, 3) == expected


def test_a_session_since_the_build_helps_the_next_visitor(models_folder: Path) -> None:
    build(models_folder, "a")
    publish(models_folder, "a")
    handle = ModelHandle(models_folder)
    assert 5 not in foretold(handle.current(), 4)
    handle.sessions.observe("visit", ["p4", "p5", "unknown"], NOW + 1)
    handle._next_indexing = 0.0
    assert handle.poll() is True
    assert 5 in foretold(handle.current(), 4)
    assert handle.poll() is False
    handle.sessions.forget("visit")
    handle._next_indexing = 0.0
    assert handle.poll() is True
    assert 5 not in foretold(handle.current(), 4)


def test_a_new_model_takes_over_the_sessions_that_it_learned(models_folder: Path) -> None:
    build(models_folder, "a")
    publish(models_folder, "a")
    handle = ModelHandle(models_folder)
    handle.sessions.observe("old", ["p4", "p5"], NOW - DAY)
    handle.sessions.observe("young", ["p4", "p7"], NOW + DAY)
    build(models_folder, "b")
    publish(models_folder, "b")
    handle.poll()
    assert len(handle.sessions) == 1
    answers = foretold(handle.current(), 4)
    assert 7 in answers
    assert 5 not in answers


def test_live_sessions_are_replaced_bounded_and_forgotten() -> None:
    live = LiveSessions(most=2)
    live.observe("a", ["p1", "p2"], 10)
    live.observe("a", ["p1", "p2", "p3"], 20)
    live.observe("short", ["p1"], 20)
    assert len(live) == 1
    index, changes = live.index(PLACES, 12)
    assert index.session_items.tolist() == [1, 2, 3]
    assert changes == live.changes == 3
    live.observe("b/1", ["p4", "p5"], 30)
    live.observe("c", ["p6", "p7"], 40)
    assert live.index(PLACES, 12)[0].session_items.tolist() == [4, 5, 6, 7]
    assert live.forget("b") == 1
    assert live.forget("b") == 0
    assert live.drop_until(40) == 1
    assert len(live) == 0
    assert live.index(PLACES, 12)[0].n_sessions == 0


def test_a_session_that_goes_on_becomes_the_newest() -> None:
    live = LiveSessions()
    live.observe("a", ["p1", "p2"], 10)
    live.observe("b", ["p3", "p4"], 20)
    live.observe("a", ["p1", "p2", "p5"], 30)
    assert live.index(PLACES, 12)[0].session_items.tolist() == [3, 4, 1, 2, 5]


@pytest.mark.parametrize("readers", [3])
def test_readers_never_see_half_a_swap(models_folder: Path, readers: int) -> None:
    """One thread publishes and appends, others ask: every answer is whole and of one version."""
    versions = ["a", "b", "c"]
    for version in versions:
        build(models_folder, version)
    publish(models_folder, "a")
    handle = ModelHandle(models_folder)
    stop = threading.Event()
    failures: list[str] = []
    asked = [0] * readers

    def read(number: int) -> None:
        while not stop.is_set():
            model = handle.current()
            answers = foretold(model, 2, 4)
            asked[number] += 1
            # Live sessions pair each even item with itself only, so no odd item may ever appear.
            if model.version not in versions or not set(answers) <= {0, 2, 4, 6, 8} or len(answers) < 5:
                failures.append(f"{model.version}: {answers}")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(150):
            handle.sessions.observe(
                f"visit {turn % 40}", [f"p{turn % 5 * 2}", f"p{turn * 2 % 10}"], NOW + turn
            )
            if turn % 10 == 0:
                publish(models_folder, versions[turn // 10 % 3])
            handle._next_indexing = 0.0
            handle.poll()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert all(count > 0 for count in asked)


def test_the_thread_follows_and_stops(models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expedit.recommendation.live.POLL_SECONDS", 0.01)
    handle = ModelHandle(models_folder)
    handle.start()
    build(models_folder, "a")
    publish(models_folder, "a")
    for _ in range(500):
        if handle.current().version == "a":
            break
        threading.Event().wait(0.01)
    handle.close()
    assert handle.current().version == "a"
    assert not [thread for thread in threading.enumerate() if thread.name == "models"]


def test_a_shop_has_one_handle(sqlite_shop: Shop) -> None:
    handle = live_model(sqlite_shop)
    assert live_model(sqlite_shop) is handle
    assert handle.models == sqlite_shop.home.models
    assert evolve(handle.current().meta, version="x").version == "x"
