"""Putting meters around what other rooms do, so that those rooms know nothing of being measured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from time import perf_counter
from typing import Any

from expedit.decisions import Decision, Placement, desk
from expedit.operations.meters import Meters, meters
from expedit.storage import Shop
from expedit.tracking import Outcome, committer


def watch(shop: Shop) -> Meters:
    """Count and time the shop's decisions and the events that it takes in, from now on."""
    counted = meters(shop)
    _watch_desk(shop, counted)
    _watch_committer(shop, counted)
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


def _watch_committer(shop: Shop, counted: Meters) -> None:
    taker = committer(shop)
    take = taker.commit

    @wraps(take)
    async def commit(entries: Sequence[Any], letters: Sequence[Any] = ()) -> Sequence[Outcome]:
        outcomes = await take(entries, letters)
        counted.took_in([one.fate for one in outcomes], len(letters))
        return outcomes

    taker.commit = commit  # type: ignore[method-assign]
    taker.on_group = counted.grouped
