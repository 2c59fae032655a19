"""Orders, refunds, customers, carts and checkouts of Shopify: what they become in book, profile and log."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from expedit.access import keys
from expedit.connections import Connection, process, receive
from expedit.connections.shopify.amounts import amounts_of, money_of
from expedit.connections.shopify.bodies import Order as Body
from expedit.connections.shopify.bodies import read
from expedit.connections.store import list_messages
from expedit.core import InvalidInput, to_json
from expedit.events import Event, Whereabouts, read_events
from expedit.identity import subject_of
from expedit.orders import Order, find_order, keep_orders
from expedit.profiles import consents_of, read_profile
from expedit.storage import Shop
from expedit.tracking import call_of, ingest
from tests.conftest import StandingClock
from tests.connections.shopify_messages import connect, deliver, hook, line, order


def book(shop: Shop, order_id: str = "5001") -> Order:
    keep_orders(shop)
    found = find_order(shop, order_id)
    assert found is not None
    return found


def log(shop: Shop) -> list[Event]:
    return list(read_events(shop))


def failed(shop: Shop, connection: Connection) -> list[tuple[str, str]]:
    with shop.database.reading() as tx:
        return [(one.at_fault, one.reason) for one in list_messages(tx, connection.id, "failed", None, 10)]


def anna(shop: Shop, kind: str = "user_id", value: str = "77") -> str:
    return subject_of(shop.secret, kind, value)  # type: ignore[arg-type]


def test_an_order_is_in_book_log_and_profile(shop: Shop) -> None:
    one = connect(shop)
    body = order(
        line_items=[line(11, 2), line(12, 1, "49.50")],
        total_tax="111.88",
        shipping_lines=[{"price": "39.00"}],
        discount_codes=[{"code": "HÖST"}],
        shipping_address={"country_code": "SE", "province_code": "AB", "zip": "114 51", "city": "Stockholm"},
    )
    deliver(shop, one, "orders/create", body)
    found = book(shop)
    (event,) = log(shop)
    assert event.whereabouts == Whereabouts("SE", "AB", "114")
    assert "114 51" not in str(event)
    assert (found.value, found.tax, found.shipping, found.currency) == (44750, 11188, 3900, "SEK")
    assert (found.coupon, found.market, found.channel, found.status) == ("HÖST", "SE", "web", "placed")
    assert [(one.item, one.variant, one.quantity, one.price) for one in found.lines] == [
        ("11", "1100", 2, 19900),
        ("12", "1200", 1, 4950),
    ]
    assert set(found.subjects) == {anna(shop), anna(shop, "email", "anna@lind.se")}
    profile = read_profile(shop.database, anna(shop))
    assert profile is not None
    assert [(one.product, one.quantity) for one in profile.purchased] == [("11", 2), ("12", 1)]
    assert [event.kind for event in log(shop)] == ["purchase"]


def test_the_visitor_of_the_cart_attributes_joins_web_and_order(shop: Shop) -> None:
    one = connect(shop)
    body = order(note_attributes=[{"name": "expedit_id", "value": "visitor-0001"}])
    deliver(shop, one, "orders/create", body)
    (event,) = log(shop)
    assert event.subject == anna(shop, "anonymous_id", "visitor-0001")
    assert {kind for kind, _ in event.ids} == {"anonymous_id", "user_id", "email"}


def test_a_guest_is_known_by_address_only(shop: Shop) -> None:
    one = connect(shop)
    deliver(shop, one, "orders/create", order(customer=None))
    assert book(shop).subjects == (anna(shop, "email", "anna@lind.se"),)


def test_test_orders_are_ignored_unless_wanted(shop: Shop) -> None:
    one = connect(shop)
    deliver(shop, one, "orders/create", order(test=True))
    assert log(shop) == []
    wanting = connect(shop, test_orders="take")
    deliver(shop, wanting, "orders/create", order(test=True))
    assert len(log(shop)) == 1


@pytest.mark.parametrize(
    ("body", "goods", "tax", "shipping"),
    [
        # Prices without tax: 398 + 11.94 tax + 10 shipping.
        (
            order(subtotal_price="398.00", total_tax="11.94", shipping_lines=[{"price": "10.00"}]),
            39800,
            1194,
            1000,
        ),
        # Prices with 25 % tax inside: 500 of goods hold 100, 50 of shipping holds 10.
        (
            order(
                subtotal_price="500.00",
                total_tax="110.00",
                taxes_included=True,
                shipping_lines=[{"price": "50.00", "tax_lines": [{"price": "10.00"}]}],
            ),
            40000,
            11000,
            4000,
        ),
        # A reduced shipping price counts.
        (
            order(
                subtotal_price="500.00",
                shipping_lines=[{"price": "50.00", "discounted_price": "0.00"}],
            ),
            50000,
            0,
            0,
        ),
        # Without a subtotal the lines tell, after their discounts.
        (
            {
                **order(
                    line_items=[
                        line(11, 2, "100.00", discount_allocations=[{"amount": "30.00"}]),
                        line(12, 1, "50.00", total_discount="5.00"),
                    ]
                ),
                "subtotal_price": None,
            },
            21500,
            0,
            0,
        ),
    ],
)
def test_amounts_are_without_tax_and_after_discounts(
    body: dict[str, Any], goods: int, tax: int, shipping: int
) -> None:
    read_order = read(to_json(body), Body)
    amounts = amounts_of(read_order, money_of(read_order, "shop"))
    assert (amounts.goods, amounts.tax, amounts.shipping) == (goods, tax, shipping)


def sums(shop: str, presentment: str) -> dict[str, Any]:
    return {
        "shop_money": {"amount": shop, "currency_code": "SEK"},
        "presentment_money": {"amount": presentment, "currency_code": "NOK"},
    }


@pytest.mark.parametrize(
    ("money", "value", "currency"), [("shop", 19900, "SEK"), ("presentment", 20500, "NOK")]
)
def test_the_money_of_shop_or_customer_counts(shop: Shop, money: str, value: int, currency: str) -> None:
    one = connect(shop, money=money)
    body = order(
        presentment_currency="NOK",
        total_price_set=sums("199.00", "205.00"),
        subtotal_price_set=sums("199.00", "205.00"),
        line_items=[line(11, price_set=sums("199.00", "205.00"))],
    )
    deliver(shop, one, "orders/create", body)
    found = book(shop)
    assert (found.value, found.currency, found.lines[0].price) == (value, currency, value)


def test_amounts_of_a_currency_without_minor_units(shop: Shop) -> None:
    one = connect(shop)
    deliver(shop, one, "orders/create", order(currency="JPY", line_items=[line(11, price="1990")]))
    assert (book(shop).value, book(shop).lines[0].price) == (1990, 1990)


def test_a_sale_in_the_store_has_its_channel(shop: Shop) -> None:
    one = connect(shop, locations="901=Umeå")
    deliver(shop, one, "orders/create", order(source_name="pos", location_id=901))
    deliver(shop, one, "orders/create", order(5002, source_name="pos", location_id=902))
    deliver(shop, one, "orders/create", order(5003, source_name="web", location_id=901))
    found = [book(shop, number) for number in ("5001", "5002", "5003")]
    assert [(one.channel, one.store) for one in found] == [("store", "Umeå"), ("store", "902"), ("web", None)]


def test_lines_of_no_product_count_as_money_only(shop: Shop) -> None:
    one = connect(shop)
    tip = {"id": 9, "title": "Dricks", "price": "20.00", "quantity": 1, "product_id": None}
    deliver(shop, one, "orders/create", order(line_items=[line(11), tip]))
    assert (book(shop).value, len(book(shop).lines)) == (21900, 1)


EDITED = {
    "updated_at": "2026-09-01T12:00:00+02:00",
    "line_items": [line(11), line(12, 3, "10.00")],
    "subtotal_price": "229.00",
}


@pytest.mark.parametrize("first", ["orders/create", "orders/updated"])
def test_the_newest_state_of_an_order_holds(shop: Shop, first: str) -> None:
    one = connect(shop)
    messages = [("orders/create", order()), ("orders/updated", order(**EDITED))]
    for topic, body in messages if first == "orders/create" else reversed(messages):
        deliver(shop, one, topic, body)
    found = book(shop)
    assert (found.value, [(one.item, one.quantity) for one in found.lines]) == (22900, [("11", 1), ("12", 3)])
    assert found.at == log(shop)[0].at
    assert set(found.subjects) == {anna(shop), anna(shop, "email", "anna@lind.se")}
    assert [event.kind for event in log(shop)] == ["purchase", "custom"]


def test_a_state_that_says_nothing_new_is_not_told(shop: Shop) -> None:
    one = connect(shop)
    deliver(shop, one, "orders/create", order())
    deliver(shop, one, "orders/paid", order(updated_at="2026-09-01T10:00:05+02:00"))
    deliver(shop, one, "orders/fulfilled", order(updated_at="2026-09-02T10:00:05+02:00"))
    assert [event.kind for event in log(shop)] == ["purchase"]


def test_an_order_whose_creation_never_comes_is_told_by_its_update(
    shop: Shop, shop_clock: StandingClock
) -> None:
    one = connect(shop)
    deliver(shop, one, "orders/updated", order(**EDITED))
    assert [event.kind for event in log(shop)] == ["custom"]
    assert book(shop).subjects == ()
    shop_clock.advance(10 * 60 * 1_000_000)
    process(shop)
    assert sorted(event.kind for event in log(shop)) == ["custom", "purchase"]
    assert (book(shop).value, anna(shop) in book(shop).subjects) == (22900, True)


REFUND = {
    "id": 901,
    "order_id": 5001,
    "created_at": "2026-09-03T10:00:00+02:00",
    "refund_line_items": [
        {
            "quantity": 1,
            "line_item_id": 110,
            "line_item": line(11, 2),
            "subtotal": 199.0,
            "total_tax": 39.8,
        }
    ],
}


@pytest.mark.parametrize("order_first", [True, False])
@pytest.mark.parametrize("taxes_included", [True, False])
def test_a_refund_takes_back_once_whatever_tells_it(
    shop: Shop, shop_clock: StandingClock, order_first: bool, taxes_included: bool
) -> None:
    one = connect(shop)
    states: dict[str, Any] = {"line_items": [line(11, 2)], "taxes_included": taxes_included}
    if taxes_included:
        states["total_tax"] = "79.60"
    messages = [
        ("orders/create", order(**states)),
        ("refunds/create", REFUND),
        ("orders/updated", order(**states, refunds=[REFUND], updated_at="2026-09-03T10:00:01+02:00")),
    ]
    for topic, body in messages if order_first else reversed(messages):
        deliver(shop, one, topic, body)
    shop_clock.advance(10 * 60 * 1_000_000)
    process(shop)
    found = book(shop)
    assert found.refunded == (15920 if taxes_included else 19900)
    assert (found.value, found.status) == (31840 if taxes_included else 39800, "partly_refunded")
    assert [(one.quantity, one.returned) for one in found.lines] == [(2, 1)]
    profile = read_profile(shop.database, anna(shop))
    assert profile is not None
    assert [(one.product, one.quantity) for one in profile.purchased] == [("11", 1)]


def test_a_refund_that_no_order_tells_is_taken_after_a_while(shop: Shop, shop_clock: StandingClock) -> None:
    one = connect(shop)
    deliver(shop, one, "orders/create", order(line_items=[line(11, 2)]))
    deliver(shop, one, "refunds/create", REFUND)
    assert book(shop).refunded == 0
    shop_clock.advance(10 * 60 * 1_000_000)
    process(shop)
    assert book(shop).refunded == 19900


def test_money_given_back_for_no_line_keeps_the_goods(shop: Shop) -> None:
    one = connect(shop)
    refund = {
        **REFUND,
        "refund_line_items": [],
        "order_adjustments": [
            {"kind": "refund_discrepancy", "amount": "-50.00"},
            {"kind": "shipping_refund", "amount": "-39.00"},
        ],
    }
    deliver(shop, one, "orders/create", order(refunds=[refund]))
    found = book(shop)
    assert (found.refunded, [one.returned for one in found.lines]) == (5000, [0])


def test_a_cancelled_order_is_taken_back(shop: Shop) -> None:
    one = connect(shop)
    deliver(shop, one, "orders/create", order())
    cancelled = order(cancelled_at="2026-09-02T10:00:00+02:00", updated_at="2026-09-02T10:00:00+02:00")
    deliver(shop, one, "orders/cancelled", cancelled)
    deliver(shop, one, "orders/updated", cancelled)
    assert (book(shop).status, book(shop).net) == ("cancelled", 0)
    assert [event.kind for event in log(shop)] == ["purchase", "cancel"]


def customer(**more: Any) -> dict[str, Any]:
    return {
        "id": 77,
        "email": "anna@lind.se",
        "phone": "+46701234567",
        "first_name": "Anna",
        "last_name": "Lind",
        "created_at": "2026-08-01T10:00:00+02:00",
        "updated_at": "2026-09-01T10:00:00+02:00",
        "tags": "vip, stamkund",
        **more,
    }


def marketing(state: str, at: str | None) -> dict[str, Any]:
    return {"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": at}


def consents(shop: Shop) -> dict[str, bool]:
    with shop.database.reading() as tx:
        return consents_of(tx, [anna(shop)]).get(anna(shop), {})


def test_a_customer_is_known_with_what_they_answered(shop: Shop) -> None:
    one = connect(shop)
    body = customer(
        email_marketing_consent=marketing("subscribed", "2026-08-02T10:00:00+02:00"),
        sms_marketing_consent=marketing("unsubscribed", "2026-08-03T10:00:00+02:00"),
    )
    deliver(shop, one, "customers/create", body)
    assert consents(shop) == {"email": True, "sms": False}
    profile = read_profile(shop.database, anna(shop))
    assert profile is not None
    assert profile.traits["firstName"] == "Anna"
    assert "email" not in profile.traits


@pytest.mark.parametrize("newest_first", [True, False])
def test_the_latest_answer_holds_in_any_order(shop: Shop, newest_first: bool) -> None:
    one = connect(shop)
    bodies = [
        customer(email_marketing_consent=marketing("subscribed", "2026-08-02T10:00:00+02:00")),
        customer(
            updated_at="2026-09-05T10:00:00+02:00",
            email_marketing_consent=marketing("unsubscribed", "2026-09-05T10:00:00+02:00"),
        ),
    ]
    for body in reversed(bodies) if newest_first else bodies:
        deliver(shop, one, "customers/update", body)
    assert consents(shop) == {"email": False}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"email_marketing_consent": marketing("not_subscribed", None)}, {}),
        ({"email_marketing_consent": marketing("pending", "2026-09-01T10:00:00+02:00")}, {"email": False}),
        ({"email_marketing_consent": marketing("redacted", None)}, {"email": False}),
        (
            {"accepts_marketing": True, "accepts_marketing_updated_at": "2026-08-01T10:00:00Z"},
            {"email": True},
        ),
        ({"accepts_marketing": False}, {}),
        (
            {"accepts_marketing": False, "accepts_marketing_updated_at": "2026-08-01T10:00:00Z"},
            {"email": False},
        ),
    ],
)
def test_what_is_no_answer_and_what_is(
    sqlite_shop: Shop, given: dict[str, Any], expected: dict[str, bool]
) -> None:
    deliver(sqlite_shop, connect(sqlite_shop), "customers/update", customer(**given))
    assert consents(sqlite_shop) == expected


def test_a_cart_with_a_visitor_is_the_cart(shop: Shop) -> None:
    one = connect(shop)
    cart = {
        "token": "c1",
        "updated_at": "2026-09-01T10:00:00+02:00",
        "line_items": [line(11, 2)],
        "attributes": {"expedit_id": "visitor-0001"},
    }
    deliver(shop, one, "carts/update", cart)
    deliver(shop, one, "carts/update", {**cart, "token": "c2", "attributes": {}})
    profile = read_profile(shop.database, anna(shop, "anonymous_id", "visitor-0001"))
    assert profile is not None
    assert [(line.product, line.variant, line.quantity) for line in profile.cart] == [("11", "1100", 2)]
    assert len(log(shop)) == 1


CART = {"token": "c1", "attributes": {"expedit_id": "visitor-0001"}}
CARTS = [
    ({**CART, "updated_at": "2026-09-01T10:00:00+02:00", "line_items": [line(11, 2)]}, ""),
    ({**CART, "updated_at": "2026-09-01T10:00:07+02:00", "line_items": [line(12)]}, "10:00:08.2"),
    ({**CART, "updated_at": "2026-09-01T10:00:07+02:00", "line_items": []}, "10:00:08.9"),
]


@pytest.mark.parametrize("sequence", sorted(set(itertools.permutations([0, 1, 2, 2]))))
def test_an_emptied_cart_is_empty_in_whatever_order_its_states_come(
    sqlite_shop: Shop, sequence: tuple[int, ...]
) -> None:
    one = connect(sqlite_shop)
    for number, place in enumerate(sequence):
        body, sent = CARTS[place]
        headers = {"triggered_at": f"2026-09-01T{sent}+02:00"} if sent else {}
        deliver(sqlite_shop, one, "carts/update", body, event_id=str(number), **headers)
    profile = read_profile(sqlite_shop.database, anna(sqlite_shop, "anonymous_id", "visitor-0001"))
    assert profile is not None
    assert profile.cart == ()
    assert len(log(sqlite_shop)) == 3


def test_a_cart_that_was_emptied_before_something_was_put_in_again_is_not_empty(shop: Shop) -> None:
    one = connect(shop)
    deliver(shop, one, "carts/update", {**CARTS[0][0], "updated_at": "2026-09-01T10:00:09+02:00"})
    deliver(shop, one, "carts/update", CARTS[2][0])
    deliver(shop, one, "carts/update", {**CART, "updated_at": "2026-09-01T10:00:20+02:00"})
    profile = read_profile(shop.database, anna(shop, "anonymous_id", "visitor-0001"))
    assert profile is not None
    assert [(one.product, one.quantity) for one in profile.cart] == [("11", 2)]
    assert [event.empty for event in log(shop)] == [True, False]


def test_an_emptied_cart_holds_nothing_that_its_owner_put_in_while_signed_in(shop: Shop) -> None:
    one = connect(shop)
    added = {
        "type": "track",
        "event": "add_to_cart",
        "messageId": "page-1",
        "timestamp": "2026-09-01T08:00:01Z",
        "anonymousId": "visitor-0001",
        "userId": "77",
        "properties": {"product_id": "11", "variant_id": "1100"},
    }
    ingest(shop, [call_of(added)], keys(shop).source(one.source), shop.clock(), trusted=True)
    deliver(shop, one, "carts/update", CARTS[2][0])
    profile = read_profile(shop.database, anna(shop))
    assert profile is not None
    assert profile.cart == ()


def test_a_checkout_is_a_step_of_somebody(shop: Shop) -> None:
    one = connect(shop)
    checkout = order(id=8001, token="t1")
    deliver(shop, one, "checkouts/create", checkout)
    later = {
        **checkout,
        "updated_at": "2026-09-01T10:02:00+02:00",
        "shipping_lines": [{"price": "39.00"}],
    }
    deliver(shop, one, "checkouts/update", later)
    deliver(shop, one, "checkouts/update", {**later, "completed_at": "2026-09-01T10:05:00+02:00"})
    assert [event.kind for event in log(shop)] == ["begin_checkout", "add_shipping_info"]


@pytest.mark.parametrize(
    ("topic", "body", "field", "reason"),
    [
        ("orders/create", b"{", "", "truncated"),
        ("orders/create", b"[]", "", "expected"),
        ("orders/create", {**order(), "id": None}, "id", "is missing"),
        ("orders/create", {**order(), "currency": None}, "currency", "is not an ISO 4217 currency"),
        ("orders/create", {**order(), "created_at": "yesterday"}, "created_at", "is not an ISO 8601 time"),
        (
            "orders/create",
            {**order(), "line_items": [{"quantity": "two"}]},
            "line_items[0].quantity",
            "expected",
        ),
        ("orders/create", {**order(), "subtotal_price": "a lot"}, "subtotal_price", "is not an amount"),
        ("refunds/create", {"id": 1}, "order_id", "is missing"),
        ("customers/update", {"id": None, "email": "a@b.se"}, "id", "is missing"),
        ("collections/update", {"id": 1}, "X-Shopify-Topic", "is none of"),
    ],
)
def test_what_cannot_be_understood_is_kept_with_its_field(
    sqlite_shop: Shop, topic: str, body: Any, field: str, reason: str
) -> None:
    one = connect(sqlite_shop)
    receive(sqlite_shop, one, hook(topic, body))
    process(sqlite_shop)
    ((at_fault, why),) = failed(sqlite_shop, one)
    assert at_fault == field
    assert reason in why.lower() or reason in why
    assert log(sqlite_shop) == []


def test_a_message_sent_by_hand_changes_nothing(sqlite_shop: Shop) -> None:
    one = connect(sqlite_shop)
    receive(sqlite_shop, one, hook("orders/create", order(), test="true"))
    assert process(sqlite_shop) == 1
    assert log(sqlite_shop) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shop", "https://evil.example.com"),
        ("shop", "my shop"),
        ("currency", "kronor"),
        ("locations", "web"),
        ("storefront", "ftp://x.se"),
        ("money", "gold"),
    ],
)
def test_wrong_settings_are_named(sqlite_shop: Shop, field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        connect(sqlite_shop, **{field: value})
    assert caught.value.field == field


def test_the_shop_may_be_written_as_people_write_it(sqlite_shop: Shop) -> None:
    for written in ("fjallbutiken", "https://Fjallbutiken.myshopify.com/admin"):
        assert connect(sqlite_shop, shop=written).text("shop") == "fjallbutiken.myshopify.com"
