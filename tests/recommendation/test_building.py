"""From the shop's own log to a serving model, on both databases; and the sessions since."""

import sys
import threading

import numpy as np
import pytest

from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import DAY, HOUR, MINUTE, PersonRef, evolve
from expedit.events import Event, EventItem, Whereabouts, append, seal
from expedit.identity import identify, remember_identifiers
from expedit.profiles import record
from expedit.recommendation import (
    Query,
    build,
    candidates,
    current_version,
    list_versions,
    live_model,
    read_meta,
    session_feed,
)
from expedit.recommendation.building import build_apart, main
from expedit.recommendation.feature import FEATURE
from expedit.recommendation.training import read_training
from expedit.storage import Shop
from tests.conftest import StandingClock


def product(n: int, now: int) -> Product:
    path = ("Skor", "Kängor") if n % 2 == 0 else ("Jackor", "Skaljackor")
    offer = Offer("SE", (n + 1) * 10_000, "SEK")
    variants = (Variant(f"p{n}-a", offers=(offer,)), Variant(f"p{n}-b", offers=(offer,)))
    return Product(
        f"p{n}",
        "Vandringskänga i skinn" if n % 2 == 0 else "Vattentät skaljacka",
        description="Håller i regn." * (n % 3),
        brand="Blå",
        category=path,
        variants=variants,
        created=now - (10 - n) * DAY,
    )


def fill(shop: Shop, count: int = 6) -> None:
    with shop.database.writing() as tx:
        upsert(tx, [product(n, shop.clock()) for n in range(count)], shop.clock())
    live_catalog(shop).poll()


def visit(
    shop: Shop, visitor: str, products: list[str], at: int, kind: str = "view_item", **more: object
) -> None:
    events = [
        Event(
            f"{visitor}-{kind}-{at}-{step}", "web", kind, at + step * MINUTE, at, visitor,
            market="SE", items=(EventItem(item, product=item.partition("-")[0]),), **more,
        )
        for step, item in enumerate(products)
    ]  # type: ignore[arg-type]  # fmt: skip
    with shop.database.writing() as tx:
        append(tx, events)


def order(shop: Shop, number: int, products: list[str], at: int, kind: str = "purchase") -> None:
    items = tuple(EventItem(item, product=item, quantity=1) for item in products)
    event = Event(
        f"{kind}-{number}", "web", kind, at, at, f"b{number}", market="SE", items=items, order_id=f"o{number}"
    )  # type: ignore[arg-type]
    with shop.database.writing() as tx:
        append(tx, [event])


def busy(shop: Shop, clock: StandingClock) -> int:
    """People look at boots together and at jackets together; boots p0 and jackets p1 are bought together."""
    fill(shop)
    begin = clock.now - DAY
    for number in range(20):
        visit(shop, f"v{number}", [["p0", "p2", "p4"], ["p1", "p3"]][number % 2], begin + number * HOUR)
    visit(shop, "lone", ["p5"], begin)
    visit(shop, "stray", ["gone", "p0"], begin)
    for number in range(3):
        order(shop, number, ["p0", "p1"], begin + number)
    order(shop, 4, ["p4"], begin + 3)
    order(shop, 3, ["p2", "p3"], begin)
    order(shop, 3, ["p2", "p3"], begin + HOUR, kind="refund")
    seal(shop)
    return begin


def test_training_reads_the_sealed_log(shop: Shop, shop_clock: StandingClock) -> None:
    busy(shop, shop_clock)
    found = read_training(shop)
    assert found.item_ids == [f"p{n}" for n in range(6)]
    assert found.markets[0] == "SE"
    sessions = [
        found.session_items[a:b].tolist()
        for a, b in zip(found.session_ptr, found.session_ptr[1:], strict=False)
    ]
    assert sessions.count([0, 2, 4]) == 10
    assert sessions.count([1, 3]) == 10
    assert [0] in sessions  # without the product that is not in the catalog
    assert [5] in sessions
    assert (np.diff(found.session_end) >= 0).all()
    assert set(found.session_market.tolist()) == {0}
    baskets = [
        found.basket_items[a:b].tolist() for a, b in zip(found.basket_ptr, found.basket_ptr[1:], strict=False)
    ]
    assert baskets == [[0, 1]] * 3 + [[4]]  # the refunded order is not in it
    assert found.basket_quantity.tolist() == [1] * 7
    assert found.facts.titles[1] == "Vattentät skaljacka"
    assert found.facts.category[0] == found.facts.category[2] != found.facts.category[1]
    assert found.facts.parent[0] >= 0
    found.check()


def test_a_build_serves(sqlite_shop: Shop, shop_clock: StandingClock) -> None:
    shop = sqlite_shop
    busy(shop, shop_clock)
    handle = live_model(shop)
    meta = build(shop, tune_seconds=0)
    assert current_version(shop.home.models) == meta.version
    assert handle.poll() is True
    assert (meta.items, meta.baskets) == (6, 4)
    snapshot, model = live_catalog(shop).current(), handle.current()
    found = candidates("personal", model, snapshot, Query(session=(0,), market="SE"))
    assert set(found.items[:3].tolist()) == {0, 2, 4}  # then p1, of the order
    assert set(found.items.tolist()) == {0, 1, 2, 4}
    bought = candidates("complementary", model, snapshot, Query(products=(0,), market="SE"))
    assert bought.items.tolist() == [1]
    alike = candidates("similar", model, snapshot, Query(products=(1,), market="SE"))
    assert set(alike.items[:2].tolist()) == {3, 5}


def test_old_versions_are_pruned_and_parameters_kept(sqlite_shop: Shop, shop_clock: StandingClock) -> None:
    shop = sqlite_shop
    fill(shop)
    versions = []
    for _ in range(7):
        versions.append(build(shop, tune_seconds=0).version)
        shop_clock.advance(HOUR)
    assert list_versions(shop.home.models) == versions[-5:]
    first, last = (read_meta(shop.home.models, version).params for version in (versions[2], versions[-1]))
    assert first == last


def test_a_build_in_its_own_process(sqlite_shop: Shop, shop_clock: StandingClock) -> None:
    shop = sqlite_shop
    busy(shop, shop_clock)
    heard: list[tuple[str, int]] = []
    build_apart(shop, lambda label, done, total: heard.append((label, done)))
    version = current_version(shop.home.models)
    assert version is not None
    assert read_meta(shop.home.models, version).items == 6
    assert heard == [("build", 0), ("build", 1)]


def test_the_command_names_what_is_wrong(capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert main([]) == 2
    assert main([str(tmp_path)]) == 1
    assert "is no expedit home" in capsys.readouterr().err


def test_another_visitors_session_helps_within_seconds(shop: Shop, shop_clock: StandingClock) -> None:
    begin = busy(shop, shop_clock)
    build(shop, tune_seconds=0)
    handle, snapshot = live_model(shop), live_catalog(shop).current()
    handle.poll()
    feed = session_feed(shop)
    feed.poll()

    def foretold() -> set[int]:
        found = candidates("personal", handle.current(), snapshot, Query(session=(4,), market="SE"))
        return set(found.items.tolist())

    assert 5 not in foretold()
    visit(shop, "someone", ["p4", "p5"], shop_clock.now)
    shop_clock.advance(2 * MINUTE)
    assert feed.poll() == 2
    assert feed.poll() == 0  # what is read is not counted twice
    handle._next_indexing = 0.0
    assert handle.poll() is True
    assert 5 in foretold()

    person = PersonRef("someone", ("someone",))
    assert FEATURE.erase_person is not None
    with shop.database.writing() as tx:
        FEATURE.erase_person(shop, tx, person)
        assert len(handle.sessions) > 0
    handle._next_indexing = 0.0
    handle.poll()
    assert 5 not in foretold()
    assert begin < shop_clock.now


def test_a_gap_of_half_an_hour_ends_a_session(sqlite_shop: Shop, shop_clock: StandingClock) -> None:
    fill(sqlite_shop)
    feed = session_feed(sqlite_shop)
    visit(sqlite_shop, "v", ["p0", "p2"], shop_clock.now - 2 * HOUR)
    visit(sqlite_shop, "v", ["p1", "p3"], shop_clock.now - HOUR)
    visit(sqlite_shop, "v", ["p5"], shop_clock.now - HOUR + 20 * MINUTE)
    visit(sqlite_shop, "v", ["p4"], shop_clock.now - HOUR + 22 * MINUTE, kind="view_item_list")
    feed.poll()
    live = live_model(sqlite_shop).sessions
    index, _ = live.index({f"p{n}": n for n in range(6)}, 6)
    assert index.session_ptr.tolist() == [0, 2, 5]
    assert index.session_items.tolist() == [0, 2, 1, 3, 5]


def test_the_feed_goes_on_where_it_stopped_sealed_or_not(
    sqlite_shop: Shop, shop_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_shop)
    now = shop_clock.now
    visit(sqlite_shop, "a", ["p0"], now - 2 * MINUTE)
    feed = session_feed(sqlite_shop)
    monkeypatch.setattr(sys.modules[type(feed).__module__], "PORTION", 2)
    assert feed.poll() == 1
    assert feed.poll() == 0  # met while the log was read, and not once more
    visit(sqlite_shop, "a", ["p1", "p2", "p3"], now)
    visit(sqlite_shop, "b", ["p4", "p5"], now - 9 * MINUTE)  # late
    visit(sqlite_shop, "c", ["p4", "p5"], now - 2 * HOUR)  # too late: the next build's
    seal(sqlite_shop)
    visit(sqlite_shop, "b", ["p0"], now - 7 * MINUTE)
    shop_clock.advance(3 * MINUTE)
    assert feed.poll() == 6
    assert feed.poll() == 0
    index, _ = live_model(sqlite_shop).sessions.index({f"p{n}": n for n in range(6)}, 6)
    assert sorted(np.split(index.session_items, index.session_ptr[1:-1]), key=len)[1].tolist() == [0, 1, 2, 3]
    assert index.session_items.size == 7


def test_the_feature_starts_and_stops(sqlite_shop: Shop) -> None:
    assert FEATURE.start is not None
    FEATURE.start(sqlite_shop)
    names = {thread.name for thread in threading.enumerate()}
    assert {"models", "sessions"} <= names
    session_feed(sqlite_shop).close()
    live_model(sqlite_shop).close()
    assert not {"models", "sessions"} & {thread.name for thread in threading.enumerate()}
    assert [job.name for job in FEATURE.jobs] == ["build models", "look at pictures"]
    assert FEATURE.jobs[0].every(sqlite_shop.settings) == 24 * 3600


def test_a_build_knows_places_people_and_the_season(sqlite_shop: Shop, shop_clock: StandingClock) -> None:
    """Thirty people of Stockholm buy p0, thirty women elsewhere p1; p2 sold a year ago, p3 went back."""
    shop = sqlite_shop
    fill(shop)
    begin = shop_clock.now - DAY
    events = []

    def bought(buyer: str, item: str, at: int, **more: object) -> None:
        who = identify(shop.secret, "user_id", buyer)
        events.append(
            Event(
                f"order-{buyer}", "web", "purchase", at, at, who.subject_id, market="SE",
                items=(EventItem(item, product=item),), ids=((who.kind, who.subject_id),),
                order_id=f"o-{buyer}", **more,
            )  # type: ignore[arg-type]
        )  # fmt: skip

    for n in range(30):
        bought(f"north-{n}", "p0", begin + n, whereabouts=Whereabouts("SE", "AB", "114"))
        bought(f"woman-{n}", "p1", begin + n, whereabouts=Whereabouts("NO"), traits={"gender": "f"})
        bought(f"then-{n}", "p2", begin - 366 * DAY)
        bought(f"back-{n}", "p3", begin - 366 * DAY)
    back = [
        evolve(event, message_id=f"back-{event.message_id}", kind="refund")
        for event in events
        if event.items[0].product == "p3"
    ]
    with shop.database.writing() as tx:
        remember_identifiers(tx, [identify(shop.secret, "user_id", f"woman-{n}") for n in range(30)])
        append(tx, [*events, *back])
        record(tx, shop, events)
    seal(shop)
    build(shop, tune_seconds=0)
    handle = live_model(shop)
    handle.poll()
    model = handle.current()
    found = {}
    for name in model.scoped.rows:
        row = model.scoped.of(name)
        assert row is not None
        found[name] = [model.item_ids[item] for item in row[0]]
    assert found == {
        "country:NO": ["p1"], "country:SE": ["p0"], "region:SE-AB": ["p0"], "postal:SE-114": ["p0"],
        "gender:women": ["p1"], "season": found["season"],
    }  # fmt: skip
    assert found["season"] == ["p2", "p0", "p1"]
    assert model.meta.baskets == 60  # orders of a year ago are read for the season alone
