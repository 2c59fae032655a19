"""The pages where people look around: home, category, product, search, favorites."""

from __future__ import annotations

from typing import Any

from expedit.demo.storefront.goods import Good
from expedit.demo.storefront.rendering import Pages, Place
from expedit.demo.storefront.texts import Words
from expedit.demo.storefront.views import Views

_PAGE = 24
SORTS = ("recommended", "newest", "price_asc", "price_desc")


def home(pages: Pages, views: Views, place: Place) -> str:
    """Return the front page."""
    tree = pages.goods.categories[views.locale]

    def link(*words: str) -> str:
        for slugs in sorted(tree, key=len, reverse=True):
            if any(slugs[-1].startswith(word) for word in words):
                return views.category_url(slugs)
        return views.category_url(())

    links = {"shells": link("skal", "shell"), "wool": link("stickat", "strikk", "knit")}
    return pages.page("home.html", views, place, "Fjäll & Fjord", links=links)


def category(
    pages: Pages, views: Views, place: Place, slugs: tuple[str, ...], chosen: dict[str, str], cursor: str
) -> str | None:
    """Return a category's page, ranked by expedit for whoever looks; None when there is no such category."""
    tree = pages.goods.categories[views.locale]
    if slugs and slugs not in tree:
        return None
    path = tree[slugs].path if slugs else ()
    personal = bool(views.visit.consent and views.visit.consent.personalization and place.visitor)
    listing = pages.engine.listing(_listing_request(views, place, path, chosen, personal, cursor)) or {}
    items = listing.get("items") or []
    products = [
        views.card(pages.goods.by_id[item["id"]], item) for item in items if item["id"] in pages.goods.by_id
    ]
    if not listing:  # personalization is away: the shop still sells
        found = [
            good for good in pages.goods.by_id.values() if good.categories[views.locale][: len(path)] == path
        ]
        products = [views.card(good) for good in found[:_PAGE]]
    title = path[-1] if path else views.words["sale" if chosen.get("on_sale") else "all"]
    layer = [views.layer_item(pages.goods.by_id[product["id"]]) for product in products[:12]]
    next_cursor = listing.get("nextCursor")
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
        chosen={name: chosen.get(name, "") for name in ("color", "brand", "on_sale")}
        | {"sort": chosen.get("sort") if chosen.get("sort") in SORTS else "recommended"},
        facets=_facets(pages, views, listing),
        total=listing.get("total", len(products)),
        next_url=f"?cursor={next_cursor}" if next_cursor else "",
        events=[("view_item_list", views.ecommerce(layer, item_list_name=" > ".join(path) or title))],
    )


def _listing_request(
    views: Views, place: Place, path: tuple[str, ...], chosen: dict[str, str], personal: bool, cursor: str
) -> dict[str, Any]:
    filters: dict[str, Any] = {name: [chosen[name]] for name in ("color", "brand") if chosen.get(name)}
    if chosen.get("on_sale"):
        filters["onSale"] = True
    request: dict[str, Any] = {
        "context": {"market": views.market.code, "locale": views.locale},
        "consent": {"personalization": personal, "analytics": personal},
        "filters": filters,
        "sort": chosen.get("sort") if chosen.get("sort") in SORTS else "recommended",
        "limit": _PAGE,
    }
    if path:
        request["category"] = " > ".join(path)
    if personal:
        request["anonymousId"] = place.visitor
    if cursor:
        request["cursor"] = cursor
    return request


def _facets(pages: Pages, views: Views, listing: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    names = {good.color: good.colors[views.locale] for good in pages.goods.by_id.values()}
    facets = listing.get("facets") or {}
    return {
        name: [
            {"value": one["value"], "label": names.get(one["value"], one["value"]), "count": one["count"]}
            for one in facets.get(name) or []
        ]
        for name in ("color", "brand")
    }


def product(pages: Pages, views: Views, place: Place, good: Good) -> str:
    """Return a product's page, with the size that the visitor usually takes chosen ahead."""
    size = _usual_size(pages, place, good)
    answered = _own_answer(pages, views, good)
    shown = views.product(good, size, answered)
    path = good.categories[views.locale]
    slugs = next(key for key, one in pages.goods.categories[views.locale].items() if one.path == path)
    note = views.words["size_note"].format(size) if size else ""
    return pages.page(
        "product.html",
        views,
        place,
        good.titles[views.locale],
        current=slugs[:1],
        crumbs=views.crumbs(path, slugs),
        product=shown,
        size_note=note,
        events=[("view_item", views.ecommerce([views.layer_item(good)]))],
    )


def _own_answer(pages: Pages, views: Views, good: Good) -> dict[str, Any] | None:
    """Ask expedit's price ledger for the prior price that the law wants beside a reduction."""
    price = good.price(views.market.code)
    if price is None or not price.now(views.now)[1]:
        return None
    listing = pages.engine.listing(
        {
            "productIds": [good.id],
            "context": {"market": views.market.code, "locale": views.locale},
            "filters": {"inStock": False},
            "consent": {"personalization": False, "analytics": False},
        }
    )
    items = (listing or {}).get("items") or []
    return items[0] if items else None


def _usual_size(pages: Pages, place: Place, good: Good) -> str:
    """Return the size that the visitor's own history names, if this product has it in stock."""
    if not place.visitor:
        return ""
    person = pages.engine.person("anonymous_id", place.visitor) or {}
    sizes: dict[str, float] = (((person.get("profile") or {}).get("affinities") or {}).get("size")) or {}
    there = {size.name for size in good.sizes if size.stock.get("web", 0) > 0}
    known = sorted((weight, size) for size, weight in sizes.items() if size in there)
    return known[-1][1] if known and len(good.sizes) > 1 else ""


def search(pages: Pages, views: Views, place: Place, query: str) -> str:
    """Return the hits of a search."""
    words: Words = views.words
    found = pages.goods.search(views.locale, query)
    heading = words["search_hits" if found else "search_none"].format(query, len(found))
    return pages.page(
        "products.html",
        views,
        place,
        words["search_title"],
        heading=heading,
        products=[views.card(good) for good in found[:48]],
        note="",
        query=query,
        placement="search-empty",
        events=[("search", {"search_term": query})] if query else [],
    )


def likes(pages: Pages, views: Views, place: Place) -> str:
    """Return the favorites."""
    goods = [pages.goods.by_id[key] for key in reversed(views.visit.likes)]
    return pages.page(
        "products.html",
        views,
        place,
        views.words["likes"],
        heading=views.words["likes"],
        products=[views.card(good) for good in goods],
        note=views.words["likes_empty"],
        query="",
        placement="home-for-you",
    )
