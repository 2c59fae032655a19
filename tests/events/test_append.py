"""Appending to the head of the log, and remembering what was appended."""

from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.events import Event, EventItem, append, pack_event, unpack_event, unseen
from expedit.events.store import Place, forget_keys, head_rows
from expedit.storage import Shop

AT = 1_790_000_000_000_000


def event(number: int, **fields: object) -> Event:
    return Event(f"m{number}", "web", "view_item", AT + number, AT + number + 5, **fields)  # type: ignore[arg-type]


def log_of(shop: Shop) -> list[Event]:
    with shop.database.writing() as tx:
        return [row.event for row in head_rows(tx, Place(), 10_000)]


def test_an_event_survives_its_stored_form_in_full() -> None:
    full = Event(
        "m1",
        "web",
        "purchase",
        AT,
        AT + 1,
        subject="a" * 24,
        session=None,
        ids=(("anonymous_id", "a" * 24), ("email", "b" * 24)),
        channel="app",
        market="SE",
        items=(EventItem("sku-1", variant="v", quantity=2, price=149900, position=3, product="p1"),),
        order_id="o1",
        value=299800,
        tax=59960,
        shipping=4900,
        currency="SEK",
        coupon="VÅR",
        query="tält",
        url="https://shop.example/å",
        referrer="https://else.example",
        campaign={"source": "mail"},
        decision_id="d1",
        placement="home",
        consent={"analytics": True, "personalization": False},
        traits={"first_name": "Åsa", "age": 41},
        name="Order Completed",
        properties={"gift": True, "notes": ["a", {"b": None}]},
        personal=False,
    )
    assert unpack_event(pack_event(full)) == full


def test_a_body_with_a_field_of_a_later_version_still_reads() -> None:
    class Later(Event, frozen=True, gc=False):
        mood: str | None = None

    later = Later("m1", "web", "view_item", AT, AT, subject="a", mood="good")
    assert unpack_event(pack_event(later)) == Event("m1", "web", "view_item", AT, AT, subject="a")


def test_an_event_names_each_of_its_subjects_once_the_acting_one_first() -> None:
    assert event(1).subjects == ()
    assert event(1, subject="b").subjects == ("b",)
    assert event(1, subject="b", ids=(("user_id", "a"), ("anonymous_id", "b"))).subjects == ("b", "a")


def test_appended_events_come_back_in_order(shop: Shop) -> None:
    events = [event(number, subject=f"s{number % 3}") for number in (3, 1, 2, 700)]
    with shop.database.writing() as tx:
        append(tx, events)
        append(tx, [])
    with shop.database.writing() as tx:
        append(tx, [event(4)])
    assert log_of(shop) == [*events, event(4)]


def test_a_rolled_back_append_leaves_neither_event_nor_key(shop: Shop) -> None:
    with pytest.raises(RuntimeError), shop.database.writing() as tx:
        assert unseen(tx, [("web", "m1")], AT) == {("web", "m1")}
        append(tx, [event(1)])
        raise RuntimeError
    assert log_of(shop) == []
    with shop.database.writing() as tx:
        assert unseen(tx, [("web", "m1")], AT) == {("web", "m1")}


def test_a_message_id_is_seen_once_for_each_source(shop: Shop) -> None:
    with shop.database.writing() as tx:
        assert unseen(tx, [("web", "1"), ("web", "1"), ("till", "1")], AT) == {("web", "1"), ("till", "1")}
    with shop.database.writing() as tx:
        assert unseen(tx, [("web", "1"), ("web", "2"), ("till", "1")], AT) == {("web", "2")}
        assert unseen(tx, [], AT) == set()


def test_the_border_between_source_and_message_id_counts(shop: Shop) -> None:
    with shop.database.writing() as tx:
        assert unseen(tx, [("ab", "c"), ("a", "bc")], AT) == {("ab", "c"), ("a", "bc")}


def test_keys_are_forgotten_after_their_horizon(shop: Shop) -> None:
    with shop.database.writing() as tx:
        unseen(tx, [("web", "old")], AT)
        unseen(tx, [("web", "new")], AT + 10)
        assert forget_keys(tx, AT + 10) == 1
        assert unseen(tx, [("web", "old"), ("web", "new")], AT + 20) == {("web", "old")}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=8))
def test_every_message_is_new_exactly_once(sqlite_shop: Shop, batches: list[list[int]]) -> None:
    with sqlite_shop.database.writing() as tx:
        forget_keys(tx, AT + 1)
        seen: set[int] = set()
        for batch in batches:
            fresh = {int(number) for _, number in unseen(tx, [("web", str(n)) for n in batch], AT)}
            assert fresh == set(batch) - seen
            seen |= set(batch)


def test_of_many_writers_with_the_same_messages_each_message_is_new_to_one(shop: Shop) -> None:
    found: list[set[tuple[str, str]]] = []

    def write(start: int) -> None:
        for batch in range(10):
            keys = [("web", str((start + batch * 7 + offset) % 60)) for offset in range(20)]
            with shop.database.writing() as tx:
                found.append(unseen(tx, keys, AT))

    writers = [threading.Thread(target=write, args=(start,)) for start in (0, 11, 29)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    everything = [key for batch in found for key in batch]
    assert len(everything) == len(set(everything)) == 60
