"""Candidates for a step: what the recommendation room is asked."""

from __future__ import annotations

from expedit.catalog import CatalogSnapshot
from expedit.decisions.model import CandidateList, Situation, StrategySource
from expedit.decisions.placements import Step
from expedit.recommendation import Model, Query, candidates


def source_of(model: Model, snapshot: CatalogSnapshot) -> StrategySource:
    """Return the source of candidates over one model and one snapshot."""

    def ask(step: Step, situation: Situation, count: int) -> CandidateList:
        query = Query(
            session=situation.session,
            products=situation.subjects,
            cart=situation.anchors,
            bought=situation.bought if situation.personal else (),
            recents=situation.recent,
            category=_path(snapshot, situation.category) if step.options.get("scope") == "category" else "",
            market=situation.market,
            limit=count,
        )
        return candidates(step.strategy, model, snapshot, query)

    return ask


def _path(snapshot: CatalogSnapshot, code: int) -> str:
    return " > ".join(snapshot.category_paths[code]) if code > 0 else ""
