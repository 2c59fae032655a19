"""One running installation: its settings, home, database and clock, and the parts that rooms open once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from expedit.core import Clock, NotFound, Settings, load_settings, system_clock
from expedit.storage.database import Database, open_database
from expedit.storage.home import Home

T = TypeVar("T")


class Shop:
    """What every room is handed to do its work; opened by `open_shop`, closed by `close`."""

    def __init__(self, settings: Settings, home: Home, database: Database, clock: Clock) -> None:
        self.settings = settings
        self.home = home
        self.database = database
        self.clock = clock
        self.secret = home.secret()
        self._parts: dict[type[Any], Any] = {}
        self._lock = threading.RLock()

    def part(self, kind: type[T], make: Callable[[], T]) -> T:
        """Return the one `kind` of this shop, made by `make` at first use.

        A part with a ``close`` method is closed with the shop, the newest first.
        """
        with self._lock:
            if kind not in self._parts:
                self._parts[kind] = make()
            part: T = self._parts[kind]
            return part

    def close(self) -> None:
        """Close the parts, then the database."""
        with self._lock:
            for part in reversed(list(self._parts.values())):
                if hasattr(part, "close"):
                    part.close()
            self._parts.clear()
            self.database.close()


def open_shop(
    root: Path,
    environ: Mapping[str, str] | None = None,
    clock: Clock = system_clock,
    *,
    read_only: bool = False,
) -> Shop:
    """Open the installation in the folder `root`.

    Raises
    ------
    NotFound
        When the folder was never initialized.
    SettingsError
        When a setting does not fit.
    """
    home = Home(root)
    if not home.exists():
        raise NotFound(f"{root} is no expedit home; make one with: expedit init --home {root}")
    values = load_settings(home.settings_path.read_text(), os.environ if environ is None else environ)
    url = values.database_url or f"sqlite:///{home.database_path}"
    return Shop(values, home, open_database(url, values.synchronous, read_only), clock)
