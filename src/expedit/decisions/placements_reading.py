"""Reading placements: what ``placements.toml`` says, and what holds for each wherever it is written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from expedit.core import InvalidInput, Struct, ValidationError, convert, invalid_input
from expedit.decisions.placements import (
    BUILT_IN,
    FILTERS,
    LOCALES,
    MOST_ITEMS,
    PAGE_TYPES,
    POSITIONS,
    PROOFS,
    STRATEGY_NAMES,
    Placement,
    Step,
)
from expedit.decisions.selectors import check_selector
from expedit.recommendation import check_options

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
"""What a placement of the panel may be called."""

RESERVED = ("list", "new", "figures")
"""Names that mean something else: a listing in the decision log, pages of the panel."""

MOST_STEPS = 12
_LONGEST = 500
_TEMPLATE = re.compile(r"[\w-]{0,60}")


class _Written(Struct, frozen=True, forbid_unknown_fields=True):
    """A placement as the file may write it: every key may be missing."""

    enabled: bool = True
    title: dict[str, str] | str | None = None
    channel: str | None = None
    size: int | None = None
    ladder: list[str | dict[str, Any]] | None = None
    filters: list[str] | None = None
    fallback: str | None = None
    personal: bool | None = None
    bought_days: int | None = None
    selector: str | None = None
    position: str | None = None
    pages: list[str] | None = None
    proof: list[str] | None = None
    template: str | None = None


def read_placements(toml: str, strategies: tuple[str, ...] = STRATEGY_NAMES) -> dict[str, Placement]:
    """Return the built-in placements as changed and completed by the text of a ``placements.toml``.

    Raises
    ------
    InvalidInput
        Naming the key, as ``home-new.ladder[1].strategy``.
    """
    found = {placement.name: placement for placement in BUILT_IN}
    try:
        tables = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("placements.toml", f"is not valid TOML: {error}") from None
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise InvalidInput(name, "stands outside a [placement]")
        try:
            written = _decoded(table)
            if not written.enabled:
                found.pop(name, None)
                continue
            found[name] = check_placement(_laid_over(name, found.get(name), written), strategies)
            check_selector(found[name].selector)
        except InvalidInput as error:
            raise error.under(name) from None
    return found


def _decoded(table: Mapping[str, Any]) -> _Written:
    try:
        return convert(table, _Written)
    except ValidationError as error:
        raise invalid_input(error) from None


def _laid_over(name: str, known: Placement | None, written: _Written) -> Placement:
    """Return `known` (or a blank placement) with the keys that were written."""
    if known is None and written.ladder is None:
        raise InvalidInput("ladder", "a new placement needs one")
    blank = known or Placement(name, {}, ())
    titles = {"en": written.title} if isinstance(written.title, str) else written.title
    return Placement(
        name,
        {**blank.titles, **(titles or {})} or {"en": name},
        blank.ladder
        if written.ladder is None
        else tuple(map(_step, written.ladder, range(len(written.ladder)))),
        blank.size if written.size is None else written.size,
        blank.channel if written.channel is None else written.channel,
        blank.filters if written.filters is None else tuple(written.filters),
        blank.fallback if written.fallback is None else written.fallback,
        blank.personal if written.personal is None else written.personal,
        blank.bought_days if written.bought_days is None else written.bought_days,
        blank.selector if written.selector is None else written.selector,
        blank.position if written.position is None else written.position,
        blank.pages if written.pages is None else tuple(written.pages),
        blank.proof if written.proof is None else tuple(written.proof),
        blank.template if written.template is None else written.template,
    )


def _step(written: str | dict[str, Any], place: int) -> Step:
    if isinstance(written, str):
        return Step(written)
    key = f"ladder[{place}]"
    strategy = written.get("strategy")
    if not isinstance(strategy, str):
        raise InvalidInput(f"{key}.strategy", "is missing")
    share = written.get("share", 1.0)
    if isinstance(share, bool) or not isinstance(share, (int, float)):
        raise InvalidInput(f"{key}.share", "must be a number above 0 and at most 1")
    options = {name: value for name, value in written.items() if name not in {"strategy", "share"}}
    for name, value in options.items():
        if not isinstance(value, (str, int, float, bool)):
            raise InvalidInput(f"{key}.{name}", "must be text, a number or true/false")
    return Step(strategy, float(share), options)


def check_placement(placement: Placement, strategies: tuple[str, ...] = STRATEGY_NAMES) -> Placement:
    """Return `placement`, or complain about the first key that does not fit.

    Whether its selector is one is asked where it is written (`check_selector`): a placement that is in force
    is answered whatever its selector.

    Raises
    ------
    InvalidInput
        Naming the key, as ``ladder[1].strategy``.
    """
    _check_ladder(placement, strategies)
    for place, name in enumerate(placement.filters):
        _one_of(f"filters[{place}]", name, FILTERS)
    for place, name in enumerate(placement.proof):
        _one_of(f"proof[{place}]", name, PROOFS)
    for place, name in enumerate(placement.pages):
        _one_of(f"pages[{place}]", name, PAGE_TYPES)
    for locale in placement.titles:
        _one_of(f"title.{locale}", locale, LOCALES)
    _one_of("position", placement.position, POSITIONS)
    if not 1 <= placement.size <= MOST_ITEMS:
        raise InvalidInput("size", f"must be 1 … {MOST_ITEMS}")
    if placement.bought_days < 0:
        raise InvalidInput("bought_days", "must not be negative")
    if not placement.channel.strip() or len(placement.channel) > 100:
        raise InvalidInput("channel", "must be named, in at most 100 characters")
    if len(placement.selector) > _LONGEST:
        raise InvalidInput("selector", f"is longer than {_LONGEST} characters")
    if not _TEMPLATE.fullmatch(placement.template):
        raise InvalidInput("template", "must be letters, digits, - and _, at most 60")
    return placement


def _check_ladder(placement: Placement, strategies: tuple[str, ...]) -> None:
    if len(placement.ladder) > MOST_STEPS:
        raise InvalidInput("ladder", f"has more than {MOST_STEPS} steps")
    for place, step in enumerate(placement.ladder):
        key = f"ladder[{place}]"
        _one_of(f"{key}.strategy", step.strategy, strategies)
        if not 0 < step.share <= 1:
            raise InvalidInput(f"{key}.share", "must be a number above 0 and at most 1")
        check_options(step.strategy, step.options, key)
    if placement.fallback:
        _one_of("fallback", placement.fallback, strategies)
    if not placement.steps():
        raise InvalidInput("ladder", "is empty and there is no fallback")


def check_name(name: str) -> str:
    """Return the name of a new placement of the panel, or complain about it.

    Raises
    ------
    InvalidInput
        When it does not fit, or means something else.
    """
    if not NAME.fullmatch(name):
        raise InvalidInput("name", "must be small letters, digits and -, as home-summer, at most 60 of them")
    if name in RESERVED:
        raise InvalidInput("name", f"{name!r} means something else here")
    return name


def _one_of(key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InvalidInput(key, f"{value!r} is none of {', '.join(known)}")
