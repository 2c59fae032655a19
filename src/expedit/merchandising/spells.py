"""When each edition of a rule was in force and measured: what one edition did is no measure of another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from expedit.access import Arranged
from expedit.core import SECOND, Struct, evolve, to_json
from expedit.merchandising.model import Rule
from expedit.merchandising.store import RULES
from expedit.storage import Shop

SETTLED = 2 * SECOND
"""How long after a change some server may still follow what was in force before: that time is in no spell."""


class Spell(Struct, frozen=True):
    """A time in which a rule did one thing, and chance could leave it out.

    Parameters
    ----------
    rule
        As it was in force.
    edition
        Version of the newest measured edition that does the same: another name, note or place makes no other
        rule.
    since, until
        From and until when, as far as its schedule let it; `until` is None while nothing ends it.
    """

    rule: Rule
    edition: int
    since: int
    until: int | None


def rule_spells(shop: Shop) -> tuple[Spell, ...]:
    """Return when what of each rule was in force and measured, rule by rule, the oldest first."""
    with shop.database.reading() as tx:
        histories = RULES.histories(tx)
    return tuple(spell for history in histories for spell in spells_of(history))


def spells_of(history: Sequence[Arranged[Rule]]) -> list[Spell]:
    """Return the spells of one rule; the time in which it had no coin is in none.

    Parameters
    ----------
    history
        Every edition of it, the oldest first.
    """
    bodies = {one.version: evolve(one.body, id=one.id) for one in history}
    measured = {one.live for one in history if one.live and bodies[one.live].has_coin}
    newest = {_deed(bodies[version]): version for version in sorted(measured)}
    found: list[Spell] = []
    ends = [after.at for _, after in pairwise(history)]
    for one, until in zip(history, [*ends, None], strict=True):
        if one.live not in measured:
            continue
        edition = newest[_deed(bodies[one.live])]
        last = found[-1] if found else None
        if last is not None and (last.edition, last.until) == (edition, one.at):
            found[-1] = evolve(last, until=until)
        else:
            found.append(Spell(bodies[edition], edition, one.at, until))
    return [spell for spell in map(_within_its_schedule, found) if spell is not None]


def _within_its_schedule(spell: Spell) -> Spell | None:
    """Return a spell as long as servers followed it; None when they never did."""
    starts, ends = spell.rule.starts, spell.rule.ends
    since = max(spell.since + SETTLED, starts or 0)
    until = min((end for end in (spell.until, ends) if end is not None), default=None)
    return None if until is not None and until <= since else evolve(spell, since=since, until=until)


def do_the_same(one: Rule, other: Rule) -> bool:
    """Tell whether two editions of a rule differ in nothing but what is said of it, its place and its
    coin."""
    return _deed(one) == _deed(other)


def _deed(rule: Rule) -> bytes:
    """Return what a rule does, where, when and for whom, without what is only said of it."""
    return to_json(evolve(rule, name="", note="", priority=0, measured=None))
