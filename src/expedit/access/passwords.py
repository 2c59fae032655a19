"""Passwords: what they must be, and how they are kept (argon2id, RFC 9106)."""

from __future__ import annotations

import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from expedit.core import InvalidInput

SHORTEST = 12
LONGEST = 200
_FEWEST_DIFFERENT = 6

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
# Each hash takes 64 MiB: a crowd at the door must not take all memory.
_at_once = threading.BoundedSemaphore(2)


def check_password(password: str, *known: str) -> None:
    """Raise `InvalidInput` unless `password` is long, varied and not made of what is known of its user.

    Length is asked for and nothing else of its form (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < SHORTEST:
        raise InvalidInput("password", f"must have at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise InvalidInput("password", f"must have at most {LONGEST} characters")
    if len(set(password)) < _FEWEST_DIFFERENT:
        raise InvalidInput("password", f"must have at least {_FEWEST_DIFFERENT} different characters")
    typed = password.lower()
    for text in known:
        part = text.lower().partition("@")[0]
        if len(part) > 3 and typed.replace(part, "").strip("0123456789!.-_ ") == "":
            raise InvalidInput("password", "must not be your own name or address")


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    with _at_once:
        return _hasher.hash(password)


def holds(kept: str, password: str) -> bool:
    """Tell whether `password` is the one that `kept` was made of.

    Where there is nothing to compare with (`kept` is empty) it takes as long, and says no.
    """
    with _at_once:
        try:
            return _hasher.verify(kept or _nobody(), password[: LONGEST + 1]) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def outdated(kept: str) -> bool:
    """Tell whether `kept` was made with other parameters than are used now."""
    return _hasher.check_needs_rehash(kept)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Return the hash of a password that nobody has."""
    return _hasher.hash("nobody's password, hashed so that nobody can be told from somebody")
