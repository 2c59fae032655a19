"""Looking a person up, and undoing a merge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, get, post
from litestar.datastructures import State

from expedit.access import keys
from expedit.core import InvalidInput, PersonRef, Struct, format_minor, format_time
from expedit.events import IDENTIFIER_KINDS
from expedit.identity import Merge, Separation, find_person, identifiers_of, merges_of, separations_of
from expedit.orders import Order, OrderStatus, orders_of
from expedit.profiles.read import read_profile
from expedit.profiles.rebuild import rejoin, separate_people, undo_merge
from expedit.profiles.telling import tell_profile
from expedit.storage import Shop
from expedit.web import Route

AnyRequest = Request[object, object, State]


class KnownAs(Struct, frozen=True, rename="camel", omit_defaults=False):
    """One identifier of a person."""

    subject_id: str
    kind: str
    value: str


class MergeView(Struct, frozen=True, rename="camel", omit_defaults=False):
    """What came of two identifiers that stood together in one event."""

    id: str
    a: str
    b: str
    outcome: str
    at: str
    message_id: str


class SeparationView(Struct, frozen=True, rename="camel", omit_defaults=False):
    """Two subjects that are kept apart, or were until it was taken back."""

    id: str
    a: str
    b: str
    at: str
    by: str
    undone: str | None


class PersonView(Struct, frozen=True, rename="camel", omit_defaults=False):
    """A person: who they are known as, what is known of them, and how that came together."""

    person_id: str
    subject_ids: tuple[str, ...]
    identifiers: tuple[KnownAs, ...]
    consents: dict[str, bool]
    profile: dict[str, Any] | None
    merges: tuple[MergeView, ...]
    separations: tuple[SeparationView, ...]


class OrderLineView(Struct, frozen=True, rename="camel", omit_defaults=False):
    """One product line of an order: what was ordered, and how many of it went back."""

    item_id: str
    product_id: str | None
    variant_id: str | None
    quantity: int
    returned: int
    price: str | None


class OrderView(Struct, frozen=True, rename="camel", omit_defaults=False):
    """An order of a person, from whatever channel; amounts as decimal text in `currency`."""

    order_id: str
    at: str
    status: OrderStatus
    channel: str
    market: str | None
    currency: str | None
    value: str
    shipping: str
    refunded: str
    lines: tuple[OrderLineView, ...]


class Pair(Struct, frozen=True, rename="camel"):
    """Two subjects."""

    a: str
    b: str


def routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of this room."""

    def need(request: AnyRequest, scope: str) -> str:
        caller = keys(shop).caller(request.headers.get("authorization", ""))
        caller.need(scope)  # type: ignore[arg-type]
        return "api"

    @get("/v1/people/{kind:str}/{value:str}", sync_to_thread=True)
    def person(request: AnyRequest, kind: str, value: str) -> PersonView:
        """Give the person known by an identifier now."""
        need(request, "people:read")
        return view_person(shop, kind, value)

    @get("/v1/people/{kind:str}/{value:str}/orders", sync_to_thread=True)
    def orders(request: AnyRequest, kind: str, value: str) -> tuple[OrderView, ...]:
        """Give the orders of the person known by an identifier, the newest first."""
        need(request, "people:read")
        return tuple(_order(one) for one in orders_of(shop, find_known(shop, kind, value).subject_ids))

    @post("/v1/people/merges/{merge:str}/undo", status_code=200, sync_to_thread=True)
    def undo(request: AnyRequest, merge: str) -> SeparationView:
        """Undo a merge: keep its two subjects apart from now on."""
        return _separation(undo_merge(shop, merge, need(request, "people:write")))

    @post("/v1/people/separations", status_code=201, sync_to_thread=True)
    def separate(request: AnyRequest, data: Pair) -> SeparationView:
        """Keep two subjects apart."""
        return _separation(separate_people(shop, data.a, data.b, need(request, "people:write")))

    @post("/v1/people/separations/{separation:str}/undo", status_code=200, sync_to_thread=True)
    def take_back(request: AnyRequest, separation: str) -> SeparationView:
        """Take a separation back."""
        need(request, "people:write")
        return _separation(rejoin(shop, separation))

    return [person, orders, undo, separate, take_back]


def find_known(shop: Shop, kind: str, value: str) -> PersonRef:
    """Return the person known by an identifier.

    Raises
    ------
    InvalidInput
        When there is no such kind of identifier, or the value is none.
    NotFound
        When nobody is known by it.
    """
    if kind not in IDENTIFIER_KINDS:
        raise InvalidInput("kind", f"must be one of {', '.join(IDENTIFIER_KINDS)}")
    return find_person(shop, kind, value)


def view_person(shop: Shop, kind: str, value: str) -> PersonView:
    """Return what the shop may see of the person known by an identifier.

    Raises
    ------
    InvalidInput
        When there is no such kind of identifier, or the value is none.
    NotFound
        When nobody is known by it.
    """
    found = find_known(shop, kind, value)
    profile = read_profile(shop.database, found.person_id)
    told: dict[str, Any] | None = None if profile is None else tell_profile(profile)
    return PersonView(
        found.person_id,
        found.subject_ids,
        tuple(
            KnownAs(one.subject_id, one.kind, one.value)
            for one in identifiers_of(shop.database, found.subject_ids)
        ),
        {} if profile is None else profile.consents,
        told,
        tuple(map(_merge, merges_of(shop.database, found.subject_ids))),
        tuple(map(_separation, separations_of(shop.database, found.subject_ids))),
    )


def _order(one: Order) -> OrderView:
    def text(minor: int) -> str:
        return format_minor(minor, one.currency) if one.currency else str(minor)

    return OrderView(
        one.id,
        format_time(one.at),
        one.status,
        one.channel,
        one.market,
        one.currency,
        text(one.value),
        text(one.shipping),
        text(one.refunded),
        tuple(
            OrderLineView(
                line.item,
                line.product,
                line.variant,
                line.quantity,
                line.returned,
                None if line.price is None else text(line.price),
            )
            for line in one.lines
        ),
    )


def _merge(one: Merge) -> MergeView:
    return MergeView(one.id, one.a, one.b, one.outcome, format_time(one.at), one.message_id)


def _separation(one: Separation) -> SeparationView:
    undone = None if one.undone is None else format_time(one.undone)
    return SeparationView(one.id, one.a, one.b, format_time(one.at), one.by, undone)
