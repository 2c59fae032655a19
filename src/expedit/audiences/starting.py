"""Audiences to start from: what most shops want first."""

from __future__ import annotations

from typing import Any

from expedit.audiences.model import Audience
from expedit.web import text

_ORDERED_LATELY = {"$elemMatch": {"at": {"$gte": {"$ago": "90d"}}}}

STARTS: dict[str, dict[str, Any]] = {
    "regulars": {"orders": {"$count": {"where": {"at": {"$gte": {"$ago": "365d"}}}, "is": {"$gte": 3}}}},
    "lapsed": {
        "$and": [
            {"orders": {"$elemMatch": {"at": {"$lt": {"$ago": "90d"}}}}},
            {"orders": {"$not": _ORDERED_LATELY}},
        ]
    },
    "left_cart": {
        "cart": {"$count": {"is": {"$gte": 1}}},
        "last_seen": {"$gte": {"$ago": "14d"}, "$lt": {"$ago": "1d"}},
    },
    "newcomers": {
        "first_seen": {"$gte": {"$ago": "14d"}},
        "orders": {"$count": {"is": 0}},
    },
    "undecided": {
        "viewed": {"$count": {"where": {"at": {"$gte": {"$ago": "7d"}}}, "is": {"$gte": 5}}},
        "orders": {"$not": _ORDERED_LATELY},
    },
    "generous": {"spent.last_365_days": {"$gte": 500_000}},
}
"""Start → its condition."""


def starting_audience(name: str, language: str) -> Audience:
    """Return the audience that a start begins with; an empty one of no known start."""
    if name not in STARTS:
        return Audience("", "")
    return Audience("", text(language, f"audiences.start.{name}"), STARTS[name])
