"""Live events: what comes in, as it comes in, and one event in full."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from expedit.access import keys
from expedit.core import NotFound, Struct, evolve, from_json, to_json
from expedit.events.model import EVENT_KINDS, Event
from expedit.events.recent import Arrived, Wanted, event_at, events_after, newest_events
from expedit.features import MenuItem, Page, titles_of
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit, money, text

PATH = "/panel/live"
_SHOWN = 50
_NAMED = 3
_HIDDEN: Final = ("traits", "properties", "query", "url", "referrer")
"""Fields in which people may have written anything: not for a viewer's eyes."""


class Look(Struct, frozen=True):
    """How a kind of event is drawn: its sign, and a color where it matters more than others."""

    icon: str
    tone: str = "secondary"


LOOKS: Final[dict[str, Look]] = {
    "view_item": Look(icon="eye"),
    "view_item_list": Look(icon="list"),
    "select_item": Look(icon="pointer"),
    "add_to_cart": Look(icon="shopping-cart-plus", tone="blue"),
    "remove_from_cart": Look(icon="shopping-cart-minus"),
    "view_cart": Look(icon="shopping-cart"),
    "add_to_wishlist": Look(icon="heart"),
    "remove_from_wishlist": Look(icon="heart-off"),
    "begin_checkout": Look(icon="cash-register", tone="blue"),
    "add_shipping_info": Look(icon="truck-delivery"),
    "add_payment_info": Look(icon="credit-card"),
    "purchase": Look(icon="shopping-bag-check", tone="green"),
    "refund": Look(icon="receipt-refund", tone="orange"),
    "cancel": Look(icon="circle-x", tone="red"),
    "search": Look(icon="search"),
    "page_view": Look(icon="file-text"),
    "login": Look(icon="login-2"),
    "logout": Look(icon="logout"),
    "sign_up": Look(icon="user-plus"),
    "impression": Look(icon="eye-check", tone="purple"),
    "click": Look(icon="hand-click", tone="purple"),
    "consent": Look(icon="shield-check", tone="yellow"),
    "identify": Look(icon="id-badge-2"),
    "mail_delivered": Look(icon="mail"),
    "mail_opened": Look(icon="mail-opened"),
    "mail_clicked": Look(icon="mail-forward"),
    "mail_bounced": Look(icon="mail-x", tone="orange"),
    "mail_complained": Look(icon="mail-exclamation", tone="red"),
    "mail_unsubscribed": Look(icon="mail-off"),
    "share": Look(icon="share"),
    "review": Look(icon="star"),
    "coupon": Look(icon="ticket"),
}
"""By kind; others have a dot."""

_DOT: Final = Look(icon="point")


class Line(Struct, frozen=True):
    """One event as a line of a list.

    Parameters
    ----------
    seq
        Its place, by which its page is found.
    event
        The event.
    icon, tone
        How its kind is drawn.
    title
        What happened, in the viewer's language, or the sender's own name of it.
    about
        With what: products, order, words searched for.
    """

    seq: int
    event: Event
    icon: str
    tone: str
    title: str
    about: str


def lines_of(shop: Shop, found: Sequence[Arrived], language: str) -> list[Line]:
    """Return events as lines, products and placements by their titles."""
    events = [one.event for one in found]
    products = {item.product or item.id for event in events for item in event.items[:_NAMED]}
    placements = {event.placement for event in events if event.placement}
    known = {
        **titles_of(shop, "product", products, language),
        **titles_of(shop, "placement", placements, language),
    }
    return [_line(one, language, known) for one in found]


def _line(one: Arrived, language: str, known: Mapping[str, str]) -> Line:
    event = one.event
    kind = event.kind
    title = event.name if kind == "custom" and event.name else text(language, f"events.kind.{kind}")
    look = LOOKS.get(kind, _DOT)
    return Line(one.seq, event, look.icon, look.tone, title, _about(event, language, known))


def _about(event: Event, language: str, known: Mapping[str, str]) -> str:
    named = (item.product or item.id for item in event.items[:_NAMED])
    products = ", ".join(dict.fromkeys(known.get(one, one) for one in named))  # colors share their title
    if len(event.items) > _NAMED:
        products += " " + text(language, "events.live.more", n=len(event.items) - _NAMED)
    worth = ""
    if event.value is not None and event.currency and event.kind in {"purchase", "refund"}:
        worth = money(language, event.value, event.currency)
    query = f"“{event.query}”" if event.query else ""
    placement = known.get(event.placement, event.placement) if event.placement else ""
    parts = (event.order_id, worth, query, products, placement)
    return " · ".join(part for part in parts if part)


def show_live(shop: Shop, visit: Visit) -> Reply:
    """Show the newest events; the list grows by itself while it is watched."""
    wanted = _wanted(visit)
    found = newest_events(shop, _SHOWN, wanted)
    return Html(
        "events/live.html",
        {
            **_rows(shop, visit, found.rows, found.cursor, wanted),
            "sources": [("", text(visit.language, "events.live.any_source"))]
            + [(one.id, one.id) for one in sorted(keys(shop).sources(), key=lambda one: one.id)],
            "kinds": [("", text(visit.language, "events.live.any_kind")), *_kinds(visit.language)],
            "channels": [("", text(visit.language, "events.live.any_channel"))]
            + [(name, name) for name in sorted({"web", "app", "store", "mail", wanted.channel} - {""})],
        },
    )


def _kinds(language: str) -> list[tuple[str, str]]:
    return sorted(((kind, text(language, f"events.kind.{kind}")) for kind in EVENT_KINDS), key=_by_text)


def _by_text(option: tuple[str, str]) -> str:
    return option[1].casefold()


def show_more(shop: Shop, visit: Visit) -> Reply:
    """Show the list anew when something came since the cursor in the query; else say that nothing did."""
    wanted = _wanted(visit)
    if not events_after(shop, visit.query.get("after", ""), 1, wanted).rows:
        return Html("events/_unchanged.html", status=204)
    found = newest_events(shop, _SHOWN, wanted)
    return Html("events/_arrived.html", _rows(shop, visit, found.rows, found.cursor, wanted))


def _wanted(visit: Visit) -> Wanted:
    source, kind, channel = (visit.query.get(name, "")[:80] for name in ("source", "kind", "channel"))
    return Wanted(source, kind, channel)


def _rows(shop: Shop, visit: Visit, rows: tuple[Arrived, ...], cursor: str, wanted: Wanted) -> dict[str, Any]:
    hides = not visit.viewer.may("merchandiser")
    return {
        "lines": lines_of(shop, [_masked(one) if hides else one for one in rows], visit.language),
        "cursor": cursor,
        "wanted": wanted,
        "paused": visit.query.get("paused", "") == "yes",
    }


def _masked(one: Arrived) -> Arrived:
    return Arrived(one.seq, masked(one.event))


def masked(event: Event) -> Event:
    """Return the event without the fields in which people may have written something of themselves."""
    return evolve(event, **dict.fromkeys(_HIDDEN))


def show_event(shop: Shop, visit: Visit) -> Reply:
    """Show one event in full."""
    place = visit.path.get("seq", "")
    if not place.isdecimal() or len(place) > 18:
        raise NotFound(text(visit.language, "events.one.unknown"))
    event = event_at(shop, int(place))
    hides = not visit.viewer.may("merchandiser")
    if hides:
        event = masked(event)
    told = from_json(to_json(event), dict[str, Any])
    return Html(
        "events/event.html",
        {
            "line": lines_of(shop, [Arrived(int(place), event)], visit.language)[0],
            "event": event,
            "titles": titles_of(
                shop, "product", {item.product or item.id for item in event.items}, visit.language
            ),
            "json": json.dumps(told, indent=2, ensure_ascii=False),
            "hides": hides,
        },
    )


PAGES = (
    Page(PATH, show=show_live),
    Page(f"{PATH}/more", show=show_more),
    Page(f"{PATH}/{{seq:str}}", show=show_event),
)
MENU = (MenuItem(PATH, "events.menu.live", icon="activity", order=20),)
