"""What is so of every person, worked out from the log alone: no profile, no column, no table is read."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from expedit.audiences import Audience
from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import DAY, Settings, evolve
from expedit.events import Event, Whereabouts
from expedit.orders import Order, fact_of, merged, order_of
from expedit.profiles.intent import intent_of
from expedit.profiles.state import State, decode_state
from expedit.storage import Shop
from tests.profiles.histories import expected, history, resolved

SETTINGS = Settings(
    profile_events=30, profile_days=40, affinity_half_life_days=3, quarantine_links=6,
    markets={"SE": "SEK", "NO": "NOK", "EU": "EUR"},
)  # fmt: skip


class Seen(NamedTuple):
    """What is so of one person."""

    state: State | None
    consents: dict[str, bool]
    traits: dict[str, Any]
    orders: list[Order]
    kinds: set[str]
    last: int


def wool(product: str) -> bool:
    return int(product[1:]) % 2 == 1


def stock_goods(shop: Shop) -> None:
    """Put what the histories name in the catalog."""
    now = shop.clock()
    offer = Offer("SE", 10_000, "SEK")
    with shop.database.writing() as tx:
        upsert(
            tx,
            [
                Product(
                    f"p{n}", f"Vara {n}", brand=f"Brand {n % 4}", category=("A", f"B{n % 3}"),
                    attributes={"material": "wool" if wool(f"p{n}") else "cotton"},
                    variants=(Variant(f"p{n}-a", offers=(offer,), color="blue"),), created=now,
                )
                for n in range(1, 8)  # p8 is sold no more: nothing is known of it
            ],
            now,
        )  # fmt: skip
    live_catalog(shop).poll()


def random_log(count: int, start: int = 0) -> list[Event]:
    """Return the events of many small crowds, with channels, places and amounts."""
    rng = random.Random(start)
    events = []
    for seed in range(start, start + count):
        for one in history(seed, f"h{seed}"):
            order = None if one.order_id is None else f"{seed}-{one.order_id}"
            events.append(
                evolve(
                    one, order_id=order, channel=rng.choice(["web", "web", "app", "store"]),
                    currency=rng.choice(["SEK", "NOK"]) if order else None,
                    value=rng.randrange(1, 9) * 100 if one.kind == "purchase" else None,
                    whereabouts=rng.choice([None, Whereabouts("NO"), Whereabouts("SE", "AB")])
                    if order else None,
                )
            )  # fmt: skip
    return sorted(events, key=lambda one: (one.at, one.message_id))


def replay(events: Sequence[Event]) -> dict[str, Seen]:
    """Return what the log says of each person."""
    who = resolved(events, (), SETTINGS)

    def owner(subject: str) -> str:
        return who.timeline(subject)[-1].person_id

    facts = defaultdict(list)
    kinds: dict[str, set[str]] = defaultdict(set)
    for one in events:
        for kind, subject in one.ids:
            kinds[owner(subject)].add(kind)
        fact = fact_of(one)
        if fact is not None and one.order_id is not None:
            facts[one.order_id].append(fact)
    orders: dict[str, list[Order]] = defaultdict(list)
    for order_id, told in facts.items():
        order = order_of(order_id, merged((), told))
        for person in {owner(subject) for subject in order.subjects}:
            orders[person].append(order)
    return {
        person: Seen(decode_state(state), consents, traits, orders[person], kinds[person], last.at)
        for person, (state, consents, traits, last) in expected(events, (), SETTINGS).items()
    }


def kept(seen: Seen) -> list[Order]:
    return [one for one in seen.orders if one.status in {"placed", "partly_refunded"}]


def _number(product: str) -> int:
    return int(product[1:]) if product != "p8" else 0


def _known(product: str) -> bool:
    return product != "p8"


def _likes_brand_two(seen: Seen) -> bool:
    if seen.state is None:
        return False
    weights = seen.state.affinities[1]
    order = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return "Brand 2" in [name for name, _ in order[:5]]


def _spent_lately(seen: Seen, now: int) -> bool:
    market = None if seen.state is None else seen.state.market
    currency = {"SE": "SEK", "NO": "NOK", "EU": "EUR"}[market or "SE"]
    mine = [one for one in kept(seen) if one.currency == currency and one.at >= now - 30 * DAY]
    return sum(one.value - one.refunded for one in mine) >= 700


CASES: dict[str, tuple[dict[str, Any], Callable[[Seen, int], bool]]] = {
    "twice-lately": (
        {"bought": {"$count": {
            "where": {"category": "A > B1", "at": {"$gte": {"$ago": "10d"}}}, "is": {"$gte": 2},
        }}},
        lambda seen, now: seen.state is not None and sum(
            _known(one.product) and _number(one.product) % 3 == 1 and one.at >= now - 10 * DAY
            for one in seen.state.purchased
        ) >= 2,
    ),
    "wool-but-not-now": (
        {"bought": {"$elemMatch": {"attributes.material": "wool"}},
         "$not": {"bought": {"$elemMatch": {"at": {"$gte": {"$ago": "3d"}}}}}},
        lambda seen, now: seen.state is not None
        and any(_known(one.product) and wool(one.product) for one in seen.state.purchased)
        and all(one.at < now - 3 * DAY for one in seen.state.purchased),
    ),
    "viewers": (
        {"viewed": {"$elemMatch": {"brand": "Brand 1", "at": {"$gte": {"$ago": "5d"}}}},
         "consents.email": {"$ne": False}},
        lambda seen, now: seen.state is not None and seen.consents.get("email") is not False and any(
            one.kind == "view_item" and _known(one.product) and _number(one.product) % 4 == 1
            and one.at >= now - 5 * DAY
            for one in seen.state.recent
        ),
    ),
    "two-orders": (
        {"orders": {"$count": {"where": {"value": {"$gte": 400}, "currency": "SEK"}, "is": {"$gte": 2}}}},
        lambda seen, _: sum(
            one.value - one.refunded >= 400 and one.currency == "SEK" for one in kept(seen)
        ) >= 2,
    ),
    "spenders": ({"spent.last_30_days": {"$gte": 700}}, _spent_lately),
    "frequent": (
        {"visits": {"$count": {"where": {"at": {"$gte": {"$ago": "2d"}}}, "is": {"$gte": 2}}},
         "market": "SE"},
        lambda seen, now: seen.state is not None and seen.state.market == "SE"
        and sum(at >= now - 2 * DAY for at in seen.state.visits) >= 2,
    ),
    "store-and-norway": (
        {"channels": {"$elemMatch": {"name": "store"}}, "places": {"$elemMatch": {"country": "NO"}}},
        lambda seen, _: seen.state is not None and "store" in seen.state.channels
        and "NO" in seen.state.places,
    ),
    "named": (
        {"traits.name": "x", "known_by": "email"},
        lambda seen, _: seen.traits.get("name") == "x" and "email" in seen.kinds,
    ),
    "likers": (
        {"likes.brand": "Brand 2", "cart": {"$exists": True}},
        lambda seen, _: _likes_brand_two(seen) and seen.state is not None and bool(seen.state.cart),
    ),
    "quiet": (
        {"last_seen": {"$lt": {"$ago": "4d"}}, "intent": {"$in": ["browsing", "comparing"]}},
        lambda seen, now: seen.last < now - 4 * DAY
        and (seen.state is None or intent_of(seen.state).step in {"browsing", "comparing"}),
    ),
    "ordered-shoes": (
        {"orders": {"$elemMatch": {"category": "A > B2"}}},
        lambda seen, _: any(
            line.quantity > line.returned and _known(line.item) and _number(line.item) % 3 == 2
            for one in kept(seen) for line in one.lines
        ),
    ),
    "everybody": ({}, lambda _, __: True),
}  # fmt: skip
"""Condition, and what it means in plain Python."""


def audiences() -> list[Audience]:
    return [Audience(name, name, when) for name, (when, _) in CASES.items()]


def members_by_replay(events: Sequence[Event], now: int) -> dict[str, set[str]]:
    """Return who is in each of the audiences: whoever denied personalization is in none."""
    found: dict[str, set[str]] = {name: set() for name in CASES}
    for person, seen in replay(events).items():
        if seen.consents.get("personalization") is False:
            continue
        for name, (_, holds) in CASES.items():
            if holds(seen, now):
                found[name].add(person)
    return found
