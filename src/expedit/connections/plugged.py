"""The connections of a shop, answered from memory, and their secrets."""

from __future__ import annotations

import threading
import time

from expedit.access import Source, keys
from expedit.connections import store
from expedit.connections.model import Connection
from expedit.connections.vault import Vault, read_keys
from expedit.core import NotFound
from expedit.storage import Shop

_REFRESH_SECONDS = 2.0


class Connections:
    """The connections of a shop, from memory; what another process changes is seen within two seconds."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._by_id: dict[str, Connection] = {}
        self._sealed: list[tuple[int, str, str, bytes, int | None]] = []
        self._opened: dict[tuple[str, str], tuple[tuple[str, int | None], ...]] = {}
        self.vault = Vault(read_keys(shop.secret))

    def all(self) -> tuple[Connection, ...]:
        """Return every connection, the oldest first."""
        self._refresh()
        return tuple(self._by_id.values())

    def find(self, connection_id: str) -> Connection | None:
        """Return the connection of that id, if there is one."""
        self._refresh()
        return self._by_id.get(connection_id)

    def get(self, connection_id: str) -> Connection:
        """Return the connection of that id, or raise `NotFound`."""
        found = self.find(connection_id)
        if found is None:
            known = ", ".join(sorted(self._by_id)) or "none yet"
            raise NotFound(f"no connection is called {connection_id!r}; known are: {known}")
        return found

    def source(self, connection: Connection) -> Source:
        """Return the source under which the events of a connection are stored."""
        return keys(self._shop).source(connection.source)

    def secrets(self, connection_id: str, name: str) -> tuple[str, ...]:
        """Return the secrets of that name that count now, the newest first.

        Raises
        ------
        SettingsError
            When the key that they were sealed with is not here.
        """
        self._refresh()
        found = self._opened.get((connection_id, name))
        if found is None:
            found = tuple(
                (self.vault.open(sealed, place_of(connection_id, name)), until)
                for _, owner, what, sealed, until in self._sealed
                if (owner, what) == (connection_id, name)
            )
            self._opened[connection_id, name] = found
        now = self._shop.clock()
        return tuple(secret for secret, until in found if until is None or until > now)

    def secret(self, connection_id: str, name: str) -> str:
        """Return the newest secret of that name, empty when there is none."""
        return next(iter(self.secrets(connection_id, name)), "")

    def reseal(self) -> int:
        """Seal every secret with the present key; return how many were under another one."""
        self._refresh(at_once=True)
        rows = [
            (self.vault.seal(self.vault.open(sealed, place_of(owner, name)), place_of(owner, name)), row_id)
            for row_id, owner, name, sealed, _ in self._sealed
            if not self.vault.fresh(sealed)
        ]
        with self._shop.database.writing(shred=True) as tx:
            store.replace_sealed(tx, rows)
            store.drop_ended_secrets(tx, self._shop.clock())
        self.forget()
        return len(rows)

    def forget(self) -> None:
        """Read everything anew at the next question."""
        self._read_at = float("-inf")

    def _refresh(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if not at_once and now - self._read_at < _REFRESH_SECONDS:
            return
        with self._lock:
            if not at_once and now - self._read_at < _REFRESH_SECONDS:
                return
            found = store.every_connection(self._shop.database)
            sealed = store.read_secrets(self._shop.database)
            if sealed != self._sealed:
                self._sealed = sealed
                self._opened = {}
            self._by_id = {one.id: one for one in found}
            self._read_at = now


def connections(shop: Shop) -> Connections:
    """Return the connections of a shop."""
    return shop.part(Connections, lambda: Connections(shop))


def place_of(connection_id: str, name: str) -> str:
    """Return the one place where a sealed secret opens."""
    return f"connection {connection_id}: {name}"
