"""The strategies: named sources of candidates, from a model, the catalog and what is known of the moment.

Each is a function of `(model, catalog, query)` that gives at most 500 products of the *catalog*, best
first, with the product that each is there for. What may be shown (stock, cart, rules) is decided later;
only retired products are left out here, so that they do not crowd out others before the cut.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from expedit.core import InvalidInput
from expedit.recommendation.arrays import Doubles, Floats, Ints
from expedit.recommendation.catalog_side import MOST, Binding, CatalogView, alike, newest
from expedit.recommendation.item_item import Related, add_up
from expedit.recommendation.model import Model, best_first
from expedit.recommendation.session_model import Neighbors

ANCHORS = 10
"""Products of the moment that speak for others, the latest."""

FADING = 1.5
"""An anchor d places back speaks with exp(-d / 1.5)."""

SESSION_SHARE = 0.7
"""Weight of the running session against the longer history in `personal`."""

CO_VIEW_SHARE = 0.5
"""Weight of co-views against content in `similar`."""


@dataclass(frozen=True, slots=True)
class Query:
    """The moment that asks. Products are catalog indices.

    Attributes
    ----------
    session
        Products of the running session, oldest first.
    products
        What the page is about, the most important first.
    cart, bought
        Products in the cart; products of the person's orders, newest first.
    recents
        Products seen lately, also in earlier sessions, newest first.
    category
        Path such as ``Jackor > Skaljackor``; empty for the whole shop.
    market
        Market code.
    limit
        Most candidates wanted, at most 500.
    """

    session: Sequence[int] = ()
    products: Sequence[int] = ()
    cart: Sequence[int] = ()
    bought: Sequence[int] = ()
    recents: Sequence[int] = ()
    category: str = ""
    market: str = ""
    limit: int = MOST


@dataclass(frozen=True, slots=True)
class Candidates:
    """Products of the catalog, best first.

    Attributes
    ----------
    items, scores, because
        int32, float32 and int32 of one length: catalog index, score (0 where there is no evidence, only the
        catalog's order), and the catalog index of the product it is there for, -1 for none.
    """

    items: Ints
    scores: Floats
    because: Ints

    def __len__(self) -> int:
        return int(self.items.size)


Strategy = Callable[[Model, CatalogView, Query], Candidates]

NOTHING = Candidates(np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.int32))


def _from_catalog(items: Ints, scores: Doubles | Floats, because: Ints | None = None) -> Candidates:
    reasons = np.full(items.size, -1, np.int32) if because is None else because.astype(np.int32)
    return Candidates(items.astype(np.int32), scores.astype(np.float32), reasons)


def _from_model(found: Neighbors, binding: Binding) -> Candidates:
    """Translate model items into products; those that the catalog does not have are left out."""
    items = binding.to_catalog[found.items]
    known = items >= 0
    reasons = np.where(found.because >= 0, binding.to_catalog[found.because], -1).astype(np.int32)
    return Candidates(items[known], found.scores[known], reasons[known])


def _shown(found: Candidates, catalog: CatalogView, query: Query, without: Sequence[int] = ()) -> Candidates:
    """Leave out retired products and those named, then cut."""
    keep = catalog.active[found.items]
    for product in without:
        keep &= found.items != product
    if query.category and found.items.size:
        keep &= np.isin(found.items, catalog.in_category(query.category))
    rows = np.flatnonzero(keep)[: min(query.limit, MOST)]
    return Candidates(found.items[rows], found.scores[rows], found.because[rows])


def _blend(parts: Sequence[tuple[float, Candidates]]) -> Candidates:
    """Add up lists, each brought to a best score of 1 and weighed; the largest share gives the reason."""
    parts = [(weight, found) for weight, found in parts if len(found) and found.scores[0] > 0]
    if not parts:
        return NOTHING
    shares = [weight / found.scores[0] * found.scores.astype(np.float64) for weight, found in parts]
    total = add_up(
        np.concatenate([found.items for _, found in parts]),
        np.concatenate(shares),
        np.concatenate([found.because for _, found in parts]),
    )
    return Candidates(total.items, total.scores, total.because)


def _distinct(products: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(product for product in products if product >= 0))


def _anchors(query: Query) -> list[int]:
    """Return the products that speak for others: the page's, else the cart's, else the session's last."""
    chosen = query.products or tuple(reversed(query.cart)) or tuple(reversed(query.session)) or query.recents
    return _distinct(chosen)[:ANCHORS]


def _related(relation: Related, anchors: Sequence[int], binding: Binding) -> Candidates:
    """Add up what is related to the anchors, the first of which counts most."""
    places = [(int(binding.to_model[product]), step) for step, product in enumerate(anchors)]
    known = [(place, step) for place, step in places if place >= 0]
    items = np.array([place for place, _ in known], np.int32)
    weights = np.exp(-np.array([step for _, step in known], np.float64) / FADING)
    return _from_model(relation.of_many(items, weights), binding)


def popular(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Bestsellers of the market (of all markets while it has none), of a category when one is named.

    Where nothing has sold or been seen yet, the newest products stand in with a score of 0.
    """
    name = (
        f"popular:{query.market}"
        if model.orders.get(f"popular:{query.market}", NOTHING.items).size
        else "popular"
    )
    scores = model.popular_in[query.market] if name != "popular" else model.popular
    found = _ranked(model, catalog, query, name, scores)
    if len(found):
        return found
    items = newest(catalog, query.category, min(query.limit, MOST))
    return _from_catalog(items, np.zeros(items.size))


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
    return _shown(_from_model(Neighbors(order, scores[order], reasons), binding), catalog, query)


def new(model: Model, catalog: CatalogView, query: Query) -> Candidates:  # noqa: ARG001
    """Products that came last, of a category when one is named; scores fall from 1 by place."""
    items = newest(catalog, query.category, min(query.limit, MOST))
    return _from_catalog(items, 1.0 / (1.0 + np.arange(items.size) / 10.0))


def personal(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """What sessions like this one went on to, blended with what goes with the longer history.

    For a history that the model knows nothing of, products like those seen.
    """
    binding = model.binding(catalog)
    session = list(query.session) or list(reversed(query.recents[:ANCHORS]))
    if not session:
        return NOTHING
    running = binding.to_model[np.array(session, np.int32)]
    foretold = _from_model(model.sessions.query(running, MOST), binding)
    history = _distinct([*reversed(query.session), *query.recents, *query.bought])[: 3 * ANCHORS]
    longer = _related(model.relations["viewed"], history, binding)
    found = _blend([(SESSION_SHARE, foretold), (1.0 - SESSION_SHARE, longer)])
    if not len(found):
        found = _blend([(1.0, _alike_to(model, catalog, query, list(reversed(session))[:3], binding))])
    return _shown(found, catalog, query)


def similar(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """Products like the one in focus: alike in words and attributes, and seen by the same people."""
    binding = model.binding(catalog)
    anchors = _anchors(query)[:3]
    content = _alike_to(model, catalog, query, anchors, binding)
    seen = _related(model.relations["viewed"], anchors, binding)
    # Only what content finds alike can be similar: co-views tell which of it people compare.
    seen = _kept(seen, np.isin(seen.items, content.items))
    found = _blend([(1.0 - CO_VIEW_SHARE, content), (CO_VIEW_SHARE, seen)])
    return _shown(found, catalog, query, anchors)


def _kept(found: Candidates, keep: np.ndarray) -> Candidates:
    return Candidates(found.items[keep], found.scores[keep], found.because[keep])


def _alike_to(
    model: Model, catalog: CatalogView, query: Query, anchors: Sequence[int], binding: Binding
) -> Candidates:
    """Return content-similar products: from the model, or for one newer than it from the catalog's
    columns."""
    market = query.market if query.market in catalog.markets else next(iter(catalog.markets), "")
    parts = []
    for step, product in enumerate(anchors):
        weight = float(np.exp(-step / FADING))
        found = _related(model.relations["similar"], [product], binding)
        if not len(found):
            items, scores = alike(catalog, product, market, MOST)
            found = _from_catalog(items, scores, np.full(items.size, product))
        parts.append((weight, found))
    return _blend(parts)


def viewed_together(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """What people who look at these products look at in the same visit."""
    anchors = _anchors(query)
    found = _related(model.relations["viewed"], anchors, model.binding(catalog))
    return _shown(found, catalog, query, anchors)


def bought_together(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """What is bought in one basket with these products."""
    anchors = _anchors(query)
    found = _related(model.relations["bought"], anchors, model.binding(catalog))
    return _shown(found, catalog, query, anchors)


def complementary(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """What completes these products: of other categories, bought with them oftener than by chance.

    While baskets say nothing of a product, visits do.
    """
    binding = model.binding(catalog)
    anchors = _anchors(query)
    parts = [(1.0, _related(model.relations["completing"], anchors, binding))]
    parts.append((0.3, _related(model.relations["completing_views"], anchors, binding)))
    found = _blend(parts)
    categories = catalog.category[np.array(anchors, np.int32)]
    found = _kept(found, ~np.isin(catalog.category[found.items], categories))
    return _shown(found, catalog, query, anchors)


def recently_viewed(model: Model, catalog: CatalogView, query: Query) -> Candidates:  # noqa: ARG001
    """What the person looked at last, newest first, without what the page is about."""
    seen = _distinct([*reversed(query.session), *query.recents])
    items = np.array(seen, np.int32)
    found = _from_catalog(items, 1.0 / (1.0 + np.arange(items.size)), items)
    return _shown(found, catalog, query, _distinct(query.products))


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
