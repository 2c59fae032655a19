"""Fetching the pictures of products and looking at them, a few each minute, for shops without embeddings.

A picture is looked at once: again only when the product has another one. What cannot be a picture is
remembered as such; what cannot be fetched is tried again when the catalog has changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import structlog

from expedit.catalog import GIVEN, CatalogSnapshot, Vector, absolute, live_catalog, looked_at, put_looks
from expedit.connections import Fetcher, FetchFailed, FetchRefused, rules_of
from expedit.core import InvalidInput, TooLarge, evolve
from expedit.recommendation.pictures import look_of
from expedit.storage import Shop

SECONDS = 10.0
"""Longest run: other work waits for it."""
PICTURE_SECONDS = 5.0
LARGEST = 8 << 20
_PAGE = 2_000
_NOTHING_SEEN: Vector = np.empty(0, np.float32)

_log = structlog.get_logger(__name__)


class Looker:
    """Goes through the catalog of one shop, from where it was; see `looker`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._next = 0
        self._gone_through = -1
        """Version of the catalog that was gone through to its end."""
        self.unreadable = 0
        """How many files were no picture since the process began."""

    def look(self, most: int, timer: Callable[[], float] = time.monotonic) -> int:
        """Look at `most` pictures that were not looked at yet, while there is time; return how many."""
        snapshot = live_catalog(self._shop).current()
        if snapshot.version == self._gone_through:
            return 0
        ends = timer() + SECONDS
        waiting = self._waiting(snapshot, most, lambda: timer() > ends)
        seen = 0
        rules = evolve(rules_of(self._shop.settings), total_seconds=PICTURE_SECONDS)
        with Fetcher(rules) as fetcher:
            for product_id, url in waiting:
                if timer() > ends:
                    self._next = min(self._next, int(snapshot.index[product_id]))
                    break
                look = self._seen(fetcher, url)
                if look is not None:
                    with self._shop.database.writing() as tx:
                        put_looks(tx, {product_id: look}, {product_id: url})
                    seen += 1
        return seen

    def _waiting(
        self, snapshot: CatalogSnapshot, most: int, over: Callable[[], bool]
    ) -> list[tuple[str, str]]:
        """Return the next products whose picture was not looked at, and its address."""
        found: list[tuple[str, str]] = []
        while len(found) < most and self._next < len(snapshot) and not over():
            page = range(self._next, min(self._next + _PAGE, len(snapshot)))
            names = [snapshot.ids[place] for place in page]
            with self._shop.database.reading() as tx:
                known = looked_at(tx, names)
            for place in page:
                self._next = place + 1
                url = absolute(snapshot.product(place).image_url, self._shop.settings.shop_url)
                name = snapshot.ids[place]
                if (
                    snapshot.active[place]
                    and url.startswith("http")
                    and known.get(name, "-") not in {GIVEN, url}
                ):
                    found.append((name, url))
                    if len(found) == most:
                        break
        if self._next >= len(snapshot) and not found:
            self._next, self._gone_through = 0, snapshot.version
        return found

    def _seen(self, fetcher: Fetcher, url: str) -> Vector | None:
        """Return what a picture shows, nothing for what is none; None when it cannot be had just now."""
        try:
            answer = fetcher.get(url, most=LARGEST)
            if answer.status >= 500 or answer.status == 429:
                return None
            return look_of(answer.body) if answer.status == 200 else _NOTHING_SEEN
        except (FetchRefused, TooLarge, InvalidInput) as error:
            self.unreadable += 1
            _log.info("picture not looked at", reason=str(error), url=url, so_far=self.unreadable)
            return _NOTHING_SEEN
        except FetchFailed as error:
            _log.info("picture not fetched", reason=str(error))
            return None


def looker(shop: Shop) -> Looker:
    """Return the one that looks at the pictures of `shop`."""
    return shop.part(Looker, lambda: Looker(shop))
