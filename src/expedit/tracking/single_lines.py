"""Files with one event a row."""

from __future__ import annotations

from collections.abc import Sequence

from expedit.core import InvalidInput
from expedit.tracking.calls import Call
from expedit.tracking.columns import FileMapping, Times
from expedit.tracking.order_lines import places_of, plain_id

_TRAITS = ("email", "phone", "loyalty_id", "payment_ref")
_AMOUNTS = ("price", "value", "tax", "shipping")
_ENVELOPE = frozenset({"event", "message_id", "timestamp", "anonymous_id", "user_id", "channel", *_TRAITS})
_IDS = frozenset({"item_id", "order_id"})


class SingleLines:
    """Makes a track call of each row.

    Parameters
    ----------
    mapping
        How the file is to be read.
    header
        Its column names.
    """

    def __init__(self, mapping: FileMapping, header: Sequence[str]) -> None:
        self._places = places_of(mapping, header)
        self._fixed = mapping.fixed
        self._decimal = mapping.decimal
        self._times = Times(mapping)
        if "timestamp" not in self._places:
            raise InvalidInput("mapping", "no column of the file is said to be the timestamp")

    def call(self, row: Sequence[str]) -> Call:
        """Return the call that a row means.

        Raises
        ------
        InvalidInput
            Naming the attribute at fault.
        """
        values = {**self._fixed}
        for attribute, place in self._places.items():
            text = row[place].strip()
            if text:
                values[attribute] = text
        if "event" not in values:
            raise InvalidInput("event", "is missing")
        properties: dict[str, object] = {
            name.removeprefix("properties."): text
            for name, text in values.items()
            if name not in _ENVELOPE and name not in _AMOUNTS and name not in _IDS
        }
        properties |= {name: plain_id(values[name], name) for name in _IDS if name in values}
        properties |= self._amounts(values)
        return Call(
            type="track",
            event=values["event"],
            message_id=values.get("message_id"),
            anonymous_id=values.get("anonymous_id"),
            user_id=plain_id(values["user_id"], "user_id") if "user_id" in values else None,
            timestamp=self._times.read(values.get("timestamp", "")),
            channel=values.get("channel"),
            properties=properties,
            traits={name: values[name] for name in _TRAITS if name in values} or None,
        )

    def _amounts(self, values: dict[str, str]) -> dict[str, object]:
        """Return the amounts with a point for a decimal mark."""
        found: dict[str, object] = {}
        for name in _AMOUNTS:
            text = values.get(name)
            if text is not None:
                if self._decimal == ",":
                    text = text.replace(".", "").replace(",", ".")
                found[name] = text
        return found
