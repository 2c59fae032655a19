"""Servers that are about to have a bad day, each on a disk and a line that tests can spoil."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.app.houses import House, new_database, stock
from tests.conftest import missing_service
from tests.faults.postgres import StoppablePostgres
from tests.faults.proxy import Proxy
from tests.support.postgres import PostgresServer

FIGURES: list[dict[str, object]] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long form of the fault tests (minutes)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("fault")
            item.add_marker(pytest.mark.timeout(900))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("figures")
        for figure in FIGURES:
            terminalreporter.write_line(json.dumps(figure))


@pytest.fixture
def long(request: pytest.FixtureRequest) -> bool:
    """Whether the long form was asked for."""
    return bool(request.config.getoption("--long", False))


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep a figure; all are printed at the end, one JSON object a line."""

    def keep(**figure: object) -> None:
        FIGURES.append({"test": request.node.name, **figure})

    return keep


@dataclass
class Standing:
    """A home, its server, and what can be done to them."""

    house: House
    dialect: str
    disk: Path | None = None
    proxy: Proxy | None = None
    postgres: StoppablePostgres | None = None
    ballast: list[Path] = field(default_factory=list)

    def fill_disk(self) -> None:
        """Leave no byte on the disk that holds the database."""
        assert self.disk is not None
        path = self.disk / "ballast"
        self.ballast.append(path)
        with path.open("wb") as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        os.write(file.fileno(), b"\0" * size)
                except OSError:
                    continue

    def free_disk(self) -> None:
        while self.ballast:
            self.ballast.pop().unlink()


def small_disk(megabytes: int) -> Path | None:
    """Mount a file system of its own; None where that is not allowed."""
    folder = Path(tempfile.mkdtemp(prefix="expedit-disk-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        folder.rmdir()
        return None
    return folder


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[StoppablePostgres]:
    """A PostgreSQL server that a test may stop: nobody else uses it."""
    if not PostgresServer.available():
        missing_service("no PostgreSQL server binaries: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="expedit-faults-"))
    server = StoppablePostgres(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A stocked home on each database, on a small disk where one can be had."""
    disk = small_disk(400)
    try:
        if request.param == "sqlite":
            root = disk or tmp_path_factory.mktemp("standing")
            yield Standing(stock(House.make(root / "home")), "sqlite", disk)
            return
        postgres: StoppablePostgres = request.getfixturevalue("own_postgres")
        spoiled = f"spoiled_{secrets.token_hex(4)}"
        if disk is not None:
            (disk / "tables").mkdir()
            shutil.chown(disk / "tables", "postgres", "postgres")
            disk.chmod(0o755)
            postgres.make_tablespace(spoiled, disk / "tables")
        direct = postgres.new_database("standing", spoiled if disk else "")
        with Proxy(postgres.port) as proxy:
            url = direct.replace(f":{postgres.port}/", f":{proxy.port}/")
            root = tmp_path_factory.mktemp("standing")
            house = stock(House.make(root / "home", database_url=url))
            yield Standing(house, "postgresql", disk, proxy, postgres)
            postgres.drop_database("standing")
    finally:
        if disk is not None:
            unmount(disk)


@pytest.fixture(scope="session")
def site(standing: Standing):
    """The server of `standing`, shared by the tests that leave it alive."""
    with standing.house.serving() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def doomed(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    """A stocked home for one test alone, on each database."""
    if request.param == "sqlite":
        return stock(House.make(tmp_path / "home"))
    url = new_database(request.getfixturevalue("postgres_url"), "doomed")
    return stock(House.make(tmp_path / "home", database_url=url))
