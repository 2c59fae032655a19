"""Where rules are tried before they go live: the room that answers placements tells how."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from expedit.merchandising.lint import Finding
from expedit.merchandising.model import Rule
from expedit.storage import Shop

Rehearse = Callable[[Shop, Rule, Sequence[Rule]], list[Finding]]
"""Gives what a rule would do to the placements, beside the other rules in force."""


def _nothing(_shop: Shop, _rule: Rule, _others: Sequence[Rule]) -> list[Finding]:
    return []


class Stage:
    """How a shop rehearses; where nothing answers placements, there is nothing to see."""

    def __init__(self) -> None:
        self.rehearse: Rehearse = _nothing


def stage(shop: Shop) -> Stage:
    """Return the one stage of `shop`."""
    return shop.part(Stage, Stage)
