"""What audiences offer to the house."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from expedit.audiences.api import routes
from expedit.audiences.counting import counter
from expedit.audiences.live import live_audiences
from expedit.audiences.model import STATES
from expedit.audiences.panel import MENU, PAGES, find_audiences
from expedit.audiences.panel_person import PERSON_CARDS
from expedit.audiences.rights import erase_person, export_person
from expedit.audiences.store import PERSON_TABLES, TABLES, read_audiences
from expedit.core import Progress, Settings
from expedit.features import Feature, Job
from expedit.storage import Shop


def _every(_: Settings) -> float:
    return 5.0


def _count(shop: Shop, progress: Progress) -> None:
    counter(shop).step(progress)


def _lists(shop: Shop, language: str) -> Mapping[str, str]:  # noqa: ARG001  (a feature's shape)
    """Return the names of the audiences in force."""
    live_audiences(shop).newest()
    return {one: known.audience.name for one, known in live_audiences(shop).current().items()}


def _titles(shop: Shop, ids: Collection[str], language: str) -> Mapping[str, str]:
    """Return the names of audiences, of drafts and archived ones too."""
    known = dict(_lists(shop, language))
    missing = set(ids) - known.keys()
    if missing:
        with shop.database.reading() as tx:
            known |= {one.audience.id: one.audience.name for one in read_audiences(tx, STATES)}
    return {one: known[one] for one in ids if one in known}


def _start(shop: Shop) -> None:
    live_audiences(shop).newest()


FEATURE = Feature(
    name="audiences",
    tables=TABLES,
    person_tables=PERSON_TABLES,
    routes=routes,
    jobs=(Job("audiences", _every, _count),),
    export_person=export_person,
    erase_person=erase_person,
    start=_start,
    pages=PAGES,
    menu=MENU,
    find=find_audiences,
    titles={"audience": _titles},
    lists={"audience": _lists},
    person_panel=PERSON_CARDS,
)
