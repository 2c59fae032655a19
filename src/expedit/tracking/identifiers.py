"""Which identifiers an event carries, and which of them its sender may claim."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from expedit.core import InvalidInput, NotAllowed
from expedit.events import IdentifierKind
from expedit.identity import STRONG, Identifier, identify
from expedit.tracking.model import Ignored

CheckHash = Callable[[str, str], None]
"""Raises `NotAllowed` unless the second argument is the shop's signature of the first."""

_UNSIGNED = "is left out: with a public write key it needs a userHash"
_UNSIGNED_USER = "needs a valid userHash (hex HMAC-SHA-256 of it under the shop's signing secret)"
_LEFT_OUT_USER = f"is left out: it {_UNSIGNED_USER}"

_KIND_BY_NAME: dict[str, IdentifierKind] = {
    "email": "email",
    "phone": "phone",
    "loyalty_id": "loyalty_id",
    "loyaltyId": "loyalty_id",
    "payment_ref": "payment_ref",
    "paymentRef": "payment_ref",
}

# The acting one is the device, if there is one: what it did stays its own when persons merge or split.
_ACTING: dict[IdentifierKind, int] = {
    "anonymous_id": 0,
    "user_id": 1,
    "loyalty_id": 2,
    "email": 3,
    "phone": 4,
    "payment_ref": 5,
}

# ITU-T E.164 country codes of the markets that shops of this region have.
_CALLING_CODES = dict(
    pair.split(":")
    for pair in (
        "SE:46 NO:47 DK:45 FI:358 IS:354 EE:372 LV:371 LT:370 DE:49 AT:43 CH:41 NL:31 BE:32 FR:33 ES:34 "
        "PT:351 PL:48 CZ:420 GB:44 UK:44 IE:353"
    ).split()
)


class Claim(NamedTuple):
    """An identifier as it was sent, and the field it stood in."""

    kind: IdentifierKind
    raw: object
    field: str


def take_claims(values: dict[str, Any], field: str) -> list[Claim]:
    """Take the identifiers out of the traits or properties `values`."""
    if _KIND_BY_NAME.keys().isdisjoint(values):
        return []
    found = []
    for name in _KIND_BY_NAME.keys() & values.keys():
        if isinstance(values[name], bool):  # an answer, as in a consent to "email", and no address
            continue
        raw = values.pop(name)
        if raw is not None and raw != "":
            found.append(Claim(_KIND_BY_NAME[name], raw, f"{field}.{name}"))
    return found


def settle_claims(
    claims: list[Claim],
    secret: bytes,
    check_hash: CheckHash | None,
    user_hash: str,
    market: str | None = None,
) -> tuple[tuple[Identifier, ...], tuple[Ignored, ...]]:
    """Return the identifiers to keep, the acting one first, and what was left out.

    Parameters
    ----------
    claims
        Everything that the event names somebody by.
    secret
        The shop's secret.
    check_hash
        None when the sender is the shop itself. Anybody can send with a public write key: there a user id
        needs the shop's signature, and so does an e-mail address, phone number or loyalty id (of its
        normalized value), unless it stands beside a signed user id. Otherwise a stranger's device would
        become part of the person who owns the address.
    user_hash
        The signature that the event carries.
    market
        Its country's calling code completes a national phone number.

    Raises
    ------
    InvalidInput
        When a user id is signed wrongly, or not at all and nothing else says who it was; names ``userId``.

    Notes
    -----
    An unsigned user id beside a device is left out and the event counts for the device: the published browser
    libraries put the user id on every event after a login and know of no signature.
    """
    kept: dict[str, Identifier] = {}
    ignored: list[Ignored] = []
    vouched, unsigned = check_hash is None, None
    if len(claims) > 1:
        claims.sort(key=_user_first)
    for claim in claims:
        try:
            if claim.kind == "anonymous_id" and isinstance(claim.raw, str):
                one = _device(secret, claim.raw, claim.field)
            else:
                one = identify(secret, claim.kind, claim.raw, claim.field, _CALLING_CODES.get(market or ""))
        except InvalidInput as error:
            ignored.append(Ignored(claim.field, error.reason))
            continue
        if not vouched and claim.kind in STRONG:
            vouched = _signed(check_hash, str(claim.raw).strip(), user_hash) or _signed(
                check_hash, one.value, user_hash
            )
            if not vouched and claim.kind == "user_id":
                if user_hash:
                    raise InvalidInput(claim.field, _UNSIGNED_USER)
                unsigned = claim.field
                ignored.append(Ignored(claim.field, _LEFT_OUT_USER))
                continue
            if not vouched:
                ignored.append(Ignored(claim.field, _UNSIGNED))
                continue
        kept.setdefault(one.subject_id, one)
    if unsigned is not None and not kept:
        raise InvalidInput(unsigned, _UNSIGNED_USER)
    return tuple(sorted(kept.values(), key=_device_first)), tuple(ignored)


@lru_cache(maxsize=32_768)
def _device(secret: bytes, raw: str, field: str) -> Identifier:
    """Name a device; one that is busy now is named again and again."""
    return identify(secret, "anonymous_id", raw, field)


def _user_first(claim: Claim) -> bool:
    return claim.kind != "user_id"


def _device_first(one: Identifier) -> int:
    return _ACTING[one.kind]


def _signed(check_hash: CheckHash | None, value: str, user_hash: str) -> bool:
    if check_hash is None or not user_hash:
        return False
    try:
        check_hash(value, user_hash)
    except NotAllowed:
        return False
    return True
