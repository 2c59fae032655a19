"""Where and when an event happened: time, corrected for skew, channel, market, page and campaign."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from expedit.access import Source
from expedit.core import MINUTE, SECOND, InvalidInput, check_currency, parse_time
from expedit.events import Whereabouts, roughly
from expedit.tracking.calls import Call, Context, Moment
from expedit.tracking.limits import MAX_ID, text_of

_EARLIEST = parse_time("2000-01-01")
_LATEST = parse_time("9999-01-01")
_URL_LIMIT = 4096
_ADDRESSES = ("shipping_address", "shippingAddress", "billing_address", "billingAddress", "address")
_LAND = ("country_code", "countryCode", "country")
_PART = ("region_code", "regionCode", "province_code", "provinceCode", "region", "state", "province")
_POST = ("postal_code", "postalCode", "postcode", "zip", "zip_code", "zipCode")
_CAMPAIGN = ("source", "medium", "name", "term", "content", "id")
_UTM = {"utm_campaign": "name", **{f"utm_{part}": part for part in _CAMPAIGN if part != "name"}}
_CHANNELS = {"browser": "web", "client": "web", "server": "web", "mobile": "app", "pos": "store"}
_CHANNEL_OF_SOURCE = {"till": "store", "app": "app", "mail": "mail"}


def moment(value: Moment, field: str) -> int:
    """Return microseconds of ISO 8601 text, or of seconds, milliseconds or microseconds since the epoch.

    Raises
    ------
    InvalidInput
        Naming `field`.
    """
    if isinstance(value, str):
        return parse_time(value, field)
    number = float(value or 0)
    if abs(number) < 1e11:
        number *= SECOND
    elif abs(number) < 1e14:
        number *= 1000
    if not -_LATEST < number < _LATEST:
        raise InvalidInput(field, "is no time")
    return int(number)


def happened(call: Call, sent_at: Moment, received: int, tolerance: int) -> int:
    """Return when it happened, in microseconds, corrected by the skew of the sender's clock.

    ``timestamp + (receivedAt - sentAt)`` when ``sentAt`` is given (Segment's specification, common fields). A
    call with both ``originalTimestamp`` and ``timestamp`` was corrected already, by whoever passed it on.

    Parameters
    ----------
    call
        The call.
    sent_at
        What its batch says of ``sentAt``.
    received
        When it came in; ``receivedAt`` counts instead where a relay or an archive states it.
    tolerance
        How far after `received` it may lie.

    Raises
    ------
    InvalidInput
        When it is no time, before the year 2000 or too far in the future.
    """
    given = call.timestamp if call.timestamp is not None else call.original_timestamp
    if given is None:
        return received
    field = "timestamp" if call.timestamp is not None else "originalTimestamp"
    at = moment(given, field)
    corrected = call.timestamp is not None and call.original_timestamp is not None
    sent = call.sent_at if call.sent_at is not None else sent_at
    if sent is not None and not corrected:
        heard = received if call.received_at is None else moment(call.received_at, "receivedAt")
        at += heard - moment(sent, "sentAt")
    if at < _EARLIEST:
        raise InvalidInput(field, "lies before the year 2000")
    if at > received + tolerance:
        raise InvalidInput(field, f"lies more than {tolerance // MINUTE} minutes in the future")
    return at


def channel_of(call: Call, context: Context, source: Source) -> str:
    """Return the channel: as said by the context, the call, the app that sends, or the kind of source."""
    if context.channel is None and call.channel is None:
        said = None
    else:
        said = text_of(context.channel, "context.channel", MAX_ID) or text_of(call.channel, "channel", MAX_ID)
    if said is not None:
        return _CHANNELS.get(said.lower(), said.lower())
    if context.app or call.type == "screen":
        return "app"
    return _CHANNEL_OF_SOURCE.get(source.kind, "web")


def till_of(rest: dict[str, Any], channel: str) -> tuple[str | None, str | None]:
    """Take the store and the till in it out of the properties of what happened in a store.

    They say where the shop is, not who was in it, so they outlive the person. What is no name, or happened
    elsewhere, stays a property like any other.
    """
    found: list[str | None] = []
    for name in ("store", "register"):
        said = rest.get(name)
        text = str(said).strip() if isinstance(said, str | int) and not isinstance(said, bool) else ""
        if channel == "store" and 0 < len(text) <= MAX_ID and "\0" not in text:
            del rest[name]
            found.append(text)
        else:
            found.append(None)
    return found[0], found[1]


def market_of(said: object, context: Context, currency: str | None, markets: Mapping[str, str]) -> str | None:
    """Return the market: as said, else the only one, the only one of the currency, or the locale's country.

    Parameters
    ----------
    said
        ``properties.market``.
    context
        Its ``market`` and ``locale`` are read.
    currency
        Currency of the event's amounts, if it gave one.
    markets
        Currency of each market of the shop.
    """
    if said is not None or context.market is not None:
        named = text_of(said, "properties.market", MAX_ID) or text_of(
            context.market, "context.market", MAX_ID
        )
        if named is not None:
            return named.upper()
    if len(markets) == 1:
        return next(iter(markets))
    if currency is not None:
        paying = [market for market, own in markets.items() if own == currency]
        if len(paying) == 1:
            return paying[0]
    locale = context.locale
    if isinstance(locale, str):
        country = locale.replace("_", "-").rpartition("-")[2].upper()
        if country in markets:
            return country
    return None


def whereabouts_of(rest: dict[str, Any], context: Context, characters: int) -> Whereabouts | None:
    """Take every address out of an order's properties, and return roughly where it went.

    The address that it was sent to counts first, then the one that pays, then what stands in the properties
    themselves or in ``context.location``.

    Parameters
    ----------
    characters
        How many characters of a postal code are kept.
    """
    told = [rest.pop(name, None) for name in _ADDRESSES]
    plain = {name: rest.get(name) for name in (*_LAND, *_PART)}
    plain |= {name: rest.pop(name, None) for name in _POST}
    for said in (*told, plain, context.location):
        if isinstance(said, dict):
            found = roughly(_first(said, _LAND), _first(said, _PART), _first(said, _POST), characters)
            if found is not None:
                return found
    return None


def _first(said: Mapping[str, Any], names: tuple[str, ...]) -> object:
    return next((said[name] for name in names if said.get(name) not in (None, "")), None)


def currency_of(said: object) -> str | None:
    """Return the ISO 4217 code that the event gave, or None.

    Raises
    ------
    InvalidInput
        When it has not the form of one.
    """
    text = None if said is None else text_of(said, "properties.currency", MAX_ID)
    return None if text is None else _checked_currency(text)


@lru_cache(maxsize=256)
def _checked_currency(text: str) -> str:
    return check_currency(text, "properties.currency")


def address(value: object, field: str) -> str | None:
    """Return the address of a page, or None."""
    return None if value is None else text_of(value, field, _URL_LIMIT)


def campaign_of(context: Context, url: str | None) -> dict[str, str] | None:
    """Return the campaign: the context's, else what the address says in its ``utm_`` parameters."""
    said: Mapping[str, Any] = context.campaign if isinstance(context.campaign, dict) else {}
    if not said and url is not None and "utm_" in url:
        try:
            said = {_UTM[key]: value for key, value in parse_qsl(urlsplit(url).query) if key in _UTM}
        except ValueError:  # an address that is none has no campaign either
            said = {}
    found: dict[str, str] = {}
    for part in _CAMPAIGN if said else ():
        text = text_of(said.get(part), f"context.campaign.{part}", MAX_ID)
        if text is not None:
            found[part] = text
    return found or None
