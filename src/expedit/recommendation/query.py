"""The moment that asks, the candidates it gets, and the steps that strategies have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expedit.recommendation.arrays import Doubles, Floats, Ints
from expedit.recommendation.catalog_side import MOST, Binding, CatalogView
from expedit.recommendation.item_item import Related, add_up
from expedit.recommendation.model import Model
from expedit.recommendation.options import Value
from expedit.recommendation.session_model import Neighbors

ANCHORS = 10
"""Products of the moment that speak for others, the latest."""

FADING = 1.5
"""An anchor d places back speaks with exp(-d / 1.5)."""


class Act(NamedTuple):
    """Something that the person did with a product: which, what (the event's kind), and when."""

    item: int
    kind: str
    at: int


class Bought(NamedTuple):
    """A product that the person bought and kept: which, how many, and when."""

    item: int
    quantity: int
    at: int


@dataclass(frozen=True, slots=True)
class Query:
    """The moment that asks. Products are catalog indices, amounts minor units of the market's currency.

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
    now
        The moment, microseconds: prices are those in effect then.
    options
        The step's own options, see `OPTIONS`.
    acts, purchases
        What the person did lately, and bought and kept; both the newest first.
    since
        When the person's last visit began; 0 while it is unknown.
    cart_value
        What the cart is worth; -1 = reckon it from the prices of `cart`.
    scopes
        Scopes whose bestsellers are wanted, the narrowest first.
    liked
        Categories that the person looks at, as codes with weights 0 … 1, the strongest first.
    factors
        How much acts count whose weight the shop has set, against the usual 1.
    free_shipping, dearest_addon
        From which cart value on the market ships free, and the dearest add-on; 0 for none.
    """

    session: Sequence[int] = ()
    products: Sequence[int] = ()
    cart: Sequence[int] = ()
    bought: Sequence[int] = ()
    recents: Sequence[int] = ()
    category: str = ""
    market: str = ""
    limit: int = MOST
    now: int = 0
    options: Mapping[str, Value] = field(default_factory=dict)
    acts: Sequence[Act] = ()
    purchases: Sequence[Bought] = ()
    since: int = 0
    cart_value: int = -1
    scopes: Sequence[str] = ()
    liked: Sequence[tuple[int, float]] = ()
    factors: Mapping[str, float] = field(default_factory=dict)
    free_shipping: int = 0
    dearest_addon: int = 0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Products of the catalog, best first.

    Attributes
    ----------
    items, scores, because
        int32, float32 and int32 of one length: catalog index, score (0 where there is no evidence, only the
        catalog's order), and the catalog index of the product it is there for, -1 for none.
    notes
        What else is to be said of some products, by catalog index: a word that goes on the reason's code.
    """

    items: Ints
    scores: Floats
    because: Ints
    notes: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.items.size)


Strategy = Callable[[Model, CatalogView, Query], Candidates]

NOTHING = Candidates(np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.int32))


def of_catalog(
    items: NDArray[np.integer], scores: Doubles | Floats, because: NDArray[np.integer] | None = None
) -> Candidates:
    """Return products of the catalog, given best first."""
    reasons = np.full(items.size, -1, np.int32) if because is None else because.astype(np.int32)
    return Candidates(items.astype(np.int32), scores.astype(np.float32), reasons)


def of_model(found: Neighbors, binding: Binding) -> Candidates:
    """Translate model items into products; those that the catalog does not have are left out."""
    items = binding.to_catalog[found.items]
    known = items >= 0
    reasons = np.where(found.because >= 0, binding.to_catalog[found.because], -1).astype(np.int32)
    return Candidates(items[known], found.scores[known], reasons[known])


def kept(found: Candidates, keep: NDArray[np.bool_]) -> Candidates:
    """Return the candidates at which `keep` holds, in their order."""
    return Candidates(found.items[keep], found.scores[keep], found.because[keep], found.notes)


def best_of(found: Candidates, scores: Doubles) -> Candidates:
    """Return the candidates by other scores, best first, the lower index first among equals."""
    order = np.lexsort((found.items, -scores))
    return Candidates(found.items[order], scores[order].astype(np.float32), found.because[order], found.notes)


def joined(found: Candidates, more: Candidates) -> Candidates:
    """Return two lists without a product in common as one, best first; scores are of one unit."""
    if not len(more):
        return found
    together = of_catalog(
        np.concatenate([found.items, more.items]),
        np.concatenate([found.scores, more.scores]),
        np.concatenate([found.because, more.because]),
    )
    return best_of(together, together.scores.astype(np.float64))


def shown(found: Candidates, catalog: CatalogView, query: Query, without: Sequence[int] = ()) -> Candidates:
    """Leave out retired products, those of other categories and those named, then cut."""
    keep = catalog.active[found.items]
    for product in without:
        keep &= found.items != product
    if query.category and found.items.size:
        keep &= np.isin(found.items, catalog.in_category(query.category))
    rows = np.flatnonzero(keep)[: min(query.limit, MOST)]
    return Candidates(found.items[rows], found.scores[rows], found.because[rows], found.notes)


def blend(parts: Sequence[tuple[float, Candidates]]) -> Candidates:
    """Add up lists, each brought to a best score of 1 and weighed; the largest share gives the reason."""
    leading = [(weight, found) for weight, found in parts if len(found) and found.scores[0] > 0]
    return summed([(weight / found.scores[0], found) for weight, found in leading])


def summed(parts: Sequence[tuple[float, Candidates]]) -> Candidates:
    """Add up weighed lists; the largest share gives the reason."""
    if not parts:
        return NOTHING
    total = add_up(
        np.concatenate([found.items for _, found in parts]),
        np.concatenate([weight * found.scores.astype(np.float64) for weight, found in parts]),
        np.concatenate([found.because for _, found in parts]),
    )
    return Candidates(total.items, total.scores, total.because)


def distinct(products: Sequence[int]) -> list[int]:
    """Return the products, each once, in order."""
    return list(dict.fromkeys(product for product in products if product >= 0))


def anchors_of(query: Query) -> list[int]:
    """Return the products that speak for others: the page's, else the cart's, else the session's last."""
    chosen = query.products or tuple(reversed(query.cart)) or tuple(reversed(query.session)) or query.recents
    return distinct(chosen)[:ANCHORS]


def related(relation: Related, anchors: Sequence[int], binding: Binding) -> Candidates:
    """Add up what is related to the anchors, the first of which counts most."""
    places = [(int(binding.to_model[product]), step) for step, product in enumerate(anchors)]
    known = [(place, step) for place, step in places if place >= 0]
    items = np.array([place for place, _ in known], np.int32)
    weights = np.exp(-np.array([step for _, step in known], np.float64) / FADING)
    return of_model(relation.of_many(items, weights), binding)


def market_of(catalog: CatalogView, query: Query) -> str:
    """Return the market whose prices count: the query's, else the shop's first; empty without any."""
    return query.market if query.market in catalog.markets else next(iter(catalog.markets), "")


def per_mille(ratio: float) -> int:
    """Return a ratio as whole thousandths, so that amounts are only ever compared as integers."""
    return round(ratio * 1000)
