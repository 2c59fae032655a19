"""What a listing of a large category costs: python benchmarks/listings.py [--products N] [--rules N]."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from rules import rules

from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import Settings, from_json, system_clock, to_json
from expedit.decisions import Asker, desk, list_desk
from expedit.decisions.list_answers import write_page
from expedit.decisions.wire import ListBody
from expedit.merchandising import create_rule, live_rules, publish_rule
from expedit.storage import Home, Shop, migrate, open_database

ROUNDS = 300
SIZES = ("XS", "S", "M", "L", "XL")


def product(n: int, chance: random.Random) -> Product:
    offer = Offer("SE", chance.randrange(50, 5_000) * 100, "SEK", cost=chance.randrange(20, 3_000) * 100)
    return Product(
        f"p{n}",
        f"Product {n}",
        brand=f"Brand {chance.randrange(200)}",
        category=("Main 1", f"Sub {chance.randrange(20)}"),
        attributes={
            "material": chance.choice(["wool", "cotton", "down", "nylon"]),
            "fit": chance.choice(["slim", "regular", "loose"]),
            "season": chance.choice(["winter", "summer", "all year"]),
            "color": chance.choice(["red", "blue", "green", "black"]),
        },
        variants=tuple(
            Variant(f"p{n}-{size}", size=size, offers=(offer,), stock={"web": chance.randrange(5)})
            for size in SIZES
        ),
        url=f"/p/{n}",
        created=chance.randrange(1, 10**15),
    )


def asked(**more: object) -> ListBody:
    return from_json(to_json({"category": "Main 1", "context": {"market": "SE"}, **more}), ListBody)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=5_000)
    parser.add_argument("--rules", type=int, default=50)
    options = parser.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.make()
        settings = Settings(markets={"SE": "SEK"})
        database = open_database(f"sqlite:///{folder}/shop.sqlite")
        migrate(database)
        with contextlib.closing(Shop(settings, home, database, system_clock)) as shop:
            with shop.database.writing() as tx:
                upsert(tx, [product(n, chance) for n in range(options.products)], shop.clock())
            for rule in rules(options.rules, chance):
                publish_rule(shop, create_rule(shop, rule, "bench").rule.id, 1, "bench")
            live_rules(shop).newest()
            live_catalog(shop).poll()
            lists = list_desk(shop, desk(shop))
            shapes = [
                asked(),
                asked(filters={"brand": ["Brand 7", "Brand 8"], "attributes": {"material": ["wool"]}}),
                asked(filters={"size": ["M"], "price": {"min": 200, "max": 3000}}),
                asked(sort="price_asc"),
            ]

            cpu: list[float] = []

            def answer(body: ListBody) -> float:
                began, spent = time.perf_counter(), time.thread_time()
                write_page(lists.desk, lists.page(Asker(), body))
                cpu.append((time.thread_time() - spent) * 1e3)
                return (time.perf_counter() - began) * 1e3

            first = answer(shapes[0])
            cpu.clear()
            hot = [answer(shapes[round_ % len(shapes)]) for round_ in range(ROUNDS)]
            hot_cpu = list(cpu)
            changed: list[float] = []
            for round_ in range(20):
                with shop.database.writing() as tx:
                    upsert(tx, [product(round_, chance)], shop.clock())
                live_catalog(shop).poll()
                changed.append(answer(shapes[0]))
            print(
                json.dumps(
                    {
                        "products": options.products,
                        "rules": options.rules,
                        "median_ms": round(statistics.median(hot), 2),
                        "p99_ms": round(statistics.quantiles(hot, n=100)[98], 2),
                        "median_cpu_ms": round(statistics.median(hot_cpu), 2),
                        "p99_cpu_ms": round(statistics.quantiles(hot_cpu, n=100)[98], 2),
                        "first_ms": round(first, 1),
                        "after_a_change_ms": round(statistics.median(changed), 1),
                    },
                    indent=1,
                )
            )


if __name__ == "__main__":
    main()
