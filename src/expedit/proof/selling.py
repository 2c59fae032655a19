"""Counting how fast products sell, for rules on how long their stock lasts."""

from __future__ import annotations

import pyarrow.compute as pc

from expedit.catalog import Sales, SalesFile
from expedit.core import DAY, HOUR
from expedit.events import log_start, training_baskets
from expedit.identity import person_map
from expedit.proof.counting import TOLD_AGAIN
from expedit.storage import Shop, write_whole
from expedit.warehouse import open_warehouse

DAYS = 28
"""Four whole weeks, so that no weekday counts oftener than another."""


def keep_sales(shop: Shop) -> None:
    """Count for servers what was sold, unless that was done within the hour."""
    if shop.clock() - SalesFile(shop.home.sales_path).current.at >= HOUR:
        write_whole(shop.home.sales_path, count_sales(shop))


def count_sales(shop: Shop) -> Sales:
    """Count the pieces of each product that were sold and kept in the last four weeks, everywhere.

    Where the log is younger, the window begins with its first event.
    """
    now = shop.clock()
    since = now - DAYS * DAY
    baskets = training_baskets(shop, open_warehouse(shop), person_map(shop), since - TOLD_AGAIN)
    lately = baskets.filter(
        pc.and_(pc.greater_equal(baskets["ts_us"], since), pc.less(baskets["ts_us"], now))
    )
    if not lately.num_rows:
        return Sales(now)
    days = min(DAYS, (now - (log_start(shop) or since)) / DAY)
    sums = lately.group_by("product").aggregate([("quantity", "sum")]).to_pylist()
    return Sales(now, max(days, 1.0), {row["product"]: row["quantity_sum"] for row in sums if row["product"]})
