"""Gates let in what can be answered in time, and connections end what takes too long."""

from __future__ import annotations

import time

import pytest

from expedit.storage import Shop
from expedit.tracking.room import Room
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
    # In the first quarter of the second nobody was refused, then nine of ten late ones were.
    assert gate.refused == pytest.approx(0.75 * 100 * 9, rel=0.05)
    assert gate.admits(hands.now)
    hands.now += 1.0
    assert gate.admits(hands.now - 0.05)  # and when it is over, it is over


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


def test_room_is_what_can_be_stored_in_the_time_given() -> None:
    hands = Hands()
    place = Room(0.06, hands)
    for _ in range(50):
        hands.now += 0.02
        place.learn(trip=0.0001, took=0.001 * place.size, stored=int(place.size), inside=int(place.size))
    assert 55 <= place.size <= 65
    for _ in range(50):
        hands.now += 0.02
        place.learn(trip=0.0001, took=0.0001 * place.size, stored=int(place.size), inside=int(place.size))
    assert 550 <= place.size <= 650


def test_a_slow_database_is_not_taken_for_a_flood() -> None:
    hands = Hands()
    place = Room(0.06, hands)
    for _ in range(60):
        hands.now += 0.7
        place.learn(trip=0.04, took=0.7, stored=int(place.size), inside=int(place.size))
    assert place.size > 300


def test_room_that_is_not_used_is_given_back() -> None:
    hands = Hands()
    place = Room(0.06, hands)
    for _ in range(100):
        place.learn(trip=0.0001, took=0.2, stored=40, inside=int(place.size))
    assert place.size < 100
    place.learn(trip=0.0001, took=0.02, stored=3, inside=3)
    assert place.size == 300
