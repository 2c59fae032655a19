"""Experiments that split people in shares for a purpose of its own, as a page against the ordinary one."""

from __future__ import annotations

from functools import lru_cache

from expedit.core import keyed_hash
from expedit.experiments.model import Arm, Experiment, arm_of
from expedit.experiments.pins import pinned_arm
from expedit.storage import Shop


def arm_in(shop: Shop, name: str, arms: tuple[Arm, ...], bucket_key: str) -> str:
    """Return the arm of the experiment called `name` that the person with `bucket_key` is in.

    The salt is the shop's own and the experiment's, so that who is in an arm here says nothing of any other
    experiment; a pinned arm wins.
    """
    return pinned_arm(shop, name) or arm_of(_experiment(shop.secret, name, arms), bucket_key)


@lru_cache(maxsize=1_000)
def _experiment(secret: bytes, name: str, arms: tuple[Arm, ...]) -> Experiment:
    return Experiment(name, keyed_hash(secret, "experiment", name), arms)
