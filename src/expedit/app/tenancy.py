"""Holding a home: one process at a time writes an SQLite one, and leaves word of how it is reached."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from typing import IO

from expedit.app.listening import LEAVE
from expedit.app.tasks import ServerFile, write_server_file
from expedit.core import Conflict, Unavailable
from expedit.storage import Shop, migrate

_MOVE_SECONDS = 120.0
_STEP_SECONDS = 0.01


class Tenancy:
    """The stay of one server in a home.

    Parameters
    ----------
    shop
        Whose home it is.
    word
        How the command line reaches this server.
    predecessor
        The server process that holds the home until this one is ready to serve.
    """

    def __init__(self, shop: Shop, word: ServerFile, predecessor: int | None) -> None:
        self._home = shop.home
        self._database = shop.database
        self._alone = shop.database.dialect == "sqlite"
        self._word = word
        self._predecessor = predecessor
        self._lock: IO[str] | None = None
        self._begun = False

    def hold(self) -> None:
        """Take the lock, or tell that the home is taken.

        Raises
        ------
        Conflict
            When another process holds the home.
        """
        self._lock = self._take_lock()

    def begin(self) -> None:
        """Take the home over, bring its tables up to date and leave word; once.

        Raises
        ------
        Conflict
            When another process holds the home.
        Unavailable
            When the predecessor does not leave.
        """
        if self._begun:
            return
        if self._predecessor is not None:
            os.kill(self._predecessor, LEAVE)
        if self._lock is None:
            self._lock = self._take_lock()
        migrate(self._database)
        write_server_file(self._home, self._word)
        self._begun = True

    def end(self) -> None:
        """Take the word back and let go of the home."""
        path = self._home.run / "server.json"
        with suppress(OSError, ValueError, KeyError):  # gone, or half-written by who comes next: not ours
            if json.loads(path.read_bytes())["pid"] == self._word.pid:
                path.unlink()
        if self._lock is not None:
            self._lock.close()

    def _take_lock(self) -> IO[str] | None:
        """Take the lock; on PostgreSQL several may serve, and who comes first has it."""
        deadline = time.monotonic() + (_MOVE_SECONDS if self._predecessor is not None else 0.0)
        while True:
            lock = self._home.try_lock()
            if lock is not None or not self._alone:
                return lock
            if time.monotonic() >= deadline:
                break
            time.sleep(_STEP_SECONDS)
        if self._predecessor is not None:
            raise Unavailable(f"the server before did not leave {self._home.root}")
        raise Conflict(f"another process is serving {self._home.root} or writing in it")
