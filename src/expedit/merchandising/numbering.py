"""The product conditions of a set of rules, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from expedit.core import Condition, Struct, field, read_condition
from expedit.merchandising.model import (
    Action,
    Boost,
    Bury,
    Diversity,
    Exclude,
    Include,
    NeverWith,
    Only,
    Rule,
)
from expedit.merchandising.predicates import Predicates
from expedit.merchandising.vocabulary import PRODUCT


class Numbered(Struct, frozen=True):
    """The product conditions of a set of rules, and where each rule finds its own.

    Parameters
    ----------
    predicates
        All of them.
    places
        Canonical text → number.
    """

    predicates: Predicates
    places: dict[str, int] = field(default_factory=dict)

    def of(self, which: Mapping[str, object]) -> int:
        """Return the number of a condition."""
        return self.places[read_condition(which, PRODUCT).text]


def conditions_in(action: Action) -> tuple[tuple[str, dict[str, object]], ...]:
    """Return the product conditions of an action with the names of their fields."""
    match action:
        case NeverWith(which, beside):
            return (("which", which), ("beside", beside))
        case Exclude() | Only() | Boost() | Bury() | Include():
            return (("which", action.which),)
        case Diversity(which=which) if which:
            return (("which", which),)
    return ()


def number(rules: Sequence[Rule]) -> Numbered:
    """Number the product conditions of `rules`, each once."""
    places: dict[str, int] = {}
    conditions: list[Condition] = []
    for rule in rules:
        for _, raw in conditions_in(rule.action):
            condition = read_condition(raw, PRODUCT)
            if condition.text not in places:
                places[condition.text] = len(conditions)
                conditions.append(condition)
    included = [rule.action.which for rule in rules if isinstance(rule.action, Include)]
    everywhere = [places[read_condition(which, PRODUCT).text] for which in included]
    return Numbered(Predicates(conditions, everywhere), places)
