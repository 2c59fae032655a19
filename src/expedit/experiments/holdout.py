"""The always-on holdout: people who never get personalization, against whom lift is measured."""

from __future__ import annotations

from functools import lru_cache

from expedit.core import keyed_hash
from expedit.experiments.model import Arm, Experiment, arm_of
from expedit.experiments.pins import pinned_arm
from expedit.storage import Shop

HOLDOUT = "holdout"
"""Name of the experiment."""

HELD_OUT = "holdout"
"""The arm without personalization."""

PERSONALIZED = "personalized"
"""The arm with personalization."""


class _Holdout:
    """The experiment of one shop, with the arms of people seen lately."""

    def __init__(self, shop: Shop) -> None:
        share = min(max(shop.settings.holdout_share, 0.0), 1.0)
        self.experiment = Experiment(
            HOLDOUT,
            keyed_hash(shop.secret, "experiment", HOLDOUT),
            (Arm(HELD_OUT, share), Arm(PERSONALIZED, 1.0 - share)),
        )
        self.arm_of = lru_cache(maxsize=65_536)(lambda key: arm_of(self.experiment, key))


def _holdout(shop: Shop) -> _Holdout:
    return shop.part(_Holdout, lambda: _Holdout(shop))


def holdout_experiment(shop: Shop) -> Experiment:
    """Return the holdout of `shop`: its share from the setting ``holdout_share``, its salt the shop's own."""
    return _holdout(shop).experiment


def holdout_arm(shop: Shop, bucket_key: str) -> str:
    """Return `HELD_OUT` or `PERSONALIZED` for the person with `bucket_key`; a pinned arm wins."""
    return pinned_arm(shop, HOLDOUT) or _holdout(shop).arm_of(bucket_key)
