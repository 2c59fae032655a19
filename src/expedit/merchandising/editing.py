"""What merchandisers do with rules; each step is an edition with its author and stands in the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from expedit.access import Arranged, audit_in
from expedit.audiences import need_audiences
from expedit.core import SECOND, InvalidInput, NotFound, evolve, new_id, time_of_id
from expedit.merchandising.model import Edition, Rule
from expedit.merchandising.reading import MOST_RULES, audiences_named, check_rule, when_of
from expedit.merchandising.store import (
    ALL,
    ORDER,
    RULES,
    RuleOrder,
    read_history,
    read_newest,
    read_rules,
    told,
)
from expedit.storage import Shop, Transaction

_TICK = SECOND // 1_000
"""Ids tell moments this far apart from each other."""


def create_rule(shop: Shop, rule: Rule, author: str, *, publish: bool = False) -> Edition:
    """Keep a new rule as a draft, behind all others, and return it with its id.

    Parameters
    ----------
    publish
        Put it in force as well: both, or neither.

    Raises
    ------
    InvalidInput
        Naming the field at fault, or when there are too many rules.
    """
    checked = check_rule(rule)
    with shop.database.writing() as tx:
        made = _save(tx, shop, _next_id(tx, shop.clock()), checked, 0, author, publish=publish)
        _need_room(tx)
        return made


def change_rule(shop: Shop, rule: Rule, seen: int, author: str, *, publish: bool = False) -> Edition:
    """Keep the changed rule as a draft; what is in force stays.

    Parameters
    ----------
    seen
        The version that the author saw.
    publish
        Put it in force as well: both, or neither.

    Raises
    ------
    InvalidInput
        Naming the field at fault, or when it was archived and there are too many rules.
    Conflict
        When somebody else has changed it since.
    """
    checked = check_rule(rule)
    with shop.database.writing() as tx, _room_for(tx, rule.id):
        return _save(tx, shop, rule.id, checked, seen, author, publish=publish)


def publish_rule(shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    """Put the newest edition of a rule in force."""
    with shop.database.writing() as tx, _room_for(tx, rule_id):
        return _publish(tx, shop, rule_id, seen, author)


def archive_rule(shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    """Take a rule out of force, and out of the list; its history stays."""
    with shop.database.writing() as tx:
        read_newest(tx, rule_id)
        return _noted(tx, shop, "archive", RULES.archive_in(tx, rule_id, seen, author, shop.clock()))


def draft_rule(shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    """Take a rule out of force and keep it as a draft, or bring an archived one back as a draft."""
    with shop.database.writing() as tx, _room_for(tx, rule_id) as before:
        if not before.live:
            _need_audiences(tx, before.rule, in_force=False)
        return _noted(tx, shop, "draft", RULES.withdraw_in(tx, rule_id, seen, author, shop.clock()))


def discard_rule(shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    """Throw a draft away that stands beside what is in force."""
    with shop.database.writing() as tx:
        read_newest(tx, rule_id)
        return _noted(tx, shop, "discard", RULES.discard_in(tx, rule_id, seen, author, shop.clock()))


def restore_rule(shop: Shop, rule_id: str, version: int, seen: int, author: str) -> Edition:
    """Take what stood in `version` as the next draft; what is in force stays."""
    with shop.database.writing() as tx, _room_for(tx, rule_id):
        edition = RULES.restore_in(tx, rule_id, version, seen, author, shop.clock())
        _need_audiences(tx, edition.body, in_force=False)
        return _noted(tx, shop, "restore", edition)


def undo_rule(shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    """Put a rule back to how it stood before its last change, what was in force as well.

    The place that it has been given among the others since stays.

    Raises
    ------
    Conflict
        When it has only been created: then there is nothing to go back to.
    """
    with shop.database.writing() as tx, _room_for(tx, rule_id):
        edition = RULES.undo_in(tx, rule_id, seen, author, shop.clock())
        if edition.state != "archived":
            _need_audiences(tx, edition.body, in_force=False)
        live = (one.rule for one in read_history(tx, rule_id) if one.version == edition.live)
        for rule in live:
            _need_audiences(tx, rule, in_force=True)
        return _noted(tx, shop, "undo", edition)


def reorder_rules(shop: Shop, ids: Sequence[str], seen: int, author: str) -> int:
    """Put the rules `ids` first, in that order, and all others behind them as they stood.

    Parameters
    ----------
    seen
        The version of the order that the author saw; 0 before there was one.

    Returns
    -------
    int
        The version of the new order.

    Raises
    ------
    NotFound
        When one of them is gone.
    Conflict
        When somebody else has put them in another order since; nothing is written.
    """
    with shop.database.writing() as tx:
        wanted = tuple(dict.fromkeys(ids))
        known, first = set(RULES.names(tx)), set(wanted)
        for rule_id in wanted:
            if rule_id not in known:
                raise NotFound(f"there is no rule {rule_id[:60]!r}")
        others = [one.rule.id for one in read_rules(tx) if one.rule.id not in first]
        written = ORDER.put_in(tx, ALL, RuleOrder((*wanted, *others)), seen, author, shop.clock())
        audit_in(tx, shop, author, "rules.order", "", {"rules": len(wanted), "version": written.version})
    return written.version


def _save(
    tx: Transaction, shop: Shop, rule_id: str, rule: Rule, seen: int, author: str, *, publish: bool
) -> Edition:
    _need_audiences(tx, rule, in_force=publish)
    kept = evolve(rule, id=rule_id, priority=0)
    saved = RULES.save_in(tx, rule_id, kept, seen, author, shop.clock())
    edition = _noted(tx, shop, "change" if seen else "create", saved)
    return _publish(tx, shop, rule_id, edition.version, author) if publish else edition


def _publish(tx: Transaction, shop: Shop, rule_id: str, seen: int, author: str) -> Edition:
    _need_audiences(tx, check_rule(read_newest(tx, rule_id).rule), in_force=True)
    return _noted(tx, shop, "publish", RULES.publish_in(tx, rule_id, seen, author, shop.clock()))


@contextmanager
def _room_for(tx: Transaction, rule_id: str) -> Iterator[Edition]:
    """Give a rule as it stands; when it was archived and is not any more, there must be room for it."""
    before = read_newest(tx, rule_id)
    yield before
    if before.state == "archived":
        _need_room(tx)


def _need_room(tx: Transaction) -> None:
    if len(read_rules(tx)) > MOST_RULES:
        raise InvalidInput("name", f"there are {MOST_RULES} rules already; archive some")


def _need_audiences(tx: Transaction, rule: Rule, *, in_force: bool) -> None:
    need_audiences(tx, audiences_named(when_of(rule)), in_force=in_force)


def _next_id(tx: Transaction, at: int) -> str:
    """Return an id behind all others, so that rules stand in the order in which they were made."""
    last = max(RULES.names(tx), default="")
    return new_id(max(at, time_of_id(last) + _TICK if last else 0))


def _noted(tx: Transaction, shop: Shop, deed: str, one: Arranged[Rule]) -> Edition:
    details: dict[str, str | int | float | bool | list[str] | None] = {
        "name": one.body.name, "version": one.version,
    }  # fmt: skip
    audit_in(tx, shop, one.author, f"rules.{deed}", one.id, details)
    return told(tx, one)
