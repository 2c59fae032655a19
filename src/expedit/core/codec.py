"""The one thin module through which expedit uses msgspec.

Everything that is stored, sent or passed between rooms is a frozen `Struct`; this module encodes and
decodes them as JSON (for people and the web) or MessagePack (for stored state).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
from msgspec import UNSET, Raw, UnsetType, ValidationError, field
from msgspec.json import Decoder as JsonDecoder
from msgspec.json import Encoder as JsonEncoder
from msgspec.msgpack import Decoder as PackDecoder
from msgspec.msgpack import Encoder as PackEncoder

from expedit.core.errors import Corrupt, InvalidInput

T = TypeVar("T")

__all__ = [
    "UNSET",
    "JsonDecoder",
    "JsonEncoder",
    "PackDecoder",
    "PackEncoder",
    "Raw",
    "Struct",
    "UnsetType",
    "ValidationError",
    "convert",
    "evolve",
    "field",
    "from_json",
    "from_pack",
    "invalid_input",
    "to_builtins",
    "to_json",
    "to_pack",
]

_json = JsonEncoder()
_pack = PackEncoder()

# msgspec works a type out at its first use, and lets other threads see what it has only half worked out: two
# that decode a new type at the same moment end the process. So one thread at a time meets new types, here.
_meeting = threading.RLock()
_Readers = dict[object, Callable[[Any], Any]]
_json_readers: _Readers = {}
_pack_readers: _Readers = {}


class Struct(msgspec.Struct, frozen=True, kw_only=False, omit_defaults=True):
    """A frozen typed value; fields that hold their default are left out when encoded.

    Subclasses repeat ``frozen=True`` so that type checkers see it too.
    """


def to_json(value: object) -> bytes:
    """Encode `value` as UTF-8 JSON."""
    return _json.encode(value)


def to_pack(value: object) -> bytes:
    """Encode `value` as MessagePack."""
    return _pack.encode(value)


def from_json(data: bytes | str, kind: type[T]) -> T:
    """Decode JSON into `kind`.

    Raises
    ------
    InvalidInput
        Naming the field that does not fit.
    """
    try:
        reader = _json_readers.get(kind) or _meet(kind, _json_readers, JsonDecoder)
        return cast("T", reader(data))
    except msgspec.DecodeError as error:
        raise invalid_input(error) from None
    except UnicodeDecodeError:
        raise InvalidInput("", "is not UTF-8 text") from None
    except RecursionError:
        raise InvalidInput("", "is nested too deeply") from None


def from_pack(data: bytes | memoryview, kind: type[T]) -> T:
    """Decode MessagePack that expedit itself stored.

    Raises
    ------
    Corrupt
        When the bytes are not such a value.
    """
    try:
        read: Callable[[bytes | memoryview], T] = _pack_readers.get(kind) or _meet(
            kind, _pack_readers, PackDecoder
        )
        return read(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Corrupt(f"stored {getattr(kind, '__name__', kind)} cannot be read: {error}") from error


def convert(value: object, kind: type[T]) -> T:
    """Return plain dicts, lists and scalars as `kind`.

    Raises
    ------
    ValidationError
        Naming the field that does not fit.
    """
    if kind not in _json_readers:
        _meet(kind, _json_readers, JsonDecoder)
    return msgspec.convert(value, kind)


def _meet(
    kind: object, readers: dict[object, Callable[..., Any]], decoder: Callable[[Any], Any]
) -> Callable[..., Any]:
    with _meeting:
        return readers.setdefault(kind, decoder(kind).decode)


def to_builtins(value: object) -> Any:
    """Return `value` as plain dicts, lists and scalars."""
    return msgspec.to_builtins(value)


def evolve(value: T, /, **changes: object) -> T:
    """Return a copy of the struct `value` with `changes`."""
    return msgspec.structs.replace(value, **changes)  # type: ignore[type-var]


def invalid_input(error: msgspec.DecodeError) -> InvalidInput:
    """Turn a decoding error into one that names the field, as in ``batch[3].properties.price``."""
    text = str(error)
    reason, separator, path = text.rpartition(" - at `")
    if not separator:
        return InvalidInput("", text)
    return InvalidInput(path.rstrip("`").removeprefix("$").removeprefix("."), reason)
