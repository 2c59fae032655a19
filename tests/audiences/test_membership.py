"""Of one person and of many at once: membership is what a plain replay of the log says."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from expedit.audiences import Audience, counter, create_audience, live_audiences, publish_audience
from expedit.audiences.counting import Counter
from expedit.audiences.rights import erase_person
from expedit.audiences.store import newest_sizes, read_members
from expedit.core import DAY, HOUR, SECOND, evolve
from expedit.events import Event, append
from expedit.identity import people, person_of
from expedit.orders import keep_orders
from expedit.profiles import read_profile, record
from expedit.storage import Shop
from tests.audiences.replaying import CASES, SETTINGS, audiences, members_by_replay, random_log, stock_goods
from tests.conftest import StandingClock


def take_in(shop: Shop, events: Sequence[Event], size: int = 400) -> None:
    for start in range(0, len(events), size):
        with shop.database.writing() as tx:
            append(tx, events[start : start + size])
            record(tx, shop, events[start : start + size])
    keep_orders(shop)


def publish(shop: Shop, wanted: Sequence[Audience]) -> None:
    for one in wanted:
        create_audience(shop, one, "Eva")
        publish_audience(shop, one.id, 1, "Eva")
    live_audiences(shop).newest()


def asked_one_by_one(shop: Shop) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in CASES}
    for part in people(shop.database):
        for person in part:
            profile = read_profile(shop.database, person)
            for name in [] if profile is None else live_audiences(shop).of(profile, shop.clock()):
                found[name].add(person)
    return found


def noted(shop: Shop) -> dict[str, set[str]]:
    with shop.database.reading() as tx:
        return {name: {one.person_id for one in read_members(tx, name, "", 1_000_000)} for name in CASES}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_one_person_many_people_and_a_plain_replay_agree(
    make_shop: Callable[..., Shop], shop_clock: StandingClock, dialect: str
) -> None:
    shop = make_shop(dialect, SETTINGS)
    stock_goods(shop)
    publish(shop, audiences())
    events = random_log(120)
    shop_clock.now = events[len(events) // 2].at
    rng = random.Random(3)
    take_in(shop, rng.sample(events, len(events)))
    for moment in (0, 2 * DAY, 9 * DAY, 45 * DAY):
        shop_clock.advance(moment)
        wanted = members_by_replay(events, shop.clock())
        assert asked_one_by_one(shop) == wanted
        counter(shop).recount(list(live_audiences(shop).current().values()))
        assert noted(shop) == wanted
        if not moment:
            assert all(wanted.values()), {name: len(members) for name, members in wanted.items()}
            everybody = len(wanted["everybody"])
            assert all(len(members) < everybody for name, members in wanted.items() if name != "everybody")


@pytest.mark.parametrize("restarted", [False, True])
def test_what_somebody_does_moves_them_within_the_next_step(
    shop: Shop, shop_clock: StandingClock, restarted: bool
) -> None:
    shop.settings = SETTINGS
    stock_goods(shop)
    publish(shop, audiences())
    events = random_log(30)
    shop_clock.now = events[-1].at + HOUR
    half = len(events) // 2
    take_in(shop, events[:half])
    counter(shop).step()  # begins to follow, and counts everybody
    assert noted(shop) == members_by_replay(events[:half], shop.clock())
    with shop.database.reading() as tx:
        counted = newest_sizes(tx)
    take_in(shop, events[half:])
    shop_clock.advance(SECOND)
    (Counter(shop) if restarted else counter(shop)).step()
    acting = {subject for one in events[half:] for subject in one.subjects}
    wanted, found = members_by_replay(events, shop.clock()), noted(shop)
    moved = {person.person_id for one in acting if (person := person_of(shop.database, one)) is not None}
    assert {name: found[name] & moved for name in CASES} == {name: wanted[name] & moved for name in CASES}
    with shop.database.reading() as tx:
        assert newest_sizes(tx) == counted  # nobody was counted again
    shop_clock.advance(HOUR)
    counter(shop).step()
    assert noted(shop) == members_by_replay(events, shop.clock())
    with shop.database.reading() as tx:
        sizes = newest_sizes(tx)
    for name, members in noted(shop).items():
        assert sizes[name].members == len(members)


def test_who_acts_during_a_recount_stays_where_they_came(
    shop: Shop, shop_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.settings = SETTINGS
    stock_goods(shop)
    publish(shop, audiences())
    events = random_log(30)
    shop_clock.now = events[-1].at + HOUR
    half = len(events) // 2
    take_in(shop, events[:half])
    counter(shop).step()
    read = Counter._next

    def interrupted(self: Counter, *asked: object) -> object:
        found = read(self, *asked)  # type: ignore[arg-type]
        monkeypatch.undo()
        take_in(shop, events[half:])
        assert self.follow_log() > 0
        return found

    monkeypatch.setattr(Counter, "_next", interrupted)
    counter(shop).recount(list(live_audiences(shop).current().values()))
    assert noted(shop) == members_by_replay(events, shop.clock())


def test_only_time_passes_and_people_leave(shop: Shop, shop_clock: StandingClock) -> None:
    shop.settings = SETTINGS
    stock_goods(shop)
    when = {"visits": {"$elemMatch": {"at": {"$gte": {"$ago": "3d"}}}}}
    publish(shop, [Audience("lately", "Lately here", when)])
    events = random_log(5)
    take_in(shop, events)
    shop_clock.now = events[-1].at + SECOND
    counter(shop).step()
    here = set(_members(shop, "lately"))
    assert here
    shop_clock.advance(4 * DAY)
    for person in here:
        profile = read_profile(shop.database, person)
        assert profile is not None
        assert live_audiences(shop).of(profile, shop.clock()) == []  # at once
    counter(shop).step()
    assert _members(shop, "lately") == []
    with shop.database.reading() as tx:
        size = newest_sizes(tx)["lately"]
    assert (size.members, size.entered, size.left) == (0, 0, len(here))


def test_who_is_erased_or_denies_leaves_at_once(shop: Shop, shop_clock: StandingClock) -> None:
    shop.settings = SETTINGS
    stock_goods(shop)
    publish(shop, [Audience("all", "Everybody")])
    events = random_log(4)
    take_in(shop, events)
    shop_clock.now = events[-1].at + SECOND
    counter(shop).step()
    first, second, *_ = _members(shop, "all")
    person = person_of(shop.database, first)
    assert person is not None
    with shop.database.writing() as tx:
        erase_person(shop, tx, person)
    assert first not in _members(shop, "all")
    mine = next(one for one in events if second in one.subjects)
    denial = evolve(
        mine, message_id="denial", at=events[-1].at + 1, kind="consent", items=(), order_id=None,
        consent={"personalization": False}, ids=tuple(one for one in mine.ids if one[1] == second),
        subject=second,
    )  # fmt: skip
    take_in(shop, [denial])
    profile = read_profile(shop.database, second)
    assert profile is not None and profile.consents["personalization"] is False
    assert live_audiences(shop).of(profile, shop.clock()) == []
    counter(shop).step()
    assert second not in _members(shop, "all")


def _members(shop: Shop, audience: str) -> list[str]:
    with shop.database.reading() as tx:
        return [one.person_id for one in read_members(tx, audience, "", 10_000)]
