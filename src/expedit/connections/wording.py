"""What the pages say of connections, in the viewer's language."""

from __future__ import annotations

from expedit.connections.health import ConnectionHealth
from expedit.core import DAY, HOUR, MINUTE, SECOND
from expedit.web import moment, text


def kind_text(language: str, kind: str, part: str = "") -> str:
    """Return the name of a kind, or with `part` ``_about`` what it brings; a plugin's is its own name."""
    try:
        return text(language, f"connections.kind_{kind}{part}")
    except KeyError:
        return "" if part else kind


def field_label(language: str, kind: str, field: str) -> str:
    """Return what a field is called; one without a text by its name."""
    try:
        return text(language, f"connections.{kind}_{field}")
    except KeyError:
        return field.replace("_", " ")


def field_help(language: str, kind: str, field: str) -> str:
    """Return the sentence below a field, empty when it has none."""
    try:
        return text(language, f"connections.{kind}_{field}_help")
    except KeyError:
        return ""


def concern_text(language: str, health: ConnectionHealth) -> str:
    """Return one sentence on how a connection does, and what to do."""
    values: dict[str, object] = {}
    match health.concern:
        case "silent":
            values = {"usual": span_text(language, health.silence or 0)}
        case "uninstalled":
            values = {"when": moment(language, health.uninstalled or 0)}
        case "failed":
            values = {"n": health.failed}
        case "refused" | "key" | "fetch":
            values = {"why": health.detail}
        case "lag":
            values = {"lag": span_text(language, health.lag)}
    fetched = health.last is None and health.run is not None
    name = health.concern or ("fetched" if fetched else "none")
    return text(language, f"connections.concern.{name}", **values)


def span_text(language: str, span: int) -> str:
    """Return a span of time in its largest unit, as ``3 hours``."""
    for unit, size in (("days", 2 * DAY), ("hours", 2 * HOUR), ("minutes", 2 * MINUTE)):
        if span >= size:
            one = {"days": DAY, "hours": HOUR, "minutes": MINUTE}[unit]
            return text(language, f"connections.span.{unit}", n=round(span / one))
    return text(language, "connections.span.seconds", n=round(span / SECOND))


def topic_of(topic: str) -> str:
    """Return a topic as it is shown: short and in one line."""
    return topic[:60]
