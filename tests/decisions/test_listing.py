"""Listings: filters, facets, sorts, personal order, and pages that hold still whatever changes meanwhile."""

from threading import Event

import numpy as np
import pytest

from expedit.catalog import live_catalog, upsert
from expedit.core import SECOND, evolve
from expedit.decisions import read_decisions
from expedit.decisions.lists import ListDesk
from expedit.decisions.wares import Wares
from expedit.experiments import PERSONALIZED, pin
from tests.decisions.boots import Client, fill, ids, learn, live, product


@pytest.fixture
def stocked(sqlite_shop):
    fill(sqlite_shop)
    learn(sqlite_shop)
    pin(sqlite_shop, PERSONALIZED)
    return sqlite_shop


@pytest.fixture
def client(stocked):
    return Client(stocked)


def put(shop, *products):
    """Put products into the catalog and return it."""
    with shop.database.writing() as tx:
        upsert(tx, list(products), shop.clock())
    live_catalog(shop).poll()
    return live_catalog(shop).current()


def page(client, cursor=None, status=200, **body):
    sent = {
        "writeKey": "wk_test", "anonymousId": "dev-1", "consent": {"personalization": True},
        "context": {"market": "SE", "locale": "sv"}, **body,
    }  # fmt: skip
    if cursor:
        sent["cursor"] = cursor
    reply = client.ask("/v1/list", sent)
    assert reply.status == status, reply.body
    return reply.body


def pages(client, between=lambda number: None, **body):
    """Return the ids of every page."""
    found, answer = [], page(client, **body)
    while True:
        found.append(ids(answer))
        if answer["nextCursor"] is None:
            return found
        between(len(found))
        answer = page(client, answer["nextCursor"])


def test_a_product_that_comes_while_a_page_is_made_waits_for_the_next(client, stocked, monkeypatch):
    situation = ListDesk.situation

    def disturbed(self, *asked):
        made = situation(self, *asked)
        put(stocked, product(50, stocked.clock()))
        return made

    monkeypatch.setattr(ListDesk, "situation", disturbed)
    assert "p50" not in ids(page(client, sort="newest"))
    assert "p50" in ids(page(client, sort="newest"))


def test_what_is_counted_of_a_product_is_of_the_newest_catalog(stocked):
    """A page that began before a change, and the reading ahead, leave nothing old behind."""
    before = live_catalog(stocked).current()
    boots = np.array([before.index["p4"]], np.int32)
    wares = Wares()
    plain = product(4, stocked.clock())
    left = tuple(evolve(one, stock={"web": 0 if one.size == "41" else 1}) for one in plain.variants)
    now = put(stocked, evolve(plain, variants=left), product(40, stocked.clock()))
    wares.of(now, np.array([now.index["p5"]], np.int32))
    for asked in (before, now):
        told = wares.of(asked, boots)
        assert told.pieces.tolist() == [1]
        assert [told.size_names[code] for code in told.sizes[0] if code] == ["42"]
    wares.prepare(lambda: before, Event())
    assert wares.of(now, np.array([now.index["p40"]], np.int32)).pieces.tolist() == [10]


def test_a_category_from_end_to_end(client, stocked):
    answer = page(client, category="Skor", limit=3)
    assert (answer["title"], answer["total"], answer["model"]) == ("Skor", 7, "m1")
    assert answer["experiment"] == {"name": "holdout", "arm": "personalized"}
    assert ids(answer)[0] == "p4"  # what thirty more visits looked at
    assert answer["items"][0]["reason"] == {"code": "popular_in_category", "text": "Populärt i Skor"}
    assert answer["items"][0]["price"] == "500.00"
    assert answer["facets"] == {
        "brand": [{"value": "Grå", "count": 4}, {"value": "Blå", "count": 3}],
        "color": [
            {"value": "Ockra", "count": 3}, {"value": "Björk", "count": 2}, {"value": "Petrol", "count": 2},
        ],
        "category": [{"value": "Kängor", "count": 5}, {"value": "Vård", "count": 2}],
        "size": [
            {"value": "41", "count": 6}, {"value": "42", "count": 6},
            {"value": "L", "count": 1}, {"value": "M", "count": 1},
        ],
        "price": {"min": "100.00", "max": "1200.00"},
        "onSale": 0,
        "inStock": 7,
        "prices": [
            {"min": None, "max": "299.99", "count": 1}, {"min": "300.00", "max": "499.99", "count": 1},
            {"min": "500.00", "max": "899.99", "count": 2}, {"min": "900.00", "max": "999.99", "count": 1},
            {"min": "1000.00", "max": None, "count": 2},
        ],
        "attributes": {},
    }  # fmt: skip
    (logged,) = read_decisions(stocked)
    assert (logged.id, logged.placement, logged.inputs.category) == (answer["decisionId"], "list", "Skor")
    assert [item.product for item in logged.items] == ids(answer)
    second = page(client, answer["nextCursor"])
    assert second["facets"] is None
    assert second["total"] == 7


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"brand": ["blå"]}, {"p0", "p4", "p8"}),
        ({"brand": ["Blå", "Grå"], "color": ["Petrol"]}, {"p0", "p6"}),
        ({"size": ["M"]}, {"p11"}),
        ({"category": ["Vård"]}, {"p10", "p11"}),
        ({"price": {"min": 300, "max": 700}}, {"p2", "p4", "p6"}),
        ({"price": {"max": 299.99}}, {"p0", "p8"}),
        ({"onSale": True}, {"p8"}),
        ({"brand": ["none such"]}, set()),
        ({"inStock": False}, {"p0", "p2", "p4", "p6", "p8", "p10", "p11", "p12"}),
    ],
)
def test_filters(client, stocked, filters, expected):
    plain, gone = product(8, stocked.clock()), product(12, stocked.clock(), category=("Skor", "Kängor"))
    on_sale = tuple(evolve(offer, sale_price=1) for offer in plain.variants[0].offers)
    fill(
        stocked,
        evolve(plain, variants=tuple(evolve(one, offers=on_sale) for one in plain.variants)),
        evolve(gone, variants=tuple(evolve(one, stock={"web": 0}) for one in gone.variants)),
    )
    answer = page(client, category="Skor", filters=filters)
    assert set(ids(answer)) == expected
    assert answer["total"] == len(expected)


def test_a_facet_counts_what_all_other_filters_leave(client):
    answer = page(client, category="Skor", filters={"brand": ["Blå"], "color": ["Petrol"]})
    assert ids(answer) == ["p0"]
    assert answer["facets"]["brand"] == [{"value": "Blå", "count": 1}, {"value": "Grå", "count": 1}]
    assert answer["facets"]["color"] == [
        {"value": "Björk", "count": 1}, {"value": "Ockra", "count": 1}, {"value": "Petrol", "count": 1},
    ]  # fmt: skip


def test_sorts(client):
    assert ids(page(client, category="Skor", sort="newest")) == ["p11", "p10", "p8", "p6", "p4", "p2", "p0"]
    assert ids(page(client, category="Skor", sort="price_asc")) == [
        "p0",
        "p2",
        "p4",
        "p6",
        "p8",
        "p10",
        "p11",
    ]
    assert ids(page(client, category="Skor", sort="price_desc")) == [
        "p11",
        "p10",
        "p8",
        "p6",
        "p4",
        "p2",
        "p0",
    ]
    assert ids(page(client, productIds=["p3", "p1-M", "nowhere", "p3"], sort="price_asc")) == ["p1", "p3"]
    assert page(client)["total"] == 12


def test_the_order_follows_the_person_and_says_so(client, stocked):
    assert ids(page(client, category="Skor"))[-1] != "p6"
    for _ in range(4):
        live(stocked, "view_item", "p6")
        stocked.clock.advance(SECOND)
    answer = page(client, category="Skor")
    reasons = {item["id"]: item["reason"]["code"] for item in answer["items"]}
    assert reasons["p6"] == "listed_taste_category"
    assert ids(answer).index("p6") < ids(answer).index("p11")
    held = page(client, category="Skor", consent={"personalization": False})
    assert not any("taste" in item["reason"]["code"] for item in held["items"])
    assert held["experiment"] is None


def test_one_of_each_item_group(client, stocked):
    fill(stocked, product(2, stocked.clock(), style="s"), product(4, stocked.clock(), style="s"))
    shown = ids(page(client, category="Skor"))
    assert len({"p2", "p4"} & set(shown)) == 1
    assert page(client, category="Skor")["total"] == 6


@pytest.mark.parametrize("forget", [False, True])
def test_pages_hold_still_while_everything_changes(client, stocked, forget):
    fill(stocked, count=60)
    learn(stocked, "m60")
    before = set(ids(page(client, limit=100)))
    assert len(before) == 60

    def change(number):
        live(stocked, "view_item", f"p{number * 7 % 60}")
        fill(
            stocked,
            product(59 + number, stocked.clock()),
            product(5, stocked.clock(), brand=f"B{number}"),
            count=60,
        )
        learn(stocked, f"x{number}", favorite=number % 8)
        if forget:
            stocked.part(ListDesk, lambda: None)._frozen._lists.clear()

    found = [one for shown in pages(client, change, limit=13) for one in shown]
    assert len(found) == len(set(found))  # nothing twice
    assert set(found) >= before  # nothing skipped
    assert set(found) - before <= ({f"p{59 + number}" for number in range(1, 6)} if forget else set())


def test_what_sells_out_between_pages_is_left_out_and_the_page_still_full(client, stocked):
    first = page(client, category="Skor", sort="price_asc", limit=2)
    gone = product(4, stocked.clock())
    fill(stocked, evolve(gone, variants=tuple(evolve(one, stock={"web": 0}) for one in gone.variants)))
    assert ids(first) == ["p0", "p2"]
    second = page(client, first["nextCursor"])
    assert ids(second)[:2] == ["p6", "p8"]


def test_a_page_after_withdrawal_is_nobodys_own(client, stocked):
    for _ in range(4):
        live(stocked, "view_item", "p6")
    first = page(client, category="Skor", limit=2)
    rest = page(client, first["nextCursor"], consent={"personalization": False}, limit=10)
    assert set(ids(first)) | set(ids(rest)) == {"p0", "p2", "p4", "p6", "p8", "p10", "p11"}
    assert len(ids(first)) + len(ids(rest)) == 7
    assert not any("taste" in item["reason"]["code"] for item in rest["items"])


def test_a_cursor_tells_nothing_of_the_person(client, stocked):
    import base64

    live(stocked, "view_item", "p6")
    cursor = page(client, category="Skor", limit=2)["nextCursor"]
    raw = base64.urlsafe_b64decode(cursor + "===")
    assert b"dev-1" not in raw
    assert len(raw) < 120


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sort": "best"}, "sort"),
        ({"category": "Nowhere"}, "category"),
        ({"limit": 101}, "limit"),
        ({"cursor": "rubbish!"}, "cursor"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"filters": {"colour": ["x"]}}, "filters"),
        ({"filters": {"price": {"min": "1"}}}, "filters.price.min"),
        ({"context": {"market": "XX"}}, "context.market"),
    ],
)
def test_a_bad_request_is_told_its_field(client, body, field):
    answer = page(client, status=400, **body)
    assert answer["errors"][0]["field"] == field


def test_attributes_narrow_and_are_counted(client, stocked):
    def made_of(n, material):
        return product(n, stocked.clock(), attributes={"color": "Petrol", "material": material})

    fill(stocked, made_of(0, "Ull"), made_of(2, "Ull"), made_of(4, "Dun"))
    answer = page(client, category="Skor", filters={"attributes": {"material": ["ull"]}})
    assert set(ids(answer)) == {"p0", "p2"}
    assert answer["facets"]["attributes"] == {
        "material": [{"value": "Ull", "count": 2}, {"value": "Dun", "count": 1}]
    }
    assert answer["facets"]["brand"] == [{"value": "Blå", "count": 1}, {"value": "Grå", "count": 1}]
    fill(stocked, made_of(2, "Dun"), made_of(4, "Dun"), made_of(0, "Ull"))
    changed = page(client, category="Skor", filters={"attributes": {"material": ["Ull"]}})
    assert ids(changed) == ["p0"]
    assert ids(page(client, category="Skor", filters={"attributes": {"nothing": ["x"]}})) == []


def test_stock_is_a_filter_like_any_other(client, stocked):
    gone = product(4, stocked.clock())
    fill(stocked, evolve(gone, variants=tuple(evolve(one, stock={"web": 0}) for one in gone.variants)))
    answer = page(client, category="Skor")
    assert (answer["total"], answer["facets"]["inStock"]) == (6, 6)
    everything = page(client, category="Skor", filters={"inStock": False, "brand": ["Blå"]})
    assert (everything["total"], everything["facets"]["inStock"]) == (3, 2)
