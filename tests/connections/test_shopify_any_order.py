"""Any order and repetition of Shopify's messages leads to the same catalog, orders, profiles, consents."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.connections import process, receive
from expedit.core import evolve, to_builtins
from expedit.identity import subject_of
from expedit.orders import find_order, keep_orders
from expedit.profiles import consents_of, read_profile
from expedit.storage import Shop
from tests.conftest import ShopMaker, StandingClock, empty
from tests.connections.shopify_catalog import catalog
from tests.connections.shopify_messages import connect, hook, line, order, product, variant

Sent = tuple[str, dict[str, Any], str]
"""Topic, body, event id."""

moments = st.integers(1, 20).map(lambda day: f"2026-09-{day:02d}T10:00:00+02:00")
prices = st.sampled_from(["99.00", "199.00", "1999.00"])


@st.composite
def orders(draw: st.DrawFn) -> list[Sent]:
    """Draw an order's life: created, changed, refunded, cancelled."""
    number = draw(st.sampled_from([5001, 5002]))
    first = draw(prices)
    created = order(number, line_items=[line(11, 2, first), line(12, 1, "50.00")])
    sent: list[Sent] = [("orders/create", created, f"o{number}-0")]
    refund = {
        "id": number * 10,
        "order_id": number,
        "created_at": "2026-09-21T10:00:00+02:00",
        "refund_line_items": [{"quantity": 1, "line_item": line(11, 2, first), "subtotal": float(first)}],
    }
    refunded = draw(st.booleans())
    for place, at in enumerate(draw(st.lists(moments, max_size=2, unique=True))):
        lines = [line(11, 2, first), line(12, draw(st.integers(1, 3)), "50.00")]
        changed = order(number, line_items=lines, updated_at=at)
        sent.append(
            (draw(st.sampled_from(["orders/updated", "orders/paid"])), changed, f"o{number}-{place}u")
        )
    if refunded:
        last = {**sent[-1][1], "updated_at": "2026-09-21T10:00:01+02:00", "refunds": [refund]}
        sent += [("refunds/create", refund, f"r{number}"), ("orders/updated", last, f"o{number}-r")]
    if draw(st.booleans()):
        ended = {
            **sent[-1][1],
            "cancelled_at": "2026-09-22T10:00:00+02:00",
            "updated_at": "2026-09-22T10:00:00+02:00",
        }
        if "line_items" in ended:
            sent.append(("orders/cancelled", ended, f"o{number}-c"))
    return sent


@st.composite
def products(draw: st.DrawFn) -> list[Sent]:
    """Draw a product's life: states, levels, costs, perhaps the end."""
    sent: list[Sent] = []
    for place, at in enumerate(draw(st.lists(moments, min_size=1, max_size=3))):
        variants = [
            variant(1100, option1="Grön", option2="42", price=draw(prices), inventory_quantity=place),
            *([variant(1101, option1="Grön", option2="43")] if draw(st.booleans()) else []),
        ]
        status = draw(st.sampled_from(["active", "active", "draft"]))
        body = product(11, variants=variants, updated_at=at, title=f"Känga {place}", status=status)
        sent.append((draw(st.sampled_from(["products/create", "products/update"])), body, f"p{place}"))
    for place, at in enumerate(draw(st.lists(moments, max_size=3))):
        level = {
            "inventory_item_id": draw(st.sampled_from([1101, 1102])),
            "location_id": draw(st.sampled_from([901, 902])),
            "available": draw(st.integers(0, 9)),
            "updated_at": at,
        }
        sent.append(("inventory_levels/update", level, f"l{place}"))
    if draw(st.booleans()):
        left = {"inventory_item_id": draw(st.sampled_from([1101, 1102])), "location_id": 902}
        sent.append(("inventory_levels/disconnect", left, "ll"))
    if draw(st.booleans()):
        sent.append(("locations/delete", {"id": draw(st.sampled_from([901, 902, 903]))}, "ld"))
    for place, at in enumerate(draw(st.lists(moments, max_size=2))):
        cost = {"id": 1101, "cost": draw(prices), "updated_at": at}
        sent.append(("inventory_items/update", cost, f"i{place}"))
    if draw(st.booleans()):
        sent.append(("products/delete", {"id": 11}, "pd"))
    return sent


@st.composite
def customers(draw: st.DrawFn) -> list[Sent]:
    """Draw a customer who changes and answers now and then."""
    sent: list[Sent] = []
    for place, at in enumerate(draw(st.lists(moments, max_size=3, unique=True))):
        answer = {
            "state": draw(st.sampled_from(["subscribed", "unsubscribed", "not_subscribed"])),
            "consent_updated_at": at,
        }
        body = {
            "id": 77,
            "email": "anna@lind.se",
            "first_name": draw(st.sampled_from(["Anna", "Annie"])),
            "created_at": "2026-08-01T10:00:00+02:00",
            "updated_at": at,
            "email_marketing_consent": answer,
        }
        sent.append((draw(st.sampled_from(["customers/create", "customers/update"])), body, f"c{place}"))
    return sent


def outcome(shop: Shop, clock: StandingClock, sent: list[Sent], at_once: list[int]) -> dict[str, Any]:
    """Send messages to an empty shop, working now and then; return everything that came of them."""
    empty_shop(shop)
    clock.now = 1_790_100_000_000_000
    one = connect(shop, locations="901=web, 902=are")
    for place, (topic, body, event) in enumerate(sent):
        message = hook(topic, body, event=event, at=clock(), triggered_at="2026-09-23T10:00:00Z")
        receive(shop, one, message)
        if place in at_once:
            process(shop)
    process(shop)
    clock.advance(10 * 60 * 1_000_000)
    process(shop)
    keep_orders(shop)
    anna = subject_of(shop.secret, "user_id", "77")
    profile = read_profile(shop.database, anna)
    with shop.database.reading() as tx:
        consents = consents_of(tx, [anna])
        states = tx.rows("SELECT state, count(*) FROM inbox GROUP BY state")
    assert dict(states).keys() <= {"done"}
    return {
        "catalog": [to_builtins(evolve(found, first_seen=0)) for found in catalog(shop)],
        "orders": [to_builtins(find_order(shop, number)) for number in ("5001", "5002")],
        "purchased": None if profile is None else to_builtins(profile.purchased),
        "traits": None if profile is None else profile.traits,
        "consents": consents,
    }


def empty_shop(shop: Shop) -> None:
    from expedit.access import keys
    from expedit.connections import connections
    from expedit.storage import metadata

    if shop.database.dialect == "postgresql":
        empty(shop.database)
    else:
        with shop.database.writing() as tx:
            for table in metadata.sorted_tables:
                tx.run(f"DELETE FROM {table.name}")
    connections(shop).forget()
    keys(shop)._forget()


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_any_order_and_repetition_gives_the_same(
    make_shop: ShopMaker, shop_clock: StandingClock, dialect: str
) -> None:
    shop = make_shop(dialect)

    @settings(
        max_examples=25 if dialect == "sqlite" else 10,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(orders(), products(), customers(), st.randoms(use_true_random=False), st.data())
    def check(
        some: list[Sent], goods: list[Sent], people: list[Sent], dice: random.Random, data: st.DataObject
    ) -> None:
        sent = [*some, *goods, *people]
        expected = outcome(shop, shop_clock, sent, [])
        again = [*sent, *data.draw(st.lists(st.sampled_from(sent), max_size=4))]
        dice.shuffle(again)
        stops = data.draw(st.lists(st.integers(0, len(again) - 1), max_size=3))
        assert outcome(shop, shop_clock, again, stops) == expected

    check()
