"""Migrations that are killed, and servers that find tables newer than they know."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from expedit.storage import differences, migrate, open_database
from tests.app.houses import House, new_database, row, wait_for
from tests.support.servers import free_port

ROOT = Path(__file__).parents[2]

MIGRATOR = """
import sys, time
import sqlalchemy as sa
from expedit.app import FEATURES
from expedit.storage import migrate, open_database
database = open_database(sys.argv[1])
seen = 0

@sa.event.listens_for(database.engine, "after_cursor_execute")
def slow(connection, cursor, statement, *rest):
    global seen
    if statement.lstrip().upper().startswith(("CREATE", "ALTER")):
        seen += 1
        if seen == int(sys.argv[2]):
            print("in the middle", flush=True)
            time.sleep(60)

migrate(database)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'expedit.sqlite'}"
    return new_database(request.getfixturevalue("postgres_url"), "killed_migration")


@pytest.mark.parametrize("statement", [1, 9, 30])
def test_a_killed_migration_leaves_nothing_and_the_next_start_completes(address, statement):
    process = subprocess.Popen(
        [sys.executable, "-c", MIGRATOR, address, str(statement)],
        stdout=subprocess.PIPE, cwd=ROOT, env=os.environ,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"in the middle\n"
    process.kill()
    process.wait()
    process.stdout.close()
    database = open_database(address)
    try:
        migrate(database)
        assert differences(database) == []
    finally:
        database.close()


def make_newer(house: House) -> None:
    """Do what a later version's migration may do while older servers run: add."""
    database = open_database(house.database_url or f"sqlite:///{house.root / 'expedit.sqlite'}")
    try:
        with database.writing() as tx:
            tx.run("ALTER TABLE profiles ADD COLUMN of_tomorrow TEXT")
            tx.run("CREATE TABLE tomorrow (id INTEGER PRIMARY KEY)")
            tx.run("UPDATE alembic_version SET version_num = '9999'")
    finally:
        database.close()


def test_an_old_server_goes_on_beside_newer_tables_and_none_starts_on_them(doomed):
    with doomed.serving() as site:
        visitor = {"anonymousId": "of-today"}
        site.track("Product Viewed", visitor, properties={"product_id": "p3"})
        make_newer(doomed)
        time.sleep(2.5)  # a pulse
        site.track("Product Viewed", visitor, properties={"product_id": "p5"})
        shown = [one["id"] for one in site.recommend("cart-recently-viewed", visitor)["items"]]
        assert shown[:2] == ["p5", "p3"]
        assert wait_for(lambda: site.get("/readyz").status_code == 200) < 10
    refused = doomed.run("serve", "--port", free_port())
    assert (refused.code, refused.out) == (1, "")
    assert "newer version of expedit" in refused.err
    also = doomed.run("import", "catalog", doomed.write("more", [row(77)]))
    assert also.code == 1
    assert "newer version of expedit" in also.err
