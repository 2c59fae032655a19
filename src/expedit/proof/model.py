"""Counts of people: frozen values, no I/O."""

from __future__ import annotations

from typing import Literal, get_args

from expedit.core import Struct

Kind = Literal["bought", "viewed"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Count(Struct, frozen=True, gc=False):
    """How many different people did something with a product.

    Parameters
    ----------
    product, market
        Which product, and where.
    kind
        What they did.
    people, days
        How many, and within how many days.
    """

    product: str
    market: str
    kind: Kind
    people: int
    days: int


class Counts(Struct, frozen=True):
    """Everything that was counted at one moment.

    Parameters
    ----------
    at
        The moment, microseconds: every window ends there.
    counts
        The counts that reach the floor; there is nothing of what does not.
    """

    at: int
    counts: tuple[Count, ...] = ()
