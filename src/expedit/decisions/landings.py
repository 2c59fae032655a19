"""Serving landing pages: which one fits an arrival, what it shows, and on which side of its measurement."""

from __future__ import annotations

import re
from functools import partial

import numpy as np

from expedit.catalog import CatalogSnapshot, LivePhrases, live_phrases
from expedit.core import InvalidInput, NotFound, Struct, evolve, new_id
from expedit.decisions.askers import Asker
from expedit.decisions.inputs import Inputs
from expedit.decisions.landing_wire import LandingBody, Why
from expedit.decisions.listing import Chosen
from expedit.decisions.lists import LISTING, ListDesk, Page, logged_page
from expedit.decisions.model import Indices, Situation
from expedit.decisions.record import LoggedDecision, LoggedInputs
from expedit.decisions.ruling import facts_of
from expedit.decisions.situations import arrival_of, locale_of, market_of
from expedit.experiments import Arm, arm_in
from expedit.merchandising import (
    BALANCE_OF,
    Arrival,
    Landing,
    Landings,
    LiveLandings,
    live_landings,
    told_arrival,
)
from expedit.storage import Shop

PREFIX = "landing:"
"""Before a slug: what the log calls a page, and its experiment."""
THE_PAGE, GENERIC = "page", "generic"
"""The sides of a page's experiment."""

MOST_TRIED = 3
"""Pages that are made for an arrival until one has something to show."""

_WHOLE = 1 - 1e-9
_APART = re.compile(r"[-_+.|/]+|\d+")


class Promise(Struct, frozen=True):
    """What the visitor came for, how many products of the page answer half of it, and how many all of it."""

    phrase: str
    matched: int
    whole: int


class Landed(Struct, frozen=True):
    """What an arrival gets.

    Parameters
    ----------
    why
        Why the answer is what it is.
    arrival
        How the visit began.
    locale
        Language asked for.
    landing
        The page; None when none fits.
    side
        Of the page's experiment: `THE_PAGE`, `GENERIC`, or empty for those who take no part.
    shown
        What it shows; None when nothing was decided.
    promise
        None where nothing tells what the visitor came for.
    """

    why: Why
    arrival: Arrival
    locale: str
    landing: Landing | None = None
    side: str = ""
    shown: Page | None = None
    promise: Promise | None = None

    @property
    def generic(self) -> bool:
        """Tell whether the shop shows its ordinary page."""
        return self.why != "page"


class LandingDesk:
    """Answers arrivals for one shop."""

    def __init__(self, lists: ListDesk) -> None:
        self.lists = lists
        self.desk = lists.desk
        self.pages: LiveLandings = live_landings(lists.desk.shop)
        self._phrases: LivePhrases = live_phrases(lists.desk.shop)

    def land(self, asker: Asker, body: LandingBody, *, explain: bool = False, compare: bool = True) -> Landed:
        """Return what an arrival gets; it is logged when a page fits.

        Parameters
        ----------
        compare
            Whether a share of people gets the ordinary page.

        Raises
        ------
        NotFound
            When the page that is asked for by its slug is not in force.
        InvalidInput
            Naming the field at fault.
        """
        snapshot, at = self.desk.catalog.current(), self.desk.shop.clock()
        arrival = _arrival(body)
        inputs = self._inputs(body, snapshot)
        situation = evolve(self.lists.situation(inputs, asker, body.context, snapshot, at), arrival=arrival)
        found = Landed("no_page", arrival, inputs.locale)
        pages = self.pages.current()
        tried = 0
        for landing in self._candidates(pages, body, asker, situation, snapshot):
            items = pages.goods(landing, snapshot, inputs.market, at)
            if body.slug:
                found = evolve(found, why="nothing_to_show", landing=landing)
            if not items.size and not landing.page.pins:
                continue
            if tried == MOST_TRIED:
                break
            tried += 1
            page, promise = self.show(
                landing, items, inputs, situation, asker, body, snapshot, explain=explain
            )
            if page.items:
                return self._decided(evolve(found, landing=landing, shown=page, promise=promise), compare)
        return found

    def show(
        self,
        landing: Landing,
        items: Indices,
        inputs: Inputs,
        situation: Situation,
        asker: Asker,
        body: LandingBody,
        snapshot: CatalogSnapshot,
        *,
        explain: bool = False,
        measures: bool = True,
    ) -> tuple[Page, Promise | None]:
        """Return what a page shows somebody; nothing is logged.

        Parameters
        ----------
        items
            What it may show, by catalog index, int32[k].
        snapshot
            The catalog that the items are of.
        measures
            Whether a coin may leave a rule out.
        """
        desk, at, page = self.desk, situation.at, landing.page
        model = desk.models.current()
        pins = tuple(item for name in page.pins if (item := snapshot.find(name)) is not None)
        phrase = promised_by(situation.arrival) if page.promise else ""
        promised = self._phrases.current().promised(phrase) if phrase else None
        if promised is not None:
            known = promised.items < len(snapshot)  # words may be read from a newer catalog
            promised = evolve(promised, items=promised.items[known], grades=promised.grades[known])
        every = np.union1d(items, np.array(pins, np.int32)).astype(np.int32)
        decision_id = new_id(at)
        made = self.lists.make(
            inputs, situation, asker, body.context, snapshot, seed=decision_id if measures else "",
            explain=explain, balance=BALANCE_OF.get(page.ranking), chosen=Chosen(every, pins, promised),
        )  # fmt: skip
        ordered = made.frozen.ordered
        rows = list(range(min(body.limit or page.size, ordered.items.size)))
        told = Page(
            decision_id, at, inputs, asker, snapshot, model, made.frozen, rows, int(ordered.items.size), None,
            None, situation.arrival, made,
        )  # fmt: skip
        if promised is None:
            return told, None
        fits = np.isin(ordered.items, promised.items)
        whole = np.isin(ordered.items, promised.items[promised.grades >= _WHOLE])
        return told, Promise(phrase, int(fits.sum()), int(whole.sum()))

    def _decided(self, landed: Landed, compare: bool) -> Landed:
        """Throw the coin, the same for a person every time, and log what it gave."""
        assert landed.landing is not None
        assert landed.shown is not None
        side = self._side(landed.shown.asker, landed.landing) if compare else ""
        decided = evolve(landed, side=side, why="measured" if side == GENERIC else "page")
        self.desk.log.write(logged_landing(decided, landed.landing, landed.shown))
        return decided

    def _side(self, asker: Asker, landing: Landing) -> str:
        own = landing.page.generic_share
        share = self.desk.shop.settings.landing_generic_share if own is None else own
        if not asker.subject or not 0 < share < 1:
            return ""  # nobody may be followed without consent, so nobody is compared
        key = asker.profile.bucket_key if asker.profile is not None else asker.subject
        arms = (Arm(GENERIC, share), Arm(THE_PAGE, 1.0 - share))
        return arm_in(self.desk.shop, PREFIX + landing.slug, arms, key)

    def _candidates(
        self,
        pages: Landings,
        body: LandingBody,
        asker: Asker,
        situation: Situation,
        snapshot: CatalogSnapshot,
    ) -> list[Landing]:
        if body.slug:
            if body.slug not in pages.by_slug:
                raise NotFound(f"slug: no landing page in force is called {body.slug[:60]!r}")
            return [pages.by_slug[body.slug]]
        context = body.context
        facts = partial(
            facts_of, LISTING.name, situation, asker.profile, snapshot, context.query or "",
            context.url or "", self.desk.zone,
        )  # fmt: skip
        return pages.fitting(
            facts, partial(self.desk.audiences_among, situation, asker.profile), situation.at
        )

    def _inputs(self, body: LandingBody, snapshot: CatalogSnapshot) -> Inputs:
        context = body.context
        return Inputs(
            market_of(context, snapshot.markets, "context"),
            locale_of(context, self.desk.shop.settings.locale),
            channel=context.channel or "web",
        )


def promised_by(arrival: Arrival) -> str:
    """Return the words of what an arrival was promised: of its search, else of its campaign's name."""
    return arrival.phrase or " ".join(_APART.sub(" ", arrival.campaign).split())


def _arrival(body: LandingBody) -> Arrival:
    if body.arrival is None:
        return arrival_of(body.context)
    told = body.arrival
    try:
        return told_arrival(told.kind, told.source, told.campaign, told.phrase)
    except InvalidInput as error:
        raise error.under("arrival") from None


def logged_landing(landed: Landed, landing: Landing, page: Page) -> LoggedDecision:
    """Return what the log keeps: both sides of the experiment alike, but for what was not shown."""
    logged = logged_page(page)
    recipe = f"{landing.slug}@{landing.edition}:{logged.recipe}"
    phrase = landed.promise.phrase if landed.promise is not None else ""
    told = evolve(
        logged, placement=PREFIX + landing.slug, experiment=PREFIX + landing.slug if landed.side else "",
        arm=landed.side, inputs=LoggedInputs(query=phrase, arrival=landed.arrival), recipe=recipe,
    )  # fmt: skip
    if landed.side != GENERIC:
        return told
    return evolve(told, items=(), limit=0, removed=(), full=False, measured="", off=False, among=0, share=0.0)


def landing_desk(shop: Shop, lists: ListDesk) -> LandingDesk:
    """Return the one place of `shop` where landing pages are asked for."""
    return shop.part(LandingDesk, lambda: LandingDesk(lists))
