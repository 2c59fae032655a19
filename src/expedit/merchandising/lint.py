"""Rule lint: what a merchandiser should hear before a rule goes live. Pure; it warns and forbids nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import numpy as np

from expedit.catalog import CatalogSnapshot
from expedit.core import Struct, always_false, never_both, read_condition
from expedit.merchandising.book import RuleBook
from expedit.merchandising.model import Boost, BrandConflict, Bury, Exclude, Include, Only, Pin, Rule
from expedit.merchandising.plan import conditions_in
from expedit.merchandising.reading import when_of
from expedit.merchandising.vocabulary import PRODUCT

Complaint = Literal[
    "over", "never_holds", "fits_nothing", "fits_everything", "unknown_product", "unknown_brand",
    "unknown_placement", "same_pin", "pin_excluded", "boost_and_bury", "boost_excluded", "empties",
    "leaves_few",
]  # fmt: skip
"""What may be wrong: over (its time has passed), never_holds (its condition contradicts itself),
fits_nothing, fits_everything, unknown_… (names nothing in the shop), same_pin (two rules pin to one
position), pin_excluded, boost_and_bury, boost_excluded (another rule undoes it), empties and leaves_few (what
is left of the catalog with all rules)."""

_FEW = 12


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
    """Look through rules that are, or would be, in force together.

    Parameters
    ----------
    market
        In whose offers the product conditions are asked.
    placements
        The shop's placements; empty does not look for unknown ones.
    """
    book = RuleBook(rules)
    found: list[Finding] = []
    sold = np.flatnonzero(snapshot.sellable(np.arange(len(snapshot)), market, "web", at)).astype(np.int32)
    for rule in book.rules:
        found += _alone(rule, book, snapshot, sold, market, at, placements)
    for place, rule in enumerate(book.rules):
        for other in book.rules[place + 1 :]:
            if _together(rule, other):
                found += _at_odds(rule, other, book, snapshot, market, at)
    found += _what_is_left(book, snapshot, sold, market, at, placements)
    return found


def _alone(
    rule: Rule,
    book: RuleBook,
    snapshot: CatalogSnapshot,
    sold: np.ndarray,
    market: str,
    at: int,
    placements: Collection[str],
) -> list[Finding]:
    found = []
    if rule.ends is not None and rule.ends <= at:
        found.append(Finding(rule.id, "over", field="ends", serious=True))
    if always_false(when_of(rule)):
        found.append(Finding(rule.id, "never_holds", field="when", serious=True))
    fitting = book.fitting(snapshot, market, at)
    for name, raw in conditions_in(rule.action):
        condition = read_condition(raw, PRODUCT)
        count = fitting.everywhere(book.number_of(condition), at).size
        where = f"action.{name}"
        if count == 0:
            serious = isinstance(rule.action, Only) or always_false(condition)
            found.append(Finding(rule.id, "fits_nothing", field=where, serious=serious))
        elif count >= sold.size and isinstance(rule.action, Exclude | Boost | Bury):
            found.append(Finding(rule.id, "fits_everything", field=where))
    if isinstance(rule.action, Pin):
        found += [
            Finding(rule.id, "unknown_product", field=f"action.products[{place}]", detail=name)
            for place, name in enumerate(rule.action.products)
            if snapshot.find(name) is None
        ]
    if isinstance(rule.action, BrandConflict):
        known = set(snapshot.brands)
        for name in ("brands", "against"):
            found += [
                Finding(rule.id, "unknown_brand", field=f"action.{name}", detail=brand)
                for brand in getattr(rule.action, name)
                if brand not in known
            ]
    if placements:
        found += [
            Finding(rule.id, "unknown_placement", field="placements", detail=name)
            for name in rule.placements
            if name not in placements
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


def _at_odds(
    one: Rule, two: Rule, book: RuleBook, snapshot: CatalogSnapshot, market: str, at: int
) -> list[Finding]:
    found = []
    match one.action, two.action:
        case Pin(mine, first), Pin(theirs, second):
            taken = set(range(first, first + len(mine))) & set(range(second, second + len(theirs)))
            if taken:
                found.append(Finding(two.id, "same_pin", one.id, "action.position", str(min(taken))))
        case (Boost(), Bury()) | (Bury(), Boost()):
            if _same_products(one, two):
                found.append(Finding(two.id, "boost_and_bury", one.id, "action.which"))
        case (Exclude(), Boost() | Include() | Bury()):
            if _same_products(one, two):
                found.append(Finding(two.id, "boost_excluded", one.id, "action.which"))
        case (Boost() | Include() | Bury(), Exclude()):
            if _same_products(one, two):
                found.append(Finding(one.id, "boost_excluded", two.id, "action.which"))
        case (Exclude() as cut, Pin(products)) | (Pin(products), Exclude() as cut):
            pin, other = (two, one) if isinstance(two.action, Pin) else (one, two)
            items = [item for name in products if (item := snapshot.find(name)) is not None]
            if items:
                place = book.number_of(read_condition(cut.which, PRODUCT))
                fits = book.fitting(snapshot, market, at).everywhere(place, at)
                found += [
                    Finding(pin.id, "pin_excluded", other.id, "action.products", snapshot.ids[item])
                    for item in sorted(set(items) & set(fits.tolist()))
                ]
        case _:
            pass
    return found


def _same_products(one: Rule, two: Rule) -> bool:
    texts = [
        {read_condition(raw, PRODUCT).text for _, raw in conditions_in(rule.action)} for rule in (one, two)
    ]
    return bool(texts[0] & texts[1])


def _what_is_left(
    book: RuleBook,
    snapshot: CatalogSnapshot,
    sold: np.ndarray,
    market: str,
    at: int,
    placements: Collection[str],
) -> list[Finding]:
    """Tell where the rules that always hold leave nothing, or next to nothing, of the catalog."""
    found = []
    names = list(placements) or [""]
    seen: set[str] = set()
    for placement in names:
        cutting = [
            rule
            for _, rule, ask in book.scope(placement, "web", market)
            if ask is None
            and isinstance(rule.action, Exclude | Only)
            and (rule.starts is None or rule.starts <= at)
            and (rule.ends is None or at < rule.ends)
        ]
        if not cutting or sold.size == 0:
            continue
        left = np.ones(sold.size, np.bool_)
        fitting = book.fitting(snapshot, market, at)
        for rule in cutting:
            ((_, raw),) = conditions_in(rule.action)
            fits = np.isin(sold, fitting.everywhere(book.number_of(read_condition(raw, PRODUCT)), at))
            before = int(left.sum())
            left &= ~fits if isinstance(rule.action, Exclude) else fits
            count = int(left.sum())
            if count < min(_FEW, sold.size) and before > count and rule.id not in seen:
                seen.add(rule.id)
                complaint: Complaint = "leaves_few" if count else "empties"
                found.append(
                    Finding(
                        rule.id, complaint, "", placement and "placements", placement or str(count), not count
                    )
                )
    return found
