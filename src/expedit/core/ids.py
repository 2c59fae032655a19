"""Identifiers that expedit makes: sortable by time, and one-way names of things people are known by."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets


def new_id(at: int) -> str:
    """Return a fresh id that sorts by `at` (microseconds): a UUID version 7 (RFC 9562) as 32 hex digits."""
    random = int.from_bytes(os.urandom(10))
    value = (at // 1000) << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    return f"{value:032x}"


def time_of_id(identifier: str) -> int:
    """Return the moment, in microseconds (whole milliseconds), that `new_id` put into `identifier`."""
    return int(identifier[:12], 16) * 1000


def new_secret(prefix: str) -> str:
    """Return a fresh secret of 192 random bits, as ``prefix_…``."""
    return f"{prefix}_{secrets.token_urlsafe(24)}"


def keyed_hash(key: bytes, *parts: str) -> str:
    """Return 96 bits of HMAC-SHA-256 over `parts`, as 24 hex digits: equal parts, equal name."""
    return hmac.digest(key, "\0".join(parts).encode(), hashlib.sha256)[:12].hex()
