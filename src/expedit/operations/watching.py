"""Putting meters around what other rooms do, so that those rooms know nothing of being measured."""

from __future__ import annotations

from functools import wraps
from time import perf_counter
from typing import Any

from expedit.decisions import Decision, Placement, desk
from expedit.operations.meters import Meters, meters
from expedit.storage import Shop
from expedit.tracking import committer


def watch(shop: Shop) -> Meters:
    """Count and time the shop's decisions and the events that it takes in, from now on."""
    counted = meters(shop)
    _watch_desk(shop, counted)
    committer(shop).on_group = counted.grouped
    return counted


def _watch_desk(shop: Shop, counted: Meters) -> None:
    counter = desk(shop)
    make = counter.decide

    @wraps(make)
    def decide(placement: Placement, *given: Any, limit: int | None = None, **more: Any) -> Decision:
        began = perf_counter()
        decision = make(placement, *given, limit=limit, **more)
        counted.decided(placement.name, limit or placement.size, decision, perf_counter() - began)
        return decision

    counter.decide = decide  # type: ignore[method-assign]
