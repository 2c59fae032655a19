"""What every page of numbers shares: the market and period that it is about, and amounts in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from expedit.core import decimals_of
from expedit.insights.asking import scope_of, scopes
from expedit.insights.model import PERIODS
from expedit.insights.statistics import Interval
from expedit.storage import Shop
from expedit.web import Visit, money, text


def chosen(shop: Shop, visit: Visit) -> dict[str, Any]:
    """Return the scope and days that a visit asks about, and those that it may."""
    asked = visit.query.get("days", "30")
    return {
        "scope": scope_of(shop, visit.query.get("market", "")),
        "days": int(asked) if asked in map(str, PERIODS) else 30,
        "scopes": [(one.name, f"{one.name} · {one.currency}") for one in scopes(shop)],
        "periods": [(count, text(visit.language, "insights.overview.days", n=count)) for count in PERIODS],
    }


def amount_of(language: str, value: float | None, code: str) -> str:
    """Return an amount of minor units in words, whole."""
    return money(language, None if value is None else round(value), code, whole=True)


def range_of(language: str, found: Interval, code: str) -> str:
    """Return the bounds of an amount in words; empty where they are not known."""
    if found.low is None or found.high is None:
        return ""
    low, high = (amount_of(language, value, code) for value in (found.low, found.high))
    return text(language, "insights.overview.interval", low=low, high=high)


def day_names(days: Sequence[str]) -> list[str]:
    """Return days as a chart names them."""
    return [f"{date.fromisoformat(one):%-d/%-m}" for one in days]


def major(minor: float, code: str) -> float:
    """Return an amount of minor units in major ones, for a chart."""
    return round(float(minor) / float(10 ** decimals_of(code)), 2)
