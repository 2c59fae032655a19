"""What was counted last, in a server: read again whenever it was counted anew, forgotten when it is old."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import structlog

from expedit.core import HOUR, ExpeditError, from_json
from expedit.proof.model import Count, Counts, Kind
from expedit.storage import Repeating, Shop

POLL_SECONDS = 5.0
OLDEST = HOUR
"""A count older than this is shown no more: its window would be another one than it says."""

_log = structlog.get_logger(__name__)


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


NO_PROOFS = Proofs(Counts(-OLDEST))


class LiveProof:
    """The file of counts, watched.

    Parameters
    ----------
    path
        The file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._proofs = NO_PROOFS
        self._watching = Repeating("proof", self.poll, POLL_SECONDS)
        self.poll()

    def current(self, now: int) -> Proofs:
        """Return the counts that are fresh at a moment."""
        found = self._proofs
        return found if now - found.at < OLDEST else NO_PROOFS

    def poll(self) -> bool:
        """Look once for new counts; return whether there were any."""
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            self._proofs = Proofs(from_json(self._path.read_bytes(), Counts))
        except FileNotFoundError:
            return False
        except (OSError, ExpeditError) as error:
            _log.warning("counts of people not read", path=str(self._path), reason=str(error))
            return False
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
