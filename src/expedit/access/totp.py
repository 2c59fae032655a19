"""The second factor: six digits that change every thirty seconds (TOTP, RFC 6238, over HOTP, RFC 4226).

No secret is stored: it is derived from the shop's own secret and a random name that the user's row holds, so
that a copy of the database alone opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

import segno

from expedit.core import SECOND, keyed_hash
from expedit.storage import Shop, Transaction

STEP_SECONDS = 30
DIGITS = 6
DRIFT = 1
"""Steps that the clock of a phone may be before or behind."""
RECOVERY_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """Return the code of a time step (RFC 4226, 5.3: dynamic truncation of HMAC-SHA-1)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(now: int) -> int:
    """Return the time step of a moment in microseconds."""
    return now // (STEP_SECONDS * SECOND)


def matching_step(secret: bytes, code: str, now: int, after: int) -> int | None:
    """Return the step whose code `code` is, if it is near `now` and later than `after`; else None.

    A code is good once (RFC 6238, 5.2): `after` is the step of the last one that was taken.
    """
    typed = "".join(code.split())
    found: int | None = None
    for step in range(step_of(now) - DRIFT, step_of(now) + DRIFT + 1):
        same = hmac.compare_digest(code_at(secret, step).encode(), typed.encode())
        if same and step > after:
            found = step
    return found


def new_name() -> str:
    """Return the random name of a new secret."""
    return secrets.token_hex(16)


def secret_of(shop: Shop, user_id: str, name: str) -> bytes:
    """Return the secret of that name: 160 bits, as RFC 4226 (4, R6) asks for."""
    return hmac.digest(shop.secret, f"totp\0{user_id}\0{name}".encode(), hashlib.sha256)[:20]


def readable(secret: bytes) -> str:
    """Return the secret as it is typed into an app: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address_of(secret: bytes, email: str, issuer: str = "expedit") -> str:
    """Return the ``otpauth`` address that authenticator apps read."""
    given = urlencode({"secret": readable(secret).replace(" ", ""), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(email)}?{given}"


def picture_of(address: str) -> str:
    """Return a QR code as a ``data:`` address of an SVG picture."""
    return segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff", dark="#000")


def make_recovery_codes(tx: Transaction, shop: Shop, user_id: str) -> tuple[str, ...]:
    """Replace a user's recovery codes; the new ones are shown this once and kept only as keyed hashes."""
    codes = tuple(
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    )
    tx.run("DELETE FROM recovery_codes WHERE account = ?", (user_id,))
    tx.run_many(
        "INSERT INTO recovery_codes (account, digest) VALUES (?, ?)",
        [(user_id, _digest(shop, user_id, code)) for code in codes],
    )
    return codes


def use_recovery_code(tx: Transaction, shop: Shop, user_id: str, code: str) -> bool:
    """Take a recovery code, which is good once; tell whether it was one."""
    digest = _digest(shop, user_id, code)
    return bool(tx.run("DELETE FROM recovery_codes WHERE account = ? AND digest = ?", (user_id, digest)))


def recovery_codes_left(shop: Shop, user_id: str) -> int:
    """Return how many recovery codes a user has not used."""
    row = shop.database.read_row("SELECT COUNT(*) FROM recovery_codes WHERE account = ?", (user_id,))
    return 0 if row is None else int(row[0])


def _digest(shop: Shop, user_id: str, code: str) -> str:
    return keyed_hash(shop.secret, "recovery code", user_id, "".join(code.lower().split()).replace("-", ""))
