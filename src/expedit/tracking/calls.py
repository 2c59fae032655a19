"""Segment's envelope, decoded leniently: one call, or a batch whose elements are decoded each by itself."""

from __future__ import annotations

from typing import Any, TypeVar

from expedit.core import (
    InvalidInput,
    JsonDecoder,
    Raw,
    Struct,
    TooLarge,
    ValidationError,
    convert,
    invalid_input,
)

T = TypeVar("T")

Free = dict[str, Any] | list[Any] | None
"""An object; PHP encodes an empty one as ``[]``, so an empty list is taken for it."""

Id = str | int | None
Moment = str | int | float | None

CALL_TYPES = frozenset({"track", "identify", "page", "screen", "alias", "group"})


class Page(Struct, frozen=True):
    """``context.page``: where in the shop it happened."""

    url: Any = None
    referrer: Any = None
    title: Any = None


class Context(Struct, frozen=True, rename="camel"):
    """The parts of ``context`` that are read; IP address, user agent and device are not even decoded."""

    page: Page | list[Any] | None = None
    campaign: Free = None
    traits: Free = None
    consent: Free = None
    app: Free = None
    locale: Any = None
    market: Any = None
    channel: Any = None
    location: Free = None
    user_hash: str | None = None


CALL_NAMES = {
    "message_id": "messageId",
    "anonymous_id": "anonymousId",
    "user_id": "userId",
    "previous_id": "previousId",
    "group_id": "groupId",
    "original_timestamp": "originalTimestamp",
    "sent_at": "sentAt",
    "received_at": "receivedAt",
    "user_hash": "userHash",
    "plain_user_id": "user_id",
    "plain_anonymous_id": "anonymous_id",
}
"""How the fields of a call are spelled in JSON, where it is not by their name."""


class Call(Struct, frozen=True, rename=CALL_NAMES):
    """One call of Segment's HTTP tracking API, as it was sent.

    Parameters
    ----------
    type
        ``track``, ``identify``, ``page``, ``screen``, ``alias`` or ``group``; a single call's path gives it.
    action, plain_user_id, plain_anonymous_id
        How Segment's own mail events spell the type and the ids (``user_id``).
    event
        Name of a ``track``.
    name, category
        Name and category of a page or screen.
    message_id
        The sender's id of the call.
    timestamp, original_timestamp, sent_at, received_at
        ISO 8601 text, or seconds or milliseconds since the epoch.
    user_hash
        The shop's signature of the user id, without which a public write key may not name a user.
    """

    type: str | None = None
    action: str | None = None
    event: str | int | None = None
    name: str | int | None = None
    category: str | int | None = None
    message_id: Id = None
    anonymous_id: Id = None
    user_id: Id = None
    previous_id: Id = None
    group_id: Id = None
    plain_user_id: Id = None
    plain_anonymous_id: Id = None
    timestamp: Moment = None
    original_timestamp: Moment = None
    sent_at: Moment = None
    received_at: Moment = None
    channel: str | None = None
    user_hash: str | None = None
    properties: Free = None
    traits: Free = None
    context: Context | list[Any] | None = None


class Batch(Struct, frozen=True, rename={"sent_at": "sentAt", "write_key": "writeKey"}):
    """The envelope of many calls; each element stays undecoded, so that a bad one spoils no other."""

    batch: list[Raw]
    sent_at: Moment = None
    write_key: str | None = None
    context: Context | list[Any] | None = None


class _Key(Struct, frozen=True, rename={"write_key": "writeKey"}):
    write_key: str | None = None


_read_call = JsonDecoder(Call)
_read_batch = JsonDecoder(Batch)
_read_key = JsonDecoder(_Key)


def decode_call(body: bytes | Raw, limit: int) -> Call:
    """Read one call.

    Parameters
    ----------
    body
        JSON text.
    limit
        Most bytes it may have.

    Raises
    ------
    InvalidInput
        Naming the field that does not fit; `TooLarge` when there are too many bytes.
    """
    data = memoryview(body)
    if data.nbytes > limit:
        raise TooLarge("", f"is {data.nbytes} bytes; an event may have {limit}")
    return _decoded(_read_call, data)


def decode_batch(body: bytes, most: int) -> Batch:
    """Read the envelope of a batch of at most `most` calls.

    Raises
    ------
    InvalidInput
        Naming the field that does not fit.
    """
    found = _decoded(_read_batch, body)
    if len(found.batch) > most:
        raise TooLarge("batch", f"holds {len(found.batch)} events; a batch may hold {most}")
    return found


def write_key_in(body: bytes) -> str | None:
    """Return the ``writeKey`` that a single call carries, or None."""
    return _decoded(_read_key, body).write_key


def call_of(value: dict[str, Any]) -> Call:
    """Read one call from a plain dict, as `decode_call` does from JSON.

    Raises
    ------
    InvalidInput
        Naming the field that does not fit.
    """
    try:
        return convert(value, Call)
    except ValidationError as error:
        raise invalid_input(error) from None


def _decoded(decoder: JsonDecoder[T], body: bytes | memoryview) -> T:
    try:
        return decoder.decode(body)
    except UnicodeDecodeError:
        raise InvalidInput("", "is not UTF-8 text") from None
    except RecursionError:
        raise TooLarge("", "is nested too deeply") from None
    except ValidationError as error:
        raise invalid_input(error) from None
    except ValueError as error:  # msgspec.DecodeError
        raise InvalidInput("", f"is not JSON: {error}") from None
