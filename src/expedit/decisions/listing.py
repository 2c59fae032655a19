"""A category as a decision: balanced, ranked for the person, ruled. Pure; pages are `paging`'s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot, Promised
from expedit.core import DAY, Struct, evolve
from expedit.decisions.listing_rules import Joined, ListingRules, Pinned
from expedit.decisions.model import Bools, Floats, Indices, Tastes
from expedit.decisions.shelf import Shelf
from expedit.decisions.tastes import WEIGHTS, bonuses
from expedit.decisions.wares import UNCOUNTED
from expedit.merchandising import Balance

TASTES = tuple(WEIGHTS)
REASONS = ("listed", "new", "popular_in_category", *(f"listed_taste_{kind}" for kind in TASTES), "picked",
           "promised")  # fmt: skip
"""Reason codes of listed items; an order keeps their numbers."""

PICKED, PROMISED = REASONS.index("picked"), REASONS.index("promised")
PROMISE = "promise"
_PROMISE_WEIGHT = 2.0
"""What a product gets that is all that was promised: more than the best balance and every taste together."""
HOUSE_MEASURE = 50
"""A balance's `personal` that adds what tastes weigh elsewhere."""

_NEW_DAYS = 30
_LEADING = 0.2
_UNKNOWN = 0.5
Rows = NDArray[np.int64]


class Ordered(Struct, frozen=True):
    """A listing in its order.

    Parameters
    ----------
    items
        Catalog indices, int32[k], one per item group.
    reasons
        Place in `REASONS` of each item's reason, int8[k].
    scores
        float32[k]; 0 where the shopper chose the order.
    parts
        What each score is made of, by code, float32[k]; only for those who ask why.
    pins
        What a rule put where it stands.
    """

    items: Indices
    reasons: NDArray[np.int8]
    scores: NDArray[np.float32]
    parts: dict[str, NDArray[np.float32]] = {}
    pins: tuple[Pinned, ...] = ()

    def keeping(self, keep: Bools) -> Ordered:
        """Return it without some of its items."""
        return Ordered(
            self.items[keep],
            self.reasons[keep],
            self.scores[keep],
            {code: values[keep] for code, values in self.parts.items()},
            self.pins,
        )


class Chosen(Struct, frozen=True):
    """What a landing page chooses beforehand.

    Parameters
    ----------
    items
        Catalog indices that it shows, int32[k].
    pins
        Those that stand first, in their order.
    promised
        What the visitor came for; None when that is not known.
    """

    items: Indices
    pins: tuple[int, ...] = ()
    promised: Promised | None = None


class Scored(Struct, frozen=True):
    """The products that pass, with all that their order follows from.

    Parameters
    ----------
    items, created
        Catalog indices, int32[k], and when they came, int64[k].
    popularity
        Share of the shelf that each is more popular than.
    parts
        What makes the scores, by code, float64[k].
    """

    items: Indices
    created: NDArray[np.int64]
    popularity: Floats
    parts: dict[str, Floats]

    @property
    def scores(self) -> Floats:
        """Sum of the parts."""
        return np.sum(list(self.parts.values()), axis=0) if self.parts else np.zeros(self.items.size)


def put_in_order(
    snapshot: CatalogSnapshot,
    shelf: Shelf,
    sort: str,
    scored: Scored,
    joined: Joined,
    rules: ListingRules | None,
    at: int,
    explain: bool = False,
    first: Sequence[int] = (),
) -> Ordered:
    """Return the products that pass, one per item group, in the order of `sort`; equals stand newest first.

    What is `first` stands there whatever the order, in the places that rules leave.

    ``recommended`` follows the scores, then the rules; any other order is the shopper's, and nothing but
    what rules take away or put in touches it.
    """
    items, scores, parts = scored.items, scored.scores, scored.parts
    if sort == "newest":
        order = np.lexsort((items, -scored.created))
    elif sort != "recommended":
        price = shelf.price[np.flatnonzero(shelf.passing())]
        order = np.lexsort((items, -scored.created, price if sort == "price_asc" else -price))
    else:
        scores = _lifted(items, scores, joined)
        order = np.lexsort((items, -scored.created, -scores))
        if rules is not None and items.size:
            ruled = rules.arranged(items[order], scores[order])
            scores = scores.copy()
            scores[order] += ruled.added
            order = order[ruled.order]
            if explain:
                parts = parts | {f"rule:{rule}": values for rule, values in rules.added(items).items()}
    reasons = _reasons(scored, at)
    reasons[np.isin(items, list(joined.levels))] = PICKED
    order = order[_first_of_each(snapshot.group[items[order]])]
    pins = _pins(snapshot, items, rules if sort == "recommended" else None, first)
    if pins:
        row_of = {item: row for row, item in enumerate(items.tolist())}
        places = [(pin.place, row_of[pin.item]) for pin in pins]
        reasons[[row for _, row in places]] = PICKED
        order = _with_pins(order, places, snapshot.group[items])
    told = scores if sort == "recommended" else np.zeros(items.size)
    return Ordered(
        items[order].astype(np.int32),
        reasons[order],
        told[order].astype(np.float32),
        {code: values[order].astype(np.float32) for code, values in parts.items()} if explain else {},
        pins,
    )


def _pins(
    snapshot: CatalogSnapshot, items: Indices, rules: ListingRules | None, first: Sequence[int]
) -> tuple[Pinned, ...]:
    """Return what stands where: what rules pin, and in the places that those leave what is `first`."""
    there = np.zeros(len(snapshot), np.bool_)
    there[items] = True
    pins = rules.pins(there) if rules is not None else ()
    taken = {pin.place for pin in pins}
    groups = {int(snapshot.group[pin.item]) for pin in pins}
    found = list(pins)
    place = 0
    for item in first:
        if there[item] and int(snapshot.group[item]) not in groups:
            while place in taken:
                place += 1
            groups.add(int(snapshot.group[item]))
            taken.add(place)
            found.append(Pinned(place, item, ""))
    return tuple(sorted(found, key=lambda pin: pin.place))


def with_promise(scored: Scored, promised: Promised) -> Scored:
    """Return the scores with what lifts the products that the visitor came for."""
    kept = np.isin(promised.items, scored.items)
    values = np.zeros(scored.items.size)
    places = {item: row for row, item in enumerate(scored.items.tolist())}
    values[[places[item] for item in promised.items[kept].tolist()]] = promised.grades[kept] * _PROMISE_WEIGHT
    return evolve(scored, parts=scored.parts | {PROMISE: values}) if kept.any() else scored


def score(
    snapshot: CatalogSnapshot,
    shelf: Shelf,
    balance: Balance,
    popularity: Floats,
    tastes: Tastes,
    market: str,
    at: int,
) -> Scored:
    """Return the products that pass with their scores.

    Each side of a product counts as the share of the shelf that it beats there, so that no side drowns
    another; what is unknown (a cost, pieces that nobody counts) stands in the middle. The sides are weighed
    by `balance`, the best of them is 1, and tastes add to that.

    Parameters
    ----------
    popularity
        Score of each product of the shelf, float[k], 0 for none.
    tastes
        Empty for those who may not be known.
    """
    rows = np.flatnonzero(shelf.passing())
    items = shelf.items[rows]
    beaten = _beaten(popularity)
    sides = {"popularity": beaten}
    if balance.margin:
        amount, known = snapshot.margin_minor(shelf.items, market, at)
        share = np.where(known & (shelf.price > 0), amount / np.maximum(shelf.price, 1), 0.0)
        sides["margin"] = _beaten(share, known)
    if balance.newness:
        sides["newness"] = _beaten(snapshot.created[shelf.items])
    if balance.stock:
        sides["stock"] = _beaten(shelf.wares.pieces, shelf.wares.pieces != UNCOUNTED)
    weights = {name: getattr(balance, name) for name in sides}
    whole = sum(weights.values())
    parts = {
        f"balance:{name}": values[rows] * (weights[name] / whole)
        for name, values in sides.items()
        if weights[name]
    }
    best = float(np.max(np.sum(list(parts.values()), axis=0), initial=0.0)) if parts else 0.0
    if best > 0:
        parts = {name: values / best for name, values in parts.items()}
    if tastes and balance.personal:
        more = bonuses(tastes, items, snapshot)
        if tastes.size:
            more["size"] = _sizes(tastes, shelf, rows) * WEIGHTS["size"]
        parts |= {
            kind: values * (balance.personal / HOUSE_MEASURE) for kind, values in more.items() if values.any()
        }
    return Scored(items, snapshot.created[items], beaten[rows], parts)


def _beaten(values: NDArray[Any], known: Bools | None = None) -> Floats:
    """Return of each value which share of the others is below it; the unknown stand in the middle."""
    result = np.full(values.size, _UNKNOWN)
    told = values if known is None else values[known]
    if told.size:
        ranked = np.searchsorted(np.sort(told), told, side="left") / max(told.size - 1, 1)
        if known is None:
            result = ranked
        else:
            result[known] = ranked
    return result


def _sizes(tastes: Tastes, shelf: Shelf, rows: Rows) -> Floats:
    weights = np.array([tastes.size.get(name, 0.0) for name in shelf.wares.size_names])
    weights[0] = 0.0
    best: Floats = weights[shelf.wares.sizes[rows]].max(axis=1, initial=0.0)
    return best


def _lifted(items: Indices, scores: Floats, joined: Joined) -> Floats:
    """Return the scores with what rules put in at its level."""
    if not joined.levels:
        return scores
    lifted = scores.copy()
    for row, item in enumerate(items.tolist()):
        if item in joined.levels:
            lifted[row] = max(lifted[row], joined.levels[item])
    return lifted


def _reasons(scored: Scored, at: int) -> NDArray[np.int8]:
    reasons = np.zeros(scored.items.size, np.int8)
    reasons[scored.created > at - _NEW_DAYS * DAY] = 1
    reasons[_leading(scored.popularity)] = 2
    liked = {kind: scored.parts[kind] for kind in TASTES if kind in scored.parts}
    if liked:
        parts = np.stack(list(liked.values()))
        names = np.array([REASONS.index(f"listed_taste_{kind}") for kind in liked], np.int8)
        some = parts.max(axis=0) > 0
        reasons[some] = names[parts.argmax(axis=0)[some]]
    if PROMISE in scored.parts:
        reasons[scored.parts[PROMISE] > 0] = PROMISED
    return reasons


def _leading(popularity: Floats) -> Bools:
    """Tell which products lead in popularity: the best fifth of those that have any."""
    some = popularity[popularity > 0]
    if some.size == 0:
        return np.zeros(popularity.size, np.bool_)
    result: Bools = popularity >= np.quantile(some, 1 - _LEADING)
    return result


def _with_pins(order: Rows, pins: list[tuple[int, int]], groups: NDArray[np.int32]) -> Rows:
    """Return the order with rows at their places, and no other color of what is pinned."""
    if not pins:
        return order
    rest = order[~np.isin(groups[order], groups[[row for _, row in pins]])].tolist()
    for place, row in sorted(pins):
        rest.insert(place, row)
    return np.array(rest, np.int64)


def _first_of_each(groups: NDArray[np.int32]) -> Rows:
    return np.sort(np.unique(groups, return_index=True)[1])
