"""Which products fit a set of conditions in each market, from one state of the catalog to the next."""

from __future__ import annotations

from expedit.catalog import CatalogSnapshot
from expedit.merchandising.columns import CatalogNames
from expedit.merchandising.predicates import Fitting, Predicates


class Fittings:
    """The newest `Fitting` of each market."""

    def __init__(self, predicates: Predicates) -> None:
        self._predicates = predicates
        self._names: tuple[object, CatalogNames] | None = None
        self._of: dict[str, Fitting] = {}

    def of(self, snapshot: CatalogSnapshot, market: str, at: int) -> Fitting:
        """Return which products fit, in one state of the catalog at one moment."""
        known = self._of.get(market)
        if known is None or not known.holds(snapshot, at):
            fitting = Fitting(self._predicates, snapshot, self._names_of(snapshot), market, at)
            if known is not None:
                fitting.take_over(known, at)
            self._of[market] = known = fitting
        return known

    def prepare(self, snapshot: CatalogSnapshot, at: int) -> None:
        """Find ahead, in every market, what a first request would have to wait for."""
        for market in snapshot.markets:
            self.of(snapshot, market, at).prepare(at)

    def _names_of(self, snapshot: CatalogSnapshot) -> CatalogNames:
        """Return the names of the catalog's codes; made anew when there are more of them."""
        sizes = len(snapshot.brands), len(snapshot.colors), len(snapshot.category_paths)
        if self._names is None or self._names[0] != sizes:
            self._names = sizes, CatalogNames(snapshot)
        return self._names[1]
