"""Pinning: for this running shop everybody gets one arm, as a demonstration or a test needs.

A pin lives in the process, never in a file or a table, so that no shop can stay pinned by accident.
"""

from __future__ import annotations

from expedit.storage import Shop


class _Pins:
    """The pinned arm of each experiment."""

    def __init__(self) -> None:
        self.arms: dict[str, str] = {}


def _pins(shop: Shop) -> _Pins:
    return shop.part(_Pins, _Pins)


def pin(shop: Shop, arm: str, experiment: str = "holdout") -> None:
    """Give everybody `arm` of the experiment called `experiment` until `unpin` or the end of the process."""
    _pins(shop).arms[experiment] = arm


def unpin(shop: Shop, experiment: str = "holdout") -> None:
    """Let the buckets of the experiment called `experiment` decide again."""
    _pins(shop).arms.pop(experiment, None)


def pinned_arm(shop: Shop, experiment: str) -> str | None:
    """Return the pinned arm of the experiment called `experiment`, or None."""
    return _pins(shop).arms.get(experiment)
