"""The strategies: named sources of candidates, from a model, the catalog and what is known of the moment.

Each is a function of `(model, catalog, query)` that gives at most 500 products of the *catalog*, best
first, with the product that each is there for. What may be shown (stock, cart, rules) is decided later;
only retired products are left out here, so that they do not crowd out others before the cut.
"""

from __future__ import annotations

import numpy as np

from expedit.core import InvalidInput
from expedit.recommendation.arrays import Floats
from expedit.recommendation.arrivals import Row
from expedit.recommendation.carts import cart_addon, cart_reminder
from expedit.recommendation.catalog_side import (
    MOST,
    Binding,
    CatalogView,
    alike,
    alike_among,
    newest,
)
from expedit.recommendation.content import ATTRIBUTE_WEIGHT
from expedit.recommendation.model import Model, best_first
from expedit.recommendation.options import option
from expedit.recommendation.query import (
    ANCHORS,
    FADING,
    NOTHING,
    Candidates,
    Query,
    Strategy,
    anchors_of,
    blend,
    distinct,
    joined,
    kept,
    market_of,
    of_catalog,
    of_model,
    related,
    shown,
    summed,
)
from expedit.recommendation.reductions import on_sale
from expedit.recommendation.repurchase import buy_again
from expedit.recommendation.scopes import kind_of
from expedit.recommendation.session_model import Neighbors
from expedit.recommendation.substitutes import better_margin, upsell

SESSION_SHARE = 0.7
"""Weight of the running session against the longer history in `personal`."""

CO_VIEW_SHARE = 0.5
"""Weight of co-views against content in `similar`."""


def popular(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Bestsellers of the market (of all markets while it has none), of a category when one is named, of a
    scope when the step asks for one.

    Where nothing has sold or been seen yet, the newest products stand in with a score of 0; a scope of which
    too little is known gives nothing.
    """
    scope = query.options.get("scope", "")
    if scope == "history":
        return _popular_where_they_look(model, catalog, query)
    if scope and scope != "category":
        return _popular_in_scope(model, catalog, query)
    name, scores = _popularity(model, query)
    found = _ranked(model, catalog, query, name, scores)
    if len(found):
        return found
    items = newest(catalog, query.category, min(query.limit, MOST))
    return of_catalog(items, np.zeros(items.size))


def _popularity(model: Model, query: Query) -> tuple[str, Floats]:
    """Return what the popularity of the market is called, and its scores."""
    name = f"popular:{query.market}"
    if model.orders.get(name, NOTHING.items).size:
        return name, model.popular_in[query.market]
    return "popular", model.popular


def _popular_in_scope(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Return the bestsellers of the first scope of which enough is known, each noted with its kind."""
    binding = model.binding(catalog)
    for scope in query.scopes:
        row = model.scoped.of(scope)
        if row is None:
            continue
        items, scores = row
        reasons = np.full(items.size, -1, np.int32)
        found = shown(of_model(Neighbors(items, scores, reasons), binding), catalog, query)
        if len(found):
            notes = dict.fromkeys(found.items.tolist(), f"in_{kind_of(scope)}")
            return Candidates(found.items, found.scores, found.because, notes)
    return NOTHING


def _popular_where_they_look(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Return the bestsellers of the categories that the person looks at, each category by its weight."""
    binding = model.binding(catalog)
    _, scores = _popularity(model, query)
    parts = []
    for code, weight in query.liked:
        inside = binding.to_model[catalog.in_category(catalog.category_paths[code])]
        inside = inside[inside >= 0]
        order = inside[best_first(scores[inside], MOST)]
        reasons = np.full(order.size, -1, np.int32)
        parts.append((weight, of_model(Neighbors(order, scores[order], reasons), binding)))
    found = shown(blend(parts), catalog, query)
    notes = dict.fromkeys(found.items.tolist(), "taste_category")
    return Candidates(found.items, found.scores, found.because, notes)


def trending(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Products looked at much more in the last days than in the weeks before."""
    return _ranked(model, catalog, query, "trending", model.trending)


def _ranked(model: Model, catalog: CatalogView, query: Query, name: str, scores: Floats) -> Candidates:
    """Return products by a score, from a ready order or, in a category, among its products."""
    binding = model.binding(catalog)
    if query.category:
        inside = binding.to_model[catalog.in_category(query.category)]
        inside = inside[inside >= 0]
        order = inside[best_first(scores[inside], MOST)]
    else:
        order = model.orders[name]
    reasons = np.full(order.size, -1, np.int32)
    return shown(of_model(Neighbors(order, scores[order], reasons), binding), catalog, query)


def new(model: Model, catalog: CatalogView, query: Query) -> Candidates:  # noqa: ARG001
    """Products that came last, of a category when one is named; scores fall from 1 by place.

    With ``since_last_visit``, only what came after the person's last visit began.
    """
    items = newest(catalog, query.category, min(query.limit, MOST))
    if option(query.options, "new", "since_last_visit"):
        items = items[catalog.created[items] > query.since] if query.since else items[:0]
    return of_catalog(items, 1.0 / (1.0 + np.arange(items.size) / 10.0))


def personal(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """What sessions like this one went on to, blended with what goes with the longer history.

    For a history that the model knows nothing of, products like those seen, each noted as ``alike``.
    """
    binding = model.binding(catalog)
    session = list(query.session) or list(reversed(query.recents[:ANCHORS]))
    if not session:
        return NOTHING
    running = binding.to_model[np.array(session, np.int32)]
    foretold = of_model(model.sessions.query(running, MOST), binding)
    history = distinct([*reversed(query.session), *query.recents, *query.bought])[: 3 * ANCHORS]
    longer = related(model.relations["viewed"], history, binding)
    found = blend([(SESSION_SHARE, foretold), (1.0 - SESSION_SHARE, longer)])
    if len(found):
        return shown(found, catalog, query)
    found = blend([(1.0, _alike_to(model, catalog, query, list(reversed(session))[:3], binding))])
    alike_ones = shown(found, catalog, query)
    notes = dict.fromkeys(alike_ones.items.tolist(), "alike")
    return Candidates(alike_ones.items, alike_ones.scores, alike_ones.because, notes)


def similar(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Products like the one in focus: alike in words and attributes, and seen by the same people."""
    binding = model.binding(catalog)
    anchors = anchors_of(query)[:3]
    content = _alike_to(model, catalog, query, anchors, binding)
    seen = related(model.relations["viewed"], anchors, binding)
    # Only what content finds alike can be similar: co-views tell which of it people compare.
    seen = kept(seen, np.isin(seen.items, content.items))
    found = blend([(1.0 - CO_VIEW_SHARE, content), (CO_VIEW_SHARE, seen)])
    return shown(found, catalog, query, anchors)


def _alike_to(
    model: Model, catalog: CatalogView, query: Query, anchors: list[int], binding: Binding
) -> Candidates:
    """Return content-similar products: from the model, with those that are newer than it.

    Of newcomers that were not compared yet, the catalog's columns tell what is alike.
    """
    market = market_of(catalog, query)
    arrived, others = model.arrivals.current.similar, model.arrivals.others(binding)
    unit = model.relations["similar"].unit
    parts = []
    for step, product in enumerate(anchors):
        weight = float(np.exp(-step / FADING))
        found = related(model.relations["similar"], [product], binding)
        if product in arrived:
            found = joined(found, _of_row(arrived[product], product))
        if not len(found):
            items, scores = alike(catalog, product, market, MOST)
            found = of_catalog(items, scores, np.full(items.size, product))
        elif others.size:
            items, scores = alike_among(catalog, product, others, market)
            found = joined(
                found, of_catalog(items, ATTRIBUTE_WEIGHT / unit * scores, np.full(items.size, product))
            )
        parts.append((weight, found))
    return blend(parts)


def _of_row(row: Row, product: int) -> Candidates:
    items, scores = row
    return of_catalog(items, scores, np.full(items.size, product))


def visually_similar(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Products that look like the one in focus, by their embeddings or pictures."""
    anchors = anchors_of(query)[:3]
    found = related(model.relations["looks"], anchors, model.binding(catalog))
    arrived = model.arrivals.current.looks
    rows = [(step, _of_row(arrived[one], one)) for step, one in enumerate(anchors) if one in arrived]
    if rows:
        found = summed([(1.0, found), *((float(np.exp(-step / FADING)), row) for step, row in rows)])
    return shown(found, catalog, query, anchors)


def viewed_together(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """What people who look at these products look at in the same visit."""
    anchors = anchors_of(query)
    found = related(model.relations["viewed"], anchors, model.binding(catalog))
    return shown(found, catalog, query, anchors)


def bought_together(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """What is bought in one basket with these products."""
    anchors = anchors_of(query)
    found = related(model.relations["bought"], anchors, model.binding(catalog))
    if option(query.options, "bought_together", "used_up"):
        found = _used_up(model, catalog, found)
    return shown(found, catalog, query, anchors)


def complementary(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """What completes these products: of other categories, bought with them oftener than by chance.

    While baskets say nothing of a product, visits do.
    """
    binding = model.binding(catalog)
    anchors = anchors_of(query)
    parts = [(1.0, related(model.relations["completing"], anchors, binding))]
    parts.append((0.3, related(model.relations["completing_views"], anchors, binding)))
    found = blend(parts)
    categories = catalog.category[np.array(anchors, np.int32)]
    found = kept(found, ~np.isin(catalog.category[found.items], categories))
    if option(query.options, "complementary", "used_up"):
        found = _used_up(model, catalog, found)
    return shown(found, catalog, query, anchors)


def _used_up(model: Model, catalog: CatalogView, found: Candidates) -> Candidates:
    """Keep what people buy again: as the catalog says, or as orders have shown."""
    places = model.binding(catalog).to_model[found.items]
    keep = [
        bool(place >= 0 and model.repurchase[place] > 0) or catalog.replenishable(item)
        for place, item in zip(places.tolist(), found.items.tolist(), strict=True)
    ]
    return kept(found, np.array(keep, np.bool_))


def recently_viewed(model: Model, catalog: CatalogView, query: Query) -> Candidates:  # noqa: ARG001
    """What the person looked at last, newest first, without what the page is about."""
    seen = distinct([*reversed(query.session), *query.recents])
    items = np.array(seen, np.int32)
    found = of_catalog(items, 1.0 / (1.0 + np.arange(items.size)), items)
    return shown(found, catalog, query, distinct(query.products))


STRATEGIES: dict[str, Strategy] = {
    "popular": popular,
    "trending": trending,
    "new": new,
    "personal": personal,
    "similar": similar,
    "viewed_together": viewed_together,
    "bought_together": bought_together,
    "complementary": complementary,
    "recently_viewed": recently_viewed,
    "upsell": upsell,
    "better_margin": better_margin,
    "on_sale": on_sale,
    "cart_addon": cart_addon,
    "cart_reminder": cart_reminder,
    "buy_again": buy_again,
    "visually_similar": visually_similar,
}
"""Every strategy by its name; the names are API."""


def candidates(strategy: str, model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Ask one strategy by name.

    Raises
    ------
    InvalidInput
        There is no such strategy.
    """
    found = STRATEGIES.get(strategy)
    if found is None:
        raise InvalidInput("strategy", f"{strategy!r} is none of {', '.join(STRATEGIES)}")
    return found(model, catalog, query)
