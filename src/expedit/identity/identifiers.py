"""What people are known by: which kinds there are, how a raw value is cleaned, and which ones are junk."""

from __future__ import annotations

import re
from typing import Final

from expedit.core import InvalidInput, Struct, keyed_hash
from expedit.events import IdentifierKind

RANK: Final[dict[IdentifierKind, int]] = {
    "user_id": 0,
    "loyalty_id": 1,
    "email": 2,
    "phone": 3,
    "anonymous_id": 4,
    "payment_ref": 5,
}
"""How well each kind stands for a person, the best first."""

STRONG: Final[frozenset[IdentifierKind]] = frozenset({"user_id", "loyalty_id", "email", "phone"})
"""Kinds that belong to one person and may merge; the others only attach to one."""

LONGEST: Final = 200

JUNK: Final[frozenset[str]] = frozenset(
    "null nil none undefined nan n/a na false true test testing tester demo example sample dummy foo bar "
    "anonymous anon guest unknown user userid user_id customer id email phone void empty default admin root "
    "[object] {} [] () - -- . ? xxx 0 -1 inf infinity deleted placeholder todo".split()
) | {"[object object]", "not set", "(not set)", "not available", "no email"}
"""Values that programs send when they have none. Compared in lower case, without surrounding space."""

_SAME_CHARACTER = re.compile(r"(.)\1*", re.DOTALL)
_EMAIL = re.compile(
    r"[^\s@<>(),;:\"\\\[\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,22}[^\W_]"
)
_JUNK_MAILBOX = re.compile(
    r"(?:no-?reply|donotreply|null|none|undefined|test|unknown|anonymous|guest)@.*|.*\.(?:invalid|localhost)"
)
_PHONE_PUNCTUATION = re.compile(r"[\s\u00a0\u202f\-‐‑–./()]")
_UUID_ZERO = re.compile(r"[0-]+")


class Identifier(Struct, frozen=True):
    """An identifier as it is kept: cleaned, and with the one-way name that everything else is keyed by.

    Parameters
    ----------
    kind
        ``anonymous_id``, ``user_id``, ``email``, ``phone``, ``loyalty_id`` or ``payment_ref``.
    value
        The cleaned value.
    subject_id
        `subject_of` kind and value: 24 hex digits.
    """

    kind: IdentifierKind
    value: str
    subject_id: str


def subject_of(secret: bytes, kind: IdentifierKind, value: str) -> str:
    """Return the subject id of a cleaned identifier: HMAC-SHA-256 under the shop's secret, 24 hex digits."""
    return keyed_hash(secret, kind, value)


def identify(
    secret: bytes,
    kind: IdentifierKind,
    raw: object,
    field: str | None = None,
    calling_code: str | None = None,
) -> Identifier:
    """Clean `raw` and name it.

    Raises
    ------
    InvalidInput
        Naming `field` (the kind when not given), when it is junk.
    """
    try:
        value = normalize_identifier(kind, raw, calling_code)
    except InvalidInput as error:
        raise InvalidInput(field or kind, error.reason) from None
    return Identifier(kind, value, subject_of(secret, kind, value))


def normalize_identifier(kind: IdentifierKind, raw: object, calling_code: str | None = None) -> str:
    """Return the one spelling under which an identifier is kept.

    Parameters
    ----------
    kind
        Kind of the identifier.
    raw
        What the sender gave: text, or a whole number.
    calling_code
        Digits of the country's calling code (``46``), by which a national phone number that starts with 0 is
        understood; without it such a number is refused, since it means another person in another country.

    Raises
    ------
    InvalidInput
        Naming `kind`, with the reason why the value cannot be anybody's.

    Notes
    -----
    E-mail addresses are lower-cased whole: RFC 5321 lets the part before the @ differ by case, no mailbox
    provider in use does. Phone numbers become E.164 (ITU-T): ``+`` and at most 15 digits.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise InvalidInput(kind, "must be text or a whole number")
    value = str(raw).strip()
    if not value:
        raise InvalidInput(kind, "is empty")
    if len(value) > LONGEST:
        raise InvalidInput(kind, f"is longer than {LONGEST} characters")
    if not value.isprintable():
        raise InvalidInput(kind, "holds unprintable characters")
    lower = value.casefold()
    if lower.strip("\"'") in JUNK:
        raise InvalidInput(kind, f"{value!r} is a placeholder, not an identifier")
    if kind == "email":
        return _email(lower)
    if kind == "phone":
        return _phone(value, calling_code)
    # Customer 7 or 2222 of a small shop is a person; 0000 or a long run of one character is not.
    counted = kind in STRONG and value.isdecimal() and len(value) <= 6
    if _UUID_ZERO.fullmatch(value) or (_SAME_CHARACTER.fullmatch(value) and not counted and len(value) > 1):
        raise InvalidInput(kind, f"{value[:40]!r} is a placeholder, not an identifier")
    if len(value) == 1 and not counted:
        raise InvalidInput(kind, "is too short to name anybody")
    return value


def _email(value: str) -> str:
    value = value.removeprefix("mailto:")
    if not _EMAIL.fullmatch(value) or ".." in value or value.startswith("."):
        raise InvalidInput("email", f"{value[:60]!r} is no e-mail address")
    if _JUNK_MAILBOX.fullmatch(value):
        raise InvalidInput("email", f"{value[:60]!r} belongs to nobody")
    return value


def _phone(value: str, calling_code: str | None) -> str:
    digits = _PHONE_PUNCTUATION.sub("", value.removeprefix("tel:").replace("(0)", ""))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0") and calling_code:
        digits = f"+{calling_code}{digits[1:]}"
    elif not digits.startswith("+") and not digits.startswith("0") and calling_code is None:
        digits = "+" + digits
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        raise InvalidInput("phone", f"{value[:30]!r} is no international phone number")
    if _SAME_CHARACTER.fullmatch(digits[-7:]):
        raise InvalidInput("phone", f"{value[:30]!r} is a placeholder, not a number")
    return digits
