"""How often a password or a code may be tried: after some failures ever more slowly.

An attempt takes its place before it is looked at, so that guesses made at the same moment count too, and it
counts for an account whether or not that account exists. Kept in the database, hence the same for all
processes. Of addresses a keyed hash of their network is kept, for an hour after its last failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from expedit.core import HOUR, SECOND, Struct, TooManyRequests, keyed_hash
from expedit.storage import Shop

MEMORY = HOUR
"""How long after its last failure a lane is remembered, in microseconds."""


class Lane(Struct, frozen=True):
    """What is counted together.

    Parameters
    ----------
    kind
        ``password``, ``code`` or ``network``.
    who
        The account or the network.
    free
        Failures before it gets slow.
    longest
        Longest wait, in seconds.
    """

    kind: str
    who: str
    free: int
    longest: int


def password_lane(login: str) -> Lane:
    """Return the lane of the passwords tried for an account, which need not exist."""
    return Lane("password", login.strip().lower(), 5, 900)


def code_lane(user_id: str) -> Lane:
    """Return the lane of the second factor of a user."""
    return Lane("code", user_id, 5, 900)


def network_lane(address: str) -> Lane:
    """Return the lane of everybody in the network of `address`."""
    return Lane("network", network_of(address), 20, 900)


def network_of(address: str) -> str:
    """Return the network of an address: /24 of IPv4, /48 of IPv6, which is what one household can have."""
    try:
        parsed = ip_address(address)
    except ValueError:  # a unix socket has no address; all that come by it are one
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    length = 24 if parsed.version == 4 else 48
    return str(ip_network(f"{parsed}/{length}", strict=False))


def wait_after(failures: int, free: int, longest: int) -> int:
    """Return how many seconds to wait after so many failures: none at first, then 1, 2, 4 … `longest`."""
    return 0 if failures < free else min(2 ** min(failures - free, 20), longest)


def enter(shop: Shop, lanes: Sequence[Lane]) -> None:
    """Count an attempt as failed, before it is looked at; `leave` takes that back.

    Raises
    ------
    TooManyRequests
        When a lane is closed; the attempt must not be looked at, and does not count.
    """
    now = shop.clock()
    with shop.database.writing() as tx:
        tx.run("DELETE FROM login_attempts WHERE forget_at <= ?", (now,))
        for key, lane in _sorted(shop, lanes):
            tx.run(
                "INSERT INTO login_attempts (key, failures, closed_until, forget_at) VALUES (?, 0, 0, ?) "
                "ON CONFLICT (key) DO NOTHING",
                (key, now + MEMORY),
            )
            asked = "SELECT failures, closed_until FROM login_attempts WHERE key = ?"
            row = tx.row(asked + tx.for_update, (key,))
            failures, closed_until = row or (0, 0)
            if closed_until > now:
                seconds = -(-(closed_until - now) // SECOND)
                raise TooManyRequests("too many attempts; wait before the next one", seconds)
            wait = wait_after(failures + 1, lane.free, lane.longest)
            tx.run(
                "UPDATE login_attempts SET failures = ?, closed_until = ?, forget_at = ? WHERE key = ?",
                (failures + 1, now + wait * SECOND, now + MEMORY, key),
            )


def leave(shop: Shop, lanes: Sequence[Lane]) -> None:
    """Take back an attempt that was no failure. An account starts anew; a network forgets this one only,
    since whoever owns one account there could otherwise guess at all others for ever."""
    with shop.database.writing() as tx:
        for key, lane in _sorted(shop, lanes):
            if lane.kind == "network":
                tx.run(
                    "UPDATE login_attempts SET failures = failures - 1, closed_until = 0 WHERE key = ?",
                    (key,),
                )
            else:
                tx.run("DELETE FROM login_attempts WHERE key = ?", (key,))


def reopen(shop: Shop, lanes: Sequence[Lane]) -> None:
    """Forget every failure of `lanes`."""
    with shop.database.writing() as tx:
        for key, _ in _sorted(shop, lanes):
            tx.run("DELETE FROM login_attempts WHERE key = ?", (key,))


def _sorted(shop: Shop, lanes: Sequence[Lane]) -> list[tuple[str, Lane]]:
    # One order for all, so that two attempts never wait for each other.
    return sorted(
        ((keyed_hash(shop.secret, "lane", lane.kind, lane.who), lane) for lane in lanes), key=_first
    )


def _first(pair: tuple[str, Lane]) -> str:
    return pair[0]
