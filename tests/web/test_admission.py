"""Gates let in what can be answered in time, and connections end what takes too long."""

from __future__ import annotations

import asyncio
import time

import pytest

from expedit.storage import Shop
from expedit.web import Gate, admission


class Hands:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    clock = Hands()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def test_one_hiccup_turns_nobody_away(hands: Hands) -> None:
    gate = Gate("decide", 64, 0.025)
    arrived = [hands.now] * 100
    hands.now += 2.0  # the machine slept
    assert all(gate.admits(one) for one in arrived)
    assert (gate.admitted, gate.refused) == (100, 0)


def test_a_queue_that_stands_is_cut(hands: Hands) -> None:
    gate = Gate("decide", 64, 0.025)
    for _ in range(100):  # a second in which everybody waits for 50 ms
        gate.admits(hands.now)
        for _ in range(10):
            gate.admits(hands.now - 0.05)
        hands.now += 0.01
    # In the first quarter of the second nobody was refused, then every late one was.
    assert gate.refused == pytest.approx(0.75 * 100 * 10, rel=0.05)
    assert gate.admits(hands.now)
    hands.now += 1.0
    assert gate.admits(hands.now - 0.05)  # and when it is over, it is over


def test_where_everybody_is_late_a_few_are_answered_all_the_same(hands: Hands) -> None:
    gate = Gate("decide", 64, 0.025)
    for _ in range(200):  # two seconds of a machine on which nothing is in time
        for _ in range(10):
            gate.admits(hands.now - 0.05)
        hands.now += 0.01
    hasty = 250  # of the first quarter of a second
    assert gate.admitted == pytest.approx(hasty + 1.75 * 50, rel=0.1)  # then fifty a second


def test_few_begin_in_one_round_of_the_loop() -> None:
    """What is ready beside them is answered between two of them."""
    gate = Gate("decide", 64, 1.0, a_round=2)
    order: list[str] = []

    async def decide(name: str) -> None:
        if await gate.admits_in_turn():
            order.append(name)

    async def answer(times: int) -> None:
        for _ in range(times):
            order.append("ready")
            await asyncio.sleep(0)

    async def run() -> None:
        await asyncio.gather(*(decide(name) for name in "abcde"), answer(3))

    asyncio.run(run())
    assert [one for one in order if one != "ready"] == list("abcde")
    assert order[:3] == ["a", "b", "ready"]
    assert order.index("c") < order.index("e") and "ready" in order[order.index("c") : order.index("e") + 1]
    assert (gate.admitted, gate.refused) == (5, 0)


def test_who_waited_too_long_for_a_turn_is_refused_and_takes_none(hands: Hands) -> None:
    gate = Gate("decide", 64, 0.025, a_round=1)

    async def run() -> list[bool]:
        arrived = hands.now
        hands.now += 0.3
        gate.admits(arrived)  # late from now on
        hands.now += 0.2
        gate.admits(arrived)
        hands.now += 0.2
        gate.admits(arrived)
        return await asyncio.gather(*(gate.admits_in_turn(arrived) for _ in range(3)))

    assert asyncio.run(run()) == [False, False, False]
    assert asyncio.run(gate.admits_in_turn(hands.now)) is True


def test_few_are_worked_at_side_by_side_first_come_first_served() -> None:
    gate = Gate("decide", 64, 1.0, at_once=2)
    order: list[str] = []
    most = 0

    async def decide(name: str) -> None:
        nonlocal most
        assert await gate.admits_in_turn()
        gate.enter()
        most = max(most, gate.inside)
        await asyncio.sleep(0.01)
        order.append(name)
        gate.leave()

    async def run() -> None:
        tasks = [asyncio.ensure_future(decide(name)) for name in "abcdef"]
        await asyncio.sleep(0.005)
        tasks[3].cancel()  # who goes away takes no place
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (await gate.admits_in_turn(), gate.inside) == (True, 0)

    asyncio.run(run())
    assert order == list("abcef")
    assert most == 2


def test_what_is_inside_is_bounded() -> None:
    gate = Gate("decide", 2, 1.0)
    gate.inside = 1
    assert gate.admits()
    gate.inside = 2
    assert not gate.admits()
    assert (gate.admitted, gate.refused) == (1, 1)


def test_what_is_full_behind_it_closes_it() -> None:
    full = [False]
    gate = Gate("ingest", 100, 1.0, lambda: full[0])
    assert gate.admits()
    full[0] = True
    assert not gate.admits()


def test_a_gate_has_one_name(sqlite_shop: Shop) -> None:
    gates = admission(sqlite_shop)
    first = gates.gate(Gate("decide", 1, 1.0))
    assert gates.gate(Gate("decide", 2, 2.0)) is first
