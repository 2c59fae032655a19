"""The log's own questions, asked of small logs whose answers are known."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from expedit.core import DAY, MINUTE, SECOND
from expedit.events import (
    PERSON_MAP,
    Event,
    EventItem,
    Whereabouts,
    append,
    daily,
    erase_subjects,
    seal,
    sessions,
    training_baskets,
    training_sessions,
)
from expedit.storage import Shop
from expedit.warehouse import open_warehouse

AT = 1_790_000_000_000_000 - 1_790_000_000_000_000 % DAY
FAR = 2**60


class Log:
    """Writes events whose message ids say the order they were written in."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.events: list[Event] = []

    def add(self, kind: str, at: int, subject: str = "", *products: str, **fields: Any) -> None:
        items = fields.pop("items", None) or tuple(EventItem(f"sku-{p}", product=p) for p in products)
        number = len(self.events)
        self.events.append(
            Event(f"m{number}", "web", kind, AT + at, AT + at, subject=subject, items=items, **fields)  # type: ignore[arg-type]
        )

    def seal(self) -> None:
        with self.shop.database.writing() as tx:
            append(tx, self.events)
        seal(self.shop)


@pytest.fixture
def log(sqlite_shop: Shop) -> Log:
    return Log(sqlite_shop)


def person_map(*rows: tuple[str, str, int | None, int | None]) -> pa.Table:
    names = ("subject_id", "person_id", "valid_from_us", "valid_until_us")
    kinds = (pa.string(), pa.string(), pa.int64(), pa.int64())
    return pa.table({name: pa.array([row[n] for row in rows], kinds[n]) for n, name in enumerate(names)})


def test_a_gap_of_thirty_minutes_ends_a_session(log: Log) -> None:
    log.add("page_view", 0, "a")
    log.add("view_item", 30 * MINUTE - 1, "a", "p")
    log.add("add_to_cart", 60 * MINUTE - 1, "a", "p")
    log.add("purchase", 61 * MINUTE, "a", "p")
    log.add("refund", 80 * MINUTE, "a", "p")  # no act of the visitor
    log.add("mail_delivered", 80 * MINUTE, "a")
    log.add("view_item", 5, "b", "p")
    log.add("page_view", 6, "", session="day-key")
    log.seal()
    answer = sessions(log.shop, open_warehouse(log.shop)).to_pylist()
    assert [tuple(row.values()) for row in answer] == [
        ("a", True, 1, AT, AT + 30 * MINUTE - 1, 2, 1, 0, 0),
        ("a", True, 2, AT + 60 * MINUTE - 1, AT + 61 * MINUTE, 2, 0, 1, 1),
        ("b", True, 1, AT + 5, AT + 5, 1, 1, 0, 0),
        ("day-key", False, 1, AT + 6, AT + 6, 1, 0, 0, 0),
    ]


def test_sessions_follow_the_person_over_devices_and_owners(log: Log) -> None:
    log.add("page_view", 0, "phone")
    log.add("page_view", 10 * MINUTE, "laptop")  # the same person goes on
    log.add("page_view", 20 * MINUTE, "laptop")  # another one has logged in
    log.add("page_view", 21 * MINUTE, "unknown")
    log.seal()
    owners = person_map(
        ("phone", "anna", None, None),
        ("laptop", "anna", None, AT + 20 * MINUTE),
        ("laptop", "bo", AT + 20 * MINUTE, None),
    )
    answer = sessions(log.shop, open_warehouse(log.shop), owners).to_pylist()
    assert [(row["visitor"], row["started_us"] - AT, row["events"]) for row in answer] == [
        ("anna", 0, 2),
        ("bo", 20 * MINUTE, 1),
        ("unknown", 21 * MINUTE, 1),
    ]
    alone = sessions(log.shop, open_warehouse(log.shop), since=AT + 15 * MINUTE).to_pylist()
    assert [(row["visitor"], row["events"]) for row in alone] == [("laptop", 1), ("unknown", 1)]


def test_events_are_counted_by_utc_day_and_kind(log: Log) -> None:
    log.add("page_view", 0, "a")
    log.add("page_view", DAY - 1, "a")
    log.add("page_view", DAY - 1, "b")
    log.add("page_view", DAY - 2, "", session="k")
    log.add("view_item", DAY, "a", "p")
    log.add("view_item", 2 * DAY, "a", "p")
    log.seal()
    answer = daily(log.shop, open_warehouse(log.shop), until=AT + 2 * DAY).to_pylist()
    assert [tuple(row.values()) for row in answer] == [
        ("2026-09-21", "page_view", 4, 2, 1),
        ("2026-09-22", "view_item", 1, 1, 0),
    ]


def test_training_sessions_are_numbered_by_their_end(log: Log) -> None:
    log.add("view_item", 0, "long", "p1", market="SE")
    log.add("view_item", 2 * MINUTE, "short", "p9", market="NO")
    log.add("page_view", 3 * MINUTE, "long")
    log.add("view_item_list", 3 * MINUTE, "long", "p7")  # shown, not met
    log.add("click", 4 * MINUTE, "long", "p2", market="SE")
    log.add("add_to_cart", 5 * MINUTE, "long", "p1", market="SE")
    log.add("purchase", 6 * MINUTE, "long", "p1", "p2", market="SE", order_id="o")
    log.add("view_item", 60 * MINUTE, "", "p3", session="k")
    log.seal()
    answer = training_sessions(log.shop, open_warehouse(log.shop)).to_pylist()
    assert [row["kind"] for row in answer[:4]] == ["view_item", "view_item", "click", "add_to_cart"]
    assert [(r["session"], r["position"], r["product"], r["ts_us"] - AT, r["market"]) for r in answer] == [
        (0, 0, "p9", 2 * MINUTE, "NO"),
        (1, 0, "p1", 0, "SE"),
        (1, 1, "p2", 4 * MINUTE, "SE"),
        (1, 2, "p1", 5 * MINUTE, "SE"),
        (1, 3, "p1", 6 * MINUTE, "SE"),
        (1, 4, "p2", 6 * MINUTE, "SE"),
        (2, 0, "p3", 60 * MINUTE, None),
    ]


def test_a_repeat_within_a_second_is_one_act_and_later_ones_are_kept(log: Log) -> None:
    for at in (0, SECOND - 1, 3 * SECOND, 4 * SECOND):
        log.add("view_item", at, "a", "p")
    log.add("view_item", 4 * SECOND + 1, "a", "q")
    log.add("view_item", 4 * SECOND + 2, "a", "p")
    log.seal()
    answer = training_sessions(log.shop, open_warehouse(log.shop)).to_pylist()
    assert [(row["product"], row["ts_us"] - AT) for row in answer] == [
        ("p", 0),
        ("p", 3 * SECOND),
        ("p", 4 * SECOND),
        ("q", 4 * SECOND + 1),
        ("p", 4 * SECOND + 2),
    ]


def test_training_follows_the_person_and_leaves_out_the_old_and_the_erased(log: Log) -> None:
    log.add("view_item", 0, "phone", "p1")
    log.add("view_item", MINUTE, "laptop", "p2")
    log.add("view_item", 2 * MINUTE, "other", "p3")
    log.add("view_item", 3 * MINUTE, "laptop", "", items=(EventItem("raw-only"),))
    log.seal()
    warehouse = open_warehouse(log.shop)
    owners = person_map(("phone", "anna", 0, FAR), ("laptop", "anna", 0, FAR))

    def asked(**options: Any) -> list[tuple[int, str]]:
        answer = training_sessions(log.shop, warehouse, owners, **options).to_pylist()
        return [(row["session"], row["product"]) for row in answer]

    assert asked() == [(0, "p3"), (1, "p1"), (1, "p2"), (1, "raw-only")]
    assert asked(since=AT + 2 * MINUTE) == [(0, "p3"), (1, "raw-only")]
    with log.shop.database.writing() as tx:
        erase_subjects(tx, ["laptop"], AT + DAY)
    assert asked() == [(0, "p1"), (1, "p3")]


def line(product: str, quantity: int) -> EventItem:
    return EventItem(f"sku-{product}", product=product, quantity=quantity)


def test_baskets_are_net_of_refunds_and_without_what_was_canceled(log: Log) -> None:
    log.add(
        "purchase", 0, "a", order_id="o1", market="SE", items=(line("p", 3), line("q", 1), line("p", 1)),
        whereabouts=Whereabouts("SE", "AB", "114"),
    )  # fmt: skip
    log.add(
        "purchase",
        1,
        "",
        order_id="o2",
        session="k",
        items=(line("p", 1),),
        channel="store",
        store="Umeå",
    )  # no customer; fmt: skip
    log.add("purchase", 2, "a", order_id="gone", items=(line("p", 1),))
    log.add("purchase", 3, "a", order_id="back", items=(line("p", 1), line("q", 2)))
    log.add("purchase", 4, "a", items=(line("r", 1),))  # no order id
    log.add("purchase", 5, "a", order_id="o1", items=(line("p", 3), line("q", 1)))  # the page was reloaded
    log.add("refund", 10, "a", order_id="o1", items=(line("p", 1),))
    log.add("refund", 11, "a", order_id="o1", items=(line("p", -1), line("q", 1)))
    log.add("cancel", 12, "a", order_id="gone")
    log.add("refund", 13, "a", order_id="back")
    log.add("refund", 14, "a", order_id="never-heard-of", items=(line("p", 1),))
    log.add("purchase", 20, "a", order_id="again", items=(line("s", 1),))
    log.add("cancel", 21, "a", order_id="again")
    log.add("custom", 22, "a", order_id="again", name="Order Resumed", items=(line("s", 1),))
    log.add("cancel", 23, "a", order_id="gone")
    log.seal()
    answer = training_baskets(log.shop, open_warehouse(log.shop)).to_pylist()
    assert [tuple(row.values()) for row in answer] == [
        ("o1", "p", 2, AT, "SE", "a", "SE", "AB", "114", None),
        ("o2", "p", 1, AT + 1, None, "k", None, None, None, "Umeå"),
        ("web:m4", "r", 1, AT + 4, None, "a", None, None, None, None),
        ("again", "s", 1, AT + 20, None, "a", None, None, None, None),
    ]
    known = person_map(("a", "eva", None, AT + 2), ("a", "ada", AT + 2, None))
    named = training_baskets(log.shop, open_warehouse(log.shop), known).to_pylist()
    assert [row["buyer"] for row in named] == ["eva", "k", "ada", "ada"]


def test_an_empty_log_answers_with_empty_typed_tables(sqlite_shop: Shop) -> None:
    warehouse = open_warehouse(sqlite_shop)
    met = training_sessions(sqlite_shop, warehouse)
    assert met.num_rows == 0
    assert met.schema == pa.schema(
        {
            "session": pa.int64(),
            "position": pa.int64(),
            "product": pa.string(),
            "ts_us": pa.int64(),
            "market": pa.string(),
            "kind": pa.string(),
        }
    )
    assert training_baskets(sqlite_shop, warehouse).num_rows == 0
    assert sessions(sqlite_shop, warehouse).num_rows == 0
    assert daily(sqlite_shop, warehouse).num_rows == 0


def test_the_map_that_identity_hands_in_is_read_as_it_is(log: Log) -> None:
    strict = pa.schema([pa.field(f.name, f.type, nullable=False) for f in PERSON_MAP])
    owners = pa.table([["phone"], ["anna"], [-FAR], [FAR]], schema=strict)
    log.add("page_view", 0, "phone")
    log.seal()
    assert sessions(log.shop, open_warehouse(log.shop), owners).column("visitor").to_pylist() == ["anna"]
