"""What a placement would answer without and with rules, and what each of them changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from expedit.core import Struct, read_condition
from expedit.decisions.deciding import PINNED
from expedit.decisions.desk import Decision, Trial, desk
from expedit.decisions.model import Shown
from expedit.decisions.preview_who import Stand, stand_for
from expedit.decisions.ruling import PICKED
from expedit.decisions.situations import market_of
from expedit.decisions.wire import AskContext
from expedit.merchandising import PRODUCT, Include, Plan, Rule, RuleBook
from expedit.storage import Shop

Change = Literal["same", "up", "down", "entered", "left"]


class Compared(Struct, frozen=True):
    """A product in one of the two answers.

    Parameters
    ----------
    product
        Its id.
    rank, other
        Its place here and in the other answer, from 1; 0 when it is not there.
    change
        What became of it.
    rules
        Ids of the rules that moved, put in, pinned or removed it; none when it made room for others.
    shown
        The item, for its sentence and picture.
    """

    product: str
    rank: int
    other: int
    change: Change
    rules: tuple[str, ...]
    shown: Shown


class Comparison(Struct, frozen=True):
    """Two answers to the same question.

    Parameters
    ----------
    before, after
        Without and with the rules, as decisions.
    left, right
        Their items, marked.
    held
        Ids of the rules that held in the second.
    stand
        Who asked.
    """

    before: Decision
    after: Decision
    left: tuple[Compared, ...]
    right: tuple[Compared, ...]
    held: tuple[str, ...]
    stand: Stand

    @property
    def changed(self) -> int:
        """How many places are not as they were."""
        return sum(one.change != "same" for one in self.right) + sum(
            one.change == "left" for one in self.left
        )


class _Noting(RuleBook):
    """Rules that note which of them held."""

    held: tuple[Rule, ...] = ()

    def holding(
        self,
        placement: str,
        channel: str,
        market: str,
        facts: Mapping[str, Any],
        at: int,
        without: str = "",
    ) -> Plan | None:
        plan = super().holding(placement, channel, market, facts, at, without)
        self.held = plan.rules if plan is not None else ()
        return plan


def compare(
    shop: Shop,
    placement: str,
    context: AskContext,
    at: int,
    rules: tuple[Sequence[Rule], Sequence[Rule]],
    who: str = "anonymous",
    key: str = "",
) -> Comparison:
    """Return what a placement answers under the first and under the second set of rules.

    Parameters
    ----------
    at
        The moment in which it is asked, microseconds.
    who, key
        One of `preview_who.WHO`, and for ``person`` and ``audience`` their id.

    Raises
    ------
    NotFound
        When there is no such placement, person or audience, or nobody is in it.
    """
    found = desk(shop)
    spot = found.placement(placement, "placement")
    market = market_of(context, found.catalog.current().markets, "context")
    stand = stand_for(found, who, key, at, market, anywhere=context.market is None)

    def asked(book: RuleBook) -> Decision:
        return found.decide(spot, stand.asker, context, explain=True, keep=False, trial=Trial(at, book))

    second = _Noting(rules[1])
    before, after = asked(RuleBook(rules[0])), asked(second)
    acts = _acts(after, second)
    return Comparison(
        before, after, _marked(before, _ranks(after), acts, "left"),
        _marked(after, _ranks(before), acts, "entered"), tuple(rule.id for rule in second.held), stand,
    )  # fmt: skip


def _ranks(decision: Decision) -> dict[int, int]:
    return {one.item: rank for rank, one in enumerate(decision.outcome.shown, 1)}


def _acts(after: Decision, book: _Noting) -> dict[int, list[tuple[str, bool]]]:
    """Return which rules did something to which product, and whether that lifted it."""
    acts: dict[int, list[tuple[str, bool]]] = {}
    for one in (*after.outcome.shown, *after.outcome.candidates):
        acts[one.item] = [
            (part.code.removeprefix("rule:"), part.value >= 0)
            for part in one.parts
            if part.code.startswith("rule:") and (part.value or one.strategy == PINNED)
        ]
        if one.scope == PICKED:
            acts[one.item] += [(rule, True) for rule in _including(one.item, after, book)]
    for gone in after.outcome.removed:
        if gone.rule:
            acts.setdefault(gone.item, []).append((gone.rule, False))
    return acts


def _including(item: int, after: Decision, book: _Noting) -> list[str]:
    situation = after.situation
    fitting = book.fitting(after.snapshot, situation.market, situation.at)
    return [
        rule.id
        for rule in book.held
        if isinstance(rule.action, Include)
        and item
        in fitting.everywhere(book.number_of(read_condition(rule.action.which, PRODUCT)), situation.at)
    ]


def _marked(
    decision: Decision,
    ranks: Mapping[int, int],
    acts: Mapping[int, list[tuple[str, bool]]],
    missing: Change,
) -> tuple[Compared, ...]:
    """Return the items of an answer with what became of each.

    Parameters
    ----------
    ranks
        Place of each item of the other answer.
    missing
        What is said of an item that the other answer has not.
    """
    marked = []
    for rank, one in enumerate(decision.outcome.shown, 1):
        other = ranks.get(one.item, 0)
        risen = other > rank if missing == "entered" else other < rank
        change: Change = missing if not other else "same" if other == rank else "up" if risen else "down"
        # A rule that lifted what nevertheless fell is not why it fell.
        lifted = {"up": True, "entered": True, "down": False, "left": False}.get(change)
        rules = dict.fromkeys(rule for rule, up in acts.get(one.item, ()) if up is lifted)
        marked.append(Compared(decision.snapshot.ids[one.item], rank, other, change, tuple(rules), one))
    return tuple(marked)
