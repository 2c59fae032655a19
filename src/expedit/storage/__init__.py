"""SQLite or PostgreSQL, the home folder, and the shop that rooms are handed.

Tables are declared on the one shared `metadata` in each room's ``store.py``; statements are plain SQL with
``?`` for parameters, run in a `Transaction` (`Database.writing`, `Database.reading`) or, for the hottest
reads, on held connections (`Database.read_row`).
"""

from expedit.storage.database import POSTGRES_CONNECTIONS, Database, Transaction, metadata, open_database
from expedit.storage.followed import Followed
from expedit.storage.home import Home
from expedit.storage.migrating import differences, migrate
from expedit.storage.repeating import Repeating
from expedit.storage.shop import Shop, open_shop
from expedit.storage.watched import WatchedFile, write_whole

__all__ = [
    "POSTGRES_CONNECTIONS",
    "Database",
    "Followed",
    "Home",
    "Repeating",
    "Shop",
    "Transaction",
    "WatchedFile",
    "differences",
    "metadata",
    "migrate",
    "open_database",
    "open_shop",
    "write_whole",
]
