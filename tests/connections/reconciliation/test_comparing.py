"""Named causes add up to the difference, always; what has no name is shown as that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.access import Source, keys
from expedit.connections import store
from expedit.connections.model import Connection
from expedit.connections.reconciliation.asking import UPLOADED, compare, figures_from
from expedit.connections.reconciliation.compare import (
    Odd,
    Situation,
    compare_days,
    compare_orders,
    total_of,
)
from expedit.connections.reconciliation.figures import ShopDay, ShopOrder
from expedit.connections.reconciliation.reports import Meaning, read_report
from expedit.connections.reconciliation.store import note_shop_days, note_shop_orders
from expedit.core import DAY, HOUR, InvalidInput, NotFound, day_of
from expedit.orders import Order, keep_orders
from expedit.orders.model import OrderStatus
from expedit.storage import Shop
from expedit.tracking import call_of, ingest

AT = 1_790_000_000_000_000  # 2026-09-21T14:13:20Z
OLD = Situation(fresh=AT + DAY)


def theirs(
    order_id: str, at: int = AT, counted: bool = True, total: int = 29800, **rest: int | bool
) -> ShopOrder:
    values: dict[str, int | bool] = {"tax": 5960, "shipping": 3920, **rest}
    return ShopOrder(order_id, at, counted, "SEK", total, **values)  # type: ignore[arg-type]


def ours(
    order_id: str,
    at: int = AT,
    value: int = 19920,
    refunded: int = 0,
    status: OrderStatus = "placed",
    tax: int = 5960,
) -> Order:
    return Order(order_id, at, status, (), "SE", "web", "SEK", value, tax, 3920, refunded, None, ())


def causes(shop: list[ShopOrder], here: list[Order], situation: Situation = OLD) -> dict[str, int]:
    days, _ = compare_orders(shop, here, day_of, situation)
    total = total_of(days)
    assert sum(cause.amount for cause in total.causes) == total.difference
    return {cause.name: cause.amount for cause in total.causes}


def test_tax_shipping_and_refunds_have_their_names() -> None:
    assert causes([theirs("1")], [ours("1")]) == {"tax": 5960, "shipping": 3920}
    assert causes([theirs("1")], [ours("1", refunded=5000)]) == {
        "tax": 5960,
        "shipping": 3920,
        "refunds": 5000,
    }


def test_whoever_counted_the_tax_in_leaves_none_to_explain() -> None:
    assert causes([theirs("1")], [ours("1", value=25880)]) == {"shipping": 3920}
    assert causes([theirs("1")], [ours("1", value=23840)]) == {"tax": 5960}
    assert causes([theirs("1")], [ours("1", value=29800)]) == {}


def test_an_order_that_is_not_here_is_a_test_on_its_way_without_consent_or_unexplained() -> None:
    assert causes([theirs("1", test=True)], []) == {"test": 29800}
    assert causes([theirs("1")], [], Situation(fresh=AT)) == {"waiting": 29800}
    assert causes([theirs("1")], [], Situation(fresh=AT + 1, by_browser=True)) == {"consent": 29800}
    assert causes([theirs("1")], [], Situation(fresh=AT + 1, declined=True)) == {"consent": 29800}
    assert causes([theirs("1")], []) == {"unexplained": 29800}
    assert causes([theirs("1", counted=False)], []) == {}


def test_an_order_that_only_one_side_counts() -> None:
    assert causes([theirs("1", counted=False)], [ours("1")]) == {"not_counted": -19920}
    assert causes([theirs("1", counted=False)], [ours("1", refunded=19920, status="cancelled")]) == {}
    assert causes([], [ours("1")]) == {"only_here": -19920}
    assert causes([], [ours("1", value=0, refunded=100, status="credit")]) == {"refunds": 100}


def test_an_order_counted_on_another_day_here_adds_up_on_both() -> None:
    days, odd = compare_orders([theirs("1")], [ours("1", at=AT + DAY)], day_of, OLD)
    assert odd == []
    assert [(day.day, day.difference, day.amount("other_day")) for day in days] == [
        ("2026-09-21", 29800, 19920),
        ("2026-09-22", -19920, -19920),
    ]
    assert all(sum(cause.amount for cause in day.causes) == day.difference for day in days)


def test_what_has_no_name_is_listed_by_order() -> None:
    days, odd = compare_orders([theirs("1"), theirs("2")], [ours("1", value=10000)], day_of, OLD)
    assert days[0].unexplained == 9920 + 29800
    assert odd == [Odd("1", "2026-09-21", 29800, 10000, 9920), Odd("2", "2026-09-21", 29800, None, 29800)]


_shop_order = st.builds(
    ShopOrder,
    st.sampled_from("abcdef"),
    st.integers(AT, AT + 3 * DAY),
    st.booleans(),
    st.just("SEK"),
    st.integers(0, 1000),
    st.integers(0, 300),
    st.integers(0, 300),
    st.integers(0, 300),
    st.just(""),
    st.booleans(),
)
_our_order = st.builds(
    ours,
    st.sampled_from("abcdef"),
    st.integers(AT, AT + 3 * DAY),
    st.integers(0, 1000),
    st.integers(0, 1200),
    st.sampled_from(["placed", "refunded", "cancelled", "partly_refunded"]),
)


@given(
    st.lists(_shop_order, unique_by=lambda one: one.order_id),
    st.lists(_our_order, unique_by=lambda one: one.id),
    st.builds(Situation, st.integers(AT, AT + 3 * DAY), st.booleans(), st.booleans()),
)
def test_causes_add_up_to_the_difference_of_every_day(
    shop: list[ShopOrder], here: list[Order], situation: Situation
) -> None:
    days, _ = compare_orders(shop, here, day_of, situation)
    for day in days:
        assert sum(cause.amount for cause in day.causes) == day.difference
    total = total_of(days)
    assert total.shop_revenue == sum(one.total for one in shop if one.counted)
    assert total.our_revenue == sum(one.net for one in here)
    assert sum(cause.amount for cause in total.causes) == total.difference


@given(
    st.integers(0, 10**6),
    st.one_of(st.none(), st.integers(0, 10**5)),
    st.booleans(),
    st.booleans(),
    st.lists(_our_order, unique_by=lambda one: one.id),
)
def test_causes_add_up_by_day_too(
    revenue: int, tax: int | None, with_tax: bool, after: bool, here: list[Order]
) -> None:
    day = ShopDay("2026-09-22", "SEK", 3, revenue, tax, with_tax=with_tax, after_refunds=after)
    (found,) = compare_days([day], here, day_of)
    assert sum(cause.amount for cause in found.causes) == found.difference
    if not with_tax:
        assert found.amount("tax") == 0
    if after:
        assert found.amount("refunds") == 0


def test_a_report_by_day_is_read_in_any_notation() -> None:
    text = "Datum;Antal ordrar;Omsättning;Moms\n2026-09-21;2;1 234,50;246,90\n22.09.2026;0;0;\nnever;1;1;1\n"
    report = read_report(text.encode("cp1252"), Meaning("SEK", "Europe/Stockholm"))
    assert report.days == (
        ShopDay("2026-09-21", "SEK", 2, 123450, 24690),
        ShopDay("2026-09-22", "SEK", 0, 0),
    )
    assert [(line, field) for line, field, _ in report.refused] == [(4, "timestamp")]


def test_a_report_by_order_is_told_by_its_columns() -> None:
    text = "Order number,Date,Total,Tax,Shipping,Refunded,Status,Test\n"
    text += "#1001,2026-09-21 10:00,298.00,59.60,39.20,0,paid,\n"
    text += "1002,2026-09-21 23:30,100.00,20.00,0,0,cancelled,yes\n"
    report = read_report(text.encode(), Meaning("SEK", "Europe/Stockholm"))
    assert [(one.order_id, one.counted, one.test, one.total) for one in report.orders] == [
        ("1001", True, False, 29800),
        ("1002", False, True, 10000),
    ]
    with pytest.raises(InvalidInput, match="no column means the revenue"):
        read_report(b"date;orders\n2026-01-01;1\n", Meaning("SEK"))


def test_the_page_compares_what_is_stored(shop: Shop) -> None:
    keys(shop).add_source(Source("woo", "server", "wk_w", {"analytics": True}, "contract"))
    with shop.database.writing() as tx:
        store.put_connection(tx, Connection("woo", "woocommerce", "My shop", "woo", {}, True, 0))
        store.put_mark(tx, "woo", "timezone", "Europe/Stockholm")
        note_shop_orders(
            tx, "woo", [theirs("1", AT - 2 * HOUR), theirs("2", AT - DAY), theirs("3", AT - DAY)]
        )
        note_shop_days(tx, UPLOADED, [ShopDay("2026-09-21", "SEK", 1, 29800)])
    calls = [
        {
            "type": "track",
            "event": "purchase",
            "messageId": f"order:{number}",
            "timestamp": at,
            "properties": {
                "order_id": number,
                "currency": "SEK",
                "value": 199.2,
                "tax": 59.6,
                "shipping": 39.2,
            },
        }
        for number, at in (("1", "2026-09-21T12:13:20Z"), ("2", "2026-09-20T14:13:20Z"))
    ]
    ingest(shop, [call_of(one) for one in calls], keys(shop).source("woo"), AT)
    keep_orders(shop)
    assert figures_from(shop) == [("uploaded", "uploaded"), ("woo", "My shop")]
    found = compare(shop, "woo", 7)
    assert (found.currency, found.zone, found.by_order) == ("SEK", "Europe/Stockholm", True)
    assert [(day.day, day.shop_orders, day.our_orders, day.unexplained) for day in found.days] == [
        ("2026-09-21", 1, 1, 0),
        ("2026-09-20", 2, 1, 29800),
    ]
    by_day = compare(shop, UPLOADED, 7)
    assert [(day.day, day.difference, day.unexplained) for day in by_day.days] == [("2026-09-21", 9880, 0)]
    with pytest.raises(NotFound):
        compare(shop, "gone", 7)


def test_an_older_version_of_an_order_changes_nothing(shop: Shop) -> None:
    with shop.database.writing() as tx:
        newer = ShopOrder("1", AT, True, "SEK", 200, version="2026-02")
        note_shop_orders(tx, "woo", [newer])
        note_shop_orders(tx, "woo", [ShopOrder("1", AT, True, "SEK", 100, version="2026-01")])
        assert tx.rows("SELECT total FROM shop_orders") == [(200,)]
