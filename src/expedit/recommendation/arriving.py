"""Compares products that came after the model in the background, as they come.

Every server process does it for itself and keeps the answers in memory. Of more than `MOST` newcomers the
latest are compared; of the others, and for the second until it is a newcomer's turn, attributes tell what is
alike.
"""

from __future__ import annotations

import time

import numpy as np
import structlog

from expedit.catalog import GIVEN, CatalogSnapshot, live_catalog, looks_among
from expedit.core import ExpeditError
from expedit.recommendation.arrays import Ints
from expedit.recommendation.arrivals import Arrivals, Comparing, Newcomer, Rows, look_alike_rows
from expedit.recommendation.catalog_side import Binding
from expedit.recommendation.live import live_model
from expedit.recommendation.looks import Space
from expedit.recommendation.model import Model
from expedit.storage import Repeating, Shop

MOST = 2_000
"""Newcomers that are compared: the next build knows them all."""
POLL_SECONDS = 1.0
LOOK_SECONDS = 10.0
"""How often it is looked whether pictures were looked at, and whether titles were changed."""
_PORTION = 20
_REST = 2
"""Newcomers compared at a time, and how many times as long as that took to rest then: requests go first."""

_log = structlog.get_logger(__name__)

_Sign = tuple[object, ...]


class ArrivalsFeed:
    """Follows the catalog and the model of one shop; see `arrivals_feed`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._version = ""
        self._comparing: Comparing | None = None
        self._signs: dict[int, _Sign] = {}
        self._looks: Rows = {}
        self._looked: dict[int, str] = {}
        self._look_again = 0.0
        self._following = Repeating("expedit-arrivals", self._follow, POLL_SECONDS)

    def poll(self) -> int:
        """Compare the products that have come since the last time; return how many were compared."""
        model, snapshot = live_model(self._shop).current(), live_catalog(self._shop).current()
        if model.words is None:
            return 0
        binding = model.binding(snapshot)
        newer = binding.newer[-MOST:]
        if self._version != model.version or self._comparing is None:
            self._begin(model, binding)
        now = time.monotonic()
        looking = now >= self._look_again
        if looking:
            self._look_again = now + LOOK_SECONDS
            if any(sign != _sign(snapshot, item) for item, sign in self._signs.items()):
                self._begin(model, binding)
        fresh = newer[[item not in self._signs for item in newer.tolist()]] if newer.size else newer
        if fresh.size:
            self._compare(snapshot, binding, fresh)
            self._publish(model)  # whatever becomes of their looks
        if (looking or fresh.size) and self._look(model, snapshot, binding, newer):
            self._publish(model)
        return int(fresh.size)

    def _publish(self, model: Model) -> None:
        if self._comparing is not None:
            comparing = self._comparing
            model.arrivals.current = Arrivals(comparing.rows(), self._looks, comparing.compared)

    def start(self) -> None:
        """Poll in a thread of its own until `close`."""
        self._following.start()

    def close(self) -> None:
        """Stop the thread."""
        self._following.close()

    def _follow(self) -> None:
        try:
            self.poll()
        except (ExpeditError, OSError) as error:  # tried again in a second
            _log.warning("newcomers not compared", reason=str(error))

    def _begin(self, model: Model, binding: Binding) -> None:
        """Begin anew: another model serves, or a newcomer was changed."""
        if model.words is not None:
            self._comparing = Comparing(model.words, model.relations["similar"].unit, binding)
        self._version = model.version
        self._signs, self._looks, self._looked = {}, {}, {}

    def _compare(self, snapshot: CatalogSnapshot, binding: Binding, fresh: Ints) -> None:
        price = snapshot.price_minor(next(iter(snapshot.markets)))
        items = fresh.tolist()
        texts = live_catalog(self._shop).descriptions_of([snapshot.ids[item] for item in items])
        assert self._comparing is not None
        self._comparing.binding = binding
        began = time.monotonic()
        for number, (item, text) in enumerate(zip(items, texts, strict=True), 1):
            self._comparing.take(snapshot, Newcomer(item, snapshot.title(item), text), price)
            self._signs[item] = _sign(snapshot, item)
            if number % _PORTION == 0:
                if self._following.stopping.wait(_REST * (time.monotonic() - began)):
                    return
                began = time.monotonic()

    def _look(self, model: Model, snapshot: CatalogSnapshot, binding: Binding, newer: Ints) -> bool:
        """Compare looks where there are others than the last time; return whether there were."""
        with self._shop.database.reading() as tx:
            known = looks_among(tx, [snapshot.ids[item] for item in newer.tolist()])
        found = {item: known[name] for item in newer.tolist() if (name := snapshot.ids[item]) in known}
        made_of = {item: made for item, (made, _) in found.items()}
        if made_of == self._looked:
            return False
        lots: dict[tuple[bool, int], list[int]] = {}
        for item, (made, vector) in found.items():
            lots.setdefault((made == GIVEN, vector.size), []).append(item)
        spaces = [
            Space(np.stack([found[item][1] for item in items]), np.array(items, np.int32), given)
            for (given, _), items in sorted(lots.items())
        ]
        self._looks = look_alike_rows(model.spaces, spaces, binding, snapshot.group)
        self._looked = made_of
        return True


def _sign(snapshot: CatalogSnapshot, item: int) -> _Sign:
    """Return what a newcomer's likeness rests on, price and description aside."""
    columns = snapshot.category, snapshot.brand, snapshot.color, snapshot.group
    return (snapshot.title(item), *(int(column[item]) for column in columns))


def arrivals_feed(shop: Shop) -> ArrivalsFeed:
    """Return the one feed of a shop."""
    return shop.part(ArrivalsFeed, lambda: ArrivalsFeed(shop))
