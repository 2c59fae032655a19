"""Counting people in the sealed log, and the file that servers read what was counted from."""

from __future__ import annotations

from expedit.core import DAY
from expedit.events import log_tables, training_baskets
from expedit.identity import person_map
from expedit.proof.model import Count, Counts
from expedit.storage import Shop
from expedit.warehouse import open_warehouse, question

MOST_LOOKED_AT = 1000
"""Different products that a person may look at in the window; who looks at more is a robot."""

TOLD_AGAIN = 30 * DAY
"""How long after an order a page that is loaded again may tell of it: it is no purchase of today."""


def count_people(shop: Shop) -> Counts:
    """Count who bought and kept, and who looked at, each product in each market.

    A product whose count of `proof_days` does not reach `proof_floor` is counted over `proof_most_days`; of
    one that does not reach it there either nothing is said.
    """
    settings, now = shop.settings, shop.clock()
    days, most_days = settings.proof_days, max(settings.proof_days, settings.proof_most_days)
    floor = max(settings.proof_floor, 1)
    since = now - most_days * DAY
    people, warehouse = person_map(shop), open_warehouse(shop)
    tables = {
        **log_tables(shop, since),
        "person_map": people,
        "baskets": training_baskets(shop, warehouse, people, since - TOLD_AGAIN),
    }
    markets = list(settings.markets)
    params = {
        "since_us": since,
        "lately_us": now - days * DAY,
        "until_us": now,
        "floor": floor,
        "most": MOST_LOOKED_AT,
        "home": markets[0] if len(markets) == 1 else "",
    }
    rows = warehouse.run(question("expedit.proof", "people"), tables, params).to_pylist()
    return Counts(
        now,
        tuple(
            Count(
                row["product"],
                row["market"],
                row["kind"],
                row["lately"] if row["lately"] >= floor else row["people"],
                days if row["lately"] >= floor else most_days,
            )
            for row in rows
            if row["market"] in settings.markets
        ),
    )
