"""The placements in force in this process: those of the file, and above them what the panel has published."""

from __future__ import annotations

import structlog

from expedit.access import Arrangements
from expedit.core import InvalidInput
from expedit.decisions.placements import Placement
from expedit.decisions.placements_file import PlacementsFile
from expedit.decisions.placements_reading import check_placement
from expedit.storage import Followed, Shop

PLACEMENTS: Arrangements[Placement] = Arrangements("placement", Placement)
"""Placements as the panel keeps them, edition by edition."""

log = structlog.get_logger("expedit.decisions")


class LivePlacements(Followed[dict[str, Placement]]):
    """The placements of one shop by name; see `live_placements`.

    Neither a file that cannot be used nor an edition that no longer fits empties a shop: the last usable
    file stays in force, and the file's placement stands where the edition does not.
    """

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self._file = PlacementsFile(shop.home, shop.clock)
        self.refused: dict[str, InvalidInput] = {}
        """Why editions of the panel are not in force, by name."""

    @property
    def complaint(self) -> InvalidInput | None:
        """Why the file on disk is not in force, if it is not."""
        return self._file.complaint

    def mark(self) -> object:
        """Return what the file says, and a number that grows with every change in the panel."""
        return self.of_file(), PLACEMENTS.mark(self._shop)

    def read(self) -> dict[str, Placement]:
        """Read what the panel has published, and lay it over the file."""
        found, refused = dict(self.of_file()), {}
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

    def of_file(self) -> dict[str, Placement]:
        """Return the placements that the file gives, the built-in ones with them."""
        return self._file.current()


def live_placements(shop: Shop) -> LivePlacements:
    """Return the one live copy of the placements of `shop`.

    Raises
    ------
    InvalidInput
        At first use, when the file cannot be used; the field names the key.
    """
    return shop.part(LivePlacements, lambda: LivePlacements(shop))
