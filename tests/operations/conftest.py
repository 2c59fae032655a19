"""Installations that hold something of everything."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.fixtures import new_postgres, stocked, stocked_template
from tests.app.houses import House, stock
from tests.operations.homes import live_a_day

__all__ = ["new_postgres", "stocked", "stocked_template"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lived_in(request, tmp_path_factory) -> House:
    """A home that has been lived in, once on each database; read it, never write in it."""
    folder = tmp_path_factory.mktemp(f"lived-{request.param}")
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("new_postgres")(f"lived_{folder.name[-3:].strip('-')}")
    return live_a_day(stock(House.make(folder / "home", database_url=url)))


@pytest.fixture
def new_home(tmp_path) -> Callable[[str], Path]:
    return lambda name: tmp_path / name


@pytest.fixture
def long(request) -> None:
    """Leave a test that takes minutes to ``make faults``."""
    if not request.config.getoption("--long", False):
        pytest.skip("takes minutes: make faults")
