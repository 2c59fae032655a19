"""Refusals are handed out one after the other, none later than a second."""

from __future__ import annotations

import asyncio

import pytest

from expedit.web import refusing


def waits_of(crowd: int, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(refusing, "_turn", 0.0)
    monkeypatch.setattr(refusing.time, "monotonic", lambda: 1000.0)
    monkeypatch.setattr(refusing.asyncio, "sleep", sleep)

    async def refuse() -> None:
        for _ in range(crowd):
            await refusing.pace_refusal()

    asyncio.run(refuse())
    return waited


def test_a_few_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waits_of(8, monkeypatch) == []


def test_many_wait_for_their_turn_and_none_longer_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = waits_of(1000, monkeypatch)
    assert waited == sorted(waited)
    assert waited[100] - waited[99] == pytest.approx(1 / 400)
    assert max(waited) == 1.0
