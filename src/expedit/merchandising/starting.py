"""Rules to start from: what most shops want first, filled in as far as nobody has to choose."""

from __future__ import annotations

from expedit.merchandising.model import Action, Boost, BrandConflict, Bury, Exclude, Pin, Rule
from expedit.web import text

STARTS: dict[str, tuple[str, Action]] = {
    "nearly_gone": ("package-off", Exclude({"stock": {"$lt": 3}})),
    "running_out": ("hourglass-low", Bury({"stock_days": {"$lt": 7}}, 0.5)),
    "overstock": ("packages", Boost({"stock_days": {"$gt": 120}}, 0.3)),
    "new": ("sparkles", Boost({"created": {"$gte": {"$ago": "30d"}}}, 0.5)),
    "rivals": ("swords", BrandConflict((), ())),
    "campaign": ("pin", Pin((), 1)),
}
"""Start → its icon and its action."""


def starting_rule(name: str, language: str) -> Rule:
    """Return the rule that a start begins with; an empty one of no known start."""
    if name not in STARTS:
        return Rule("", "", Boost({}, 0.5))
    return Rule("", text(language, f"merchandising.start.{name}"), STARTS[name][1])
