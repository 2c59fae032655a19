"""How rules stand at a moment: in force, waiting for their time, drafts beside what is in force."""

from __future__ import annotations

from typing import Literal

from expedit.access import Kept as KeptArrangement
from expedit.merchandising.model import Edition, Rule
from expedit.merchandising.store import read_history, read_in_force, read_newest, read_rules
from expedit.storage import Transaction

Standing = Literal["draft", "scheduled", "live", "ended", "archived"]
"""How a rule stands at a moment; ``scheduled`` and ``ended`` are published rules outside their time."""


class Kept(KeptArrangement[Edition], frozen=True):
    """A rule as it is kept."""

    def standing(self, at: int) -> Standing:
        """Return how the rule stands at a moment."""
        if self.live is None:
            return "archived" if self.newest.state == "archived" else "draft"
        rule = self.live.rule
        if rule.starts is not None and at < rule.starts:
            return "scheduled"
        return "ended" if rule.ends is not None and rule.ends <= at else "live"


def read_kept(tx: Transaction, *, archived: bool = False) -> list[Kept]:
    """Return the rules that are in the list, or those that were put away, by priority."""
    newest = read_rules(tx, ("archived",) if archived else ("draft", "published"))
    live = {one.rule.id: one for one in read_in_force(tx)}
    return [Kept(one, live.get(one.rule.id)) for one in newest]


def read_one(tx: Transaction, rule_id: str) -> Kept:
    """Return one rule.

    Raises
    ------
    NotFound
        When there is no such rule.
    """
    newest = read_newest(tx, rule_id)
    found = (one for one in read_history(tx, rule_id) if one.version == newest.live)
    return Kept(newest, next(found, None))


def brought_by_undo(tx: Transaction, rule_id: str) -> Rule | None:
    """Return the rule that comes in force when its last change is undone; None when nothing does."""
    history = read_history(tx, rule_id)
    if len(history) < 2 or history[1].live == history[0].live:
        return None
    return next((one.rule for one in history if one.version == history[1].live), None)
