"""Which products fit a set of conditions in each market, from one state of the catalog to the next."""

from __future__ import annotations

from expedit.catalog import CatalogSnapshot
from expedit.core import HOUR, MINUTE
from expedit.merchandising.columns import CatalogNames
from expedit.merchandising.predicates import Fitting, Predicates

_AHEAD = MINUTE
"""How long before an hour begins its `Fitting` is made."""


class Fittings:
    """The newest `Fitting` of each market, and shortly before an hour begins that of the hour."""

    def __init__(self, predicates: Predicates) -> None:
        self._predicates = predicates
        self._names: tuple[object, CatalogNames] | None = None
        self._of: dict[str, Fitting] = {}
        self._ahead: dict[str, Fitting] = {}

    def of(self, snapshot: CatalogSnapshot, market: str, at: int) -> Fitting:
        """Return which products fit, in one state of the catalog at one moment.

        Who still holds an older catalog, or looks back, is answered without disturbing what is kept.
        """
        known = self._of.get(market)
        if known is not None and known.holds(snapshot, at):
            return known
        ahead = self._ahead.get(market)
        if ahead is not None and ahead.holds(snapshot, at):
            self._of[market] = ahead
            self._ahead.pop(market, None)
            return ahead
        fitting = Fitting(self._predicates, snapshot, self._names_of(snapshot), market, at)
        if known is not None and known.newer_than(snapshot, at):
            return fitting
        if known is not None:
            fitting.take_over(known, at)
        self._of[market] = fitting
        return fitting

    def prepare(self, snapshot: CatalogSnapshot, at: int) -> None:
        """Find ahead, in every market, what a first request would have to wait for."""
        coming = at + HOUR - at % HOUR
        for market in snapshot.markets:
            self.of(snapshot, market, at).prepare(at)
            if coming - at <= _AHEAD:
                self._prepare_hour(snapshot, market, coming)

    def _prepare_hour(self, snapshot: CatalogSnapshot, market: str, coming: int) -> None:
        ahead = self._ahead.get(market)
        if any(one is not None and one.holds(snapshot, coming) for one in (ahead, self._of[market])):
            return
        fitting = Fitting(self._predicates, snapshot, self._names_of(snapshot), market, coming)
        if ahead is not None and not ahead.newer_than(snapshot, coming):
            fitting.take_over(ahead, coming)
        fitting.prepare(coming)
        self._ahead[market] = fitting

    def _names_of(self, snapshot: CatalogSnapshot) -> CatalogNames:
        """Return the names of the catalog's codes; made anew when there are more of them."""
        sizes = len(snapshot.brands), len(snapshot.colors), len(snapshot.category_paths)
        known = self._names
        if known is None or known[0] != sizes:
            self._names = known = sizes, CatalogNames(snapshot)
        return known[1]
