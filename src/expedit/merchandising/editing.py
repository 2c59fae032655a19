"""What merchandisers do with rules; each step is an edition with its author and stands in the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from expedit.access import audit_in
from expedit.audiences import need_audiences
from expedit.core import Conflict, InvalidInput, evolve, new_id
from expedit.merchandising.model import Edition, Rule, State
from expedit.merchandising.reading import MOST_RULES, audiences_named, check_rule, when_of
from expedit.merchandising.store import (
    read_edition,
    read_history,
    read_newest,
    read_rules,
    write_edition,
)
from expedit.storage import Shop, Transaction

_STEP = 10


def create_rule(shop: Shop, rule: Rule, author: str) -> Edition:
    """Keep a new rule as a draft, last in priority, and return it with its id.

    Raises
    ------
    InvalidInput
        Naming the field at fault, or when there are too many rules.
    """
    at = shop.clock()
    with shop.database.writing() as tx:
        others = read_rules(tx)
        if len(others) >= MOST_RULES:
            raise InvalidInput("name", f"there are {MOST_RULES} rules already; archive some")
        last = max((one.rule.priority for one in others), default=0)
        checked = check_rule(evolve(rule, id=new_id(at), priority=last + _STEP))
        need_audiences(tx, audiences_named(when_of(checked)), in_force=False)
        edition = Edition(checked, "draft", 1, at, author, "created")
        write_edition(tx, edition, 0)
        _note(tx, shop, "create", edition)
    return edition


def change_rule(shop: Shop, rule: Rule, seen: int, author: str) -> Edition:
    """Keep the changed rule; one that is in force stays in force, as changed.

    Parameters
    ----------
    seen
        The version that the author saw.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    Conflict
        When somebody else has changed it since.
    """
    return _next(shop, rule.id, seen, author, "change", rule=check_rule(rule))


def publish_rule(shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    """Put a rule in force."""
    return _next(shop, rule_id, seen, author, "publish", state="published")


def archive_rule(shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    """Take a rule out of force, and out of the list; its history stays."""
    return _next(shop, rule_id, seen, author, "archive", state="archived")


def draft_rule(shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    """Take a rule out of force and keep it as a draft."""
    return _next(shop, rule_id, seen, author, "draft", state="draft")


def restore_rule(shop: Shop, rule_id: str, version: int, seen: int, author: str) -> Edition:
    """Put a rule back to how it stood in `version`, as its next edition: nothing is ever lost."""
    return _restore(shop, rule_id, version, seen, author, "restore")


def undo_rule(shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    """Take back the last change of a rule; the place that it was given since among the others stays.

    Raises
    ------
    Conflict
        When it has only been created: then there is nothing to go back to.
    """
    with shop.database.reading() as tx:
        history = [one for one in read_history(tx, rule_id) if one.change != "reordered"]
    if len(history) < 2:
        raise Conflict("there is no earlier version to go back to")
    return _restore(shop, rule_id, history[1].version, seen, author, "undo")


def reorder_rules(shop: Shop, ids: Sequence[str], author: str) -> None:
    """Give the rules `ids` their priorities in that order; all others keep theirs behind them.

    Raises
    ------
    NotFound
        When one of them is gone.
    """
    at = shop.clock()
    with shop.database.writing() as tx:
        wanted = {rule_id: place for place, rule_id in enumerate(dict.fromkeys(ids))}
        for rule_id in wanted:
            read_newest(tx, rule_id)
        kept = read_rules(tx)
        order = sorted(kept, key=lambda one: (wanted.get(one.rule.id, len(wanted)), one.rule.priority))
        for place, one in enumerate(order, 1):
            if one.rule.priority != place * _STEP:
                moved = evolve(one.rule, priority=place * _STEP)
                edition = Edition(moved, one.state, one.version + 1, at, author, "reordered")
                write_edition(tx, edition, one.version)
        audit_in(tx, shop, author, "rules.order", "", {"rules": len(wanted)})


def _restore(shop: Shop, rule_id: str, version: int, seen: int, author: str, deed: str) -> Edition:
    with shop.database.reading() as tx:
        old = read_edition(tx, rule_id, version)
    return _next(shop, rule_id, seen, author, deed, rule=old.rule, state=old.state)


_CHANGES = {
    "change": "changed", "publish": "published", "archive": "archived", "draft": "withdrawn",
    "restore": "restored", "undo": "restored",
}  # fmt: skip
"""What the history calls each deed."""


def _next(
    shop: Shop,
    rule_id: str,
    seen: int,
    author: str,
    deed: str,
    *,
    rule: Rule | None = None,
    state: State | None = None,
) -> Edition:
    with shop.database.writing() as tx:
        newest = read_newest(tx, rule_id)
        kept = newest.rule if rule is None else evolve(rule, priority=newest.rule.priority)
        edition = Edition(kept, state or newest.state, seen + 1, shop.clock(), author, _CHANGES[deed])
        if edition.state != "archived":
            named = audiences_named(when_of(edition.rule))
            need_audiences(tx, named, in_force=edition.state == "published")
        write_edition(tx, edition, seen)
        _note(tx, shop, deed, edition)
    return edition


def _note(tx: Transaction, shop: Shop, deed: str, edition: Edition) -> None:
    said = edition.rule.name
    audit_in(
        tx, shop, edition.author, f"rules.{deed}", edition.rule.id, {"name": said, "version": edition.version}
    )
