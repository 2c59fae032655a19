"""Checks of what is written in the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from expedit.core import Settings
from expedit.operations.model import Finding

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def cookie(settings: Settings) -> Iterator[Finding]:
    """Look at how the visitor cookie is sent."""
    shop = urlsplit(settings.shop_url)
    if not settings.cookie_secure:
        yield Finding("cookie_open", "warning")
    elif shop.scheme == "http" and shop.hostname not in _LOOPBACK:
        yield Finding("cookie_lost", "failing", {"url": settings.shop_url})


def origins(settings: Settings) -> Iterator[Finding]:
    """Look at who may call from a browser."""
    for origin in settings.allowed_origins:
        parts = urlsplit(origin)
        if origin == "*":
            yield Finding("origin_star", "failing")
        elif parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            yield Finding("origin_odd", "failing", {"origin": origin})
        elif parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            yield Finding("origin_plain", "warning", {"origin": origin})
    yield from _related_origins(settings)


def _related_origins(settings: Settings) -> Iterator[Finding]:
    """Tell of a shop whose own host, or its www twin, is not among the origins."""
    host = urlsplit(settings.shop_url).hostname or ""
    hosts = {urlsplit(origin).hostname or "" for origin in settings.allowed_origins}
    if not host or not hosts:
        return
    twin = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    for missing in (host, twin):
        present = twin if missing == host else host
        if missing not in hosts and present in hosts:
            yield Finding("origin_missing", "warning", {"origin": f"https://{missing}", "other": present})


def shares(settings: Settings) -> Iterator[Finding]:
    """Look at what makes results measurable."""
    if settings.holdout_share <= 0:
        yield Finding("no_holdout", "warning")
    elif settings.holdout_share > 0.5:
        yield Finding("large_holdout", "warning", {"share": f"{settings.holdout_share:.0%}"})
    if settings.explore_share <= 0:
        yield Finding("no_exploration", "notice")


def limits(settings: Settings) -> Iterator[Finding]:
    """Look for limits that contradict each other."""
    if settings.max_event_bytes > settings.max_batch_bytes:
        values = {"event": settings.max_event_bytes, "batch": settings.max_batch_bytes}
        yield Finding("limits_crossed", "warning", values)
    if settings.events_days and settings.events_days < settings.profile_days:
        values = {"events": settings.events_days, "profile": settings.profile_days}
        yield Finding("events_before_profiles", "warning", values)
    if settings.events_days and settings.events_days < settings.build_days:
        values = {"events": settings.events_days, "build": settings.build_days}
        yield Finding("events_before_builds", "notice", values)
    if settings.backup_hours and not settings.backup_folder:
        yield Finding("backup_nowhere", "failing")


def durability(settings: Settings) -> Iterator[Finding]:
    """Look at what a power cut would cost."""
    if not settings.database_url and settings.synchronous == "normal":
        yield Finding("synchronous_normal", "warning")


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (cookie, origins, shares, limits, durability)
