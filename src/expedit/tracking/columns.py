"""What the columns of somebody's own event file mean, and how it writes amounts and times."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from expedit.access import PURPOSES
from expedit.core import (
    InvalidInput,
    Struct,
    check_currency,
    field,
    from_datetime,
    from_json,
    parse_time,
    to_json,
)

ATTRIBUTES = frozenset(
    "event message_id timestamp anonymous_id user_id email phone loyalty_id payment_ref order_id refund_of "
    "item_id variant quantity price category brand color size currency market channel value tax shipping "
    "coupon query url referrer country region postal_code".split()
)
"""What a column may mean; ``properties.…`` keeps it under a name of your own."""

EventMapping = Mapping[str, Any] | Path | str
"""A mapping as a dict, the path of a TOML or JSON file, or pairs: ``InvoiceNo=order_id,Item=item_id``."""


class FileMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """How to read a file of events.

    Parameters
    ----------
    columns
        Their column → our attribute (see `ATTRIBUTES`); other columns are left out.
    fixed
        Attributes with the same value on every line, as ``currency = "GBP"``.
    credit_prefix
        Order ids that start so are credit notes. A negative quantity is one in any case.
    time_format
        ``strptime`` format of the times; ISO 8601 when empty.
    timezone
        Zone of times that name none, as ``Europe/Stockholm``.
    decimal
        Decimal mark of amounts, ``.`` or ``,``; when empty, a comma is one where there is no point.
    consent, legal_basis
        What holds for this file instead of the source's own.
    """

    columns: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    credit_prefix: str = ""
    time_format: str = ""
    timezone: str = "UTC"
    decimal: str = ""
    consent: dict[str, bool] | None = None
    legal_basis: str = ""


def read_mapping(given: EventMapping | None) -> FileMapping:
    """Return the mapping that `given` says.

    Raises
    ------
    InvalidInput
        When it is no mapping, or names an attribute, zone, purpose or currency that does not exist.
    """
    found = _checked(_read(given))
    for attribute in (*found.columns.values(), *found.fixed):
        if attribute not in ATTRIBUTES and not attribute.startswith("properties."):
            raise InvalidInput(
                "mapping", f"{attribute!r} is none of {', '.join(sorted(ATTRIBUTES))}, properties.…"
            )
    return found


def _read(given: EventMapping | None) -> FileMapping:
    if given is None:
        return FileMapping()
    if isinstance(given, Mapping):
        nested = any(isinstance(value, Mapping) for value in given.values())
        return from_json(_json(given if nested else {"columns": given}), FileMapping)
    path = Path(given)
    if path.suffix in {".toml", ".json"}:
        try:
            text = path.read_text()
            values = tomllib.loads(text) if path.suffix == ".toml" else None
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput("mapping", f"{path} cannot be read: {error}") from None
        return from_json(text if values is None else _json(values), FileMapping)
    pairs = [pair.partition("=") for pair in str(given).split(",")]
    if any(not equals for _, equals, _ in pairs):
        raise InvalidInput("mapping", "must be a .toml or .json file, or pairs: their column=our attribute")
    return FileMapping({theirs.strip(): ours.strip() for theirs, _, ours in pairs})


def _json(values: Mapping[str, Any]) -> bytes:
    return to_json(
        {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}
    )


def _checked(found: FileMapping) -> FileMapping:
    try:
        ZoneInfo(found.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidInput("timezone", f"no zone is called {found.timezone!r}") from None
    if found.decimal not in {"", ".", ","}:
        raise InvalidInput("decimal", "must be a point or a comma")
    unknown = set(found.consent or ()) - set(PURPOSES)
    if unknown:
        raise InvalidInput("consent", f"no purpose is called {', '.join(sorted(unknown))}")
    if "currency" in found.fixed:
        check_currency(found.fixed["currency"], "fixed.currency")
    return found


class Times:
    """Reads the times of a file; each text once."""

    def __init__(self, mapping: FileMapping) -> None:
        self._format = mapping.time_format
        self._zone = ZoneInfo(mapping.timezone)
        self._known: dict[str, int] = {}

    def read(self, text: str) -> int:
        """Return microseconds since the epoch, or raise `InvalidInput`."""
        found = self._known.get(text)
        if found is None:
            if len(self._known) > 100_000:
                self._known.clear()
            found = self._known[text] = self._parsed(text.strip())
        return found

    def _parsed(self, text: str) -> int:
        if not self._format and self._zone.key == "UTC":
            return parse_time(text)
        try:
            moment = (
                datetime.strptime(text, self._format) if self._format else datetime.fromisoformat(text)  # noqa: DTZ007
            )
        except ValueError:
            shape = f"of the form {self._format}" if self._format else "an ISO 8601 time"
            raise InvalidInput("timestamp", f"{text[:40]!r} is not {shape}") from None
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=self._zone))
