"""Migrations bring an empty database to exactly the declared tables, on both databases."""

import pytest
import sqlalchemy as sa
from alembic import op

from expedit.app import FEATURES
from expedit.core import Conflict
from expedit.storage import differences, metadata, migrate, open_database
from expedit.storage.migrating import _config  # the folder of migrations

MARK = {"alembic_version"}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """An empty database."""
    if request.param == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path}/empty.sqlite")
    else:
        opened = open_database(request.getfixturevalue("new_postgres")("migrating"))
    yield opened
    opened.close()


def tables(database) -> set[str]:
    with database.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def test_an_empty_database_gets_exactly_the_declared_tables(database):
    assert tables(database) == set()
    migrate(database)
    assert tables(database) == set(metadata.tables) | MARK
    assert differences(database) == []


def test_keys_indexes_and_defaults_are_those_of_the_declaration(database):
    migrate(database)
    with database.engine.connect() as connection:
        inspector = sa.inspect(connection)
        for table in metadata.sorted_tables:
            key = inspector.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key], table.name
            found = {
                (index["name"], tuple(index["column_names"]))
                for index in inspector.get_indexes(table.name)
                if not index.get("duplicates_constraint")
            }
            declared = {
                (index.name, tuple(column.name for column in index.columns)) for index in table.indexes
            }
            assert found == declared, table.name
            empty = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
            assert empty == {column.name: column.nullable for column in table.columns}, table.name


def test_every_table_has_an_owner_and_every_feature_its_tables():
    owned = [table for feature in FEATURES for table in feature.tables]
    assert len(owned) == len(set(owned))
    assert set(metadata.tables) - set(owned) == {"jobs"}  # the schedule belongs to no feature
    assert set(owned) <= set(metadata.tables)


def test_migrating_again_changes_nothing(database):
    migrate(database)
    with database.writing() as tx:
        tx.run("INSERT INTO jobs (name, due) VALUES (?, ?)", ("a job", 5))
    migrate(database)
    assert database.read_rows("SELECT name, due FROM jobs") == [("a job", 5)]
    assert differences(database) == []


def test_a_newer_database_is_refused_and_left_alone(database):
    migrate(database)
    with database.writing() as tx:
        tx.run("UPDATE alembic_version SET version_num = ?", ("9999",))
    with pytest.raises(Conflict, match="newer version of expedit"):
        migrate(database)
    assert database.read_rows("SELECT version_num FROM alembic_version") == [("9999",)]


def test_an_interrupted_migration_leaves_nothing_half_made(database, monkeypatch):
    made = []
    plain = op.create_table

    def create_table(name, *columns, **options):
        if len(made) == 5:
            raise KeyboardInterrupt
        made.append(name)
        return plain(name, *columns, **options)

    monkeypatch.setattr(op, "create_table", create_table)
    with pytest.raises(KeyboardInterrupt):
        migrate(database)
    assert len(made) == 5
    assert tables(database) == set()
    monkeypatch.undo()
    migrate(database)
    assert differences(database) == []


def test_there_is_one_line_of_migrations():
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_config())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
