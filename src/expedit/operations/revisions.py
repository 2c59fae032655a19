"""Which revision of the tables this version of expedit works with."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import expedit.storage
from expedit.operations.store import schema_of
from expedit.storage import Database


@cache
def newest_revision() -> str:
    """Return the newest revision that this version knows: the greatest number among its migrations."""
    versions = Path(expedit.storage.__file__).parent / "migrations" / "versions"
    return max(path.name[:4] for path in versions.glob("[0-9]*.py"))


def present_revision(database: Database) -> str:
    """Return the revision that a database is at; empty when it was never migrated.

    Raises
    ------
    Unavailable
        When the database does not answer.
    """
    catalog = (
        "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if database.dialect == "sqlite"
        else "SELECT 1 FROM pg_tables WHERE tablename = 'alembic_version' AND schemaname = current_schema()"
    )
    with database.reading() as tx:
        if tx.row(catalog) is None:
            return ""
        return schema_of(tx)


def is_up_to_date(database: Database) -> bool:
    """Tell whether a database has every table as this version wants it."""
    return present_revision(database) == newest_revision()
