"""What two hundred rules cost a decision: python benchmarks/rules.py [--products N]."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import statistics
import tempfile
import time
from collections.abc import Mapping
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from expedit.catalog import CatalogSnapshot, Offer, Product, Variant, live_catalog, upsert
from expedit.core import Settings, system_clock, to_json
from expedit.decisions.deciding import Pool
from expedit.decisions.model import CandidateList, Situation
from expedit.decisions.ruling import NOT_MEASURED, lay_rules
from expedit.merchandising import (
    Boost,
    BrandConflict,
    Bury,
    Diversity,
    Exclude,
    Include,
    NeverWith,
    NewFirst,
    Only,
    Pin,
    PriceBand,
    Rule,
    RuleBook,
)
from expedit.storage import Home, Shop, metadata, open_database

CANDIDATES = 400
SHOWN = 12
ROUNDS = 400


def product(n: int, chance: random.Random) -> Product:
    offer = Offer("SE", chance.randrange(50, 5_000) * 100, "SEK", cost=chance.randrange(20, 3_000) * 100)
    return Product(
        f"p{n}",
        f"Product {n}",
        brand=f"Brand {chance.randrange(200)}",
        category=(f"Main {chance.randrange(10)}", f"Sub {chance.randrange(20)}"),
        attributes={"material": chance.choice(["wool", "cotton", "down", "nylon"])},
        variants=(Variant(f"p{n}-a", color=chance.choice(["red", "blue", "green"]), offers=(offer,)),),
    )


def which(chance: random.Random) -> dict[str, object]:
    return chance.choice(
        [
            {"brand": f"Brand {chance.randrange(200)}"},
            {"category": f"Main {chance.randrange(10)}", "price": {"$gt": chance.randrange(500_000)}},
            {"attributes.material": {"$in": ["wool", "down"]}, "brand": f"Brand {chance.randrange(200)}"},
            {"margin": {"$lt": chance.random() / 10}, "color": "red"},
        ]
    )


def when(chance: random.Random) -> dict[str, object]:
    return chance.choice(
        [
            {},
            {"cart.total": {"$gte": chance.randrange(2) * 10_000}},
            {"person.known": True, "person.visits": {"$gte": 2}},
            {"time.weekday": {"$in": [1, 2, 3, 4, 5, 6, 7]}},
        ]
    )


def rules(count: int, chance: random.Random) -> list[Rule]:
    made = [
        Rule("few", "few", Diversity("brand", 20)),
        Rule("some", "some", Diversity("all", 8, which(chance))),
        *(Rule(f"in{n}", "in", Include(which(chance), most=12), when=when(chance)) for n in range(4)),
        *(
            Rule(
                f"pin{n}",
                "pin",
                Pin((f"p{chance.randrange(1_000)}", f"p{chance.randrange(1_000)}"), 1 + 3 * n),
            )
            for n in range(3)
        ),
        Rule("new", "new", NewFirst(30)),
        Rule("band", "band", PriceBand(0.01, 100.0)),
        Rule("only", "only", Only({"price": {"$gt": 0}})),
        Rule("never", "never", NeverWith(which(chance), which(chance))),
        Rule("conflict", "conflict", BrandConflict(("Brand 1", "Brand 2"), ("Brand 3",))),
    ]
    while len(made) < count:
        action = chance.choice([Exclude, Boost, Bury])(which(chance))
        made.append(Rule(f"r{len(made)}", "r", action, when=when(chance)))
    return made


class Candidates:
    """What the first step of a ladder gave."""

    def __init__(self, items: np.ndarray, scores: np.ndarray) -> None:
        self.items, self.scores = items, scores
        self.because = np.full(items.size, -1, np.int32)
        self.notes: dict[int, str] = {}


PARTS = "hold", "pin", "put_in", "do", "join"


def decision(
    book: RuleBook,
    situation: Situation,
    snapshot: CatalogSnapshot,
    candidates: CandidateList,
    facts: Mapping[str, object],
) -> list[float]:
    """Do all that a decision does with its rules, from which of them hold to who joins the answer; return the
    moments at which each part began, and the end."""

    def sellable(items: np.ndarray) -> np.ndarray:
        return snapshot.sellable(items, situation.market, situation.channel, situation.at)

    moments = [time.perf_counter()]
    laid, _ = lay_rules(book, "home", situation, snapshot, lambda: facts, lambda _: NOT_MEASURED)
    assert laid is not None
    company = laid.company()
    assert company is not None
    moments.append(time.perf_counter())
    offering = laid.offering(sellable, one_per_group=True)
    room = SHOWN - len(offering.pinned(SHOWN, company).placed)
    moments.append(time.perf_counter())
    found = offering.put_in(candidates)
    moments.append(time.perf_counter())
    pool, _ = laid.over(Pool(found.items, found.scores, found.because, {}), explain=False)
    moments.append(time.perf_counter())
    for mark in islice(company.marked(pool.items), 2 * SHOWN):
        if not company.refusing(mark) and room:  # what comes behind is kept in hand
            company.join(mark)
            room -= 1
    moments.append(time.perf_counter())
    return moments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=200)
    asked = parser.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.make()
        settings = Settings(markets={"SE": "SEK"})
        database = open_database(f"sqlite:///{folder}/shop.sqlite")
        metadata.create_all(database.engine)
        with contextlib.closing(Shop(settings, home, database, system_clock)) as shop:
            for start in range(0, asked.products, 10_000):
                with shop.database.writing() as tx:
                    count = min(10_000, asked.products - start)
                    upsert(tx, [product(start + n, chance) for n in range(count)], shop.clock())
            live_catalog(shop).poll()
            snapshot, at = live_catalog(shop).current(), shop.clock()
            book = RuleBook(rules(asked.rules, chance))
            facts = {
                "cart": {"total": 20_000, "lines": 2},
                "person": {"known": True, "visits": 4},
                "time": {"weekday": 3, "hour": 12},
            }
            popular = np.random.default_rng(1).permutation(asked.products)[:5_000].astype(np.int32)
            scores = np.linspace(1, 0.1, CANDIDATES)
            every: list[list[float]] = []
            for round_ in range(ROUNDS * 2):
                items = np.random.default_rng(round_).choice(popular, CANDIDATES, replace=False)
                situation = Situation(at, "SE", subjects=(int(items[0]),))
                moments = decision(book, situation, snapshot, Candidates(items, scores), facts)
                every.append([(end - begin) * 1e6 for begin, end in pairwise(moments)])
            late = every[ROUNDS:]
            times = [sum(parts) for parts in late]
            medians = [round(statistics.median(one)) for one in zip(*late, strict=True)]
            print(
                json.dumps(
                    {
                        "products": asked.products,
                        "rules": asked.rules,
                        "candidates": CANDIDATES,
                        "median_us": round(statistics.median(times)),
                        "p99_us": round(statistics.quantiles(times, n=100)[98]),
                        "hold_and_do_us": round(statistics.median(parts[0] + parts[3] for parts in late)),
                        "parts_us": dict(zip(PARTS, medians, strict=True)),
                        "first_ms": round(sum(every[0]) / 1000, 1),
                        "rules_bytes": len(to_json(book.rules)),
                    },
                    indent=1,
                )
            )


if __name__ == "__main__":
    main()
