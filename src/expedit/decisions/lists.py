"""Serving listings: state in, one page of a frozen order out."""

from __future__ import annotations

import numpy as np

from expedit.catalog import CatalogSnapshot
from expedit.core import InvalidInput, Struct, new_id, to_json
from expedit.decisions.answers import experiment_json
from expedit.decisions.askers import Asker
from expedit.decisions.desk import Desk
from expedit.decisions.listing import REASONS, SORTS, Inputs, Ordered, Shelf, listed, put_in_order
from expedit.decisions.model import Floats, Indices, Tastes
from expedit.decisions.paging import (
    Cursor,
    Frozen,
    FrozenLists,
    hash_of,
    read_cursor,
    without_shown,
    write_cursor,
)
from expedit.decisions.record import LoggedDecision, LoggedInputs, LoggedItem
from expedit.decisions.situations import locale_of, market_of, tastes_of
from expedit.decisions.wire import Facets, ListBody
from expedit.recommendation import Model
from expedit.storage import Shop

PLACEMENT = "list"
"""Name under which listings are logged."""

PAGE = 24
MOST_LISTED = 5_000
"""Products that may be named in ``productIds``."""


class Page(Struct, frozen=True):
    """One page of a listing.

    Parameters
    ----------
    id
        Id of its decision.
    items, codes
        Catalog indices and reason codes, in order.
    total
        Items of the whole listing when its order was frozen.
    facets
        With the first page.
    next_cursor
        For the next page, None after the last.
    """

    id: str
    items: tuple[int, ...]
    codes: tuple[str, ...]
    total: int
    facets: Facets | None
    next_cursor: str | None


class ListDesk:
    """Answers listings for one shop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._frozen = FrozenLists()

    def answer(self, asker: Asker, body: ListBody) -> bytes:
        """Return the page that `body` asks for, as JSON; it is logged.

        Raises
        ------
        InvalidInput
            Naming the field at fault.
        """
        desk = self._desk
        at, snapshot, model = desk.shop.clock(), desk.catalog.current(), desk.models.current()
        cursor = read_cursor(body.cursor) if body.cursor else None
        inputs = cursor.inputs if cursor is not None else self._inputs(body, snapshot)
        market_of(body.context, snapshot.markets, "context")
        if inputs.market not in snapshot.markets:
            raise InvalidInput("cursor", "is of a market that the shop no longer has")
        pieces = desk.shelf.of(snapshot, inputs.market, inputs.locale)
        shelf: Shelf | None = None
        frozen, offset = (self._frozen.get(cursor.key), cursor.offset) if cursor is not None else (None, 0)
        subject = asker.subject if asker.personal else ""
        if frozen is None or frozen.subject not in {"", subject} or cursor is None:
            shelf = Shelf(snapshot, listed(snapshot, inputs), inputs, pieces.sizes, at)
            ordered = self._ordered(shelf, inputs, asker, snapshot, model, at)
            if cursor is not None:
                ordered = without_shown(ordered, snapshot.ids, cursor.shown)
            frozen, offset = Frozen(ordered, subject if inputs.sort == "recommended" else ""), 0
        shown_before = cursor.shown if cursor is not None else b""
        key = cursor.key if cursor is not None and shelf is None else new_id(at)
        if shelf is not None:
            self._frozen.put(key, frozen)
        limit = body.limit or PAGE
        rows, end = self._page(frozen.ordered, offset, limit, snapshot, inputs, at)
        items = tuple(frozen.ordered.items[rows].tolist())
        shown = shown_before + b"".join(hash_of(snapshot.ids[item]) for item in items)
        page = Page(
            new_id(at), items, _codes(frozen.ordered, rows, bool(inputs.category)),
            len(shown_before) // 5 + frozen.ordered.items.size - offset,
            shelf.facets() if shelf is not None and cursor is None else None,
            write_cursor(Cursor(key, end, inputs, shown)) if end < frozen.ordered.items.size else None,
        )  # fmt: skip
        desk.log.write(self._logged(page, inputs, asker, model, snapshot, at))
        category = snapshot.category_code(inputs.category) or 0 if inputs.category else 0
        cards = pieces.cards(items, at)
        written = b",".join(
            card + pieces.reason(code, -1, item, category or int(snapshot.category[item]))
            for card, item, code in zip(cards, items, page.codes, strict=True)
        )
        title = snapshot.category_label(category, inputs.locale) if category else ""
        return b"".join(
            [
                f'{{"decisionId":"{page.id}","model":"{model.version}","total":{page.total},"title":'.encode(),
                to_json(title), b',"experiment":', experiment_json(asker), b',"items":[', written,
                b'],"facets":', to_json(page.facets), b',"nextCursor":', to_json(page.next_cursor), b"}",
            ]
        )  # fmt: skip

    def _inputs(self, body: ListBody, snapshot: CatalogSnapshot) -> Inputs:
        if body.sort not in SORTS:
            raise InvalidInput("sort", f"{body.sort[:30]!r} is none of {', '.join(SORTS)}")
        if body.product_ids is not None and len(body.product_ids) > MOST_LISTED:
            raise InvalidInput("productIds", f"holds more than {MOST_LISTED} products")
        return Inputs(
            market_of(body.context, snapshot.markets, "context"),
            locale_of(body.context, self._desk.shop.settings.locale),
            body.category or body.context.category or "",
            body.product_ids,
            body.filters,
            body.sort,
        )

    def _ordered(
        self, shelf: Shelf, inputs: Inputs, asker: Asker, snapshot: CatalogSnapshot, model: Model, at: int
    ) -> Ordered:
        tastes = Tastes()
        if asker.personal and asker.profile is not None:
            tastes = tastes_of(asker.profile, snapshot, at, self._desk.half_life, self._desk.lookup)
        popularity = popularity_of(model, snapshot, shelf.items, inputs.market)
        return put_in_order(snapshot, shelf, inputs.sort, popularity, tastes, at)

    def _page(
        self, ordered: Ordered, offset: int, limit: int, snapshot: CatalogSnapshot, inputs: Inputs, at: int
    ) -> tuple[list[int], int]:
        """Return the rows of a page and where the next one begins; what can no longer be sold is passed
        over."""
        rows: list[int] = []
        place = offset
        while place < ordered.items.size and len(rows) < limit:
            end = min(place + 2 * limit, ordered.items.size)
            part = ordered.items[place:end]
            if inputs.filters.in_stock:
                fine = snapshot.sellable(part, inputs.market, "web", at)
            else:
                fine = snapshot.active[part] & (snapshot.price_minor(inputs.market)[part] >= 0)
            for row, good in enumerate(fine.tolist(), start=place):
                if len(rows) == limit:
                    return rows, row
                if good:
                    rows.append(row)
            place = end
        return rows, place

    def _logged(
        self, page: Page, inputs: Inputs, asker: Asker, model: Model, snapshot: CatalogSnapshot, at: int
    ) -> LoggedDecision:
        ids = snapshot.ids
        return LoggedDecision(
            page.id, at, PLACEMENT, asker.subject, asker.experiment, asker.arm, asker.personal, False,
            inputs.market, "web", inputs.locale, asker.source, model.version, snapshot.version,
            len(page.items), page.total,
            tuple(
                LoggedItem(ids[item], "listed", code)
                for item, code in zip(page.items, page.codes, strict=True)
            ),
            LoggedInputs(category=inputs.category, query=inputs.sort),
        )  # fmt: skip


def _codes(ordered: Ordered, rows: list[int], in_category: bool) -> tuple[str, ...]:
    """Return the reason codes of these rows; nothing is popular *in* a category where none was asked for."""
    codes = (REASONS[code] for code in ordered.reasons[rows].tolist())
    return tuple("popular" if code == "popular_in_category" and not in_category else code for code in codes)


def popularity_of(model: Model, snapshot: CatalogSnapshot, items: Indices, market: str) -> Floats:
    """Return the popularity of products in a market (in all while it has none), 0 for what nobody bought or
    saw."""
    scores = model.popular_in.get(market)
    if scores is None or not scores.any():
        scores = model.popular
    if scores.size == 0 or items.size == 0:
        return np.zeros(items.size)
    places = model.binding(snapshot).to_model[items]
    return np.where(places >= 0, scores[places], 0.0).astype(np.float64)


def list_desk(shop: Shop, desk: Desk) -> ListDesk:
    """Return the one place of `shop` where listings are asked for."""
    return shop.part(ListDesk, lambda: ListDesk(desk))
