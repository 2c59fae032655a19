"""Write the next migration from what the declared tables have and an up-to-date database has not."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import expedit.app
from expedit.storage import migrate, open_database
from expedit.storage.migrating import write_migration


def main() -> int:
    """Compare and write; the message is the argument."""
    if len(sys.argv) != 2:
        print('usage: python tools/write_migration.py "what changes"')
        return 2
    assert expedit.app.FEATURES
    versions = Path(expedit.app.__file__).parents[1] / "storage" / "migrations" / "versions"
    number = len(list(versions.glob("[0-9]*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/empty.sqlite")
        if number > 1:
            migrate(database)
        write_migration(database, sys.argv[1], f"{number:04d}")
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
