"""What a rule is: an action over products, and where, when and for whom it holds."""

from __future__ import annotations

from typing import Any, Literal

from expedit.core import Struct, field

RawCondition = dict[str, Any]
"""A condition as it is written; see `expedit.core.read_condition`."""

Counted = Literal["category", "brand", "color", "group", "all"]
"""What products are counted by where there may be few of each."""

State = Literal["draft", "published", "archived"]


class Exclude(Struct, frozen=True, tag_field="do", tag="exclude"):
    """Never show what fits `which`."""

    which: RawCondition


class Only(Struct, frozen=True, tag_field="do", tag="only"):
    """Show nothing but what fits `which`: only what is reduced, only with enough margin, enough stock."""

    which: RawCondition


class Boost(Struct, frozen=True, tag_field="do", tag="boost"):
    """Lift what fits `which` by a share of the step's best score, 0 … 10."""

    which: RawCondition
    by: float = 0.5


class Bury(Struct, frozen=True, tag_field="do", tag="bury"):
    """Lower what fits `which` by a share of the step's best score, 0 … 10."""

    which: RawCondition
    by: float = 0.5


class Include(Struct, frozen=True, tag_field="do", tag="include"):
    """Put what fits `which` among the candidates of the first step, at a share of its best score.

    Parameters
    ----------
    which
        What is put in; of many the newest.
    level
        Where it starts: 1 is beside the best candidate, 0 behind the last.
    most
        At most so many products.
    """

    which: RawCondition
    level: float = 0.5
    most: int = 12


class Pin(Struct, frozen=True, tag_field="do", tag="pin"):
    """Put products at a position and those after it, while they can be sold.

    Parameters
    ----------
    products
        Product ids in their order.
    position
        Of the first of them, from 1.
    """

    products: tuple[str, ...]
    position: int = 1


class PriceBand(Struct, frozen=True, tag_field="do", tag="price_band"):
    """Show only what costs between two shares of the price of the product that the page is about.

    Parameters
    ----------
    low, high
        As ``0.5`` and ``1.5``, to the per mille; 0 for no bound.
    """

    low: float = 0.0
    high: float = 0.0


class NewFirst(Struct, frozen=True, tag_field="do", tag="new_first"):
    """Put what came in the last days first, without disturbing the order otherwise."""

    days: int = 30


class Diversity(Struct, frozen=True, tag_field="do", tag="diversity"):
    """Show at most so many of one category, brand, color or style, or of all together.

    Parameters
    ----------
    attribute
        What they are counted by; ``all`` counts them together.
    most
        How many.
    which
        What is counted; empty is everything. *At most 2 of shoes* is ``all`` of the category shoes.
    """

    attribute: Counted = "category"
    most: int = 2
    which: RawCondition = field(default_factory=dict)


class BrandConflict(Struct, frozen=True, tag_field="do", tag="brand_conflict"):
    """Never show one group of brands where the other is the subject, nor the other way round.

    Parameters
    ----------
    brands, against
        Two groups of brands.
    """

    brands: tuple[str, ...]
    against: tuple[str, ...]


class NeverWith(Struct, frozen=True, tag_field="do", tag="never_with"):
    """Never show what fits one condition beside a product of the page or cart that fits the other, nor the
    other way round.

    Parameters
    ----------
    which, beside
        Two conditions over products.
    """

    which: RawCondition
    beside: RawCondition


Action = (
    Exclude
    | Only
    | Boost
    | Bury
    | Include
    | Pin
    | PriceBand
    | NewFirst
    | Diversity
    | BrandConflict
    | NeverWith
)

ACTIONS: tuple[type[Action], ...] = (
    Exclude, BrandConflict, NeverWith, Only, PriceBand, Bury, Boost, NewFirst, Diversity, Include, Pin,
)  # fmt: skip
"""Every kind of action, in the order in which they act."""


PROMISES: tuple[type[Action], ...] = (Exclude, BrandConflict, NeverWith, Only)
"""What a shop relies on in every answer, and chance therefore never leaves out of its own accord."""


class Rule(Struct, frozen=True):
    """What a merchandiser lays over the candidates.

    Parameters
    ----------
    id
        Never changes.
    name
        As the merchandiser calls it.
    action
        What it does.
    when
        Condition over page, person, cart and time; ``{}`` is always.
    placements, channels, markets
        Where it holds; empty is everywhere. The placement ``list`` stands for category listings.
    priority
        Of two rules that pin to one position the lower number goes first, of two that include one product its
        level counts, and where two rules on company meet it is the one that is named. What a rule forbids
        is not included, whatever the numbers.
    starts, ends
        Microseconds, from and until it holds; None is without an end.
    note
        Why it is there, for colleagues.
    measured
        Whether chance leaves it out of a few answers, so that what it earns can be told; None is as its kind
        has it, see `PROMISES`.
    """

    id: str
    name: str
    action: Action
    when: RawCondition = field(default_factory=dict)
    placements: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    priority: int = 100
    starts: int | None = None
    ends: int | None = None
    note: str = ""
    measured: bool | None = None

    @property
    def has_coin(self) -> bool:
        """Tell whether chance may leave it out of an answer."""
        return not isinstance(self.action, PROMISES) if self.measured is None else self.measured


class Edition(Struct, frozen=True):
    """A rule as it stood after one change.

    Parameters
    ----------
    rule
        The rule, with the place that it has among the others now as its `priority`.
    state
        ``draft`` when it differs from what is in force or nothing is, ``published``, ``archived``.
    version
        1, 2, 3 …; whoever changes the rule names the one that they saw.
    at, author
        When it was changed, and by whom.
    change
        What was done: ``created``, ``changed``, ``published``, ``withdrawn``, ``discarded``, ``archived``,
        ``restored``, ``undone``.
    live
        The version that is in force once this one was written; 0 for none.
    """

    rule: Rule
    state: State
    version: int
    at: int
    author: str
    change: str
    live: int = 0
