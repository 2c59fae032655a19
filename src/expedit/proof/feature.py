"""What counts of people offer to the house."""

from __future__ import annotations

from expedit.core import MINUTE, SECOND, Progress, Settings
from expedit.features import Feature, Job
from expedit.proof.apart import count_apart
from expedit.proof.live import live_proof
from expedit.storage import Shop


def _every(settings: Settings) -> float:
    return max(settings.proof_minutes, 1) * MINUTE / SECOND


def _count(shop: Shop, progress: Progress) -> None:
    if shop.settings.proof_minutes > 0:
        count_apart(shop, progress)


def _start(shop: Shop) -> None:
    live_proof(shop).start()


FEATURE = Feature(name="proof", jobs=(Job("count people", _every, _count),), start=_start)
