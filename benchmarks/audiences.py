"""Measure audiences: who one person is with, a recount of a million profiles, a size while typing.

    python benchmarks/audiences.py --people 1_000_000 --products 20_000

A home on SQLite in a temporary folder is filled with made-up profiles: histories of 2 to 120 events,
folded as the server folds them, each shared by some fifty people; every fifth person has orders. The
audiences in force ask about windows, categories, attributes, amounts, traits and places. What the recount
notes is compared with what people drawn by lot are told one by one. Times are of the wall, of a recount also
of the CPU. Prints one JSON line a case.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from expedit.app import FEATURES
from expedit.audiences import Audience, counter, create_audience, estimate, live_audiences
from expedit.audiences.store import since_of
from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import DAY, Settings, to_pack
from expedit.identity import Key
from expedit.orders import Order, OrderLine
from expedit.orders.store import write_orders
from expedit.profiles import read_profile
from expedit.profiles.affinity import Tasting
from expedit.profiles.facts import Fact, FactItem, Filed
from expedit.profiles.fold import Fold
from expedit.profiles.state import encode_state
from expedit.profiles.store import ProfileRow, write_rows
from expedit.storage import Home, Shop, migrate, open_database

NOW = 1_795_348_800_000_000
CATEGORIES = [("Yarn", name) for name in ("Wool", "Cotton", "Silk")] + [
    ("Clothes", f"Kind {n}") for n in range(6)
]
KINDS = ["view_item"] * 14 + ["add_to_cart"] * 3 + ["purchase"] * 2 + ["add_to_wishlist"]

AUDIENCES = {
    "returning-wool": {
        "$and": [
            {"bought": {"$count": {"where": {"category": "Yarn > Wool", "at": {"$gte": {"$ago": "90d"}}},
                                   "is": {"$gte": 2}}}},
            {"bought": {"$count": {"where": {"category": "Yarn > Wool", "at": {"$gte": {"$ago": "30d"}}},
                                   "is": 0}}},
        ],
        "traits.member": True,
    },
    "lookers": {"viewed": {"$count": {"where": {"category": "Clothes", "at": {"$gte": {"$ago": "14d"}}},
                                      "is": {"$gte": 3}}}},
    "linen": {"viewed": {"$elemMatch": {"attributes.material": "linen"}}, "consents.email": True},
    "spenders": {"spent.last_365_days": {"$gte": 200_000}},
    "quiet-norway": {"last_seen": {"$lt": {"$ago": "60d"}},
                     "places": {"$elemMatch": {"country": "NO"}}},
}  # fmt: skip


def fill_catalog(shop: Shop, products: int) -> None:
    source = random.Random(1)
    offer = Offer("SE", 29_900, "SEK")
    goods = [
        Product(
            f"p{n}", f"Product {n}", brand=f"Brand {n % 200}", category=source.choice(CATEGORIES),
            attributes={"material": source.choice(("wool", "cotton", "linen", "silk"))},
            variants=(Variant(f"p{n}-a", offers=(offer,)),), created=NOW - n,
        )
        for n in range(products)
    ]  # fmt: skip
    for start in range(0, products, 5_000):
        with shop.database.writing() as tx:
            upsert(tx, goods[start : start + 5_000], NOW)
    live_catalog(shop).poll()


def histories(count: int, products: int) -> list[tuple[int, bytes]]:
    source = random.Random(2)
    found = []
    for _ in range(count):
        fold = Fold(None, Tasting(30 * 24))
        size = source.choice((2, 3, 5, 10, 20, 40, 120))
        moments = [NOW - source.randrange(DAY, 300 * DAY) for _ in range(size)]
        for number, at in enumerate(sorted(moments)):
            product = source.randrange(products)
            item = FactItem(
                f"p{product}", f"p{product}-a", 1, 29_900, "Yarn > Wool", f"Brand {product % 200}"
            )
            place = source.choice((None, "SE", "NO"))
            kind = source.choice(KINDS)
            fact = Fact(kind, (item,), "SE", f"o{number}", channel="web", place=place)  # type: ignore[arg-type]
            fold.add(Filed(Key(at, f"m{number}", "web"), "s", "s", fact))
        found.append((max(moments), encode_state(fold.state())))
    return found


def fill_people(shop: Shop, people: int, products: int) -> None:
    source = random.Random(3)
    states = histories(max(1, people // 50), products)
    consents = [to_pack({"personalization": True, "email": email}) for email in (True, False)]
    traits = [
        to_pack({"member": member, "country": country})
        for member in (True, False)
        for country in ("SE", "NO")
    ]
    for start in range(0, people, 10_000):
        rows, subjects, orders = [], [], []
        for number in range(start, min(start + 10_000, people)):
            person = f"{source.getrandbits(96):024x}"
            last, state = source.choice(states)
            rows.append(
                ProfileRow(person, person, last - 200 * DAY, last, "m", "web", state,
                           source.choice(consents), source.choice(traits))
            )  # fmt: skip
            subjects.append((person, "email", person, last))
            if number % 5 == 0:
                line = OrderLine("p1", None, "p1", 1, 0, 99_900)
                orders += [
                    (
                        Order(
                            f"{number}-{n}", NOW - source.randrange(700 * DAY), "placed", (person,), "SE",
                            "web", "SEK", source.randrange(10_000, 150_000), 0, 0, 0, None, (line,),
                        ),
                        (),
                    )
                    for n in range(source.randrange(1, 4))
                ]  # fmt: skip
        with shop.database.writing() as tx:
            write_rows(tx, rows)
            tx.run_many(
                "INSERT INTO subjects (subject_id, kind, person_id, first_at, quarantined)"
                " VALUES (?, ?, ?, ?, 0)",
                subjects,
            )
            write_orders(tx, orders)


def timed(name: str, **more: object) -> None:
    print(json.dumps({"case": name, **more}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--products", type=int, default=20_000)
    asked = parser.parse_args()
    assert FEATURES
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        home.make()
        home.secret_path.write_text("11" * 32 + "\n")
        database = open_database(f"sqlite:///{home.database_path}", synchronous="normal")
        migrate(database)
        shop = Shop(Settings(markets={"SE": "SEK", "NO": "NOK"}), home, database, lambda: NOW)
        fill_catalog(shop, asked.products)
        fill_people(shop, asked.people, asked.products)
        measure(shop, asked.people)
        shop.close()


def measure(shop: Shop, people: int) -> None:
    for name, when in AUDIENCES.items():
        create_audience(shop, Audience(name, name, when), "benchmark", publish=True)
    live = live_audiences(shop)
    live.newest()
    book = list(live.current().values())
    for case in ("recount, all noted for the first time", "recount, nobody moves"):
        started, worked = time.perf_counter(), time.process_time()
        sizes = counter(shop).recount(book)
        timed(
            case, people=people, audiences=len(book), seconds=round(time.perf_counter() - started, 2),
            cpu_seconds=round(time.process_time() - worked, 2), sizes=sizes,
        )  # fmt: skip
    for one in book:
        started = time.perf_counter()
        counter(shop).recount([one])
        timed("recount of one audience", audience=one.audience.id,
              seconds=round(time.perf_counter() - started, 2))  # fmt: skip
    ids = [
        row[0]
        for row in shop.database.read_rows(
            "SELECT person_id FROM profiles WHERE abs(random()) % 400 = 0 LIMIT 2000"
        )
    ]
    took, deciding = [], []
    for person in ids:
        profile = read_profile(shop.database, person)
        assert profile is not None
        started = time.perf_counter()
        mine = live.of(profile, NOW)
        took.append(time.perf_counter() - started)
        started = time.perf_counter()
        live.of(profile, NOW, ["returning-wool"])
        deciding.append(time.perf_counter() - started)
        with shop.database.reading() as tx:
            assert sorted(since_of(tx, person)) == mine
    timed("one person, five audiences", people=len(ids), median_us=round(median(took) * 1e6, 1),
          p99_us=round(quantiles(took, n=100)[98] * 1e6, 1))  # fmt: skip
    timed("one person, one audience that a rule names", median_us=round(median(deciding) * 1e6, 1),
          p99_us=round(quantiles(deciding, n=100)[98] * 1e6, 1))  # fmt: skip
    for name, when in AUDIENCES.items():
        took = []
        for _ in range(5):
            started = time.perf_counter()
            found = estimate(shop, when)
            took.append(time.perf_counter() - started)
        timed(
            "estimate", audience=name, first_ms=round(took[0] * 1e3, 1),
            then_ms=round(median(took[1:]) * 1e3, 1), members=found.members, low=found.low, high=found.high,
            looked_at=found.looked_at,
        )  # fmt: skip


if __name__ == "__main__":
    main()
