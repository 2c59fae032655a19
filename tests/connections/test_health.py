"""The alarm when a connection is silent for longer than it uses to."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from expedit.connections import health_of, process, receive
from expedit.connections.health import usual_silence
from expedit.connections.panel import tell_health
from expedit.connections.wording import concern_text, span_text
from expedit.core import DAY, HOUR, MINUTE, evolve, parse_time
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


def gone(number: int, sent: str) -> tuple[str, dict[str, Any], str, str]:
    return "app/uninstalled", {"id": 1}, f"gone-{number}", sent


def cart(number: int, sent: str) -> tuple[str, dict[str, Any], str, str]:
    return "carts/update", {"token": "x", "updated_at": "2026-09-21T10:00:00Z"}, f"cart-{number}", sent


def redact(number: int, sent: str) -> tuple[str, dict[str, Any], str, str]:
    return "shop/redact", {"shop_id": 1, "shop_domain": "x"}, f"redact-{number}", sent


MORNING, NOON, EVENING = "2026-09-21T08:00:00Z", "2026-09-21T12:00:00.5Z", "2026-09-21T20:00:00Z"


def test_a_removed_app_is_told_and_is_not_silent(shop: Shop, shop_clock: StandingClock) -> None:
    one = connect(shop)
    for number in range(16):
        receive(shop, one, hook(*cart(number, "")[:3], at=shop_clock()))
        process(shop)
        shop_clock.advance(6 * HOUR)
    topic, body, event, sent = gone(1, "2026-09-25T12:00:00.5Z")
    receive(shop, one, hook(topic, body, event, at=shop_clock(), triggered_at=sent))
    process(shop)
    shop_clock.advance(30 * DAY)
    health = health_of(shop, one)
    assert (health.state, health.concern, health.silence) == ("failing", "uninstalled", None)
    assert health.uninstalled == parse_time(sent)
    told = {language: concern_text(language, health) for language in ("en", "sv", "nb")}
    assert told["en"].startswith("The shop removed the app (Sep 25, 2026, 12:00:00")
    assert "tog bort appen (25 sep. 2026 12:00:00 UTC)" in told["sv"]
    assert "fjernet appen (25. sep. 2026, 12:00:00 UTC)" in told["nb"]
    (page,) = tell_health(shop)
    assert (page.state, page.spoken["sv"]) == ("failing", f"Shopify: {told['sv']}")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([cart(1, MORNING), gone(1, NOON), redact(1, EVENING)], NOON),
        ([cart(1, MORNING), gone(1, NOON), cart(2, EVENING)], ""),
        ([gone(1, MORNING), cart(1, NOON), gone(2, EVENING)], EVENING),
        ([gone(1, MORNING), gone(2, NOON)], NOON),
    ],
)
def test_the_app_is_there_or_not_in_whatever_order_that_is_told(
    sqlite_shop: Shop,
    shop_clock: StandingClock,
    sent: list[tuple[str, dict[str, Any], str, str]],
    expected: str,
) -> None:
    for place, order in enumerate(itertools.permutations(sent)):
        one = connect(sqlite_shop, shop=f"shop-{place}")
        for topic, body, event, at in (*order, order[0]):
            message = hook(topic, body, event, at=shop_clock.advance(HOUR), triggered_at=at)
            headers = {**message.headers, "x-shopify-shop-domain": f"shop-{place}.myshopify.com"}
            receive(sqlite_shop, one, evolve(message, headers=headers))
            process(sqlite_shop)
        health = health_of(sqlite_shop, one)
        assert health.uninstalled == (parse_time(expected) if expected else None)
        assert health.state == ("failing" if expected else "ok")


def test_spans_are_told_in_their_largest_unit() -> None:
    assert [span_text("sv", span) for span in (MINUTE, 3 * MINUTE, 5 * HOUR, 3 * DAY)] == [
        "60 sekunder",
        "3 minuter",
        "5 timmar",
        "3 dagar",
    ]
