"""What the overview tells: frozen values, no I/O."""

from __future__ import annotations

from expedit.core import DAY, InvalidInput, Struct
from expedit.insights.statistics import Interval, Sample
from expedit.merchandising import Rule

PERIODS = (7, 30, 90)
"""Lengths of time that the overview can be asked for, in days."""


class Period(Struct, frozen=True):
    """The last days up to a moment, and as long a time before.

    Parameters
    ----------
    days
        How many UTC days, the present one included.
    since, until
        From the start of the first day up to the moment, in microseconds.
    """

    days: int
    since: int
    until: int

    @classmethod
    def ending(cls, until: int, days: int) -> Period:
        """Return the last `days` days that end at the moment `until`."""
        if days not in PERIODS:
            raise InvalidInput("days", f"must be one of {', '.join(map(str, PERIODS))}")
        return cls(days, until - until % DAY - (days - 1) * DAY, until)

    @property
    def before(self) -> Period:
        """Return the same stretch of time, up to the same time of day, as many days earlier."""
        return Period(self.days, self.since - self.days * DAY, self.until - self.days * DAY)


class Scope(Struct, frozen=True):
    """The markets whose numbers are shown together; all pay in one currency.

    Parameters
    ----------
    name
        The market, or the currency of several.
    markets
        Their codes; ``""`` is what names no market.
    currency
        What amounts are in.
    """

    name: str
    markets: tuple[str, ...]
    currency: str


class Traffic(Struct, frozen=True):
    """Who came and what was ordered; amounts in minor units, before refunds."""

    visitors: int = 0
    visits: int = 0
    views: int = 0
    orders: int = 0
    revenue: int = 0
    squares: float = 0.0

    @property
    def order_value(self) -> Sample:
        """Return the orders as a sample."""
        return Sample(self.orders, self.revenue, self.squares)


class DayTraffic(Struct, frozen=True):
    """One UTC day of traffic."""

    day: str
    traffic: Traffic


class Spots(Struct, frozen=True):
    """What came of recommended items; each item of each decision counts once.

    Parameters
    ----------
    shown
        Items answered.
    seen, clicked, carted, bought
        Those of them that came into view, were clicked, were then put in the cart or bought, were bought.
    lines, units, revenue
        Order lines, units and their worth in minor units.
    """

    shown: int = 0
    seen: int = 0
    clicked: int = 0
    carted: int = 0
    bought: int = 0
    lines: int = 0
    units: int = 0
    revenue: int = 0

    def __add__(self, other: Spots) -> Spots:
        return Spots(
            self.shown + other.shown,
            self.seen + other.seen,
            self.clicked + other.clicked,
            self.carted + other.carted,
            self.bought + other.bought,
            self.lines + other.lines,
            self.units + other.units,
            self.revenue + other.revenue,
        )


class Named(Struct, frozen=True):
    """A placement, strategy or product and what came of it."""

    name: str
    spots: Spots


class Arm(Struct, frozen=True):
    """One arm of the holdout: its people, how many bought, what they spent in minor units.

    `first_at` is when the first of them met the experiment in the period.
    """

    people: int = 0
    crossovers: int = 0
    buyers: int = 0
    orders: int = 0
    spent: Sample = Sample()
    first_at: int = 0


class ArmDay(Struct, frozen=True):
    """One UTC day: what a visitor of each arm spent, in minor units."""

    day: str
    personalized: Sample = Sample()
    held_out: Sample = Sample()


class Lift(Struct, frozen=True):
    """What personalization added, against the holdout.

    Parameters
    ----------
    personalized, held_out
        The arms.
    revenue
        Relative lift in revenue per person.
    conversion
        Relative lift in the share of people who bought.
    added
        What the lift is worth over the personalized people of the period, in minor units.
    """

    personalized: Arm = Arm()
    held_out: Arm = Arm()
    revenue: Interval = Interval()
    conversion: Interval = Interval()
    added: Interval = Interval()


class Wait(Struct, frozen=True):
    """How long a holdout of a size takes to show an effect.

    Parameters
    ----------
    held_share
        Share of people held out.
    effect
        Relative lift in revenue per person that is to be seen.
    weeks
        Weeks from the start; None when it would take ten years or more, or there is too little to tell from.
    """

    held_share: float
    effect: float
    weeks: int | None


class Plan(Struct, frozen=True):
    """When the holdout answers.

    Parameters
    ----------
    held_share
        The share that is set.
    people_a_week
        People who meet the experiment in a week.
    waits
        By share and effect.
    suggested
        The smallest share that shows a lift of 5 % within twelve weeks; the largest when none does; None
        while there is too little to tell from.
    """

    held_share: float
    people_a_week: float
    waits: tuple[Wait, ...]
    suggested: float | None

    def wait(self, held_share: float, effect: float) -> Wait | None:
        """Return the wait of one size, if it was worked out."""
        return next((one for one in self.waits if (one.held_share, one.effect) == (held_share, effect)), None)


class ShownDecision(Struct, frozen=True):
    """A decision that a person was shown; its id leads to why."""

    id: str
    at: int
    placement: str
    items: int
    arm: str
    personal: bool
    channel: str


class Overview(Struct, frozen=True):
    """Everything on the overview of one scope and period.

    Parameters
    ----------
    scope, period
        What it is about.
    reach
        Everything received up to this moment is in it.
    now, before
        Traffic of the period and of the one before.
    days
        Traffic by day.
    spots, spots_before
        What came of recommendations in all.
    placements, strategies, products
        The same by name, the most revenue first; of products the best.
    lift, plan, arm_days
        Against the holdout.
    """

    scope: Scope
    period: Period
    reach: int
    now: Traffic
    before: Traffic
    days: tuple[DayTraffic, ...]
    spots: Spots
    spots_before: Spots
    placements: tuple[Named, ...]
    strategies: tuple[Named, ...]
    products: tuple[Named, ...]
    lift: Lift
    plan: Plan
    arm_days: tuple[ArmDay, ...]

    @property
    def empty(self) -> bool:
        """Tell whether nothing at all was seen."""
        return self.now == self.before == Traffic() and not self.spots.shown


class Side(Struct, frozen=True):
    """What came of the decisions on one side of a coin.

    Parameters
    ----------
    decisions
        How many were measured.
    clicks, revenue
        Of one decision on average: items clicked, and what they led to, in minor units.
    """

    decisions: int = 0
    clicks: float = 0.0
    revenue: float = 0.0


class RuleWorth(Struct, frozen=True):
    """What one rule costs or earns, as one edition of it has it.

    Parameters
    ----------
    rule
        As it was in force.
    edition
        Its version, see `Spell`.
    until
        When it was in force and measured last; None while it is.
    measured
        Whether it has a coin; one without was never measured, and has no figure.
    on, off
        Decisions with it, and those in which it was left out by chance.
    weekly_decisions
        In about how many decisions a week it held.
    clicks, revenue
        What it does in a week: items clicked, and revenue in minor units.
    earlier
        What the rule did before it was changed, the latest first.
    """

    rule: Rule
    edition: int
    until: int | None = None
    measured: bool = True
    on: Side = Side()
    off: Side = Side()
    weekly_decisions: float = 0.0
    clicks: Interval = Interval()
    revenue: Interval = Interval()
    earlier: tuple[RuleWorth, ...] = ()


class Invoice(Struct, frozen=True):
    """What the rules of one scope cost or earned, the dearest first.

    Parameters
    ----------
    scope, period
        What it is about.
    rules
        Every rule that was measured, as it is in force now or was last.
    """

    scope: Scope
    period: Period
    rules: tuple[RuleWorth, ...]
