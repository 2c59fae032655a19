"""The small shop as fixtures."""

from pathlib import Path

import pytest

from expedit.recommendation import BuildParams, Model, build_model, load_model
from tests.recommendation.small_shop import NOW, SmallCatalog, make_catalog, make_training


@pytest.fixture
def small_catalog() -> SmallCatalog:
    return make_catalog()


@pytest.fixture
def models_folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def small_model(small_catalog: SmallCatalog, models_folder: Path) -> Model:
    params = BuildParams(tune_seconds=0)
    meta = build_model(make_training(small_catalog), models_folder, params, now=NOW, version="v1")
    return load_model(models_folder, meta.version)
