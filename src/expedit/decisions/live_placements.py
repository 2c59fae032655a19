"""The placements in force in this process: those of the file, and above them what the panel has published."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from expedit.core import SECOND, InvalidInput
from expedit.decisions.placements import Placement
from expedit.decisions.placements_file import PlacementsFile
from expedit.decisions.placements_reading import check_placement
from expedit.merchandising import Arrangements
from expedit.storage import Shop

PLACEMENTS: Arrangements[Placement] = Arrangements("placement", Placement)
"""Placements as the panel keeps them, edition by edition."""

log = structlog.get_logger("expedit.decisions")


class LivePlacements:
    """The placements of one shop, looked at every second; see `live_placements`.

    Neither a file that cannot be used nor an edition that no longer fits empties a shop: the last usable
    file stays in force, and the file's placement stands where the edition does not.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._file = PlacementsFile(shop.home, shop.clock)
        self._below: Mapping[str, Placement] = {}
        self._mark = -1
        self._looked = -SECOND
        self._placements: dict[str, Placement] = {}
        self.refused: dict[str, InvalidInput] = {}
        """Why editions of the panel are not in force, by name."""

    @property
    def complaint(self) -> InvalidInput | None:
        """Why the file on disk is not in force, if it is not."""
        return self._file.complaint

    def current(self) -> dict[str, Placement]:
        """Return the placements by name, a second old at most."""
        if 0 <= self._shop.clock() - self._looked < SECOND:
            return self._placements
        return self.newest()

    def newest(self) -> dict[str, Placement]:
        """Return the placements in force now, for who has just changed them."""
        self._looked = self._shop.clock()
        below, mark = self.of_file(), PLACEMENTS.mark(self._shop)
        if below is not self._below or mark != self._mark:
            self._placements = self._laid_over(below)
            self._below, self._mark = below, mark
        return self._placements

    def of_file(self) -> dict[str, Placement]:
        """Return the placements that the file gives, the built-in ones with them."""
        return self._file.current()

    def _laid_over(self, below: Mapping[str, Placement]) -> dict[str, Placement]:
        found, refused = dict(below), {}
        with self._shop.database.reading() as tx:
            editions = PLACEMENTS.in_force(tx)
        for one in editions:
            try:
                placement = check_placement(one.body)
            except InvalidInput as error:
                refused[one.id] = error
                log.error("placement_refused", name=one.id, field=error.field, reason=error.reason)
                continue
            if placement.enabled:
                found[one.id] = placement
            else:
                found.pop(one.id, None)
        self.refused = refused
        return found


def live_placements(shop: Shop) -> LivePlacements:
    """Return the one live copy of the placements of `shop`.

    Raises
    ------
    InvalidInput
        At first use, when the file cannot be used; the field names the key.
    """
    return shop.part(LivePlacements, lambda: LivePlacements(shop))
