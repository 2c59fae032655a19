"""The inbox: stored at once, handled later, whatever happens in between."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence

import pytest

from expedit.connections import (
    KINDS,
    Connection,
    Field,
    Hook,
    Incoming,
    Kind,
    Later,
    Message,
    add_connection,
    connections,
    every_health,
    health_of,
    process,
    prune,
    receive,
    remove_connection,
    replay,
    rotate_secret,
    set_enabled,
)
from expedit.connections.api import take
from expedit.connections.feature import FEATURE
from expedit.connections.inbox import FIRST_WAIT, LONGEST_WAIT, MOST_ATTEMPTS, wait_after
from expedit.connections.store import list_messages, read_message
from expedit.core import DAY, HOUR, MINUTE, InvalidInput, NotAllowed, NotFound, PersonRef, Unavailable
from expedit.identity import identify
from expedit.storage import Shop
from tests.conftest import StandingClock

ANNA = ("email", "anna@lind.se")


class Echo:
    """A kind whose handler does as it is told."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.trouble: dict[str, Exception | Later] = {}

    def receive(self, connection: Connection, hook: Hook, secrets: Sequence[str]) -> Incoming:
        assert connection.kind == "echo"
        given = hook.headers.get("signature", "")
        if not any(
            hmac.compare_digest(hmac.new(one.encode(), hook.body, hashlib.sha256).hexdigest(), given)
            for one in secrets
        ):
            raise NotAllowed("the signature does not fit")
        return Incoming(
            hook.headers["topic"], hook.headers["delivery"], {"a": "b"}, (ANNA, ("email", "test"))
        )

    def handle(self, shop: Shop, connection: Connection, message: Message) -> Later | None:
        trouble = self.trouble.get(message.delivery)
        if isinstance(trouble, Exception):
            raise trouble
        self.handled.append(f"{connection.id} {message.topic} {message.delivery} {message.body.decode()}")
        return trouble


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Echo]:
    made = Echo()
    kind = Kind(
        "echo",
        (Field("secret", "secret"), Field("language", required=False, default="sv", choices=("sv", "nb"))),
        receive=made.receive,
        handle=made.handle,
        webhook_secret="secret",
    )
    monkeypatch.setitem(KINDS, "echo", kind)
    yield made


def hook(delivery: str, body: bytes = b"{}", secret: str = "s3cret", at: int = 1_790_000_000_000_000) -> Hook:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Hook({"signature": signature, "topic": "t", "delivery": delivery}, body, at)


def connected(shop: Shop) -> Connection:
    return add_connection(shop, "echo", "Vår butik", {"secret": "s3cret"})


def test_what_comes_is_stored_once_and_handled_in_order(shop: Shop, echo: Echo) -> None:
    one = connected(shop)
    assert (one.id, one.settings, one.source) == ("var-butik", {"language": "sv"}, "var-butik")
    assert [receive(shop, one, hook(name)) for name in ("1", "2", "1")] == [True, True, False]
    assert echo.handled == []
    assert process(shop) == 2
    assert process(shop) == 0
    assert echo.handled == ["var-butik t 1 {}", "var-butik t 2 {}"]
    health = health_of(shop, one)
    assert (health.messages, health.duplicates, health.pending, health.failed) == (2, 1, 0, 0)


def test_a_wrong_signature_stores_nothing_but_is_told(shop: Shop, echo: Echo) -> None:
    one = connected(shop)
    with pytest.raises(NotAllowed):
        receive(shop, one, hook("1", secret="guess"))
    assert process(shop) == 0
    health = health_of(shop, one)
    assert (health.state, health.concern, health.errors) == ("warning", "refused", 1)
    assert health.detail == "the signature does not fit"


def test_a_former_secret_counts_for_a_day(shop: Shop, echo: Echo, shop_clock: StandingClock) -> None:
    one = connected(shop)
    rotate_secret(shop, one.id, "secret", "newer")
    assert receive(shop, one, hook("1", secret="newer"))
    assert receive(shop, one, hook("2", secret="s3cret"))
    shop_clock.advance(DAY)
    assert receive(shop, one, hook("3", secret="newer"))
    with pytest.raises(NotAllowed):
        receive(shop, one, hook("4", secret="s3cret"))


def test_bad_input_fails_at_once_with_its_field_and_can_be_replayed(shop: Shop, echo: Echo) -> None:
    one = connected(shop)
    echo.trouble["1"] = InvalidInput("line_items[0].price", "is missing")
    receive(shop, one, hook("1"))
    receive(shop, one, hook("2"))
    process(shop)
    assert echo.handled == ["var-butik t 2 {}"]
    with shop.database.reading() as tx:
        (failed,) = list_messages(tx, one.id, "failed", None, 10)
    assert (failed.at_fault, failed.reason, failed.attempts) == ("line_items[0].price", "is missing", 1)
    assert failed.body == b""  # a list carries none
    assert health_of(shop, one).concern == "failed"
    echo.trouble.clear()
    assert replay(shop, one.id) == 1
    process(shop)
    assert echo.handled[1:] == ["var-butik t 1 {}"]
    assert health_of(shop, one).failed == 0
    with pytest.raises(NotFound):
        replay(shop, one.id, 999)


def test_what_is_away_is_tried_again_with_longer_waits(
    shop: Shop, echo: Echo, shop_clock: StandingClock
) -> None:
    one = connected(shop)
    echo.trouble["1"] = Unavailable("the database is away")
    receive(shop, one, hook("1"))
    for attempt in range(1, 4):
        assert process(shop) == 1
        assert process(shop) == 0
        shop_clock.advance(wait_after(attempt) - 1)
        assert process(shop) == 0
        shop_clock.advance(1)
    echo.trouble.clear()
    assert process(shop) == 1
    assert echo.handled == ["var-butik t 1 {}"]
    assert [wait_after(1), wait_after(2), wait_after(99)] == [FIRST_WAIT, 2 * FIRST_WAIT, LONGEST_WAIT]


def test_an_unforeseen_failure_is_given_up_at_last(shop: Shop, echo: Echo, shop_clock: StandingClock) -> None:
    one = connected(shop)
    echo.trouble["1"] = ZeroDivisionError("by zero")
    receive(shop, one, hook("1"))
    tried = 0
    for _ in range(30):
        tried += process(shop)
        shop_clock.advance(HOUR)
    assert tried == MOST_ATTEMPTS
    with shop.database.reading() as tx:
        (failed,) = list_messages(tx, one.id, "failed", None, 10)
    assert failed.reason == "ZeroDivisionError: by zero"


def test_a_handler_may_ask_to_be_called_once_more(shop: Shop, echo: Echo, shop_clock: StandingClock) -> None:
    one = connected(shop)
    echo.trouble["1"] = Later(shop.clock() + MINUTE, "waits for its order")
    receive(shop, one, hook("1"))
    assert process(shop) == 1
    assert process(shop) == 0
    echo.trouble.clear()
    shop_clock.advance(MINUTE)
    assert process(shop) == 1
    assert len(echo.handled) == 2


def test_a_paused_connection_receives_and_waits(shop: Shop, echo: Echo) -> None:
    one = set_enabled(shop, connected(shop).id, False)
    assert receive(shop, one, hook("1"))
    assert process(shop) == 0
    assert health_of(shop, one).state == "paused"
    set_enabled(shop, one.id, True)
    assert process(shop) == 1


def test_the_route_knows_connections_by_id_and_kind(shop: Shop, echo: Echo) -> None:
    one = connected(shop)
    given = hook("1")
    assert take(shop, one.id, "echo", given.headers, given.body)
    for where in (("other", "echo"), (one.id, "shopify")):
        with pytest.raises(NotFound):
            take(shop, *where, given.headers, given.body)


def test_messages_are_kept_as_long_as_the_settings_say(
    shop: Shop, echo: Echo, shop_clock: StandingClock
) -> None:
    one = connected(shop)
    echo.trouble["bad"] = InvalidInput("id", "is missing")
    receive(shop, one, hook("good"))
    receive(shop, one, hook("bad"))
    process(shop)
    shop_clock.advance(14 * DAY)
    assert prune(shop) == 0
    shop_clock.advance(1)
    assert prune(shop) == 1
    shop_clock.advance(16 * DAY)
    assert prune(shop) == 1


def test_messages_that_name_a_person_are_told_and_erased(shop: Shop, echo: Echo) -> None:
    one = connected(shop)
    anna = identify(shop.secret, *ANNA).subject_id
    person = PersonRef(anna, (anna,))
    receive(shop, one, hook("done", b'{"name":"Anna"}'))
    process(shop)
    receive(shop, one, hook("waiting", b'{"name":"Anna Lind"}'))
    assert FEATURE.export_person is not None
    assert FEATURE.erase_person is not None
    told = FEATURE.export_person(shop, person)["messages"]
    assert [message["body"] for message in told] == ['{"name":"Anna"}', '{"name":"Anna Lind"}']  # type: ignore[attr-defined]
    with shop.database.writing(shred=True) as tx:
        FEATURE.erase_person(shop, tx, person)
    left = FEATURE.export_person(shop, person)["messages"]
    assert [message["body"] for message in left] == ['{"name":"Anna Lind"}']  # type: ignore[attr-defined]
    process(shop)
    assert FEATURE.export_person(shop, person)["messages"] == []
    assert echo.handled[-1].endswith('{"name":"Anna Lind"}')


def test_a_removed_connection_leaves_nothing_behind(shop: Shop, echo: Echo) -> None:
    one = connected(shop)
    receive(shop, one, hook("1"))
    with shop.database.reading() as tx:
        assert read_message(tx, list_messages(tx, one.id, None, None, 1)[0].id) is not None
    remove_connection(shop, one.id)
    assert connections(shop).all() == ()
    assert every_health(shop) == ()
    with shop.database.reading() as tx:
        assert list_messages(tx, one.id, None, None, 10) == []
        assert tx.rows("SELECT * FROM connection_secrets") == []
    with pytest.raises(NotFound):
        remove_connection(shop, one.id)


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        ({}, "secret", "is missing"),
        ({"secret": "x", "colour": "red"}, "colour", "echo has no such setting"),
        ({"secret": "x", "language": "de"}, "language", "must be one of sv, nb"),
    ],
)
def test_wrong_settings_are_named(
    sqlite_shop: Shop, echo: Echo, given: dict[str, str], field: str, reason: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        add_connection(sqlite_shop, "echo", "Butiken", given)
    assert (caught.value.field, caught.value.reason) == (field, reason)
    assert connections(sqlite_shop).all() == ()
