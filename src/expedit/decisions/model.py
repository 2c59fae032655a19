"""What a decision is made of: the situation that asks, the items shown with their traces, and what was left
out.

Products are catalog indices (`int`, -1 for none) here: they become ids and cards at the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from expedit.core import Struct, field
from expedit.decisions.placements import Step
from expedit.merchandising import UNKNOWN_ARRIVAL, Arrival
from expedit.recommendation import Act, Bought

Indices = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

Removal = Literal[
    "retired", "not_sold_here", "out_of_stock", "in_cart", "just_bought", "is_subject", "other_category",
    "same_category", "same_group", "shown_above", "rule",
]  # fmt: skip
"""Why a candidate was left out."""


class CandidateList(Protocol):
    """What a strategy gives: catalog indices best first, their scores, and because of which product (-1
    none)."""

    @property
    def items(self) -> NDArray[Any]:
        """Catalog indices, int32[k], best first."""
        ...

    @property
    def scores(self) -> NDArray[Any]:
        """Scores, float[k], in the strategy's own unit, descending."""
        ...

    @property
    def because(self) -> NDArray[Any]:
        """Catalog index of the product each is there for, int32[k], -1 for none."""
        ...

    @property
    def notes(self) -> Mapping[int, str]:
        """What else is to be said of some, by catalog index: a word that goes on the reason's code."""
        ...


class Catalog(Protocol):
    """The part of a catalog snapshot that a decision looks at."""

    category: NDArray[np.int32]
    brand: NDArray[np.int32]
    color: NDArray[np.int32]
    group: NDArray[np.int32]
    price_band: NDArray[np.int8]
    active: NDArray[np.bool_]

    def sellable(self, idx: Indices, market: str, channel: str, now: int) -> Bools:
        """Tell which products can be sold in `market` through `channel` at `now`."""
        ...

    def price_minor(self, market: str) -> NDArray[np.int64]:
        """Return list prices, -1 where not sold."""
        ...


class Tastes(Struct, frozen=True, gc=False):
    """What a person likes, in codes of the catalog, each weight 0 … 1.

    Parameters
    ----------
    category, brand, color, price_band
        Weight by code.
    size
        Weight by name.
    """

    category: dict[int, float] = field(default_factory=dict)
    brand: dict[int, float] = field(default_factory=dict)
    color: dict[int, float] = field(default_factory=dict)
    price_band: dict[int, float] = field(default_factory=dict)
    size: dict[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.category or self.brand or self.color or self.price_band or self.size)


def no_tastes() -> Tastes:
    """Return the tastes of nobody."""
    return Tastes()


class Memory(Struct, frozen=True, gc=False):
    """What is remembered of a person beyond products and tastes; looked up only when a step asks.

    Parameters
    ----------
    acts, purchases
        What they did lately, and bought and kept; both the newest first.
    since
        When their last visit began; 0 while unknown.
    groups
        Scopes of the groups of people that they told to be of, the narrowest first.
    """

    acts: tuple[Act, ...] = ()
    purchases: tuple[Bought, ...] = ()
    since: int = 0
    groups: tuple[str, ...] = ()


def no_memory() -> Memory:
    """Return what is remembered of nobody."""
    return Memory()


class CartValue:
    """What a cart is worth in minor units, worked out once a step or a rule asks for it.

    Parameters
    ----------
    known
        What it is, as far as it was said; −1 while nobody has asked.
    reckon
        Works it out.
    """

    __slots__ = ("_reckon", "known")

    def __init__(self, known: int = -1, reckon: Callable[[], int] | None = None) -> None:
        self.known = known
        self._reckon = reckon

    def __call__(self) -> int:
        """Return it; −1 when nobody can tell."""
        if self.known < 0 and self._reckon is not None:
            self.known = self._reckon()
        return self.known


class Situation(Struct, frozen=True, gc=False):
    """Everything a decision may depend on, apart from catalog, model and placement.

    Parameters
    ----------
    at
        The moment, microseconds.
    market, channel, locale
        Where, through what, in which language.
    subjects
        Products the page is about.
    cart
        Products in the cart.
    session
        Products seen, oldest first: of the person's session, or without consent of this page's own memory.
    recent
        Products seen lately, newest first; what `recently_viewed` may show.
    bought
        Products just bought that nobody buys again so soon.
    anchors
        Products of the cart that may speak for others: not those that only the profile of a held-out person
        knows.
    category
        Code of the category that the page is about (a product page is about its product's); 0 for none.
    personal
        Whether anything known of the person may shape the answer.
    tastes
        Gives the person's tastes, worked out when the first step asks for them.
    memory
        Gives what is remembered of the person, or of the visit by the page itself.
    cart_value
        Gives what the cart is worth in minor units.
    place
        Scopes of the place where they roughly are, the narrowest first; only where the placement asks.
    arrival
        How the visit began, as far as the page tells.
    taken
        Products that stand further up on the page: neither they nor, where one of each group is shown, their
        other colors are shown again.
    """

    at: int
    market: str
    channel: str = "web"
    locale: str = "sv"
    subjects: tuple[int, ...] = ()
    cart: tuple[int, ...] = ()
    session: tuple[int, ...] = ()
    recent: tuple[int, ...] = ()
    bought: tuple[int, ...] = ()
    anchors: tuple[int, ...] = ()
    category: int = 0
    personal: bool = False
    tastes: Callable[[], Tastes] = no_tastes
    memory: Callable[[], Memory] = no_memory
    cart_value: CartValue = field(default_factory=CartValue)
    taken: tuple[int, ...] = ()
    place: tuple[str, ...] = ()
    arrival: Arrival = UNKNOWN_ARRIVAL


StrategySource = Callable[[Step, Situation, int], CandidateList]
"""Gives the candidates of one step, at most so many."""


class Part(Struct, frozen=True, gc=False):
    """One bar of the waterfall: what it is, how much it adds, and of which value."""

    code: str
    value: float
    detail: int | str = ""


class Shown(Struct, frozen=True, gc=False):
    """One item of an answer, and why.

    Parameters
    ----------
    item
        Catalog index.
    score
        Sum of `parts`: the strategy's own score as a share of its best candidate's, plus what tastes and
        rules add.
    strategy, step, fallback
        Which strategy gave it, at which step of the ladder (from 0), and whether that was the fallback.
    because
        Catalog index of the product it is there for, or -1.
    propensity
        Probability that this item stood at this position, over the randomization of the tail.
    parts
        The waterfall: empty on the hot path unless it was asked for, save the part that names a taste.
    taste
        The taste that added most, as ``category``, or empty.
    scope
        What the candidates were kept to, or what else is to be said of this one; goes on the reason's code.
    """

    item: int
    score: float
    strategy: str
    step: int
    fallback: bool = False
    because: int = -1
    propensity: float = 1.0
    parts: tuple[Part, ...] = ()
    taste: str = ""
    scope: str = ""


class Removed(Struct, frozen=True, gc=False):
    """A candidate that was left out, of which strategy's, at which step of the ladder, and by which rule."""

    item: int
    reason: Removal
    strategy: str
    step: int = 0
    rule: str = ""


class Outcome(Struct, frozen=True, gc=False):
    """What `decide` answers.

    Parameters
    ----------
    shown
        Items in order.
    explored
        Whether the tail was shuffled.
    head
        How many positions at the top are never shuffled.
    considered
        How many candidates the strategies gave.
    counts
        How many were left out, by reason; only when explained.
    removed
        The candidates left out; only when explained.
    candidates
        The best eligible candidates that were not shown, in order; only when explained.
    """

    shown: tuple[Shown, ...]
    explored: bool = False
    head: int = 0
    considered: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    removed: tuple[Removed, ...] = ()
    candidates: tuple[Shown, ...] = ()
