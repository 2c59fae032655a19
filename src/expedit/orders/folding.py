"""An order from its facts: a pure function, so that no order of arrival can change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from expedit.core import evolve
from expedit.events import ORDER_RESUMED, ORDER_UPDATED, Event
from expedit.orders.model import Fact, FactKind, FactLine, Order, OrderLine, OrderStatus

_KINDS: dict[str, FactKind] = {"purchase": "purchase", "refund": "refund", "cancel": "cancel"}
_NAMES: dict[str, FactKind] = {ORDER_UPDATED: "update", ORDER_RESUMED: "resume"}
_STATING = frozenset({"purchase", "update", "resume"})
"""Facts that say what was ordered."""

_LineKey = tuple[str, str | None]


def fact_of(event: Event) -> Fact | None:
    """Return what `event` says of an order, or None when it says nothing of one."""
    kind = _KINDS.get(event.kind)
    if event.kind == "custom" and event.name is not None:
        kind = _NAMES.get(event.name.lower())
    if kind is None or event.order_id is None:
        return None
    return Fact(
        event.at,
        event.message_id,
        event.source,
        kind,
        event.subjects,
        tuple(
            FactLine(item.id, item.variant, abs(item.quantity), item.price, item.product)
            for item in event.items
        ),
        event.value,
        event.tax,
        event.shipping,
        event.currency,
        event.market,
        event.channel,
        event.coupon,
        event.store,
        event.register,
    )


def merged(known: Iterable[Fact], new: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return all facts, each once, in the one order that orders are computed in."""
    facts = {(fact.at, fact.message_id, fact.source): fact for fact in (*known, *new)}
    return tuple(facts[key] for key in sorted(facts))


def order_of(order_id: str, facts: Sequence[Fact]) -> Order:
    """Return the order that `facts`, as `merged` gives them, make.

    Notes
    -----
    - The earliest purchase is the order: a browser and a server that both report it, or a reloaded page that
      reports it again, make one order. The person may come from any of them.
    - The latest update that lists products replaces the lines, the latest that names an amount replaces it.
    - Refunds add up. One that lists products returns them; one that lists none and names no amount takes
      everything back; one that only names an amount returns money, and the goods stay.
    - A cancellation takes everything back, whatever came before or after it, until a later fact resumes the
      order; what that one lists or names counts as of an update.
    - Amounts in another currency than the order's are left out: there is no rate to add them by.
    """
    stating = [fact for fact in facts if fact.kind in _STATING]
    base = next((fact for fact in stating if fact.kind == "purchase"), stating[0] if stating else facts[0])
    for update in stating:
        if update.kind != "purchase":
            base = _updated(base, update)
    lines = _ordered(base) if stating else {}
    value = _value(base) if stating else 0
    prices = {key: line.price for key, line in lines.items()}
    refunded = 0
    for refund in (fact for fact in facts if fact.kind == "refund"):
        everything = not refund.lines and refund.goods is None
        for line in () if everything else refund.lines:
            _return(lines, line)
        if everything:
            lines = {key: evolve(line, returned=line.quantity) for key, line in lines.items()}
            refunded = max(refunded, value)
        elif refund.currency in {base.currency, None}:
            refunded += _value(refund, prices)
    turns = [fact.kind for fact in facts if fact.kind in {"cancel", "resume"}]
    cancelled = bool(turns) and turns[-1] == "cancel"
    if cancelled:
        lines = {key: evolve(line, returned=line.quantity) for key, line in lines.items()}
        refunded = value
    return Order(
        id=order_id,
        at=base.at,
        status="cancelled" if cancelled else _status(bool(stating), value, refunded, lines.values()),
        subjects=_subjects(base, facts),
        market=base.market,
        channel=base.channel,
        currency=base.currency,
        value=value,
        tax=(base.tax or 0) if stating else 0,
        shipping=(base.shipping or 0) if stating else 0,
        refunded=refunded,
        coupon=base.coupon,
        lines=tuple(lines[key] for key in sorted(lines, key=_by_name)),
        store=base.store,
        register=base.register,
    )


def _updated(base: Fact, update: Fact) -> Fact:
    if update is base:
        return base
    return evolve(
        base,
        lines=update.lines or base.lines,
        # New lines without an amount are worth what they cost.
        goods=update.goods if update.goods is not None or update.lines else base.goods,
        tax=base.tax if update.tax is None else update.tax,
        shipping=base.shipping if update.shipping is None else update.shipping,
        currency=base.currency or update.currency,
        coupon=update.coupon or base.coupon,
    )


def _ordered(base: Fact) -> dict[_LineKey, OrderLine]:
    lines: dict[_LineKey, OrderLine] = {}
    for line in base.lines:
        key = (line.item, line.variant)
        known = lines.get(key)
        lines[key] = OrderLine(
            line.item,
            line.variant,
            line.product,
            line.quantity + (known.quantity if known else 0),
            0,
            line.price if known is None or known.price is None else known.price,
        )
    return lines


def _return(lines: dict[_LineKey, OrderLine], line: FactLine) -> None:
    """Note that `line` went back; a source that leaves the variant out means the only one there is."""
    key: _LineKey = (line.item, line.variant)
    if key not in lines:
        alike = [
            other for other in lines if other[0] == line.item or line.item in {other[1], lines[other].product}
        ]
        if len(alike) == 1:
            key = alike[0]
    known = lines.get(key) or OrderLine(line.item, line.variant, line.product, 0, 0, line.price)
    lines[key] = evolve(known, returned=known.returned + line.quantity)


def _value(fact: Fact, prices: dict[_LineKey, int | None] | None = None) -> int:
    if fact.goods is not None:
        return fact.goods
    known = prices or {}
    return sum(
        line.quantity
        * ((line.price if line.price is not None else known.get((line.item, line.variant))) or 0)
        for line in fact.lines
    )


def _status(known: bool, value: int, refunded: int, lines: Iterable[OrderLine]) -> OrderStatus:
    if not known:
        return "credit"
    listed = list(lines)
    if listed and all(line.net == 0 for line in listed):
        return "refunded"
    if any(line.returned for line in listed):
        return "partly_refunded"
    if refunded == 0:
        return "placed"
    return "refunded" if refunded >= value else "partly_refunded"


def _subjects(base: Fact, facts: Sequence[Fact]) -> tuple[str, ...]:
    """Everyone named by the facts, the order's own first."""
    return tuple(dict.fromkeys((*base.subjects, *(subject for fact in facts for subject in fact.subjects))))


def _by_name(key: _LineKey) -> tuple[str, str]:
    return key[0], key[1] or ""
