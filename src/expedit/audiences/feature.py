"""What audiences offer to the house."""

from __future__ import annotations

from expedit.audiences.api import routes
from expedit.audiences.counting import counter
from expedit.audiences.live import live_audiences
from expedit.audiences.rights import erase_person, export_person
from expedit.audiences.store import PERSON_TABLES, TABLES
from expedit.core import Progress, Settings
from expedit.features import Feature, Job
from expedit.storage import Shop


def _every(_: Settings) -> float:
    return 5.0


def _count(shop: Shop, progress: Progress) -> None:
    counter(shop).step(progress)


def _start(shop: Shop) -> None:
    live_audiences(shop).poll()


FEATURE = Feature(
    name="audiences",
    tables=TABLES,
    person_tables=PERSON_TABLES,
    routes=routes,
    jobs=(Job("audiences", _every, _count),),
    export_person=export_person,
    erase_person=erase_person,
    start=_start,
)
