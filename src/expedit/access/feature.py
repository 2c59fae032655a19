"""What access offers to the house."""

from __future__ import annotations

from expedit.access.arrangements import TABLES as ARRANGEMENTS
from expedit.access.keys import keys
from expedit.access.panel import MENU, PAGES
from expedit.access.panel.users import find
from expedit.access.rights import erase_person, export_person
from expedit.access.store import TABLES
from expedit.features import Feature
from expedit.storage import Shop


def _start(shop: Shop) -> None:
    keys(shop).uses.start()


FEATURE = Feature(
    name="access",
    tables=(*TABLES, *ARRANGEMENTS),
    person_tables=("audit_log",),
    export_person=export_person,
    erase_person=erase_person,
    start=_start,
    pages=PAGES,
    menu=MENU,
    find=find,
)
