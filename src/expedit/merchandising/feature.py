"""What merchandising offers to the house."""

from __future__ import annotations

from collections.abc import Sequence

from expedit.features import Feature, Found, Use
from expedit.merchandising.api import routes
from expedit.merchandising.balance import live_balances
from expedit.merchandising.balance_api import balance_routes
from expedit.merchandising.landing_api import landing_routes
from expedit.merchandising.landing_editing import landings_naming
from expedit.merchandising.landing_live import live_landings
from expedit.merchandising.live import live_rules
from expedit.merchandising.panel import MENU, PAGES, find_rules
from expedit.merchandising.panel_landing import LANDING_PAGES
from expedit.merchandising.panel_landings import LANDING_LIST, LANDING_MENU, find_landings
from expedit.merchandising.using import rules_in, rules_naming
from expedit.storage import Shop, Transaction
from expedit.web import Viewer

_MOST_FOUND = 10


def _start(shop: Shop) -> None:
    live_rules(shop).start()
    live_balances(shop).current()
    live_landings(shop).current()


def _naming(tx: Transaction, audience: str) -> Sequence[Use]:
    return [*rules_naming(tx, audience), *landings_naming(tx, audience)]


def _find(shop: Shop, viewer: Viewer, words: str) -> Sequence[Found]:
    return [*find_rules(shop, viewer, words), *find_landings(shop, viewer, words)][:_MOST_FOUND]


FEATURE = Feature(
    name="merchandising",
    routes=lambda shop: [*routes(shop), *balance_routes(shop), *landing_routes(shop)],
    start=_start,
    pages=(*PAGES, *LANDING_LIST, *LANDING_PAGES),
    menu=(*MENU, LANDING_MENU),
    find=_find,
    uses={"audience": _naming, "placement": rules_in},
)
