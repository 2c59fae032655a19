"""What must hold of a home however it was treated: nothing acknowledged is lost, nothing counts twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from expedit.decisions import read_decisions
from expedit.events import read_events
from expedit.profiles import rebuild_profiles
from expedit.storage import Shop, migrate, open_shop
from tests.app.houses import House


@dataclass
class Audit:
    """What the books say."""

    events: int
    lost: set[str]
    twice: list[tuple[str, str]]
    profiles: int
    differing: int


def audit(house: House, acknowledged: Collection[str]) -> Audit:
    """Read the whole log of a home that no server holds, and compute every profile anew from it."""
    shop = open_shop(house.root)
    try:
        migrate(shop.database)
        counted = Counter((event.source, event.message_id) for event in read_events(shop))
        kept = profile_bytes(shop)
        rebuild_profiles(shop)
        again = profile_bytes(shop)
    finally:
        shop.close()
    return Audit(
        events=sum(counted.values()),
        lost=set(acknowledged) - {message for _, message in counted},
        twice=[key for key, times in counted.items() if times > 1],
        profiles=len(kept),
        differing=sum(kept.get(person) != again.get(person) for person in kept.keys() | again.keys()),
    )


def profile_bytes(shop: Shop) -> dict[str, tuple[object, ...]]:
    """Every profile's row, byte for byte."""
    rows = shop.database.read_rows("SELECT * FROM profiles")
    return {
        str(row[0]): tuple(bytes(part) if isinstance(part, memoryview) else part for part in row)
        for row in rows
    }


def logged_decisions(house: House) -> set[str]:
    """The ids of every decision in the decision log."""
    shop = open_shop(house.root)
    try:
        return {decision.id for decision in read_decisions(shop)}
    finally:
        shop.close()
