"""What the tests of tracking read calls against."""

from __future__ import annotations

import json
from typing import Any

from expedit.access import Source
from expedit.catalog import ItemFacts
from expedit.core import MINUTE, NotAllowed, parse_time
from expedit.events import Event
from expedit.tracking.calls import decode_call
from expedit.tracking.mapping import Intake, draft_of
from expedit.tracking.model import Draft

NOW = parse_time("2026-11-22T12:00:00Z")
SECRET = b"1" * 32
MARKETS = {"SE": "SEK", "NO": "NOK", "EU": "EUR"}
SERVER = Source("server", "server", "wk_server", {"analytics": True, "personalization": True}, "consent")
BROWSER = Source("web", "browser", "wk_web", {}, "consent")


def nothing_known(item_id: str) -> ItemFacts | None:
    return None


def jacket_known(item_id: str) -> ItemFacts | None:
    facts = {
        "J1": ItemFacts("J1", "Jackor > Skaljackor", "Fjell", "blå", "", "high"),
        "J1-M": ItemFacts("J1", "Jackor > Skaljackor", "Fjell", "blå", "M", "high"),
    }
    return facts.get(item_id)


def signed_by_length(value: str, signature: str) -> None:
    """Stand in for the shop's signature: the value's length."""
    if signature != f"signed {len(value)}":
        raise NotAllowed("wrong signature")


def intake(source: Source = SERVER, **changes: Any) -> Intake:
    check = None if source.kind == "server" else signed_by_length
    return Intake(SECRET, MARKETS, source, NOW, nothing_known, check, 60 * MINUTE)._replace(**changes)


def draft(call: dict[str, Any], **changes: Any) -> Draft:
    return draft_of(decode_call(json.dumps(call).encode(), 32_768), intake(**changes))


def track(event: str, properties: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "messageId": "m-1", "properties": properties or {}, **rest}


def event_of(call: dict[str, Any], **changes: Any) -> Event:
    return draft(call, **changes).event
