"""What a placement would answer without and with rules, and what each of them changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from expedit.catalog import CatalogSnapshot
from expedit.core import Struct, read_condition
from expedit.decisions.deciding import PINNED
from expedit.decisions.desk import Decision, Trial, desk
from expedit.decisions.preview_who import Stand, stand_for
from expedit.decisions.ruling import PICKED
from expedit.decisions.situations import market_of
from expedit.decisions.wire import AskContext
from expedit.merchandising import PRODUCT, Include, Plan, Rule, RuleBook
from expedit.storage import Shop

Change = Literal["same", "up", "down", "entered", "left"]

Acts = Mapping[int, Sequence[tuple[str, bool]]]
"""Which rules did something to which product, by catalog index, and whether that lifted it."""


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
    """

    product: str
    rank: int
    other: int
    change: Change
    rules: tuple[str, ...]


class Comparison(Struct, frozen=True):
    """Two answers to the same question.

    Parameters
    ----------
    snapshot, market
        What they are made of, and where.
    left, right
        The items without and with the rules, marked.
    held
        Ids of the rules that held in the second.
    stand
        Who asked.
    """

    snapshot: CatalogSnapshot
    market: str
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


class Noting(RuleBook):
    """Rules that note which of them held.

    Attributes
    ----------
    held
        Those of the last answer.
    """

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
        """Return what the rules that hold make together; see `RuleBook.holding`."""
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

    second = Noting(rules[1])
    before, after = asked(RuleBook(rules[0])), asked(second)
    sides = [[one.item for one in side.outcome.shown] for side in (before, after)]
    return marked(after.snapshot, market, sides[0], sides[1], _acts(after, second), second, stand)


def _acts(after: Decision, book: Noting) -> Acts:
    acts: dict[int, list[tuple[str, bool]]] = {}
    for one in (*after.outcome.shown, *after.outcome.candidates):
        acts[one.item] = [
            (part.code.removeprefix("rule:"), part.value >= 0)
            for part in one.parts
            if part.code.startswith("rule:") and (part.value or one.strategy == PINNED)
        ]
        if one.scope == PICKED:
            where = after.snapshot, after.situation.market, after.situation.at
            acts[one.item] += [(rule, True) for rule in including(one.item, book, *where)]
    for gone in after.outcome.removed:
        if gone.rule:
            acts.setdefault(gone.item, []).append((gone.rule, False))
    return acts


def including(item: int, book: Noting, snapshot: CatalogSnapshot, market: str, at: int) -> list[str]:
    """Return the ids of the rules that held which put a product in, whatever else did."""
    fitting = book.fitting(snapshot, market, at)
    return [
        rule.id
        for rule in book.held
        if isinstance(rule.action, Include)
        and item in fitting.everywhere(book.number_of(read_condition(rule.action.which, PRODUCT)), at)
    ]


def marked(
    snapshot: CatalogSnapshot,
    market: str,
    before: Sequence[int],
    after: Sequence[int],
    acts: Acts,
    book: Noting,
    stand: Stand,
    *,
    seen: int | None = None,
) -> Comparison:
    """Return two answers side by side, their items marked with what became of each.

    Parameters
    ----------
    before, after
        Catalog indices in their order.
    acts
        What rules did in the second answer.
    book
        Its rules.
    seen
        How many items of each are looked at; None for all.
    """
    held = tuple(rule.id for rule in book.held)
    left = _side(snapshot, before[:seen], _ranks(after), acts, "left")
    right = _side(snapshot, after[:seen], _ranks(before), acts, "entered")
    return Comparison(snapshot, market, left, right, held, stand)


def _ranks(items: Sequence[int]) -> dict[int, int]:
    return {item: rank for rank, item in enumerate(items, 1)}


def _side(
    snapshot: CatalogSnapshot,
    items: Sequence[int],
    ranks: Mapping[int, int],
    acts: Acts,
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
    found = []
    for rank, item in enumerate(items, 1):
        other = ranks.get(item, 0)
        risen = other > rank if missing == "entered" else other < rank
        change: Change = missing if not other else "same" if other == rank else "up" if risen else "down"
        # A rule that lifted what nevertheless fell is not why it fell.
        lifted = {"up": True, "entered": True, "down": False, "left": False}.get(change)
        rules = dict.fromkeys(rule for rule, up in acts.get(item, ()) if up is lifted)
        found.append(Compared(snapshot.ids[item], rank, other, change, tuple(rules)))
    return tuple(found)
