"""Candidates for a step: what the recommendation room is asked, and what of its answers is kept a while."""

from __future__ import annotations

from expedit.catalog import CatalogSnapshot
from expedit.decisions.model import CandidateList, Situation, StrategySource
from expedit.decisions.placements import Step
from expedit.recommendation import Model, Query, candidates

ABOUT_NOBODY = frozenset({"popular", "trending", "new"})
"""Strategies that only ask where: their answer is the same for everybody."""

ABOUT_THE_PAGE = frozenset({"similar", "viewed_together", "bought_together", "complementary"})
"""Strategies that only ask about the page's products, when the page has any."""

_MOST_KEPT = 20_000
_ROUND = 32

Key = tuple[str, tuple[int, ...], str, str, int]


class Sources:
    """Answers of strategies that do not depend on who asks, kept as long as model and catalog stay the
    same."""

    def __init__(self) -> None:
        # One value, so that no thread ever meets the answers of one model under the name of another.
        self._state: tuple[object, object, dict[Key, CandidateList]] = (None, None, {})

    def of(self, model: Model, snapshot: CatalogSnapshot) -> StrategySource:
        """Return the source of candidates over one model and one snapshot."""
        # The newest sessions give a new model every moment; what the strategies kept here read stays the
        # same.
        relations, catalog, kept = self._state
        if relations is not model.relations or catalog is not snapshot:
            kept = {}
            self._state = (model.relations, snapshot, kept)

        def ask(step: Step, situation: Situation, count: int) -> CandidateList:
            count = -(-count // _ROUND) * _ROUND
            category = _path(snapshot, situation.category) if step.options.get("scope") == "category" else ""
            products: tuple[int, ...]
            if step.strategy in ABOUT_NOBODY:
                products = ()
            elif step.strategy in ABOUT_THE_PAGE and situation.subjects:
                products = situation.subjects
            else:
                return candidates(step.strategy, model, snapshot, _query(situation, category, count))
            key = (step.strategy, products, category, situation.market, count)
            found = kept.get(key)
            if found is None:
                query = Query(products=products, category=category, market=situation.market, limit=count)
                found = candidates(step.strategy, model, snapshot, query)
                if len(kept) >= _MOST_KEPT:
                    kept.clear()
                kept[key] = found
            return found

        return ask


def _query(situation: Situation, category: str, count: int) -> Query:
    return Query(
        session=situation.session,
        products=situation.subjects,
        cart=situation.anchors,
        bought=situation.bought if situation.personal else (),
        recents=situation.recent,
        category=category,
        market=situation.market,
        limit=count,
    )


def _path(snapshot: CatalogSnapshot, code: int) -> str:
    return " > ".join(snapshot.category_paths[code]) if code > 0 else ""
