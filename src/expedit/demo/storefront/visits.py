"""The storefront's own memory of a browser: its cart, favorites, answers and login."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Any

from expedit.core import Struct, evolve

COOKIE = "fjall_visit"
_MOST = 20_000
DataLayerEvent = tuple[str, dict[str, Any]]


class User(Struct, frozen=True):
    """Who is logged in."""

    id: str
    email: str
    name: str


class Consent(Struct, frozen=True, omit_defaults=False):
    """What the visitor answered the banner."""

    analytics: bool
    personalization: bool


class Order(Struct, frozen=True):
    """A placed order: product ids, amounts in minor units."""

    id: str
    at: int
    goods: tuple[str, ...]
    total: int
    currency: str


class Visit(Struct, frozen=True):
    """What the storefront keeps of one browser.

    Parameters
    ----------
    cart
        Quantity by variant id.
    likes
        Product ids, oldest first.
    events
        What the next page shall tell the data layer.
    arrived
        Address of the page that the visit began with, and of the page that led there; in memory only.
    """

    cart: dict[str, int] = {}
    likes: tuple[str, ...] = ()
    consent: Consent | None = None
    user: User | None = None
    orders: tuple[Order, ...] = ()
    events: tuple[DataLayerEvent, ...] = ()
    arrived: tuple[str, str] = ("", "")


class Visits:
    """Visits by their cookie, in memory; the least recently used are forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._visits: OrderedDict[str, Visit] = OrderedDict()

    def get(self, key: str) -> Visit:
        """Return the visit of a cookie; a new one for a cookie that is not known."""
        with self._lock:
            if key in self._visits:
                self._visits.move_to_end(key)
            return self._visits.get(key, Visit())

    def put(self, key: str, visit: Visit) -> None:
        """Keep a visit."""
        with self._lock:
            self._visits[key] = visit
            self._visits.move_to_end(key)
            while len(self._visits) > _MOST:
                self._visits.popitem(last=False)

    def change(self, key: str, **changes: object) -> Visit:
        """Change fields of a visit and return it."""
        visit = evolve(self.get(key), **changes)
        self.put(key, visit)
        return visit


def new_key() -> str:
    """Return a fresh cookie value."""
    return secrets.token_urlsafe(18)
