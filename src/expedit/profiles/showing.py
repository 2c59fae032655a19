"""A person as the panel shows them: pictures, bars, a timeline by day and session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Final

from expedit.catalog import Card, live_catalog
from expedit.core import MINUTE, PersonRef, Struct, day_of
from expedit.events import Arrived, Event, Line, events_of, lines_of, masked
from expedit.identity import Merge, Separation, holdings_of, identifiers_in
from expedit.profiles.facts import subject_for
from expedit.profiles.model import Profile
from expedit.profiles.seeking import masked as masked_identifier
from expedit.storage import Shop

SESSION_GAP: Final = 30 * MINUTE
_MOST_BARS = 6
_MOST_PRODUCTS = 12


class Bar(Struct, frozen=True):
    """One taste: its name, its weight, and the weight as a share of the strongest of its kind."""

    name: str
    weight: float
    share: float


class Pictured(Struct, frozen=True):
    """A product with what is known of it.

    Parameters
    ----------
    product
        Its id.
    card
        Title, picture and price; None when the catalog no longer has it.
    kind
        What the person did with it.
    at
        When.
    quantity
        How many, in a cart.
    """

    product: str
    card: Card | None
    kind: str = ""
    at: int = 0
    quantity: int = 1


class Session(Struct, frozen=True):
    """Events with no gap of 30 minutes or more, the latest first."""

    started: int
    ended: int
    lines: tuple[Line, ...]

    @property
    def rows(self) -> list[tuple[Line, int]]:
        """Return each line with how often it stands there in a row, such as the same person named again."""
        same = groupby(self.lines, key=lambda line: (line.title, line.about, line.event.channel))
        runs = [tuple(run) for _, run in same]
        return [(run[0], len(run)) for run in runs]


class Day(Struct, frozen=True):
    """One UTC day of a timeline."""

    day: str
    at: int
    sessions: tuple[Session, ...]


class Timeline(Struct, frozen=True):
    """A page of what a person did; `following` asks for the next one, empty at the end."""

    days: tuple[Day, ...]
    following: str


class Told(Struct, frozen=True):
    """A merge or separation with both identifiers as the viewer may see them."""

    id: str
    outcome: str
    at: int
    a: str
    a_kind: str
    b: str
    b_kind: str
    by: str = ""
    undone: int | None = None


def bars(values: dict[str, float], names: dict[str, str] | None = None) -> tuple[Bar, ...]:
    """Return the strongest tastes of one kind."""
    ranked = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_BARS]
    top = ranked[0][1] if ranked else 1.0
    return tuple(Bar((names or {}).get(name, name), weight, weight / top) for name, weight in ranked)


def recent_products(shop: Shop, profile: Profile, language: str, now: int) -> tuple[Pictured, ...]:
    """Return the products a person did something with lately."""
    found = {one.product: one for one in reversed(profile.recent)}
    newest = sorted(found.values(), key=lambda one: -one.at)[:_MOST_PRODUCTS]
    picture = _pictures(shop, profile, language, now)
    return tuple(Pictured(one.product, picture(one.product), one.kind, one.at) for one in newest)


def cart_products(shop: Shop, profile: Profile, language: str, now: int) -> tuple[Pictured, ...]:
    """Return what lies in a person's cart."""
    picture = _pictures(shop, profile, language, now)
    return tuple(
        Pictured(one.product, picture(one.product), at=one.at, quantity=one.quantity) for one in profile.cart
    )


def _pictures(shop: Shop, profile: Profile, language: str, now: int) -> Callable[[str], Card | None]:
    snapshot = live_catalog(shop).current()
    market = profile.market if profile.market in shop.settings.markets else next(iter(shop.settings.markets))

    def picture(product: str) -> Card | None:
        place = snapshot.index.get(product)
        return None if place is None else snapshot.card(place, market, language, now)

    return picture


def timeline(
    shop: Shop, person: PersonRef, language: str, *, before: str = "", limit: int = 60, clear: bool = True
) -> Timeline:
    """Return a page of what a person did, the latest first.

    Parameters
    ----------
    before
        `following` of the page before.
    clear
        Whether the viewer may see what people wrote.
    """
    with shop.database.reading() as tx:
        held = holdings_of(tx, [person.person_id])[person.person_id]
    spans = {one.subject_id: one.spans for one in held}

    def is_theirs(event: Event) -> bool:
        subject = subject_for(event)[0] or event.subject
        return any(span.since <= event.at < span.until for span in spans.get(subject, ()))

    found = events_of(shop, spans, _place(before), limit + 1, is_theirs)
    page = found[:limit]
    shown = page if clear else [Arrived(one.seq, masked(one.event)) for one in page]
    lines = lines_of(shop, shown, language)
    last = f"{page[-1].event.at}.{page[-1].seq}" if len(found) > limit else ""
    return Timeline(_days(lines), last)


def _place(before: str) -> tuple[int, int] | None:
    at, _, seq = before.partition(".")
    return (int(at), int(seq)) if at.isdecimal() and seq.isdecimal() and len(before) < 40 else None


def _days(lines: Iterable[Line]) -> tuple[Day, ...]:
    sessions: list[list[Line]] = []
    for line in lines:
        if sessions and sessions[-1][-1].event.at - line.event.at < SESSION_GAP:
            sessions[-1].append(line)
        else:
            sessions.append([line])
    days: list[tuple[str, list[Session]]] = []
    for part in sessions:
        session = Session(part[-1].event.at, part[0].event.at, tuple(part))
        day = day_of(session.ended)
        if days and days[-1][0] == day:
            days[-1][1].append(session)
        else:
            days.append((day, [session]))
    return tuple(Day(day, found[0].ended, tuple(found)) for day, found in days)


def tell_merges(
    shop: Shop, merges: Sequence[Merge], separations: Sequence[Separation], *, clear: bool
) -> tuple[tuple[Told, ...], tuple[Told, ...]]:
    """Return merges and separations with the identifiers they are about."""
    subjects = {side for one in merges for side in (one.a, one.b)}
    subjects |= {side for one in separations for side in (one.a, one.b)}
    with shop.database.reading() as tx:
        known = {one.subject_id: one for one in identifiers_in(tx, subjects)}

    def name(subject: str) -> tuple[str, str]:
        one = known.get(subject)
        if one is None:
            return f"{subject[:8]}…", ""
        return (one.value if clear else masked_identifier(one.kind, one.value)), one.kind

    return (
        tuple(Told(one.id, one.outcome, one.at, *name(one.a), *name(one.b)) for one in merges),
        tuple(
            Told(one.id, "separated", one.at, *name(one.a), *name(one.b), one.by, one.undone)
            for one in separations
        ),
    )
