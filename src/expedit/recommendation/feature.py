"""What recommendations offer to the house."""

from __future__ import annotations

from expedit.core import HOUR, SECOND, Progress, Settings
from expedit.events import seal
from expedit.features import Feature, Job
from expedit.recommendation.arriving import arrivals_feed
from expedit.recommendation.building import build_apart
from expedit.recommendation.live import live_model
from expedit.recommendation.looking import looker
from expedit.recommendation.panel import MENU, PAGES, model_health
from expedit.recommendation.session_feed import forget_person, session_feed
from expedit.recommendation.versions import BUILD
from expedit.recommendation.watching import is_building
from expedit.storage import Shop


def _build_every(settings: Settings) -> float:
    return settings.build_hours * HOUR / SECOND


def _build(shop: Shop, progress: Progress) -> None:
    if is_building(shop.home):
        return  # somebody else's build will do
    seal(shop, progress)  # so that what happened just now is learned from
    build_apart(shop, progress)


def _look_every(_: Settings) -> float:
    return 60.0


def _look(shop: Shop, _: Progress) -> None:
    if shop.settings.pictures_a_minute > 0:
        looker(shop).look(shop.settings.pictures_a_minute)


def _start(shop: Shop) -> None:
    live_model(shop).start()
    session_feed(shop).start()
    arrivals_feed(shop).start()


FEATURE = Feature(
    name="recommendation",
    jobs=(Job(BUILD, _build_every, _build), Job("look at pictures", _look_every, _look)),
    erase_person=forget_person,
    start=_start,
    pages=PAGES,
    menu=MENU,
    health=model_health,
)
