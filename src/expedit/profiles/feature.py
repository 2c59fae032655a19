"""What profiles offer to the house."""

from __future__ import annotations

from expedit.core import DAY, SECOND, Progress, Settings
from expedit.features import Feature, Job
from expedit.profiles.affinity import Tasting
from expedit.profiles.api import routes
from expedit.profiles.forgetting import forget_old
from expedit.profiles.panel import MENU, PAGES, find_people
from expedit.profiles.rights import erase_person, export_person
from expedit.profiles.store import PERSON_TABLES
from expedit.storage import Shop


def _start(shop: Shop) -> None:
    Tasting.of(shop.settings)  # a weight that is none is told before anything is served


def _a_day(_: Settings) -> float:
    return DAY / SECOND


def _forget(shop: Shop, progress: Progress) -> None:
    forget_old(shop, progress)


FEATURE = Feature(
    name="profiles",
    start=_start,
    tables=PERSON_TABLES,
    person_tables=PERSON_TABLES,
    routes=routes,
    jobs=(Job("profiles-forget", _a_day, _forget),),
    export_person=export_person,
    erase_person=erase_person,
    pages=PAGES,
    menu=MENU,
    find=find_people,
)
