"""What the catalog offers to the house."""

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


FEATURE = Feature(
    name="catalog",
    tables=TABLES,
    routes=routes,
    jobs=(Job(name="forget old catalog changes", every=_daily, run=_tidy),),
    pages=PAGES,
    menu=MENU,
    find=find_products,
    start=lambda shop: live_catalog(shop).start(),
)
