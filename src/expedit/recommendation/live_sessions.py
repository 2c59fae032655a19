"""The sessions since the last build, so that what one visitor finds helps the next within seconds.

One writer takes sessions in as they grow or end; now and then they are indexed anew, which takes
milliseconds, and given to the readers as one immutable index. No reader ever sees memory that is being
written, so there is no memory order to get wrong on any processor.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from expedit.recommendation.arrays import MAX_SESSION
from expedit.recommendation.session_model import SessionIndex, build_index

MOST_SESSIONS = 50_000
"""Sessions kept: when more come in before the next build, the oldest are dropped."""


class LiveSessions:
    """Sessions by key, the one observed last at the end; safe to use from several threads."""

    def __init__(self, most: int = MOST_SESSIONS) -> None:
        self._most = most
        self._sessions: OrderedDict[str, tuple[int, tuple[str, ...]]] = OrderedDict()
        self._lock = threading.Lock()
        self._changes = 0

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def changes(self) -> int:
        """A number that grows with every change."""
        return self._changes

    def observe(self, key: str, products: Sequence[str], at: int) -> None:
        """Take in a session, in place of what was known under its key.

        Parameters
        ----------
        key
            ``<visitor>/<which session>``; not kept anywhere else.
        products
            Product ids in the order of the clicks, oldest first.
        at
            Moment of its last click, microseconds.
        """
        with self._lock:
            self._sessions.pop(key, None)
            if len(products) > 1:
                self._sessions[key] = (at, tuple(products[-MAX_SESSION:]))
            while len(self._sessions) > self._most:
                self._sessions.popitem(last=False)
            self._changes += 1

    def forget(self, visitor: str) -> int:
        """Drop the sessions of a visitor who is erased, those whose key is ``<visitor>/…``; return how
        many."""
        with self._lock:
            found = [key for key in self._sessions if key.partition("/")[0] == visitor]
            for key in found:
                del self._sessions[key]
            self._changes += bool(found)
            return len(found)

    def drop_until(self, at: int) -> int:
        """Drop the sessions whose last click is not after `at`: a new model has learned them; return how
        many."""
        with self._lock:
            old = [key for key, (last, _) in self._sessions.items() if last <= at]
            for key in old:
                del self._sessions[key]
            self._changes += bool(old)
            return len(old)

    def index(self, places: Mapping[str, int], n_items: int) -> tuple[SessionIndex, int]:
        """Index the sessions over a model's items; return with it the `changes` that it includes.

        Parameters
        ----------
        places
            Model item of each product id; products that the model does not know are left out.
        """
        with self._lock:
            changes = self._changes
            sessions = [products for _, products in self._sessions.values()]
        known = [[places[product] for product in products if product in places] for products in sessions]
        known = [clicks for clicks in known if len(clicks) > 1]
        ptr = np.zeros(len(known) + 1, np.int64)
        np.cumsum([len(clicks) for clicks in known], out=ptr[1:])
        items = np.fromiter(chain.from_iterable(known), np.int32, count=int(ptr[-1]))
        return build_index(ptr, items, n_items), changes
