"""The facts of one person, as far as a condition asks for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from expedit.audiences.goods import Goods
from expedit.audiences.vocabulary import SPANS
from expedit.core import DAY
from expedit.orders import Order
from expedit.profiles import DIMENSIONS, Profile

MOST_LIKED = 5
"""How many of the strongest tastes of a kind count as what somebody likes."""

KINDS = {"viewed": "view_item", "carted": "add_to_cart", "wished": "add_to_wishlist"}
"""Kind of act behind each list of products."""

_KEPT = frozenset({"placed", "partly_refunded"})


class Sources:
    """Where the facts of one person come from; what costs a query is asked only when a condition needs it.

    Parameters
    ----------
    goods
        The catalog.
    markets
        Currency by market, the shop's first market first.
    orders_of, kinds_of
        Give the orders of a person id, and the kinds of identifiers that they are known by.
    """

    def __init__(
        self,
        goods: Goods,
        markets: Mapping[str, str],
        orders_of: Callable[[str], Sequence[Order]],
        kinds_of: Callable[[str], Sequence[str]],
    ) -> None:
        self.goods = goods
        self.markets = markets
        self.orders_of = orders_of
        self.kinds_of = kinds_of


def facts_of(profile: Profile, sources: Sources, now: int, fields: Collection[str]) -> dict[str, Any]:
    """Return what is so of a person at `now`.

    Parameters
    ----------
    fields
        The fields that will be asked for, as `expedit.core.fields_of` gives them.
    """
    wanted = {name.partition(".")[0] for name in fields}
    described = {name.partition(".")[0] for name in fields if ".attributes." in name}
    goods = sources.goods
    facts: dict[str, Any] = {
        "first_seen": profile.first_at,
        "last_seen": profile.last_at,
        "market": profile.market,
        "intent": profile.intent.step,
        "traits": profile.traits,
        "consents": profile.consents,
        "visits": [{"at": at} for at in profile.visits],
        "channels": [{"name": name, "at": at} for name, at in profile.channels.items()],
        "places": [told_place(name, at) for name, at in profile.places.items()],
    }
    if "bought" in wanted:
        facts["bought"] = [
            _line(goods, one.product, "bought" in described)
            | {"at": one.at, "quantity": one.quantity, "size": one.size}
            for one in profile.purchased
        ]
    if "cart" in wanted:
        facts["cart"] = [
            _line(goods, one.product, "cart" in described)
            | {"at": one.at, "quantity": one.quantity, "price": one.price}
            for one in profile.cart
        ]
    for name in KINDS.keys() & wanted:
        facts[name] = [
            _line(goods, one.product, name in described) | {"at": one.at}
            for one in profile.recent
            if one.kind == KINDS[name]
        ]
    if "likes" in wanted:
        facts["likes"] = {name: strongest(name, getattr(profile.affinities, name)) for name in DIMENSIONS}
    if "known_by" in wanted:
        facts["known_by"] = sources.kinds_of(profile.person_id)
    if wanted & {"orders", "spent"}:
        orders = kept_orders(sources.orders_of(profile.person_id))
        facts["orders"] = [told_order(goods, one) for one in orders]
        currency = currency_of(profile.market, sources.markets)
        facts["spent"] = {span: spent(orders, currency, days, now) for span, days in SPANS.items()}
    return facts


def _line(goods: Goods, product: str, described: bool) -> dict[str, Any]:
    told = {"product": product, **goods.of(product)}
    if described:
        told["attributes"] = goods.attributes(product)
    return told


def told_place(name: str, at: int) -> dict[str, Any]:
    """Return a place as conditions ask for it: ``NO-03`` is a region of a country."""
    country, _, region = name.partition("-")
    return {"country": country, "region": region, "at": at}


def strongest(dimension: str, weights: Mapping[str, float]) -> list[str]:
    """Return the values that somebody is drawn to most; of categories also all above them."""
    found = sorted(weights, key=lambda name: (-weights[name], name))[:MOST_LIKED]
    if dimension != "category":
        return found
    paths = [path.split(" > ") for path in found]
    return [" > ".join(path[: depth + 1]) for path in paths for depth in range(len(path))]


def kept_orders(orders: Sequence[Order]) -> list[Order]:
    """Return the orders of which the customer kept something, in the order of their placing."""
    return sorted((one for one in orders if one.status in _KEPT), key=lambda one: (one.at, one.id))


def told_order(goods: Goods, order: Order) -> dict[str, Any]:
    """Return an order as conditions ask for it; its value is what the shop kept for the goods."""
    lines = [line for line in order.lines if line.net > 0]
    products = [line.product or line.item for line in lines]
    told = [goods.of(product) for product in products]
    return {
        "at": order.at,
        "value": order.net,
        "currency": order.currency,
        "pieces": sum(line.net for line in lines),
        "product": products,
        "category": [path for one in told for path in one["category"]],
        "brand": [one["brand"] for one in told],
        "market": order.market,
        "channel": order.channel,
        "store": order.store,
        "coupon": order.coupon,
    }


def currency_of(market: str | None, markets: Mapping[str, str]) -> str:
    """Return the currency in which a person's spending is summed: that of their market, or of the shop's
    first."""
    return markets.get(market or "") or next(iter(markets.values()))


def spent(orders: Sequence[Order], currency: str, days: int, now: int) -> int:
    """Return what somebody's orders in one currency come to, of the last `days` (0 = all)."""
    since = now - days * DAY if days else -(1 << 62)
    return sum(one.net for one in orders if one.currency == currency and one.at >= since)
