"""From JSON to a rule, or to a complaint that names the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from expedit.core import (
    SECOND,
    Condition,
    InvalidInput,
    ValidationError,
    convert,
    invalid_input,
    leaves_of,
    read_condition,
)
from expedit.merchandising.model import (
    Boost,
    BrandConflict,
    Bury,
    Diversity,
    Include,
    NewFirst,
    Pin,
    PriceBand,
    Rule,
)
from expedit.merchandising.numbering import conditions_in
from expedit.merchandising.vocabulary import PRODUCT, SITUATION

MOST_RULES = 500
MOST_PRODUCTS = 100
LONGEST_NAME = 120
LONGEST_NOTE = 2_000
MOST_NAMES = 200
EARLIEST, LATEST = 946_684_800 * SECOND, 4_102_444_800 * SECOND
"""Moments between which a schedule lies, the beginnings of 2000 and 2100; what was told in milliseconds or
nanoseconds does not."""


def read_rule(raw: Mapping[str, Any]) -> Rule:
    """Return the rule that `raw` describes, with its conditions in their canonical form.

    Raises
    ------
    InvalidInput
        Naming the field, as ``action.which.brnd``.
    """
    try:
        rule = convert(raw, Rule)
    except ValidationError as error:
        raise invalid_input(error) from None
    return check_rule(rule)


def check_rule(rule: Rule) -> Rule:
    """Return `rule`, or complain about the first field that does not fit.

    Raises
    ------
    InvalidInput
        Naming the field.
    """
    if not rule.name.strip():
        raise InvalidInput("name", "a rule needs a name")
    _at_most("name", len(rule.name), LONGEST_NAME)
    _at_most("note", len(rule.note), LONGEST_NOTE)
    for name in ("placements", "channels", "markets"):
        _check_names(name, getattr(rule, name), MOST_NAMES)
    for name in ("starts", "ends"):
        _in_our_time(name, getattr(rule, name))
    if rule.starts is not None and rule.ends is not None and rule.starts >= rule.ends:
        raise InvalidInput("ends", "lies before the start")
    if not 0 <= rule.priority <= 1_000_000:
        raise InvalidInput("priority", "must be 0 … 1,000,000")
    when_of(rule)
    for name, which in conditions_in(rule.action):
        read_condition(which, PRODUCT, f"action.{name}")
    _check_action(rule)
    return rule


def when_of(rule: Rule) -> Condition:
    """Return the condition of the moment in which a rule holds."""
    return read_when(rule.when)


def read_when(raw: Mapping[str, Any]) -> Condition:
    """Return the condition on a moment that `raw` writes.

    Raises
    ------
    InvalidInput
        Naming the place; also where audiences are asked for by a part of their ids, for only those that are
        named are looked up.
    """
    when = read_condition(raw, SITUATION, "when")
    for leaf in leaves_of(when):
        if leaf.field == "audience" and leaf.operator in {"$contains", "$startsWith"}:
            raise InvalidInput(f"when.{leaf.place}", "is not for audiences, which are named whole")
    return when


def audiences_named(when: Condition) -> tuple[tuple[str, str], ...]:
    """Return the audiences that a condition of the moment names: where each stands, and its id."""
    return tuple(
        (f"when.{leaf.place}", audience)
        for leaf in leaves_of(when)
        if leaf.field == "audience"
        for audience in (leaf.operand if isinstance(leaf.operand, list) else [leaf.operand])
        if isinstance(audience, str)
    )


def _check_action(rule: Rule) -> None:
    action = rule.action
    match action:
        case Boost() | Bury():
            _between("action.by", action.by, 0, 10)
        case Include():
            _between("action.level", action.level, 0, 10)
            _between("action.most", action.most, 1, MOST_PRODUCTS)
        case NewFirst():
            _between("action.days", action.days, 1, 3_650)
        case Diversity():
            _between("action.most", action.most, 1, MOST_PRODUCTS)
        case Pin():
            _check_pin(action)
        case PriceBand():
            _check_band(action)
        case BrandConflict():
            _check_conflict(action)


def _check_pin(action: Pin) -> None:
    if not action.products:
        raise InvalidInput("action.products", "name at least one product")
    if len(set(action.products)) < len(action.products):
        raise InvalidInput("action.products", "names a product twice")
    _check_names("action.products", action.products, MOST_PRODUCTS)
    _between("action.position", action.position, 1, MOST_PRODUCTS)


def _check_band(action: PriceBand) -> None:
    _between("action.low", action.low, 0, 100)
    _between("action.high", action.high, 0, 100)
    if not action.low and not action.high:
        raise InvalidInput("action.high", "name a lower or an upper bound")
    if action.high and action.low > action.high:
        raise InvalidInput("action.high", "is below the lower bound")


def _check_conflict(action: BrandConflict) -> None:
    for name, group in (("brands", action.brands), ("against", action.against)):
        if not group:
            raise InvalidInput(f"action.{name}", "name at least one brand")
        _check_names(f"action.{name}", group, MOST_NAMES)
    both = sorted(set(action.brands) & set(action.against))
    if both:
        raise InvalidInput("action.against", f"{both[0]!r} is on both sides")


def _check_names(field: str, names: Sequence[str], most: int) -> None:
    _at_most(field, len(names), most)
    if not all(name.strip() for name in names):
        raise InvalidInput(field, "holds an empty name")


def _in_our_time(name: str, at: int | None) -> None:
    if at is not None and not EARLIEST <= at < LATEST:
        raise InvalidInput(name, "lies outside the years 2000 to 2099; it is told in microseconds since 1970")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InvalidInput(name, f"must be {low:g} … {high:g}")


def _at_most(name: str, count: int, most: int) -> None:
    if count > most:
        raise InvalidInput(name, f"is longer than {most}")
