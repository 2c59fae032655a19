"""Webhooks: whose they are, what they say, and that neither order nor repetition changes the outcome."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from expedit.catalog import Offer, live_catalog, set_prices
from expedit.connections.model import Connection, Hook, Message
from expedit.connections.woocommerce import hooks
from expedit.connections.woocommerce.hooks import handle, receive, signature_of
from expedit.core import InvalidInput, NotAllowed, evolve
from expedit.identity import subject_of
from expedit.orders import find_order, keep_orders
from expedit.profiles import read_profile
from expedit.storage import Shop
from tests.conftest import StandingClock
from tests.connections.shopify_catalog import catalog

from .conftest import body_of, connect, order, product

CONNECTION = Connection("woo", "woocommerce", "Woo", "woo", {}, True, 0)


def hook(body: bytes, secret: str = "hush", **headers: str) -> Hook:
    given = {
        "x-wc-webhook-topic": "order.created",
        "x-wc-webhook-signature": signature_of(body, secret),
        "x-wc-webhook-delivery-id": "d-1",
    }
    return Hook({**given, **{name.replace("_", "-"): value for name, value in headers.items()}}, body, 0)


def message(topic: str, value: object, number: int = 1) -> Message:
    return Message(number, "woo", topic, f"d-{number}", 1_790_000_000_000_000, {}, body_of(value))


def test_the_signature_is_the_base64_of_the_hmac_of_the_raw_body() -> None:
    # RFC 4231, test case 2: 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843.
    assert (
        signature_of(b"what do ya want for nothing?", "Jefe")
        == "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
    )


def test_a_signed_webhook_is_named_with_whom_it_is_about() -> None:
    found = receive(CONNECTION, hook(body_of(order(1000))), ["new", "hush"])
    assert found is not None
    assert (found.topic, found.delivery) == ("order.created", "d-1")
    assert found.people == (("user_id", "7"), ("email", "anna@shop.example"), ("phone", "0701234567"))


def test_both_spellings_of_the_delivery_id_are_read() -> None:
    body = body_of(order(1000))
    bare = hook(body)
    other = {name: value for name, value in bare.headers.items() if name != "x-wc-webhook-delivery-id"}
    found = receive(CONNECTION, Hook({**other, "x-wc-delivery-id": "d-2"}, body, 0), ["hush"])
    none = receive(CONNECTION, Hook(other, body, 0), ["hush"])
    assert found is not None
    assert none is not None
    assert found.delivery == "d-2"
    assert none.delivery.startswith("sha256:")


def test_a_body_changed_by_one_byte_is_not_let_in() -> None:
    body = body_of(order(1000))
    signed = hook(body)
    with pytest.raises(NotAllowed):
        receive(CONNECTION, Hook(signed.headers, body + b" ", 0), ["hush"])
    with pytest.raises(NotAllowed):
        receive(CONNECTION, signed, [])
    with pytest.raises(NotAllowed):
        receive(CONNECTION, hook(body, secret="guess"), ["hush"])


def test_the_ping_is_answered_and_nothing_else_unsigned_is() -> None:
    assert receive(CONNECTION, Hook({}, b"webhook_id=142", 0), ["hush"]) is None
    for body in (b"webhook_id=142&x=1", b"", b"webhook_id=", b'{"id": 1}'):
        with pytest.raises(NotAllowed):
            receive(CONNECTION, Hook({}, body, 0), ["hush"])


def test_a_topic_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="X-WC-Webhook-Topic"):
        receive(CONNECTION, hook(b"{}", x_wc_webhook_topic="<script>"), ["hush"])


def sold(shop: Shop) -> set[str]:
    live = live_catalog(shop)
    live.poll()
    snapshot = live.current()
    return {one for one in snapshot.ids if snapshot.active[snapshot.index[one]]}


def test_a_product_comes_changes_goes_and_comes_back(shop: Shop) -> None:
    connection = connect(shop)
    handle(shop, connection, message("product.created", product(10)))
    assert sold(shop) == {"10"}
    handle(shop, connection, message("product.deleted", {"id": 10}))
    assert sold(shop) == set()
    late = product(10, name="From before", date_modified_gmt="2026-01-01T09:00:00")
    handle(shop, connection, message("product.updated", late))
    handle(shop, connection, message("product.updated", product(10)))
    assert sold(shop) == set()
    handle(
        shop, connection, message("product.restored", product(10, date_modified_gmt="2026-01-03T09:00:00"))
    )
    assert sold(shop) == {"10"}


def test_an_older_state_of_a_product_does_not_overwrite_a_newer(shop: Shop) -> None:
    connection = connect(shop)
    newer = product(10, regular_price="99.00", date_modified_gmt="2026-01-05T10:00:00")
    for value in (newer, product(10), newer):
        handle(shop, connection, message("product.updated", value))
    live = live_catalog(shop)
    live.poll()
    snapshot = live.current()
    assert snapshot.price_minor("SE")[snapshot.index["10"]] == 9900


def test_a_message_replaces_only_the_offers_of_its_own_market(shop: Shop) -> None:
    connection = connect(shop, market="SE")
    handle(shop, connection, message("product.created", product(10)))
    set_prices(shop, [{"id": "10", "market": "NO", "price": "219.00"}])
    norway, sweden = Offer("NO", 21900, "NOK"), Offer("SE", 9900, "SEK")
    newer = product(10, regular_price="99.00", date_modified_gmt="2026-01-05T10:00:00")
    handle(shop, connection, message("product.updated", newer))
    assert catalog(shop)[0].variants[0].offers == (norway, sweden)
    moved = connect_market(shop, connection, "NO")
    handle(shop, moved, message("product.updated", {**newer, "date_modified_gmt": "2026-01-06T10:00:00"}))
    assert catalog(shop)[0].variants[0].offers == (Offer("NO", 9900, "NOK"),)
    handle(shop, moved, message("product.deleted", {"id": 10}))
    assert catalog(shop)[0].retired == shop.clock()


def test_a_product_that_one_market_deleted_is_still_sold_in_others(shop: Shop) -> None:
    connection = connect(shop, market="SE")
    handle(shop, connection, message("product.created", product(10)))
    set_prices(shop, [{"id": "10", "market": "NO", "price": "219.00"}])
    handle(shop, connection, message("product.deleted", {"id": 10}))
    (found,) = catalog(shop)
    assert (found.retired, found.variants[0].offers) == (None, (Offer("NO", 21900, "NOK"),))


def test_pieces_that_the_shop_tracks_no_more_are_gone(shop: Shop) -> None:
    connection = connect(shop)
    handle(shop, connection, message("product.created", product(10, stock_quantity=0)))
    assert catalog(shop)[0].variants[0].stock == {"web": 0}
    newer = product(10, manage_stock=False, date_modified_gmt="2026-01-05T10:00:00")
    handle(shop, connection, message("product.updated", newer))
    assert catalog(shop)[0].variants[0].stock is None


def connect_market(shop: Shop, connection: Connection, market: str) -> Connection:
    """Have the connection sell in another market from now on."""
    return evolve(connection, settings={**connection.settings, "market": market})


def test_a_variation_alone_finds_its_parent(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        hooks, "client_of", lambda *_: None
    )  # a connection without keys has only its webhooks
    connection = connect(shop)
    parent = product(20, type="variable", regular_price="", price="", manage_stock=False, variations=[21])
    variation: dict[str, Any] = {
        "id": 21,
        "parent_id": 20,
        "type": "variation",
        "regular_price": "50.00",
        "date_modified_gmt": "2026-01-02T10:00:00",
        "attributes": [{"name": "Size", "option": "L"}],
    }
    handle(shop, connection, message("product.updated", variation))
    assert sold(shop) == set()  # nobody knows yet what it is a variation of
    handle(shop, connection, message("product.updated", parent))
    live = live_catalog(shop)
    live.poll()
    facts = live.current().describe("21")
    assert facts is not None
    assert (facts.product_id, facts.size) == ("20", "L")


STATES = [
    order(1000, status="processing", date_modified_gmt="2026-03-01T10:00:05"),
    order(
        1000,
        status="processing",
        date_modified_gmt="2026-03-02T10:00:00",
        line_items=[{"id": 1, "product_id": 10, "quantity": 2, "total": "398.40", "total_tax": "99.60"}],
        total="547.00",
        total_tax="109.40",
    ),
    order(
        1000,
        status="completed",
        date_modified_gmt="2026-03-03T10:00:00",
        line_items=[{"id": 1, "product_id": 10, "quantity": 2, "total": "398.40", "total_tax": "99.60"}],
        total="547.00",
        total_tax="109.40",
    ),
]


@pytest.mark.parametrize("sequence", sorted(set(itertools.permutations([0, 1, 2, 2]))))
def test_an_order_ends_the_same_in_whatever_order_its_states_come(
    sqlite_shop: Shop, sequence: tuple[int, ...]
) -> None:
    connection = connect(sqlite_shop)
    for number, state in enumerate(sequence):
        handle(sqlite_shop, connection, message("order.updated", STATES[state], number + 1))
    keep_orders(sqlite_shop)
    found = find_order(sqlite_shop, "1000")
    assert found is not None
    assert (found.status, found.value, found.tax, found.shipping) == ("placed", 39840, 10940, 3920)
    assert [(line.item, line.quantity) for line in found.lines] == [("10", 2)]


def test_a_cancelled_and_a_deleted_order_are_taken_back(shop: Shop) -> None:
    connection = connect(shop)
    handle(shop, connection, message("order.created", order(1000)))
    cancelled = order(1000, status="cancelled", date_modified_gmt="2026-03-02T10:00:00")
    handle(shop, connection, message("order.updated", cancelled))
    handle(shop, connection, message("order.created", order(1001, number="W-1001")))
    handle(shop, connection, message("order.deleted", {"id": 1001}))
    handle(shop, connection, message("order.deleted", {"id": 1001}))
    handle(shop, connection, message("order.deleted", {"id": 9999}))
    keep_orders(shop)
    found = [find_order(shop, number) for number in ("1000", "W-1001", "9999")]
    assert [one.status if one else None for one in found] == ["cancelled", "cancelled", None]
    with shop.database.reading() as tx:
        assert tx.row("SELECT count(*) FROM events WHERE kind = 'cancel'") == (2,)


def state(status: str, day: int, **changes: Any) -> dict[str, Any]:
    return order(1000, status=status, date_modified_gmt=f"2026-03-{day:02d}T10:00:00", **changes)


TWO_PIECES = {
    "line_items": [{"id": 1, "product_id": 10, "quantity": 2, "total": "398.40", "total_tax": "99.60"}],
    "total": "547.00",
    "total_tax": "109.40",
}
LIFE = [
    state("processing", 1),
    state("cancelled", 2),
    state("processing", 3, **TWO_PIECES),
    state("cancelled", 4, **TWO_PIECES),
    state("on-hold", 5),
]


@pytest.mark.parametrize(("last", "status"), [(2, "placed"), (3, "cancelled"), (4, "placed")])
@pytest.mark.parametrize("dice", range(6))
def test_an_order_that_was_resumed_counts_again_in_whatever_order_its_states_come(
    sqlite_shop: Shop, last: int, status: str, dice: int
) -> None:
    connection = connect(sqlite_shop)
    sequence = [0, *([*range(last + 1)] * 2)]  # that it was sold comes first: else nothing can be cancelled
    rest = sequence[1:]
    random.Random(dice).shuffle(rest)
    for number, place in enumerate([0, *rest]):
        handle(sqlite_shop, connection, message("order.updated", LIFE[place], number + 1))
    keep_orders(sqlite_shop)
    found = find_order(sqlite_shop, "1000")
    assert found is not None
    pieces = 2 if last in {2, 3} else 1
    tax = 10940 if pieces == 2 else 5960
    assert (found.status, found.value, found.tax) == (status, 19920 * pieces, tax)
    assert found.net == (0 if status == "cancelled" else found.value)
    assert [(line.quantity, line.net) for line in found.lines] == [
        (pieces, 0 if status == "cancelled" else pieces)
    ]
    with sqlite_shop.database.reading() as tx:
        assert tx.row("SELECT counted FROM shop_orders") == (int(status == "placed"),)


def test_a_cancelled_and_resumed_order_is_bought_again_in_the_profile(shop: Shop) -> None:
    connection = connect(shop, consent={"analytics": True, "personalization": True})
    anna = subject_of(shop.secret, "user_id", "7")

    def purchased() -> list[tuple[str, int]]:
        profile = read_profile(shop.database, anna)
        return [(line.product, line.quantity) for line in profile.purchased] if profile else []

    seen = []
    for number, place in enumerate((0, 1, 2)):
        handle(shop, connection, message("order.updated", LIFE[place], number + 1))
        seen.append(purchased())
    assert seen == [[("10", 1)], [], [("10", 2)]]


def test_a_state_from_before_its_cancellation_does_not_resume_an_order(shop: Shop) -> None:
    connection = connect(shop)
    first, gone = state("processing", 1), state("cancelled", 1)
    for number, value in enumerate((first, gone, first)):
        handle(shop, connection, message("order.updated", value, number + 1))
    keep_orders(shop)
    found = find_order(shop, "1000")
    assert found is not None
    assert found.status == "cancelled"


def test_a_deleted_order_that_is_restored_counts_again(shop: Shop) -> None:
    connection = connect(shop)
    handle(shop, connection, message("order.created", order(1001)))
    handle(shop, connection, message("order.deleted", {"id": 1001}, 2))
    handle(shop, connection, message("order.updated", order(1001), 3))
    keep_orders(shop)
    found = [find_order(shop, "1001")]
    restored = order(1001, date_modified_gmt="2026-03-02T10:00:00")  # long before its deletion was heard of
    handle(shop, connection, message("order.restored", restored, 4))
    keep_orders(shop)
    found.append(find_order(shop, "1001"))
    handle(shop, connection, message("order.deleted", {"id": 1001}, 5))
    keep_orders(shop)
    found.append(find_order(shop, "1001"))
    assert [one.status if one else None for one in found] == ["cancelled", "placed", "cancelled"]


def test_a_customer_without_consent_leaves_no_trace(shop: Shop, shop_clock: StandingClock) -> None:
    connection = connect(shop)
    customer = {"id": 7, "email": "anna@shop.example", "date_modified_gmt": "2026-03-01T10:00:00"}
    handle(shop, connection, message("customer.created", customer))
    with shop.database.reading() as tx:
        assert tx.row("SELECT count(*) FROM identifiers") == (0,)
        assert tx.row("SELECT count(*) FROM events") == (0,)


def test_coupons_and_actions_of_plugins_are_passed_over(shop: Shop) -> None:
    connection = connect(shop)
    assert handle(shop, connection, message("coupon.created", {"id": 3, "code": "autumn"})) is None
    assert handle(shop, connection, message("action.woocommerce_add_to_cart", {"action": "x"})) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"id": "x"}', b"\xff\xfe", b'{"id": []}', b"["])
@pytest.mark.parametrize("topic", ["product.updated", "order.updated", "customer.updated", "order.deleted"])
def test_what_cannot_be_read_is_refused_and_nothing_breaks(
    sqlite_shop: Shop, topic: str, body: bytes
) -> None:
    connection = connect(sqlite_shop)
    with pytest.raises(InvalidInput):
        handle(sqlite_shop, connection, Message(1, "woo", topic, "d", 0, {}, body))
