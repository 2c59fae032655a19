"""Sources and secret keys, answered from memory and read anew every two seconds.

Of a secret only a digest is stored: it is shown once. A browser's write key is public, so it stays readable.
"""

from __future__ import annotations

import base64
import binascii
import threading
import time

from expedit.access.limits import Limits
from expedit.access.model import SCOPES, Caller, LegalBasis, Scope, Source, check_source
from expedit.access.signatures import digest_of
from expedit.access.uses import Uses, read_uses
from expedit.core import (
    Conflict,
    InvalidInput,
    NoKey,
    NotFound,
    Struct,
    evolve,
    from_json,
    new_id,
    new_secret,
    to_json,
)
from expedit.storage import Shop, Transaction

_REFRESH_SECONDS = 2.0
_MOST_REMEMBERED = 1000


class ApiKey(Struct, frozen=True):
    """A secret key as it can be shown: never its secret.

    Parameters
    ----------
    expires
        When it stops to work, in microseconds; None for never.
    used
        When it was last used, to the minute; None before the first time.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    created: int
    expires: int | None = None
    used: int | None = None


class Keys:
    """The sources and secret keys of a shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._sources: dict[str, Source] = {}
        self._callers: dict[str, Caller] = {}
        self._remembered: dict[tuple[str, str], Caller] = {}
        self._limits = Limits(shop.settings)
        self.uses = Uses(shop)

    def caller(self, authorization: str, write_key: str = "") -> Caller:
        """Tell who sends a request, and count the request against the limit of the key.

        Parameters
        ----------
        authorization
            The Authorization header: Basic with the key as user name, or Bearer.
        write_key
            A key given in the body.

        Raises
        ------
        NoKey
            When there is no key, or none that is known.
        TooManyRequests
            When the key is used too often.
        """
        self._refresh()
        caller = self._remembered.get((authorization, write_key))
        if caller is None:
            caller = self._look_up(_key_in(authorization) or write_key)
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[authorization, write_key] = caller
        self.uses.note(caller.key)
        self._limits.admit(caller)
        return caller

    def in_address(self, key: str) -> str:
        """Return a write key that stood in an address if it is a public one, else nothing.

        Addresses end up in logs and histories: what is secret is not taken from there.
        """
        self._refresh()
        caller = self._callers.get(digest_of(key)) if key else None
        return key if caller is not None and not caller.trusted else ""

    def admit(self, caller: Caller) -> None:
        """Count one more request of a caller, who was told by `caller`, against the limit of the key.

        Raises
        ------
        TooManyRequests
            When the key is used too often.
        """
        self._limits.admit(caller)

    def find(self, source_id: str) -> Source | None:
        """Return the source of that id, if there is one."""
        self._refresh()
        return self._sources.get(source_id)

    def source(self, source_id: str) -> Source:
        """Return the source of that id, or raise `NotFound`."""
        found = self.find(source_id)
        if found is None:
            known = ", ".join(sorted(self._sources)) or "none yet"
            raise NotFound(f"no source is called {source_id!r}; known are: {known}")
        return found

    def sources(self) -> tuple[Source, ...]:
        """Return every source, the oldest first."""
        self._refresh()
        return tuple(self._sources.values())

    def add_source(self, source: Source) -> None:
        """Add a source; unless it is public, its key can be read nowhere from now on.

        Raises
        ------
        Conflict
            When its id or write key is taken.
        """
        with self._shop.database.writing() as tx:
            self.add_source_in(tx, source)

    def add_source_in(self, tx: Transaction, source: Source) -> None:
        """Add a source inside a transaction."""
        check_source(source)
        kept = _kept(source)
        if tx.row("SELECT 1 FROM sources WHERE id = ? OR write_key = ?", (source.id, kept)):
            raise Conflict(f"a source {source.id!r} exists already")
        tx.run(
            "INSERT INTO sources (id, write_key, body, created) VALUES (?, ?, ?, ?)",
            (source.id, kept, _body(source), self._shop.clock()),
        )
        tx.after_commit(self._forget)

    def change_source(
        self, tx: Transaction, source_id: str, consent: dict[str, bool], legal_basis: LegalBasis
    ) -> Source:
        """Change what a source assumes of consent, and on what legal ground its events are kept."""
        source = evolve(self.source(source_id), consent=consent, legal_basis=legal_basis)
        check_source(source)
        tx.run("UPDATE sources SET body = ? WHERE id = ?", (_body(source), source_id))
        tx.after_commit(self._forget)
        return source

    def rotate_write_key(self, tx: Transaction, source_id: str, overlap: int) -> str:
        """Return a new write key of a source; the one before works for `overlap` microseconds more."""
        source, now = self.source(source_id), self._shop.clock()
        asked = "SELECT write_key FROM sources WHERE id = ?"
        row = tx.row(asked + tx.for_update, (source_id,))
        if row is None:
            raise NotFound(f"no source is called {source_id!r}")
        fresh = new_secret("wk")
        changed = evolve(source, write_key=fresh)
        tx.run("DELETE FROM old_write_keys WHERE until < ?", (now,))
        tx.run(
            "INSERT INTO old_write_keys (write_key, source, until) VALUES (?, ?, ?)",
            (row[0], source_id, now + overlap),
        )
        tx.run(
            "UPDATE sources SET write_key = ?, body = ? WHERE id = ?",
            (_kept(changed), _body(changed), source_id),
        )
        tx.after_commit(self._forget)
        return fresh

    def old_write_keys(self) -> dict[str, int]:
        """Return until when, in microseconds, a former write key of each source still works."""
        rows = self._shop.database.read_rows(
            "SELECT source, MAX(until) FROM old_write_keys WHERE until >= ? GROUP BY source",
            (self._shop.clock(),),
        )
        return dict(rows)

    def end_old_write_keys(self, tx: Transaction, source_id: str) -> None:
        """Make the former write keys of a source useless now."""
        tx.run("DELETE FROM old_write_keys WHERE source = ?", (source_id,))
        tx.after_commit(self._forget)

    def add_api_key(self, name: str, scopes: tuple[Scope, ...], expires: int | None = None) -> str:
        """Make a secret key; the returned secret is shown this once and kept only as a digest."""
        with self._shop.database.writing() as tx:
            return self.add_api_key_in(tx, name, scopes, expires)[1]

    def add_api_key_in(
        self, tx: Transaction, name: str, scopes: tuple[Scope, ...], expires: int | None = None
    ) -> tuple[str, str]:
        """Make a secret key inside a transaction; return its id and its secret."""
        if set(scopes) - set(SCOPES) or not scopes:
            raise InvalidInput("scopes", f"choose from {', '.join(SCOPES)}")
        if not name.strip() or len(name) > 80:
            raise InvalidInput("name", "must have 1 to 80 characters")
        secret, now = new_secret("sk"), self._shop.clock()
        if expires is not None and expires <= now:
            raise InvalidInput("expires", "lies in the past")
        key_id = new_id(now)
        tx.run(
            "INSERT INTO api_keys (id, name, digest, scopes, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
            (key_id, name.strip(), digest_of(secret), " ".join(scopes), now, expires),
        )
        tx.after_commit(self._forget)
        return key_id, secret

    def api_keys(self) -> tuple[ApiKey, ...]:
        """Return every secret key, without its secret."""
        used = read_uses(self._shop)
        rows = self._shop.database.read_rows(
            "SELECT id, name, scopes, created, expires FROM api_keys ORDER BY created, id"
        )
        return tuple(
            ApiKey(key, name, tuple(scopes.split()), created, expires, used.get(f"key:{key}"))
            for key, name, scopes, created, expires in rows
        )

    def revoke_api_key(self, key_id: str) -> None:
        """Make a secret key useless; servers know within two seconds."""
        with self._shop.database.writing() as tx:
            self.revoke_api_key_in(tx, key_id)

    def revoke_api_key_in(self, tx: Transaction, key_id: str) -> None:
        """Make a secret key useless, inside a transaction."""
        if not tx.run("DELETE FROM api_keys WHERE id = ?", (key_id,)):
            raise NotFound(f"no key has the id {key_id!r}")
        tx.run("DELETE FROM key_uses WHERE key = ?", (f"key:{key_id}",))
        tx.after_commit(self._forget)

    def close(self) -> None:
        """Write down what was used last."""
        self.uses.close()

    def _look_up(self, key: str) -> Caller:
        if not key:
            raise NoKey("the request carries no key")
        caller = self._callers.get(digest_of(key))
        if caller is None:
            raise NoKey("the key is not known")
        return caller

    def _forget(self) -> None:
        self._read_at = float("-inf")

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._read_at < _REFRESH_SECONDS:
            return
        with self._lock:
            if now - self._read_at < _REFRESH_SECONDS:
                return
            self._read(self._shop.clock())
            self._read_at = now

    def _read(self, now: int) -> None:
        read = self._shop.database.read_rows
        rows = read("SELECT id, write_key, body FROM sources ORDER BY created, id")
        sources = {name: from_json(bytes(body), Source) for name, _, body in rows}
        callers = {_digest_in(kept): Caller(sources[name], key=f"source:{name}") for name, kept, _ in rows}
        former = read("SELECT write_key, source FROM old_write_keys WHERE until >= ?", (now,))
        for kept, name in former:
            if name in sources:
                callers[_digest_in(kept)] = Caller(sources[name], key=f"source:{name}")
        secret = read("SELECT digest, scopes, id FROM api_keys WHERE expires IS NULL OR expires > ?", (now,))
        for digest, scopes, key_id in secret:
            callers[digest] = Caller(sources.get("server"), frozenset(scopes.split()), f"key:{key_id}")
        self._sources, self._callers, self._remembered = sources, callers, {}


def keys(shop: Shop) -> Keys:
    """Return the keys of a shop."""
    return shop.part(Keys, lambda: Keys(shop))


_DIGEST = "sha256:"


def _kept(source: Source) -> str:
    """Return what is stored of a source's key."""
    return source.write_key if source.public else _DIGEST + digest_of(source.write_key)


def _digest_in(kept: str) -> str:
    return kept.removeprefix(_DIGEST) if kept.startswith(_DIGEST) else digest_of(kept)


def _body(source: Source) -> bytes:
    return to_json(source if source.public else evolve(source, write_key=""))


def _key_in(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            raise NoKey("the Authorization header is not valid Basic authentication") from None
    return ""
