"""How fast a catalog comes in, comes in again, and is loaded into memory; prints JSON.

Run: ``python benchmarks/catalog_import.py [--products 100000] [--format jsonl] [--database URL] [--load]``.
The feed is made up: clothes with real field lengths, three markets, stock at two places.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

from expedit.catalog import LiveCatalog, import_catalog, set_stock, upsert
from expedit.catalog.merchant import parse_row
from expedit.catalog.store import changed_since, last_change, read_stored
from expedit.core import Settings, evolve, system_clock
from expedit.storage import Home, Shop, metadata, open_database

WORDS = "fjäll vind regn ull dun skal jacka byxa tröja mössa vante kängor ryggsäck tält kåsa lykta".split()
COLORS = "svart blå grön röd grå vit gul".split()
COLUMNS = (
    "id title description link image_link availability price sale_price brand gtin product_type color"
    " material gender stock[web] stock[åre] price[NO]"
).split()


def gtin13(number: int) -> str:
    """Return a valid EAN-13."""
    digits = f"{730000000000 + number}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)


def row(i: int, rng: random.Random) -> dict[str, str]:
    """Return one made-up product."""
    price = rng.randrange(99, 4999)
    words = rng.choices(WORDS, k=60)
    sale = f"{price * 3 // 4}.00 SEK" if i % 5 == 0 else ""
    values = (
        f"p{i:07d}",
        " ".join(words[:5]).title(),
        " ".join(words),
        f"https://shop.example/p/{i}",
        f"https://cdn.shop.example/images/{i}.jpg",
        "in_stock",
        f"{price}.00 SEK",
        sale,
        f"Märke {i % 200}",
        gtin13(i),
        f"Avdelning {i % 8} > Grupp {i % 64} > Typ {i % 512}",
        COLORS[i % 7],
        "bomull",
        "unisex",
        str(rng.randrange(20)),
        str(rng.randrange(3)),
        f"{price + 50}.00 NOK",
    )
    return dict(zip(COLUMNS, values, strict=True))


def write_feed(path: Path, products: int, kind: str) -> None:
    """Write the made-up feed."""
    rng = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        if kind == "xml":
            file.write('<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>')
        elif kind != "jsonl":
            file.write(("\t" if kind == "tsv" else ",").join(COLUMNS) + "\n")
        for i in range(products):
            values = row(i, rng)
            if kind == "xml":
                text = "".join(f"<g:{n}>{escape(v)}</g:{n}>" for n, v in values.items() if "[" not in n)
                file.write(f"<item>{text}</item>\n")
            elif kind == "jsonl":
                file.write(json.dumps(values, ensure_ascii=False) + "\n")
            else:
                file.write(("\t" if kind == "tsv" else ",").join(values.values()) + "\n")
        if kind == "xml":
            file.write("</channel></rss>")


def fill(shop: Shop, products: int) -> None:
    """Put made-up products straight into the database."""
    rng = random.Random(7)
    for start in range(0, products, 5_000):
        rows = (row(i, rng) for i in range(start, min(start + 5_000, products)))
        with shop.database.writing() as tx:
            upsert(tx, [parse_row(one, shop.settings.markets).product for one in rows], shop.clock())


def best_microseconds(call: Callable[[], object]) -> float:
    """Return the best of twenty calls."""
    times = []
    for _ in range(20):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return round(min(times) * 1e6, 1)


def measure_load(shop: Shop, products: int) -> dict[str, object]:
    """Return what it takes to keep a catalog in memory."""
    fill(shop, products)
    gc.collect()
    before, started, cpu = resident_megabytes(), time.perf_counter(), time.process_time()
    live = LiveCatalog(shop)
    result: dict[str, object] = {
        "products": products,
        "load_seconds": round(time.perf_counter() - started, 1),
        "load_cpu_seconds": round(time.process_time() - cpu, 1),
        "load_grew_megabytes": round(resident_megabytes() - before),
    }
    snapshot = live.current()
    idx = [random.Random(1).randrange(products) for _ in range(500)]
    result["selling_500_us"] = best_microseconds(lambda: snapshot.selling(idx, "SE", 0))
    result["sellable_500_us"] = best_microseconds(lambda: snapshot.sellable(idx, "SE"))
    result["card_us"] = best_microseconds(lambda: snapshot.card(7, "SE", "sv", 0))
    set_stock(shop, [{"id": f"p{i:07d}", "quantity": 77} for i in range(100)])
    started = time.perf_counter()
    live.poll()
    return result | {"poll_100_changes_ms": round((time.perf_counter() - started) * 1000, 1)}


def resident_megabytes() -> float:
    """Return the memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--format", choices=["jsonl", "tsv", "csv", "xml"], default="jsonl")
    parser.add_argument("--database", default="")
    parser.add_argument("--load", action="store_true", help="only measure loading into memory")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        home.make()
        database = open_database(chosen.database or f"sqlite:///{home.database_path}")
        metadata.create_all(database.engine)
        shop = Shop(Settings(markets={"SE": "SEK", "NO": "NOK", "EU": "EUR"}), home, database, system_clock)
        if chosen.load:
            print(json.dumps(measure_load(shop, chosen.products)))
            shop.close()
            return
        feed = Path(folder) / f"feed.{chosen.format}"
        write_feed(feed, chosen.products, chosen.format)

        started, cpu_started = time.perf_counter(), time.process_time()
        report = import_catalog(shop, feed)
        imported, cpu = time.perf_counter() - started, time.process_time() - cpu_started
        assert report.added == chosen.products, report.refused[:3]
        started = time.perf_counter()
        assert import_catalog(shop, feed).unchanged == chosen.products
        again = time.perf_counter() - started

        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        live = LiveCatalog(shop)
        loaded = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        version = last_change(database)
        with database.writing() as tx:
            rows = read_stored(tx, [f"p{i:07d}" for i in range(100)])
            changed = [evolve(one.product(), brand="Annat") for one in rows.values()]
            upsert(tx, changed, shop.clock())
        assert len(changed_since(database, version, 1000)) == 100
        started = time.perf_counter()
        assert live.poll() == 100
        polled = time.perf_counter() - started
        print(
            json.dumps(
                {
                    "database": database.dialect,
                    "format": chosen.format,
                    "products": chosen.products,
                    "import_seconds": round(imported, 2),
                    "import_cpu_seconds": round(cpu, 2),
                    "import_products_per_second": round(chosen.products / imported),
                    "again_seconds": round(again, 2),
                    "load_seconds": round(loaded, 2),
                    "load_grew_megabytes": round((after - before) / 1024),
                    "poll_100_changes_ms": round(polled * 1000, 1),
                }
            )
        )
        shop.close()


if __name__ == "__main__":
    main()
