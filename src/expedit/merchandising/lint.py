"""Rule lint: what a merchandiser should hear before a rule goes live. Pure; it warns and forbids nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import Struct, always_false, compile_mask, fields_of, never_both, read_condition
from expedit.merchandising.book import RuleBook, runs
from expedit.merchandising.columns import CatalogNames, ProductColumns
from expedit.merchandising.model import Boost, BrandConflict, Bury, Exclude, Include, Only, Pin, Rule
from expedit.merchandising.numbering import conditions_in
from expedit.merchandising.reading import when_of
from expedit.merchandising.vocabulary import PRODUCT

Complaint = Literal[
    "over", "never_holds", "fits_nothing", "fits_everything", "unknown_product", "unknown_brand",
    "unknown_placement", "unknown_channel", "unknown_market", "same_pin", "pin_excluded", "boost_and_bury",
    "boost_excluded", "empties", "empties_page", "leaves_few", "shuts_category",
]  # fmt: skip
"""What may be wrong: over (its time has passed), never_holds (its condition contradicts itself),
fits_nothing, fits_everything, unknown_… (names nothing in the shop), same_pin (two rules pin to one
position), pin_excluded, boost_and_bury, boost_excluded (another rule undoes it), empties and leaves_few (what
is left of the catalog with all rules), empties_page (what is left on the pages of products), shuts_category
(pages of categories that would stand empty)."""

_UNKNOWN: dict[str, Complaint] = {
    "placements": "unknown_placement", "channels": "unknown_channel", "markets": "unknown_market",
}  # fmt: skip

LISTING = "list"
"""Stands for category listings among the placements of a rule."""

Bits = NDArray[np.uint8]

_FEW = 12
_MOST_MOMENTS = 20
_MOST_NAMED = 3


class Finding(Struct, frozen=True):
    """One thing that lint found.

    Parameters
    ----------
    rule
        Id of the rule.
    complaint
        What is wrong.
    other
        Id of the other rule, where two are at odds.
    field
        Where in the rule, as ``action.which``.
    detail
        A name or a number for the sentence.
    serious
        Whether shoppers would notice: a spot would stand empty, or the rule does nothing at all.
    """

    rule: str
    complaint: Complaint
    other: str = ""
    field: str = ""
    detail: str = ""
    serious: bool = False


def lint_rules(
    rules: Sequence[Rule],
    snapshot: CatalogSnapshot,
    market: str,
    at: int,
    placements: Collection[str] = (),
) -> list[Finding]:
    """Look through rules that are, or would be, in force together, now and when those that wait begin.

    Parameters
    ----------
    market
        In whose offers the product conditions are asked.
    placements
        The shop's placements.
    """
    book = RuleBook(rules)
    found: list[Finding] = []
    now = _Goods(book, snapshot, market, at)
    for rule in book.rules:
        found += _alone(rule, now)
    for place, rule in enumerate(book.rules):
        for other in book.rules[place + 1 :]:
            if _together(rule, other):
                found += _at_odds(rule, other, now)
    begins = sorted({rule.starts for rule in rules if rule.starts is not None and rule.starts > at})
    short: dict[str, Finding] = {}  # of each rule the worst
    for moment in (at, *begins[:_MOST_MOMENTS]):
        goods = now if moment == at else _Goods(book, snapshot, market, moment)
        for one in _what_is_left(goods, placements):
            if one.rule not in short or (one.serious and not short[one.rule].serious):
                short[one.rule] = one
    found += short.values()
    return [*found, *_shut_categories(now)] if LISTING in placements else found


def lint_places(rules: Sequence[Rule], known: Mapping[str, Collection[str]]) -> list[Finding]:
    """Tell which of the places where rules hold are none of the shop's; serious where no other is left.

    Parameters
    ----------
    known
        What the shop has, of each of ``placements``, ``channels`` and ``markets``.
    """
    return [
        Finding(rule.id, _UNKNOWN[field], "", field, name, serious=not set(getattr(rule, field)) & {*names})
        for rule in rules
        for field, names in known.items()
        for name in getattr(rule, field)
        if name not in names
    ]


class _Goods:
    """The catalog as the rules see it at one moment in one market.

    Attributes
    ----------
    sold
        Indices of what can be sold, int32[n].
    """

    def __init__(self, book: RuleBook, snapshot: CatalogSnapshot, market: str, at: int) -> None:
        self.book, self.snapshot, self.market, self.at = book, snapshot, market, at
        everything = np.arange(len(snapshot))
        self.sold = np.flatnonzero(snapshot.sellable(everything, market, "web", at)).astype(np.int32)
        self._offered = np.flatnonzero(snapshot.active & (snapshot.price_minor(market) >= 0)).astype(np.int32)
        self._columns = ProductColumns(snapshot, CatalogNames(snapshot), self._offered, market, at)
        self._bits: dict[str, Bits] = {}

    def bits(self, raw: Mapping[str, Any]) -> Bits:
        """Tell which products fit a condition of the rules, in stock or not: a bit for each."""
        condition = read_condition(raw, PRODUCT)
        if condition.text not in self._bits:
            fits = np.zeros(len(self.snapshot), np.bool_)
            fits[self._offered] = compile_mask(condition)(self._columns, self.at)
            self._bits[condition.text] = np.packbits(fits)
        return self._bits[condition.text]

    def fits(self, raw: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Tell the same of each of `sold`."""
        return np.unpackbits(self.bits(raw))[self.sold].astype(np.bool_)


def _alone(rule: Rule, goods: _Goods) -> list[Finding]:
    found = []
    if rule.ends is not None and rule.ends <= goods.at:
        found.append(Finding(rule.id, "over", field="ends", serious=True))
    if always_false(when_of(rule)):
        found.append(Finding(rule.id, "never_holds", field="when", serious=True))
    for name, raw in conditions_in(rule.action):
        where = f"action.{name}"
        if not goods.bits(raw).any():
            serious = isinstance(rule.action, Only) or always_false(read_condition(raw, PRODUCT))
            found.append(Finding(rule.id, "fits_nothing", field=where, serious=serious))
        elif isinstance(rule.action, Exclude | Boost | Bury) and goods.sold.size and goods.fits(raw).all():
            found.append(Finding(rule.id, "fits_everything", field=where))
    if isinstance(rule.action, Pin):
        found += [
            Finding(rule.id, "unknown_product", field=f"action.products[{place}]", detail=name)
            for place, name in enumerate(rule.action.products)
            if goods.snapshot.find(name) is None
        ]
    if isinstance(rule.action, BrandConflict):
        known = set(goods.snapshot.brands)
        for name in ("brands", "against"):
            found += [
                Finding(rule.id, "unknown_brand", field=f"action.{name}", detail=brand)
                for brand in getattr(rule.action, name)
                if brand not in known
            ]
    return found


def _together(one: Rule, two: Rule) -> bool:
    """Tell whether two rules can hold in one moment, as far as that can be ruled out."""
    for name in ("placements", "channels", "markets"):
        mine, theirs = set(getattr(one, name)), set(getattr(two, name))
        if mine and theirs and not mine & theirs:
            return False
    if one.ends is not None and two.starts is not None and one.ends <= two.starts:
        return False
    if two.ends is not None and one.starts is not None and two.ends <= one.starts:
        return False
    return not never_both(when_of(one), when_of(two))


def _at_odds(one: Rule, two: Rule, goods: _Goods) -> list[Finding]:
    """Tell what two rules that can hold together do to each other; the first stands above the second."""
    match one.action, two.action:
        case Pin(mine, first), Pin(theirs, second):
            taken = set(range(first, first + len(mine))) & set(range(second, second + len(theirs)))
            return [Finding(two.id, "same_pin", one.id, "action.position", str(min(taken)))] if taken else []
        case (Boost(mine), Bury(theirs)) | (Bury(mine), Boost(theirs)):
            # Who lifts a category and lowers a brand of it means both; who moves the same both ways does not.
            if goods.bits(mine).any() and np.array_equal(goods.bits(mine), goods.bits(theirs)):
                return [Finding(two.id, "boost_and_bury", one.id, "action.which")]
    return [*_undone(one, two, goods), *_undone(two, one, goods)]


def _undone(cut: Rule, other: Rule, goods: _Goods) -> Iterator[Finding]:
    """Tell what one rule never shows of what another moves, puts in or pins."""
    match cut.action:
        case Exclude(which):
            kept = ~goods.bits(which)
        case Only(which):
            kept = goods.bits(which)
        case _:
            return
    match other.action:
        case Boost(which) | Bury(which) | Include(which):
            fits = goods.bits(which)
            if fits.any() and not (fits & kept).any():
                yield Finding(other.id, "boost_excluded", cut.id, "action.which")
        case Pin(products):
            shown = np.unpackbits(kept)
            items = {item for name in products if (item := goods.snapshot.find(name)) is not None}
            for item in sorted(items):
                if not shown[item]:
                    yield Finding(
                        other.id, "pin_excluded", cut.id, "action.products", goods.snapshot.ids[item]
                    )


def _what_is_left(goods: _Goods, placements: Collection[str]) -> Iterator[Finding]:
    """Tell where rules leave nothing, or next to nothing, of the catalog: those that always hold, and with
    them those that hold on one condition."""
    known: set[tuple[str, ...]] = set()
    for placement in placements or ("",):
        cutting = [
            (ask.text if ask else "", rule)
            for _, rule, ask in goods.book.scope(placement, "web", goods.market)
            if isinstance(rule.action, Exclude | Only) and runs(rule, goods.at)
        ]
        always = [rule for when, rule in cutting if not when]
        for when in dict.fromkeys(("", *(when for when, _ in cutting))):
            rules = [*always, *(rule for asked, rule in cutting if when and asked == when)]
            names = tuple(rule.id for rule in rules)
            if names not in known:
                known.add(names)
                yield from _cut_down(rules, goods, placement)


def _shut_categories(goods: _Goods) -> Iterator[Finding]:
    """Tell which rules leave the page of a category empty: those that always hold, or go by the category."""
    snapshot = goods.snapshot
    cutting = [
        (rule, ask, goods.fits(rule.action.which))
        for _, rule, ask in goods.book.scope(LISTING, "web", goods.market)
        if isinstance(rule.action, Exclude | Only)
        and runs(rule, goods.at)
        and fields_of(when_of(rule)) <= {"page.category"}
    ]
    if not cutting:
        return
    row = np.full(len(snapshot), -1, np.int64)  # of each product among what is sold
    row[goods.sold] = np.arange(goods.sold.size)
    filled = 0
    shut: dict[str, list[tuple[str, ...]]] = {}
    for path in sorted(filter(None, snapshot.category_paths), key=len):
        rows = row[snapshot.in_category(path)]
        left = rows[rows >= 0]
        filled += left.size > 0
        names = [" > ".join(path[: depth + 1]) for depth in range(len(path))]
        for rule, ask, fits in cutting:
            if left.size and (ask is None or ask.matches({"page": {"category": names}}, goods.at)):
                left = left[fits[left] == isinstance(rule.action, Only)]
                if not left.size:
                    shut.setdefault(rule.id, []).append(path)
    for name, paths in shut.items():
        tops = [path for path in paths if path[:-1] not in paths]
        if len(paths) < filled:  # a shop without anything is told otherwise
            more = f" (+{len(tops) - _MOST_NAMED})" if len(tops) > _MOST_NAMED else ""
            named = ", ".join(" > ".join(path) for path in tops[:_MOST_NAMED]) + more
            yield Finding(name, "shuts_category", "", "action.which", named)


def _cut_down(rules: Sequence[Rule], goods: _Goods, placement: str) -> Iterator[Finding]:
    """Tell which of the rules, one after the other, is the one that leaves too little."""
    left = np.ones(goods.sold.size, np.bool_)
    count = goods.sold.size
    for rule in rules:
        ((_, raw),) = conditions_in(rule.action)
        fits = goods.fits(raw)
        left &= ~fits if isinstance(rule.action, Exclude) else fits
        before, count = count, int(left.sum())
        if count < min(_FEW, goods.sold.size) and before > count:
            complaint: Complaint = "leaves_few" if count else "empties"
            detail = placement or str(count)
            yield Finding(rule.id, complaint, "", placement and "placements", detail, not count)
