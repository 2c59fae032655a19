"""From a request and a profile to the situation that a decision is made in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial

from expedit.catalog import CatalogSnapshot
from expedit.core import DAY, HOUR, MINUTE, InvalidInput, to_minor
from expedit.decisions.askers import Asker
from expedit.decisions.model import CartValue, Memory, Situation, Tastes, no_memory, no_tastes
from expedit.decisions.placements import Placement
from expedit.decisions.wire import AskContext
from expedit.merchandising import UNKNOWN_ARRIVAL, Arrival, arrival
from expedit.profiles import Profile
from expedit.recommendation import Act, Bought, groups_of

SESSION_GAP = 30 * MINUTE
_REMEMBERED = 10
_RECENT = 30
_STRONGEST = 12
_MOST_KNOWN = 200_000
LAST_VISIT = 6 * HOUR
"""A visit that began longer ago than this is an earlier one, and not the one that is going on."""

Codes = tuple[dict[str, int], dict[str, int], dict[str, int]]
"""Codes of brands, colors and price bands by name."""

_NORWEGIAN = {"no": "nb", "nn": "nb"}


def locale_of(context: AskContext, default: str) -> str:
    """Return the language asked for, as two letters; ``no`` and ``nn`` are answered in ``nb``."""
    code = (context.locale or default)[:2].lower()
    return _NORWEGIAN.get(code, code)


def market_of(context: AskContext, markets: Iterable[str], field: str) -> str:
    """Return the market asked for, the shop's first when none is named.

    Raises
    ------
    InvalidInput
        When the shop has no such market.
    """
    known = list(markets)
    if context.market is None:
        return known[0]
    if context.market not in known:
        raise InvalidInput(f"{field}.market", f"{context.market[:20]!r} is none of {', '.join(known)}")
    return context.market


def merged(own: AskContext | None, request: AskContext) -> AskContext:
    """Return the placement's own context completed by the request's."""
    if own is None:
        return request
    return AskContext(*(
        mine if (mine := getattr(own, name)) is not None else getattr(request, name)
        for name in AskContext.__struct_fields__
    ))  # fmt: skip


def situation_of(
    placement: Placement,
    context: AskContext,
    asker: Asker,
    snapshot: CatalogSnapshot,
    at: int,
    *,
    market: str,
    locale: str,
    half_life: float,
    lookup: Lookup,
    field: str = "context",
    taken: tuple[int, ...] = (),
    place: tuple[str, ...] = (),
) -> Situation:
    """Return the situation of one placement.

    Parameters
    ----------
    half_life
        Microseconds in which an affinity fades by half.
    lookup
        Finds products and codes by name.
    field
        What the context is called in a complaint.
    taken
        Products that stand further up on the page.
    place
        Scopes of the place where the visitor roughly is.
    """
    profile = asker.profile
    subjects = lookup.indices(snapshot, context.product_ids or ())
    cart = anchors = lookup.indices(snapshot, context.cart or ())
    bought: tuple[int, ...] = ()
    session: tuple[int, ...] = ()
    recent: tuple[int, ...] = ()
    tastes: Callable[[], Tastes] = no_tastes
    memory: Callable[[], Memory] = no_memory
    if profile is not None:
        if profile.cart:
            cart = (*cart, *lookup.indices(snapshot, [line.product for line in profile.cart]))
        if profile.purchased:
            bought = just_bought(profile, snapshot, at - placement.bought_days * DAY, lookup)
        if asker.personal:
            anchors = cart
            recent = lookup.indices(snapshot, [entry.product for entry in profile.recent[:_RECENT]])
            session = _session(profile, snapshot, at, lookup) or recent[:_REMEMBERED][::-1]
            memory = partial(memory_of, profile, snapshot, at, lookup)
            if placement.personal:
                tastes = lru_cache(1)(partial(tastes_of, profile, snapshot, at, half_life, lookup))
    if not asker.consented and context.session_products:
        session = lookup.indices(snapshot, context.session_products)
        recent = tuple(dict.fromkeys(reversed(session)))
        memory = partial(memory_of_page, recent, at)
    value = CartValue(
        cart_value_said(context, snapshot, market, field),
        partial(cart_value_of, context, profile if asker.personal else None, snapshot, market, at, lookup),
    )
    return Situation(
        at, market, context.channel or placement.channel, locale,
        subjects, cart, session, recent, bought, anchors, category_of(context, snapshot, subjects, lookup),
        asker.personal, tastes, memory, value, taken, place, arrival_of(context),
    )  # fmt: skip


def arrival_of(context: AskContext) -> Arrival:
    """Return how the visit began: as the page kept it, else what the page's own address gives away."""
    if context.arrived_at:
        return _arrival(context.arrived_at, context.arrived_from or "")
    if context.url:
        found = _arrival(context.url, "")
        if found.kind not in {"direct", "bookmark"}:  # of where they came from the page says nothing
            return found
    return UNKNOWN_ARRIVAL


_arrival = lru_cache(maxsize=10_000)(arrival)
"""A visit asks many times."""


def memory_of(profile: Profile, snapshot: CatalogSnapshot, at: int, lookup: Lookup) -> Memory:
    """Return what is remembered of a person at `at`."""
    return Memory(
        tuple(
            Act(item, entry.kind, entry.at)
            for entry in profile.recent
            for item in lookup.indices(snapshot, [entry.product])
        ),
        tuple(
            Bought(item, line.quantity, line.at)
            for line in reversed(profile.purchased)
            if line.quantity > 0
            for item in lookup.indices(snapshot, [line.product])
        ),
        max((began for began in profile.visits if began <= at - LAST_VISIT), default=0),
        groups_of(profile.traits, at) if profile.traits else (),
    )


def memory_of_page(recent: tuple[int, ...], at: int) -> Memory:
    """Return what a page remembers by itself: what was looked at since it was opened."""
    return Memory(tuple(Act(item, "view_item", at) for item in recent))


def cart_value_said(context: AskContext, snapshot: CatalogSnapshot, market: str, field: str) -> int:
    """Return what the page says that the cart is worth, in minor units; −1 where it says nothing.

    Raises
    ------
    InvalidInput
        When it is no amount.
    """
    if not context.cart_value:
        return -1
    return to_minor(context.cart_value, snapshot.markets[market], f"{field}.cartValue")


def cart_value_of(
    context: AskContext,
    profile: Profile | None,
    snapshot: CatalogSnapshot,
    market: str,
    at: int,
    lookup: Lookup,
) -> int:
    """Return what the cart is worth in minor units by the prices in effect.

    The page's cart counts, else the profile's; of a product that the profile's cart has, so many.
    """
    counts: dict[int, int] = {}
    for item in lookup.indices(snapshot, context.cart or ()):
        counts[item] = counts.get(item, 0) + 1
    for line in profile.cart if profile is not None else ():
        for item in lookup.indices(snapshot, [line.product]):
            if item in counts or not context.cart:
                counts[item] = max(line.quantity, counts.get(item, 0))
    price, _, _ = snapshot.selling(list(counts), market, at)
    return sum(
        minor * count for minor, count in zip(price.tolist(), counts.values(), strict=True) if minor > 0
    )


def worth_of(cart: tuple[int, ...], snapshot: CatalogSnapshot, market: str, at: int) -> int:
    """Return what one of each product of a cart costs, in minor units."""
    price, _, _ = snapshot.selling(list(dict.fromkeys(cart)), market, at)
    return int(price[price > 0].sum())


def category_of(
    context: AskContext, snapshot: CatalogSnapshot, subjects: tuple[int, ...], lookup: Lookup
) -> int:
    """Return the code of the category that the page is about, or of its first product; 0 for none."""
    if context.category:
        return lookup.category(snapshot, context.category) or 0
    return int(snapshot.category[subjects[0]]) if subjects else 0


def just_bought(profile: Profile, snapshot: CatalogSnapshot, since: int, lookup: Lookup) -> tuple[int, ...]:
    """Return what was bought since then and kept, but for what the attribute ``replenishable`` says is used
    up."""
    recent = lookup.indices(
        snapshot, [one.product for one in profile.purchased if one.at >= since and one.quantity > 0]
    )
    return tuple(item for item in recent if not snapshot.replenishable(item))


def tastes_of(
    profile: Profile, snapshot: CatalogSnapshot, at: int, half_life: float, lookup: Lookup
) -> Tastes:
    """Return a person's tastes now: of each kind the strongest dozen, each weight *w* as ``w / (1 + w)``.

    A weight counts views, faded to `at`; the ratio makes one view just now ½ and keeps many views below 1.
    """
    faded = 0.5 ** (max(at - profile.last_at, 0) / half_life)
    liked = profile.affinities
    brands, colors, bands = lookup.codes(snapshot)
    return Tastes(
        {
            code: weight
            for path, weight in _saturated(liked.category, faded)
            if (code := lookup.category(snapshot, path)) is not None
        },
        {brands[name]: weight for name, weight in _saturated(liked.brand, faded) if name in brands},
        {colors[name]: weight for name, weight in _saturated(liked.color, faded) if name in colors},
        {bands[name]: weight for name, weight in _saturated(liked.price_band, faded) if name in bands},
        dict(_saturated(liked.size, faded)),
    )


def _saturated(weights: dict[str, float], faded: float) -> list[tuple[str, float]]:
    if len(weights) > _STRONGEST:
        strongest = sorted(weights.items(), key=lambda entry: (-entry[1], entry[0]))[:_STRONGEST]
    else:
        strongest = list(weights.items())
    return [
        (name, weight * faded / (1 + weight * faded)) for name, weight in strongest if weight > 0 and name
    ]


def _session(profile: Profile, snapshot: CatalogSnapshot, at: int, lookup: Lookup) -> tuple[int, ...]:
    """Return the products of the session that is still running, oldest first."""
    session = profile.session
    if session is None or at - session.last >= SESSION_GAP:
        return ()
    return lookup.indices(snapshot, session.products)


class Lookup:
    """Codes and indices by name, remembered between requests: an index never changes, codes only grow."""

    def __init__(self) -> None:
        self._indices: dict[str, int] = {}
        self._categories: dict[str, int] = {}
        self._last: tuple[list[str], list[str], Codes] = ([], [], ({}, {}, {}))

    def indices(self, snapshot: CatalogSnapshot, names: Sequence[str]) -> tuple[int, ...]:
        """Return the indices of products, variants, SKUs or GTINs; unknown ones are left out."""
        known = self._indices
        try:
            return tuple([known[name] for name in names])
        except KeyError:
            return self._learn(snapshot, names)

    def category(self, snapshot: CatalogSnapshot, path: str) -> int | None:
        """Return the code of a category's path, None when there is none."""
        found = self._categories.get(path)
        if found is None:
            found = snapshot.category_code(path)
            if found is not None:
                if len(self._categories) > _MOST_KNOWN:
                    self._categories.clear()
                self._categories[path] = found
        return found

    def codes(self, snapshot: CatalogSnapshot) -> Codes:
        """Return the codes of brands, colors and price bands."""
        brands, colors, codes = self._last
        if brands is not snapshot.brands or colors is not snapshot.colors:
            codes = (_coded(snapshot.brands), _coded(snapshot.colors), _coded(snapshot.price_bands))
            self._last = (snapshot.brands, snapshot.colors, codes)
        return codes

    def _learn(self, snapshot: CatalogSnapshot, names: Sequence[str]) -> tuple[int, ...]:
        found = []
        if len(self._indices) > _MOST_KNOWN:
            self._indices.clear()
        for name in names:
            index = self._indices.get(name)
            if index is None:
                index = snapshot.find(name)
                if index is None:
                    continue
                if snapshot.ids[index] == name:  # what else a name may lead to can change
                    self._indices[name] = index
            if index < len(snapshot.ids):
                found.append(index)
        return tuple(found)


def _coded(names: list[str]) -> dict[str, int]:
    return {name: code for code, name in enumerate(names)}
