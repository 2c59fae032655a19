"""The catalog in the panel: find products, and see all that is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

from expedit.catalog.addresses import ROOT, product_address, product_at
from expedit.catalog.finding import (
    Availability,
    Order,
    ProductSearch,
    Range,
    brand_choices,
    category_choices,
    finder,
)
from expedit.catalog.ledger import FOREVER, Interval
from expedit.catalog.live import live_catalog
from expedit.catalog.model import WEB, Card
from expedit.catalog.notes import Note
from expedit.catalog.panel_import import IMPORT_PAGES
from expedit.catalog.sheet import PriceLine, product_sheet
from expedit.catalog.snapshot import CatalogSnapshot
from expedit.core import DAY, Struct, decimals_of
from expedit.features import Found, MenuItem, Page
from expedit.storage import Shop
from expedit.web import Html, Reply, Viewer, Visit, text

_PAGE = 48
_CHART_DAYS = 400
_VIEWS = ("list", "grid")


class ProductRow(Struct, frozen=True):
    """A product in a list.

    Parameters
    ----------
    pieces
        In stock everywhere; None when nothing is tracked.
    place
        ``web``, ``store`` or ``nowhere``; ``retired`` once it has left the range.
    """

    card: Card
    href: str
    variants: int
    pieces: int | None
    place: str


def show_catalog(shop: Shop, visit: Visit) -> Reply:
    """List the products that fit what is typed and chosen."""
    wanted = _wanted(shop, visit)
    start = int(visit.query["after"]) if visit.query.get("after", "").isdecimal() else 0
    snapshot = live_catalog(shop).current()
    found = finder(shop).find(wanted, shop.clock(), start, _PAGE)
    market = wanted.market or next(iter(snapshot.markets))
    following = start + len(found.items)
    values: dict[str, Any] = {
        "wanted": wanted,
        "rows": [product_row(snapshot, i, market, visit.language, shop.clock()) for i in found.items],
        "total": found.total,
        "start": start,
        "following": following if following < found.total else 0,
        "view": visit.query.get("view") if visit.query.get("view") in _VIEWS else "list",
        "empty": len(snapshot) == 0,
        "narrowed": wanted != ProductSearch(),
    }
    if visit.partial:
        return Html("catalog/_products.html", values)
    return Html(
        "catalog/catalog.html",
        values
        | {
            "markets": list(snapshot.markets),
            "brands": brand_choices(snapshot),
            "categories": category_choices(snapshot, visit.language),
        },
    )


def _wanted(shop: Shop, visit: Visit) -> ProductSearch:
    asked = visit.query

    def one_of(name: str, known: Sequence[str], otherwise: str = "") -> str:
        return asked[name] if asked.get(name) in known else otherwise

    return ProductSearch(
        words=asked.get("q", "").strip()[:200],
        market=one_of("market", list(shop.settings.markets)),
        category=asked.get("category", "")[:500],
        brand=asked.get("brand", "")[:200],
        availability=cast("Availability", one_of("availability", get_args(Availability))),
        on_sale=asked.get("sale") == "yes",
        range=cast("Range", one_of("range", get_args(Range), "sold")),
        order=cast("Order", one_of("order", get_args(Order))),
    )


def product_row(snapshot: CatalogSnapshot, i: int, market: str, language: str, now: int) -> ProductRow:
    """Return the line of a product in a list."""
    stock = snapshot.stock(i)
    if not snapshot.active[i]:
        place = "retired"
    elif snapshot.sellable([i], market, WEB, now)[0]:
        place = "web"
    elif any(snapshot.sellable([i], market, name, now)[0] for name in snapshot.locations() if name != WEB):
        place = "store"
    else:
        place = "nowhere" if snapshot.price_minor(market)[i] >= 0 else "not_here"
    pieces = sum(max(count, 0) for has in stock.values() for count in has.values()) if stock else None
    card = snapshot.card(i, market, language, now)
    variants = len(snapshot.product(i).variants)
    return ProductRow(card, product_address(card.id), variants, pieces, place)


def show_product(shop: Shop, visit: Visit) -> Reply:
    """Show all that is known of one product."""
    sheet = product_sheet(shop, product_at(visit.path["product"]))
    product, now = sheet.product, shop.clock()
    snapshot = live_catalog(shop).current()
    place = snapshot.index.get(product.id)
    markets = list(dict.fromkeys(line.market for line in sheet.lines))
    market = visit.query.get("market", "")
    market = market if market in markets else next(iter(markets), next(iter(snapshot.markets)))
    lines = [line for line in sheet.lines if line.market == market]
    locale = visit.language
    return Html(
        "catalog/product.html",
        {
            "sheet": sheet,
            "product": product,
            "card": None if place is None else snapshot.card(place, market, locale, now),
            "row": None if place is None else product_row(snapshot, place, market, locale, now),
            "title": product.titles.get(locale) or product.title,
            "description": product.descriptions.get(locale) or product.description,
            "category": product.categories.get(locale) or product.category,
            "pictures": list(dict.fromkeys(url for url in (product.image_url, *product.images) if url)),
            "family": [] if place is None else _family(snapshot, place, market, locale, now),
            "market": market,
            "markets": markets,
            "lines": [(line, price_chart(locale, line, now), _rows(line, now)) for line in lines],
            "totals": {
                location: sum((variant.stock or {}).get(location, 0) for variant in product.variants)
                for location in sheet.locations
            },
            "neighbors": product_address(product.id, "neighbors") + f"?market={market}",
            "decisions": product_address(product.id, "decisions") + f"?market={market}",
            "notes": [(note, _what(locale, note), _whence(locale, note.source)) for note in sheet.notes],
            "forever": FOREVER,
            "now": now,
        },
    )


def _what(language: str, note: Note) -> str:
    """Return what a change was, in words."""
    return ", ".join(text(language, f"catalog.notes.{kind}") for kind in note.kinds).capitalize()


def _whence(language: str, source: str) -> str:
    """Return where a change came from, in words; a connection is called by its own name."""
    kind, colon, name = source.partition(":")
    if kind in {"file", "upload"} and colon:
        return text(language, f"catalog.notes.by_{kind}", name=name)
    if source == "api":
        return text(language, "catalog.notes.by_api")
    return text(language, "catalog.notes.by_name", name=source) if source else ""


def _family(
    snapshot: CatalogSnapshot, place: int, market: str, language: str, now: int
) -> list[tuple[Card, str]]:
    """Return the other colors of the style, and where their pages are."""
    cards = [snapshot.card(one, market, language, now) for one in snapshot.family(place) if one != place]
    return [(card, product_address(card.id)) for card in cards]


def _rows(line: PriceLine, now: int) -> list[tuple[Interval, str]]:
    """Return the steps of a ledger, the newest first, and whether each is past, in effect or to come."""
    return [
        (step, "coming" if step.valid_from > now else "past" if step.valid_until <= now else "now")
        for step in reversed(line.steps)
    ]


def price_chart(language: str, line: PriceLine, now: int) -> dict[str, Any] | None:
    """Return the ledger as steps over time; None when there is nothing to draw."""
    steps = [step for step in line.steps if step.valid_until > now - _CHART_DAYS * DAY]
    if not steps or all(step.price is None for step in steps):
        return None
    end = max([now + 14 * DAY, *(step.valid_from + 14 * DAY for step in steps)])
    start = max(steps[0].valid_from, now - _CHART_DAYS * DAY)
    scale = 10 ** decimals_of(line.currency)
    selling: list[list[Any]] = []
    listed: list[list[Any]] = []
    for before, step in zip([None, *steps], steps, strict=False):
        if before is not None and before.valid_until < step.valid_from:  # unknown meanwhile
            selling.append([before.valid_until // 1000, None])
            listed.append([before.valid_until // 1000, None])
        at = max(step.valid_from, start) // 1000
        selling.append([at, None if step.selling is None else step.selling / scale])
        listed.append([at, None if step.price is None else step.price / scale])
    last = min(steps[-1].valid_until, end) // 1000
    selling.append([last, selling[-1][1]])
    listed.append([last, listed[-1][1]])
    today = {
        "symbol": "none",
        "label": {"formatter": "{b}"},
        "data": [{"xAxis": now // 1000, "name": text(language, "catalog.ledger.today")}],
    }
    series: list[dict[str, Any]] = [
        {"type": "line", "step": "end", "showSymbol": False, "name": text(language, "catalog.ledger.selling"),
         "data": selling, "markLine": today},
    ]  # fmt: skip
    if any(step.sale_price is not None for step in steps):
        series.append(
            {"type": "line", "step": "end", "showSymbol": False, "lineStyle": {"type": "dashed"},
             "name": text(language, "catalog.ledger.listed"), "data": listed}
        )  # fmt: skip
    return {
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "scale": True, "name": line.currency},
        "series": series,
    }


def find_products(shop: Shop, viewer: Viewer, words: str) -> Sequence[Found]:  # noqa: ARG001
    """Find products for the panel's search."""
    snapshot = live_catalog(shop).current()
    found = finder(shop).find(ProductSearch(words=words, range="all"), shop.clock(), 0, 6)
    hits = []
    for i in found.items:
        product = snapshot.product(i)
        colors = ", ".join(dict.fromkeys(one.color for one in product.variants if one.color))
        told = (product.brand, colors, " > ".join(product.category), product.id)
        note = " · ".join(part for part in told if part)
        hits.append(Found(snapshot.title(i), note, product_address(product.id), "catalog.found.product"))
    return hits


PAGES = (
    Page(ROOT, show=show_catalog),
    *IMPORT_PAGES,
    Page(f"{ROOT}/{{product:str}}", show=show_product),
)
MENU = (MenuItem(ROOT, "catalog.menu.catalog", icon="package", order=200, group="web.group.assortment"),)
