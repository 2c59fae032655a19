"""Secrets at rest: sealed with AES-256-GCM under a key that is not in the database.

The key comes from the environment variable ``EXPEDIT_SECRET_KEY`` (32 characters or more, as
``openssl rand -hex 32`` prints), else it is derived from the home's own secret file. The variable may hold
several keys, separated by commas: the first seals, the others still open what they sealed, which is how a
key is rotated. Each sealed value is bound to the place it is for: it opens nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from expedit.core import Corrupt, SettingsError

KEY_VARIABLE = "EXPEDIT_SECRET_KEY"
SHORTEST_KEY = 32

_VERSION = b"\x01"
_NAME_BYTES = 4
_NONCE_BYTES = 12


class _Key:
    """One key: its name, which says nothing of it, and its cipher."""

    def __init__(self, material: bytes, origin: str) -> None:
        derived = HKDF(SHA256(), 32 + _NAME_BYTES, None, b"expedit connections 1").derive(material)
        self.cipher = AESGCM(derived[:32])
        self.name = derived[32:]
        self.origin = origin


class Vault:
    """Seals and opens secrets.

    Parameters
    ----------
    keys
        Key material with where it came from; the first seals.
    """

    def __init__(self, keys: Sequence[tuple[bytes, str]]) -> None:
        self._keys = [_Key(material, origin) for material, origin in keys]

    @property
    def key_name(self) -> str:
        """Name of the key that seals, as hex; it tells nothing of the key."""
        return self._keys[0].name.hex()

    def seal(self, secret: str, place: str) -> bytes:
        """Return `secret` sealed for `place`."""
        key = self._keys[0]
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + key.name + nonce + key.cipher.encrypt(nonce, secret.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Return the secret that was sealed for `place`.

        Raises
        ------
        SettingsError
            When none of the keys sealed it.
        Corrupt
            When it was changed, or sealed for another place.
        """
        key = self._key_of(sealed)
        at = 1 + _NAME_BYTES
        nonce, rest = sealed[at : at + _NONCE_BYTES], sealed[at + _NONCE_BYTES :]
        try:
            return key.cipher.decrypt(nonce, rest, place.encode()).decode()
        except InvalidTag:
            raise Corrupt(f"the sealed secret of {place} was changed, or is not the one of {place}") from None

    def fresh(self, sealed: bytes) -> bool:
        """Tell whether the key that seals now has sealed it."""
        return sealed[1 : 1 + _NAME_BYTES] == self._keys[0].name

    def _key_of(self, sealed: bytes) -> _Key:
        name = sealed[1 : 1 + _NAME_BYTES]
        if sealed[:1] != _VERSION or len(sealed) < 1 + _NAME_BYTES + _NONCE_BYTES:
            raise Corrupt("the sealed secret is of an unknown form")
        for key in self._keys:
            if key.name == name:
                return key
        have = ", ".join(f"{key.name.hex()} ({key.origin})" for key in self._keys)
        raise SettingsError(
            f"a secret was sealed with the key {name.hex()}, but the keys here are {have}; put the key that"
            f" it was sealed with into {KEY_VARIABLE}, after the present one and a comma, or enter the"
            " secret anew"
        )


def read_keys(own: bytes, environ: Mapping[str, str] | None = None) -> list[tuple[bytes, str]]:
    """Return the keys to use: those of the environment, then the one of the home.

    Raises
    ------
    SettingsError
        When a key in the environment is too short.
    """
    given = (os.environ if environ is None else environ).get(KEY_VARIABLE, "")
    keys = [part.strip() for part in given.split(",") if part.strip()]
    for key in keys:
        if len(key) < SHORTEST_KEY:
            raise SettingsError(
                f"{KEY_VARIABLE} holds a key of {len(key)} characters; it takes {SHORTEST_KEY} or more:"
                " openssl rand -hex 32"
            )
    return [*((key.encode(), KEY_VARIABLE) for key in keys), (own, "the home's secret file")]
