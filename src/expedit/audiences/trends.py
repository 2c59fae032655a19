"""How audiences grow and shrink, from what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from expedit.audiences.model import Size
from expedit.core import DAY, Struct, day_of

WEEK = 7 * DAY
_WIDTH, _HEIGHT = 96, 24


class Trend(Struct, frozen=True):
    """Sizes day by day.

    Parameters
    ----------
    days
        Dates (UTC), each with the last size counted on it.
    change
        How much larger the newest is than the one a week before; None when that was not counted.
    points
        The same as a line in a box of 96 × 24, for `<polyline>`; empty for fewer than two days.
    """

    days: tuple[tuple[str, int], ...]
    change: int | None
    points: str = ""


def trend_of(sizes: Sequence[Size], now: int, days: int = 30) -> Trend:
    """Return the trend of the last `days`; `sizes` stand in the order of their time."""
    lately = [size for size in sizes if size.at >= now - days * DAY]
    by_day = {day_of(size.at): size.members for size in lately}
    before = [size.members for size in sizes if size.at <= now - WEEK]
    change = lately[-1].members - before[-1] if lately and before else None
    found = tuple(sorted(by_day.items()))
    return Trend(found, change, _line([members for _, members in found]))


def chart_of(trend: Trend) -> dict[str, Any]:
    """Return a line chart of sizes by day."""
    return {
        "xAxis": {"type": "category", "data": [day for day, _ in trend.days]},
        "yAxis": {"type": "value", "minInterval": 1},
        "legend": False,
        "series": [{"type": "line", "data": [members for _, members in trend.days]}],
    }


def _line(values: Sequence[int]) -> str:
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    return " ".join(
        f"{place * _WIDTH / (len(values) - 1):.1f},"
        f"{_HEIGHT - 2 - (value - low) * (_HEIGHT - 4) / max(1, high - low):.1f}"
        for place, value in enumerate(values)
    )
