"""Serving listings: state in, one page of a frozen order out."""

from __future__ import annotations

from functools import partial

import numpy as np

from expedit.catalog import CatalogSnapshot, live_phrases
from expedit.core import InvalidInput, Struct, evolve, new_id
from expedit.decisions.askers import Asker
from expedit.decisions.desk import Desk
from expedit.decisions.inputs import SORTS, Inputs, listed
from expedit.decisions.listing import REASONS, Chosen, Ordered, put_in_order, score, with_promise
from expedit.decisions.listing_rules import Joined, ListingRules
from expedit.decisions.model import Floats, Indices, Situation, Tastes
from expedit.decisions.paging import (
    Cursor,
    Frozen,
    FrozenLists,
    hash_of,
    read_cursor,
    without_shown,
    write_cursor,
)
from expedit.decisions.placements import Placement
from expedit.decisions.record import LoggedDecision, LoggedInputs, LoggedItem
from expedit.decisions.ruling import NOT_MEASURED, LaidRules, Measured, facts_of, lay_rules, throw_coin
from expedit.decisions.shelf import Shelf
from expedit.decisions.situations import arrival_of, locale_of, market_of, situation_of
from expedit.decisions.wares import Wares
from expedit.decisions.wire import AskContext, Facets, ListBody
from expedit.merchandising import SHOP_WIDE, Arrival, Balance, LiveBalances, RuleBook, live_balances
from expedit.recommendation import Model
from expedit.storage import Repeating, Shop

LISTING = Placement("list", {}, (), filters=(), fallback="", bought_days=0, proof=("rating", "bought"))
"""What rules and the log call a listing."""

PAGE = 24
MOST_LISTED = 5_000
"""Products that may be named in ``productIds``."""
_MOST_FILTERED = 20
_LOOK_EVERY = 1.0


class Page(Struct, frozen=True):
    """One page of a listing.

    Parameters
    ----------
    id, at
        Id of its decision, and when it was made.
    inputs, asker, snapshot, model
        What it is of, for whom, from what.
    frozen, rows
        The order, and the rows of it that the page shows.
    total
        Items of the whole listing when its order was frozen.
    facets
        With the first page.
    next_cursor
        For the next page, None after the last.
    arrival
        How the visit began.
    made
        How its order was made, on the page that made it.
    continues
        Id of the first page's decision; empty on the first page.
    """

    id: str
    at: int
    inputs: Inputs
    asker: Asker
    snapshot: CatalogSnapshot
    model: Model
    frozen: Frozen
    rows: list[int]
    total: int
    facets: Facets | None
    next_cursor: str | None
    arrival: Arrival
    made: Made | None = None
    continues: str = ""

    @property
    def items(self) -> list[int]:
        """Catalog indices in order."""
        found: list[int] = self.frozen.ordered.items[self.rows].tolist()
        return found

    @property
    def codes(self) -> list[str]:
        """Reason codes."""
        return codes_of(self.frozen.ordered, self.rows, bool(self.inputs.category))


class Made(Struct, frozen=True):
    """How an order was made.

    Parameters
    ----------
    frozen
        The order.
    shelf
        What it chose from.
    balance_of, balance
        Whose balance was taken, and it.
    holding
        Ids of the rules that held.
    joined
        What rules took away and put in.
    """

    frozen: Frozen
    shelf: Shelf
    balance_of: str
    balance: Balance
    holding: tuple[str, ...]
    joined: Joined


class ListDesk:
    """Answers listings for one shop."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.balances: LiveBalances = live_balances(desk.shop)
        self._frozen = FrozenLists()
        self._wares = Wares()
        self._phrases = live_phrases(desk.shop)
        self._reading = Repeating("listings", self._read_ahead, _LOOK_EVERY)

    def start(self) -> None:
        """Read ahead what listings count of products, in a thread, whenever the catalog changes."""
        self._reading.start()

    def close(self) -> None:
        """Stop reading ahead."""
        self._reading.close()

    def _read_ahead(self) -> None:
        self._wares.prepare(self.desk.catalog.current, self._reading.stopping)
        self._phrases.follow()

    def page(self, asker: Asker, body: ListBody, *, explain: bool = False, field: str = "context") -> Page:
        """Return the page that `body` asks for; it is logged.

        Raises
        ------
        InvalidInput
            Naming the field at fault.
        """
        desk = self.desk
        at, snapshot, model = desk.shop.clock(), desk.catalog.current(), desk.models.current()
        cursor = read_cursor(body.cursor) if body.cursor else None
        inputs = cursor.inputs if cursor is not None else self.inputs_of(body, snapshot)
        market_of(body.context, snapshot.markets, field)
        if inputs.market not in snapshot.markets:
            raise InvalidInput("cursor", "is of a market that the shop no longer has")
        frozen, offset = (self._frozen.get(cursor.key), cursor.offset) if cursor is not None else (None, 0)
        subject = asker.subject if asker.personal else ""
        key, seed = (cursor.key, cursor.seed) if cursor is not None else ("", "")
        made: Made | None = None
        if frozen is None or frozen.subject not in {"", subject}:
            key = new_id(at)
            seed = seed or key
            situation = self.situation(inputs, asker, body.context, snapshot, at)
            made = self.make(inputs, situation, asker, body.context, snapshot, seed=seed, explain=explain)
            frozen, offset = made.frozen, 0
            if cursor is not None:
                frozen = evolve(frozen, ordered=without_shown(frozen.ordered, snapshot.ids, cursor.shown))
            self._frozen.put(key, frozen)
        shown_before = cursor.shown if cursor is not None else b""
        size = frozen.ordered.items.size
        rows, end = self._rows(frozen.ordered, offset, body.limit or PAGE, snapshot, inputs, at)
        shown = shown_before + b"".join(
            hash_of(snapshot.ids[item]) for item in frozen.ordered.items[rows].tolist()
        )
        page = Page(
            key if cursor is None else new_id(at), at, inputs, asker, snapshot, model, frozen, rows,
            len(shown_before) // 5 + size - offset,
            made.shelf.facets() if made is not None and cursor is None else None,
            write_cursor(Cursor(key, end, inputs, shown, seed)) if end < size else None,
            arrival_of(body.context), made, "" if cursor is None else cursor.seed,
        )  # fmt: skip
        desk.log.write(logged_page(page))
        return page

    def make(
        self,
        inputs: Inputs,
        situation: Situation,
        asker: Asker,
        context: AskContext,
        snapshot: CatalogSnapshot,
        *,
        seed: str = "",
        balance: Balance | None = None,
        rules: RuleBook | None = None,
        explain: bool = False,
        chosen: Chosen | None = None,
    ) -> Made:
        """Put a listing in order; nothing is logged.

        Parameters
        ----------
        snapshot
            The catalog that the situation is of, too.
        seed
            What chance follows; empty measures nothing.
        balance, rules
            Those to try, in place of what is in force.
        chosen
            What a landing page lists, in place of what `inputs` say.
        """
        desk, at = self.desk, situation.at
        book = desk.rules.current() if rules is None else rules
        measured: Measured = NOT_MEASURED
        laid: LaidRules | None = None
        if inputs.rules:
            share = desk.shop.settings.rule_off_share if seed else 0.0
            facts = partial(
                facts_of, LISTING.name, situation, asker.profile, snapshot, context.query or "",
                context.url or "", desk.zone,
            )  # fmt: skip
            coin = partial(throw_coin, seed, share)
            members = partial(desk.audiences_among, situation, asker.profile)
            laid, measured = lay_rules(book, LISTING.name, situation, snapshot, facts, coin, members)
        ruled = None if laid is None else ListingRules(laid, snapshot)
        items = listed(snapshot, inputs) if chosen is None else chosen.items
        joined = Joined(items)
        if ruled is not None:
            joined = ruled.join(items, inputs.product_ids is not None, explain)
        shelf = Shelf(snapshot, joined.items, inputs, self._wares, at)
        path = snapshot.category_paths[situation.category] if inputs.category else ()
        owner, weights = (SHOP_WIDE, balance) if balance else self.balances.current().of(path)
        popularity = popularity_of(desk.models.current(), snapshot, shelf.items, inputs.market)
        tastes = situation.tastes() if asker.personal else Tastes()
        scored = score(snapshot, shelf, weights, popularity, tastes, inputs.market, at)
        if chosen is not None and chosen.promised is not None:
            scored = with_promise(scored, chosen.promised)
        first = () if chosen is None else chosen.pins
        ordered = put_in_order(snapshot, shelf, inputs.sort, scored, joined, ruled, at, explain, first)
        frozen = Frozen(
            ordered, asker.subject if asker.personal else "", weights.version,
            book.version if inputs.rules else "", measured,
        )  # fmt: skip
        holding = () if laid is None else tuple(rule.id for rule in laid.plan.rules)
        return Made(frozen, shelf, owner, weights, holding, joined)

    def situation(
        self, inputs: Inputs, asker: Asker, context: AskContext, snapshot: CatalogSnapshot, at: int
    ) -> Situation:
        """Return the situation in which a listing is asked for."""
        desk = self.desk
        if inputs.category and snapshot.category_code(inputs.category) is None:
            raise InvalidInput("category", f"there is no category {inputs.category[:80]!r}")
        return situation_of(
            LISTING, evolve(context, category=inputs.category or None, channel=inputs.channel), asker,
            snapshot, at, market=inputs.market, locale=inputs.locale, half_life=desk.half_life,
            lookup=desk.lookup,
        )  # fmt: skip

    def inputs_of(self, body: ListBody, snapshot: CatalogSnapshot) -> Inputs:
        """Return what a request asks a listing of.

        Raises
        ------
        InvalidInput
            Naming the field at fault.
        """
        if body.sort not in SORTS:
            raise InvalidInput("sort", f"{body.sort[:30]!r} is none of {', '.join(SORTS)}")
        if body.product_ids is not None and len(body.product_ids) > MOST_LISTED:
            raise InvalidInput("productIds", f"holds more than {MOST_LISTED} products")
        if len(body.filters.attributes) > _MOST_FILTERED:
            raise InvalidInput("filters.attributes", f"names more than {_MOST_FILTERED}")
        return Inputs(
            market_of(body.context, snapshot.markets, "context"),
            locale_of(body.context, self.desk.shop.settings.locale),
            body.category or body.context.category or "",
            body.product_ids,
            body.filters,
            body.sort,
            body.context.channel or "web",
            body.rules,
        )

    def _rows(
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
                fine = snapshot.sellable(part, inputs.market, inputs.channel, at)
            else:
                fine = snapshot.active[part] & (snapshot.price_minor(inputs.market)[part] >= 0)
            for row, good in enumerate(fine.tolist(), start=place):
                if len(rows) == limit:
                    return rows, row
                if good:
                    rows.append(row)
            place = end
        return rows, place


def logged_page(page: Page) -> LoggedDecision:
    """Return what the log keeps of a page."""
    ids, inputs, asker, frozen = page.snapshot.ids, page.inputs, page.asker, page.frozen
    scores = frozen.ordered.scores[page.rows].tolist()
    removed = page.made.joined.removed if page.made is not None else {}
    return LoggedDecision(
        page.id, page.at, LISTING.name, asker.subject, asker.experiment, asker.arm, asker.personal, False,
        inputs.market, inputs.channel, inputs.locale, asker.source, page.model.version, page.snapshot.version,
        len(page.items), page.total,
        tuple(
            LoggedItem(ids[item], "listed", code, "", value)
            for item, code, value in zip(page.items, page.codes, scores, strict=True)
        ),
        LoggedInputs(category=inputs.category, query=inputs.sort, arrival=page.arrival),
        removed=tuple((ids[item], "rule") for item in removed), full=bool(removed),
        recipe=frozen.balance, rules=frozen.rules, measured=frozen.measured.rule, off=frozen.measured.off,
        among=frozen.measured.among, share=frozen.measured.share, continues=page.continues,
    )  # fmt: skip


def codes_of(ordered: Ordered, rows: list[int], in_category: bool) -> list[str]:
    """Return the reason codes of rows; nothing is popular *in* a category where none was asked for."""
    codes = [REASONS[code] for code in ordered.reasons[rows].tolist()]
    if in_category:
        return codes
    return ["popular" if code == "popular_in_category" else code for code in codes]


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
