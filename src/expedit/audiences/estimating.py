"""How large an audience would be: quickly, from an even sample of everybody, with how sure that is."""

from __future__ import annotations

import threading
from collections import Counter
from math import sqrt
from typing import Final, NamedTuple

from expedit.audiences.columns import PersonColumns
from expedit.audiences.counting import members_of, surroundings
from expedit.audiences.live import in_force
from expedit.audiences.model import Audience, RawCondition
from expedit.core import MINUTE, SECOND, Struct
from expedit.profiles import Crowd, crowd_sample
from expedit.storage import Shop

SAMPLE: Final = 5_000
"""Most people that are looked at."""

FRESH: Final = 5 * MINUTE
"""How long a sample serves."""

EXAMPLES: Final = 5

_MOST_KEYS: Final = 30
_SHARED: Final = 3

_Z: Final = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 % on each side."""


class Estimate(Struct, frozen=True, omit_defaults=False, rename="camel"):
    """About how many people fulfill a condition.

    Parameters
    ----------
    members
        The likeliest number.
    low, high
        Where it lies 95 times in 100.
    people
        How many there are in all.
    looked_at
        How many were looked at; all of them makes the number exact.
    examples
        Person ids of some members.
    """

    members: int
    low: int
    high: int
    people: int
    looked_at: int
    examples: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether everybody was looked at."""
        return self.looked_at >= self.people


class _Sample(NamedTuple):
    """People looked at, how many there are in all, and until when this serves."""

    columns: PersonColumns
    people: int
    until: int


class Estimator:
    """Holds a sample of people for some minutes; see `estimate`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = threading.Lock()
        self._taken: _Sample | None = None

    def of(self, when: RawCondition) -> Estimate:
        """Estimate how many fulfill `when`.

        Raises
        ------
        InvalidInput
            When it is no condition over a person.
        """
        asked = in_force(Audience("estimate", "estimate", when), 0)
        with self._lock:
            columns, people, _ = self._sample()
            members = sorted(person for _, person in members_of(columns, [asked]))
        looked_at = columns.rows
        low, high = interval(len(members), looked_at)
        if looked_at >= people:
            low = high = len(members) / max(1, people)
        share = len(members) / looked_at if looked_at else 0.0
        return Estimate(
            round(share * people), round(low * people), round(high * people), people, looked_at,
            tuple(members[:EXAMPLES]),
        )  # fmt: skip

    def crowd(self) -> Crowd:
        """Return the people of the sample."""
        with self._lock:
            return self._sample().columns.crowd

    def trait_keys(self) -> tuple[str, ...]:
        """Return the traits that people of the sample have, the most frequent first."""
        with self._lock:
            found = Counter(key for traits in self._sample().columns.crowd.traits for key in traits)
        return tuple(key for key, _ in found.most_common(_MOST_KEYS))

    def trait_values(self, key: str) -> list[str]:
        """Return the texts that several people share as that trait: what one alone has stays theirs."""
        with self._lock:
            traits = self._sample().columns.crowd.traits
            found = Counter(value for one in traits if isinstance(value := one.get(key), str) and value)
        return [value for value, people in found.most_common(_MOST_KEYS) if people >= _SHARED]

    def _sample(self) -> _Sample:
        now = self._shop.clock()
        taken = self._taken
        if taken is None or not taken.columns.now <= now < taken.until:
            with self._shop.database.reading() as tx:
                crowd, people = crowd_sample(tx, SAMPLE)
            # When everybody is looked at, the number is said to be exact: then they are soon read again.
            fresh = FRESH if len(crowd) < people else SECOND
            columns = PersonColumns(crowd, surroundings(self._shop), now)
            taken = self._taken = _Sample(columns, people, now + fresh)
        return taken


def interval(members: int, looked_at: int) -> tuple[float, float]:
    """Return the shares between which the true one lies 95 times in 100.

    References
    ----------
    .. [1] E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22
       (1927), 209-212.
    """
    if not looked_at:
        return 0.0, 0.0
    share, z2 = members / looked_at, _Z * _Z
    middle = (share + z2 / (2 * looked_at)) / (1 + z2 / looked_at)
    spread = (
        _Z * sqrt(share * (1 - share) / looked_at + z2 / (4 * looked_at * looked_at)) / (1 + z2 / looked_at)
    )
    return max(0.0, middle - spread), min(1.0, middle + spread)


def estimator(shop: Shop) -> Estimator:
    """Return the one estimator of a shop."""
    return shop.part(Estimator, lambda: Estimator(shop))


def estimate(shop: Shop, when: RawCondition) -> Estimate:
    """Return about how many people fulfill `when`; see `Estimator.of`."""
    return estimator(shop).of(when)
