"""Executing a logged decision again, to see every candidate, and telling honestly what is no longer the same.

The log keeps what a decision rested on (products, cart, session, category), the versions of model and catalog
and a fingerprint of the placement. The model's version is opened anew while it is kept; the catalog, and what
the profile adds to the inputs (tastes, older views and purchases), are taken as they are now.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Literal

from expedit.catalog import CatalogSnapshot
from expedit.core import DAY, ExpeditError, Struct, evolve
from expedit.decisions.deciding import Request, decide
from expedit.decisions.desk import Desk, desk
from expedit.decisions.ladder import steps_for
from expedit.decisions.model import (
    CandidateList,
    CartValue,
    Memory,
    Outcome,
    Situation,
    StrategySource,
    Tastes,
    no_memory,
    no_tastes,
)
from expedit.decisions.placements import Placement, Step
from expedit.decisions.reasons import reason_code
from expedit.decisions.record import LoggedDecision
from expedit.decisions.ruling import LaidRules, Measured, as_measured, facts_of, lay_rules
from expedit.decisions.situations import just_bought, memory_of, memory_of_page, tastes_of, worth_of
from expedit.decisions.sources import Sources
from expedit.profiles import Profile, read_profile
from expedit.recommendation import Model, load_model
from expedit.storage import Shop

Change = Literal[
    "model", "catalog", "recipe", "rules", "profile", "sessions", "newcomers", "sales", "page", "gone"
]
"""What is different now: the model's version is no longer kept; the catalog has changed; the placement or
the exploring share was changed; rules were changed; the person has been active since; the model has learned
from visits since; products newer than the model were compared since; sales that rules follow were counted
anew; rules ask for the page's address, which is not logged; products of the decision are no longer known."""

_OF_NEWCOMERS = {"similar", "visually_similar"}
"""Strategies that ask what products newer than the model are like."""

_ALIKE = "personal_alike"
"""How the reason codes begin of what `personal` gives where no sessions tell: it asks the same."""


class StepTrace(Struct, frozen=True):
    """What one step of the ladder did.

    Parameters
    ----------
    place, step, fallback
        Which one; whether it is the fallback.
    asked
        Whether the answer was still open when its turn came.
    given
        Candidates that its strategy gave.
    removed
        How many were left out, by reason.
    shown
        How many of the answer's items it gave.
    """

    place: int
    step: Step
    fallback: bool
    asked: bool
    given: int
    removed: dict[str, int]
    shown: int


class Again(Struct, frozen=True):
    """A decision executed again.

    Parameters
    ----------
    outcome, situation, snapshot
        The new execution, fully explained, and what it rested on.
    codes
        Reason code of each shown item.
    steps
        What each step of the ladder did.
    same
        Whether it shows the same products in the same order.
    changes
        What is no longer as it was; when it is empty, everything was.
    model
        Version that it was executed with.
    """

    outcome: Outcome
    situation: Situation
    snapshot: CatalogSnapshot
    codes: tuple[str, ...]
    steps: tuple[StepTrace, ...]
    same: bool
    changes: tuple[Change, ...]
    model: str


def execute_again(shop: Shop, logged: LoggedDecision) -> Again | None:
    """Execute a decision again; None when there is no such placement any more, or it was a listing."""
    at_desk = desk(shop)
    placement = at_desk.placements.current().get(logged.placement)
    if placement is None:
        return None
    snapshot = at_desk.catalog.current()
    if logged.market not in snapshot.markets:
        return None
    changes: list[Change] = []
    model, kept = _model(at_desk, logged.model)
    if not kept:
        changes.append("model")
    if snapshot.version != logged.catalog:
        changes.append("catalog")
    if logged.recipe and logged.recipe != at_desk.recipe(placement):
        changes.append("recipe")
    if logged.rules != at_desk.rules.current().version:
        changes.append("rules")
    profile = read_profile(shop.database, logged.subject) if logged.subject else None
    if profile is not None and profile.last_at > logged.at and logged.personal:
        changes.append("profile")
    situation, known = _situation(at_desk, placement, logged, profile, snapshot)
    if not known:
        changes.append("gone")
    laid, _ = lay_rules(
        at_desk.rules.current(), placement.name, situation, snapshot,
        partial(
            facts_of, placement.name, situation, profile, snapshot, logged.inputs.query, "", at_desk.zone
        ),
        as_measured(Measured(logged.measured, logged.off, logged.among)),
        partial(at_desk.audiences_among, situation, profile),
    )  # fmt: skip
    return _decided(at_desk, placement, logged, situation, snapshot, model, changes, laid)


def _decided(
    at_desk: Desk,
    placement: Placement,
    logged: LoggedDecision,
    situation: Situation,
    snapshot: CatalogSnapshot,
    model: Model,
    changes: list[Change],
    laid: LaidRules | None,
) -> Again:
    given: dict[int, int] = {}
    steps = steps_for(placement, situation)
    source = _listening(Sources(at_desk.terms).of(model, snapshot), steps, given)
    share = at_desk.shop.settings.explore_share
    request = Request(logged.id, logged.limit or placement.size, share, explain=True, rules=laid)
    pieces = at_desk.shelf.of(snapshot, situation.market, situation.locale, placement.lasting)
    outcome = decide(placement, situation, snapshot, source, request, pieces.sizes)
    same = [snapshot.ids[one.item] for one in outcome.shown] == [item.product for item in logged.items]
    strategies = {steps[place].strategy for place in given}
    now = [reason_code(one) for one in (*outcome.shown, *outcome.candidates)]
    alike_then = any(item.reason.startswith(_ALIKE) for item in logged.items)
    alike_now = any(code.startswith(_ALIKE) for code in now)
    if "personal" in strategies and not same and not (alike_then and alike_now):
        changes.append("sessions")
    if not same and (alike_then or alike_now or not strategies.isdisjoint(_OF_NEWCOMERS)):
        changes.append("newcomers")
    book = at_desk.rules.current()
    if book.asks_sales and not same:
        changes.append("sales")
    if book.asks_url and not same:
        changes.append("page")
    return Again(
        outcome, situation, snapshot, tuple(map(reason_code, outcome.shown)),
        _traces(placement, steps, given, outcome), same, tuple(changes), model.version,
    )  # fmt: skip


def _listening(source: StrategySource, steps: tuple[Step, ...], given: dict[int, int]) -> StrategySource:
    """Return `source`, noting in `given` how many candidates each step got."""

    def ask(step: Step, situation: Situation, count: int) -> CandidateList:
        found = source(step, situation, count)
        given[steps.index(step)] = int(found.items.size)
        return found

    return ask


def _traces(
    placement: Placement, steps: tuple[Step, ...], given: dict[int, int], outcome: Outcome
) -> tuple[StepTrace, ...]:
    found = []
    last = len(steps) - 1
    for place, step in enumerate(steps):
        removed: dict[str, int] = {}
        for one in outcome.removed:
            if one.step == place:
                removed[one.reason] = removed.get(one.reason, 0) + 1
        shown = sum(one.step == place for one in outcome.shown)
        fallback = place > 0 and place == last and bool(placement.fallback)
        found.append(StepTrace(place, step, fallback, place in given, given.get(place, 0), removed, shown))
    return tuple(found)


def _situation(
    at_desk: Desk,
    placement: Placement,
    logged: LoggedDecision,
    profile: Profile | None,
    snapshot: CatalogSnapshot,
) -> tuple[Situation, bool]:
    """Return the situation as far as it is known, and whether every product of it still is."""
    inputs, lookup = logged.inputs, at_desk.lookup
    names = (inputs.products, inputs.cart, inputs.session, inputs.taken)
    subjects, cart, session, taken = (lookup.indices(snapshot, ids) for ids in names)
    known = all(name in snapshot.index for ids in names for name in ids)
    category = (lookup.category(snapshot, inputs.category) if inputs.category else 0) or 0
    recent: tuple[int, ...] = tuple(dict.fromkeys(reversed(session))) if not logged.subject else ()
    bought: tuple[int, ...] = ()
    tastes: Callable[[], Tastes] = no_tastes
    memory: Callable[[], Memory] = partial(memory_of_page, recent, logged.at) if recent else no_memory
    anchors = cart
    if profile is not None:
        past = evolve(
            profile,
            recent=tuple(one for one in profile.recent if one.at <= logged.at),
            purchased=tuple(one for one in profile.purchased if one.at <= logged.at),
            visits=tuple(at for at in profile.visits if at <= logged.at),
        )
        bought = just_bought(past, snapshot, logged.at - placement.bought_days * DAY, lookup)
        if logged.personal:
            recent = lookup.indices(snapshot, [one.product for one in past.recent[:30]])
            memory = partial(memory_of, past, snapshot, logged.at, lookup)
            if placement.personal:
                tastes = partial(tastes_of, past, snapshot, logged.at, at_desk.half_life, lookup)
        else:  # what only the profile of a held-out person knows may not speak for others
            own = set(lookup.indices(snapshot, [line.product for line in profile.cart]))
            anchors = tuple(item for item in cart if item not in own)
    value = CartValue(inputs.cart_value, partial(worth_of, anchors, snapshot, logged.market, logged.at))
    return Situation(
        logged.at, logged.market, logged.channel, logged.locale, subjects, cart, session, recent, bought,
        anchors, category, logged.personal, tastes, memory,
        value, taken, inputs.place, inputs.arrival,
    ), known  # fmt: skip


class _Kept:
    """The model that was opened last for looking back, since a page is often looked at twice."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.model: Model | None = None


def _model(at_desk: Desk, version: str) -> tuple[Model, bool]:
    """Return the model of that version, or the one that serves now and False when it is no longer kept."""
    serving = at_desk.models.current()
    if version == serving.version:
        return serving, True
    kept = at_desk.shop.part(_Kept, _Kept)
    with kept.lock:
        if kept.model is not None and kept.model.version == version:
            return kept.model, True
        try:
            kept.model = load_model(at_desk.shop.home.models, version)
        except ExpeditError:
            return serving, False
        return kept.model, True
