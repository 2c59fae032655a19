"""Which steps of a placement's ladder a situation may use."""

from __future__ import annotations

from expedit.decisions.model import Situation
from expedit.decisions.placements import Placement, Step

COUNTERPARTS = {"personal": "popular", "recently_viewed": "trending", "cart_reminder": "", "buy_again": ""}
"""What stands in for a strategy that needs to know the person; empty where nothing answers the same
question."""

_FROM_THE_PAGE = frozenset({"recently_viewed", "cart_reminder"})
"""Strategies that what the page itself remembers is enough for."""


def steps_for(placement: Placement, situation: Situation) -> tuple[Step, ...]:
    """Return the steps that this situation may use, each once.

    Without a category no step can keep to it. Without personalization a step that needs the person gives
    way to its counterpart, or is left out; what this page itself knows (its products, its cart, what was
    looked at since it was opened) may still be used.
    """
    found: list[Step] = []
    for asked in placement.steps():
        step: Step | None = asked
        if asked.options:
            step = _within(asked, situation)
        if not situation.personal and step is not None:
            step = _without_person(step, situation)
        if step is not None and step not in found:
            found.append(step)
    return tuple(found)


def scope_of(step: Step) -> str:
    """Return what a step keeps its candidates to, as it goes on a reason's code; empty for nothing."""
    if step.options.get("since_last_visit"):
        return "since_visit"
    return str(step.options.get("scope", ""))


def _within(step: Step, situation: Situation) -> Step:
    if step.options.get("scope") == "category" and not situation.category:
        return _less(step, "scope")
    return step


def _without_person(step: Step, situation: Situation) -> Step | None:
    if step.options.get("since_last_visit"):
        return _less(step, "since_last_visit")
    if step.options.get("seen"):
        return None
    if step.strategy not in COUNTERPARTS:
        return step
    if situation.recent and step.strategy in _FROM_THE_PAGE:
        return step
    if situation.session and step.strategy == "personal":
        return step
    counterpart = COUNTERPARTS[step.strategy]
    return Step(counterpart, step.share) if counterpart else None


def _less(step: Step, name: str) -> Step:
    """Return a step without one of its options."""
    return Step(step.strategy, step.share, {key: said for key, said in step.options.items() if key != name})
