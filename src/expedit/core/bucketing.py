"""Randomization: which of 10,000 buckets a key falls into.

The hash is 32-bit FNV-1a over UTF-8 bytes, applied twice so that keys that differ in their last
character spread: ``fnv1a(decimal text of fnv1a(salt + ":" + key)) mod 10000``. The same function exists in
TypeScript; `spec/bucketing.json` holds golden cases for both.

References
----------
G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, "The FNV Non-Cryptographic Hash Algorithm".
"""

from __future__ import annotations

BUCKETS = 10_000


def _fnv1a(data: bytes) -> int:
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def bucket(salt: str, key: str) -> int:
    """Return the bucket, 0 … 9999, of `key` in the experiment named by `salt`."""
    return _fnv1a(str(_fnv1a(f"{salt}:{key}".encode())).encode()) % BUCKETS
