"""What a listing would show with one balance and with another, without anybody having been shown it."""

from __future__ import annotations

from typing import Any

import numpy as np

from expedit.catalog import CatalogSnapshot
from expedit.core import DAY, Struct
from expedit.decisions.answers import named_part
from expedit.decisions.desk import desk
from expedit.decisions.inputs import Inputs
from expedit.decisions.lists import ListDesk, Made, codes_of, list_desk, popularity_of
from expedit.decisions.model import Part
from expedit.decisions.preview_who import Stand, stand_for
from expedit.decisions.reasons import reason_text
from expedit.decisions.telling import Goods, Teller
from expedit.decisions.wares import UNCOUNTED
from expedit.decisions.wire import AskContext
from expedit.merchandising import Balance, RuleBook
from expedit.storage import Shop

SHOWN = 24


class Slice(Struct, frozen=True):
    """A part of a score: what it is, and where in a bar of 100 it begins and ends."""

    code: str
    text: str
    begin: float
    width: float


class Placed(Struct, frozen=True):
    """A product at its place.

    Parameters
    ----------
    rank
        From 1.
    moved
        How many places it, or another color of it, climbed compared with the other order; None when neither
        was in it.
    why
        The sentence that shoppers read.
    slices
        What its score is made of.
    pinned
        Name of the rule that put it there.
    """

    goods: Goods
    rank: int
    moved: int | None
    why: str
    slices: tuple[Slice, ...]
    pinned: str = ""


class Figures(Struct, frozen=True):
    """What the first page of an order is like, on average; None while unknown.

    Parameters
    ----------
    margin
        Share of the price.
    popularity
        Share of the listing's whole popularity that the page holds.
    days
        Median age.
    pieces
        Median stock.
    """

    margin: float | None
    popularity: float | None
    days: int
    pieces: int | None


class Side(Struct, frozen=True):
    """One of the two orders."""

    placed: tuple[Placed, ...]
    figures: Figures


class Comparison(Struct, frozen=True):
    """A listing before and after.

    Parameters
    ----------
    before, after
        With the balance in force, and with the one that is tried.
    total
        Products of the listing.
    rules
        Names of the rules that hold in it.
    stand
        Who asked.
    """

    before: Side
    after: Side
    total: int
    rules: tuple[str, ...]
    stand: Stand


def compare(
    shop: Shop,
    category: str,
    tried: Balance,
    market: str,
    language: str,
    who: str = "anonymous",
    key: str = "",
) -> Comparison:
    """Return a listing with the balance in force and with `tried`.

    Parameters
    ----------
    who, key
        One of `preview_who.WHO`, and for ``person`` and ``audience`` their id.

    Raises
    ------
    NotFound
        When there is no such person or audience, or nobody is in it.
    InvalidInput
        When there is no such category.
    """
    lists = list_desk(shop, desk(shop))
    snapshot, at = lists.desk.catalog.current(), shop.clock()
    stand = stand_for(lists.desk, who, key, at, market)
    inputs = Inputs(market, language, category)
    context = AskContext(market=market, locale=language)
    situation = lists.situation(inputs, stand.asker, context, snapshot, at)
    before = lists.make(inputs, situation, stand.asker, context, snapshot, explain=True)
    after = lists.make(inputs, situation, stand.asker, context, snapshot, balance=tried, explain=True)
    book = lists.desk.rules.current()
    teller = Teller(snapshot, market, language, at)
    return Comparison(
        _side(lists, before, after, teller, book, category),
        _side(lists, after, before, teller, book, category),
        int(after.frozen.ordered.items.size),
        tuple(book.name_of(rule) for rule in after.holding),
        stand,
    )


def _side(lists: ListDesk, made: Made, other: Made, teller: Teller, book: RuleBook, category: str) -> Side:
    groups = teller.snapshot.group
    there = {int(groups[item]): place for place, item in enumerate(other.frozen.ordered.items.tolist())}
    placed = tuple(
        _placed(made, place, there, teller, book, category)
        for place in range(min(SHOWN, made.frozen.ordered.items.size))
    )
    return Side(placed, _figures(lists, made, teller.snapshot, teller.market, teller.now))


def _placed(
    made: Made, place: int, there: dict[int, int], teller: Teller, book: RuleBook, category: str
) -> Placed:
    ordered, snapshot = made.frozen.ordered, teller.snapshot
    item = int(ordered.items[place])
    group = int(snapshot.group[item])
    pin = next((pin for pin in ordered.pins if pin.item == item), None)
    code = codes_of(ordered, [place], bool(category))[0]
    named = snapshot.category_code(category) or int(snapshot.category[item])
    why = reason_text(
        code,
        teller.language,
        category=snapshot.category_label(named, teller.language) if named > 0 else "",
        brand=snapshot.brands[snapshot.brand[item]],
    )
    return Placed(
        teller.goods(snapshot.ids[item]), place + 1, there[group] - place if group in there else None, why,
        _slices(made, place, teller, book), book.name_of(pin.rule) if pin else "",
    )  # fmt: skip


def _slices(made: Made, place: int, teller: Teller, book: RuleBook) -> tuple[Slice, ...]:
    """Return what the score at a place is made of, as parts of a bar that the best score fills."""
    ordered = made.frozen.ordered
    item = int(ordered.items[place])
    parts = [Part(code, float(values[place])) for code, values in ordered.parts.items() if values[place] > 0]
    best = max(float(ordered.scores[:SHOWN].max(initial=0.0)), sum(part.value for part in parts), 1e-9)
    found: list[Slice] = []
    begin = 0.0
    for part in parts:
        width = 100 * part.value / best
        words = named_part(part, teller.snapshot, item, teller.language, book)
        found.append(Slice(_color_of(part.code), words, round(begin, 1), round(width, 1)))
        begin += width
    return tuple(found)


def _color_of(code: str) -> str:
    """Return by which color a part is told: a side of the balance, a rule, or the person's taste."""
    kind, _, side = code.partition(":")
    return side if kind == "balance" else "rule" if kind == "rule" else "personal"


def _figures(lists: ListDesk, made: Made, snapshot: CatalogSnapshot, market: str, at: int) -> Figures:
    items = made.frozen.ordered.items[:SHOWN]
    if items.size == 0:
        return Figures(None, None, 0, None)
    amount, known = snapshot.margin_minor(items, market, at)
    price, _, _ = snapshot.selling(items, market, at)
    known = known & (price > 0)
    model = lists.desk.models.current()
    whole = float(popularity_of(model, snapshot, made.shelf.items, market).sum())
    first = float(popularity_of(model, snapshot, items, market).sum())
    row_of = {item: row for row, item in enumerate(made.shelf.items.tolist())}
    pieces = made.shelf.wares.pieces[[row_of[item] for item in items.tolist()]]
    counted: Any = pieces[pieces != UNCOUNTED]
    return Figures(
        float((amount[known] / price[known]).mean()) if known.any() else None,
        first / whole if whole > 0 else None,
        int(np.median(np.maximum(at - snapshot.created[items], 0)) // DAY),
        int(np.median(counted)) if counted.size else None,
    )
