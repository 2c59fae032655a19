"""The landing pages in force in this process, each with the products that it may show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.access import Arranged
from expedit.catalog import CatalogSnapshot
from expedit.core import Struct, compile_matcher
from expedit.merchandising.fittings import Fittings
from expedit.merchandising.landing import LANDINGS, LandingPage, when_lands, which_lands
from expedit.merchandising.predicates import Predicates
from expedit.merchandising.reading import audiences_named
from expedit.storage import Followed, Shop

_EVERYTHING = "{}"


class Landing(Struct, frozen=True):
    """A landing page, its slug and edition."""

    slug: str
    edition: int
    page: LandingPage


class PageGoods:
    """Which products fit a page's condition, remembered from one state of the catalog to the next."""

    def __init__(self, page: LandingPage) -> None:
        condition = which_lands(page)
        self._all = condition.text == _EVERYTHING
        self._fittings = Fittings(Predicates((condition,)))

    def of(self, snapshot: CatalogSnapshot, market: str, at: int) -> NDArray[np.int32]:
        """Return what is sold in a market and fits, by catalog index."""
        items = np.flatnonzero(snapshot.active & (snapshot.price_minor(market) >= 0)).astype(np.int32)
        if self._all or not items.size:
            return items
        fits: NDArray[np.bool_] = self._fittings.of(snapshot, market, at).of(items, at)[:, 0] > 0
        return items[fits]


class _Door:
    """A page with the function that tells whether a moment fits its condition."""

    def __init__(self, landing: Landing) -> None:
        when = when_lands(landing.page)
        self.landing = landing
        self.open = when.text != _EVERYTHING
        self.matches = compile_matcher(when)
        self.audiences = frozenset(audience for _, audience in audiences_named(when))


class Landings:
    """The landing pages in force; never changes."""

    def __init__(self, pages: Sequence[Landing]) -> None:
        ordered = sorted(pages, key=lambda one: (one.page.priority, one.slug))
        self.by_slug = {one.slug: one for one in ordered}
        self._goods = {one.slug: PageGoods(one.page) for one in ordered}
        self._doors = [door for door in map(_Door, ordered) if door.open]

    def fitting(
        self,
        facts: Callable[[], Mapping[str, Any]],
        members: Callable[[Collection[str]], Sequence[str]],
        at: int,
    ) -> list[Landing]:
        """Return the pages whose condition a moment fits, the first to be taken first.

        Parameters
        ----------
        facts
            Gives what the conditions ask, when there are any.
        members
            Gives which of the audiences that they name the asker is in.
        """
        if not self._doors:
            return []
        told = facts()
        named: set[str] = set().union(*(door.audiences for door in self._doors))
        if named:
            told = {**told, "audience": members(named)}
        return [door.landing for door in self._doors if door.matches(told, at)]

    def goods(self, landing: Landing, snapshot: CatalogSnapshot, market: str, at: int) -> NDArray[np.int32]:
        """Return the products that a page in force may show, by catalog index."""
        return self._goods[landing.slug].of(snapshot, market, at)


class LiveLandings(Followed[Landings]):
    """The landing pages in force in this process; see `live_landings`."""

    def mark(self) -> int:
        """Return a number that grows with every change of any page."""
        return LANDINGS.mark(self._shop)

    def read(self) -> Landings:
        """Read the pages in force."""
        with self._shop.database.reading() as tx:
            found: list[Arranged[LandingPage]] = LANDINGS.in_force(tx)
        return Landings([Landing(one.id, one.version, one.body) for one in found])


def live_landings(shop: Shop) -> LiveLandings:
    """Return the one live copy of the shop's landing pages."""
    return shop.part(LiveLandings, lambda: LiveLandings(shop))
