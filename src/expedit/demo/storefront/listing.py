"""A category page: ranked by expedit for whoever looks, narrowed by facets that tell what they leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from expedit.core import Struct, to_minor
from expedit.demo.storefront.rendering import Pages, Place
from expedit.demo.storefront.views import Views

PAGE = 24
SORTS = ("recommended", "newest", "price_asc", "price_desc")
_MANY = ("color", "brand", "size", "material")
_LONGEST = 80
_MOST = 20


class Chosen(Struct, frozen=True):
    """What the visitor chose.

    Parameters
    ----------
    values
        Values by facet.
    price
        A range as ``500.00-899.99``; either end may be missing.
    on_sale, sort, cursor
        As `/v1/list` knows them.
    """

    values: dict[str, tuple[str, ...]] = {}
    price: str = ""
    on_sale: bool = False
    sort: str = SORTS[0]
    cursor: str = ""

    def pairs(self, without: tuple[str, str] | None = None) -> list[tuple[str, str]]:
        """Return what stands in the address, perhaps without one choice."""
        found = [(name, value) for name, values in self.values.items() for value in values]
        found += [("price", self.price)] if self.price else []
        found += [("on_sale", "1")] if self.on_sale else []
        found = [pair for pair in found if pair != without]
        return found + ([("sort", self.sort)] if self.sort != SORTS[0] else [])


def read_chosen(pairs: Iterable[tuple[str, Any]]) -> Chosen:
    """Read an address's query; what is unknown is left out."""
    values: dict[str, tuple[str, ...]] = {}
    single: dict[str, str] = {}
    for name, value in pairs:
        written = str(value)
        if name in _MANY and 0 < len(written) <= _LONGEST and len(values.get(name, ())) < _MOST:
            values[name] = (*values.get(name, ()), written)
        else:
            single[name] = written
    sort = single.get("sort", "")
    price = single.get("price", "")
    return Chosen(
        values,
        price if _range(price) else "",
        single.get("on_sale") == "1",
        sort if sort in SORTS else SORTS[0],
        single.get("cursor", ""),
    )


def _range(written: str) -> dict[str, float]:
    """Return the ends of a range of prices; none when it is no range."""
    low, dash, high = written.partition("-")
    if not dash:
        return {}
    try:
        return {name: float(end) for name, end in (("min", low), ("max", high)) if end}
    except ValueError:
        return {}


def category(pages: Pages, views: Views, place: Place, slugs: tuple[str, ...], chosen: Chosen) -> str | None:
    """Return a category's page; None when there is no such category."""
    tree = pages.goods.categories[views.locale]
    if slugs and slugs not in tree:
        return None
    path = tree[slugs].path if slugs else ()
    personal = bool(views.visit.consent and views.visit.consent.personalization and place.visitor)
    listing = pages.engine.listing(_request(views, place, path, chosen, personal)) or {}
    items = listing.get("items") or []
    products = [
        views.card(pages.goods.by_id[item["id"]], item) for item in items if item["id"] in pages.goods.by_id
    ]
    if not listing:  # personalization is away: the shop still sells
        found = [
            good for good in pages.goods.by_id.values() if good.categories[views.locale][: len(path)] == path
        ]
        products = [views.card(good) for good in found[:PAGE]]
    title = path[-1] if path else views.words["sale" if chosen.on_sale else "all"]
    layer = [views.layer_item(pages.goods.by_id[product["id"]]) for product in products[:12]]
    next_cursor = listing.get("nextCursor")
    facets = _facets(pages, views, listing, chosen)
    return pages.page(
        "category.html",
        views,
        place,
        title,
        current=slugs,
        crumbs=views.crumbs(path, slugs) or [{"title": title, "url": ""}],
        children=views.children(slugs) or (views.children(slugs[:-1], slugs) if len(slugs) > 1 else []),
        products=products,
        personal=personal,
        chosen=chosen,
        sorts=SORTS,
        facets=facets,
        on_sale=(listing.get("facets") or {}).get("onSale", 0),
        tags=_tags(views, facets, chosen),
        total=listing.get("total", len(products)),
        next_url=f"?{urlencode({'cursor': next_cursor})}" if next_cursor else "",
        events=[("view_item_list", views.ecommerce(layer, item_list_name=" > ".join(path) or title))],
    )


def _request(
    views: Views, place: Place, path: tuple[str, ...], chosen: Chosen, personal: bool
) -> dict[str, Any]:
    filters: dict[str, Any] = {
        name: list(values) for name, values in chosen.values.items() if name != "material"
    }
    if chosen.values.get("material"):
        filters["attributes"] = {"material": list(chosen.values["material"])}
    if chosen.price:
        filters["price"] = _range(chosen.price)
    if chosen.on_sale:
        filters["onSale"] = True
    request: dict[str, Any] = {
        "context": {"market": views.market.code, "locale": views.locale},
        "consent": {"personalization": personal, "analytics": personal},
        "filters": filters,
        "sort": chosen.sort,
        "limit": PAGE,
    }
    arrived_at, arrived_from = views.visit.arrived
    if arrived_at:
        request["context"] |= {"arrivedAt": arrived_at, "arrivedFrom": arrived_from}
    if path:
        request["category"] = " > ".join(path)
    if personal:
        request["anonymousId"] = place.visitor
    if chosen.cursor:
        request["cursor"] = chosen.cursor
    return request


def _facets(pages: Pages, views: Views, listing: dict[str, Any], chosen: Chosen) -> list[dict[str, Any]]:
    """Return the facets in the order of the page; one with nothing to choose is left out."""
    told = listing.get("facets") or {}
    goods = pages.goods.by_id.values()
    names = {
        "color": {good.color: good.colors[views.locale] for good in goods},
        "material": {good.materials["sv"]: good.materials[views.locale] for good in goods},
    }
    hexes = {good.color: good.hex for good in goods}
    counted = {name: told.get(name) for name in ("size", "color", "brand")}
    counted["material"] = (told.get("attributes") or {}).get("material")
    found = []
    for name, values in counted.items():
        picked = chosen.values.get(name, ())
        options = [
            {
                "value": one["value"], "count": one["count"], "checked": one["value"] in picked,
                "label": names.get(name, {}).get(one["value"], one["value"]),
                "hex": hexes.get(one["value"], "") if name == "color" else "",
            }
            for one in values or []
        ]  # fmt: skip
        if len(options) > 1 or picked:
            ordered = sorted(options, key=_by_size) if name == "size" else options
            found.append({"name": name, "options": ordered, "picked": len(picked), "kind": "checkbox"})
    prices = [_price(views, one, chosen) for one in told.get("prices") or [] if one["count"]]
    if len(prices) > 1 or chosen.price:
        found.insert(
            1, {"name": "price", "options": prices, "picked": int(bool(chosen.price)), "kind": "radio"}
        )
    return found


_LETTERS = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL")


def _by_size(option: Mapping[str, Any]) -> tuple[int, float, str]:
    """Put letters in their order, then numbers, then the rest."""
    name = str(option["value"])
    if name in _LETTERS:
        return 0, float(_LETTERS.index(name)), name
    first = name.replace(",", ".").split("-")[0].split("/")[0]
    return (1, float(first), name) if first.replace(".", "", 1).isdecimal() else (2, 0.0, name)


def _price(views: Views, step: Mapping[str, Any], chosen: Chosen) -> dict[str, Any]:
    value = f"{step['min'] or ''}-{step['max'] or ''}"
    return {
        "value": value, "count": step["count"], "checked": value == chosen.price,
        "label": price_label(views, value), "hex": "",
    }  # fmt: skip


def price_label(views: Views, written: str) -> str:
    """Return a range of prices in words."""
    ends = {name: to_minor(str(end), views.market.currency, "price") for name, end in _range(written).items()}
    # What ends at 899.99 is told as up to 900.
    shown = {name: views.money(minor + (minor % 100 == 99)) for name, minor in ends.items()}
    if len(shown) == 2:
        return f"{shown['min']} – {shown['max']}"
    words = views.words["price_under" if "max" in shown else "price_over"]
    return words.format(next(iter(shown.values()), ""))


def _tags(views: Views, facets: list[dict[str, Any]], chosen: Chosen) -> list[dict[str, str]]:
    """Return what is chosen, each with the address that takes it away."""
    labels = {
        (facet["name"], option["value"]): option["label"] for facet in facets for option in facet["options"]
    }
    tags = []
    for name, value in chosen.pairs():
        if name == "sort":
            continue
        label = labels.get((name, value), value)
        if name == "price":
            label = price_label(views, value)
        elif name == "on_sale":
            label = views.words["on_sale"]
        tags.append({"label": label, "url": f"?{urlencode(chosen.pairs((name, value)))}"})
    return tags
