"""What the catalog offers to the house."""

from collections.abc import Collection

from expedit.catalog.api import routes
from expedit.catalog.live import live_catalog
from expedit.catalog.panel import MENU, PAGES, find_products
from expedit.catalog.store import TABLES, forget_notes
from expedit.core import DAY, Progress, Settings
from expedit.features import Feature, Job
from expedit.storage import Shop

_NOTES_KEPT = 90 * DAY


def _daily(_: Settings) -> float:
    return 86_400.0


def _tidy(shop: Shop, _: Progress) -> None:
    with shop.database.writing() as tx:
        forget_notes(tx, shop.clock() - _NOTES_KEPT)


def _titles(shop: Shop, ids: Collection[str], language: str) -> dict[str, str]:
    snapshot = live_catalog(shop).current()
    found = ((one, snapshot.find(one)) for one in ids)
    return {one: snapshot.title(place, language) for one, place in found if place is not None}


FEATURE = Feature(
    name="catalog",
    tables=(*TABLES, "product_looks"),
    routes=routes,
    jobs=(Job(name="forget old catalog changes", every=_daily, run=_tidy),),
    pages=PAGES,
    menu=MENU,
    find=find_products,
    titles={"product": _titles},
    start=lambda shop: live_catalog(shop).start(),
)
