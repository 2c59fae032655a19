"""Clocks that jump, forward and back, by hours and days."""

import itertools

import pytest

from expedit.access import Source
from expedit.core import DAY, HOUR, MINUTE, SECOND, format_time
from expedit.events import read_events, seal
from expedit.features import Job
from expedit.jobs import Worker, job_states
from expedit.profiles import read_profile, rebuild_profiles
from expedit.tracking import call_of, ingest
from tests.faults.books import profile_bytes

JUMPS = [3 * HOUR, -2 * HOUR, 4 * DAY, -6 * DAY, 1 * DAY, -30 * MINUTE]
SERVER = Source("server", "server", "wk_server", {"analytics": True, "personalization": True}, "contract")


def test_events_and_profiles_hold_whatever_the_clock_does(shop, shop_clock):
    """Each sender's own clock is right; the server's jumps between every two messages."""
    true_now, taken = shop_clock(), []
    for number, jump in zip(range(30), itertools.cycle(JUMPS), strict=False):
        true_now += 7 * MINUTE
        shop_clock.advance(jump)
        call = call_of(
            {
                "type": "track", "event": "Product Viewed", "messageId": f"m-{number}",
                "anonymousId": f"device-{number % 3}", "timestamp": format_time(true_now - 3 * SECOND),
                "sentAt": format_time(true_now), "properties": {"product_id": f"p{number % 7}"},
            }
        )  # fmt: skip
        (outcome,) = ingest(shop, [call], SERVER, shop_clock())
        assert outcome.fate == "stored", outcome
        taken.append((f"m-{number}", shop_clock() - 3 * SECOND))
        if number % 5 == 0:
            seal(shop)
    logged = {event.message_id: event.at for event in read_events(shop)}
    assert logged == dict(taken)  # each at the server's time, three seconds before it was sent
    before = profile_bytes(shop)
    rebuild_profiles(shop)
    assert profile_bytes(shop) == before
    assert len(before) == 3


@pytest.mark.parametrize("jump", [-3 * DAY, -2 * HOUR, 2 * HOUR, 3 * DAY])
def test_jobs_go_on_after_the_clock_was_set(shop, shop_clock, jump):
    done: list[str] = []
    job = Job("seal", lambda settings: 300, lambda shop, progress: done.append("seal"))
    worker = Worker(shop, [job])
    worker.start()
    worker.close()
    shop_clock.advance(301 * SECOND)
    assert worker.step() == "seal"
    shop_clock.advance(jump)
    worker.step()
    (state,) = job_states(shop.database, shop_clock())
    assert state.due <= shop_clock() + 300 * SECOND
    shop_clock.advance(301 * SECOND)
    assert worker.step() == "seal"


def test_a_lease_from_the_future_is_no_lease(shop, shop_clock):
    """A worker died while the clock was three days ahead; its job must not rest for three days."""
    done: list[str] = []
    job = Job("seal", lambda settings: 300, lambda shop, progress: done.append("seal"))
    shop_clock.advance(3 * DAY)
    with shop.database.writing() as tx:
        tx.run(
            "INSERT INTO jobs (name, due, started, leased_by, leased_until) VALUES (?, ?, ?, ?, ?)",
            ("seal", shop_clock(), shop_clock(), "dead", shop_clock() + 2 * MINUTE),
        )
    shop_clock.advance(-3 * DAY)
    worker = Worker(shop, [job])
    worker.start()
    worker.close()
    shop_clock.advance(300 * SECOND + SECOND)
    assert worker.step() == "seal"
    assert done == ["seal"]


def test_a_profile_read_at_an_earlier_time_than_its_last_event_is_whole(shop, shop_clock):
    calls = [
        call_of(
            {
                "type": "track",
                "event": "Product Viewed",
                "messageId": f"m-{number}",
                "anonymousId": "device-1",
                "properties": {"product_id": f"p{number}"},
            }
        )
        for number in range(3)
    ]
    for call in calls:
        ingest(shop, [call], SERVER, shop_clock.advance(MINUTE))
    shop_clock.advance(-5 * DAY)
    (subject,) = {event.subject for event in read_events(shop)}
    profile = read_profile(shop.database, subject)
    assert profile is not None
    assert [one.product for one in profile.recent] == ["p2", "p1", "p0"]
