"""Structured logs: one line an event, as JSON or for people, without anything personal.

Everything that is logged, expedit's own lines and those of libraries, goes through one row of steps: the id
of the request, level and time are added, and whatever looks like an address, a telephone number, a network
address or a key is cut out. Rooms are asked to log none; this is the net below.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from expedit.core import Settings
from expedit.operations.requests import request_id

_PERSONAL: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"\b(?:wk|sk|st)_[\w-]{8,}"), "[key]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 [key]"),
    (re.compile(r"(://[^\s:/@]+):[^\s@]+@"), r"\1:[password]@"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "[address]"),
    (re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])"), "[address]"),
    (re.compile(r"\+\d[\d ()-]{6,}\d"), "[phone]"),
    (re.compile(r"(?<![\w.-])0\d{1,3}[ -]?\d{2,3}(?:[ -]?\d{2}){2}(?![\w.-])"), "[phone]"),
)
"""What must not stand in a log, and what stands there instead."""

_PLAIN = frozenset({"timestamp", "level", "request_id", "job", "route"})


def without_personal(text: str) -> str:
    """Return `text` with everything that looks personal cut out."""
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return text


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return without_personal(value)
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(one) for one in value]
    if value is None or isinstance(value, (int, float)):
        return value
    return without_personal(str(value))


def _cut_personal(_: Any, __: str, event: EventDict) -> EventDict:
    return {key: value if key in _PLAIN else _clean(value) for key, value in event.items()}


def _add_request(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if found := request_id.get():
        event["request_id"] = found
    return event


def configure_logs(settings: Settings) -> None:
    """Send every log line of this process to standard error, as the settings say."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    for_people = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    common: list[Processor] = [
        _add_request,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _cut_personal,
    ]
    render: Processor = structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*common, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *common],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
