"""What was counted last, in a server: read again whenever it was counted anew, forgotten when it is old."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from expedit.core import HOUR
from expedit.proof.model import Count, Counts, Kind
from expedit.storage import Repeating, Shop, WatchedFile

POLL_SECONDS = 5.0
OLDEST = HOUR
"""A count older than this is shown no more: its window would be another one than it says."""


class Proofs:
    """Counts to look up; never changed once made."""

    def __init__(self, counts: Counts) -> None:
        self.at = counts.at
        self._known: dict[tuple[str, Kind], dict[str, Count]] = defaultdict(dict)
        for one in counts.counts:
            self._known[one.market, one.kind][one.product] = one

    def of(self, market: str, kind: Kind, product: str) -> Count | None:
        """Return a product's count, None when too few people did it."""
        found = self._known.get((market, kind))
        return None if found is None else found.get(product)


NO_COUNTS = Counts(-OLDEST)
NO_PROOFS = Proofs(NO_COUNTS)


class LiveProof:
    """The file of counts, watched.

    Parameters
    ----------
    path
        The file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._file = WatchedFile(path, Counts, NO_COUNTS)
        self._proofs = NO_PROOFS
        self._watching = Repeating("proof", self.poll, POLL_SECONDS)
        self.poll()

    def current(self, now: int) -> Proofs:
        """Return the counts that are fresh at a moment."""
        found = self._proofs
        return found if now - found.at < OLDEST else NO_PROOFS

    def poll(self) -> bool:
        """Look once for new counts; return whether there were any."""
        if not self._file.poll():
            return False
        self._proofs = Proofs(self._file.current)
        return True

    def start(self) -> None:
        """Poll in a thread of its own until `close`."""
        self._watching.start()

    def close(self) -> None:
        """Stop the thread."""
        self._watching.close()


def live_proof(shop: Shop) -> LiveProof:
    """Return the shop's one view of what was counted."""
    return shop.part(LiveProof, lambda: LiveProof(shop.home.proof_path))
