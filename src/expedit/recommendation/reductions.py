"""What costs less now than before: honestly, by the prior price where it is known."""

from __future__ import annotations

import numpy as np

from expedit.recommendation.catalog_side import MOST, CatalogView
from expedit.recommendation.model import Model
from expedit.recommendation.options import number, option
from expedit.recommendation.query import NOTHING, Candidates, Query, market_of, of_catalog, per_mille, shown

UNPROVEN = 0.5
"""Weight of a reduction whose prior price is unknown: it may be no more than a sign on a shelf."""

KINDS = frozenset({"view_item", "add_to_cart", "add_to_wishlist"})
"""What counts as having looked at a product."""


def on_sale(model: Model, catalog: CatalogView, query: Query) -> Candidates:  # noqa: ARG001
    """What is reduced now in the market, the greatest honest reduction first.

    A reduction is compared with the prior price (the lowest of the 30 days before it); one that is not below
    it is none. While the prior price is unknown the list price stands in, and counts half. With ``seen``, it
    is what the person looked at when it cost more, by the price ledger.
    """
    market = market_of(catalog, query)
    if not market:
        return NOTHING
    least = per_mille(number(query.options, "on_sale", "min_reduction"))
    if option(query.options, "on_sale", "seen"):
        return _seen(catalog, query, market, least)
    items = np.flatnonzero(catalog.active) if not query.category else catalog.in_category(query.category)
    price, listed, prior = catalog.selling(items, market, query.now)
    rows = np.flatnonzero((price >= 0) & (price < listed))
    items, price, listed, prior = items[rows], price[rows], listed[rows], prior[rows]
    before = np.where(prior >= 0, np.minimum(prior, listed), listed)
    fits = (before > price) & (1000 * (before - price) >= least * before)
    items, price, before, prior = items[fits], price[fits], before[fits], prior[fits]
    scores = (before - price) / np.maximum(before, 1) * np.where(prior >= 0, 1.0, UNPROVEN)
    order = np.lexsort((items, -scores))[:MOST]
    return shown(of_catalog(items[order], scores[order]), catalog, query)


def _seen(catalog: CatalogView, query: Query, market: str, least: int) -> Candidates:
    """Return what the person looked at when it cost more, the greatest drop first."""
    acts = [act for act in query.acts if act.kind in KINDS and act.at < query.now]
    if not acts:
        return NOTHING
    looked = np.array([act.item for act in acts], np.int32)
    then = catalog.was_minor(looked, np.array([act.at for act in acts], np.int64), market)
    items, rows = np.unique(looked, return_inverse=True)
    before = np.full(items.size, -1, np.int64)
    np.maximum.at(before, rows, then)
    price, _, _ = catalog.selling(items, market, query.now)
    fits = (price >= 0) & (before > price) & (1000 * (before - price) >= least * before)
    items, price, before = items[fits], price[fits], before[fits]
    scores = (before - price) / np.maximum(before, 1)
    order = np.lexsort((items, -scores))
    found = of_catalog(items[order], scores[order])
    notes = dict.fromkeys(items.tolist(), "seen")
    return shown(Candidates(found.items, found.scores, found.because, notes), catalog, query)
