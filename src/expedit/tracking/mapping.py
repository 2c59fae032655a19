"""From a call to an event: the closed family, products, money, and who it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from expedit.access import Source
from expedit.core import InvalidInput, new_id, to_json
from expedit.events import Event, EventItem, EventKind, tells_of_order
from expedit.tracking.calls import CALL_TYPES, Call, Context, Moment, Page
from expedit.tracking.consent import read_consent
from expedit.tracking.identifiers import CheckHash, Claim, settle_claims, take_claims
from expedit.tracking.items import Describe, amount, items_of, take_item
from expedit.tracking.limits import MAX_ID, kept, text_of
from expedit.tracking.model import Draft
from expedit.tracking.names import KINDS_BY_CALL, kind_of
from expedit.tracking.place import (
    address,
    campaign_of,
    channel_of,
    currency_of,
    happened,
    market_of,
    till_of,
    whereabouts_of,
)

_COMMERCE = frozenset(
    "view_item view_item_list select_item add_to_cart remove_from_cart view_cart add_to_wishlist "
    "remove_from_wishlist begin_checkout add_shipping_info add_payment_info purchase refund cancel search "
    "share review coupon view_promotion select_promotion generate_lead impression click".split()
)
"""Kinds whose properties are read as products and money."""
_ORDER = frozenset({"purchase", "refund", "cancel"})
_LISTS = ("products", "items")
_ONE_PRODUCT = frozenset(
    "view_item select_item add_to_cart remove_from_cart add_to_wishlist remove_from_wishlist".split()
)
_VALUES: dict[str, tuple[str, ...]] = {
    # Segment's `value` may include tax and shipping, its `revenue` does not; GA4's `value` does not.
    "purchase": ("revenue", "value", "subtotal", "total"),
    "refund": ("value", "revenue", "total"),
    "cancel": ("value", "revenue", "total"),
}
_ANY_VALUE = ("value", "revenue", "total")
_UNSUBSCRIBES = frozenset({"mail_unsubscribed", "mail_complained"})
_NO_CONTEXT = Context()
_NO_PAGE = Page()


class Intake(NamedTuple):
    """What a call is read against.

    Parameters
    ----------
    secret
        The shop's secret, which names subjects.
    markets
        Currency of each market of the shop.
    source
        Where the call comes from.
    received
        When it came in.
    describe
        What the catalog says of a product or variant id.
    check_hash
        Checks a user's signature; None when the sender is the shop itself.
    tolerance
        How far in the future an event may lie, in microseconds.
    sent_at, context
        What the batch says for those of its calls that do not.
    visitor
        Gives the visitor id of the first-party cookie, for calls that name none.
    postal_characters
        How many characters of a postal code are kept with an order.
    """

    secret: bytes
    markets: Mapping[str, str]
    source: Source
    received: int
    describe: Describe
    check_hash: CheckHash | None
    tolerance: int
    sent_at: Moment = None
    context: Context | list[Any] | None = None
    visitor: Callable[[], str] | None = None
    postal_characters: int = 3


class _Commerce(NamedTuple):
    items: tuple[EventItem, ...] = ()
    value: int | None = None
    tax: int | None = None
    shipping: int | None = None


def draft_of(call: Call, intake: Intake, items: tuple[EventItem, ...] | None = None) -> Draft:
    """Return the event that `call` means.

    Parameters
    ----------
    call
        The call.
    intake
        What it is read against.
    items
        Its products, where a file's reader has checked them already.

    Raises
    ------
    InvalidInput
        Naming the field at fault, relative to the call, as in ``properties.products[2].price``.
    """
    kind, name = _kind_and_name(call)
    context = _context(call, intake)
    rest = _properties(call)
    traits = _object(call.traits, "traits") if call.traits and kind != "group" else {}
    claims = _claims(call, context, traits, rest, intake, kind)
    own, explicit = _consent(kind, context, rest, traits)
    at = happened(call, intake.sent_at, intake.received, intake.tolerance)

    page = context.page if isinstance(context.page, Page) else _NO_PAGE
    url = address(rest.pop("url", None), "properties.url") or address(page.url, "context.page.url")
    given_currency = currency_of(rest.pop("currency", None))
    market = market_of(rest.pop("market", None), context, given_currency, intake.markets)
    currency = given_currency or intake.markets.get(market or "")
    identifiers, ignored = settle_claims(
        claims, intake.secret, intake.check_hash, call.user_hash or context.user_hash or "", market
    )
    updated = kind == "custom" and tells_of_order(name)
    order_id = _take(rest, "order_id", "transaction_id", "orderId")
    if order_id is None and (kind in _ORDER or updated):
        raise InvalidInput("properties.order_id", "is missing")
    commerce = (
        _commerce(kind, rest, currency, intake.describe, items)
        if kind in _COMMERCE or updated
        else _Commerce()
    )
    empty = kind == "view_cart" and not commerce.items and _says_nothing_is_there(rest)
    whereabouts = None
    if kind in _ORDER or updated:
        whereabouts = whereabouts_of(rest, context, intake.postal_characters)
    channel = channel_of(call, context, intake.source)
    store, register = till_of(rest, channel)
    message_id = text_of(call.message_id, "messageId", MAX_ID) or _message_id(call, intake)
    if call.group_id is not None:
        rest["group_id"] = call.group_id
    acting = identifiers[0] if identifiers else None
    event = Event(
        message_id=message_id,
        source=intake.source.id,
        kind=kind,
        at=at,
        received=intake.received,
        subject=acting.subject_id if acting else "",
        ids=tuple((one.kind, one.subject_id) for one in identifiers),
        channel=channel,
        market=market,
        items=commerce.items,
        order_id=order_id,
        value=commerce.value,
        tax=commerce.tax,
        shipping=commerce.shipping,
        currency=currency if given_currency or kind in _COMMERCE or updated else None,
        coupon=_take(rest, "coupon", "coupon_id", "coupon_name"),
        query=_query(kind, rest),
        url=url,
        referrer=address(rest.pop("referrer", None), "properties.referrer")
        or address(page.referrer, "context.page.referrer"),
        campaign=campaign_of(context, url),
        decision_id=_take(rest, "decisionId", "decision_id"),
        placement=_take(rest, "placement"),
        consent=own,
        traits=kept(traits, "traits") if traits else None,
        name=name,
        properties=kept(rest, "properties") if rest else None,
        empty=empty,
        whereabouts=whereabouts,
        store=store,
        register=register,
    )
    return Draft(
        event, identifiers, acting.value if acting else order_id or message_id, own, explicit, ignored
    )


def _kind_and_name(call: Call) -> tuple[EventKind, str | None]:
    kind = call.type or call.action
    if kind not in CALL_TYPES:
        raise InvalidInput(
            "type",
            "is missing" if kind is None else f"{kind[:40]!r} is not one of {', '.join(sorted(CALL_TYPES))}",
        )
    if kind == "track":
        event = text_of(call.event, "event", MAX_ID)
        if event is None:
            raise InvalidInput("event", "is missing")
        meant = kind_of(event)
        return meant, event if meant == "custom" else None
    name = text_of(call.name, "name", MAX_ID) if kind in {"page", "screen"} else None
    return KINDS_BY_CALL[kind], name


def _object(value: dict[str, Any] | list[Any] | None, field: str) -> dict[str, Any]:
    if isinstance(value, list):
        if value:
            raise InvalidInput(field, "must be an object")
        return {}
    return dict(value) if value else {}


def _context(call: Call, intake: Intake) -> Context:
    for value in (call.context, intake.context):
        if isinstance(value, list) and value:
            raise InvalidInput("context", "must be an object")
        if isinstance(value, Context):
            return value
    return _NO_CONTEXT


def _properties(call: Call) -> dict[str, Any]:
    rest = _object(call.properties, "properties")
    if call.type == "group" and call.traits:
        rest = {**_object(call.traits, "traits"), **rest}
    if call.category is not None:
        rest.setdefault("category", call.category)
    ecommerce = rest.pop("ecommerce", None)
    if isinstance(ecommerce, dict):  # a dataLayer push, passed on as it was
        rest.update(ecommerce)
    return rest


def _take(rest: dict[str, Any], *names: str, most: int = MAX_ID) -> str | None:
    """Take `names` out of `rest`; return the text of the first that has one, of at most `most` characters."""
    found: str | None = None
    for name in names:
        if name in rest:
            text = text_of(rest.pop(name), f"properties.{name}", most)
            found = found or text
    return found


def _claims(
    call: Call,
    context: Context,
    traits: dict[str, Any],
    rest: dict[str, Any],
    intake: Intake,
    kind: EventKind,
) -> list[Claim]:
    claims: list[Claim] = []
    device = call.anonymous_id if call.anonymous_id is not None else call.plain_anonymous_id
    if device is None and intake.visitor is not None:
        device = intake.visitor()
    if device is not None:
        claims.append(Claim("anonymous_id", device, "anonymousId"))
    user = call.user_id if call.user_id is not None else call.plain_user_id
    if user is not None:
        claims.append(Claim("user_id", user, "userId"))
    if kind == "alias":
        if call.previous_id is None:
            raise InvalidInput("previousId", "is missing")
        previous = str(call.previous_id)
        claims.append(Claim("email" if "@" in previous else "anonymous_id", previous, "previousId"))
    if kind != "group":  # a group's e-mail address is the company's
        claims += take_claims(traits, "traits")
        claims += take_claims(rest, "properties")
        if isinstance(context.traits, dict):
            claims += take_claims(dict(context.traits), "context.traits")
    return claims


def _consent(
    kind: EventKind, context: Context, rest: dict[str, Any], traits: dict[str, Any]
) -> tuple[dict[str, bool] | None, bool]:
    """Return what the event says of consent, and whether somebody answered with this very event."""
    standing = read_consent(context.consent, "context.consent") if isinstance(context.consent, dict) else None
    answer: dict[str, bool] | None = None
    if kind == "consent":
        answer = read_consent(rest, "properties") or standing
        if answer is None:
            raise InvalidInput("properties", "names no purpose")
        rest.clear()
    elif kind in _UNSUBSCRIBES:
        answer = {"email": False}
    elif isinstance(traits.get("consent"), dict):
        answer = read_consent(traits.pop("consent"), "traits.consent")
    if answer is None:
        return standing, False
    return {**(standing or {}), **answer}, True


def _commerce(
    kind: EventKind,
    rest: dict[str, Any],
    currency: str | None,
    describe: Describe,
    items: tuple[EventItem, ...] | None,
) -> _Commerce:
    if items is None:
        items = _items(kind, rest, currency, describe)
    names = _VALUES.get("purchase" if kind == "custom" else kind, _ANY_VALUE)
    name = next((name for name in names if rest.get(name) is not None), None)
    if currency is None:
        if kind in _ORDER and (name is not None or items):
            raise InvalidInput("properties.currency", "is missing, and no market tells it")
        return _Commerce(items)
    return _Commerce(
        items,
        None if name is None else _money(rest.pop(name), currency, name, kind),
        _money(rest.pop("tax", None), currency, "tax", kind),
        _money(rest.pop("shipping", None), currency, "shipping", kind),
    )


def _items(
    kind: EventKind, rest: dict[str, Any], currency: str | None, describe: Describe
) -> tuple[EventItem, ...]:
    for name in _LISTS:
        if rest.get(name):
            return items_of(rest.pop(name), currency, describe, f"properties.{name}")
    item = take_item(rest, currency, describe, "properties")
    if item is not None:
        return (item,)
    if kind in _ONE_PRODUCT:
        raise InvalidInput("properties.product_id", "is missing")
    return ()


def _says_nothing_is_there(rest: dict[str, Any]) -> bool:
    """Take empty lists of products out of the properties; tell whether there were any.

    A sender that lists nothing has looked; one that leaves the list out says nothing of it.
    """
    said = [name for name in _LISTS if isinstance(rest.get(name), list)]
    for name in said:
        del rest[name]
    return bool(said)


def _money(value: Any, currency: str, name: str, kind: EventKind) -> int | None:
    if value is None or value == "":
        return None
    if kind in {"refund", "cancel"} and isinstance(value, int | float) and value < 0:
        value = -value  # some senders write what goes back as a negative amount
    return amount(value, currency, f"properties.{name}")


def _query(kind: EventKind, rest: dict[str, Any]) -> str | None:
    if kind != "search":
        return None
    found = _take(rest, "search_term", "query", "term", most=500)
    if found is None:
        raise InvalidInput("properties.query", "is missing")
    return found


def _message_id(call: Call, intake: Intake) -> str:
    """Return an id for a call without one: of its content if that tells the time (a retry is known)."""
    if call.timestamp is None and call.original_timestamp is None:
        return new_id(intake.received)
    return hashlib.sha256(to_json(call)).hexdigest()[:32]
