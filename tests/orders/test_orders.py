from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import PersonRef, evolve
from expedit.events import Event, EventItem, append
from expedit.orders import (
    Fact,
    FactLine,
    fact_of,
    find_order,
    keep_orders,
    merged,
    order_of,
    orders_between,
    orders_of,
)
from expedit.orders.feature import FEATURE
from expedit.orders.store import totals, write_orders
from expedit.storage import Shop

AT = 1_790_000_000_000_000
JACKET = EventItem("J1", "J1-M", 1, 149_900, product="J1")
SOCKS = EventItem("S1", None, 3, 9_900)


def event(kind: str, message: str, at: int = 0, **rest: Any) -> Event:
    fields = {"order_id": "O-1", "currency": "SEK", "market": "SE", "source": "server", **rest}
    return Event(message, kind=kind, at=AT + at, received=AT, **fields)  # type: ignore[arg-type]


def bought(**rest: Any) -> Event:
    return event("purchase", "m-1", items=(JACKET, SOCKS), value=179_600, tax=35_920, shipping=4_900, **rest)


def store_events(shop: Shop, *events: Event) -> None:
    with shop.database.writing() as tx:
        append(tx, events)
    keep_orders(shop)


def test_a_purchase_is_an_order(shop: Shop) -> None:
    store_events(shop, bought(subject="a" * 24, ids=(("anonymous_id", "a" * 24), ("user_id", "b" * 24))))
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.status, order.value, order.tax, order.shipping, order.refunded) == (
        "placed",
        179_600,
        35_920,
        4_900,
        0,
    )
    assert [(line.item, line.variant, line.quantity, line.returned, line.price) for line in order.lines] == [
        ("J1", "J1-M", 1, 0, 149_900),
        ("S1", None, 3, 0, 9_900),
    ]
    assert orders_of(shop, ["b" * 24]) == (order,)
    assert orders_of(shop, ["c" * 24]) == ()


def test_the_same_order_from_two_sources_counts_once(shop: Shop) -> None:
    store_events(shop, bought(subject="a" * 24))
    store_events(shop, evolve(bought(), message_id="m-2", source="web", at=AT + 5, subject="d" * 24))
    store_events(shop, bought(subject="a" * 24))
    with shop.database.reading() as tx:
        assert totals(tx) == [("SEK", "placed", 1, 179_600, 0)]
    found = orders_of(shop, ["d" * 24])
    assert [order.subjects for order in found] == [("a" * 24, "d" * 24)]


def test_refunds_add_up_and_keep_the_rest(shop: Shop) -> None:
    store_events(
        shop,
        bought(),
        event("refund", "m-2", 10, items=(EventItem("S1", None, 1),)),
        event("refund", "m-3", 20, items=(EventItem("J1", None, 1),), value=100_000),
    )
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.status, order.refunded, order.net) == ("partly_refunded", 109_900, 69_700)
    assert [(line.item, line.net) for line in order.lines] == [("J1", 0), ("S1", 2)]


def test_a_refund_without_products_takes_all_back_and_an_amount_only_money(shop: Shop) -> None:
    store_events(shop, bought(), event("refund", "m-2", 10, value=5_000))
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.status, order.refunded, [line.net for line in order.lines]) == (
        "partly_refunded",
        5_000,
        [1, 3],
    )
    store_events(shop, event("refund", "m-3", 20))
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.status, order.net, [line.net for line in order.lines]) == ("refunded", 0, [0, 0])


def test_cancel_and_update(shop: Shop) -> None:
    update = event("custom", "m-2", 10, name="Order Updated", items=(evolve(SOCKS, quantity=2),))
    store_events(shop, bought(), update, event("custom", "m-9", 11, name="Newsletter Opened"))
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.value, order.shipping, [(line.item, line.quantity) for line in order.lines]) == (
        19_800,
        4_900,
        [("S1", 2)],
    )
    store_events(shop, event("cancel", "m-3", 5))
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.status, order.net, order.lines[0].net) == ("cancelled", 0, 0)


def test_a_cancelled_order_counts_again_once_it_is_resumed(shop: Shop) -> None:
    resumed = event(
        "custom", "m-3", 20, name="Order Resumed", items=(evolve(SOCKS, quantity=2),), value=15_000
    )
    store_events(shop, resumed, bought())
    store_events(shop, event("cancel", "m-2", 10))
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.status, order.value, order.refunded, order.at) == ("placed", 15_000, 0, AT)
    assert [(line.item, line.quantity, line.net) for line in order.lines] == [("S1", 2, 2)]
    store_events(shop, event("cancel", "m-4", 30))
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.status, order.net, order.lines[0].net) == ("cancelled", 0, 0)


def test_a_credit_note_without_its_order(shop: Shop) -> None:
    store_events(shop, event("refund", "m-1", order_id="C-7", items=(EventItem("S1", None, 2, 9_900),)))
    order = find_order(shop, "C-7")
    assert order is not None
    assert (order.status, order.value, order.refunded, order.net) == ("credit", 0, 19_800, -19_800)
    assert [(line.quantity, line.returned, line.net) for line in order.lines] == [(0, 2, 0)]


def test_a_refund_in_another_currency_moves_goods_but_not_money(shop: Shop) -> None:
    store_events(
        shop, bought(), event("refund", "m-2", 1, currency="NOK", items=(EventItem("J1", "J1-M", 1, 100),))
    )
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.status, order.refunded, order.lines[0].net) == ("partly_refunded", 0, 0)


def test_erasure_unlinks_the_person_and_keeps_the_books(shop: Shop) -> None:
    person = PersonRef("a" * 24, ("a" * 24,))
    assert FEATURE.export_person is not None
    assert FEATURE.erase_person is not None
    store_events(shop, bought(subject="a" * 24, ids=(("anonymous_id", "a" * 24),)))
    exported = FEATURE.export_person(shop, person)["orders"]
    assert [order["id"] for order in exported] == ["O-1"]  # type: ignore[attr-defined,index]
    with shop.database.writing() as tx:
        FEATURE.erase_person(shop, tx, person)
    assert FEATURE.export_person(shop, person) == {"orders": []}
    order = find_order(shop, "O-1")
    assert order is not None
    assert (order.value, order.subjects, len(order.lines)) == (179_600, (), 2)
    with shop.database.reading() as tx:
        for column in ("facts", "body"):
            found = tx.row(f"SELECT {column} FROM orders")
            assert found is not None
            assert b"a" * 24 not in bytes(found[0])
    store_events(shop, event("refund", "m-2", 10))
    after = find_order(shop, "O-1")
    assert after is not None
    assert (after.status, after.subjects) == ("refunded", ())


amounts = st.none() | st.integers(0, 500)
lines = st.lists(
    st.builds(
        FactLine,
        st.sampled_from(["A", "B"]),
        st.sampled_from([None, "s", "m"]),
        st.integers(1, 4),
        st.none() | st.integers(0, 100),
        st.none(),
    ),
    max_size=3,
).map(tuple)
facts = st.builds(
    Fact,
    at=st.integers(0, 5),
    message_id=st.sampled_from(["1", "2", "3", "4", "5"]),
    source=st.sampled_from(["web", "server"]),
    kind=st.sampled_from(["purchase", "update", "refund", "cancel", "resume"]),
    subjects=st.sampled_from([(), ("x",), ("y", "x")]),
    lines=lines,
    goods=amounts,
    tax=amounts,
    currency=st.sampled_from([None, "SEK", "NOK"]),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Fact], list[Fact], int]:
    told = draw(st.lists(facts, min_size=1, max_size=7, unique_by=lambda f: (f.at, f.message_id, f.source)))
    shuffled = draw(st.permutations(told))
    again = draw(st.lists(st.sampled_from(told), max_size=3))
    return told, [*shuffled, *again], draw(st.integers(0, len(shuffled)))


@settings(max_examples=500, deadline=None)
@given(histories())
def test_any_order_of_arrival_makes_the_same_order(history: tuple[list[Fact], list[Fact], int]) -> None:
    told, arriving, cut = history
    expected = order_of("O", merged((), told))
    assert order_of("O", merged(merged((), arriving[:cut]), arriving[cut:])) == expected
    for line in expected.lines:
        assert 0 <= line.net <= line.quantity
    if expected.status == "cancelled":
        assert all(line.net == 0 for line in expected.lines)


def test_what_says_nothing_of_an_order_is_no_fact() -> None:
    assert fact_of(event("view_item", "m")) is None
    assert fact_of(event("purchase", "m", order_id=None)) is None


def test_orders_are_read_by_the_time_of_their_placing(shop: Shop) -> None:
    with shop.database.writing() as tx:
        for number, at in (("a", 10), ("b", 20), ("c", 20), ("d", 30)):
            fact = Fact(at, f"m-{number}", "web", "purchase", (), (), 100, currency="SEK")
            write_orders(tx, [(order_of(number, [fact]), (fact,))])
    assert [order.id for order in orders_between(shop, 10, 30)] == ["a", "b", "c"]
    assert orders_between(shop, 31, 99) == ()
