"""Bringing a database to the tables that this version needs."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from expedit.core import Conflict
from expedit.storage.database import Database, metadata

_ADVISORY_LOCK = 0x65787064  # "expd": two servers that start together migrate one after the other


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(database: Database) -> None:
    """Run every migration that is missing, all in one transaction.

    Raises
    ------
    Conflict
        When the database was migrated by a newer version of expedit.
    """
    config = _config()
    script = ScriptDirectory.from_config(config)
    with database.engine.begin() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        known = {revision.revision for revision in script.walk_revisions()}
        present = set(MigrationContext.configure(connection).get_current_heads())
        if not present <= known:
            raise Conflict("the database belongs to a newer version of expedit; upgrade this installation")
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")


def write_migration(database: Database, message: str, revision: str) -> None:
    """Write a new migration file from the difference between `database` and the declared tables."""
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True, rev_id=revision)


def differences(database: Database) -> list[object]:
    """Return what separates the tables in `database` from the declared ones; empty when they are equal."""
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))
