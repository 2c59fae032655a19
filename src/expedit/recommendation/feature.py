"""What recommendations offer to the house."""

from __future__ import annotations

from expedit.core import HOUR, SECOND, Progress, Settings
from expedit.features import Feature, Job
from expedit.recommendation.building import build_apart
from expedit.recommendation.live import live_model
from expedit.recommendation.session_feed import forget_person, session_feed
from expedit.storage import Shop


def _build_every(settings: Settings) -> float:
    return settings.build_hours * HOUR / SECOND


def _build(shop: Shop, progress: Progress) -> None:
    build_apart(shop, progress)


def _start(shop: Shop) -> None:
    live_model(shop).start()
    session_feed(shop).start()


FEATURE = Feature(
    name="recommendation",
    jobs=(Job("build models", _build_every, _build),),
    erase_person=forget_person,
    start=_start,
)
