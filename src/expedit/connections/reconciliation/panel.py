"""The page that lays orders and revenue here beside the shop's own figures."""

from __future__ import annotations

from expedit.access import audit
from expedit.connections import store as connection_store
from expedit.connections.reconciliation.asking import TIMEZONE, UPLOADED, compare, figures_from, zone_of
from expedit.connections.reconciliation.compare import CAUSES, Compared
from expedit.connections.reconciliation.reports import Meaning, read_report
from expedit.connections.reconciliation.store import note_shop_days, note_shop_orders
from expedit.connections.tills.columns import TillFormat
from expedit.core import InvalidInput
from expedit.features import MenuItem, Page
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, text

PATH = "/panel/reconciliation"
PERIODS = (7, 14, 28, 90)
_MOST_ODD = 50
_LARGEST = 10_000_000


def show_figures(shop: Shop, visit: Visit) -> Reply:
    """Show the comparison, or how to get one."""
    sources = figures_from(shop)
    chosen = visit.query.get("from", "")
    known = [one for one, _ in sources]
    if chosen not in known:
        chosen = next((one for one in known if one != UPLOADED), known[0] if known else "")
    asked = visit.query.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in PERIODS else 14
    compared = compare(shop, chosen, days, visit.query.get("currency", "")) if chosen else Compared()
    shown = [name for name in CAUSES if name != "unexplained" and compared.total.amount(name)]
    shown += [
        name
        for name in CAUSES
        if name != "unexplained" and name not in shown and any(day.amount(name) for day in compared.days)
    ]
    return Html(
        "connections/reconciliation.html",
        {
            "sources": [
                (one, text(visit.language, "connections.recon.uploaded") if one == UPLOADED else name)
                for one, name in sources
            ],
            "chosen": chosen,
            "days": days,
            "periods": PERIODS,
            "compared": compared,
            "causes": [name for name in CAUSES if name in shown],
            "odd": compared.odd[:_MOST_ODD],
            "more_odd": max(0, len(compared.odd) - _MOST_ODD),
            "markets": tuple(dict.fromkeys(shop.settings.markets.values())),
            "zone": zone_of(shop, UPLOADED).key if UPLOADED in known else _zone_of(shop),
        },
    )


def upload_figures(shop: Shop, visit: Visit) -> Reply:
    """Take in the shop's own report."""
    upload = visit.uploads.get("file")
    if upload is None or not upload.body:
        raise InvalidInput("file", text(visit.language, "connections.recon.file_missing"))
    zone = visit.form.get("zone", "").strip() or _zone_of(shop)
    TillFormat(timezone=zone).zone_of("")  # raises with the field's name when there is no such zone
    meaning = Meaning(
        currency=visit.form.get("currency", "") or next(iter(shop.settings.markets.values())),
        zone=zone,
        with_tax=visit.form.get("with_tax") == "yes",
        with_shipping=visit.form.get("with_shipping") == "yes",
        after_refunds=visit.form.get("after_refunds") == "yes",
    )
    report = read_report(upload.body, meaning)
    taken = len(report.days) + len(report.orders)
    if not taken:
        why = report.refused[0][2] if report.refused else text(visit.language, "connections.recon.no_lines")
        raise InvalidInput("file", why)
    with shop.database.writing() as tx:
        connection_store.put_mark(tx, UPLOADED, TIMEZONE, zone)
        note_shop_days(tx, UPLOADED, report.days)
        note_shop_orders(tx, UPLOADED, report.orders)
    audit(shop, visit.viewer, "connections.upload_figures", upload.name, {"lines": taken})
    key = "connections.recon.taken_refused" if report.refused else "connections.recon.taken"
    first = report.refused[0] if report.refused else (0, "", "")
    said = text(visit.language, key, n=taken, refused=len(report.refused), line=first[0], reason=first[2])
    return Redirect(f"{PATH}?from={UPLOADED}", said=said)


def _zone_of(shop: Shop) -> str:
    return TillFormat().zone_of(next(iter(shop.settings.markets))).key


PAGES = (Page(PATH, show=show_figures, act=upload_figures, body_limit=_LARGEST),)
MENU = (MenuItem(PATH, "connections.recon.menu", icon="scale", order=430, group="web.group.data"),)
