"""What a cart asks for: cheap things that go with it, and what was left out of it."""

from __future__ import annotations

import numpy as np

from expedit.core import DAY, to_minor
from expedit.recommendation.catalog_side import CatalogView
from expedit.recommendation.model import Model
from expedit.recommendation.options import number, option
from expedit.recommendation.query import (
    ANCHORS,
    NOTHING,
    Candidates,
    Query,
    best_of,
    distinct,
    kept,
    market_of,
    of_catalog,
    per_mille,
    related,
    shown,
)

CLOSES_GAP = 0.5
"""What bringing the cart to free shipping adds to an add-on's score, whose best is 1."""

WANTED = {"add_to_cart": 3.0, "add_to_wishlist": 2.0, "view_item": 1.0}
"""How much each act says that a product is wanted: in the cart once, on the list of wishes, looked at."""

NOTES = {"add_to_cart": "removed", "add_to_wishlist": "wished"}

WANTED_HALF_LIFE = 3 * DAY


def cart_addon(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Cheap things that are bought with what is in the cart oftener than by chance.

    What would bring the cart to free shipping comes first, where the market has such a limit. Without a cart
    the page's products stand in: a receipt, a confirmation.
    """
    cart = distinct(tuple(reversed(query.cart)) or query.products)
    market = market_of(catalog, query)
    if not cart or not market:
        return NOTHING
    found = related(model.relations["lifted"], cart[:ANCHORS], model.binding(catalog))
    found = kept(found, ~np.isin(found.items, cart))
    if not len(found):
        return NOTHING
    price, _, _ = catalog.selling(found.items, market, query.now)
    value = query.cart_value
    if value < 0:
        worth, _, _ = catalog.selling(cart, market, query.now)
        value = int(worth[worth > 0].sum())
    gap = _gap(query, value)
    cheap = (price >= 0) & (price <= _dearest(catalog, query, market, value, gap))
    found, price = kept(found, cheap), price[cheap]
    if not len(found):
        return NOTHING
    scores = found.scores.astype(np.float64) / float(found.scores[0])
    if gap > 0:
        closes = price >= gap
        notes = dict.fromkeys(found.items[closes].tolist(), "shipping")
        found = Candidates(found.items, found.scores, found.because, notes)
        scores += CLOSES_GAP * closes
    return shown(best_of(found, scores), catalog, query)


def _gap(query: Query, value: int) -> int:
    """Return what is missing to free shipping, 0 where there is no such limit or it is far away."""
    if not option(query.options, "cart_addon", "free_shipping"):
        return 0
    gap = query.free_shipping - value
    return gap if 0 < gap <= value else 0


def _dearest(catalog: CatalogView, query: Query, market: str, value: int, gap: int) -> int:
    """Return the dearest add-on in minor units: by amount, and by a share of the cart.

    What closes a gap may exceed the share, but by no more than half of the gap.
    """
    share = per_mille(number(query.options, "cart_addon", "cart_share"))
    dearest = 1 << 60
    if share > 0:
        dearest = max(share * value // 1000, gap * 3 // 2)
    said = option(query.options, "cart_addon", "max_price")
    if said != "":
        dearest = min(dearest, to_minor(str(said), catalog.markets[market], "max_price"))
    elif query.dearest_addon > 0:
        dearest = min(dearest, query.dearest_addon)
    return dearest


def cart_reminder(model: Model, catalog: CatalogView, query: Query) -> Candidates:  # noqa: ARG001
    """What the person wanted lately and neither bought nor has in the cart: taken out of it, wished for, or
    looked at; what says more and is fresher first."""
    since = query.now - int(number(query.options, "cart_reminder", "days")) * DAY
    bought = {one.item: one.at for one in reversed(query.purchases)}
    cart = frozenset(query.cart)
    wanted: dict[int, float] = {}
    notes: dict[int, str] = {}
    for act in query.acts:
        weight = WANTED.get(act.kind, 0.0) * query.factors.get(act.kind, 1.0)
        if not weight or act.at < since or act.item in cart or bought.get(act.item, -1) >= act.at:
            continue
        score = weight * 2.0 ** (-max(query.now - act.at, 0) / WANTED_HALF_LIFE)
        if score > wanted.get(act.item, 0.0):
            wanted[act.item] = score
            notes[act.item] = NOTES.get(act.kind, "")
    items = np.array(list(wanted), np.int32)
    scores = np.array(list(wanted.values()), np.float64)
    found = of_catalog(items, scores)
    named = Candidates(found.items, found.scores, found.because, notes)
    return shown(best_of(named, scores), catalog, query)
