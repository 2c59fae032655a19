"""The balance of a listing: how much popularity, margin, newness, stock and the person's own taste count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from expedit.access import Arranged, Arrangements
from expedit.core import InvalidInput, Struct, to_json
from expedit.storage import Followed, Shop

MOST = 100
SHOP_WIDE = ""
"""Id of the balance of every listing that has none of its own."""

_LONGEST_PATH = 500


class Balance(Struct, frozen=True, omit_defaults=False):
    """How much each side of a product counts in a listing, each 0 … 100.

    Parameters
    ----------
    popularity, margin, newness, stock
        Taken as shares of their sum: of each, what counts is which share of the listing a product beats.
    personal
        How much a person's tastes add to that; 50 is the house's measure, 100 twice as much, 0 nothing.
    """

    popularity: int = 100
    margin: int = 0
    newness: int = 0
    stock: int = 0
    personal: int = 50

    @property
    def version(self) -> str:
        """A short fingerprint."""
        return blake2b(to_json(self), digest_size=6).hexdigest()


SIDES: tuple[str, ...] = Balance.__struct_fields__
BALANCES: Arrangements[Balance] = Arrangements("balance", Balance)


def check_balance(balance: Balance) -> Balance:
    """Return `balance`, or complain about the first value that does not fit.

    Raises
    ------
    InvalidInput
        Naming the field.
    """
    for name in SIDES:
        if not 0 <= getattr(balance, name) <= MOST:
            raise InvalidInput(name, f"must be 0 … {MOST}")
    if not any(getattr(balance, name) for name in SIDES):
        raise InvalidInput(SIDES[0], "at least one of them must count")
    return balance


def category_name(path: Sequence[str]) -> str:
    """Return the id of a category's balance, as ``Jackor > Skaljackor``.

    Raises
    ------
    InvalidInput
        When it is too long.
    """
    name = " > ".join(path)
    if len(name) > _LONGEST_PATH:
        raise InvalidInput("category", f"is longer than {_LONGEST_PATH} characters")
    return name


class Balances:
    """The balances in force; never changes."""

    def __init__(self, by_category: Mapping[str, Balance]) -> None:
        self._by_category = dict(by_category)

    def of(self, path: Sequence[str]) -> tuple[str, Balance]:
        """Return the balance of a category, its own or that of the nearest above it, and whose it is."""
        for depth in range(len(path), -1, -1):
            name = " > ".join(path[:depth])
            if name in self._by_category:
                return name, self._by_category[name]
        return SHOP_WIDE, Balance()


class LiveBalances(Followed[Balances]):
    """The balances in force in this process; see `live_balances`."""

    def mark(self) -> int:
        """Return a number that grows with every change of any balance."""
        return BALANCES.mark(self._shop)

    def read(self) -> Balances:
        """Read the balances in force."""
        with self._shop.database.reading() as tx:
            found: list[Arranged[Balance]] = BALANCES.in_force(tx)
        return Balances({one.id: one.body for one in found})


def live_balances(shop: Shop) -> LiveBalances:
    """Return the one live copy of the shop's balances."""
    return shop.part(LiveBalances, lambda: LiveBalances(shop))
