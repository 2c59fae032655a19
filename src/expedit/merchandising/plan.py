"""The rules of one moment, put together so that two hundred of them cost what a few do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import DAY, Struct
from expedit.merchandising.company import EVERYTHING, Cap, Company, Mark, Pair, marks
from expedit.merchandising.model import (
    Boost,
    BrandConflict,
    Bury,
    Diversity,
    Exclude,
    Include,
    NeverWith,
    NewFirst,
    Only,
    Pin,
    PriceBand,
    Rule,
)
from expedit.merchandising.numbering import Numbered
from expedit.merchandising.offering import Offered, Offering
from expedit.merchandising.predicates import (
    Bits,
    Fitting,
    Indices,
    Settled,
    bit,
    has_bit,
)

_WHOLE = 1_000
"""Shares of a price are taken per mille, so that money stays whole."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Ruled(Struct, frozen=True):
    """What rules make of candidates.

    Parameters
    ----------
    keep
        Which candidates are left, bool[k].
    added
        What is added to their scores, float64[k]; of what is gone it does not matter.
    order
        Rows of the kept candidates in their new order, int64[m].
    """

    keep: Bools
    added: Floats
    order: NDArray[np.int64]


class Trace(Struct, frozen=True):
    """What single rules did to candidates, worked out only for those who ask why.

    Parameters
    ----------
    removed
        Row → id of the first rule that removed it.
    added
        Rule id → what it added to each row, float64[k].
    """

    removed: dict[int, str]
    added: dict[str, Floats]


class Moment(Struct, frozen=True):
    """What product rules look at besides the candidates; products are catalog indices.

    Parameters
    ----------
    market
        Where.
    at
        Microseconds.
    subjects, cart
        What the page is about; what is in the cart.
    """

    market: str
    at: int
    subjects: tuple[int, ...] = ()
    cart: tuple[int, ...] = ()


class Around(NamedTuple):
    """What rules forbid because of what the page is about and what is in the cart, worked out once for a
    decision.

    Parameters
    ----------
    away
        Of rules on company which side of which is kept away: its place in a product's mark, and the bit.
    brands
        Names of brands.
    lowest, highest
        What may be paid at least and at most, in minor units; −1 for no bound.
    """

    away: tuple[tuple[int, int], ...] = ()
    brands: frozenset[str] = frozenset()
    lowest: int = -1
    highest: int = -1


class Plan:
    """Rules that are in force together, in the order of their priority."""

    def __init__(self, rules: Sequence[Rule], numbered: Numbered) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: (rule.priority, rule.id)))
        self._numbered = numbered
        predicates = numbered.predicates
        self._excluding = self._found(Exclude)
        self._only = self._found(Only)
        self._pairs = [
            Pair(rule.id, numbered.of(rule.action.which), numbered.of(rule.action.beside))
            for rule in self.rules
            if isinstance(rule.action, NeverWith)
        ]
        self._conflicts = [
            (rule.id, rule.action) for rule in self.rules if isinstance(rule.action, BrandConflict)
        ]
        self._bands = [(rule.id, rule.action) for rule in self.rules if isinstance(rule.action, PriceBand)]
        lows = [round(band.low * _WHOLE) for _, band in self._bands if band.low > 0]
        highs = [round(band.high * _WHOLE) for _, band in self._bands if band.high > 0]
        self._lowest, self._highest = max(lows, default=0), min(highs, default=-1)
        self._newest = [rule.action for rule in self.rules if isinstance(rule.action, NewFirst)]
        self._caps = [
            Cap(rule.id, few, numbered.of(few.which) if few.which else EVERYTHING)
            for rule in self.rules
            if isinstance(few := rule.action, Diversity)
        ]
        self._exclude_mask = predicates.mask([place for _, place in self._excluding])
        self._only_mask = predicates.mask([place for _, place in self._only])
        self._moved = [
            (
                rule.id,
                numbered.of(rule.action.which),
                rule.action.by if isinstance(rule.action, Boost) else -rule.action.by,
            )
            for rule in self.rules
            if isinstance(rule.action, Boost | Bury)
        ]
        self._weights = np.zeros(predicates.words * 64, np.float32)
        for _, place, by in self._moved:
            self._weights[place] += by
        self.pins = [(rule.id, rule.action) for rule in self.rules if isinstance(rule.action, Pin)]
        self.includes = [
            (rule.id, numbered.of(rule.action.which), rule.action)
            for rule in self.rules
            if isinstance(rule.action, Include)
        ]

    def _found(self, kind: type[Exclude | Only]) -> list[tuple[str, int]]:
        return [
            (rule.id, self._numbered.of(rule.action.which))
            for rule in self.rules
            if isinstance(rule.action, kind)
        ]

    def offering(
        self,
        snapshot: CatalogSnapshot,
        fitting: Fitting,
        moment: Moment,
        channel: str,
        passing: Callable[[Indices], Bools],
        *,
        one_per_group: bool = False,
    ) -> Offering:
        """Return what rules pin and put in.

        Parameters
        ----------
        channel
            Where it has to be sellable.
        passing
            Tells which products may be shown in this very answer: of those the newest are put in.
        one_per_group
            Whether only one of a group is shown.
        """
        known = self._kept(fitting)
        offered = known.offered.get(channel)
        if offered is None:
            offered = known.offered[channel] = self._offered(snapshot, fitting, moment, channel)
        actions = [action for _, _, action in self.includes]
        return Offering(offered, actions, passing, snapshot.group if one_per_group else None)

    def _offered(self, snapshot: CatalogSnapshot, fitting: Fitting, moment: Moment, channel: str) -> Offered:
        def stays(items: Indices) -> Bools:
            """Tell what can be sold and no rule forbids, whatever the page: the same for a whole hour."""
            sold = snapshot.sellable(items, moment.market, channel, moment.at)
            return sold & ~self._cut(fitting.of(items, moment.at))

        found = {name: snapshot.find(name) for _, pin in self.pins for name in pin.products}
        named = {name: item for name, item in found.items() if item is not None}
        key = channel, self._exclude_mask.tobytes(), self._only_mask.tobytes()
        chosen = [fitting.chosen(place, moment.at, key, stays) for _, place, _ in self.includes]
        if chosen:
            ahead = [
                one.ahead(2 * action.most) for one, (_, _, action) in zip(chosen, self.includes, strict=True)
            ]
            fitting.of(np.concatenate(ahead), moment.at)  # all at once, for each of them
        heads = [
            one.first(2 * action.most) for one, (_, _, action) in zip(chosen, self.includes, strict=True)
        ]
        together = np.concatenate([np.array(list(named.values()), np.int32), *heads])
        return Offered(named, chosen, heads, together)

    def apply(
        self,
        items: Indices,
        scores: Floats,
        snapshot: CatalogSnapshot,
        fitting: Fitting,
        moment: Moment,
        *,
        spread: bool = False,
        around: Around | None = None,
    ) -> Ruled:
        """Apply the rules to candidates, best first.

        Parameters
        ----------
        items, scores
            Catalog indices, int32[k], and scores, float64[k], as shares of the step's best.
        spread
            Whether `Diversity` puts the first so many of each value before the next ones, as in a listing,
            where all are to be found further down; else that is left to `company`.
        around
            What `around` gave for this moment.
        """
        around = around or self.around(snapshot, fitting, moment)
        known, single = self._settled(items, snapshot, fitting, moment.at)
        added = single.astype(np.float64)
        keep = ~self._gone(known, single, items, snapshot, fitting, moment, around)
        rows = np.flatnonzero(keep)
        if self._moved:
            rows = rows[np.argsort(-(scores + added)[rows], kind="stable")]
        for newest in self._newest:
            since = moment.at - newest.days * DAY
            new = snapshot.created[items[rows]] >= since
            if not new.all():
                rows = np.concatenate([rows[new], rows[~new]])
        for cap in self._caps if spread else ():
            left = items[rows]
            rows = _spread(cap, rows, cap.values(left, fitting.of(left, moment.at), snapshot))
        return Ruled(keep, added, rows)

    def allowed(
        self,
        items: Indices,
        snapshot: CatalogSnapshot,
        fitting: Fitting,
        moment: Moment,
        around: Around | None = None,
    ) -> Bools:
        """Tell which products no rule forbids, whatever else stands beside them in the answer."""
        around = around or self.around(snapshot, fitting, moment)
        known, added = self._settled(items, snapshot, fitting, moment.at)
        return ~self._gone(known, added, items, snapshot, fitting, moment, around)

    def around(self, snapshot: CatalogSnapshot, fitting: Fitting, moment: Moment) -> Around:
        """Return what rules forbid because of what the page is about and what is in the cart."""
        brands: frozenset[str] = frozenset()
        for _, conflict in self._conflicts if moment.subjects else ():
            brands |= _barred(conflict, snapshot, moment)
        return Around(self._away(fitting, moment), brands, *self._prices(fitting, moment))

    def _away(self, fitting: Fitting, moment: Moment) -> tuple[tuple[int, int], ...]:
        """Return the sides of pairs whose other side something of the page or the cart fits."""
        away: dict[tuple[int, int], None] = {}
        for item in (*moment.subjects, *moment.cart) if self._pairs else ():
            row = fitting.row(item, moment.at)
            for at, pair in enumerate(self._pairs, len(self._caps)):
                if has_bit(row, pair.one):
                    away[at, 2] = None
                if has_bit(row, pair.two):
                    away[at, 1] = None
        return tuple(away)

    def _prices(self, fitting: Fitting, moment: Moment) -> tuple[int, int]:
        """Return between which prices products must lie, as `Around` has them."""
        if not self._bands or not moment.subjects:
            return -1, -1
        price = fitting.price(moment.subjects[0], moment.at)
        if price < 0:
            return -1, -1
        highest = -1 if self._highest < 0 else self._highest * price // _WHOLE
        return -(-self._lowest * price // _WHOLE), highest

    def company(self, snapshot: CatalogSnapshot, fitting: Fitting, moment: Moment) -> Company | None:
        """Return an empty answer that knows what may stand in it together; None when everything may."""
        if not self._caps and not self._pairs:
            return None

        def marks(items: Indices) -> list[Mark]:
            known, _ = self._settled(items, snapshot, fitting, moment.at)
            found: list[Mark] = known.marks[items].tolist()
            return found

        return Company(self._caps, self._pairs, marks)

    def _kept(self, fitting: Fitting) -> Settled:
        return fitting.settled(self, len(self._caps) + len(self._pairs))

    def _settled(
        self, items: Indices, snapshot: CatalogSnapshot, fitting: Fitting, at: int
    ) -> tuple[Settled, NDArray[np.float32]]:
        """Return what is kept of single products, which then knows each of `items`, and what is added to
        their scores, infinite where one is cut whatever the page is about."""
        known = self._kept(fitting)
        added = known.added[items]
        unasked = np.isnan(added)
        if unasked.any():
            missing = np.unique(items[unasked])
            bits = fitting.of(missing, at)
            known.marks[missing] = marks(self._caps, self._pairs, missing, bits, snapshot)
            # Others take for known what has a number here: it comes last.
            known.added[missing] = np.where(self._cut(bits), np.inf, self._lift(bits))
            added = known.added[items]
        return known, added

    def _gone(
        self,
        known: Settled,
        added: NDArray[np.float32],
        items: Indices,
        snapshot: CatalogSnapshot,
        fitting: Fitting,
        moment: Moment,
        around: Around,
    ) -> Bools:
        """Tell what is cut or kept away by the page or the cart; the first two as `_settled` gives them."""
        gone: Bools = np.isinf(added)
        for at, side in around.away:
            gone |= (known.marks[:, at][items] & side) != 0
        if around.brands:
            gone |= _of_brands(around.brands, items, snapshot)
        if around.lowest > 0 or around.highest >= 0:
            prices = fitting.prices(items, moment.at)
            gone |= prices < around.lowest
            if around.highest >= 0:
                gone |= prices > around.highest
        return gone

    def _lift(self, bits: Bits) -> NDArray[np.float32]:
        """Return what boosts and buries add together, float32[k]."""
        if not self._moved:
            return np.zeros(len(bits), np.float32)
        single = np.unpackbits(bits.astype("<u8", copy=False).view(np.uint8), axis=1, bitorder="little")
        lift: NDArray[np.float32] = single.astype(np.float32) @ self._weights
        return lift

    def _cut(self, bits: NDArray[np.uint64]) -> Bools:
        """Tell what is taken away whatever the page is about."""
        gone: Bools = np.asarray((bits & self._exclude_mask).any(axis=1))
        if self._only:
            gone |= ((bits & self._only_mask) != self._only_mask).any(axis=1)
        return gone

    def trace(self, items: Indices, snapshot: CatalogSnapshot, fitting: Fitting, moment: Moment) -> Trace:
        """Tell which rule did what: the same work, rule by rule."""
        bits = fitting.of(items, moment.at)
        removed: dict[int, str] = {}

        def note(name: str, gone: Bools) -> None:
            for row in np.flatnonzero(gone).tolist():
                removed.setdefault(row, name)

        def has(place: int) -> Bools:
            return bit(bits, place)

        for name, place in self._excluding:
            note(name, has(place))
        for name, conflict in self._conflicts:
            note(name, _conflicting(conflict, items, snapshot, moment))
        for pair in self._pairs:
            note(pair.rule, _beside(pair, bits, fitting, moment))
        for name, place in self._only:
            note(name, ~has(place))
        for name, band in self._bands:
            note(name, _outside(band, items, snapshot, moment))
        added = {name: by * has(place).astype(np.float64) for name, place, by in self._moved}
        return Trace(removed, added)


def _beside(pair: Pair, bits: NDArray[np.uint64], fitting: Fitting, moment: Moment) -> Bools:
    """Tell which candidates fit one of two conditions where something of the page fits the other."""
    gone = np.zeros(len(bits), np.bool_)
    others = np.array([*moment.subjects, *moment.cart], np.int32)
    if others.size:
        there = fitting.of(others, moment.at)
        for mine, theirs in ((pair.one, pair.two), (pair.two, pair.one)):
            if bit(there, theirs).any():
                gone |= bit(bits, mine)
    return gone


def _conflicting(action: BrandConflict, items: Indices, snapshot: CatalogSnapshot, moment: Moment) -> Bools:
    barred = _barred(action, snapshot, moment)
    return _of_brands(barred, items, snapshot) if barred else np.zeros(items.size, np.bool_)


def _barred(action: BrandConflict, snapshot: CatalogSnapshot, moment: Moment) -> frozenset[str]:
    """Return the brands that stay away from what the page is about."""
    about = {snapshot.brands[code] for code in snapshot.brand[list(moment.subjects)].tolist()}
    barred: set[str] = set()
    for mine, theirs in ((action.brands, action.against), (action.against, action.brands)):
        if about.intersection(mine):
            barred.update(theirs)
    return frozenset(barred - about)


def _of_brands(names: frozenset[str], items: Indices, snapshot: CatalogSnapshot) -> Bools:
    brands = snapshot.brand[items]
    present = set(brands.tolist())  # a shop may have thousands
    return np.isin(brands, [code for code in present if snapshot.brands[code] in names])


def _outside(action: PriceBand, items: Indices, snapshot: CatalogSnapshot, moment: Moment) -> Bools:
    gone = np.zeros(items.size, np.bool_)
    if not moment.subjects:
        return gone
    both = np.concatenate((np.array(moment.subjects[:1], items.dtype), items))
    prices, _, _ = snapshot.selling(both, moment.market, moment.at)
    subject, price = prices[0], prices[1:]
    if subject < 0:
        return gone
    if action.low > 0:
        gone |= price * _WHOLE < round(action.low * _WHOLE) * subject
    if action.high > 0:
        gone |= price * _WHOLE > round(action.high * _WHOLE) * subject
    return gone


def _spread(cap: Cap, rows: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put of each value the first rows before the next ones; what is not counted stays with the first."""
    by_value = np.argsort(values, kind="stable")
    ordered = values[by_value]
    nth = np.arange(rows.size)
    begins = nth.copy()
    begins[1:][ordered[1:] == ordered[:-1]] = 0
    place = np.empty(rows.size, np.int64)  # of each row among those of its value
    place[by_value] = nth - np.maximum.accumulate(begins)
    place[values < 0] = 0
    return rows[np.argsort(place // cap.few.most, kind="stable")]
