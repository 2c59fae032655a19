"""Candidates for a step: what the recommendation room is asked, and what of its answers is kept a while."""

from __future__ import annotations

from expedit.catalog import CatalogSnapshot
from expedit.decisions.model import CandidateList, Memory, Situation, StrategySource
from expedit.decisions.placements import Step
from expedit.decisions.terms import Terms
from expedit.recommendation import PLACES, Model, Query, candidates, kind_of

ABOUT_NOBODY = frozenset({"popular", "trending", "new", "on_sale"})
"""Strategies that only ask where: their answer is the same for everybody."""

ABOUT_THE_PAGE = frozenset({
    "similar", "visually_similar", "viewed_together", "bought_together", "complementary", "upsell",
    "better_margin",
})  # fmt: skip
"""Strategies that only ask about the page's products, when the page has any."""

BY_PRICE = frozenset({"on_sale", "upsell", "better_margin"})
"""Strategies whose answer changes when a sale starts or ends."""

OF_THE_PERSON = ("since_last_visit", "seen")
"""Options with which a strategy that is about nobody asks about the person."""

REMEMBERING = frozenset({"cart_reminder", "buy_again", "new", "on_sale"})
"""Strategies that may ask what is remembered of the person."""

NOTHING_REMEMBERED = Memory()
_MOST_KEPT = 20_000
_ROUND = 32
_MOST_LIKED = 5

Key = tuple[object, ...]


class Sources:
    """Answers of strategies that do not depend on who asks, kept as long as model and catalog stay the
    same.

    Parameters
    ----------
    terms
        What the shop has set in money.
    """

    def __init__(self, terms: Terms | None = None) -> None:
        self._terms = terms or Terms()
        # One value, so that no thread ever meets the answers of one model under the name of another.
        self._state: tuple[object, object, object, dict[Key, CandidateList]] = (None, None, None, {})

    def of(self, model: Model, snapshot: CatalogSnapshot) -> StrategySource:
        """Return the source of candidates over one model and one snapshot."""
        # The newest sessions give a new model every moment; what the strategies kept here read stays the
        # same.
        relations, arrivals, catalog, kept = self._state
        now = model.arrivals.current
        if relations is not model.relations or arrivals is not now or catalog is not snapshot:
            kept = {}
            self._state = (model.relations, now, snapshot, kept)

        def ask(step: Step, situation: Situation, count: int) -> CandidateList:
            count = -(-count // _ROUND) * _ROUND
            strategy, options = step.strategy, step.options
            category = _path(snapshot, situation.category) if options.get("scope") == "category" else ""
            products: tuple[int, ...]
            if strategy in ABOUT_NOBODY and not (options and _of_the_person(step)):
                products = ()
            elif strategy in ABOUT_THE_PAGE and situation.subjects:
                products = situation.subjects
            else:
                query = self._query(step, situation, category, count)
                return candidates(strategy, model, snapshot, query)
            scopes = _scopes(step, situation) if options else ()
            epoch = snapshot.price_epoch(situation.market, situation.at) if strategy in BY_PRICE else 0
            said = tuple(options.items()) if options else ()
            key = (strategy, products, category, situation.market, count, epoch, said, scopes)
            found = kept.get(key)
            if found is None:
                query = Query(
                    products=products, category=category, market=situation.market, limit=count,
                    now=situation.at, options=options, scopes=scopes,
                )  # fmt: skip
                found = candidates(strategy, model, snapshot, query)
                if len(kept) >= _MOST_KEPT:
                    kept.clear()
                kept[key] = found
            return found

        return ask

    def _query(self, step: Step, situation: Situation, category: str, count: int) -> Query:
        memory = situation.memory() if step.strategy in REMEMBERING else NOTHING_REMEMBERED
        market = situation.market
        return Query(
            session=situation.session,
            products=situation.subjects,
            cart=situation.anchors,
            bought=situation.bought if situation.personal else (),
            recents=situation.recent,
            category=category,
            market=market,
            limit=count,
            now=situation.at,
            options=step.options,
            acts=memory.acts,
            purchases=memory.purchases,
            since=memory.since,
            liked=_liked(situation) if step.options.get("scope") == "history" else (),
            cart_value=situation.cart_value() if step.strategy == "cart_addon" else -1,
            factors=self._terms.factors,
            free_shipping=self._terms.free_shipping.get(market, 0),
            dearest_addon=self._terms.dearest_addon.get(market, 0),
        )


def _of_the_person(step: Step) -> bool:
    """Tell whether the answer of a strategy that is about nobody depends on who asks."""
    return any(map(step.options.get, OF_THE_PERSON)) or step.options.get("scope") == "history"


def _scopes(step: Step, situation: Situation) -> tuple[str, ...]:
    """Return the scopes that a step asks for, the narrowest first."""
    scope = step.options.get("scope")
    if scope == "place":
        return situation.place
    if scope in PLACES:
        return tuple(place for place in situation.place if kind_of(place) == scope)
    if scope == "people":
        return situation.memory().groups
    return ("season",) if scope == "season" else ()


def _liked(situation: Situation) -> tuple[tuple[int, float], ...]:
    """Return the categories that the person looks at most, the strongest first."""
    liked = sorted(situation.tastes().category.items(), key=lambda one: (-one[1], one[0]))
    return tuple(liked[:_MOST_LIKED])


def _path(snapshot: CatalogSnapshot, code: int) -> str:
    return " > ".join(snapshot.category_paths[code]) if code > 0 else ""
