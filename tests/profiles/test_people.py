"""People in the database: carried over, merged, undone, exported, erased, and locked against each other."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from expedit.core import DAY, HOUR, InvalidInput, NotFound, Settings
from expedit.events import Event, EventItem, EventKind, IdentifierKind
from expedit.identity import (
    PERSON_MAP_SCHEMA,
    Identifier,
    find_person,
    identify,
    merges_of,
    person_map,
    person_of,
    quarantined,
    remember_identifiers,
)
from expedit.profiles import (
    Profile,
    consents_of,
    export_people,
    read_profile,
    recompute,
    record,
    rejoin,
    separate_people,
    undo_merge,
)
from expedit.profiles.feature import FEATURE
from expedit.profiles.store import PERSON_TABLES
from expedit.storage import Shop
from tests.profiles.histories import START, event

Ids = Sequence[Identifier]


class Till:
    """Records events in a shop, one transaction each."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.count = 0

    def known_as(self, kind: IdentifierKind, value: str) -> Identifier:
        return identify(self.shop.secret, kind, value)

    def make(self, at: int, ids: Ids, kind: EventKind = "view_item", *names: str, **more: Any) -> Event:
        self.count += 1
        return event(
            START + at,
            f"m{self.count:03}",
            [(one.kind, one.subject_id) for one in ids],
            kind,
            [EventItem(name) for name in names],
            **more,
        )

    def tell(self, at: int, ids: Ids, kind: EventKind = "view_item", *names: str, **more: Any) -> None:
        made = self.make(at, ids, kind, *names, **more)
        with self.shop.database.writing() as tx:
            remember_identifiers(tx, ids)
            record(tx, self.shop, [made])

    def profile(self, who: Identifier) -> Profile:
        found = read_profile(self.shop.database, who.subject_id)
        assert found is not None
        return found

    def cart(self, who: Identifier) -> list[str]:
        return [line.product for line in self.profile(who).cart]


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


def test_login_on_a_second_device_carries_cart_and_recent_products_over(till: Till) -> None:
    phone, laptop = till.known_as("anonymous_id", "phone-1"), till.known_as("anonymous_id", "laptop-1")
    anna = till.known_as("user_id", "anna")
    till.tell(1, [phone], "view_item", "tent")
    till.tell(2, [phone], "add_to_cart", "boots")
    till.tell(3, [phone, anna], "login")
    assert till.profile(phone).person_id == anna.subject_id
    till.tell(4, [laptop], "add_to_cart", "socks")
    assert till.cart(laptop) == ["socks"]
    till.tell(5, [laptop, anna], "login")
    for one in (phone, laptop, anna):
        assert till.cart(one) == ["boots", "socks"]
        assert [found.product for found in till.profile(one).recent] == ["socks", "boots", "tent"]
        assert till.profile(one).bucket_key == phone.subject_id
        assert till.profile(one).first_at == START + 1
    assert person_of(till.shop.database, laptop.subject_id) == find_person(till.shop, "user_id", " anna ")


def test_a_shared_device_keeps_two_users_apart_in_time(till: Till) -> None:
    device = till.known_as("anonymous_id", "kitchen-tablet")
    anna, bo = till.known_as("user_id", "anna"), till.known_as("user_id", "bo")
    till.tell(1, [device], "add_to_cart", "a")
    till.tell(2, [device, anna], "login")
    till.tell(10, [device, bo], "login")
    till.tell(11, [device], "add_to_cart", "b")
    till.tell(5, [device], "add_to_cart", "late")
    assert till.cart(anna) == ["a", "late"]
    assert till.cart(bo) == ["b"]
    assert till.cart(device) == ["b"]
    table = person_map(till.shop)
    assert table.schema == PERSON_MAP_SCHEMA
    rows = [row for row in table.to_pylist() if row["subject_id"] == device.subject_id]
    assert [(row["person_id"], row["valid_until_us"]) for row in rows] == [
        (anna.subject_id, START + 10),
        (bo.subject_id, 1 << 62),
    ]
    assert rows[1]["valid_from_us"] == START + 10


def test_a_known_user_is_themselves_even_on_a_quarantined_device(till: Till) -> None:
    kiosk = till.known_as("anonymous_id", "kiosk")
    users = [till.known_as("user_id", f"user-{n}") for n in range(30)]
    for number, user in enumerate(users):
        till.tell(number, [kiosk, user], "add_to_cart", f"p{number}")
    assert [row[:2] for row in quarantined(till.shop.database)] == [(kiosk.subject_id, "anonymous_id")]
    assert till.cart(users[0]) == ["p0"]
    assert till.cart(users[29]) == ["p29"]
    assert read_profile(till.shop.database, kiosk.subject_id) is None


def test_consent_is_one_for_the_person_and_the_latest_counts(till: Till) -> None:
    device, anna = till.known_as("anonymous_id", "d1"), till.known_as("user_id", "anna")
    stranger = till.known_as("anonymous_id", "stranger")
    till.tell(1, [device], "consent", consent={"personalization": True, "email": False})
    till.tell(9, [anna], "consent", consent={"email": True})
    till.tell(3, [device, anna], "login")
    till.tell(5, [device], "consent", consent={"email": False})
    with till.shop.database.reading() as tx:
        found = consents_of(tx, [device.subject_id, anna.subject_id, stranger.subject_id])
    given = {"personalization": True, "email": True}
    assert found == {device.subject_id: given, anna.subject_id: given}
    till.tell(12, [anna], "mail_unsubscribed")
    assert till.profile(device).consents == {"personalization": True, "email": False}


def test_withdrawing_personalization_forgets_what_came_before(till: Till) -> None:
    device = till.known_as("anonymous_id", "d1")
    till.tell(1, [device], "add_to_cart", "a")
    till.tell(2, [device], "identify", traits={"name": "Anna"})
    till.tell(10, [device], "consent", consent={"personalization": False})
    found = till.profile(device)
    assert (found.events, found.cart, found.recent, found.session, found.traits) == (0, (), (), None, {})
    assert found.consents == {"personalization": False}
    till.tell(5, [device], "add_to_cart", "late")
    assert till.cart(device) == []
    till.tell(20, [device], "consent", consent={"personalization": True})
    till.tell(21, [device], "add_to_cart", "b")
    assert till.cart(device) == ["b"]
    assert till.profile(device).events == 1


def test_traits_are_the_latest_and_null_takes_away(till: Till) -> None:
    anna = till.known_as("user_id", "anna")
    till.tell(5, [anna], "identify", traits={"name": "Anna", "size": "M"})
    till.tell(3, [anna], "identify", traits={"name": "old", "city": "Åre"})
    till.tell(7, [anna], "identify", traits={"size": None})
    assert till.profile(anna).traits == {"city": "Åre", "name": "Anna"}


def test_a_merge_can_be_undone_and_the_undoing_too(till: Till) -> None:
    anna, email = till.known_as("user_id", "anna"), till.known_as("email", "a@shop.se")
    device = till.known_as("anonymous_id", "d1")
    till.tell(1, [email], "purchase", "tent", order_id="o1")
    till.tell(2, [anna], "add_to_cart", "boots")
    till.tell(3, [anna, email], "login")
    till.tell(4, [device, email], "mail_clicked")
    joined = till.profile(anna)
    assert [line.product for line in joined.purchased] == ["tent"]
    assert till.profile(device).person_id == anna.subject_id
    (merge,) = merges_of(till.shop.database, [anna.subject_id], "merged")
    assert (merge.a, merge.b, merge.at) == (email.subject_id, anna.subject_id, START + 3)
    separation = undo_merge(till.shop, merge.id, "staff")
    assert till.profile(anna).purchased == ()
    assert till.cart(anna) == ["boots"]
    assert till.profile(email).person_id == email.subject_id
    assert till.profile(device).person_id == email.subject_id
    assert merges_of(till.shop.database, None, "merged") == ()
    rejoin(till.shop, separation.id)
    assert till.profile(device) == till.profile(anna)
    assert till.profile(anna) == joined
    with pytest.raises(NotFound):
        undo_merge(till.shop, "nonsense", "staff")
    with pytest.raises(NotFound):
        separate_people(till.shop, anna.subject_id, "nobody", "staff")


def test_events_that_are_not_personal_leave_no_trace(till: Till) -> None:
    device = till.known_as("anonymous_id", "d1")
    till.tell(1, [device], "view_item", "a", personal=False)
    with till.shop.database.reading() as tx:
        for table in (*PERSON_TABLES, "subjects", "ties"):
            assert tx.rows(f"SELECT * FROM {table}") == []


def test_a_changed_half_life_counts_once_recomputed(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("sqlite")
    till = Till(shop)
    device = till.known_as("anonymous_id", "d1")
    for at in (0, 14 * DAY):
        made = event(
            START + at,
            f"m{at}",
            [(device.kind, device.subject_id)],
            "view_item",
            [EventItem("a", category="C")],
        )
        with shop.database.writing() as tx:
            record(tx, shop, [made])
    assert till.profile(device).affinities.category["C"] == pytest.approx(1.5, rel=1e-3)
    shop.settings = Settings(affinity_half_life_days=7)
    assert recompute(shop) == 1
    assert till.profile(device).affinities.category["C"] == pytest.approx(1.25, rel=1e-3)


def test_a_shop_weighs_acts_its_own_way(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("sqlite", Settings(event_weights={"view_item": "5", "select_item": "2", "share": "0"}))
    till = Till(shop)
    device = till.known_as("anonymous_id", "d1")

    def act(number: int, kind: EventKind) -> None:
        made = event(
            START + number, f"m{number}", [(device.kind, device.subject_id)], kind,
            [EventItem("a", category="C")],
        )  # fmt: skip
        with shop.database.writing() as tx:
            record(tx, shop, [made])

    for number, kind in enumerate(("view_item", "select_item", "share", "purchase")):
        act(number, kind)
    assert till.profile(device).affinities.category["C"] == pytest.approx(5 + 2 + 8, rel=1e-3)
    shop.settings = Settings()  # the next act takes the whole history with it
    act(4, "view_item")
    assert till.profile(device).affinities.category["C"] == pytest.approx(1 + 2 + 8 + 1, rel=1e-3)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"impression": "1"}, "event_weights.impression"),
        ({"purchase": "-1"}, "event_weights.purchase"),
        ({"purchase": "1.5"}, "event_weights.purchase"),
        ({"purchase": "1001"}, "event_weights.purchase"),
        ({"purchase": "much"}, "event_weights.purchase"),
    ],
)
def test_a_weight_that_is_none_is_named(
    make_shop: Callable[..., Shop], said: dict[str, str], named: str
) -> None:
    assert FEATURE.start is not None
    with pytest.raises(InvalidInput) as wrong:
        FEATURE.start(make_shop("sqlite", Settings(event_weights=said)))
    assert wrong.value.field == named


def test_people_are_exported_with_their_identifiers(till: Till, tmp_path: Path) -> None:
    anna, device = till.known_as("email", "anna@shop.se"), till.known_as("anonymous_id", "d1")
    till.tell(1, [device, anna], "add_to_cart", "boots")
    till.tell(2, [till.known_as("anonymous_id", "d2")], "view_item", "tent")
    assert export_people(till.shop, tmp_path / "people.jsonl.gz") == 2
    text = gzip.decompress((tmp_path / "people.jsonl.gz").read_bytes())
    lines = [json.loads(line) for line in text.splitlines()]
    mine = next(line for line in lines if line["personId"] == anna.subject_id)
    assert mine["identifiers"] == [
        {"kind": "email", "value": "anna@shop.se"}, {"kind": "anonymous_id", "value": "d1"},
    ]  # fmt: skip
    assert [line["product"] for line in mine["cart"]] == ["boots"]
    assert export_people(till.shop, tmp_path / "people.parquet", "parquet") == 2
    table = pq.read_table(tmp_path / "people.parquet").to_pylist()
    assert sorted(row["person_id"] for row in table) == sorted(line["personId"] for line in lines)
    assert sorted(path.name for path in tmp_path.glob("people*")) == ["people.jsonl.gz", "people.parquet"]
    with pytest.raises(InvalidInput):
        export_people(till.shop, tmp_path / "x", "xlsx")


def test_an_erased_person_is_in_no_table_and_who_shared_a_device_is_recomputed(till: Till) -> None:
    device, anna, bo = (
        till.known_as("anonymous_id", "d1"), till.known_as("user_id", "anna"), till.known_as("user_id", "bo"),
    )  # fmt: skip
    till.tell(1, [device], "add_to_cart", "a")
    till.tell(2, [device, anna], "add_to_cart", "b", traits={"name": "Anna"})
    till.tell(10, [device, bo], "login")
    till.tell(11, [device], "add_to_cart", "c")
    person = find_person(till.shop, "user_id", "anna")
    assert FEATURE.export_person is not None
    assert FEATURE.erase_person is not None
    told = FEATURE.export_person(till.shop, person)
    assert [fact["items"][0]["product"] for fact in told["facts"]] == ["a", "b"]  # type: ignore[attr-defined]
    json.dumps(told)
    with till.shop.database.writing() as tx:
        FEATURE.erase_person(till.shop, tx, person)
        FEATURE.erase_person(till.shop, tx, person)
    with pytest.raises(NotFound):
        find_person(till.shop, "user_id", "anna")
    assert till.cart(bo) == ["c"]
    assert till.profile(device).person_id == bo.subject_id
    with till.shop.database.reading() as tx:
        for table in ("identifiers", "subjects", "ownership", "ties", "claims", "merges", *PERSON_TABLES):
            for row in tx.rows(f"SELECT * FROM {table}"):
                assert anna.subject_id not in "|".join(map(str, row)), table


def test_concurrent_writers_lose_neither_an_event_nor_a_merge(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("postgresql")
    till = Till(shop)
    anna, email = till.known_as("user_id", "anna"), till.known_as("email", "anna@shop.se")
    devices = [till.known_as("anonymous_id", f"d{n}") for n in range(4)]
    plans = [
        [
            till.make(HOUR + 100 * n + lane, ids, "view_item", f"p{n}-{lane}")
            for n in range(25)
            for ids in ([[device], [device, anna], [device, email], [anna, email]][(n + lane) % 4],)
        ]
        for lane, device in enumerate(devices)
    ]
    errors: list[BaseException] = []
    start = threading.Barrier(len(plans))

    def work(events: list[Event]) -> None:
        try:
            start.wait()
            for one in events:
                with shop.database.writing() as tx:
                    record(tx, shop, [one])
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=work, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    profiles = {till.profile(one).person_id for one in (anna, email, *devices)}
    assert profiles == {anna.subject_id}
    found = till.profile(anna)
    assert found.events == 100
    assert recompute(shop) == 1
    assert till.profile(anna) == found
