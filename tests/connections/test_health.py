"""The alarm when a connection is silent for longer than it uses to."""

from __future__ import annotations

from expedit.connections import health_of, process, receive
from expedit.connections.health import usual_silence
from expedit.connections.wording import span_text
from expedit.core import DAY, HOUR, MINUTE
from expedit.storage import Shop
from tests.conftest import StandingClock
from tests.connections.shopify_messages import connect, hook

FLOOR = 6 * HOUR


def test_a_rhythm_is_unknown_at_first() -> None:
    assert usual_silence([HOUR, HOUR], FLOOR) is None


def test_the_second_longest_pause_and_half_as_much_again_is_usual() -> None:
    assert usual_silence([8 * HOUR, 10 * HOUR, 9 * HOUR, 60 * HOUR], FLOOR) == 15 * HOUR


def test_the_floor_holds_for_a_lively_one() -> None:
    assert usual_silence([MINUTE, MINUTE, MINUTE], FLOOR) == FLOOR


def test_silence_is_an_alarm_once_the_rhythm_is_known(shop: Shop, shop_clock: StandingClock) -> None:
    one = connect(shop)
    assert health_of(shop, one).state == "waiting"
    for number in range(16):  # four days, every six hours
        body = {"token": "x", "updated_at": "2026-09-01T10:00:00Z"}
        receive(shop, one, hook("carts/update", body, event=str(number), at=shop_clock()))
        process(shop)
        shop_clock.advance(6 * HOUR)
    assert health_of(shop, one).silence == 9 * HOUR
    assert health_of(shop, one).state == "ok"
    shop_clock.advance(3 * HOUR + 1)
    health = health_of(shop, one)
    assert (health.state, health.concern) == ("failing", "silent")
    body = {"token": "y", "updated_at": "2026-09-01T10:00:00Z"}
    receive(shop, one, hook("carts/update", body, event="again", at=shop_clock()))
    process(shop)
    assert health_of(shop, one).state == "ok"


def test_spans_are_told_in_their_largest_unit() -> None:
    assert [span_text("sv", span) for span in (MINUTE, 3 * MINUTE, 5 * HOUR, 3 * DAY)] == [
        "60 sekunder",
        "3 minuter",
        "5 timmar",
        "3 dagar",
    ]
