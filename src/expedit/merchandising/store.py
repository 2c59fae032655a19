"""Rules as they are kept: arrangements of their own, and one arrangement that is the order of them all.

Their order stands apart, so that putting them in another order neither publishes a draft nor is undone with
a rule, and has a version of its own.
"""

from __future__ import annotations

from expedit.access import Arranged, Arrangements
from expedit.core import NotFound, Struct, evolve
from expedit.merchandising.model import Edition, Rule, State
from expedit.storage import Transaction


class RuleOrder(Struct, frozen=True):
    """Rules by id, the first to be taken first; those that are not in it come behind, the oldest first."""

    ids: tuple[str, ...] = ()


RULES: Arrangements[Rule] = Arrangements("rule", Rule)
ORDER: Arrangements[RuleOrder] = Arrangements("rule_order", RuleOrder)
ALL = ""
"""Id of the one order that there is."""

_STEP = 10


def read_rules(tx: Transaction, states: tuple[State, ...] = ("draft", "published")) -> list[Edition]:
    """Return the newest edition of every rule in one of `states`, by priority."""
    return _by_priority(tx, [one for one in RULES.every(tx) if one.state in states])


def read_in_force(tx: Transaction) -> list[Edition]:
    """Return the editions that are in force, by priority."""
    return _by_priority(tx, RULES.in_force(tx))


def read_newest(tx: Transaction, rule_id: str) -> Edition:
    """Return the newest edition of a rule.

    Raises
    ------
    NotFound
        When there is no such rule.
    """
    found = RULES.newest(tx, rule_id)
    if found is None:
        raise NotFound(f"there is no rule {rule_id[:60]!r}")
    return told(tx, found)


def read_history(tx: Transaction, rule_id: str) -> list[Edition]:
    """Return every edition of a rule, the newest first."""
    priorities = _priorities(tx)
    return [_edition(one, priorities) for one in RULES.history(tx, rule_id)]


def read_order(tx: Transaction) -> Arranged[RuleOrder] | None:
    """Return the order of the rules; None before somebody has chosen one."""
    return ORDER.newest(tx, ALL)


def told(tx: Transaction, one: Arranged[Rule]) -> Edition:
    """Return an edition with the place that the rule has among the others now."""
    return _edition(one, _priorities(tx))


def _by_priority(tx: Transaction, found: list[Arranged[Rule]]) -> list[Edition]:
    priorities = _priorities(tx)
    return sorted((_edition(one, priorities) for one in found), key=lambda one: one.rule.priority)


def _edition(one: Arranged[Rule], priorities: dict[str, int]) -> Edition:
    rule = evolve(one.body, id=one.id, priority=priorities[one.id])
    return Edition(rule, one.state, one.version, one.at, one.author, one.change, one.live)


def _priorities(tx: Transaction) -> dict[str, int]:
    order = read_order(tx)
    first = {rule: place for place, rule in enumerate(order.body.ids)} if order else {}
    ranked = sorted(RULES.names(tx), key=lambda rule: first.get(rule, len(first)))
    return {rule: place * _STEP for place, rule in enumerate(ranked, 1)}
