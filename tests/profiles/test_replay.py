"""Every order of arrival and every split in batches gives the same people and the same bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from expedit.core import DAY, Conflict, NotFound, Settings, from_pack
from expedit.events import Event
from expedit.identity import END, Limits, Separation
from expedit.identity.model import BEGINNING
from expedit.profiles import forget_old, recompute, record, rejoin, replay, separate_people
from expedit.storage import Shop
from tests.conftest import StandingClock
from tests.profiles.histories import expected, history, pairs_to_separate, resolved

SETTINGS = Settings(
    profile_events=9,
    profile_days=20,
    affinity_half_life_days=3,
    quarantine_links=6,
    event_weights={"view_item": "3", "remove_from_cart": "2"},
)

DUMPED = {
    "profiles": "person_id",
    "subjects": "subject_id",
    "ownership": "person_id, subject_id",
    "ties": "a, b",
    "claims": "weak, at, message_id, source",
    "merges": "merge_id",
    "facts": "subject_id, at, message_id, source",
    "lasting_facts": "subject_id, at, message_id, source",
}


def dump(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every derived table."""
    with shop.database.reading() as tx:
        return {table: tx.rows(f"SELECT * FROM {table} ORDER BY {order}") for table, order in DUMPED.items()}


def arrive(
    shop: Shop, events: Sequence[Event], pairs: Sequence[tuple[str, str]], rng: random.Random, largest: int
) -> None:
    """Record events in random batches; separations come at random moments, some taken back and laid again."""
    waiting = list(pairs)
    start = 0
    while start < len(events):
        size = rng.choice([1, rng.randrange(1, largest), rng.randrange(1, largest)])
        with shop.database.writing() as tx:
            record(tx, shop, events[start : start + size])
        start += size
        for pair in rng.sample(waiting, min(len(waiting), 2)):
            if try_to_separate(shop, pair, undo_too=rng.random() < 0.3):
                waiting.remove(pair)
    for pair in waiting:
        assert try_to_separate(shop, pair)


def try_to_separate(shop: Shop, pair: tuple[str, str], *, undo_too: bool = False) -> bool:
    try:
        one = separate_people(shop, *pair, by="tester")
    except NotFound:
        return False
    if undo_too:
        rejoin(shop, one.id)
        separate_people(shop, *pair, by="tester")
    return True


@pytest.mark.parametrize(
    ("dialect", "largest", "separated"), [("sqlite", 500, 500), ("postgresql", 2000, 500)]
)
def test_five_hundred_histories_in_random_orders_and_batches_give_equal_bytes(
    make_shop: Callable[..., Shop], dialect: str, largest: int, separated: int
) -> None:
    histories = [history(seed, f"h{seed}") for seed in range(500)]
    taken_apart = enumerate(histories[:separated])
    pairs = [pair for seed, events in taken_apart for pair in pairs_to_separate(seed, events)]
    everything = [event for events in histories for event in events]
    shop = make_shop(dialect, SETTINGS)

    rng = random.Random(1)
    in_order = sorted(everything, key=lambda event: (event.at, event.message_id))
    arrive(shop, in_order, pairs, rng, largest)
    first = dump(shop)

    shuffled = rng.sample(everything, len(everything))
    with shop.database.writing() as tx:
        tx.run("DELETE FROM separations")
    replay(shop, [])
    assert not any(dump(shop).values())
    arrive(shop, shuffled, pairs, rng, largest)
    second = dump(shop)
    for table, rows in first.items():
        assert second[table] == rows, table

    with shop.database.writing() as tx:
        record(tx, shop, everything[:3000])  # once more: nothing changes
    assert dump(shop) == first
    assert replay(shop, reversed(in_order), chunk=2 * largest) == len(everything)
    assert dump(shop) == first

    separations = [Separation(f"s{n}", a, b, 0, "tester") for n, (a, b) in enumerate(pairs)]
    assert_as_computed(first, everything, separations)


def assert_as_computed(
    tables: dict[str, list[tuple[object, ...]]], events: Sequence[Event], separations: Sequence[Separation]
) -> None:
    """Compare the tables with the pure computation over all events at once."""
    who = resolved(events, separations, SETTINGS)
    for row in tables["subjects"]:
        timeline = who.timeline(str(row[0]))
        stored = from_pack(row[3], tuple[tuple[int, str], ...]) if row[3] else ((BEGINNING, row[2]),)  # type: ignore[arg-type]
        assert stored == tuple(tuple(owner) for owner in timeline)
        assert bool(row[5]) == (row[0] in who.quarantined)
    assert {row[0]: row[1:] for row in tables["merges"]} == {
        one.id: (one.a, one.b, one.outcome, one.at, one.message_id, one.source) for one in who.merges
    }
    assert {one.outcome for one in who.merges} == {"merged", "attached", "conflict", "separated"}
    assert who.quarantined
    computed = expected(events, separations, SETTINGS)
    assert {str(row[0]) for row in tables["profiles"]} == set(computed)
    for row in tables["profiles"]:
        state, consents, traits, last = computed[str(row[0])]
        assert row[6] == state
        assert from_pack(row[7], dict) == consents  # type: ignore[arg-type]
        assert (from_pack(row[8], dict) if row[8] else {}) == traits  # type: ignore[arg-type]
        assert (row[3], row[4], row[5]) == last


def test_forgetting_keeps_state_and_facts_equal(shop: Shop, shop_clock: StandingClock) -> None:
    shop.settings = SETTINGS
    events = [event for seed in range(40) for event in history(seed, f"h{seed}")]
    with shop.database.writing() as tx:
        record(tx, shop, events)
    before = dump(shop)
    newest = max(event.at for event in events)
    shop_clock.now = newest - 30 * DAY
    assert forget_old(shop) > 0
    assert forget_old(shop) == 0
    after = dump(shop)
    horizon = shop_clock.now - shop_clock.now % DAY - SETTINGS.profile_days * DAY
    assert 0 < len(after["facts"]) < len(before["facts"])
    assert all(row[1] >= horizon for row in after["facts"])  # type: ignore[operator]
    assert after["lasting_facts"] == before["lasting_facts"]
    recompute(shop)
    assert dump(shop) == after
    replay(shop, events)
    assert dump(shop) == before
    forget_old(shop)
    assert dump(shop) == after


def test_separating_twice_is_refused(shop: Shop) -> None:
    events = history(3, "h")
    (a, b), *_ = [one.ids[:2] for one in events if len(one.ids) > 1]
    with shop.database.writing() as tx:
        record(tx, shop, events)
    separate_people(shop, a[1], b[1], "tester")
    with pytest.raises(Conflict):
        separate_people(shop, b[1], a[1], "tester")


def test_a_long_history_in_order_late_or_in_bulk_keeps_the_same_window(
    make_shop: Callable[..., Shop],
) -> None:
    from tests.profiles.histories import START, event, item, subject

    settings = Settings(profile_events=120, profile_days=30)
    device = subject("anonymous_id", "d")
    rng = random.Random(7)
    at, events = START, []
    for number in range(1500):
        at += rng.randrange(2 * 3600 * 1_000_000)
        events.append(
            event(at, f"m{number}", [device], rng.choice(["view_item", "add_to_cart"]), [item(number % 70)])
        )
    dumps = []
    for order, size in ((events, 1), (events, 500), (rng.sample(events, len(events)), 40)):
        shop = make_shop("sqlite", settings)
        for start in range(0, len(order), size):
            with shop.database.writing() as tx:
                record(tx, shop, order[start : start + size])
        dumps.append(dump(shop))
    assert dumps[0] == dumps[1] == dumps[2]
    ((state, *_),) = expected(events, (), settings).values()
    assert dumps[0]["profiles"][0][6] == state


def test_limits_come_from_the_setting() -> None:
    assert Limits.of(25) == Limits(quick=25, ever=500)
    assert END > 1 << 61
