"""The fold: facts in order in, state out; the same facts give the same bytes.

`Fold` continues from a stored state with newer facts, or starts from nothing with a whole window; both are
the same steps, so both end in the same state.
"""

from __future__ import annotations

from typing import Final

from expedit.core import MINUTE, evolve
from expedit.events import EventKind
from expedit.profiles.affinity import (
    DIMENSIONS,
    UNIT_BITS,
    Tasting,
    fade,
    place,
    strengthen,
)
from expedit.profiles.facts import Fact, FactItem, Filed
from expedit.profiles.model import CartLine, Purchased, RecentProduct
from expedit.profiles.state import SessionState, State

SESSION_GAP: Final = 30 * MINUTE
"""A pause this long, or longer, ends a session."""

RECENT_KINDS: Final[frozenset[EventKind]] = frozenset(
    {"view_item", "add_to_cart", "add_to_wishlist", "purchase"}
)
"""Kinds whose products are remembered one by one."""

SESSION_KINDS: Final[frozenset[EventKind]] = frozenset(
    {"view_item", "select_item", "click", "add_to_cart", "add_to_wishlist"}
)
"""Kinds whose products make the trail of a session."""

CHECKOUT_STEPS: Final[dict[EventKind, int]] = {
    "begin_checkout": 1,
    "add_shipping_info": 2,
    "add_payment_info": 3,
}

MOST_RECENT: Final = 60
MOST_LINES: Final = 100
MOST_SESSION_PRODUCTS: Final = 50
MOST_VISITS: Final = 12
MOST_PLACES: Final = 12


class Fold:
    """The state under way.

    Parameters
    ----------
    state
        Where to go on from; None starts from nothing.
    tasting
        How acts become tastes.
    """

    def __init__(self, state: State | None, tasting: Tasting) -> None:
        self.tasting, self.half_life = tasting, tasting.half_life
        self.truncated = False
        if state is None:
            self.events = self.oldest_at = self.landmark = 0
            self.affinities: tuple[dict[str, int], ...] = tuple({} for _ in DIMENSIONS)
            self.recent: list[RecentProduct] = []
            self.cart: list[CartLine] = []
            self.purchased: list[Purchased] = []
            self.visits: list[int] = []
            self.channels: dict[str, int] = {}
            self.places: dict[str, int] = {}
            self.market: str | None = None
            self._meet(None)
            return
        self.events, self.oldest_at, self.truncated = state.events, state.oldest_at, state.truncated
        self.landmark, self.affinities = state.landmark, state.affinities
        self.recent, self.cart, self.purchased = state.recent, state.cart, state.purchased
        self.visits, self.market = state.visits, state.market
        self.channels, self.places = state.channels, state.places
        self._meet(state.session)

    def _meet(self, session: SessionState | None) -> None:
        """Take over a session, or none."""
        if session is None:
            self.started = self.last = self.count = self.views = self.again = self.carted = self.checkout = 0
            self.products: list[str] = []
            self.focus: dict[str, int] = {}
            self.query: str | None = None
            return
        self.started, self.last, self.count = session.started, session.last, session.events
        self.products, self.focus, self.query = session.products, session.focus, session.query
        self.views, self.again = session.views, session.again
        self.carted, self.checkout = session.carted, session.checkout

    def state(self) -> State | None:
        """Return the state so far; None before any fact."""
        if not self.events:
            return None
        session = SessionState(
            self.started,
            self.last,
            self.count,
            self.products,
            self.views,
            self.focus,
            self.again,
            self.carted,
            self.checkout,
            self.query,
        )
        return State(
            self.events,
            self.oldest_at,
            self.truncated,
            self.half_life,
            self.landmark,
            self.affinities,  # type: ignore[arg-type]
            self.recent,
            self.cart,
            self.purchased,
            self.visits,
            self.market,
            session,
            self.channels,
            self.places,
            self.tasting.mark,
        )

    def add(self, filed: Filed) -> None:
        """Take in the next fact; its key must be above every key before it."""
        at, fact = filed.key.at, filed.fact
        if not self.events:
            self.oldest_at = at
        if not self.events or at - self.last >= SESSION_GAP:
            self._meet(None)
            self.started = at
            self.visits.append(at)
            del self.visits[:-MOST_VISITS]
        self.events += 1
        self.count += 1
        self.last = at
        number, growth = place(at, self.half_life)
        if number != self.landmark:
            if self.affinities[0] or any(self.affinities):
                self.affinities = tuple(fade(one, number - self.landmark) for one in self.affinities)
            self.landmark = number
        self.market = fact.market or self.market
        _last_at(self.channels, fact.channel, at)
        if fact.place:
            _last_at(self.places, fact.place, at)
        self.query = fact.query or self.query
        if fact.items:
            self._taste(fact, growth)
            self._trail(fact, at)
        step = _STEPS.get(fact.kind)
        if step is not None:
            step(self, filed, at)

    def _taste(self, fact: Fact, growth: int) -> None:
        weight = self.tasting.weights.get(fact.kind)
        if weight is None:
            return
        amount = (weight * growth) << UNIT_BITS
        category, brand, price_band, color, size = self.affinities
        for item in fact.items:
            if item.category:
                strengthen(category, item.category, amount)
            if item.brand:
                strengthen(brand, item.brand, amount)
            if item.price_band:
                strengthen(price_band, item.price_band, amount)
            if item.color:
                strengthen(color, item.color, amount)
            if item.size:
                strengthen(size, item.size, amount)

    def _trail(self, fact: Fact, at: int) -> None:
        kind = fact.kind
        for item in fact.items:
            product = item.product
            if kind in SESSION_KINDS and (not self.products or self.products[-1] != product):
                self.products.append(product)
                del self.products[:-MOST_SESSION_PRODUCTS]
            if kind in RECENT_KINDS:
                known = self._forget(product, kind)
                self.recent.append(RecentProduct(product, kind, at))
                del self.recent[:-MOST_RECENT]
                if kind == "view_item":
                    self.views += 1
                    self.again += known
                    if item.category:
                        self.focus[item.category] = self.focus.get(item.category, 0) + 1

    def _forget(self, product: str, kind: EventKind) -> bool:
        """Take a product out of the recent ones; tell whether it was there."""
        for position, one in enumerate(self.recent):
            if one.product == product and one.kind == kind:
                del self.recent[position]
                return True
        return False

    def _add_to_cart(self, filed: Filed, at: int) -> None:
        self.carted += 1
        for item in filed.fact.items:
            quantity = max(1, item.quantity)
            found = self._line(item, exact=True)
            if found is None:
                device = filed.fact.device or filed.device
                self.cart.append(CartLine(item.product, item.variant, quantity, item.price, at, device))
            else:
                line = self.cart[found]
                price = line.price if item.price is None else item.price
                self.cart[found] = evolve(line, quantity=line.quantity + quantity, price=price, at=at)
        del self.cart[:-MOST_LINES]

    def _line(self, item: FactItem, exact: bool = False) -> int | None:
        """Return the place of the cart line that `item` means: of its variant, else of its product."""
        loose = None
        for position, line in enumerate(self.cart):
            if line.product == item.product:
                if line.variant == item.variant:
                    return position
                if not exact and loose is None and (line.variant is None or item.variant is None):
                    loose = position
        return loose

    def _take_out(self, item: FactItem, at: int) -> None:
        found = self._line(item)
        if found is not None:
            line = self.cart[found]
            left = line.quantity - max(1, item.quantity)
            if left > 0:
                self.cart[found] = evolve(line, quantity=left, at=at)
            else:
                del self.cart[found]

    def _remove_from_cart(self, filed: Filed, at: int) -> None:
        for item in filed.fact.items:
            self._take_out(item, at)
        if not self.cart:
            self.carted = 0

    def _view_cart(self, filed: Filed, at: int) -> None:
        """Replace the cart by what the shop shows; for an unknown visitor, only what their device put in."""
        if not filed.fact.items and not filed.fact.empty:
            return
        device = filed.fact.device or filed.device
        before = {(line.product, line.variant): line for line in self.cart}
        kept = [line for line in self.cart if filed.device and line.device != device]
        held = {(line.product, line.variant) for line in kept}
        for item in filed.fact.items:
            where = item.product, item.variant
            if where in held:
                continue
            held.add(where)
            known = before.get(where)
            quantity = max(1, item.quantity)
            since = known.at if known is not None and known.quantity == quantity else at
            price = known.price if known is not None and item.price is None else item.price
            kept.append(CartLine(item.product, item.variant, quantity, price, since, device))
        self.cart = kept[-MOST_LINES:]
        if not self.cart:
            self.carted = 0

    def _wish(self, filed: Filed, at: int) -> None:  # noqa: ARG002
        self.carted += 1

    def _unwish(self, filed: Filed, at: int) -> None:  # noqa: ARG002
        self.carted = max(0, self.carted - 1)
        for item in filed.fact.items:
            self._forget(item.product, "add_to_wishlist")

    def _check_out(self, filed: Filed, at: int) -> None:  # noqa: ARG002
        self.checkout = max(self.checkout, CHECKOUT_STEPS[filed.fact.kind])

    def _purchase(self, filed: Filed, at: int) -> None:
        self.carted = self.checkout = 0
        order = filed.fact.order_id
        # The page and the shop's server may both report an order: the first one counts, as in the order book.
        told = order is not None and any(line.order_id == order for line in self.purchased)
        for item in filed.fact.items:
            if item.quantity < 0:
                self._give_back(item, order)
                continue
            self._take_out(item, at)
            if told:
                continue
            self.purchased.append(
                Purchased(item.product, max(1, item.quantity), at, item.variant, order, item.size)
            )
        del self.purchased[:-MOST_LINES]

    def _refund(self, filed: Filed, at: int) -> None:  # noqa: ARG002
        """Take back what was bought: the lines given, else the whole order."""
        fact = filed.fact
        if fact.items:
            for item in fact.items:
                self._give_back(item, fact.order_id)
        elif fact.order_id:
            self.purchased = [line for line in self.purchased if line.order_id != fact.order_id]

    def _give_back(self, item: FactItem, order_id: str | None) -> None:
        """Lower what was bought of a product, in its order first, else in the newest purchase."""
        left = max(1, abs(item.quantity))
        while left:
            found = self._bought(item, order_id)
            if found is None:
                return
            line = self.purchased[found]
            if line.quantity > left:
                self.purchased[found] = evolve(line, quantity=line.quantity - left)
                return
            left -= line.quantity
            del self.purchased[found]

    def _bought(self, item: FactItem, order_id: str | None) -> int | None:
        best: tuple[tuple[bool, bool, int], int] | None = None
        for position, line in enumerate(self.purchased):
            if line.product == item.product:
                standing = order_id is not None and line.order_id == order_id, line.variant == item.variant
                if best is None or (*standing, position) > best[0]:
                    best = (*standing, position), position
        return None if best is None else best[1]


def _last_at(moments: dict[str, int], name: str, at: int) -> None:
    """Note in place when something was last so, the newest at the end."""
    moments.pop(name, None)
    moments[name] = at
    if len(moments) > MOST_PLACES:
        del moments[next(iter(moments))]


_STEPS: Final = {
    "add_to_cart": Fold._add_to_cart,
    "remove_from_cart": Fold._remove_from_cart,
    "view_cart": Fold._view_cart,
    "add_to_wishlist": Fold._wish,
    "remove_from_wishlist": Fold._unwish,
    "begin_checkout": Fold._check_out,
    "add_shipping_info": Fold._check_out,
    "add_payment_info": Fold._check_out,
    "purchase": Fold._purchase,
    "refund": Fold._refund,
    "cancel": Fold._refund,
}
"""What each kind does beyond counting as an event."""
