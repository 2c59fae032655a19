"""Pages of a listing that hold still: the order is frozen at the first page.

A cursor names a frozen order in memory. When that is gone (a restart, another process, too many lists
since), the order is made anew from the inputs in the cursor, without what the earlier pages showed, which
the cursor remembers as short hashes. So however profile, catalog and model change meanwhile, nothing is
shown twice and nothing that is still sold is skipped.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from collections import OrderedDict

import numpy as np

from expedit.core import Corrupt, InvalidInput, Struct, from_pack, to_pack
from expedit.decisions.inputs import Inputs
from expedit.decisions.listing import Ordered
from expedit.decisions.ruling import NOT_MEASURED, Measured

_HASH = 5
_MOST_LISTS = 2_000
_MOST_ITEMS = 20_000_000


class Cursor(Struct, frozen=True, array_like=True):
    """What the next page needs.

    Parameters
    ----------
    key
        Name of the frozen order.
    offset
        Where in it the next page begins.
    inputs
        What the listing is of.
    shown
        5-byte hashes of the ids of all products shown so far, one after the other.
    seed
        Id of the first page's decision: chance in a listing is that of its first page.
    """

    key: str
    offset: int
    inputs: Inputs
    shown: bytes
    seed: str = ""


class Frozen(Struct, frozen=True):
    """An order kept for the pages to come.

    Parameters
    ----------
    ordered
        The order.
    subject
        Whose tastes and doings shaped it; empty when nobody's.
    balance
        Fingerprint of the balance it was made with.
    rules, measured
        Fingerprint of the rules that were in force, and the one that it measures.
    """

    ordered: Ordered
    subject: str
    balance: str = ""
    rules: str = ""
    measured: Measured = NOT_MEASURED


def write_cursor(cursor: Cursor) -> str:
    """Return a cursor as text."""
    return base64.urlsafe_b64encode(to_pack(cursor)).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Read what `write_cursor` wrote.

    Raises
    ------
    InvalidInput
        When the text is no cursor.
    """
    try:
        cursor = from_pack(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True), Cursor)
    except (Corrupt, binascii.Error, ValueError):
        raise InvalidInput("cursor", "is not one that /v1/list gave") from None
    if cursor.offset < 0 or len(cursor.shown) % _HASH:
        raise InvalidInput("cursor", "is not one that /v1/list gave")
    return cursor


def hash_of(product_id: str) -> bytes:
    """Return the 5 bytes by which a cursor remembers a product."""
    return hashlib.blake2b(product_id.encode(), digest_size=_HASH).digest()


def without_shown(ordered: Ordered, ids: list[str], shown: bytes) -> Ordered:
    """Return the order without the products whose hashes are in `shown`."""
    seen = {shown[at : at + _HASH] for at in range(0, len(shown), _HASH)}
    if not seen:
        return ordered
    keep = np.array([hash_of(ids[item]) not in seen for item in ordered.items.tolist()], np.bool_)
    return ordered.keeping(keep)


class FrozenLists:
    """The orders kept in memory, the one used longest ago goes first."""

    def __init__(self, most_lists: int = _MOST_LISTS, most_items: int = _MOST_ITEMS) -> None:
        self._most_lists = most_lists
        self._most_items = most_items
        self._lists: OrderedDict[str, Frozen] = OrderedDict()
        self._items = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> Frozen | None:
        """Return the order of that name, if it is still kept."""
        with self._lock:
            found = self._lists.get(key)
            if found is not None:
                self._lists.move_to_end(key)
            return found

    def put(self, key: str, frozen: Frozen) -> None:
        """Keep an order."""
        with self._lock:
            self._lists[key] = frozen
            self._items += frozen.ordered.items.size
            while len(self._lists) > self._most_lists or (
                self._items > self._most_items and len(self._lists) > 1
            ):
                _, gone = self._lists.popitem(last=False)
                self._items -= gone.ordered.items.size
