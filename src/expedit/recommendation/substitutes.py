"""Products that serve the same need as another: dearer ones, and ones that leave the shop more.

The same need is the same leaf category; beside it, under the same parent, what is alike in words and what
people look at in the same visit. Of a product without a category it is what is alike in words. Among those,
nearness in attributes, words and co-views says which comes first.
"""

from __future__ import annotations

import numpy as np

from expedit.recommendation.arrays import Doubles, Ints
from expedit.recommendation.catalog_side import Binding, CatalogView, likeness
from expedit.recommendation.model import Model
from expedit.recommendation.options import number
from expedit.recommendation.query import (
    FADING,
    NOTHING,
    Candidates,
    Query,
    anchors_of,
    best_of,
    blend,
    kept,
    market_of,
    of_catalog,
    per_mille,
    related,
    shown,
)

REPLACED = 3
"""Products that are looked at for a substitute: the page's, else the last ones of cart or session."""

ATTRIBUTES, WORDS, COMPARED = 0.5, 0.3, 0.2
"""Weights of attributes, words and co-views in how near a substitute is."""


def upsell(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Products for the same need that cost more, within a band; the nearest first."""
    market, binding = market_of(catalog, query), model.binding(catalog)
    least = per_mille(number(query.options, "upsell", "min_ratio"))
    most = per_mille(number(query.options, "upsell", "max_ratio"))
    parts = []
    anchors = anchors_of(query)[:REPLACED]
    for step, product in enumerate(anchors):
        items = same_need(model, catalog, product, binding)
        own, price = _prices(catalog, product, items, market, query.now)
        inside = (price > own) & (1000 * price >= least * own) & (1000 * price <= most * own)
        if own > 0 and inside.any():
            near = _nearest(model, catalog, product, items[inside], binding, market)
            parts.append((float(np.exp(-step / FADING)), near))
    return shown(blend(parts), catalog, query, anchors)


def better_margin(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Products for the same need at about the same price that leave the shop more, the most to be expected
    first.

    What is to be expected is how near the product is (how likely it is taken instead) times what more it
    leaves. Where a cost is unknown there is nothing to say.
    """
    market, binding = market_of(catalog, query), model.binding(catalog)
    tolerance = per_mille(number(query.options, "better_margin", "tolerance"))
    gain = per_mille(number(query.options, "better_margin", "min_gain"))
    parts = []
    anchors = anchors_of(query)[:REPLACED]
    for step, product in enumerate(anchors):
        items = same_need(model, catalog, product, binding)
        own, price = _prices(catalog, product, items, market, query.now)
        left, known = _margins(catalog, [product], market, query.now)
        margins, told = _margins(catalog, items, market, query.now)
        if own <= 0 or not known[0]:
            continue
        more = margins - left[0]
        fits = (
            told & (more > 0) & (1000 * more >= gain * own) & (1000 * np.abs(price - own) <= tolerance * own)
        )
        if fits.any():
            near = _nearest(model, catalog, product, items[fits], binding, market)
            leaves = dict(zip(items[fits].tolist(), more[fits].tolist(), strict=True))
            worth = near.scores.astype(np.float64) * [leaves[item] for item in near.items.tolist()]
            parts.append((float(np.exp(-step / FADING)), best_of(near, worth)))
    return shown(blend(parts), catalog, query, anchors)


def same_need(model: Model, catalog: CatalogView, product: int, binding: Binding) -> Ints:
    """Return the active products that serve the same need as `product`, in the order of their indices."""
    own = int(catalog.category[product])
    alike = related(model.relations["similar"], [product], binding).items
    if own > 0:
        compared = related(model.relations["viewed"], [product], binding).items
        beside = catalog.category_parent[catalog.category[alike]] == catalog.category_parent[own]
        alike = alike[beside & np.isin(alike, compared)]
        shelf = catalog.in_category(catalog.category_paths[own])
        alike = np.concatenate([shelf[catalog.category[shelf] == own], alike])
    others = (catalog.group[alike] != catalog.group[product]) & (alike != product)
    return np.unique(alike[catalog.active[alike] & others]).astype(np.int32)


def _prices(catalog: CatalogView, product: int, items: Ints, market: str, now: int) -> tuple[int, np.ndarray]:
    """Return what `product` and `items` cost at `now`, in minor units; -1 where not sold."""
    if not market:
        return -1, np.full(items.size, -1, np.int64)
    price, _, _ = catalog.selling(np.concatenate([[product], items]), market, now)
    return int(price[0]), price[1:]


def _margins(
    catalog: CatalogView, items: Ints | list[int], market: str, now: int
) -> tuple[np.ndarray, np.ndarray]:
    if not market:
        return np.zeros(len(items), np.int64), np.zeros(len(items), np.bool_)
    return catalog.margin_minor(items, market, now)


def _nearest(
    model: Model, catalog: CatalogView, product: int, items: Ints, binding: Binding, market: str
) -> Candidates:
    """Return `items` by how near they are to `product`, which is their reason."""
    attributes: Doubles = likeness(catalog, product, items, market)
    order = np.lexsort((items, -attributes))
    parts = [(ATTRIBUTES, of_catalog(items[order], attributes[order], np.full(items.size, product)))]
    for weight, name in ((WORDS, "similar"), (COMPARED, "viewed")):
        found = related(model.relations[name], [product], binding)
        parts.append((weight, kept(found, np.isin(found.items, items))))
    found = blend(parts)
    return found if len(found) else NOTHING
