"""Installations that tests of the house and of the command line share."""

from collections.abc import Callable

import pytest

from tests.app.houses import House, new_database, stock


@pytest.fixture(scope="session")
def stocked_template(tmp_path_factory) -> House:
    """A home on SQLite with the catalog and a week of shoppers; copy it, never write in it."""
    return stock(House.make(tmp_path_factory.mktemp("stocked") / "home"))


@pytest.fixture
def stocked(stocked_template, tmp_path) -> House:
    return stocked_template.copy(tmp_path / "home")


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, tmp_path) -> House:
    """An empty installation, once on each database."""
    if request.param == "sqlite":
        return House.make(tmp_path / "home")
    url = new_database(request.getfixturevalue("postgres_url"), "house")
    return House.make(tmp_path / "home", database_url=url)


@pytest.fixture(scope="session")
def new_postgres(postgres_url) -> Callable[[str], str]:
    """Make empty databases: ``new_postgres("name")`` gives the address."""
    return lambda name: new_database(postgres_url, name)
