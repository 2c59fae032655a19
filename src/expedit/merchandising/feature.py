"""What merchandising offers to the house."""

from __future__ import annotations

from expedit.features import Feature
from expedit.merchandising.api import routes
from expedit.merchandising.arrangements import TABLES
from expedit.merchandising.balance import live_balances
from expedit.merchandising.balance_api import balance_routes
from expedit.merchandising.live import live_rules
from expedit.merchandising.panel import MENU, PAGES, find_rules
from expedit.merchandising.using import rules_in, rules_naming
from expedit.storage import Shop


def _start(shop: Shop) -> None:
    live_rules(shop).poll()
    live_balances(shop).current()


FEATURE = Feature(
    name="merchandising",
    tables=("rules", "rule_editions", "rules_mark", *TABLES),
    routes=lambda shop: [*routes(shop), *balance_routes(shop)],
    start=_start,
    pages=PAGES,
    menu=MENU,
    find=find_rules,
    uses={"audience": rules_naming, "placement": rules_in},
)
