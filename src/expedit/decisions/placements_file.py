"""The file ``placements.toml``: its commented default, and what it says in a running server."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import structlog

from expedit.core import SECOND, Clock, InvalidInput
from expedit.decisions.placements import BUILT_IN, STRATEGY_NAMES, Placement, Step
from expedit.decisions.placements_reading import read_placements
from expedit.storage import Home

log = structlog.get_logger("expedit.decisions")

_HEADER = """\
# Placements: the spots of your shop that ask expedit what to show.
#
# Every placement below is built in: delete this file and nothing changes. Take away the "#" in front of a
# key to change it; add a [table] of your own for a new placement. A change is live within a second or two.
#
#   title       heading by language: sv, nb, en
#   ladder      strategies in order; the next one is asked only while the placement is not full.
#               Each is a name or { strategy = "...", share = 0.5, scope = "category" }, where share is the
#               most of the placement the step may fill as long as the others can fill the rest, and what
#               else a strategy can be told stands in its page of the reference.
#               Names: {names}
#   fallback    strategy of the last step; "" = stay honestly short
#   filters     in_stock, not_in_cart, not_bought, one_per_group, same_category, other_category,
#               exclude_subject
#   size        items shown when the request names no limit
#   channel     whose stock counts: web, app, mail, receipt or a store location
#   personal    whether the person's tastes may re-rank
#   bought_days how long a bought product counts as just bought (products with the attribute replenishable
#               are free)
#   proof       what others may be said to think of an item: rating, bought, viewed; [] = nothing
#   selector    CSS selector of the element at which the snippet shows it, so that no theme need be edited
#   position    append, before, after or replace
#   pages       types of page where it shows it: home, category, search, product, cart, checkout, order
#   template    name of the shop's own template that the snippet draws its cards with
#   enabled     false takes a placement away
#
# What is published in the panel stands above this file, placement by placement, until it is given back.
"""


def default_placements_file() -> str:
    """Return the commented ``placements.toml`` that `expedit init` writes: every built-in, changing
    nothing."""
    return "\n".join(
        [
            _HEADER.replace("{names}", _wrapped(STRATEGY_NAMES)),
            *(_described(placement) for placement in BUILT_IN),
        ]
    )


def _wrapped(names: Sequence[str]) -> str:
    return textwrap.fill(", ".join(names), 86).replace("\n", "\n#               ")


def _described(placement: Placement) -> str:
    titles = "\n".join(f'# title.{locale} = "{title}"' for locale, title in placement.titles.items())
    filters = ", ".join(map(_quoted, placement.filters))
    return (
        f"[{placement.name}]\n{titles}\n"
        f"# ladder = [{', '.join(map(_spelled, placement.ladder))}]\n"
        f'# fallback = "{placement.fallback}"\n'
        f"# filters = [{filters}]\n"
        f"# size = {placement.size}\n"
        f'# channel = "{placement.channel}"\n'
        f"# personal = {str(placement.personal).lower()}\n"
        f"# proof = [{', '.join(map(_quoted, placement.proof))}]\n"
    )


def _quoted(name: str) -> str:
    return f'"{name}"'


def _spelled(step: Step) -> str:
    if step.share == 1.0 and not step.options:
        return f'"{step.strategy}"'
    parts = [f'strategy = "{step.strategy}"']
    if step.share != 1.0:
        parts.append(f"share = {step.share:g}")
    parts += [f"{name} = {_value(value)}" for name, value in step.options.items()]
    return "{ " + ", ".join(parts) + " }"


def _value(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


class PlacementsFile:
    """The placements of a home, read again when the file has changed; looked at once a second at most.

    A file that cannot be used is reported once and the last usable placements stay in force, so that a slip
    of the pen in an editor never empties a shop.
    """

    def __init__(self, home: Home, clock: Clock) -> None:
        self._path = home.placements_path
        self._clock = clock
        self._looked = clock()
        self._stamp = self._look()
        self._placements = read_placements(self._path.read_text() if self._stamp else "")
        self.complaint: InvalidInput | None = None
        """Why the file on disk is not in force, if it is not."""

    def current(self) -> dict[str, Placement]:
        """Return the placements by name."""
        now = self._clock()
        if not 0 <= now - self._looked < SECOND:
            self._looked = now
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp
                self._read()
        return self._placements

    def _look(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size

    def _read(self) -> None:
        try:
            self._placements = read_placements(self._path.read_text() if self._stamp else "")
        except InvalidInput as error:
            self.complaint = error
            log.error("placements_refused", path=str(self._path), field=error.field, reason=error.reason)
            return
        self.complaint = None
        log.info("placements_read", count=len(self._placements))
