"""A busy event loop waits for the commit under way; one that is not busy does not."""

from __future__ import annotations

import asyncio
import time

import pytest

from expedit.tracking.giving_way import GiveWay


def looks_while(busy: float, *, writing: bool, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return how long the loop was told to wait at each look, with `busy` seconds of work in each turn."""
    waited: list[float] = []
    way = GiveWay()
    monkeypatch.setattr(way._done, "wait", waited.append)

    async def work() -> None:
        if writing:
            way.begin()
        way.watch(asyncio.get_running_loop())
        for _ in range(4):
            time.sleep(busy)
            await asyncio.sleep(0.004)
        way.end()
        await asyncio.sleep(0.15)

    asyncio.run(work())
    assert way._watched is None
    return waited


def test_a_busy_loop_waits_for_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = looks_while(0.03, writing=True, monkeypatch=monkeypatch)
    assert waited and set(waited) == {0.01}


def test_nobody_waits_when_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks_while(0.03, writing=False, monkeypatch=monkeypatch) == []


def test_it_waits_for_a_commit_that_begins_after_the_events_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group fills for some milliseconds first: whoever stopped looking then would starve its commit."""
    waited: list[float] = []
    way = GiveWay()
    monkeypatch.setattr(way._done, "wait", waited.append)

    async def work() -> None:
        way.watch(asyncio.get_running_loop())
        await asyncio.sleep(0.02)
        way.begin()
        for _ in range(4):
            time.sleep(0.03)
            await asyncio.sleep(0.004)
        way.end()

    asyncio.run(work())
    assert waited
