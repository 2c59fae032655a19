"""What only the shop itself can say: the signature of a user id, and digests of secrets."""

from __future__ import annotations

import hashlib
import hmac

from expedit.core import NotAllowed
from expedit.storage import Shop


def digest_of(secret: str) -> str:
    """Return what is kept of a secret of 192 random bits or more: there is nothing to guess, so the hash
    need not be slow."""
    return hashlib.sha256(secret.encode()).hexdigest()


def signing_secret(shop: Shop) -> str:
    """Return the secret with which the shop's own server signs user ids."""
    return hmac.digest(shop.secret, b"user-hash", hashlib.sha256).hex()


def user_hash(shop: Shop, user_id: str) -> str:
    """Return the signature of `user_id`: hex HMAC-SHA-256 under the signing secret."""
    return hmac.new(signing_secret(shop).encode(), user_id.encode(), hashlib.sha256).hexdigest()


def check_user_hash(shop: Shop, user_id: str, given: str) -> None:
    """Raise `NotAllowed` unless `given` is the signature of `user_id`."""
    if not given or not hmac.compare_digest(user_hash(shop, user_id).encode(), given.lower().encode()):
        raise NotAllowed("userId needs a userHash: hex HMAC-SHA-256 of it under the shop's signing secret")
