"""Write the newest migration anew from what the tables have and the migrations before it do not make.

With ``--next`` a further migration is begun instead: do so once the newest one is released.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import expedit.app
from expedit.storage import migrate, open_database
from expedit.storage.migrating import write_migration


def main() -> int:
    """Compare and write; the message is the last argument."""
    following = "--next" in sys.argv[1:]
    messages = [argument for argument in sys.argv[1:] if argument != "--next"]
    if len(messages) != 1:
        print('usage: python tools/write_migration.py [--next] "what changes"')
        return 2
    assert expedit.app.FEATURES
    versions = Path(expedit.app.__file__).parents[1] / "storage" / "migrations" / "versions"
    kept = sorted(versions.glob("[0-9]*.py"))
    if not following and kept:
        kept.pop().unlink()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/empty.sqlite")
        if kept:
            migrate(database)
        write_migration(database, messages[0], f"{len(kept) + 1:04d}")
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
