"""Guessing gets ever slower, for every process, without keeping an address."""

from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.access.throttling import (
    MEMORY,
    Lane,
    code_lane,
    enter,
    leave,
    network_lane,
    network_of,
    password_lane,
    reopen,
    wait_after,
)
from expedit.core import SECOND, TooManyRequests
from expedit.storage import Shop
from tests.conftest import StandingClock

LANE = Lane("password", "anna@example.com", 3, 60)


def fail(shop: Shop, times: int, clock: StandingClock, lane: Lane = LANE) -> None:
    """Fail `times`, each as soon as it may be tried."""
    for _ in range(times):
        try:
            enter(shop, (lane,))
        except TooManyRequests as error:
            clock.advance(error.retry_after * SECOND)
            enter(shop, (lane,))


@given(st.integers(0, 10_000), st.integers(1, 50), st.integers(1, 5000))
def test_the_wait_never_shrinks_and_stays_within_its_bound(failures: int, free: int, longest: int) -> None:
    wait, more = wait_after(failures, free, longest), wait_after(failures + 1, free, longest)
    assert 0 <= wait <= more <= longest
    assert (wait == 0) == (failures < free)
    if 0 < wait < longest and more < longest:
        assert more == 2 * wait


def test_an_attempt_takes_its_place_before_it_is_looked_at(shop: Shop, shop_clock: StandingClock) -> None:
    for _ in range(3):
        enter(shop, (LANE,))
    for expected in (1, 2, 4, 8, 16, 32, 60, 60):
        with pytest.raises(TooManyRequests) as closed:
            enter(shop, (LANE,))
        assert closed.value.retry_after == expected
        shop_clock.advance(expected * SECOND - 1)
        with pytest.raises(TooManyRequests):
            enter(shop, (LANE,))
        shop_clock.advance(1)
        enter(shop, (LANE,))


def test_a_refused_attempt_makes_nobody_wait_longer(shop: Shop, shop_clock: StandingClock) -> None:
    fail(shop, 4, shop_clock)
    for _ in range(20):
        with pytest.raises(TooManyRequests):
            enter(shop, (LANE,))
    shop_clock.advance(2 * SECOND)
    enter(shop, (LANE,))


def test_a_success_opens_the_account_but_takes_only_one_from_the_network(
    shop: Shop, shop_clock: StandingClock
) -> None:
    network = Lane("network", "192.0.2.0/24", 3, 60)
    fail(shop, 2, shop_clock, network)
    enter(shop, (LANE, network))
    leave(shop, (LANE, network))
    rows = shop.database.read_rows("SELECT failures, closed_until FROM login_attempts")
    assert rows == [(2, 0)]


def test_what_is_old_is_forgotten_and_no_address_is_kept(shop: Shop, shop_clock: StandingClock) -> None:
    enter(shop, (password_lane("Anna@Example.com"), network_lane("192.0.2.7"), code_lane("u1")))
    stored = str(shop.database.read_rows("SELECT * FROM login_attempts"))
    assert "192.0" not in stored and "anna" not in stored.lower() and "u1" not in stored
    shop_clock.advance(MEMORY)
    enter(shop, (LANE,))
    assert shop.database.read_rows("SELECT COUNT(*) FROM login_attempts") == [(1,)]


def test_an_administrator_opens_a_closed_lane(shop: Shop, shop_clock: StandingClock) -> None:
    fail(shop, 9, shop_clock)
    reopen(shop, (LANE,))
    enter(shop, (LANE,))


def test_guesses_made_at_the_same_moment_count_each(shop: Shop) -> None:
    let_in: list[int] = []

    def guess() -> None:
        try:
            enter(shop, (LANE,))
            let_in.append(1)
        except TooManyRequests:
            pass

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Three are free; the third of them closes the lane.
    assert len(let_in) == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_address_is_known_by_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30 * SECOND)), max_size=30))
def test_no_order_of_tries_and_waits_beats_the_schedule(
    sqlite_shop: Shop, shop_clock: StandingClock, tries: list[tuple[bool, int]]
) -> None:
    """Whatever an attacker does, n failures after the free ones take at least the waits between them."""
    reopen(sqlite_shop, (LANE,))
    began, failures = shop_clock(), 0
    for jump, pause in tries:
        shop_clock.advance(pause if jump else 0)
        try:
            enter(sqlite_shop, (LANE,))
            failures += 1
        except TooManyRequests as error:
            assert error.retry_after >= 1
    least = sum(wait_after(count, LANE.free, LANE.longest) for count in range(1, failures))
    assert shop_clock() - began >= least * SECOND
