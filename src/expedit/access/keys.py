"""Sources and secret keys, read into memory and refreshed every two seconds."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import threading
import time

from expedit.access.model import SCOPES, Caller, Scope, Source, check_source
from expedit.core import (
    Conflict,
    InvalidInput,
    NoKey,
    NotAllowed,
    NotFound,
    Struct,
    from_json,
    new_id,
    new_secret,
    to_json,
)
from expedit.storage import Shop

_REFRESH_SECONDS = 2.0


class ApiKey(Struct, frozen=True):
    """A secret key as it can be shown: never its secret."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: int


def _digest(secret: str) -> str:
    # A secret of 192 random bits needs no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()


class Keys:
    """The sources and secret keys of a shop, answered from memory."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._by_write_key: dict[str, Source] = {}
        self._scopes: dict[str, frozenset[str]] = {}

    def caller(self, authorization: str, write_key: str = "") -> Caller:
        """Tell who sends a request.

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
        """
        key = _key_in(authorization) or write_key
        if not key:
            raise NoKey("the request carries no key")
        self._refresh()
        source = self._by_write_key.get(key)
        if source is not None:
            return Caller(source)
        scopes = self._scopes.get(_digest(key))
        if scopes is None:
            raise NoKey("the key is not known")
        return Caller(self.find("server"), scopes)

    def find(self, source_id: str) -> Source | None:
        """Return the source of that id, if there is one."""
        self._refresh()
        return next((source for source in self._by_write_key.values() if source.id == source_id), None)

    def source(self, source_id: str) -> Source:
        """Return the source of that id, or raise `NotFound`."""
        found = self.find(source_id)
        if found is None:
            known = ", ".join(sorted(source.id for source in self.sources())) or "none yet"
            raise NotFound(f"no source is called {source_id!r}; known are: {known}")
        return found

    def sources(self) -> tuple[Source, ...]:
        """Return every source."""
        self._refresh()
        return tuple(self._by_write_key.values())

    def add_source(self, source: Source) -> None:
        """Add a source.

        Raises
        ------
        Conflict
            When its id or write key is taken.
        """
        check_source(source)
        with self._shop.database.writing() as tx:
            if tx.row("SELECT 1 FROM sources WHERE id = ? OR write_key = ?", (source.id, source.write_key)):
                raise Conflict(f"a source {source.id!r} exists already")
            tx.run(
                "INSERT INTO sources (id, write_key, body, created) VALUES (?, ?, ?, ?)",
                (source.id, source.write_key, to_json(source), self._shop.clock()),
            )
        self._forget()

    def add_api_key(self, name: str, scopes: tuple[Scope, ...]) -> str:
        """Make a secret key; the returned secret is shown this once and kept only as a digest."""
        unknown = set(scopes) - set(SCOPES)
        if unknown or not scopes:
            raise InvalidInput("scopes", f"choose from {', '.join(SCOPES)}")
        secret, now = new_secret("sk"), self._shop.clock()
        with self._shop.database.writing() as tx:
            tx.run(
                "INSERT INTO api_keys (id, name, digest, scopes, created) VALUES (?, ?, ?, ?, ?)",
                (new_id(now), name, _digest(secret), " ".join(scopes), now),
            )
        self._forget()
        return secret

    def api_keys(self) -> tuple[ApiKey, ...]:
        """Return every secret key, without its secret."""
        rows = self._shop.database.read_rows(
            "SELECT id, name, scopes, created FROM api_keys ORDER BY created, id"
        )
        return tuple(ApiKey(key, name, tuple(scopes.split()), created) for key, name, scopes, created in rows)

    def revoke_api_key(self, key_id: str) -> None:
        """Make a secret key useless; servers know within two seconds."""
        with self._shop.database.writing() as tx:
            if not tx.run("DELETE FROM api_keys WHERE id = ?", (key_id,)):
                raise NotFound(f"no key has the id {key_id!r}")
        self._forget()

    def _forget(self) -> None:
        self._read_at = float("-inf")

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._read_at < _REFRESH_SECONDS:
            return
        with self._lock:
            if now - self._read_at < _REFRESH_SECONDS:
                return
            sources = self._shop.database.read_rows("SELECT write_key, body FROM sources")
            keys = self._shop.database.read_rows("SELECT digest, scopes FROM api_keys")
            self._by_write_key = {key: from_json(bytes(body), Source) for key, body in sources}
            self._scopes = {digest: frozenset(scopes.split()) for digest, scopes in keys}
            self._read_at = now


def keys(shop: Shop) -> Keys:
    """Return the keys of a shop."""
    return shop.part(Keys, lambda: Keys(shop))


def signing_secret(shop: Shop) -> str:
    """Return the secret with which the shop's own server signs user ids."""
    return hmac.digest(shop.secret, b"user-hash", hashlib.sha256).hex()


def user_hash(shop: Shop, user_id: str) -> str:
    """Return the signature of `user_id`: hex HMAC-SHA-256 under the signing secret."""
    return hmac.new(signing_secret(shop).encode(), user_id.encode(), hashlib.sha256).hexdigest()


def check_user_hash(shop: Shop, user_id: str, given: str) -> None:
    """Raise `NotAllowed` unless `given` is the signature of `user_id`."""
    if not given or not hmac.compare_digest(user_hash(shop, user_id), given.lower()):
        raise NotAllowed("userId needs a userHash: hex HMAC-SHA-256 of it under the shop's signing secret")


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
