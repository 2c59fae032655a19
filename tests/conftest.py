"""What every test can ask for: a shop on each database, a clock that stands still, a real PostgreSQL."""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import expedit
from expedit.core import Settings
from expedit.storage import Database, Home, Shop, metadata, open_database

os.environ.setdefault("EXPEDIT_NUMBA_CACHE", str(Path(__file__).parent.parent / ".cache" / "numba"))

from tests.support.postgres import PostgresServer


def load_tables() -> None:
    """Import the store of every room, so that `metadata` knows all tables."""
    for room in pkgutil.iter_modules(expedit.__path__):
        folder = Path(expedit.__path__[0]) / room.name
        if room.ispkg and (folder / "store.py").exists():
            importlib.import_module(f"expedit.{room.name}.store")


def missing_service(reason: str) -> None:
    """Skip locally, fail under CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class StandingClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, now: int = 1_790_000_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, microseconds: int) -> int:
        """Move on and return the new moment."""
        self.now += microseconds
        return self.now


@pytest.fixture
def shop_clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the address of a real PostgreSQL server with every table made."""
    if not PostgresServer.available():
        missing_service("no PostgreSQL server binaries: apt-get install postgresql")
    # A folder of its own: the server's user must reach it, which pytest's own folder may not allow.
    folder = Path(tempfile.mkdtemp(prefix="expedit-postgres-"))
    server = PostgresServer(folder)
    url = server.start()
    try:
        load_tables()
        database = open_database(url)
        metadata.create_all(database.engine)
        database.close()
        yield url
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the bytes of an empty SQLite file with every table made."""
    load_tables()
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    database = open_database(f"sqlite:///{path}")
    metadata.create_all(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path.read_bytes()


def empty(database: Database) -> None:
    """Delete every row of every table."""
    names = ", ".join(table.name for table in metadata.sorted_tables)
    if not names:
        return
    with database.writing() as tx:
        tx.run(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


def make_home(folder: Path) -> Home:
    home = Home(folder)
    home.make()
    home.settings_path.write_text("")
    home.secret_path.write_text("11" * 32 + "\n")
    return home


ShopMaker = Callable[..., Shop]


@pytest.fixture
def make_shop(
    tmp_path: Path, shop_clock: StandingClock, request: pytest.FixtureRequest
) -> Iterator[ShopMaker]:
    """Make shops: ``make_shop("sqlite", settings=Settings(...))``; all are closed at the end."""
    shops: list[Shop] = []

    def make(dialect: str, settings: Settings | None = None) -> Shop:
        home = make_home(tmp_path / f"home-{len(shops)}")
        if dialect == "sqlite":
            home.database_path.write_bytes(request.getfixturevalue("sqlite_template"))
            database = open_database(f"sqlite:///{home.database_path}", synchronous="normal")
        else:
            database = open_database(request.getfixturevalue("postgres_url"))
            empty(database)
        chosen = settings or Settings(markets={"SE": "SEK", "NO": "NOK", "EU": "EUR"})
        shop = Shop(chosen, home, database, shop_clock)
        shops.append(shop)
        return shop

    yield make
    for shop in shops:
        shop.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, make_shop: ShopMaker) -> Shop:
    """Give an empty shop, once on each database."""
    return make_shop(request.param)


@pytest.fixture
def sqlite_shop(make_shop: ShopMaker) -> Shop:
    return make_shop("sqlite")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Give the folder of public evaluation data, which is not part of the project."""
    folder = Path(os.environ.get("EXPEDIT_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no evaluation data at {folder}; set EXPEDIT_DATA")
    return folder
