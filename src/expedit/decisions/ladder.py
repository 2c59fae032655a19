"""Which steps of a placement's ladder a situation may use."""

from __future__ import annotations

from expedit.decisions.model import Situation
from expedit.decisions.placements import Placement, Step
from expedit.recommendation import PLACES, kind_of

COUNTERPARTS = {"personal": "popular", "recently_viewed": "trending", "cart_reminder": "", "buy_again": ""}
"""What stands in for a strategy that needs to know the person; empty where nothing answers the same
question."""

OF_THE_PERSON = frozenset({"people", "history"})
"""Scopes that ask who the person is, or what they looked at."""

_WHERE = frozenset({"place", *PLACES})

_FROM_THE_PAGE = frozenset({"recently_viewed", "cart_reminder"})
"""Strategies that what the page itself remembers is enough for."""


def steps_for(placement: Placement, situation: Situation) -> tuple[Step, ...]:
    """Return the steps that this situation may use, each once.

    Without a category, or a place, no step can keep to it. Without personalization a step that needs the
    person gives way to its counterpart, or is left out; what this page itself knows (its products, its cart,
    what was looked at since it was opened) may still be used.
    """
    asked = placement.steps()
    allowed = [_allowed(step, situation) for step in asked]
    found: list[Step] = []
    for place, (step, given) in enumerate(zip(asked, allowed, strict=True)):
        if given is None or given in found:
            continue
        # What has lost its scope would go before the scope that comes next, or say the same as the next.
        following = allowed[place + 1] if place + 1 < len(allowed) else None
        lost = given is not step and given.strategy == step.strategy
        if not (lost and following is not None and following.strategy == given.strategy):
            found.append(given)
    return tuple(found)


def _allowed(step: Step, situation: Situation) -> Step | None:
    given = _within(step, situation) if step.options else step
    return given if situation.personal else _without_person(given, situation)


def asks_where(placement: Placement) -> bool:
    """Tell whether a step of the ladder asks where the visitor is."""
    return any(step.options and step.options.get("scope") in _WHERE for step in placement.ladder)


def scope_of(step: Step) -> str:
    """Return what a step keeps its candidates to, as it goes on a reason's code; empty for nothing."""
    if step.options.get("since_last_visit"):
        return "since_visit"
    return str(step.options.get("scope", ""))


def _within(step: Step, situation: Situation) -> Step:
    scope = step.options.get("scope")
    if scope is None:
        return step
    if scope == "category":
        known = situation.category > 0
    elif scope == "place":
        known = bool(situation.place)
    else:
        known = scope not in PLACES or any(kind_of(place) == scope for place in situation.place)
    return step if known else _less(step, "scope")


def _without_person(step: Step, situation: Situation) -> Step | None:
    options = step.options
    if options.get("seen"):
        return None
    if options.get("since_last_visit"):
        return _less(step, "since_last_visit")
    if options.get("scope") in OF_THE_PERSON:
        return _less(step, "scope")
    counterpart = COUNTERPARTS.get(step.strategy)
    remembered = (situation.recent and step.strategy in _FROM_THE_PAGE) or (
        situation.session and step.strategy == "personal"
    )
    if counterpart is None or remembered:
        return step
    return Step(counterpart, step.share) if counterpart else None


def _less(step: Step, name: str) -> Step:
    """Return a step without one of its options."""
    return Step(step.strategy, step.share, {key: said for key, said in step.options.items() if key != name})
