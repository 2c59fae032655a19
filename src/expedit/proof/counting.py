"""Counting people in the sealed log, and the file that servers read what was counted from."""

from __future__ import annotations

import os
from pathlib import Path

from expedit.core import DAY, to_json
from expedit.events import log_tables, training_baskets
from expedit.identity import person_map
from expedit.proof.model import Count, Counts, Kind
from expedit.storage import Shop
from expedit.warehouse import open_warehouse, question

MOST_LOOKED_AT = 1000
"""Different products that a person may look at in the window; who looks at more is a robot."""


def count_people(shop: Shop) -> Counts:
    """Count who bought and kept, and who looked at, each product in each market.

    A product whose count of `proof_days` does not reach `proof_floor` is counted over `proof_most_days`; of
    one that does not reach it there either nothing is said.
    """
    settings, now = shop.settings, shop.clock()
    since = now - max(settings.proof_days, settings.proof_most_days) * DAY
    floor = max(settings.proof_floor, 1)
    people, warehouse = person_map(shop), open_warehouse(shop)
    tables = {
        **log_tables(shop, since),
        "person_map": people,
        "baskets": training_baskets(shop, warehouse, people, since),
    }
    markets = list(settings.markets)
    params = {
        "since_us": since,
        "lately_us": now - settings.proof_days * DAY,
        "until_us": now,
        "floor": floor,
        "most": MOST_LOOKED_AT,
        "home": markets[0] if len(markets) == 1 else "",
    }
    rows = warehouse.run(question("expedit.proof", "people"), tables, params).to_pylist()
    return Counts(now, tuple(_count(row, floor, shop) for row in rows if row["market"] in settings.markets))


def _count(row: dict[str, object], floor: int, shop: Shop) -> Count:
    lately, people = int(str(row["lately"])), int(str(row["people"]))
    settings, kind = shop.settings, _kind(row["kind"])
    product, market = str(row["product"]), str(row["market"])
    if lately >= floor:
        return Count(product, market, kind, lately, settings.proof_days)
    return Count(product, market, kind, people, settings.proof_most_days)


def _kind(name: object) -> Kind:
    return "bought" if name == "bought" else "viewed"


def write_counts(path: Path, counts: Counts) -> None:
    """Replace the file that servers read, at once and whole."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.write_bytes(to_json(counts))
    draft.replace(path)
