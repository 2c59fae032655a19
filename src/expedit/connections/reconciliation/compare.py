"""Why the shop's figures differ from those here: named causes that add up to the difference. Pure.

The shop counts what customers were to pay, with tax and shipping and before refunds; here counts what the
shop kept for the goods. So most of a difference is no mistake: it has a name. What none of the names explains
is left over, and shown as that.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, get_args

from expedit.connections.reconciliation.figures import ShopDay, ShopOrder
from expedit.core import Struct, field
from expedit.orders import Order

CauseName = Literal[
    "tax",
    "shipping",
    "refunds",
    "test",
    "consent",
    "waiting",
    "other_day",
    "not_counted",
    "only_here",
    "unexplained",
]
"""VAT; shipping; what went back; test orders; no consent (or blocked) in the browser; not arrived yet; on
another day here; here, but cancelled or unpaid in the shop; here, but not on its list; what has no name."""

CAUSES: tuple[CauseName, ...] = get_args(CauseName)


class Cause(Struct, frozen=True):
    """A part of a difference.

    Parameters
    ----------
    orders
        How many orders it is about; 0 = it is not told by orders.
    amount
        Minor units by which the shop's figure is higher because of it.
    """

    name: CauseName
    orders: int
    amount: int


class Odd(Struct, frozen=True):
    """An order whose difference has no name: what the shop has of it and what is here, in minor units."""

    order_id: str
    day: str
    shop: int | None
    here: int | None
    rest: int


class Day(Struct, frozen=True):
    """A day beside a day.

    Parameters
    ----------
    shop_orders, shop_revenue
        The shop's own figures.
    our_orders, our_revenue
        What is here, of the channels that the shop's figures are about.
    causes
        Parts of ``shop_revenue - our_revenue``; their sum is the difference.
    """

    day: str
    shop_orders: int
    shop_revenue: int
    our_orders: int
    our_revenue: int
    causes: tuple[Cause, ...] = ()

    @property
    def difference(self) -> int:
        """How much higher the shop's figure is."""
        return self.shop_revenue - self.our_revenue

    @property
    def unexplained(self) -> int:
        """What no cause explains, in minor units."""
        return sum(cause.amount for cause in self.causes if cause.name == "unexplained")

    def amount(self, name: CauseName) -> int:
        """Return the part of one cause."""
        return sum(cause.amount for cause in self.causes if cause.name == name)


class Situation(Struct, frozen=True):
    """What the comparison has to know beside the orders.

    Parameters
    ----------
    fresh
        Orders placed after this moment (microseconds) may still be on their way.
    by_browser
        Whether orders are told of by browsers alone, which do so only with consent.
    declined
        Whether the source of the orders keeps none without consent.
    """

    fresh: int
    by_browser: bool = False
    declined: bool = False


class _Ledger:
    """Causes by day."""

    def __init__(self) -> None:
        self.amounts: dict[str, Counter[CauseName]] = defaultdict(Counter)
        self.orders: dict[str, Counter[CauseName]] = defaultdict(Counter)

    def add(self, day: str, name: CauseName, amount: int) -> None:
        if amount:
            self.amounts[day][name] += amount
            self.orders[day][name] += 1

    def causes(self, day: str) -> tuple[Cause, ...]:
        return tuple(
            Cause(name, self.orders[day][name], self.amounts[day][name])
            for name in CAUSES
            if self.amounts[day][name] or self.orders[day][name]
        )


def compare_orders(
    theirs: Sequence[ShopOrder],
    ours: Sequence[Order],
    day_of: Callable[[int], str],
    situation: Situation,
) -> tuple[list[Day], list[Odd]]:
    """Compare order by order.

    Parameters
    ----------
    theirs, ours
        Orders of one currency.
    day_of
        Gives the shop's day of a moment.

    Returns
    -------
    The days that either side has, the oldest first; and the orders whose difference has no name.
    """
    ledger = _Ledger()
    odd: list[Odd] = []
    days: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    here = {order.id: order for order in ours}
    for one in theirs:
        day = day_of(one.placed)
        order = here.pop(one.order_id, None)
        total = one.total if one.counted else 0
        days[day][0] += one.counted
        days[day][1] += total
        if order is None:
            _only_there(one, day, total, situation, ledger, odd)
            continue
        our_day = day_of(order.at)
        days[our_day][2] += _counts(order)
        days[our_day][3] += order.net
        if day != our_day:
            ledger.add(day, "other_day", order.net)
            ledger.add(our_day, "other_day", -order.net)
        if one.counted:
            _both(one, order, day, ledger, odd)
        else:
            ledger.add(day, "not_counted", -order.net)
    for order in here.values():
        day = day_of(order.at)
        days[day][2] += _counts(order)
        days[day][3] += order.net
        ledger.add(day, "refunds" if order.status == "credit" else "only_here", -order.net)
    return [_day(day, days[day], ledger.causes(day)) for day in sorted(days)], odd


def _day(day: str, counted: Sequence[int], causes: tuple[Cause, ...]) -> Day:
    shop_orders, shop_revenue, our_orders, our_revenue = counted
    return Day(day, shop_orders, shop_revenue, our_orders, our_revenue, causes)


def _counts(order: Order) -> bool:
    return order.status not in {"credit", "cancelled"}


def _only_there(
    one: ShopOrder, day: str, total: int, situation: Situation, ledger: _Ledger, odd: list[Odd]
) -> None:
    name: CauseName = "unexplained"
    if one.test:
        name = "test"
    elif one.placed >= situation.fresh:
        name = "waiting"
    elif situation.by_browser or situation.declined:
        name = "consent"
    ledger.add(day, name, total)
    if name == "unexplained" and total:
        odd.append(Odd(one.order_id, day, total, None, total))


def _both(one: ShopOrder, order: Order, day: str, ledger: _Ledger, odd: list[Odd]) -> None:
    """Explain an order that both sides have."""
    tax, shipping = one.tax, one.shipping
    rest = one.total - tax - shipping - order.value
    if rest == -tax:  # whoever told of it here counted the tax in
        tax, rest = 0, 0
    elif rest == -shipping:
        shipping, rest = 0, 0
    elif rest == -(tax + shipping):
        tax, shipping, rest = 0, 0, 0
    ledger.add(day, "tax", tax)
    ledger.add(day, "shipping", shipping)
    ledger.add(day, "refunds", order.refunded)
    ledger.add(day, "unexplained", rest)
    if rest:
        odd.append(Odd(order.id, day, one.total, order.net, rest))


def compare_days(theirs: Sequence[ShopDay], ours: Iterable[Order], day_of: Callable[[int], str]) -> list[Day]:
    """Compare day by day, where the shop gives no more than totals.

    Tax, shipping and refunds are the shop's own where it states them, else those of the orders here.
    """
    own: dict[str, list[Order]] = defaultdict(list)
    for order in ours:
        own[day_of(order.at)].append(order)
    found = []
    for one in sorted(theirs, key=lambda day: day.day):
        orders = own.get(one.day, [])
        ours_net = sum(order.net for order in orders)
        ledger = _Ledger()
        tax = one.tax if one.tax is not None else sum(order.tax for order in orders)
        shipping = one.shipping if one.shipping is not None else sum(order.shipping for order in orders)
        back = one.refunds if one.refunds is not None else sum(order.refunded for order in orders)
        ledger.add(one.day, "tax", tax if one.with_tax else 0)
        ledger.add(one.day, "shipping", shipping if one.with_shipping else 0)
        ledger.add(one.day, "refunds", back if not one.after_refunds else 0)
        rest = one.revenue - ours_net - sum(ledger.amounts[one.day].values())
        ledger.add(one.day, "unexplained", rest)
        count = sum(_counts(order) for order in orders)
        found.append(Day(one.day, one.orders, one.revenue, count, ours_net, ledger.causes(one.day)))
    return found


def total_of(days: Sequence[Day]) -> Day:
    """Return all days together."""
    amounts: Counter[CauseName] = Counter()
    orders: Counter[CauseName] = Counter()
    for day in days:
        for cause in day.causes:
            amounts[cause.name] += cause.amount
            orders[cause.name] += cause.orders
    return Day(
        "",
        sum(day.shop_orders for day in days),
        sum(day.shop_revenue for day in days),
        sum(day.our_orders for day in days),
        sum(day.our_revenue for day in days),
        tuple(Cause(name, orders[name], amounts[name]) for name in CAUSES if amounts[name] or orders[name]),
    )


class Compared(Struct, frozen=True):
    """A comparison as the page shows it."""

    days: tuple[Day, ...] = ()
    total: Day = field(default_factory=lambda: Day("", 0, 0, 0, 0))
    odd: tuple[Odd, ...] = ()
    currency: str = ""
    currencies: tuple[str, ...] = ()
    zone: str = "UTC"
    by_order: bool = True


def named(causes: Iterable[Cause]) -> Mapping[CauseName, Cause]:
    """Return causes by their name."""
    return {cause.name: cause for cause in causes}
