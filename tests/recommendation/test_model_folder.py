"""Versions on disk: whole or not there, checked on opening, published and rolled back by one pointer."""

from pathlib import Path

import numpy as np
import pytest

from expedit.core import Corrupt, InvalidInput, NotFound
from expedit.recommendation import (
    BuildParams,
    TrainingData,
    build_model,
    current_version,
    list_versions,
    load_model,
    prune,
    publish,
    read_meta,
    rollback,
)
from expedit.recommendation.model_folder import ModelMeta, open_version, write_version
from expedit.recommendation.session_model import SessionParams
from tests.recommendation.small_shop import NOW, make_catalog, make_facts, make_training


def meta(version: str, created: int = 1) -> ModelMeta:
    return ModelMeta(version, created, 0, 2, 0, 0, 0)


def write(models: Path, *versions: str) -> None:
    for number, version in enumerate(versions):
        write_version(models, meta(version, number), {"scores": np.arange(4, dtype=np.float32)})


def test_what_is_written_is_opened_read_only(models_folder: Path) -> None:
    arrays = {
        "scores": np.arange(6, dtype=np.float32).reshape(2, 3), "none": np.empty(0, np.int32),
        "nowhere": np.empty((2, 0), np.int64),
    }  # fmt: skip
    written = write_version(models_folder, meta("a"), arrays)
    opened = open_version(models_folder, "a")
    assert opened.meta == written == read_meta(models_folder, "a")
    for name, array in arrays.items():
        assert np.array_equal(opened.arrays[name], array)
        assert opened.arrays[name].dtype == array.dtype
        assert not opened.arrays[name].flags.writeable
        assert type(opened.arrays[name]) is np.ndarray  # numba reads memmap objects slowly
    assert sorted(path.name for path in models_folder.iterdir()) == ["a"]


def test_a_version_is_written_once(models_folder: Path) -> None:
    write(models_folder, "a")
    with pytest.raises(InvalidInput, match="version: a exists already"):
        write(models_folder, "a")
    for name in ("../a", "", ".hidden", "a/b"):
        with pytest.raises(InvalidInput, match="no name of a model version"):
            write(models_folder, name)


def test_a_failed_write_leaves_nothing(models_folder: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        write_version(models_folder, meta("a"), {"bad": np.array([object()])})
    assert list(models_folder.iterdir()) == []


def test_publish_rollback_prune(models_folder: Path) -> None:
    assert current_version(models_folder) is None
    assert list_versions(models_folder) == []
    write(models_folder, "a", "b", "c", "d")
    with pytest.raises(NotFound):
        publish(models_folder, "e")
    publish(models_folder, "c")
    assert current_version(models_folder) == "c"
    assert rollback(models_folder) == "b"
    assert rollback(models_folder, "d") == "d"
    assert rollback(models_folder, "a") == "a"
    with pytest.raises(NotFound, match="older than a"):
        rollback(models_folder)
    assert prune(models_folder, 2) == ["b"]  # a serves, c and d are the newest
    assert list_versions(models_folder) == ["a", "c", "d"]
    with pytest.raises(InvalidInput, match="keep"):
        prune(models_folder, 0)


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove", "other", "meta", "format"])
def test_damage_is_noticed(models_folder: Path, damage: str) -> None:
    write(models_folder, "a")
    path = models_folder / "a" / "scores.npy"
    whole = path.read_bytes()
    described = models_folder / "a" / "meta.json"
    if damage == "flip":
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif damage == "truncate":
        path.write_bytes(whole[:-5])
    elif damage == "remove":
        path.unlink()
    elif damage == "other":
        np.save(path, np.arange(5, dtype=np.float32))
    elif damage == "meta":
        described.write_bytes(described.read_bytes()[:-3])
    else:
        described.write_bytes(described.read_bytes().replace(b'"version":"a"', b'"version":"b"'))
    with pytest.raises(Corrupt):
        open_version(models_folder, "a")
    with pytest.raises(Corrupt):
        publish(models_folder, "a")
    assert current_version(models_folder) is None


def test_arrays_that_do_not_fit_each_other_are_noticed(models_folder: Path) -> None:
    catalog = make_catalog()
    build_model(make_training(catalog), models_folder, BuildParams(tune_seconds=0), now=NOW, version="a")
    opened = open_version(models_folder, "a")
    arrays = {**opened.arrays, "popular": np.zeros(3, np.float32)}
    write_version(models_folder, meta("b"), arrays)
    with pytest.raises(Corrupt, match=r"not whole|disagrees"):
        load_model(models_folder, "b")
    arrays.pop("trending")
    write_version(models_folder, meta("c"), arrays)
    with pytest.raises(Corrupt, match="not whole"):
        load_model(models_folder, "c")


def test_a_build_reports_what_it_did(models_folder: Path) -> None:
    steps: list[str] = []
    built = build_model(
        make_training(make_catalog()),
        models_folder,
        BuildParams(tune_seconds=0, session=SessionParams(k=50)),
        now=NOW,
        progress=lambda label, done, total: steps.append(label),
    )
    assert (built.items, built.sessions, built.clicks, built.baskets) == (12, 120, 240, 31)
    assert built.trained_until == NOW
    assert built.params["k"] == 50
    assert built.version.startswith("20260921T")
    assert 0.5 < built.metrics["validation_hit_rate"] <= 1.0
    assert 0 < built.metrics["coverage"] <= 1
    assert {"index sessions", "viewed together", "bought together", "similar products"} <= set(steps)
    again = build_model(
        make_training(make_catalog()),
        models_folder,
        BuildParams(tune_seconds=0, session=SessionParams(k=50)),
        now=NOW,
    )
    assert {name: fact.crc32 for name, fact in again.arrays.items()} == {
        name: fact.crc32 for name, fact in built.arrays.items()
    }


def test_a_build_of_a_new_shop(models_folder: Path) -> None:
    """A catalog and no event."""
    catalog = make_catalog()
    inputs = TrainingData(catalog.ids, make_facts(catalog), markets=("SE",))
    built = build_model(inputs, models_folder, now=NOW)
    model = load_model(models_folder, built.version)
    assert (built.sessions, built.trained_until) == (0, 0)
    assert model.relations["similar"].items.size > 0
    assert model.popular.tolist() == [0.0] * 12


def test_a_build_of_an_empty_shop(models_folder: Path) -> None:
    catalog = make_catalog(12)
    for name in ("category", "brand", "color", "created", "active", "price", "group"):
        setattr(catalog, name, getattr(catalog, name)[:0])
    catalog.ids = []
    built = build_model(TrainingData([], make_facts(catalog)), models_folder, now=NOW)
    assert load_model(models_folder, built.version).item_ids == []


def test_inputs_that_do_not_fit_are_named(models_folder: Path) -> None:
    catalog = make_catalog()
    inputs = make_training(catalog)
    short = TrainingData(
        inputs.item_ids, inputs.facts, ("SE",), inputs.session_ptr, inputs.session_items,
        inputs.session_end[1:], inputs.session_market,
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="session_end: has 119 entries, not 120"):
        build_model(short, models_folder, now=NOW)
    backwards = TrainingData(
        inputs.item_ids, inputs.facts, ("SE",), inputs.session_ptr, inputs.session_items,
        inputs.session_end[::-1], inputs.session_market,
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="session_end"):
        build_model(backwards, models_folder, now=NOW)
    assert not models_folder.exists()
