"""The price ledger: what an offer cost at every moment, and the prior price of a reduction. Pure.

The history of one offer (a variant in a market) is a list of `Interval`s in order of time that never overlap.
What expedit recorded itself has no gap either: from the first moment to for ever every moment lies in exactly
one interval, "not sold" included, and a sale that is scheduled stands there before it starts. A gap, only
possible in imported history, means *unknown*.
"""

from __future__ import annotations

from collections.abc import Sequence

from expedit.catalog.model import Offer
from expedit.core import DAY, InvalidInput, Struct, evolve

FOREVER = 1 << 62
"""The end of an interval that has none."""


class Interval(Struct, frozen=True, gc=False):
    """A stretch of time, ``valid_from <= t < valid_until`` in microseconds, with one price.

    Parameters
    ----------
    price
        List price in minor units; None = not sold.
    sale_price
        The lower price in effect, when a sale was on.
    imported
        Whether it comes from the shop's own older history.
    """

    valid_from: int
    valid_until: int
    price: int | None
    sale_price: int | None
    currency: str
    imported: bool = False

    @property
    def selling(self) -> int | None:
        """The price in effect, or None when not sold."""
        return self.price if self.sale_price is None else self.sale_price

    def same_price(self, other: Interval) -> bool:
        """Tell whether both hold the same prices and come from the same hand."""
        return (self.price, self.sale_price, self.currency, self.imported) == (
            other.price,
            other.sale_price,
            other.currency,
            other.imported,
        )


class PriorPriceRule(Struct, frozen=True):
    """How the prior price of a reduction is found (Directive 98/6/EC, article 6a).

    Parameters
    ----------
    days
        Length of the window before the reduction; article 6a(2): at least 30.
    progressive
        A reduction that only deepens, without a break, keeps the prior price of its first step; article
        6a(5), an option of the member states.
    new_products
        A product that has been on the market for less than the window is compared with its whole life;
        article 6a(4), an option of the member states. Only used where the shop states ``created``.
    """

    days: int = 30
    progressive: bool = False
    new_products: bool = False


STRICT = PriorPriceRule()
"""The rule of the directive itself, without any member state's option."""


def schedule(offer: Offer | None, at: int, currency: str = "") -> list[Interval]:
    """Return what `offer`, made known at `at`, costs from then on; None = not sold (`currency` kept)."""
    if offer is None:
        return [Interval(at, FOREVER, None, None, currency)]
    listed = Interval(at, FOREVER, offer.price, None, offer.currency)
    start = max(at, at if offer.sale_from is None else offer.sale_from)
    end = FOREVER if offer.sale_until is None else offer.sale_until
    if offer.sale_price is None or end <= start:
        return [listed]
    steps = [Interval(start, end, offer.price, offer.sale_price, offer.currency)]
    if at < start:
        steps.insert(0, evolve(listed, valid_until=start))
    if end < FOREVER:
        steps.append(evolve(listed, valid_from=end))
    return steps


def revise(history: Sequence[Interval], offer: Offer | None, at: int) -> list[Interval]:
    """Return `history` with everything from `at` on replaced by `offer`; what was in effect before stays."""
    kept = [
        step if step.valid_until <= at else evolve(step, valid_until=at)
        for step in history
        if step.valid_from < at
    ]
    return joined([*kept, *schedule(offer, at, history[-1].currency if history else "")])


def joined(steps: Sequence[Interval]) -> list[Interval]:
    """Return ordered steps with those that touch and hold the same price made one."""
    result: list[Interval] = []
    for step in steps:
        last = result[-1] if result else None
        if last and last.valid_until == step.valid_from and last.same_price(step):
            result[-1] = evolve(last, valid_until=step.valid_until)
        else:
            result.append(step)
    return result


def with_older(history: Sequence[Interval], older: Interval) -> list[Interval]:
    """Return `history` with an imported interval laid before what expedit recorded itself.

    Its end is cut at the first moment recorded here. An interval that is known already changes nothing.

    Raises
    ------
    InvalidInput
        When it ends before it starts, or contradicts history that was imported earlier.
    """
    own_start = next((step.valid_from for step in history if not step.imported), FOREVER)
    older = evolve(older, valid_until=min(older.valid_until, own_start), imported=True)
    if older.valid_until <= older.valid_from:
        if older.valid_from >= own_start:
            return list(history)
        raise InvalidInput("until", "is not after from")
    uncovered = [older]
    for step in history:
        if not step.imported:
            break
        if step.valid_until <= older.valid_from or older.valid_until <= step.valid_from:
            continue
        if not step.same_price(older):
            raise InvalidInput("from", "overlaps another price of the same offer")
        last = uncovered.pop()
        if last.valid_from < step.valid_from:
            uncovered.append(evolve(last, valid_until=step.valid_from))
        if step.valid_until >= last.valid_until:
            break
        uncovered.append(evolve(last, valid_from=step.valid_until))
    return joined(sorted([*history, *uncovered], key=lambda step: step.valid_from))


def reduction_start(history: Sequence[Interval], at: int, progressive: bool = False) -> int | None:
    """Return when the reduction in effect at `at` started, or None when there is none.

    With `progressive`, a chain of reductions without a break, each deeper than the one before, starts with
    its first.
    """
    index = next((i for i, step in enumerate(history) if step.valid_from <= at < step.valid_until), None)
    if index is None or history[index].sale_price is None:
        return None
    while index > 0:
        step, before = history[index], history[index - 1]
        if before.valid_until != step.valid_from or before.sale_price is None:
            break
        if before.currency != step.currency or step.sale_price is None:
            break
        # The same sale price over a changed list price is one reduction going on.
        deepened = progressive and before.sale_price > step.sale_price
        if before.sale_price != step.sale_price and not deepened:
            break
        index -= 1
    return history[index].valid_from


def prior_price(
    history: Sequence[Interval],
    at: int,
    rule: PriorPriceRule = STRICT,
    on_market_since: int | None = None,
) -> int | None:
    """Return the lowest price in effect during the window before the reduction that holds at `at`.

    Parameters
    ----------
    on_market_since
        When the shop says that the product came on the market, for `PriorPriceRule.new_products`.

    Returns
    -------
    minor units, or None when no reduction holds, when some moment of the window is unknown, or when the
    product was not sold in the window at all.
    """
    start = reduction_start(history, at, rule.progressive)
    if start is None:
        return None
    since = start - rule.days * DAY
    if rule.new_products and on_market_since is not None and since < on_market_since:
        # The first price may be recorded some hours after the product is announced.
        first = history[0].valid_from
        since = first if on_market_since <= first <= on_market_since + DAY else on_market_since
        if since >= start:
            return None
    currency = next(step.currency for step in history if step.valid_from <= at < step.valid_until)
    lowest: int | None = None
    known_until = since
    for step in history:
        if step.valid_until <= since or step.valid_from >= start:
            continue
        if step.valid_from > known_until:
            return None
        known_until = step.valid_until
        price = step.selling
        if price is None:
            continue
        if step.currency != currency:
            return None
        lowest = price if lowest is None else min(lowest, price)
    return lowest if known_until >= start else None


class PriorExplained(Struct, frozen=True):
    """A reduction's prior price and what it rests on.

    Parameters
    ----------
    start, since
        When the reduction begins, and where its window begins.
    price
        The prior price; None while unknown.
    found
        When that price was in effect within the window, as (from, until).
    unknown_from, unknown_until
        The first stretch of the window that the ledger does not know; None when it knows all of it.
    sold
        Whether the product was sold in the window at all.
    """

    start: int
    since: int
    price: int | None
    found: tuple[int, int] | None = None
    unknown_from: int | None = None
    unknown_until: int | None = None
    sold: bool = True


def explain_prior(
    history: Sequence[Interval],
    at: int,
    rule: PriorPriceRule = STRICT,
    on_market_since: int | None = None,
) -> PriorExplained | None:
    """Return what `prior_price` finds for the reduction that holds at `at`, and why; None without one."""
    start = reduction_start(history, at, rule.progressive)
    if start is None:
        return None
    price = prior_price(history, at, rule, on_market_since)
    since = start - rule.days * DAY
    window = [step for step in history if step.valid_until > since and step.valid_from < start]
    if price is not None:
        step = next(step for step in window if step.selling == price)
        bounds = (max(step.valid_from, since), min(step.valid_until, start))
        return PriorExplained(start, since, price, bounds)
    known_until = since
    for step in window:
        if step.valid_from > known_until:
            return PriorExplained(start, since, None, None, known_until, step.valid_from)
        known_until = step.valid_until
    if known_until < start:
        return PriorExplained(start, since, None, None, known_until, start)
    return PriorExplained(start, since, None, sold=any(step.selling is not None for step in window))
