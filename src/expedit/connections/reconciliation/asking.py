"""Asking for a comparison: which orders, of which days, and what explains that some are missing."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from expedit.connections import store as connection_store
from expedit.connections.model import Connection
from expedit.connections.plugged import connections
from expedit.connections.reconciliation.compare import (
    Compared,
    Situation,
    compare_days,
    compare_orders,
    total_of,
)
from expedit.connections.reconciliation.store import read_shop_days, read_shop_orders, sources_of_figures
from expedit.core import HOUR, NotFound, from_datetime, to_datetime
from expedit.orders import Order, orders_between
from expedit.storage import Shop

UPLOADED = "uploaded"
"""Stands for figures that somebody uploaded, in the place of a connection's id."""
TIMEZONE = "timezone"
_ON_THE_WAY = HOUR
"""An order younger than this may still be on its way here."""
_WEB = frozenset({"web", "app"})


def figures_from(shop: Shop) -> list[tuple[str, str]]:
    """Return (id, name) of everything that gives figures of a shop."""
    with shop.database.reading() as tx:
        known = sources_of_figures(tx)
    names = {one.id: one.name for one in connections(shop).all()}
    return [(one, names.get(one, one)) for one in known]


def zone_of(shop: Shop, source: str) -> ZoneInfo:
    """Return the time zone in which the shop counts its days."""
    with shop.database.reading() as tx:
        name = connection_store.read_mark(tx, source, TIMEZONE) or "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def compare(shop: Shop, source: str, days: int, currency: str = "") -> Compared:
    """Compare the last `days` days, today included.

    Parameters
    ----------
    source
        A connection's id, or `UPLOADED`.
    currency
        Which orders; empty = the currency of most.

    Raises
    ------
    NotFound
        When nothing is known of the shop's own figures there.
    """
    if source not in {one for one, _ in figures_from(shop)}:
        raise NotFound(f"there are no figures from {source[:60]!r}")
    zone = zone_of(shop, source)
    today = to_datetime(shop.clock()).astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    since, until = _start(first, zone), _start(today + timedelta(days=1), zone)
    with shop.database.reading() as tx:
        listed = read_shop_orders(tx, source, since, until)
        totals = read_shop_days(tx, source, first.isoformat(), today.isoformat())
    found = [order for order in orders_between(shop, since, until) if order.channel in _WEB]
    counts = Counter([one.currency for one in listed] or [one.currency for one in totals])
    currencies = tuple(sorted(counts))
    chosen = currency if currency in counts else max(currencies, key=lambda one: counts[one], default="")
    theirs = [one for one in listed if one.currency == chosen]

    def day_of(at: int) -> str:
        return to_datetime(at).astimezone(zone).date().isoformat()

    if listed:
        compared, odd = compare_orders(
            theirs,
            [one for one in _of_source(shop, source, found) if (one.currency or chosen) == chosen],
            day_of,
            _situation(shop, source),
        )
    else:
        ours = [one for one in found if (one.currency or chosen) == chosen]
        compared, odd = compare_days([one for one in totals if one.currency == chosen], ours, day_of), []
    return Compared(
        tuple(reversed(compared)), total_of(compared), tuple(odd), chosen, currencies, zone.key, bool(listed)
    )


def _start(day: date, zone: ZoneInfo) -> int:
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=zone))


def _of_source(shop: Shop, source: str, orders: list[Order]) -> list[Order]:
    """Leave out orders that another plugged-in shop lists as its own."""
    others = [one for one, _ in figures_from(shop) if one not in {source, UPLOADED}]
    if not others or source == UPLOADED or not orders:
        return orders
    with shop.database.reading() as tx:
        theirs = {
            one.order_id
            for other in others
            for one in read_shop_orders(tx, other, orders[0].at - HOUR, orders[-1].at + HOUR)
        }
        own = {
            one.order_id for one in read_shop_orders(tx, source, orders[0].at - HOUR, orders[-1].at + HOUR)
        }
    return [order for order in orders if order.id in own or order.id not in theirs]


def _situation(shop: Shop, source: str) -> Situation:
    connection: Connection | None = connections(shop).find(source)
    fresh = shop.clock() - _ON_THE_WAY
    if connection is None:  # uploaded: then orders come here from the pages
        return Situation(fresh, by_browser=True)
    own = connections(shop).source(connection)
    return Situation(fresh, declined=not own.consent.get("analytics") and own.legal_basis != "contract")
