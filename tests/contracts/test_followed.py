"""What a process keeps of the database in memory: never empty, seldom waited for, a second old at most."""

from __future__ import annotations

import threading

import pytest

from expedit.core import SECOND, Unavailable
from expedit.storage import Followed, Shop
from tests.conftest import StandingClock


class Known(Followed[str]):
    """What a test says, read when the test lets it."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.said, self.reads, self.away = "one", 0, False
        self.let, self.begun = threading.Event(), threading.Event()
        self.let.set()

    def mark(self) -> str:
        if self.away:
            raise Unavailable("the database did not answer")
        return self.said

    def read(self) -> str:
        self.reads += 1
        self.begun.set()
        assert self.let.wait(20)
        return self.said


def asked_beside(known: Known) -> tuple[threading.Thread, list[str]]:
    """Ask in another thread, and return when it reads or has its answer."""
    told: list[str] = []
    thread = threading.Thread(target=lambda: told.append(known.current()))
    thread.start()
    return thread, told


def test_at_first_everybody_waits_and_it_is_read_once(sqlite_shop: Shop) -> None:
    known = Known(sqlite_shop)
    known.let.clear()
    asked = [asked_beside(known) for _ in range(4)]
    assert known.begun.wait(20)
    assert not any(told for _, told in asked)
    known.let.set()
    for thread, told in asked:
        thread.join(20)
        assert told == ["one"]
    assert known.reads == 1


def test_later_one_looks_and_the_others_go_on(sqlite_shop: Shop, shop_clock: StandingClock) -> None:
    known = Known(sqlite_shop)
    assert known.current() == "one"
    known.said = "two"
    assert known.current() == "one"
    shop_clock.advance(SECOND)
    known.let.clear()
    known.begun.clear()
    thread, told = asked_beside(known)
    assert known.begun.wait(20)
    assert known.current() == "one"
    known.let.set()
    thread.join(20)
    assert told == ["two"]
    assert known.current() == "two"


def test_what_was_just_changed_is_seen_at_once_and_nothing_is_read_twice(sqlite_shop: Shop) -> None:
    known = Known(sqlite_shop)
    assert known.newest() == "one"
    known.said = "two"
    assert (known.newest(), known.current(), known.newest()) == ("two", "two", "two")
    assert known.reads == 2


def test_a_database_that_is_away_takes_nothing_away(sqlite_shop: Shop, shop_clock: StandingClock) -> None:
    known = Known(sqlite_shop)
    known.away = True
    with pytest.raises(Unavailable):
        known.current()
    known.away = False
    assert known.current() == "one"
    known.away = True
    shop_clock.advance(SECOND)
    assert known.current() == "one"
    with pytest.raises(Unavailable):
        known.newest()
    known.away, known.said = False, "two"
    shop_clock.advance(SECOND)
    assert known.current() == "two"
