"""The audiences in force, to choose one of."""

from __future__ import annotations

from expedit.audiences.live import live_audiences
from expedit.storage import Shop


def audience_choices(shop: Shop) -> list[tuple[str, str]]:
    """Return the id and name of each audience in force, by name."""
    known = live_audiences(shop).newest().values()
    return sorted(((one.audience.id, one.audience.name) for one in known), key=lambda one: one[1].casefold())
