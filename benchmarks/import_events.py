"""Lines a second of an event import, on a real year of invoices.

Run ``python benchmarks/import_events.py`` with the evaluation data in ``../shared/data`` or ``EXPEDIT_DATA``.
It prints one JSON object. The file is UCI Online Retail, 541,909 lines; what must come out of it is known, so
an import that is fast because it loses something fails here.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from expedit.access import Source, keys
from expedit.orders import keep_orders
from expedit.orders.store import totals
from expedit.storage import Home, Shop, metadata, open_shop
from expedit.tracking import import_events

MAPPING = {
    "columns": {
        "InvoiceNo": "order_id",
        "StockCode": "item_id",
        "Quantity": "quantity",
        "UnitPrice": "price",
        "InvoiceDate": "timestamp",
        "CustomerID": "user_id",
    },
    "fixed": {"currency": "GBP"},
    "credit_prefix": "C",
    "timezone": "Europe/London",
    "consent": {"analytics": True, "personalization": True},
}
# Σ quantity × price of all lines is 9,747,747.93; two lines of -11,062.06 each are refused.
KNOWN_NET = 974_774_793 + 2 * 1_106_206


def made(root: Path) -> Shop:
    """Return a new shop with one source, on SQLite with synchronous=full."""
    home = Home(root / "home")
    home.make()
    home.settings_path.write_text('[shop]\nmarkets = { GB = "GBP" }\n')
    shop = open_shop(home.root)
    metadata.create_all(shop.database.engine)
    keys(shop).add_source(Source("server", "server", "wk", {"analytics": True}, "contract"))
    return shop


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    options = parser.parse_args()
    folder = Path(os.environ.get("EXPEDIT_DATA", Path(__file__).parents[2] / "shared" / "data"))
    path = folder / "online_retail" / "transactions.csv.gz"
    if not path.exists():
        sys.exit(f"no evaluation data at {folder}; set EXPEDIT_DATA")
    with tempfile.TemporaryDirectory() as home:
        shop = made(Path(home))
        if options.profile:
            import cProfile

            cProfile.runctx(
                "import_events(shop, path, source='server', mapping=MAPPING)",
                globals(),
                locals(),
                sort="tottime",
            )
        started, cpu = time.perf_counter(), time.process_time()
        report = import_events(shop, path, source="server", mapping=MAPPING)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        again = time.perf_counter()
        second = import_events(shop, path, source="server", mapping=MAPPING)
        again = time.perf_counter() - again
        booked = time.perf_counter()
        keep_orders(shop)
        booked = time.perf_counter() - booked
        with shop.database.reading() as tx:
            net = sum(value - refunded for _, _, _, value, refunded in totals(tx))
        shop.close()
    if (report.read, net) != (541_909, KNOWN_NET):
        sys.exit(f"the import lost something: {report.read} lines, {net} instead of {KNOWN_NET} pence")
    print(
        json.dumps(
            {
                "lines_per_second": round(report.read / seconds),
                "seconds": round(seconds, 2),
                "cpu_seconds": round(cpu, 2),
                "again_seconds": round(again, 2),
                "again_stored": second.stored + second.anonymous,
                "order_book_seconds": round(booked, 2),
                "net_minor": net,
                "refused": [[one.line, one.field, one.reason] for one in report.refused],
                **{name: getattr(report, name) for name in report.__struct_fields__ if name != "refused"},
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
