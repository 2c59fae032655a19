"""Random histories of a small crowd, and what a pure computation makes of them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from expedit.core import DAY, HOUR, MINUTE, Settings, keyed_hash
from expedit.events import Event, EventItem, EventKind, IdentifierKind
from expedit.identity import END, Key, Limits, Link, Resolution, Separation, owner_at, resolve
from expedit.profiles.affinity import Tasting
from expedit.profiles.facts import Filed, fact_of, lasting_of, subject_for
from expedit.profiles.fold import Fold
from expedit.profiles.state import encode_state
from expedit.profiles.window import Window

SECRET = b"\x11" * 32
START = 1_780_000_000_000_000

KINDS: Sequence[EventKind] = (
    ["view_item"] * 6
    + ["page_view", "search", "view_cart", "remove_from_cart", "begin_checkout", "add_to_wishlist"]
    + ["add_to_cart"] * 3
    + [
        "purchase",
        "purchase",
        "refund",
        "cancel",
        "consent",
        "identify",
        "login",
        "mail_unsubscribed",
        "impression",
    ]
)


def subject(kind: IdentifierKind, name: str) -> tuple[IdentifierKind, str]:
    return kind, keyed_hash(SECRET, kind, name)


def event(
    at: int,
    message_id: str,
    ids: Sequence[tuple[IdentifierKind, str]],
    kind: EventKind = "view_item",
    items: Sequence[EventItem] = (),
    **more: object,
) -> Event:
    """Make one personal event of the source ``web``."""
    return Event(
        message_id,
        "web",
        kind,
        at,
        at,
        acting(ids),
        ids=tuple(ids),
        items=tuple(items),
        **more,  # type: ignore[arg-type]
    )


def acting(ids: Sequence[tuple[IdentifierKind, str]]) -> str:
    """Return the subject that acts: the device first."""
    order = ("anonymous_id", "user_id", "loyalty_id", "email", "phone", "payment_ref")
    return min(ids, key=lambda one: order.index(one[0]))[1]


def item(number: int, quantity: int = 1) -> EventItem:
    return EventItem(
        f"p{number}",
        f"p{number}-{number % 3}" if number % 2 else None,
        quantity,
        100 * number,
        category=f"A > B{number % 3}",
        brand=f"Brand {number % 4}" if number % 5 else None,
        color=("red", "blue")[number % 2],
    )


def history(seed: int, name: str) -> list[Event]:
    """Return the events of one crowd that shares devices, e-mails, a loyalty card and payment cards."""
    rng = random.Random(seed)
    devices = [subject("anonymous_id", f"{name}-d{n}") for n in range(3)]
    users = [subject("user_id", f"{name}-u{n}") for n in range(3)]
    emails = [subject("email", f"{name}-e{n}") for n in range(2)]
    loyalty = subject("loyalty_id", f"{name}-l")
    phone = subject("phone", f"{name}-t")
    cards = [subject("payment_ref", f"{name}-c{n}") for n in range(2)]
    events = []
    at = START + rng.randrange(30) * DAY
    for number in range(rng.randrange(12, 40)):
        at += rng.choice([0, 1, MINUTE, 20 * MINUTE, HOUR, 9 * HOUR, DAY, 5 * DAY])
        ids: list[tuple[IdentifierKind, str]] = []
        if rng.random() < 0.8:
            ids.append(rng.choice(devices))
        if not ids or rng.random() < 0.35:
            ids.append(rng.choice(users))
        if rng.random() < 0.15:
            ids.append(rng.choice(emails))
        ids += [one for one in (loyalty, phone) if rng.random() < 0.06]
        kind = rng.choice(KINDS)
        if kind == "purchase" and rng.random() < 0.7:
            ids.append(rng.choice(cards))
        if rng.random() < 0.06:
            ids = rng.sample([*devices, *users, *emails, loyalty, phone, *cards], rng.randrange(1, 4))
        rng.shuffle(ids)
        items = [item(rng.randrange(1, 9), rng.randrange(1, 3)) for _ in range(rng.randrange(0, 3))]
        consent = {"personalization": rng.random() < 0.5} if rng.random() < 0.06 else None
        if kind == "consent":
            consent = {rng.choice(["email", "sms", "analytics"]): rng.random() < 0.5}
        traits = {rng.choice(["name", "size"]): rng.choice(["x", "y", None])} if kind == "identify" else None
        events.append(
            event(
                at,
                f"{rng.randrange(16**4):04x}-{name}-{number}",
                ids,
                kind,
                items,
                order_id=f"o{rng.randrange(4)}" if kind in {"purchase", "refund", "cancel"} else None,
                market=rng.choice(["SE", "NO", None]),
                query="tent" if kind == "search" else None,
                empty=kind == "view_cart" and not items and number % 2 == 0,
                consent=consent,
                traits=traits,
            )
        )
    return events


def pairs_to_separate(seed: int, events: Sequence[Event]) -> list[tuple[str, str]]:
    """Return pairs of subjects that somebody takes apart."""
    rng = random.Random(seed)
    pairs = sorted(
        {(min(a, b), max(a, b)) for one in events for (_, a), (_, b) in combinations(one.ids, 2) if a != b}
    )
    return rng.sample(pairs, min(len(pairs), rng.choice([0, 0, 0, 1, 2])))


def resolved(events: Sequence[Event], separations: Sequence[Separation], settings: Settings) -> Resolution:
    return resolve(
        [Link(one.at, one.message_id, one.ids, one.source) for one in events if len(one.ids) > 1],
        separations,
        Limits.of(settings.quarantine_links),
    )


def expected(
    events: Sequence[Event], separations: Sequence[Separation], settings: Settings
) -> dict[str, tuple[bytes, dict[str, bool], dict[str, object], Key]]:
    """Compute every person's state, consents, traits and newest key from all events at once."""
    who = resolved(events, separations, settings)
    behavior: dict[str, list[Filed]] = defaultdict(list)
    lasting: dict[str, list[tuple[Key, object, object]]] = defaultdict(list)
    for one in events:
        where, strong = subject_for(one)
        person = owner_at(who.timeline(where), one.at)
        key = Key(one.at, one.message_id, one.source)
        fact, kept = fact_of(one), lasting_of(one)
        if fact is not None:
            behavior[person].append(Filed(key, where, "" if strong else where, fact))
        if kept is not None:
            lasting[person].append((key, kept.consent or {}, kept.traits or {}))
    found = {}
    for person in {*behavior, *lasting}:
        consents: dict[str, bool] = {}
        traits: dict[str, object] = {}
        denied = Key(-END, "")
        told = sorted(lasting[person], key=lambda row: row[0])
        for key, consent, trait in told:
            traits |= trait  # type: ignore[operator]
            consents |= consent  # type: ignore[operator]
            if consent.get("personalization") is False:  # type: ignore[attr-defined]
                denied, traits = key, {}
        filed = sorted(behavior[person], key=lambda one: one.key)
        keys = [one.key for one in filed] + [row[0] for row in told]
        kept_facts, truncated = Window.of(settings).cut([one for one in filed if one.key > denied])
        fold = Fold(None, Tasting.of(settings))
        for one in kept_facts:
            fold.add(one)
        fold.truncated = truncated
        traits = {name: value for name, value in traits.items() if value is not None}
        found[person] = encode_state(fold.state()), consents, traits, max(keys)
    return found
