"""The pages where people look around: home, category, product, search, favorites."""

from __future__ import annotations

from typing import Any

from expedit.demo.storefront.goods import Good
from expedit.demo.storefront.rendering import Pages, Place
from expedit.demo.storefront.texts import Words
from expedit.demo.storefront.views import Views


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
            "rules": False,
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
